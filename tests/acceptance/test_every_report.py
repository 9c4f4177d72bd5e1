"""Every report through the whole product: sheets, headings and tiles of the specification, and a preview that agrees.

Reports are found by listing, so a new one is held to the same promises; its headings stand in `headings.py`.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zipfile import ZipFile

import pytest

from dev.sample_files import params_of
from tests.acceptance.headings import HEADINGS, MAIN, TILES
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.acceptance.product import Person, Product
from tests.any_report import REPORT_IDS

_MOST_ROWS = 200  # of a sheet of a preview
_TODAY = datetime.now(UTC).date()
_FIRST, _LAST = _TODAY - timedelta(80), _TODAY + timedelta(2)
_DAYS = (_LAST - _FIRST).days + 1
_WITHOUT_CHANGES = {"call-details-activity", "pending-ageing"}  # what they tell is not of a period
_LIMITS = "urgent 60, high 120, medium 240, low 480"
SETTINGS_IN_FORMULAS = (
    ("call-summary", "SLA Met %", _LIMITS),
    ("call-summary", "On-Time %", "0 days after the scheduled date"),
    ("response-tat", "Within SLA %", f"{_LIMITS} minutes"),
    ("resolution-tat", "Target Met %", "installation 72, swap 48, maintenance 72, breakdown 24, deinstallation 96"),
    ("service-performance", "Best Score", "engineers with 5 or more completed calls"),
)
_asked = partial(params_of, first=_FIRST, last=_LAST)


@dataclass
class Shelf:
    """What one product made of each report; made once, whoever asks."""

    admin: Person
    workbooks: dict[str, Opened] = field(default_factory=dict)
    previews: dict[str, dict[str, Any]] = field(default_factory=dict)

    def workbook(self, report: str) -> Opened:
        """The workbook of the report."""
        if report not in self.workbooks:
            self.workbooks[report] = opened(self.admin.file(report, _asked(report), format="xlsx"))
        return self.workbooks[report]

    def preview(self, report: str) -> dict[str, Any]:
        """The preview of the report."""
        if report not in self.previews:
            answer = self.admin.request(report, _asked(report), isPreview=True)
            assert answer.status_code == 200, answer.text
            self.previews[report] = answer.json()
        return self.previews[report]


@pytest.fixture(name="shelf", scope="module")
def _shelf(sampled: Product) -> Iterator[Shelf]:
    with sampled.person("admin") as admin:
        yield Shelf(admin)


def test_the_catalogue_is_the_specification_s(sampled: Product) -> None:
    """The catalogue has the twelve reports of the specification and no other."""
    with sampled.person("admin") as admin:
        listed = admin.http.get("/functions/v1/reports").json()["reports"]
    assert sorted(each["id"] for each in listed if each["domain"] == "costar") == sorted(HEADINGS)


@pytest.mark.parametrize("report", REPORT_IDS)
def test_sheets_and_headings_are_the_specification_s(shelf: Shelf, report: str) -> None:
    """The workbook has these sheets with these headings, in this order."""
    found = {name: [str(cell) for cell in rows[0]] for name, rows in shelf.workbook(report).sheets.items()}
    assert list(found) == list(HEADINGS[report])
    wrong = {name: headings for name, headings in found.items() if not _fits(headings, HEADINGS[report][name])}
    assert wrong == {}


def _fits(found: Sequence[str], expected: str) -> bool:
    """Whether the headings are those expected, where `…` stands for any that the data decide."""
    ahead, more, behind = ([each for each in part.split(" | ") if each] for part in expected.partition("…"))
    if not more:
        return list(found) == ahead
    fits = list(found[: len(ahead)]) == ahead and list(found[len(found) - len(behind) :]) == behind
    return fits and len(found) >= len(ahead) + len(behind) and all(found)


@pytest.mark.parametrize("report", REPORT_IDS)
def test_tiles_are_the_specification_s(shelf: Shelf, report: str) -> None:
    """The tiles have these labels in this order, and so have their formulas on Export Info."""
    assert " | ".join(tile["label"] for tile in shelf.preview(report)["kpis"]) == TILES[report]
    items = [item for item, _ in shelf.workbook(report).info if item.startswith("Formula: ")]
    assert " | ".join(item.removeprefix("Formula: ") for item in items) == TILES[report]


@pytest.mark.parametrize(("report", "figure", "words"), SETTINGS_IN_FORMULAS)
def test_formulas_tell_the_settings_that_were_used(shelf: Shelf, report: str, figure: str, words: str) -> None:
    """Limits, targets, days of grace and the least sample stand on Export Info with the figures that depend on them."""
    assert words in shelf.workbook(report).told(f"Formula: {figure}")


@pytest.mark.parametrize("report", REPORT_IDS)
def test_csv_is_the_main_table(shelf: Shelf, report: str) -> None:
    """CSV holds the table that the specification marks, with as many rows as the workbook's sheet."""
    records = _records(shelf.admin.file(report, _asked(report)))
    rows = shelf.workbook(report).sheets[MAIN[report]]
    assert records[0] == [str(cell) for cell in rows[0]]
    assert len(records) == len(rows)


