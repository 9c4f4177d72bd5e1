"""Estimates how much room text takes on a slide, and cuts or shrinks what has none; draws nothing, reads no font.

Widths are those of Calibri, in which slides are set; other scripts count as wide as their widest usual signs.
"""

from collections.abc import Sequence
from unicodedata import category, combining, east_asian_width

ELLIPSIS = "…"
_FIRST, _LAST = 32, 126  # ASCII that shows
# Advance widths of the signs from " " to "~" in hundredths of the letters' size.
_ASCII = (
    *(23, 33, 40, 50, 51, 71, 68, 22, 30, 30, 50, 50, 25, 31, 25, 39, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 27, 27),
    *(50, 50, 50, 46, 89, 58, 54, 53, 62, 49, 46, 63, 62, 25, 32, 52, 42, 85, 65, 66, 52, 67, 54, 46, 49, 64, 57, 89),
    *(52, 49, 47, 31, 39, 31, 50, 50, 29, 48, 53, 42, 53, 50, 31, 47, 53, 23, 24, 45, 23, 80, 53, 53, 53, 53, 35, 39),
    *(33, 53, 45, 71, 43, 45, 40, 31, 46, 31, 50),
)
_FULL, _OTHER, _LETTER = 110, 70, 60  # ideographs and emoji; signs of other scripts; Latin, Greek, Cyrillic
_LATIN_ENDS = 0x0530  # the first sign that is neither Latin nor Greek nor Cyrillic
_BOLD = 1.05  # times as wide
_MARGIN = 1.03  # programs differ in how they set letters
_SIGNS_IN_SIZE, _SPARE = 5, 100
_LINE = 1.2  # height of a line in sizes of its letters


def text_width(text: str, size: float, *, is_bold: bool = False) -> float:
    """Points that the text takes on one line in letters of `size` points."""
    hundredths = sum(map(_ADVANCES.__getitem__, text))
    return hundredths / 100 * size * (_BOLD if is_bold else 1) * _MARGIN


def line_height(size: float) -> float:
    """Points from one line to the next."""
    return size * _LINE


def count_lines(text: str, size: float, width: float, *, is_bold: bool = False) -> int:
    """Lines that the text takes in a box `width` points wide, breaking at spaces and within words that are wider."""
    return sum(_count_lines(line, size, width, is_bold=is_bold) for line in text.split("\n"))


def cut_to_width(text: str, size: float, width: float, *, is_bold: bool = False) -> str:
    """The text on one line; where it is wider than `width` points, its beginning and an ellipsis."""
    whole = one_line(text)
    line = _seen(whole, size, width)
    if len(line) == len(whole) and text_width(line, size, is_bold=is_bold) <= width:
        return line
    room = width - text_width(ELLIPSIS, size, is_bold=is_bold)
    low, high = 0, len(line)  # the longest beginning that fits lies between
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(line[:middle], size, is_bold=is_bold) <= room:
            low = middle
        else:
            high = middle - 1
    return f"{line[: _whole(line, low)].rstrip()}{ELLIPSIS}"


def cut_to_lines(text: str, size: float, width: float, lines: int, *, is_bold: bool = False) -> str:
    """The text without line ends; where it takes more than so many lines, its beginning and an ellipsis."""
    whole = one_line(text)
    line = _seen(whole, size, width * lines)
    if len(line) == len(whole) and count_lines(line, size, width, is_bold=is_bold) <= lines:
        return line
    shorter = cut_to_width(whole, size, width * lines, is_bold=is_bold)
    while len(shorter) > 1 and count_lines(shorter, size, width, is_bold=is_bold) > lines:
        words = shorter.rpartition(" ")[0] or shorter[: len(shorter) * 3 // 4]
        shorter = f"{words.rstrip(ELLIPSIS)}{ELLIPSIS}"
    return shorter


def largest_size(text: str, sizes: Sequence[float], width: float, *, is_bold: bool = False) -> float:
    """The first of the sizes, largest first, in which the text fits on one line; the last where none does."""
    line = _seen(text, sizes[-1], width)
    return next((size for size in sizes if text_width(line, size, is_bold=is_bold) <= width), sizes[-1])


def one_line(text: str) -> str:
    """The text with every stretch of white space as one space."""
    return " ".join(text.split())


def _seen(text: str, size: float, width: float) -> str:
    """As much of the text as can have room: few signs are narrower than a fifth of their size."""
    return text[: int(width / size * _SIGNS_IN_SIZE) + _SPARE]


def _count_lines(line: str, size: float, width: float, *, is_bold: bool) -> int:
    lines, used = 1, 0.0
    space = text_width(" ", size, is_bold=is_bold)
    for word in line.split():
        needed = text_width(word, size, is_bold=is_bold)
        if used and used + space + needed > width:
            lines, used = lines + 1, 0.0
        extra = max(0, -int(-needed // width) - 1) if width > 0 else 0  # a word wider than the box
        lines += extra
        used += (space if used else 0) + needed - extra * width
    return lines


def _whole(text: str, end: int) -> int:
    """The end moved back so that no sign loses its accents."""
    while 0 < end < len(text) and (combining(text[end]) or category(text[end]) in {"Mn", "Mc", "Cf"}):
        end -= 1
    return end


class _Advances(dict[str, int]):
    """How wide signs are, in hundredths of their size; of those beyond ASCII nothing is kept."""

    def __missing__(self, sign: str) -> int:
        if category(sign) in {"Mn", "Cf", "Cc"}:
            return 0
        if east_asian_width(sign) in {"W", "F"}:
            return _FULL
        return _LETTER if ord(sign) < _LATIN_ENDS else _OTHER


_ADVANCES = _Advances(zip(map(chr, range(_FIRST, _LAST + 1)), _ASCII, strict=True))
