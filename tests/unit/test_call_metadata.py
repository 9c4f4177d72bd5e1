"""Metadata of calls: every JSON value has words, and whatever is no JSON object says nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reports._call_metadata import read_metadata, words_of

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(values)
def test_every_value_has_words(value: Any) -> None:
    """A value of any type is text that is not blank, or nothing."""
    words = words_of(value)
    assert words is None or words.strip()


@given(st.dictionaries(st.text(), values))
def test_an_object_is_read_whole(value: dict[str, Any]) -> None:
    """What was written as an object comes back with its keys."""
    found = read_metadata(json.dumps(value))
    assert found.is_readable
    assert list(found.values) == list(value)


@pytest.mark.parametrize(
    "text",
    ["{", "[1, 2]", '"text"', "5", "true", "{'a': 1}", "[" * 100_000, "9" * 5_000, '{"a": 1}}', "\x00", "<xml/>"],
)
def test_what_is_no_object_says_nothing(text: str) -> None:
    """Broken text, other JSON values, numbers too long and brackets too deep have no key, and are told apart."""
    found = read_metadata(text)
    assert (dict(found.values), found.is_readable) == ({}, False)


@pytest.mark.parametrize("text", [None, "", " ", "null", "{}"])
def test_nothing_is_no_fault(text: str | None) -> None:
    """Where nothing was recorded, nothing is wrong."""
    found = read_metadata(text)
    assert (dict(found.values), found.is_readable) == ({}, True)


def test_lists_and_objects_are_parted() -> None:
    """Parts stand in their order, yes and no in words, blanks left out, and what lies too deep is a mark."""
    assert words_of(["Socket", None, " ", True, 4.5, {"a": False}]) == "Socket; Yes; 4.5; a: No"
    assert words_of([[[["deep"]]]]) == "…"
    assert words_of([]) is None
