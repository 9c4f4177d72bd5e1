"""Every report over calls at the edges: none, one, without photos, without values, with long, foreign or hostile texts.

Each kind of call has a bank of its own, which is asked for; what stands in the opened files is compared with what was
planted.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from sqlalchemy import Table, insert

from dev.sample_files import params_of
from shared.document import CUT_MARK, MAX_TEXT, clean_text
from shared.ports import Services
from shared.tables import CALL_STATUSES, CALL_TYPES, EVENT_TYPES, call_events, calls, customer_surveys, photos
from tests.any_report import REPORT_IDS, Desk
from tests.telltales import plant
from tests.world import DAY, MORNING, World

PLAIN = "plain"
HOSTILE = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.invalid")'),
    *("<script>", "&amp;", "]]>", '"quoted"', "'", "a,b", "a;b", "a\nb", "_x0041_", "{0}", "%s", "#N/A"),
    *("\x0bx", "\ufffe", "\u202etxt", "00123", "1E5", "TRUE", "2026-03-10"),
)
_NAMES = {kind: kind for kind in ("none", "one", "without photos", "nulls", PLAIN, "scripts", "long")}
_NAMES["hostile"] = "=1+1 bank"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def _scripts() -> str:
    """One letter of every script that Python's Unicode knows, told by the first word of its name."""
    found: dict[str, str] = {}
    for code in range(0x21, 0x1FBFF):
        letter = chr(code)
        if unicodedata.category(letter)[0] == "L":
            found.setdefault(unicodedata.name(letter, "").partition(" ")[0], letter)
    return "".join(found.values()) + "e\N{COMBINING ACUTE ACCENT}\N{MAN}\N{ZERO WIDTH JOINER}\N{ROCKET}"


@dataclass(frozen=True)
class Banks:
    """The desk, and the bank of each kind of call."""

    desk: Desk
    ids: Mapping[str, str]
    books: dict[tuple[str, str], Any] = field(default_factory=dict)

    def workbook(self, kind: str, report: str) -> Any:
        """The opened workbook of a report over the calls of one kind; made once."""
        if (kind, report) not in self.books:
            self.books[kind, report] = load_workbook(io.BytesIO(self.file(kind, report, "xlsx")))
        return self.books[kind, report]

    def file(self, kind: str, report: str, file_format: str) -> bytes:
        """The file of a report over the calls of one kind."""
        return self.desk.file(report, self.params(kind, report), file_format)

    def params(self, kind: str, report: str) -> dict[str, Any]:
        """The dates of the calls and the bank of this kind."""
        return params_of(report, DAY, DAY, banks=[self.ids[kind]])

    def cells(self, kind: str, report: str) -> list[Cell]:
        """Every cell of the report's sheets but Export Info, headings included."""
        sheets = [sheet for sheet in self.workbook(kind, report).worksheets if sheet.title != "Export Info"]
        return [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value is not None]

    def texts(self, kind: str, report: str) -> list[str]:
        """The texts of those cells."""
        return [cell.value for cell in self.cells(kind, report) if isinstance(cell.value, str)]


def _nulls(services: Services, world: World, bank: str) -> None:
    """A call in each state without any value that may be missing, with events, a photo and a survey as bare as it."""
    engineer = world.engineer(bank, phone=None, region=None, email=None)
    for status in CALL_STATUSES:
        for kind in CALL_TYPES:
            call = world.call(bank, **_bare(calls), status=status, type=kind, assigned_engineer=engineer)
            for event in EVENT_TYPES:
                world.event(call, event, **_bare(call_events))
            world.photo(call, **_bare(photos))
            survey = {"id": call, "call_id": call, "survey_date": MORNING, "created_at": MORNING}
            with services.costar.transaction() as connection:
                connection.execute(insert(customer_surveys).values(**survey))


def _bare(table: Table) -> dict[str, Any]:
    kept = {"scheduled_date", "client_bank", "assigned_engineer"}
    return {column.name: None for column in table.columns if column.nullable and column.name not in kept}


@pytest.fixture(name="banks", scope="module")
def _banks(shared_services: Services, shared_world: World) -> Banks:
    ids = {kind: shared_world.bank(name, code=name) for kind, name in _NAMES.items()}
    plant(shared_services, shared_world, ids["one"], "one")
    _nulls(shared_services, shared_world, ids["nulls"])
    engineer = shared_world.engineer(ids["without photos"])
    shared_world.call(ids["without photos"], status="completed", assigned_engineer=engineer, completed_at=MORNING)
    plant(shared_services, shared_world, ids[PLAIN], PLAIN)
    plant(shared_services, shared_world, ids["scripts"], _scripts())
    for word in HOSTILE:
        plant(shared_services, shared_world, ids["hostile"], word)
    long = dict.fromkeys(("description", "resolution_notes"), "x" * 40_000)
    plant(shared_services, shared_world, ids["long"], "long" * 100, **long)
    return Banks(Desk(shared_services), ids)


