"""Response TAT and Resolution TAT through the whole product: every cell equals a second, naive calculation."""

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
from tests.acceptance.oracle import resolution_tat, response_tat
from tests.acceptance.oracle.records import World
from tests.acceptance.product import Product

REPORTS = {"response-tat": response_tat, "resolution-tat": resolution_tat}
YEAR = {"dateFrom": "2018-01-01", "dateTo": "2018-12-31"}
NEXT_YEAR = {"dateFrom": "2019-01-01", "dateTo": "2019-12-31"}
FILTERS: dict[str, Any] = {"response-tat": {"priority": ["urgent", "low"]}, "resolution-tat": {"callType": ["swap"]}}
both = pytest.mark.parametrize("report", REPORTS)


def _around() -> dict[str, str]:
    """Sixty days of the sample that end after today: work done, waiting, and not due yet."""
    today = datetime.now(UTC).date()
    return {"dateFrom": f"{today - timedelta(55)}", "dateTo": f"{today + timedelta(5)}"}


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
@pytest.mark.parametrize("choice", ["all", "one bank", "filtered"])
def test_every_cell_over_the_sample(sampled: Product, sample: World, report: str, choice: str) -> None:
    """The same over the sample world, with its tiles, and those of the previous period, and the headings."""
    more = {"all": {}, "one bank": {"banks": [min(sample.banks)]}, "filtered": FILTERS[report]}[choice]
    params = _around() | more
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, report, params)
        shown = admin.request(report, params, isPreview=True).json()
    answer = REPORTS[report].answer(sample, question(params, as_of, KOLKATA))
    assert as_of.astimezone(KOLKATA).replace(microsecond=0) == file.as_of(KOLKATA)
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert_headings(report, file, shown)


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
    """Each tile's formula stands on Export Info, with the limits or targets that were used."""
    with sampled.person("admin") as admin:
        file, _ = ordered(sampled, admin, report, _around())
    told = {item.removeprefix("Formula: "): value for item, value in file.info if item.startswith("Formula: ")}
    assert list(told) == REPORTS[report].TILES
    limits = {
        "response-tat": ("Within SLA %", "urgent 60, high 120, medium 240, low 480 minutes"),
        "resolution-tat": ("Target Met %", "installation 72, swap 48, maintenance 72, breakdown 24, deinstallation 96"),
    }
    figure, words = limits[report]
    assert words in told[figure]