@pytest.mark.parametrize("report", REPORT_IDS)
def test_csv_of_every_sheet_is_the_workbook(shelf: Shelf, report: str) -> None:
    """The zip has a file for each sheet of the workbook, in its order, with the same headings, rows and texts."""
    with ZipFile(io.BytesIO(shelf.admin.file(report, _asked(report), csvSheets="all"))) as archive:
        told = json.loads(archive.read("manifest.json"))["files"]
        written = {file["sheet"]: _records(archive.read(file["name"])) for file in told}
    sheets = shelf.workbook(report).sheets
    assert list(written) == [*sheets, "Export Info"]
    for name, rows in sheets.items():
        assert written[name][0] == [str(cell) for cell in rows[0]]
        assert len(written[name]) == len(rows)
        assert [pair for pair in _texts(rows, written[name]) if pair[0] != pair[1].removeprefix("'")] == []
    assert [file["rows"] for file in told[:-1]] == [0 if _is_empty(rows) else len(rows) - 1 for rows in sheets.values()]


def _records(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _texts(rows: Sequence[Sequence[Any]], records: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The texts of the workbook's cells beside those of the CSV; links are signed anew for each file."""
    for row, record in zip(rows, records, strict=True):
        for cell, text in zip(row, record, strict=True):
            if isinstance(cell, str) and not cell.startswith("http"):
                yield cell, text


@pytest.mark.parametrize("report", REPORT_IDS)
def test_preview_is_the_workbook_s_beginning(shelf: Shelf, report: str) -> None:
    """The preview has every sheet with its columns, at most 200 rows of it, and the right number of rows in all."""
    shown, sheets = shelf.preview(report), shelf.workbook(report).sheets
    assert [sheet["name"] for sheet in shown["sheets"]] == list(sheets)
    for sheet in shown["sheets"]:
        rows = sheets[sheet["name"]]
        count = 0 if _is_empty(rows) else len(rows) - 1
        assert [column["label"] for column in sheet["columns"]] == [str(cell) for cell in rows[0]]
        assert (sheet["totalRows"], len(sheet["rows"])) == (count, min(count, _MOST_ROWS)), sheet["name"]
        assert sheet["truncated"] == (count > _MOST_ROWS)
        assert {len(row) for row in sheet["rows"]} <= {len(sheet["columns"])}
    assert shown["totalRows"] == sum(sheet["totalRows"] for sheet in shown["sheets"])
    assert shown["rowCount"] == sum(len(sheet["rows"]) for sheet in shown["sheets"])


def _is_empty(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether the sheet has no rows, which it says in its first cell."""
    return len(rows) == 2 and str(rows[1][0]).startswith("No ") and not any(rows[1][1:])


@pytest.mark.parametrize("report", REPORT_IDS)
def test_preview_shows_the_workbook_s_values(shelf: Shelf, report: str) -> None:
    """Texts and numbers of the preview's rows are those of the workbook's first rows, cell by cell."""
    sheets = shelf.workbook(report).sheets
    different = [
        (sheet["name"], column["label"], here, there)
        for sheet in shelf.preview(report)["sheets"]
        for row, written in zip(sheet["rows"], sheets[sheet["name"]][1:], strict=False)
        for column, here, there in zip(sheet["columns"], row, written, strict=True)
        if column["type"] in _COMPARED and not _is_same(here, there)
    ]
    assert different == []


@pytest.mark.parametrize("report", [each for each in REPORT_IDS if each not in _WITHOUT_CHANGES])
def test_changes_are_those_of_a_second_run_on_the_previous_dates(shelf: Shelf, report: str) -> None:
    """What the tiles give for the previous period is what the report gives when it is asked for those dates."""
    earlier = params_of(report, *(day - timedelta(_DAYS) for day in (_FIRST, _LAST)))
    before = shelf.admin.request(report, earlier, isPreview=True).json()
    told = [tile["previous"] for tile in shelf.preview(report)["kpis"]]
    again = [tile["value"] for tile in before["kpis"]]
    assert [pytest.approx(each) if isinstance(each, float) else each for each in told] == again
    assert any(told)


_COMPARED = {"text", "integer", "decimal", "minutes", "percent"}


def _is_same(shown: Any, written: Any) -> bool:
    """Open calls grow older between the two."""
    if isinstance(shown, int | float) and isinstance(written, int | float):
        return abs(shown - written) <= max(1.0, 1e-6 * abs(shown))
    return (shown or None) == (written or None)
