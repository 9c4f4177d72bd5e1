"""What Rolling Volume promises beyond right cells: its periods stand there without calls and before they begin."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.acceptance.comparing import KOLKATA, assert_same, ordered, question
from tests.acceptance.oracle import rolling_volume
from tests.acceptance.oracle.records import World
from tests.acceptance.product import Product

REPORT = "rolling-volume"


def test_an_empty_range_has_its_periods(sampled: Product, sample: World) -> None:
    """Without calls every period stands there with zeros, changes are blank, and the other sheets say why."""
    params = _dates(date(1999, 1, 1), date(1999, 1, 3))
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
    assert_same(file, rolling_volume.answer(sample, question(params, as_of, KOLKATA), "daily"))
    assert file.sheets["Volume Trend"][1] == ["1999-01-01", *[0] * 7, None, None, None]


def test_a_range_to_come_has_no_backlog(sampled: Product, sample: World) -> None:
    """Periods after as-of are blank at their ends, and so is the tile."""
    first = datetime.now(KOLKATA).date() + timedelta(2)
    params = _dates(first, first + timedelta(3))
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    assert_same(file, rolling_volume.answer(sample, question(params, as_of, KOLKATA), "daily"))
    assert {tuple(row[5:7]) for row in file.sheets["Volume Trend"][1:]} == {(None, None)}
    assert (shown["kpis"][5]["value"], shown["kpis"][5]["previous"]) == (None, None)


def _dates(first: date, last: date) -> dict[str, Any]:
    return {"dateFrom": first.isoformat(), "dateTo": last.isoformat()}
