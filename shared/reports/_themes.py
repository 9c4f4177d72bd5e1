"""Themes of comments: which of the things that `themes.json` lists a text complains of; reads nothing but that file.

Words are compared, never parts of words; the marks of Devanagari belong to the word that they stand on. What is denied
("not late", "देर नहीं हुई") is no complaint: a negation holds for the words next to it in the same clause, but neither
as a part of a term ("not working"), nor for a term with such a part.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

UNCLASSIFIED = "unclassified"
_FILE = Path(__file__).with_name("themes.json")

# Letters with the marks on them, also of scripts whose marks `\w` leaves out; apostrophes within a word.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0980-\u0e7f\u0f71-\u0fbc"
_WORD = re.compile(rf"[\w{_MARKS}]+(?:'[\w{_MARKS}]+)*")
_PART = re.compile(rf"{_WORD.pattern}|[.,;:!?।॥\n…()]")
_SPELLINGS = str.maketrans({"\u2019": "'", "\u0901": "\u0902"})
_SILENT = re.compile("[\u093c\u200c\u200d]")  # the dot below, and joiners: written or left out at will

Words = tuple[str, ...]


class _Negation(BaseModel):
    """Words that deny what stands within `reach` words on the other side of them: `before` it, or `after` it."""

    model_config = ConfigDict(extra="forbid")

    words: tuple[str, ...]
    side: Literal["before", "after"]
    reach: int = Field(ge=1)


class _ThemeFile(BaseModel):
    """The file, as people edit it: terms by language by theme, and how things are denied."""

    model_config = ConfigDict(extra="forbid")

    themes: dict[str, dict[str, tuple[str, ...]]]
    negations: tuple[_Negation, ...]
    weakened: tuple[str, ...] = Field(alias="not a negation before")
    clause_ends: tuple[str, ...] = Field(alias="clause ends")


@dataclass(frozen=True)
class _Match:
    theme: str
    first: int
    end: int  # the place after the last word


@dataclass(frozen=True)
class Themes:
    """The terms, in the order of the file, ready to be looked for."""

    names: Sequence[str]
    by_first_word: Mapping[str, Sequence[tuple[Words, str]]]  # longest first
    negations: Sequence[tuple[frozenset[str], str, int]]
    denying: frozenset[str]  # the words of all negations
    weakened: frozenset[str]
    clause_ends: frozenset[str]

    @classmethod
    def of_file(cls, file: Path = _FILE) -> Self:
        """From the JSON file that is delivered with the product.

        Raises:
            ValueError: it has not the form of such a file, or has a term without a word, or one term in two themes.

        """
        told = _ThemeFile.model_validate_json(file.read_bytes())
        by_first_word: dict[str, list[tuple[Words, str]]] = {}
        for words, theme in _terms(told).items():
            by_first_word.setdefault(words[0], []).append((words, theme))
        return cls(
            tuple(told.themes),
            {first: sorted(terms, key=lambda term: -len(term[0])) for first, terms in by_first_word.items()},
            [(frozenset(map(_folded, each.words)), each.side, each.reach) for each in told.negations],
            frozenset(_folded(word) for each in told.negations for word in each.words),
            frozenset(map(_folded, told.weakened)),
            frozenset(map(_folded, told.clause_ends)),
        )

    def of(self, text: str) -> list[str]:
        """The themes that the text complains of, each once, in the order of the file."""
        found = {theme for clause in self._clauses(text) for theme in self._of_clause(clause)}
        return [name for name in self.names if name in found]

    def _clauses(self, text: str) -> list[list[str]]:
        clauses: list[list[str]] = [[]]
        for part in _PART.findall(_folded(text)):
            if part in self.clause_ends or not _WORD.fullmatch(part):
                clauses.append([])
            else:
                clauses[-1].append(part)
        return clauses

    def _of_clause(self, words: Sequence[str]) -> list[str]:
        matches = self._matches(words)
        inside = {place for match in matches for place in range(match.first, match.end)}
        denials = [place for place in range(len(words)) if place not in inside]
        return [match.theme for match in matches if not self._is_denied(match, words, denials)]

    def _matches(self, words: Sequence[str]) -> list[_Match]:
        """From the left, the longest term at each place; terms do not overlap."""
        matches, place = [], 0
        while place < len(words):
            found = self._match_at(words, place)
            matches += [found] if found else []
            place = found.end if found else place + 1
        return matches

    def _match_at(self, words: Sequence[str], place: int) -> _Match | None:
        for term, theme in self.by_first_word.get(words[place], ()):
            if tuple(words[place : place + len(term)]) == term:
                return _Match(theme, place, place + len(term))
        return None

    def _is_denied(self, match: _Match, words: Sequence[str], places: Sequence[int]) -> bool:
        if not self.denying.isdisjoint(words[match.first : match.end]):
            return False
        return any(
            words[place] in denying and self._reaches(match, words, place, (side, reach))
            for place in places
            for denying, side, reach in self.negations
        )

    def _reaches(self, match: _Match, words: Sequence[str], place: int, how: tuple[str, int]) -> bool:
        side, reach = how
        if side == "after":
            return 0 <= place - match.end < reach
        return 0 < match.first - place <= reach and words[place + 1] not in self.weakened


def _terms(told: _ThemeFile) -> dict[Words, str]:
    """The theme of each term.

    Raises:
        ValueError: a term has no word, or stands in two themes.

    """
    terms: dict[Words, str] = {}
    for theme, by_language in told.themes.items():
        for term in (each for terms in by_language.values() for each in terms):
            words = tuple(_WORD.findall(_folded(term)))
            if not words or terms.setdefault(words, theme) != theme:
                raise ValueError(f"themes.json: the term {term!r} has no word, or stands in two themes")
    return terms


def _folded(text: str) -> str:
    """The text without what people write in several ways: case, forms of one letter, dots and joiners."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLINGS)).casefold()
    return _SILENT.sub("", unicodedata.normalize("NFC", plain))
