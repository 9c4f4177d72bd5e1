"""Room on slides: widths near the real ones, cuts that fit and tell of themselves, lines counted as programs break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.document import Column, Kind
from shared.rendering._pptx_table_fit import fit
from shared.rendering._slides_fit import (
    ELLIPSIS,
    count_lines,
    cut_to_lines,
    cut_to_width,
    largest_size,
    line_height,
    one_line,
    text_width,
)

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)


@pytest.mark.parametrize(
    ("text", "points"),
    [("Completion Rate %", 77.3), ("12,34,567.89", 53.1), ("iiiiiiiiii", 22.9), ("WWWWWWWWWW", 89.0), ("", 0)],
)
def test_widths_are_those_of_calibri(text: str, points: float) -> None:
    """At 10 points, within a twentieth of what a program measures (Carlito, which has Calibri's widths)."""
    assert text_width(text, 10) == pytest.approx(points, rel=0.05)


def test_other_scripts_take_room_too() -> None:
    """Ideographs and emoji are wider than letters; accents that stand above others take none."""
    assert text_width("断网", 10) > text_width("ab", 10) * 1.5
    assert text_width("e\N{COMBINING ACUTE ACCENT}", 10) == text_width("e", 10)
    assert text_width("b", 10, is_bold=True) > text_width("b", 10)


@given(ANY_TEXT, st.floats(20, 400))
def test_cut_text_fits_and_says_so(text: str, width: float) -> None:
    """What comes back fits; it is the whole text on one line, or a beginning of it with an ellipsis."""
    cut = cut_to_width(text, 12, width)
    assert text_width(cut, 12) <= width or cut == ELLIPSIS
    assert cut == one_line(text) or (cut.endswith(ELLIPSIS) and one_line(text).startswith(cut.removesuffix(ELLIPSIS)))


@given(ANY_TEXT, st.floats(40, 400), st.integers(1, 4))
def test_cut_text_takes_no_more_lines(text: str, width: float, lines: int) -> None:
    """A text cut to lines takes as many at most, and begins as the text does."""
    cut = cut_to_lines(text, 12, width, lines)
    assert count_lines(cut, 12, width) <= lines
    assert one_line(text).startswith(cut.removesuffix(ELLIPSIS))


def test_lines_break_at_spaces_and_within_long_words() -> None:
    """Words that fit together share a line; a word wider than the box takes several."""
    width = text_width("aaaa aaaa", 10)
    assert count_lines("aaaa aaaa aaaa", 10, width) == 2
    assert count_lines("aaaa\naaaa", 10, width) == 2
    assert count_lines("a" * 30, 10, width) == 4
    assert count_lines("", 10, width) == 1


def test_letters_are_as_large_as_fits() -> None:
    """The first size in which the text fits, else the last."""
    assert largest_size("abc", (40, 20, 10), 1_000) == 40
    assert largest_size("abc" * 10, (40, 20, 10), text_width("abc" * 10, 20)) == 20
    assert largest_size("abc" * 1_000, (40, 20, 10), 50) == 10


@given(
    st.lists(st.tuples(ANY_TEXT, st.sampled_from(list(Kind))), min_size=1, max_size=40),
    st.integers(1, 15),
    st.data(),
)
def test_any_table_fits(columns: list[tuple[str, Kind]], count: int, data: st.DataObject) -> None:
    """Whatever the columns and texts, the table lies within its room, and each text within its cell."""
    made = [Column(f"{place}", label, kind) for place, (label, kind) in enumerate(columns)]
    row = data.draw(st.lists(ANY_TEXT, min_size=len(made), max_size=len(made)))
    fitted = fit(made, [[one_line(text) for text in row]] * count, 873.6, 385.2)
    assert 1 <= len(fitted.widths) <= len(made)
    assert sum(fitted.widths) <= 873.7
    assert fitted.heading_height + fitted.row_height * count <= 385.3
    assert fitted.row_height >= line_height(fitted.size)
    assert {len(cells) for cells in fitted.rows} == {len(fitted.headings)} == {len(fitted.widths)}
