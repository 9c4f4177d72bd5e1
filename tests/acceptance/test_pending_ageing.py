"""Pending Call Ageing through the whole product: every cell, tile, chart and sum equals a second, naive calculation."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.comparing import KOLKATA, LOS_ANGELES, assert_headings, assert_same, assert_tiles, ordered
from tests.acceptance.oracle import pending_ageing
from tests.acceptance.oracle.records import Question, World
from tests.acceptance.product import Product

REPORT = "pending-ageing"


def _question(params: dict[str, Any], as_of: datetime, zone: ZoneInfo, **more: Any) -> Question:
    day = date.fromisoformat(params["asOfDate"]) if "asOfDate" in params else as_of.astimezone(zone).date()
    filters = {"client_bank": params["banks"]} if "banks" in params else {}
    return Question(day, day, as_of, zone, filters=filters, **more)


@pytest.mark.parametrize("day", ["2018-12-31", "2019-03-10", "2019-06-30"])
def test_every_cell_over_real_requests(los_angeles_product: Product, city: World, day: str) -> None:
    """All sheets, charts and reconciling sums as of past dates equal the naive calculation, on both databases."""
    params = {"asOfDate": day}
    with los_angeles_product.person("admin") as admin:
        file, as_of = ordered(los_angeles_product, admin, REPORT, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    answer = pending_ageing.answer(city, _question(params, as_of, LOS_ANGELES))
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert_headings(REPORT, file, shown)


def test_a_bank_admin_gets_the_figures_of_his_calls_only(los_angeles_product: Product, city: World) -> None:
    """The workbook of one bureau is the naive calculation over its calls."""
    params = {"asOfDate": "2018-12-31"}
    bank = next(identity for identity, row in city.banks.items() if row["code"] == "BSL")
    with los_angeles_product.person("admin-bsl") as admin:
        file, as_of = ordered(los_angeles_product, admin, REPORT, params)
    asked = _question(params, as_of, LOS_ANGELES, allowed=frozenset({bank}))
    assert_same(file, pending_ageing.answer(city, asked))


@pytest.mark.parametrize("filters", ["now", "a month ago", "banks", "minimum"])
def test_every_cell_over_the_sample(sampled: Product, sample: World, filters: str) -> None:
    """The same over the sample world, now and on a past date, with each filter."""
    a_month_ago = (datetime.now(KOLKATA).date() - timedelta(30)).isoformat()
    choices: dict[str, dict[str, Any]] = {
        "now": {},
        "a month ago": {"asOfDate": a_month_ago},
        "banks": {"banks": [min(sample.banks)]},
        "minimum": {"minDaysOpen": 3},
    }
    params = choices[filters]
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    least = params.get("minDaysOpen")
    assert_same(file, pending_ageing.answer(sample, _question(params, as_of, KOLKATA), least))
    later = datetime.fromisoformat(shown["dataAsOf"])
    assert_tiles(shown, pending_ageing.answer(sample, _question(params, later, KOLKATA), least))


def test_a_date_before_all_calls_says_so(sampled: Product, sample: World) -> None:
    """Nothing was open then: counts are 0, there is no oldest, and both sheets say why they are empty."""
    params = {"asOfDate": "1999-01-03"}
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
    answer = pending_ageing.answer(sample, _question(params, as_of, KOLKATA))
    assert_same(file, answer)
    assert [value for _, value, _ in answer.tiles] == [0, 0, 0, None, 0]


def test_the_file_tells_its_date(sampled: Product) -> None:
    """The file is named after the date, which may be given relative to the day of the run."""
    today = datetime.now(KOLKATA).date()
    with sampled.person("admin") as admin:
        names = [
            admin.request(REPORT, params).json()["filename"]
            for params in ({}, {"asOf": "due_date"}, {"asOf": "previous_day"}, {"asOfDate": "2020-02-29"})
        ]
    days = [today, today, today - timedelta(1), date(2020, 2, 29)]
    assert [name[:-11] for name in names] == [f"pending-ageing_asof-{day}" for day in days]


@pytest.mark.parametrize(
    "params",
    [
        {"asOf": "tomorrow"},
        {"asOf": "due_date", "asOfDate": "2020-02-29"},
        {"minDaysOpen": -1},
        {"minDaysOpen": "3"},
        {"asOfDate": (datetime.now(UTC).date() + timedelta(3)).isoformat()},
        {"dateFrom": "2020-02-29"},
    ],
)
def test_bad_parameters_are_refused(sampled: Product, params: dict[str, Any]) -> None:
    """A date to come, two dates at once, and numbers that are none are refused by name."""
    with sampled.person("admin") as admin:
        answer = admin.request(REPORT, params)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_PARAMETERS"), answer.text
