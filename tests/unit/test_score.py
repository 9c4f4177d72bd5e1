"""Scores and ranks of engineers: bounds, weights that stand in for missing parts, and ties."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reports._score import Performance, ranks, score_alone, scores

_rate = st.none() | st.floats(0, 100)
_minutes = st.none() | st.floats(0, 1e6)
_measured = st.builds(Performance, _rate, _minutes, _minutes, _rate, _rate)
NOTHING = Performance(None, None, None, None, None)


@given(st.lists(_measured, max_size=12))
def test_scores_lie_between_0_and_100(measured: list[Performance]) -> None:
    """Whatever is missing, a score is within its bounds; there is none only where every part is missing."""
    for each, score in zip(measured, scores(measured), strict=True):
        assert (score is None) == (each == NOTHING)
        assert score is None or 0 <= score <= 100


@given(_measured)
def test_missing_parts_scale_the_weights_of_the_others(measured: Performance) -> None:
    """One engineer alone has the percentile 0; what he lacks is left out, and the weights of the rest add up to 1."""
    speeds = [None if each is None else 100.0 for each in (measured.response, measured.resolution)]
    weights = (0.30, 0.20, 0.20, 0.15, 0.15)
    values = (measured.completion_rate, *speeds, measured.on_time, measured.first_time_fix)
    parts = [(weight, value) for weight, value in zip(weights, values, strict=True) if value is not None]
    whole = sum(weight for weight, _ in parts)
    expected = sum(weight / whole * value for weight, value in parts) if parts else None
    assert scores([measured]) == [expected if expected is None else pytest.approx(expected)]


@given(st.lists(_measured, min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order(measured: list[Performance], random: Random) -> None:
    """Each engineer has his score wherever he stands in the list."""
    places = list(range(len(measured)))
    random.shuffle(places)
    shuffled = scores([measured[place] for place in places])
    assert [scores(measured)[place] for place in places] == shuffled


def test_a_score_by_hand() -> None:
    """0.30·90 + 0.20·(100 − 0) + 0.20·(100 − 50) + 0.15·80 + 0.15·60, and so on for the three."""
    first, second, third = scores(
        [
            Performance(90, 10, 200, 80, 60),
            Performance(100, 20, 100, 100, 100),
            Performance(50, 30, 300, 0, 0),
        ]
    )
    assert first == pytest.approx(27 + 20 + 10 + 12 + 9)
    assert second == pytest.approx(30 + 10 + 20 + 15 + 15)
    assert third == pytest.approx(15)


def test_equal_averages_have_equal_percentiles_to_the_last_bit_but_one() -> None:
    """What two databases add up differently in the last bit is still a tie."""
    tie = scores([Performance(100, 0.1 + 0.2, None, 100, 100), Performance(100, 0.3, None, 100, 100)])
    assert tie == [100, 100]


def test_an_engineer_outside_the_population_is_not_compared() -> None:
    """His score is made of his rates alone."""
    assert score_alone(Performance(100, 1, 1, 50, 0)) == pytest.approx((30 * 100 + 15 * 50) / 60)
    assert score_alone(NOTHING) is None


def test_equal_scores_share_a_rank() -> None:
    """The next rank after a shared one is skipped; without a score there is none."""
    assert ranks([70.0, None, 90.0, 70.0 + 1e-12, 10.0]) == [2, None, 1, 2, 4]
    assert ranks([]) == []


@given(st.lists(st.none() | st.floats(0, 100)))
def test_a_rank_is_one_more_than_the_number_of_better_scores(found: list[float | None]) -> None:
    """For any scores."""
    there = [round(each, 9) for each in found if each is not None]
    expected = [None if each is None else 1 + sum(other > round(each, 9) for other in there) for each in found]
    assert ranks(found) == expected