def _tags(banks: Banks, report: str) -> set[str]:
    """The columns whose texts a report shows, told by the call whose texts are plain."""
    texts = banks.texts(PLAIN, report)
    return {text.rpartition(f"{PLAIN} ")[2] for text in texts if f"{PLAIN} " in text and "\n" not in text}


@pytest.mark.parametrize("report", REPORT_IDS)
def test_an_empty_result_is_a_valid_file(banks: Banks, report: str) -> None:
    """Without calls the main table says so and lists the filters, in both formats and in the preview's count."""
    texts = banks.texts("none", report)
    assert [text for text in texts if text.startswith("No ") and "Banks: none" in text]
    first = list(csv.reader(io.StringIO(banks.file("none", report, "csv").decode("utf-8-sig"), newline="")))[1]
    shown = banks.desk.preview(report, banks.params("none", report))
    assert [sheet["name"] for sheet in shown["sheets"]]
    assert first[0].startswith("No ") or any(sheet["totalRows"] for sheet in shown["sheets"])
    assert {tile["value"] for tile in shown["kpis"]} <= {0, None, ""}


@pytest.mark.parametrize("report", REPORT_IDS)
def test_one_row(banks: Banks, report: str) -> None:
    """One call gives its one row, and figures over it that are no error."""
    shown = banks.desk.preview(report, banks.params("one", report))
    assert json.dumps(shown, allow_nan=False)
    assert banks.workbook("one", report).sheetnames[-1] == "Export Info"


@pytest.mark.parametrize("report", REPORT_IDS)
def test_a_call_without_photos_has_no_link(banks: Banks, report: str) -> None:
    """No cell links anywhere, and none is said to have photos."""
    cells = banks.cells("without photos", report)
    assert [cell.value for cell in cells if cell.hyperlink is not None] == []
    assert [cell.value for cell in cells if str(cell.value).startswith("View Photos")] == []


@pytest.mark.parametrize("report", REPORT_IDS)
def test_nulls_everywhere(banks: Banks, report: str) -> None:
    """Calls of every state and type without a value that may be missing pass, and no cell says None or nan."""
    assert {"None", "nan", "NaT", "null"}.isdisjoint(banks.texts("nulls", report))
    records = csv.reader(io.StringIO(banks.file("nulls", report, "csv").decode("utf-8-sig"), newline=""))
    assert {"None", "nan", "null"}.isdisjoint(cell for record in records for cell in record)
    assert json.dumps(banks.desk.preview(report, banks.params("nulls", report)), allow_nan=False)


@pytest.mark.parametrize("report", REPORT_IDS)
def test_long_texts(banks: Banks, report: str) -> None:
    """A text too long for a cell ends in the mark and is counted on Export Info; no cell is longer than it may be."""
    texts = banks.texts("long", report)
    assert max(len(text) for text in texts) <= MAX_TEXT
    cut = [text for text in texts if text.endswith(CUT_MARK)]
    info = {row[0]: row[1] for row in banks.workbook("long", report)["Export Info"].iter_rows(values_only=True)}
    assert int(info.get("Texts cut at the cell limit", 0)) == len(cut)
    assert bool(cut) == bool({"description", "resolution_notes"} & _tags(banks, report))


@pytest.mark.parametrize("report", REPORT_IDS)
def test_every_script(banks: Banks, report: str) -> None:
    """Texts of every script of Unicode come out as they went in, in both formats."""
    shown = "\n".join(banks.texts("scripts", report))
    written = banks.file("scripts", report, "csv").decode("utf-8-sig")
    scripts = _scripts()
    missing = {tag for tag in _tags(banks, report) if scripts[:20] not in shown or f" {tag}" not in shown}
    assert missing == set()
    if "description" in _tags(banks, report):
        assert f"{scripts} description" in shown
    assert ("\N{REPLACEMENT CHARACTER}" in shown, "\N{REPLACEMENT CHARACTER}" in written) == (False, False)


@pytest.mark.parametrize("report", REPORT_IDS)
def test_hostile_texts_stay_texts(banks: Banks, report: str) -> None:
    """No text becomes a formula, an error or a link; each stands in the workbook as it was, cleaned."""
    cells = banks.cells("hostile", report)
    assert [cell.value for cell in cells if cell.data_type in {"f", "e"}] == []
    links = [cell.hyperlink.target for cell in cells if cell.hyperlink is not None]
    assert [link for link in links if not str(link).startswith("memory://photos/")] == []
    texts = "\n".join(cell.value for cell in cells if isinstance(cell.value, str))
    tags = _tags(banks, report) & {"client_name", "comments", "description", "notes"}
    assert [text for word in HOSTILE for tag in tags if (text := clean_text(f"{word} {tag}")) not in texts] == []


@pytest.mark.parametrize("report", REPORT_IDS)
def test_hostile_texts_in_csv_are_guarded(banks: Banks, report: str) -> None:
    """A field that a spreadsheet would run begins with an apostrophe, unless it is a number."""
    content = banks.file("hostile", report, "csv").decode("utf-8-sig")
    fields = [field for record in csv.reader(io.StringIO(content, newline="")) for field in record]
    assert [field for field in fields if field.startswith(_DANGEROUS) and not _is_number(field)] == []


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
