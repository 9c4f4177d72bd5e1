"""How wide the columns of a table are on a page, and in which size it is set; measures a sample, draws nothing.

What does not fit legibly goes over several bands of pages, each of which begins with the first column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.document import Column, Kind
from shared.rendering._pdf_letters import letters
from shared.rendering._pdf_paper import LEFT, ROOM
from shared.rendering._pdf_text import Style, Typesetter

PAD = 4.5  # points between a column's edge and its text

_SIZES = (8.5, 8, 7.5, 7, 6.5, 6)  # points; the last is the smallest that is read without effort
_BAND_SIZE = 7.5
_AT_EASE = 7  # points
_LINES = (1, 1.5, 2, 2.5)  # of most texts: as few as there is a size for
_LONG, _USUAL = 26, 0.9  # em of a text that has several lines anyway; the part of texts that are no longer than usual
_LONGEST_WORD, _NARROWEST, _WIDEST_WISH = 13, 7, 42  # em, of columns that wrap
_MOST_HEADING = 9  # em: a longer heading wraps
_SLACK = 26  # points that a column of a narrow table may get for air
_NARROW = 0.62  # of the page; what is narrower keeps its own width
_MEASURED_AT = 10  # points

_LEFT_KINDS = frozenset({Kind.TEXT, Kind.LINK, Kind.BOOLEAN, Kind.DATE, Kind.DATE_TIME})
_SOFT_KINDS = frozenset({Kind.TEXT, Kind.LINK})


@dataclass(frozen=True)
class Frame:
    """Where a column stands: its place in the row, its left edge and its width in points, padding included."""

    index: int
    x: float
    width: float
    is_right: bool

    @property
    def room(self) -> float:
        """Points for text."""
        return self.width - 2 * PAD


@dataclass(frozen=True)
class Plan:
    """How a table is set: the size of its letters, and its columns in bands of pages."""

    size: float
    bands: tuple[tuple[Frame, ...], ...]


@dataclass(frozen=True)
class Measure:
    """What a column asks for, in em: never less than `least`, no more than `wish`; most texts take `usual`."""

    least: float
    wish: float
    usual: float


def is_right(column: Column) -> bool:
    """Whether the column's cells stand on the right: numbers do."""
    return column.kind not in _LEFT_KINDS


def measured(column: Column, texts: Sequence[str], typesetter: Typesetter, extra: float = 0) -> Measure:
    """What a column needs for its heading and the texts of some cells; `extra` em are for what is not text."""
    bold, plain = (Style(face, _MEASURED_AT) for face in (letters().bold, letters().regular))
    different = [text for text in dict.fromkeys(texts) if text]
    widths = {text: typesetter.block(text, plain).width / _MEASURED_AT + extra for text in different}
    heading = typesetter.block(column.label, bold).width / _MEASURED_AT
    heading_word = typesetter.longest_word(column.label, bold) / _MEASURED_AT
    widest = max(widths.values(), default=0)
    usual = sorted(widths.get(text, 0) for text in texts)[int(_USUAL * len(texts))] if widths else 0
    wish = max(widest, heading if heading <= _MOST_HEADING else max(heading_word, heading / 2))
    if column.kind not in _SOFT_KINDS:
        return Measure(max(widest, heading_word), wish, usual)
    word = max((typesetter.longest_word(text, plain) / _MEASURED_AT + extra for text in different), default=0)
    least = max(heading_word, min(word, _LONGEST_WORD), min(widest, _NARROWEST))
    return Measure(least, max(least, min(wish, _WIDEST_WISH)), usual)


def planned(columns: Sequence[Column], measures: Sequence[Measure]) -> Plan:
    """The largest size in which the columns fit the page without much wrapping, else bands of pages."""
    fitting = {size: widths for size in _SIZES if (widths := _fitted(measures, size))}
    if fitting:
        size = _best(measures, fitting)
        return Plan(size, (_frames(columns, range(len(columns)), fitting[size]),))
    bands = []
    for places in _bands(measures):
        widths = _fitted([measures[place] for place in places], _BAND_SIZE) or [ROOM / len(places)] * len(places)
        bands.append(_frames(columns, places, widths))
    return Plan(_BAND_SIZE, tuple(bands))


def _fitted(measures: Sequence[Measure], size: float) -> list[float]:
    """The widths in points, padding included; none where the columns do not fit."""
    least = [each.least * size + 2 * PAD for each in measures]
    wish = [each.wish * size + 2 * PAD for each in measures]
    slack = ROOM - sum(wish)
    if slack >= 0:
        share = slack / sum(wish)
        if sum(wish) / ROOM < _NARROW:
            return [width + min(width * share, _SLACK) for width in wish]
        return [width * (1 + share) for width in wish]
    usual = [
        max(less, min(each.usual * size + 2 * PAD, most))
        for less, each, most in zip(least, measures, wish, strict=True)
    ]
    return _shared(least, usual) if sum(usual) > ROOM else _shared(usual, wish)


def _shared(least: Sequence[float], most: Sequence[float]) -> list[float]:
    """Widths between these that take the whole page, each as near to its most; none where the least are too wide."""
    spare = ROOM - sum(least)
    if spare < 0:
        return []
    share = spare / sum(more - less for more, less in zip(most, least, strict=True))
    return [less + (more - less) * share for more, less in zip(most, least, strict=True)]


def _best(measures: Sequence[Measure], fitting: Mapping[float, Sequence[float]]) -> float:
    """The largest size in which texts have the fewest lines, down to the smallest that is read at ease."""
    at_ease = {size: widths for size, widths in fitting.items() if size >= _AT_EASE}
    for most in _LINES:
        for size, widths in at_ease.items():
            if _lines(measures, widths, size) <= most:
                return size
    return min(at_ease or fitting)


def _lines(measures: Sequence[Measure], widths: Sequence[float], size: float) -> float:
    """Lines that most texts take in the narrowest column, but for texts that are long anyway."""
    lines = [
        each.usual * size / (width - 2 * PAD)
        for each, width in zip(measures, widths, strict=True)
        if each.usual <= _LONG
    ]
    return max(lines, default=0)


def _bands(measures: Sequence[Measure]) -> Iterator[list[int]]:
    """The places of the columns of each band; each band begins with the first column."""
    needs = [min(each.wish, max(each.least, _WIDEST_WISH / 2)) * _BAND_SIZE + 2 * PAD for each in measures]
    band = [0]
    for place in range(1, len(measures)):
        if len(band) > 1 and sum(needs[each] for each in [*band, place]) > ROOM:
            yield band
            band = [0]
        band.append(place)
    yield band


def _frames(columns: Sequence[Column], places: Sequence[int], widths: Sequence[float]) -> tuple[Frame, ...]:
    frames, x = [], LEFT
    for place, width in zip(places, widths, strict=True):
        frames.append(Frame(place, x, width, is_right(columns[place])))
        x += width
    return tuple(frames)
