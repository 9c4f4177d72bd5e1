"""Call Summary through the whole product: every cell, tile, chart and sum equals a second, naive calculation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.acceptance.comparing import KOLKATA, LOS_ANGELES, assert_same, assert_tiles, question
from tests.acceptance.oracle import call_summary
from tests.acceptance.oracle.records import World
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.acceptance.product import Person, Product

YEAR = {"dateFrom": "2018-01-01", "dateTo": "2018-12-31"}
NEXT_YEAR = {"dateFrom": "2019-01-01", "dateTo": "2019-12-31"}
QUESTIONS: dict[str, dict[str, Any]] = {
    "the days of the data": {"dateFrom": "2018-12-24", "dateTo": "2019-01-06"},
    "a year before most of the data": YEAR,
    "a year with both changes of the clocks": NEXT_YEAR,
    "some states and priorities": NEXT_YEAR | {"status": ["completed", "pending"], "priority": ["urgent", "low"]},
    "one day": {"dateFrom": "2019-01-02", "dateTo": "2019-01-02"},
}


def _file(person: Person, params: Mapping[str, Any]) -> Opened:
    return opened(person.file("call-summary", params, format="xlsx"))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_cell_over_real_requests(los_angeles_product: Product, city: World, name: str) -> None:
    """All sheets, charts and reconciling sums of the workbook equal the naive calculation, on both databases."""
    with los_angeles_product.person("admin") as admin:
        file = _file(admin, QUESTIONS[name])
    asked = question(QUESTIONS[name], file.as_of(LOS_ANGELES), LOS_ANGELES)
    assert_same(file, call_summary.answer(city, asked))


def test_tiles_over_real_requests(los_angeles_product: Product, city: World) -> None:
    """Every tile of the preview has its value and that of the previous period."""
    with los_angeles_product.person("admin") as admin:
        shown = admin.request("call-summary", NEXT_YEAR, isPreview=True).json()
    asked = question(NEXT_YEAR, datetime.fromisoformat(shown["dataAsOf"]), LOS_ANGELES)
    assert_tiles(shown, call_summary.answer(city, asked))


def test_a_bank_admin_gets_the_figures_of_his_calls_only(los_angeles_product: Product, city: World) -> None:
    """The workbook of one bureau is the naive calculation over its calls; no other bureau's name is in it."""
    bank = next(identity for identity, row in city.banks.items() if row["code"] == "BSL")
    with los_angeles_product.person("admin-bsl") as admin:
        file = _file(admin, YEAR)
    asked = question(YEAR, file.as_of(LOS_ANGELES), LOS_ANGELES, allowed=frozenset({bank}))
    assert_same(file, call_summary.answer(city, asked))
    assert [row[0] for row in file.sheets["By Bank"]] == ["Bank", city.banks[bank]["name"], "Total"]


def _around(world: World) -> dict[str, str]:
    """Thirty days before the newest call but ten days, and those ten: work done, waiting, and not due yet."""
    days = sorted({call["scheduled_date"] for call in world.calls if call["scheduled_date"]})
    return {"dateFrom": days[-40].isoformat(), "dateTo": days[-1].isoformat()}


@pytest.mark.parametrize("filters", ["", "banks", "priority"])
def test_every_cell_over_the_sample(sampled: Product, sample: World, filters: str) -> None:
    """The same over the sample world, which has calls without bank, priority or times, and calls still to come."""
    bank = min(sample.banks)
    more: dict[str, Any] = {"": {}, "banks": {"banks": [bank]}, "priority": {"priority": ["high"]}}[filters]
    params = _around(sample) | more
    with sampled.person("admin") as admin:
        file = _file(admin, params)
        shown = admin.request("call-summary", params, isPreview=True).json()
    answer = call_summary.answer(sample, question(params, file.as_of(KOLKATA), KOLKATA))
    assert_same(file, answer)
    assert_tiles(
        shown, call_summary.answer(sample, question(params, datetime.fromisoformat(shown["dataAsOf"]), KOLKATA))
    )


def test_an_empty_range_says_so(sampled: Product, sample: World) -> None:
    """Without calls, counts are 0, rates and averages are blank, every day stands there, and the pivots say why."""
    params = {"dateFrom": "1999-01-01", "dateTo": "1999-01-03"}
    with sampled.person("admin") as admin:
        file = _file(admin, params)
        csv = admin.file("call-summary", params).decode("utf-8-sig")
    answer = call_summary.answer(sample, question(params, file.as_of(KOLKATA), KOLKATA))
    assert_same(file, answer)
    assert answer.sheets["Summary"][1][:12] == [0] * 6 + [None] * 4 + [0] * 2
    assert csv.splitlines()[1].startswith('"No calls match these filters (')


def test_the_file_of_one_table_is_the_status_by_bank(sampled: Product, sample: World) -> None:
    """A CSV holds the pivot By Status."""
    params = _around(sample)
    with sampled.person("admin") as admin:
        csv = admin.file("call-summary", params).decode("utf-8-sig")
        sheet = _file(admin, params).sheets["By Status"]
    assert [line.split(",") for line in csv.splitlines()] == [[str(cell) for cell in row] for row in sheet]


def test_export_info_tells_every_formula(sampled: Product, sample: World) -> None:
    """Each tile's formula stands on Export Info, with the limits and the days of grace that were used."""
    with sampled.person("admin") as admin:
        file = _file(admin, _around(sample))
    told = [item.removeprefix("Formula: ") for item, _ in file.info if item.startswith("Formula: ")]
    assert told == call_summary.SUMMARY
    assert "urgent 60, high 120, medium 240, low 480" in file.told("Formula: SLA Met %")
    assert "0 days after the scheduled date" in file.told("Formula: On-Time %")
