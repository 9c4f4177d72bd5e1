"""Text as spreadsheet XML: typed string cells that nothing can turn into a formula; expects clean text."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

BLANK = "/>"  # what ends a cell with nothing in it
_OPEN, _CLOSE = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
_SIGNS = ("&", "<", ">", "_x")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x000D_ as a carriage return
FILLED = f"{_OPEN}%s{_CLOSE}"  # the end of a cell with escaped text in it
_BETWEEN = "\0"  # stands in no clean text


def text_ends(texts: Sequence[str]) -> list[str]:
    """What follows the cells' style: typed strings, or nothing where a text is empty."""
    return [f"{_OPEN}{text}{_CLOSE}" if text else BLANK for text in escaped(texts)]


def text_end(text: str) -> str:
    """The same of one cell."""
    return text_ends([text])[0]


def escaped(texts: Sequence[str]) -> Sequence[str]:
    """The texts with what means something in spreadsheet XML escaped; all searched at once, for most hold nothing."""
    whole = _BETWEEN.join(texts)
    if not any(sign in whole for sign in _SIGNS):
        return texts
    whole = whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LOOKS_ESCAPED.sub("_x005F_", whole).split(_BETWEEN)


def attribute(text: str) -> str:
    """The text as the quoted value of an attribute."""
    quoted = quoteattr(text, {"\n": "&#10;", "\t": "&#9;"})
    return _LOOKS_ESCAPED.sub("_x005F_", quoted)
