"""Percentiles, deviations, ranks, shares and states equal independent ways to get at them, for any numbers."""

import statistics
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reports._metrics import (
    elapsed_minutes,
    median,
    percent_ranks,
    percentile,
    sample_deviation,
    share,
    sla_state,
    target_minutes,
)
from shared.reports._response_times import ResponseTimes, breach_order
from shared.reports._spread import Spread, summed
from shared.settings import RenderSettings, ResolutionTargets, SettingsError

MINUTES = st.floats(0, 1e7, allow_subnormal=False)
SAMPLES = st.lists(MINUTES, min_size=1, max_size=60)
EDGES = (0, 15, 30, 60, 120, 240, 480)


@given(SAMPLES, st.integers(0, 100))
def test_percentiles_are_those_of_the_sql_standard(values: list[float], percent: int) -> None:
    """By the manual's rule over row numbers from 1, in exact fractions, PERCENTILE_CONT gives the same."""
    ordered = sorted(values)
    row = 1 + Fraction(percent, 100) * (len(ordered) - 1)
    low, high = row.__floor__(), row.__ceil__()
    weight = row - low
    exact = Fraction(ordered[low - 1]) * (1 - weight) + Fraction(ordered[high - 1]) * weight
    assert percentile(ordered, percent / 100) == pytest.approx(float(exact), rel=1e-9, abs=1e-9)


@given(st.lists(MINUTES, min_size=2, max_size=60))
def test_percentiles_and_deviation_are_those_of_the_standard_library(values: list[float]) -> None:
    """All 99 inner percentiles, the median and the sample deviation equal those of `statistics`."""
    ordered = sorted(values)
    found = [percentile(ordered, percent / 100) for percent in range(1, 100)]
    assert found == pytest.approx(statistics.quantiles(ordered, n=100, method="inclusive"), rel=1e-9, abs=1e-6)
    assert median(ordered) == pytest.approx(statistics.median(ordered))
    assert sample_deviation(values) == pytest.approx(statistics.stdev(values), rel=1e-9, abs=1e-6)


@given(SAMPLES)
def test_percentiles_lie_in_order_between_the_ends(values: list[float]) -> None:
    """They rise from the smallest value to the largest and never leave them."""
    ordered = sorted(values)
    found = [percentile(ordered, percent / 100) or 0.0 for percent in range(101)]
    assert (found[0], found[-1]) == (ordered[0], ordered[-1])
    assert all(low <= high or isclose(low, high) for low, high in pairwise(found))


def test_nothing_has_no_percentile_and_one_no_deviation() -> None:
    """Over nothing there is no value; over one value there is no spread."""
    assert (percentile([], 0.9), median([]), sample_deviation([])) == (None, None, None)
    assert (percentile([7.0], 0.9), median([7.0]), sample_deviation([7.0])) == (7.0, 7.0, None)
    assert sample_deviation([1.0, 3.0]) == sqrt(2)


@given(st.lists(st.integers(0, 9).map(float), max_size=40))
def test_ranks_count_the_smaller_ones(values: list[float]) -> None:
    """Each rank is the share of the others that are smaller: the smallest 0, a single largest 100, one alone 0."""
    ranks = percent_ranks(values)
    for value, rank in zip(values, ranks, strict=True):
        smaller = sum(other < value for other in values)
        assert rank == pytest.approx(100 * smaller / (len(values) - 1) if len(values) > 1 else 0.0)
    assert all(0 <= rank <= 100 for rank in ranks)
    assert ranks == [ranks[values.index(value)] for value in values]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=20))
def test_shares_add_up(counts: list[int]) -> None:
    """The shares of the parts of a whole are 100 together; of nothing there are none."""
    shares = [share(count, sum(counts)) for count in counts]
    if sum(counts):
        assert sum(each or 0.0 for each in shares) == pytest.approx(100)
    else:
        assert set(shares) == {None}


