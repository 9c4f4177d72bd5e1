"""Call Type Specific through the whole product: every cell of every type equals a second, naive calculation."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.acceptance.comparing import KOLKATA, assert_same, assert_tiles, ordered, question
from tests.acceptance.headings import HEADINGS, TILES, TYPE_COLUMNS
from tests.acceptance.oracle import call_type_specific
from tests.acceptance.oracle.records import World
from tests.acceptance.product import Product

REPORT = "call-type-specific"
TYPES = ("installation", "swap", "maintenance", "breakdown", "deinstallation")
CITY_DATES = {"dateFrom": "2018-12-20", "dateTo": "2019-01-20"}


def _asked(call_type: str, dates: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return {**dates, "selectedCallType": call_type, **more}


def _months(world: World) -> dict[str, str]:
    """The last three months with calls, work to come among them."""
    days = sorted({call["scheduled_date"] for call in world.calls if call["scheduled_date"]})
    return {"dateFrom": days[-90].isoformat(), "dateTo": days[-1].isoformat()}


@pytest.mark.parametrize("call_type", TYPES)
def test_every_cell_over_the_sample(sampled: Product, sample: World, call_type: str) -> None:
    """The same over the sample world, with devices, photos and findings; headings are the specification's."""
    params = _asked(call_type, _months(sample))
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    answer = call_type_specific.answer(sample, question(params, as_of, KOLKATA))
    assert_same(file, answer)
    assert_tiles(shown, answer)
    expected = {sheet: told.replace("…", TYPE_COLUMNS[call_type]) for sheet, told in HEADINGS[REPORT].items()}
    assert {name: " | ".join(rows[0]) for name, rows in file.sheets.items()} == expected
    assert " | ".join(tile["label"] for tile in shown["kpis"]) == TILES[REPORT]


def test_a_filter_by_bank(sampled: Product, sample: World) -> None:
    """With a bank asked for, the whole workbook is about its calls."""
    params = _asked("installation", _months(sample), banks=[min(sample.banks)])
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
    assert_same(file, call_type_specific.answer(sample, question(params, as_of, KOLKATA)))
    assert {row[3] for row in file.sheets["Details"][1:]} == {sample.banks[min(sample.banks)]["name"]}


def test_photo_cells_lead_to_the_first_picture(sampled: Product, sample: World) -> None:
    """A cell "View Photos (n)" is a link; one that says "No photos" is none; the names are told on hovering."""
    with sampled.person("admin") as admin:
        book: Any = load_workbook(
            io.BytesIO(admin.file(REPORT, _asked("swap", _months(sample)), format="xlsx")),
        )
    sheet = book["Details"]
    column = [cell.value for cell in sheet[1]].index("Photos (Before/After)")
    cells = [row[column] for row in sheet.iter_rows(min_row=2)]
    linked = [cell for cell in cells if cell.hyperlink]
    assert {cell.value for cell in cells if not cell.hyperlink} == {"No photos"}
    assert linked
    assert all(cell.value.startswith("View Photos (") for cell in linked)
    assert all(cell.hyperlink.target.startswith("http") for cell in linked)
    assert all(cell.hyperlink.tooltip.count(".jp") == int(cell.value[13:-1]) for cell in linked)


def test_the_type_has_to_be_named(sampled: Product) -> None:
    """A request without one of the five types is refused by the parameter's name."""
    with sampled.person("admin") as admin:
        answers = [admin.request(REPORT, {**CITY_DATES, **more}) for more in ({}, {"selectedCallType": "visit"})]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("selectedCallType" in answer.text for answer in answers)
