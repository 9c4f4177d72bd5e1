"""Reports through the whole product: every cell, tile, chart and sum equals a second, naive calculation.

What a report promises beyond that is tested in a file of its own.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dev.sample_files import params_of
from tests.acceptance.comparing import (
    KOLKATA,
    LOS_ANGELES,
    assert_headings,
    assert_same,
    assert_tiles,
    ordered,
    question,
)
from tests.acceptance.oracle.every_report import answer
from tests.acceptance.oracle.records import World
from tests.acceptance.oracle.workbooks import Opened
from tests.acceptance.product import Product
from tests.any_report import REPORT_IDS

Params = Mapping[str, Any]
_TODAY = datetime.now(UTC).date()
_A_BANK, _AN_ENGINEER = "a bank of the sample", "an engineer of the sample"  # their ids are known when it is there


def _dates(first: str, last: str, **more: Any) -> Params:
    return {"dateFrom": first, "dateTo": last, **more}


def _around(behind: int, ahead: int, **more: Any) -> Params:
    """Days of the sample from before today until after it: work done, waiting, and not due yet."""
    return _dates(f"{_TODAY - timedelta(behind)}", f"{_TODAY + timedelta(ahead)}", **more)


def _each(questions: Mapping[str, Mapping[str, Params]]) -> pytest.MarkDecorator:
    """A test for each question to each report on SQLite, and for the last to each on PostgreSQL."""
    named = [(report, name, params) for report, asked in questions.items() for name, params in asked.items()]
    last = [(report, *list(asked.items())[-1]) for report, asked in questions.items()]
    every = [("sqlite", *each) for each in named] + [("postgresql", *each) for each in last]
    tests = [pytest.param(kind, report, params, id=f"{kind}-{report}, {name}") for kind, report, name, params in every]
    return pytest.mark.parametrize(("database_kind", "report", "params"), tests, indirect=["database_kind"])


YEAR, NEXT_YEAR = _dates("2018-01-01", "2018-12-31"), _dates("2019-01-01", "2019-12-31")
YEARS = {"before most of the data": YEAR, "with both changes of the clocks": NEXT_YEAR}
WEEK = _dates("2018-12-31", "2019-01-06")
MONTH = _dates("2018-12-20", "2019-01-20")
REAL_REQUESTS: Mapping[str, Mapping[str, Params]] = {
    "call-summary": {
        **YEARS,
        "the days of the data": _dates("2018-12-24", "2019-01-06"),
        "one day": _dates("2019-01-02", "2019-01-02"),
        "some states and priorities": {**NEXT_YEAR, "status": ["completed", "pending"], "priority": ["urgent", "low"]},
    },
    "call-details": {"all": WEEK, "filtered": {**WEEK, "status": ["completed"], "callType": ["swap"]}},
    "call-details-fsp": {"around a new year": _dates("2018-12-31", "2019-01-02")},
    "call-details-activity": {"one day": _dates("2019-01-02", "2019-01-02")},
    "call-type-specific": {each: {**MONTH, "selectedCallType": each} for each in ("installation", "breakdown")},
    "rolling-volume": {
        "days around the turn of the year": _dates("2018-12-24", "2019-01-06", granularity="daily"),
        "weeks with the change of the clocks": _dates("2019-02-06", "2019-03-14", granularity="weekly"),
        "months of a year, the last one cut": _dates("2018-06-01", "2019-05-17", granularity="monthly"),
    },
    "service-performance": YEARS,
    "response-tat": YEARS,
    "resolution-tat": YEARS,
    "bounce-call": YEARS,
    "pending-ageing": {f"as of {day}": {"asOfDate": day} for day in ("2018-12-31", "2019-03-10", "2019-06-30")},
}
SAMPLE: Mapping[str, Mapping[str, Params]] = {
    "call-summary": {
        "all": _around(30, 9),
        "a bank": _around(30, 9, banks=[_A_BANK]),
        "a priority": _around(30, 9, priority=["high"]),
    },
    "call-details": {
        "all": _around(30, 5),
        "a bank": _around(30, 5, banks=[_A_BANK]),
        "an engineer": _around(30, 5, engineers=[_AN_ENGINEER]),
    },
    "call-details-fsp": {"all": _around(20, 4), "a bank": _around(20, 4, banks=[_A_BANK])},
    "rolling-volume": {
        "days": _around(12, 9, granularity="daily"),
        "weeks": _around(30, 9, granularity="weekly"),
        "months": _around(80, 9, granularity="monthly"),
    },
    "service-performance": {"all": _around(95, 4), "a bank": _around(95, 4, banks=[_A_BANK])},
    "response-tat": {
        "all": _around(55, 5),
        "a bank": _around(55, 5, banks=[_A_BANK]),
        "some priorities": _around(55, 5, priority=["urgent", "low"]),
    },
    "resolution-tat": {
        "all": _around(55, 5),
        "a bank": _around(55, 5, banks=[_A_BANK]),
        "a type": _around(55, 5, callType=["swap"]),
    },
    "bounce-call": {"all": _around(95, 4), "a bank": _around(95, 4, banks=[_A_BANK])},
    "pending-ageing": {
        "now": {},
        "a month ago": {"asOfDate": f"{_TODAY - timedelta(30)}"},
        "a bank": {"banks": [_A_BANK]},
        "open for three days": {"minDaysOpen": 3},
    },
}
# The tiles over nothing: counts are 0, rates and averages blank.
NOTHING: Mapping[str, list[int | None]] = {
    "call-summary": [*[0] * 6, *[None] * 4, 0, 0],
    "call-details": [0, 0, None, None, None, None],
    "call-details-fsp": [0, 0, None],
    "call-type-specific": [0, 0, 0, 0, None, None, None, None, None, 0],
    "call-details-activity": [0, 0, 0, 0],
    "service-performance": [0, 0, None, None, None, None],
    "response-tat": [0, None, None, None, None, 0],
    "resolution-tat": [0, None, None, None, None],
    "bounce-call": [0, None, 0, None],
    "pending-ageing": [0, 0, 0, None, 0],
    "post-installation-survey": [0, None, None, None],
}


def _made(product: Product, report: str, params: Params) -> tuple[Opened, datetime, Mapping[str, Any]]:
    """The workbook, its instant, and then the preview; photos lead to the web page where each has a link."""
    output = {"photoLinks": "app"} if report in {"call-details", "call-details-activity"} else {}
    with product.person("admin") as admin:
        file, as_of = ordered(product, admin, report, params, **output)
        return file, as_of, admin.request(report, params, isPreview=True).json()


@_each(REAL_REQUESTS)
def test_every_cell_over_real_requests(los_angeles_product: Product, city: World, report: str, params: Params) -> None:
    """Sheets, charts, sums and tiles over real requests equal the naive calculation."""
    file, as_of, shown = _made(los_angeles_product, report, params)
    expected = answer(report, params, city, question(params, as_of, LOS_ANGELES), file.photo_page)
    assert_same(file, expected)
    assert_tiles(shown, expected)
    assert_headings(report, file, shown)


@pytest.mark.parametrize("report", REPORT_IDS)
def test_a_bank_admin_gets_the_figures_of_his_calls_only(
    los_angeles_product: Product, city: World, report: str
) -> None:
    """The workbook of one bureau is the naive calculation over its calls; no other bureau's name is in it."""
    bank = next(identity for identity, row in city.banks.items() if row["code"] == "BSL")
    params = params_of(report, date(2018, 1, 1), date(2018, 12, 31), granularity="weekly", asOfDate="2018-12-31")
    with los_angeles_product.person("admin-bsl") as admin:
        file, as_of = ordered(los_angeles_product, admin, report, params)
    asked = question(params, as_of, LOS_ANGELES, allowed=frozenset({bank}))
    assert_same(file, answer(report, params, city, asked, file.photo_page))
    shown = " ".join(str(cell) for rows in file.sheets.values() for row in rows for cell in row)
    assert not [row["name"] for other, row in city.banks.items() if other != bank and row["name"] in shown]


