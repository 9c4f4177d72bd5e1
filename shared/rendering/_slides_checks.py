"""What a finished deck must not have: tokens that nobody filled, pictures and charts that say nothing to the blind."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pptx.oxml.ns import qn
from pptx.presentation import Presentation

from shared.document import clean_text
from shared.errors import ExportFailed
from shared.rendering._slides_text import TOKEN, every_shape

_UNKNOWN_NUMBER = "[##]"  # in old templates: a number that has no name
_PICTURES = frozenset({qn("p:pic"), qn("p:graphicFrame")})
_NOTES = "notes"
_PARAGRAPH, _TEXTS, _BREAK = qn("a:p"), qn("a:t"), qn("a:br")


@dataclass(frozen=True)
class Place:
    """A slide's number, from 1, a shape's name, and what is wrong there."""

    slide: int
    shape: str
    what: str


def left_over(
    presentation: Presentation, aliases: Collection[str] = (), said: Mapping[str, int] | None = None
) -> list[Place]:
    """The tokens that still stand on slides and in notes, and the aliases, and `[##]`.

    `said` are tokens within the values themselves (`Filler.said`): as many of each are text.
    """
    allowed, found = Counter(said or {}), []
    for place in _tokens(presentation, [*sorted(aliases), _UNKNOWN_NUMBER]):
        if allowed[place.what] > 0:
            allowed[place.what] -= 1
        else:
            found.append(place)
    return found


def require_filled(
    presentation: Presentation, aliases: Collection[str] = (), said: Mapping[str, int] | None = None
) -> None:
    """Refuses a deck in which tokens are left over.

    Raises:
        ExportFailed: names each with its slide and shape.

    """
    found = left_over(presentation, aliases, said)
    if found:
        places = [f"slide {place.slide}, “{place.shape}”: {place.what}" for place in found]
        told = [{"slide": place.slide, "shape": place.shape, "token": place.what} for place in found]
        raise ExportFailed(f"The template has tokens without a value: {'; '.join(places)}", details={"tokens": told})


def undescribed(presentation: Presentation) -> list[Place]:
    """Pictures, charts and tables without alternative text."""
    return [
        Place(number, shape.name, "no alternative text")
        for number, slide in enumerate(presentation.slides, start=1)
        for shape in every_shape(slide.shapes)
        if shape._element.tag in _PICTURES and not _properties(shape).get("descr")  # noqa: SLF001 # no public way
    ]


def set_description(shape: Any, text: str) -> None:
    """Gives a shape its alternative text."""
    _properties(shape).set("descr", clean_text(text))


def _properties(shape: Any) -> Any:
    return shape._element._nvXxPr.cNvPr  # noqa: SLF001 # the library has no way to alternative text


def _tokens(presentation: Presentation, literals: Collection[str]) -> Iterator[Place]:
    for number, slide in enumerate(presentation.slides, start=1):
        named: list[tuple[str, Any]] = [(shape.name, shape._element) for shape in slide.shapes]  # noqa: SLF001 # all text
        if slide.has_notes_slide:
            named.append((_NOTES, slide.notes_slide._element))  # noqa: SLF001 # as above
        for name, element in named:
            for text in _texts(element):
                for what in [*TOKEN.findall(text), *(each for each in literals for _ in range(text.count(each)))]:
                    yield Place(number, name, what)


def _texts(element: Any) -> Iterator[str]:
    """The paragraphs of a shape, of a group, of a table."""
    for paragraph in element.iter(_PARAGRAPH):
        yield "".join("\n" if each.tag == _BREAK else each.text or "" for each in paragraph.iter(_TEXTS, _BREAK))
