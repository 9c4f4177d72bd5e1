"""Rolling Volume through the whole product: every cell, tile, chart and sum equals a second, naive calculation."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.comparing import (
    KOLKATA,
    LOS_ANGELES,
    assert_headings,
    assert_same,
    assert_tiles,
    ordered,
    question,
)
from tests.acceptance.oracle import rolling_volume
from tests.acceptance.oracle.records import World
from tests.acceptance.product import Product

REPORT = "rolling-volume"
QUESTIONS: dict[str, dict[str, Any]] = {
    "days around the turn of the year": {"dateFrom": "2018-12-24", "dateTo": "2019-01-06", "granularity": "daily"},
    "weeks with the change of the clocks": {"dateFrom": "2019-02-06", "dateTo": "2019-03-14", "granularity": "weekly"},
    "months of a year, the last one cut": {"dateFrom": "2018-06-01", "dateTo": "2019-05-17", "granularity": "monthly"},
}


def _granularity(params: Mapping[str, Any]) -> str:
    return str(params.get("granularity", "daily"))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_cell_over_real_requests(los_angeles_product: Product, city: World, name: str) -> None:
    """All sheets, charts and reconciling sums of the workbook equal the naive calculation, on both databases."""
    params = QUESTIONS[name]
    with los_angeles_product.person("admin") as admin:
        file, as_of = ordered(los_angeles_product, admin, REPORT, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    answer = rolling_volume.answer(city, question(params, as_of, LOS_ANGELES), _granularity(params))
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert_headings(REPORT, file, shown)


def test_a_bank_admin_gets_the_figures_of_his_calls_only(los_angeles_product: Product, city: World) -> None:
    """The workbook of one bureau is the naive calculation over its calls."""
    params = QUESTIONS["weeks with the change of the clocks"]
    bank = next(identity for identity, row in city.banks.items() if row["code"] == "BSL")
    with los_angeles_product.person("admin-bsl") as admin:
        file, as_of = ordered(los_angeles_product, admin, REPORT, params)
    asked = question(params, as_of, LOS_ANGELES, allowed=frozenset({bank}))
    assert_same(file, rolling_volume.answer(city, asked, "weekly"))


@pytest.mark.parametrize("granularity", ["daily", "weekly", "monthly"])
def test_every_cell_over_the_sample(sampled: Product, sample: World, granularity: str) -> None:
    """The same where the range holds the as-of date: a period that is not over, and some that have not begun."""
    today = datetime.now(KOLKATA).date()
    before = {"daily": 12, "weekly": 30, "monthly": 80}[granularity]
    params = _dates(today - timedelta(before), today + timedelta(9)) | {"granularity": granularity}
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    assert_same(file, rolling_volume.answer(sample, question(params, as_of, KOLKATA), granularity))
    later = datetime.fromisoformat(shown["dataAsOf"])
    assert_tiles(shown, rolling_volume.answer(sample, question(params, later, KOLKATA), granularity))


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
