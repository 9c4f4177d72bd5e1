"""Call Details as a workbook: every cell, tile, chart and sum equals a second, naive calculation."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.comparing import (
    KOLKATA,
    LOS_ANGELES,
    assert_headings,
    assert_same,
    assert_tiles,
    question,
    url_of,
)
from tests.acceptance.oracle import call_details
from tests.acceptance.oracle.records import World, newest_as_of
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.acceptance.product import Person, Product

REPORT = "call-details"
DAYS = {"dateFrom": "2018-12-31", "dateTo": "2019-01-06"}
TODAY = datetime.now(UTC).date()
MONTH = {"dateFrom": f"{TODAY - timedelta(30)}", "dateTo": f"{TODAY + timedelta(5)}"}
_PHOTOS = 27  # the column of the links


def _file(product: Product, person: Person, params: Mapping[str, Any]) -> tuple[Opened, datetime, str]:
    """The workbook, its instant, and the address of the web page that its photos are on."""
    file = opened(person.file(REPORT, params, format="xlsx", photoLinks="app"))
    links = [str(row[_PHOTOS]) for row in file.sheets["Call Details"][1:] if row[_PHOTOS]]
    return file, newest_as_of(url_of(product), REPORT), links[0].partition("/photos/")[0] if links else ""


@pytest.mark.parametrize("more", [{}, {"status": ["completed"], "callType": ["swap"]}], ids=["all", "filtered"])
def test_every_cell_over_real_requests(los_angeles_product: Product, city: World, more: dict[str, list[str]]) -> None:
    """Rows, charts and reconciling sums over the days around a new year, on both databases."""
    with los_angeles_product.person("admin") as admin:
        file, as_of, page = _file(los_angeles_product, admin, DAYS | more)
    assert_same(file, call_details.answer(city, question(DAYS | more, as_of, LOS_ANGELES), page))


@pytest.mark.parametrize("choice", ["all", "one bank", "an engineer"])
def test_every_cell_over_the_sample(sampled: Product, sample: World, choice: str) -> None:
    """The same over the sample world, with photos, missing values, tiles, previous period and headings."""
    engineer = next(call["assigned_engineer"] for call in reversed(sample.calls) if call["assigned_engineer"])
    more: dict[str, Any] = {"one bank": {"banks": [min(sample.banks)]}, "an engineer": {"engineers": [engineer]}}
    params = MONTH | more.get(choice, {})
    with sampled.person("admin") as admin:
        file, as_of, page = _file(sampled, admin, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    answer = call_details.answer(sample, question(params, as_of, KOLKATA), page)
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert_headings(REPORT, file, shown)
