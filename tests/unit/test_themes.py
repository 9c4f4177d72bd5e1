"""Themes of comments: found as words in any script and spelling, not found when denied or within other words."""

import json
import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.reports import _themes
from shared.reports._themes import Themes
from tests.acceptance.oracle.post_installation_survey import themes_of

FILE = Path(_themes.__file__).with_name("themes.json")
TOLD = json.loads(FILE.read_text(encoding="utf-8"))
THEMES = Themes.of_file()
TERMS = [(theme, term) for theme, languages in TOLD["themes"].items() for terms in languages.values() for term in terms]
BEFORE = [word for each in TOLD["negations"] if each["side"] == "before" for word in each["words"]]
NEUTRAL = ("table", "shop", "दुकान", "आज", "मेरे", "கடை", "blue", "माल")

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
forms: st.SearchStrategy[Form] = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
terms = st.sampled_from(TERMS)
neutral = st.lists(st.sampled_from(NEUTRAL), max_size=4).map(" ".join)
vocabulary = st.sampled_from(
    [
        *(word for _, term in TERMS for word in term.split()),
        *(word for each in TOLD["negations"] for word in each["words"]),
        *(*TOLD["clause ends"], *TOLD["not a negation before"], *NEUTRAL, ",", ".", "।", "\n", "!"),
    ]
)


def test_each_theme_has_ten_terms_in_each_language() -> None:
    """The delivered file has the six themes, each with at least ten terms in English and ten in Devanagari."""
    assert list(TOLD["themes"]) == ["late", "rude", "not working", "wiring", "training", "network"]
    for languages in TOLD["themes"].values():
        assert list(languages) == ["english", "hindi"]
        assert all(len(set(found)) >= 10 for found in languages.values())
        assert all(term.isascii() for term in languages["english"])
        assert all("DEVANAGARI" in unicodedata.name(term[0]) for term in languages["hindi"])


@given(terms, neutral, neutral, st.sampled_from([" ", "  ", ", ", "\n", "… ", "। "]))
def test_every_term_is_found_among_other_words(term: tuple[str, str], before: str, after: str, gap: str) -> None:
    """A term by itself in a clause is found, whatever stands around it."""
    assert THEMES.of(f"{before}{gap}{term[1]}{gap}{after}") == [term[0]]


@given(terms, forms, st.booleans())
def test_spelling_makes_no_difference(term: tuple[str, str], form: Form, is_upper: bool) -> None:  # noqa: FBT001 drawn
    """Case, composed and decomposed letters, a dot below left out, joiners and typographic quotes are all the same."""
    text = unicodedata.normalize(form, term[1].upper() if is_upper else term[1])
    for spelled in (
        text,
        text.replace("'", "\u2019"),
        text.replace("\u093c", ""),
        text.replace("\u094d", "\u094d\u200d"),
    ):
        assert THEMES.of(spelled) == [term[0]]


@given(terms, st.sampled_from(["a", "z", "7", "क", "ि", "ा", "्य", "ம்", "é"]), st.booleans())
def test_a_term_within_a_word_is_not_found(term: tuple[str, str], letter: str, is_first: bool) -> None:  # noqa: FBT001 drawn
    """A letter or a vowel sign on either end makes another word of it, in every script."""
    text = f"{letter}{term[1]}" if is_first else f"{term[1]}{letter}"
    assume(unicodedata.category(letter[0])[0] == "L" or not is_first)
    assert term[0] not in THEMES.of(text) or themes_of(text) == THEMES.of(text)
    if " " not in term[1]:
        known = {_themes._folded(each) for _, each in TERMS}
        assume(_themes._folded(text) not in known)
        assert THEMES.of(text) == []


@given(terms, st.sampled_from(BEFORE))
def test_a_denied_term_is_no_complaint(term: tuple[str, str], denial: str) -> None:
    """A negation before a term takes it back, unless both are a term of their own, or the term denies by itself."""
    words = set(_themes._folded(term[1]).split())
    assume(words.isdisjoint(THEMES.denying))
    text = f"{denial} {term[1]}"
    assume(
        not any(_themes._folded(other).startswith(f"{_themes._folded(denial)} ") for _, other in TERMS if other in text)
    )
    assert THEMES.of(text) == []
    assert THEMES.of(f"{denial}, {term[1]}") == [term[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Not late at all", []),
        ("He wasn\u2019t rude, but late", ["late"]),
        ("not late and not working", ["not working"]),
        ("not only late but rude", ["late", "rude"]),
        ("no delay; no network", ["network"]),
        ("देर नहीं हुई", []),
        ("देर से नहीं आया", ["late"]),
        ("कोई बदतमीज़ी नहीं की", []),
        ("बिना किसी देरी के", []),
        ("नेटवर्क काम नहीं कर रहा", ["not working", "network"]),
        ("तारीख बदल दी", []),
        ("सितारा होटल", []),
        ("template, plate, chocolate", []),
        ("बदतमीज इंजीनियर, तार खुले", ["rude", "wiring"]),
        ("", []),
    ],
)
def test_texts_read_by_a_person(text: str, expected: list[str]) -> None:
    """What somebody who reads the comment would say of it."""
    assert THEMES.of(text) == expected


@given(st.lists(vocabulary, max_size=12).map(" ".join))
def test_it_equals_a_naive_search(text: str) -> None:
    """Over any mixture of terms, negations and marks, it finds what a letter-by-letter search finds."""
    assert THEMES.of(text) == themes_of(text)


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    """No text is too odd: each theme is told at most once, in the order of the file."""
    found = THEMES.of(text)
    assert found == [name for name in TOLD["themes"] if name in found]


@pytest.mark.parametrize(
    "change",
    [
        {"themes": {"late": {"english": ["…"]}}},
        {"themes": {"late": {"english": ["rude"]}, "rude": {"english": ["RUDE"]}}},
        {"negations": None},
        {"negations": [{"words": ["x"], "side": "above", "reach": 1}]},
        {"more": []},
    ],
    ids=str,
)
def test_an_edited_file_that_is_wrong_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    """A term without a word, one of two themes, a part missing, an unknown side or part: the file is not taken."""
    (tmp_path / "themes.json").write_text(json.dumps(TOLD | change), encoding="utf-8")
    with pytest.raises(ValueError, match=r"themes\.json|validation error"):
        Themes.of_file(tmp_path / "themes.json")
