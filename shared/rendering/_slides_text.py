"""Fills what a template says: tokens within its runs, and shapes by their names; the template's look stays.

A token is `{{name}}`, whatever runs it is spread over; an alias is any other text that stands for a name. What is
filled in is never searched for tokens again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from pptx.oxml.ns import qn
from pptx.slide import Slide

from shared.document import clean_text

TOKEN = re.compile(r"\{\{[^{}]*\}\}")
_NAMED = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_PARAGRAPH, _RUN, _TEXT, _BREAK = qn("a:p"), qn("a:r"), qn("a:t"), qn("a:br")
_LOOK, _END_LOOK, _PROPERTIES = qn("a:rPr"), qn("a:endParaRPr"), qn("a:pPr")


class Filler:
    """Values by name, and where else than in tokens the names may stand.

    `said` counts the tokens that are part of the values themselves: they are text, and nobody's left-overs.
    """

    def __init__(self, values: Mapping[str, str], aliases: Mapping[str, str] | None = None) -> None:
        """`aliases` gives the name for each text that stands for one: `[Customer Name]`."""
        self._values = {name: clean_text(value) for name, value in values.items()}
        self._aliases = dict(aliases or {})
        literals = map(re.escape, sorted(self._aliases, key=len, reverse=True))
        self._pattern = re.compile("|".join([_NAMED.pattern, *literals]))
        self.said: Counter[str] = Counter()

    @property
    def aliases(self) -> frozenset[str]:
        """The texts that stand for names."""
        return frozenset(self._aliases)

    def fill(self, slide: Slide) -> None:
        """Fills all tokens of the slide and of its notes that have a value; the others stay."""
        trees: list[Any] = [slide.shapes._spTree]  # noqa: SLF001 # the only way to all text, groups and tables included
        if slide.has_notes_slide:
            trees.append(slide.notes_slide.shapes._spTree)  # noqa: SLF001 # as above
        for paragraph in [each for tree in trees for each in tree.iter(_PARAGRAPH)]:
            self._fill_paragraph(paragraph)

    def put(self, shape: Any, text: str) -> None:
        """Says the text in a shape or a cell, in the look of its first run; lines become paragraphs."""
        put_lines(shape, text.split("\n"))
        self.heed([text])

    def heed(self, texts: Iterable[str]) -> None:
        """Learns of texts that were said: a token in them is none of the template's."""
        for text in texts:
            self.said.update(TOKEN.findall(text))

    def _fill_paragraph(self, paragraph: Any) -> None:
        runs = [child for child in paragraph if child.tag in {_RUN, _BREAK}]
        texts = [_text_of(run) for run in runs]
        for match in reversed(list(self._pattern.finditer("".join(texts)))):
            value = self._value(match)
            if value is not None:
                _replace(texts, match.start(), match.end(), value)
                self.heed([value])
        for run, text in zip(runs, texts, strict=True):
            if text != _text_of(run):
                _say(run, text)

    def _value(self, match: re.Match[str]) -> str | None:
        name = self._aliases.get(match[0], match[1])
        return self._values.get(name) if name else None


def put_lines(shape: Any, lines: Iterable[str]) -> None:
    """Says one paragraph a line in a shape or a cell, each in the look of the first; none leaves one that is empty."""
    body: Any = shape.text_frame._txBody  # noqa: SLF001 # the only way to the paragraphs
    first, *others = body.findall(_PARAGRAPH)
    for other in others:
        body.remove(other)
    _keep_one_run(first)
    for line in list(lines) or [""]:
        paragraph = deepcopy(first)
        run = paragraph.find(_RUN)
        if line:
            _say(run, clean_text(line))
        else:
            paragraph.remove(run)
        body.append(paragraph)
    body.remove(first)


def find_shape(slide: Slide, name: str) -> Any:
    """The shape of this name, or of this name in braces, in groups too.

    Raises:
        LookupError: the slide has none.

    """
    found = next((shape for shape in every_shape(slide.shapes) if shape.name in {name, f"{{{{{name}}}}}"}), None)
    if found is None:
        raise LookupError(f"no shape of the slide is named {name}")
    return found


def every_shape(shapes: Iterable[Any]) -> Iterator[Any]:
    """The shapes and, for groups, those in them."""
    for shape in shapes:
        yield shape
        if hasattr(shape, "shapes"):
            yield from every_shape(shape.shapes)


def _text_of(run: Any) -> str:
    return (run.find(_TEXT).text or "") if run.tag == _RUN else "\n"


def _replace(texts: list[str], start: int, end: int, value: str) -> None:
    """Puts the value where its first letter's run is, and takes the rest of the token from the others."""
    offset, is_put = 0, False
    for place, text in enumerate(list(texts)):
        first, last = max(start - offset, 0), min(end - offset, len(text))
        if first < last:
            texts[place] = text[:first] + ("" if is_put else value) + text[last:]
            is_put = True
        offset += len(text)


def _say(run: Any, text: str) -> None:
    """Gives the run this text; for each line end, a break and a run of the same look follow."""
    first, *others = text.split("\n")
    run.find(_TEXT).text = first
    for line in reversed(others):
        copied, line_end = deepcopy(run), run.makeelement(_BREAK)
        copied.find(_TEXT).text = line
        run.addnext(copied)
        run.addnext(line_end)


def _keep_one_run(paragraph: Any) -> None:
    """Leaves the paragraph its properties and one run, in the look of its first or of its end."""
    run = paragraph.find(_RUN)
    if run is None:
        run, look = paragraph.makeelement(_RUN), paragraph.find(_END_LOOK)
        if look is not None:
            copied = deepcopy(look)
            copied.tag = _LOOK
            run.append(copied)
        run.append(paragraph.makeelement(_TEXT))
    for child in list(paragraph):
        if child.tag not in {_PROPERTIES, _END_LOOK}:
            paragraph.remove(child)
    properties = paragraph.find(_PROPERTIES)
    paragraph.insert(0 if properties is None else 1, run)
