"""Mends what cairo writes wrong in a PDF file, in place and in the same length; looks at nothing but resources.

A page that shows a picture several times, as it does a coloured letter, has it as often in its resources: after six
such names qpdf gives the resources up, and with them the page's fonts.
"""

from typing import BinaryIO

_BEGIN, _END = b"   /XObject << /", b" >>\n"


def mend(file: BinaryIO) -> None:
    """Blanks every name that has stood in the same list before."""
    place, mended = 0, []
    file.seek(0)
    for line in file:
        if line.startswith(_BEGIN) and line.endswith(_END):
            mended.append((place, _named_once(line)))
        place += len(line)
    for start, line in mended:
        file.seek(start)
        file.write(line)
    file.seek(0)


def _named_once(line: bytes) -> bytes:
    names = line[len(_BEGIN) : -len(_END)].split(b" /")
    return (_BEGIN + b" /".join(dict.fromkeys(names))).ljust(len(line) - len(_END)) + _END
