"""Distances on the globe against a second formula, and which steps of an engineer count."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reports._distance import Place, Stop, distances, great_circle_km
from tests.acceptance.oracle.service_performance import kilometres

NEW_YORK, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
HALF_AROUND = 20_015.0868  # km
_places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _walk(*stops: tuple[str, float], zone: ZoneInfo = KOLKATA, bank: str | None = "a") -> float:
    """Kilometres of one engineer who stops at these longitudes of the equator at these instants."""
    made = [Stop("anna", bank, _at(at), (0, longitude)) for at, longitude in stops]
    return distances(made, zone).by_engineer["anna"]


@given(_places, _places)
def test_the_distance_is_that_of_another_formula(start: Place, end: Place) -> None:
    """The haversine equals the arc over the straight line through the globe, in both directions."""
    assert great_circle_km(start, end) == pytest.approx(kilometres(start, end), rel=1e-6, abs=1e-3)
    assert great_circle_km(start, end) == pytest.approx(great_circle_km(end, start), abs=1e-6)
    assert 0 <= great_circle_km(start, end) <= HALF_AROUND


def test_known_distances() -> None:
    """A degree of the equator, from pole to pole, Mumbai to Delhi, and nowhere."""
    assert great_circle_km((0, 0), (0, 1)) == pytest.approx(111.195, abs=0.001)
    assert great_circle_km((90, 0), (-90, 77)) == pytest.approx(HALF_AROUND, abs=0.001)
    assert great_circle_km((19.0760, 72.8777), (28.6139, 77.2090)) == pytest.approx(1_148.1, abs=1)
    assert great_circle_km((19.0760, 72.8777), (19.0760, 72.8777)) == 0
    assert great_circle_km((0, 179.5), (0, -179.5)) == pytest.approx(111.195, abs=0.001)


def test_a_step_stays_within_a_local_day() -> None:
    """From the evening to the next morning nobody travels, though it is one day in UTC."""
    assert _walk(("2026-03-10 04:00", 0), ("2026-03-10 18:00", 1)) == pytest.approx(111.195, abs=0.001)
    assert _walk(("2026-03-10 18:00", 0), ("2026-03-10 19:00", 1)) == 0  # 23:30 and 00:30 in India
    assert _walk(("2026-03-10 19:00", 0), ("2026-03-11 04:00", 1)) > 0


def test_days_on_which_clocks_change_are_whole() -> None:
    """The day of 23 hours and the one of 25 begin and end at their own midnights."""
    assert _walk(("2026-03-08 04:30", 0), ("2026-03-08 05:30", 1), zone=NEW_YORK) == 0
    assert _walk(("2026-03-08 05:30", 0), ("2026-03-09 03:30", 1), zone=NEW_YORK) > 0
    assert _walk(("2026-11-01 04:30", 0), ("2026-11-02 04:30", 1), zone=NEW_YORK) > 0
    assert _walk(("2026-11-02 04:30", 0), ("2026-11-02 05:30", 1), zone=NEW_YORK) == 0


def test_each_bank_has_the_steps_between_its_own_calls() -> None:
    """A visit for another bank in between is not on the way of the first."""
    at = [_at(f"2026-03-10 0{hour}:00") for hour in (4, 5, 6)]
    found = distances(
        [
            Stop("anna", "a", at[0], (0, 0)),
            Stop("anna", None, at[1], (0, 10)),
            Stop("bert", "a", at[1], (50, 50)),
            Stop("anna", "a", at[2], (0, 1)),
        ],
        KOLKATA,
    )
    assert found.by_bank["anna", "a"] == pytest.approx(111.195, abs=0.001)
    assert found.by_bank["anna", None] == 0
    assert found.by_engineer["anna"] == pytest.approx(19 * 111.195, abs=0.02)
    assert found.by_engineer["bert"] == 0
