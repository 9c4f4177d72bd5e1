"""How charts look in every format: colours that stay apart in grey, labels that fit, scales that do not mislead."""

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest

from shared.document import Chart, ChartKind, Series
from shared.rendering._chart_style import PALETTE, Labels, category_labels, finite, look, scale

WIDTH = 21.5  # cm
DAYS = tuple(f"{date(2024, 1, 1) + timedelta(days)}" for days in range(366))


def _chart(kind: ChartKind, categories: tuple[str, ...], *values: tuple[float | int | None, ...]) -> Chart:
    return Chart("c", "C", kind, categories, tuple(Series(f"{place}", each) for place, each in enumerate(values)))


def _scaled(*values: tuple[float | int | None, ...], kind: ChartKind = ChartKind.BAR) -> Chart:
    return _chart(kind, tuple("abcdef"[: len(values[0])]), *values)


def _luma(colour: str) -> float:
    """What a grey printer makes of a colour, 0 to 255 (ITU-R BT.601)."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_colours_stay_apart_in_grey() -> None:
    """Printed without colour, any two series differ by 16 levels or more and neighbours by 35, around the end too."""
    greys = [_luma(colour) for colour in PALETTE]
    assert min(abs(one - other) for one, other in combinations(greys, 2)) >= 16
    assert min(abs(one - other) for one, other in pairwise([*greys, *greys[:1]])) >= 35


def test_no_two_of_many_series_look_alike() -> None:
    """Colour and round of the palette tell any number of series apart; a tint lies half way to white."""
    looks = [look(index) for index in range(100)]
    assert len({(each.colour, each.round) for each in looks}) == 100
    assert look(0).tint == "7FB2E5"


@pytest.mark.parametrize("kind", ChartKind)
def test_year_of_days_stays_level_and_is_thinned_out(kind: ChartKind) -> None:
    """Of 366 days only so many are written as stand side by side: 2.5 cm for each of ten letters."""
    labels = category_labels(_chart(kind, DAYS, (0,) * 366), WIDTH)
    assert labels.angle == 0
    assert 5 <= 366 / labels.every <= WIDTH / 2.5


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), Labels(0, 1)),
        (("pending", "completed"), Labels(0, 1)),
        (("State Bank of India", "Punjab National Bank", "Kotak Mahindra Bank") * 3, Labels(0, 1)),  # over two lines
        (("Thiruvananthapuram",) * 20, Labels(45, 1)),
        (("Thiruvananthapuram",) * 45, Labels(90, 1)),
        (("Thiruvananthapuram",) * 100, Labels(90, 2)),
    ],
)
def test_names_turn_before_any_is_left_out(names: tuple[str, ...], expected: Labels) -> None:
    """Names are no steps of time: they stand level, slanted or upright, and go only where none of it helps."""
    assert category_labels(_chart(ChartKind.BAR, names, (1,) * len(names)), WIDTH) == expected


def test_few_whole_numbers_have_a_tick_each() -> None:
    """No tick at 0.5 that would be written as a second 1, also where all values are 0 or there are none."""
    for values in ((1, 3, None), (0, 0, 0), (None, None, None)):
        assert scale(_scaled(values)).step == 1
    assert scale(_scaled((4, 11, 2))).step is None


def test_stacked_bars_reach_as_far_as_their_sum() -> None:
    """Six and six are twelve when they stand on each other, six when they stand side by side."""
    assert scale(_scaled((6,), (6,), kind=ChartKind.STACKED_BAR)).step is None
    assert scale(_scaled((6,), (6,))).step == 1


def test_axis_begins_at_nothing() -> None:
    """Bars and lines are compared from 0, unless there is something below it."""
    assert scale(_scaled((97.5, 99.0))).floor == 0
    assert scale(_scaled((97.5, -1.0))).floor is None


@pytest.mark.parametrize(
    ("value", "ticks", "cells"),
    [(12_345, "#,##0", "#,##0"), (87.5, "#,##0", "#,##0.00"), (4.2, "0.0", "#,##0.00"), (0.25, "0.00", "#,##0.00")],
)
def test_formats_show_what_the_values_need(value: float, ticks: str, cells: str) -> None:
    """Ticks show as many decimals as their steps have; cells two, unless all values are whole."""
    found = scale(_scaled((value,)))
    assert (found.tick_format, found.value_format) == (ticks, cells)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_no_axis_can_show_is_a_gap(value: float | None) -> None:
    """NaN and the infinities are shown as nothing, never as a number."""
    assert finite(value) is None