@given(st.lists(MINUTES, max_size=60))
def test_buckets_are_a_partition(values: list[float]) -> None:
    """Every duration is in exactly one bucket, and an edge belongs to the bucket that begins there."""
    found = Spread.of(values).within(EDGES)
    naive = [sum(low <= value < high for value in values) for low, high in zip(EDGES, [*EDGES[1:], 10**9], strict=True)]
    assert found == naive
    assert sum(found) == len(values)
    assert Spread.of(map(float, EDGES)).within(EDGES) == [1] * len(EDGES)


@given(st.lists(st.tuples(st.integers(0, 2), st.none() | st.floats(-100, 1_000), st.sampled_from([60, 240]))))
def test_every_call_has_one_place(calls: list[tuple[int, float | None, int]]) -> None:
    """Each call is without assignment, early, met, breached or open, and in one group or many the sums are the same."""
    whole, parts = ResponseTimes(), [ResponseTimes() for _ in range(3)]
    over = []
    for place, (start, minutes, limit) in enumerate(calls):
        beyond = whole.add(start, minutes, limit)
        assert parts[place % 3].add(start, minutes, limit) == beyond
        over += [] if beyond is None else [beyond]
    placed = whole.unassigned_starts + whole.unassigned_waits + whole.early_starts
    assert whole.calls == placed + whole.met + whole.breaches + whole.open_waits == len(calls)
    assert list(whole.beyond) == over
    assert sum(whole.spread.within(EDGES)) + whole.waits + whole.early_starts + whole.unassigned_starts == len(calls)
    merged = ResponseTimes.over(parts)
    assert (merged.calls, merged.met, merged.waits) == (whole.calls, whole.met, whole.waits)
    assert merged.spread == whole.spread


def test_states_at_their_edges() -> None:
    """The limit itself is still inside; a wait is open until it has passed; without an assignment there is no state."""
    assert [sla_state(minutes, None, 60) for minutes in (0, 60, 60.001, -1)] == ["Met", "Met", "Breached", None]
    assert [sla_state(None, waited, 60) for waited in (-5, 60, 61)] == ["Open", "Open", "Breached"]
    assert sla_state(None, None, 60) is None


def test_durations_are_negative_when_swapped() -> None:
    """From later to earlier is less than nothing; without both ends there is no duration."""
    noon = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert elapsed_minutes(noon, noon + timedelta(seconds=90)) == 1.5
    assert elapsed_minutes(noon, noon - timedelta(hours=1)) == -60
    assert elapsed_minutes(None, noon) is elapsed_minutes(noon, None) is None


def test_breaches_are_ordered_to_the_microsecond() -> None:
    """The longest breach is first; equal ones, however they were calculated, go by call number."""
    assert sorted([(0.1 + 0.2, "B"), (0.3, "A"), (0.30000002, "C")], key=lambda each: breach_order(*each)) == [
        *((0.30000002, "C"), (0.3, "A"), (0.1 + 0.2, "B")),
    ]


def test_sums_keep_the_parts_as_they_were() -> None:
    """Adding parts together changes none of them."""
    part = ResponseTimes()
    part.add(0, 5.0, 60)
    assert summed(ResponseTimes(), [part, part]).calls == 2
    assert (part.calls, list(part.taken)) == (1, [5.0])


def test_targets_come_from_the_settings() -> None:
    """The targets are hours in one setting; unnamed types keep the specification's, and nonsense is refused."""
    assert target_minutes(ResolutionTargets()) == {
        "installation": 4_320,
        "swap": 2_880,
        "maintenance": 4_320,
        "breakdown": 1_440,
        "deinstallation": 5_760,
    }
    environment = {"DATABASE_URL": "sqlite:///x.db", "RESOLUTION_TARGETS": '{"swap": 2}'}
    targets = RenderSettings.load(environment).resolution_targets
    assert (targets.swap, targets.breakdown) == (2, 24)
    for wrong in ('{"swap": 0}', '{"repair": 5}', "{"):
        with pytest.raises(SettingsError, match="RESOLUTION_TARGETS"):
            RenderSettings.load(environment | {"RESOLUTION_TARGETS": wrong})
