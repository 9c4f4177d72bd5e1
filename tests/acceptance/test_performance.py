"""Service Performance and Bounce Call through the whole product: every cell equals a second, naive calculation."""

from datetime import UTC, datetime, timedelta
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
from tests.acceptance.headings import HEADINGS, TILES
from tests.acceptance.oracle import bounce_call, service_performance
from tests.acceptance.oracle.records import World
from tests.acceptance.product import Product

REPORTS: dict[str, Any] = {"service-performance": service_performance, "bounce-call": bounce_call}
YEAR = {"dateFrom": "2018-01-01", "dateTo": "2018-12-31"}
NEXT_YEAR = {"dateFrom": "2019-01-01", "dateTo": "2019-12-31"}
both = pytest.mark.parametrize("report", REPORTS)


def _around() -> dict[str, str]:
    """A hundred days of the sample that end after today: work done, waiting, and not due yet."""
    today = datetime.now(UTC).date()
    return {"dateFrom": f"{today - timedelta(95)}", "dateTo": f"{today + timedelta(4)}"}


@both
@pytest.mark.parametrize("dates", [YEAR, NEXT_YEAR], ids=["2018", "2019"])
def test_every_cell_over_real_requests(
    los_angeles_product: Product, city: World, report: str, dates: dict[str, str]
) -> None:
    """All sheets, charts and reconciling sums of the workbook equal the naive calculation, on both databases."""
    with los_angeles_product.person("admin") as admin:
        file, as_of = ordered(los_angeles_product, admin, report, dates)
    assert_same(file, REPORTS[report].answer(city, question(dates, as_of, LOS_ANGELES)))


@both
def test_a_bank_admin_gets_the_figures_of_his_calls_only(
    los_angeles_product: Product, city: World, report: str
) -> None:
    """The workbook of one bureau is the naive calculation over its calls; no other bureau's name is in it."""
    bank = next(identity for identity, row in city.banks.items() if row["code"] == "BSL")
    with los_angeles_product.person("admin-bsl") as admin:
        file, as_of = ordered(los_angeles_product, admin, report, YEAR)
    asked = question(YEAR, as_of, LOS_ANGELES, allowed=frozenset({bank}))
    assert_same(file, REPORTS[report].answer(city, asked))
    shown = " ".join(str(cell) for rows in file.sheets.values() for row in rows for cell in row)
    assert not [row["name"] for other, row in city.banks.items() if other != bank and row["name"] in shown]


@both
@pytest.mark.parametrize("choice", ["all", "one bank"])
def test_every_cell_over_the_sample(sampled: Product, sample: World, report: str, choice: str) -> None:
    """The same over the sample world, with its tiles, and those of the previous period."""
    params = _around() | ({} if choice == "all" else {"banks": [min(sample.banks)]})
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, report, params)
        shown = admin.request(report, params, isPreview=True).json()
    answer = REPORTS[report].answer(sample, question(params, as_of, KOLKATA))
    assert_same(file, answer)
    assert_tiles(shown, answer)


@pytest.mark.parametrize("name", ["engineers", "regions"])
def test_filters_by_engineer_and_by_region(sampled: Product, sample: World, name: str) -> None:
    """Only the calls of the engineers asked for, or of those of the regions, are in Service Performance."""
    known = {each["id"]: each["region"] for each in sample.people.values() if each["role"] == "engineer"}
    regions = sorted(set(known.values()))[:2]
    engineers = sorted(known)[:5] if name == "engineers" else [each for each in known if known[each] in regions]
    asked = _around() | {name: regions if name == "regions" else engineers}
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, "service-performance", asked)
    only = question(_around() | {"engineers": engineers}, as_of, KOLKATA)
    assert_same(file, service_performance.answer(sample, only))
    assert len(file.sheets["Summary"]) > 2


def test_headings_of_service_performance(sampled: Product) -> None:
    """Sheets, columns and tiles are those of the specification."""
    with sampled.person("admin") as admin:
        file, _ = ordered(sampled, admin, "service-performance", _around())
        shown = admin.request("service-performance", _around(), isPreview=True).json()
    assert_headings("service-performance", file, shown)


def test_headings_of_bounce_call(sampled: Product) -> None:
    """The same of Bounce Call, whose summary has a column for each of the six reasons."""
    with sampled.person("admin") as admin:
        file, _ = ordered(sampled, admin, "bounce-call", _around())
        shown = admin.request("bounce-call", _around(), isPreview=True).json()
    reasons = " | ".join(bounce_call.REASONS.values())
    assert {name: " | ".join(rows[0]).replace(reasons, "…") for name, rows in file.sheets.items()} == HEADINGS[
        "bounce-call"
    ]
    assert " | ".join(tile["label"] for tile in shown["kpis"]) == TILES["bounce-call"]


@both
def test_an_empty_range_says_so(sampled: Product, sample: World, report: str) -> None:
    """Without calls, counts are 0, rates and averages blank, and the sheets say why."""
    params = {"dateFrom": "1999-01-01", "dateTo": "1999-01-03"}
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, report, params)
        shown = admin.request(report, params, isPreview=True).json()
        csv = admin.file(report, params).decode("utf-8-sig")
    answer = REPORTS[report].answer(sample, question(params, as_of, KOLKATA))
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert {tile["value"] for tile in shown["kpis"]} == {0, None}
    assert csv.splitlines()[1].startswith('"No calls match these filters (')


@both
def test_export_info_tells_every_formula(sampled: Product, report: str) -> None:
    """Each tile's formula stands on Export Info, with the number of calls from which on engineers have a rank."""
    with sampled.person("admin") as admin:
        file, _ = ordered(sampled, admin, report, _around())
    told = {item.removeprefix("Formula: "): value for item, value in file.info if item.startswith("Formula: ")}
    assert " | ".join(told) == TILES[report]
    assert "engineers with 5 or more completed calls" in told.get(
        "Best Score", "engineers with 5 or more completed calls"
    )