@_each(SAMPLE)
def test_every_cell_over_the_sample(sampled: Product, sample: World, report: str, params: Params) -> None:
    """The same over the sample world, with photos, missing values, work still to come, and each report's filters."""
    engineer = next(call["assigned_engineer"] for call in reversed(sample.calls) if call["assigned_engineer"])
    known = {"banks": [min(sample.banks)], "engineers": [engineer]}
    asked = {**params, **{name: known[name] for name in known if name in params}}
    file, as_of, shown = _made(sampled, report, asked)
    later = datetime.fromisoformat(shown["dataAsOf"])  # open calls have grown older, some beyond their limits
    now, then = (answer(report, asked, sample, question(asked, at, KOLKATA), file.photo_page) for at in (as_of, later))
    assert as_of.astimezone(KOLKATA).replace(microsecond=0) == file.as_of(KOLKATA)
    assert_same(file, now)
    assert_tiles(shown, then)
    assert_headings(report, file, shown)


@pytest.mark.parametrize("report", NOTHING)
def test_an_empty_range_says_so(sampled: Product, sample: World, report: str) -> None:
    """Without calls, counts are 0, rates and averages blank, and the sheets say why, as a CSV does."""
    params = params_of(report, date(1999, 1, 1), date(1999, 1, 3), asOfDate="1999-01-03")
    file, as_of, shown = _made(sampled, report, params)
    expected = answer(report, params, sample, question(params, as_of, KOLKATA), file.photo_page)
    assert_same(file, expected)
    assert_tiles(shown, expected)
    assert [tile["value"] for tile in shown["kpis"]] == NOTHING[report]
    with sampled.person("admin") as admin:
        csv = admin.file(report, params).decode("utf-8-sig")
    assert csv.splitlines()[1].removeprefix('"').startswith("No calls match these filters (")
