"""What Call Details FSP and Call Details And Activity promise of their own: logs, one call, dates, custom columns."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from openpyxl import load_workbook

from tests.acceptance.comparing import (
    KOLKATA,
    assert_headings,
    assert_same,
    assert_tiles,
    ordered,
    question,
)
from tests.acceptance.oracle import call_details_activity, call_details_fsp
from tests.acceptance.oracle.records import Question, World
from tests.acceptance.product import Person, Product

FSP, ACTIVITY = "call-details-fsp", "call-details-activity"
NOW = datetime.now(UTC)  # no figure of the two depends on it


def _around() -> dict[str, str]:
    """Twenty-five days of the sample that end after today: work done, waiting, and not due yet."""
    return {"dateFrom": f"{NOW.date() - timedelta(20)}", "dateTo": f"{NOW.date() + timedelta(4)}"}


def test_every_cell_of_activity_over_the_sample(sampled: Product, sample: World) -> None:
    """The four sheets with logs that are reconstructed, photos and devices; tiles and headings."""
    params = _around()
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, ACTIVITY, params, photoLinks="app")
        shown = admin.request(ACTIVITY, params, isPreview=True).json()
    answer = call_details_activity.answer(sample, question(params, as_of, KOLKATA), file.photo_page)
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert_headings(ACTIVITY, file, shown)
    assert {row[-1] for row in file.sheets["Activity Log"][1:]} == {None, "reconstructed"}


def test_one_call_needs_no_dates(sampled: Product, sample: World) -> None:
    """With a call's number alone, the file is about this call; a bank's admin finds no call of another bank."""
    call = next(each for each in sample.calls if sum(p["call_id"] == each["id"] for p in sample.tables["photos"]) > 1)
    params = {"specificCallNumber": call["call_number"]}
    with sampled.person("admin") as admin:
        answered = admin.request(ACTIVITY, params, photoLinks="app", format="xlsx").json()
        file, as_of = ordered(sampled, admin, ACTIVITY, params, photoLinks="app")
        shown = admin.request(ACTIVITY, params, isPreview=True).json()
    asked = Question(NOW.date(), NOW.date(), as_of, KOLKATA)
    answer = call_details_activity.answer_of_one(sample, asked, file.photo_page, call["call_number"])
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert answered["filename"].startswith(f"call-details-activity_call-{call['call_number']}_")
    assert file.told("Call number") == call["call_number"]
    assert [line for line in file.info if line[0] == "Dates"] == []


def test_fsp_dates_are_dates_that_look_as_the_format_demands(sampled: Product) -> None:
    """Cells hold real dates under DD-MM-YYYY, a CSV holds them as such text; photo links live for a week."""
    with sampled.person("admin") as admin:
        book: Any = load_workbook(io.BytesIO(admin.file(FSP, _around(), format="xlsx")))
        text = admin.file(FSP, _around()).decode("utf-8-sig")
    sheet = book["FSP Report"]
    places = {cell.value: place for place, cell in enumerate(sheet[1])}
    rows, records = [*sheet.iter_rows(min_row=2)], [*csv.DictReader(io.StringIO(text, newline=""))]
    for heading in ("Scheduled Date", "Attended Date", "Completion Date"):
        cells = [row[places[heading]] for row in rows]
        assert {cell.number_format.lower() for cell in cells if cell.value} == {"dd-mm-yyyy"}
        assert [f"{cell.value:%d-%m-%Y}" if cell.value else "" for cell in cells] == [row[heading] for row in records]
    evidence = [row[places["Photo Evidence"]] for row in rows]
    assert {cell.value for cell in evidence if not cell.hyperlink} == {"No photos"}
    linked = [cell for cell in evidence if cell.hyperlink]
    assert all(cell.value.startswith("View Photos (") and cell.hyperlink.tooltip for cell in linked)
    info = {row[0].value: row[1].value for row in book["Export Info"].iter_rows()}
    made, ends = (
        datetime.fromisoformat(info[f"{name} (Asia/Kolkata)"]) for name in ("Generated at", "Photo links expire")
    )
    assert abs(ends - made - timedelta(hours=167)) < timedelta(minutes=1)


def test_custom_columns_of_one_bank_and_of_several(sampled: Product, sample: World) -> None:
    """A bank gets the columns it asked for; several get a sheet each, standard where nothing was asked; CSV refuses."""
    params = _around() | {"fspFormat": "custom"}
    with sampled.person("admin") as admin:
        own = _own(admin, sample)
        ((bank, columns),) = own.items()
        several, as_of = ordered(sampled, admin, FSP, params)
        alone, _ = ordered(sampled, admin, FSP, params | {"banks": [bank]})
        records = csv.reader(io.StringIO(admin.file(FSP, params | {"banks": [bank]}).decode("utf-8-sig"), newline=""))
        refused = admin.request(FSP, params)
        shown = admin.request(FSP, params, isPreview=True).json()
    answer = call_details_fsp.answer(sample, question(params, as_of, KOLKATA), own)
    assert_same(several, answer)
    assert [sheet["name"] for sheet in shown["sheets"]] == list(answer.sheets)
    assert alone.sheets == {"FSP Report": several.sheets[sample.banks[bank]["name"]]}
    assert next(records) == [heading for _, heading in columns]
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "INVALID_PARAMETERS")
    assert [each["path"] for each in refused.json()["details"]] == ["output.format"]
    assert several.told("Format") == "custom"


def _own(person: Person, world: World) -> dict[str, list[tuple[str, str]]]:
    """The columns of every bank that has its own, as the product tells them: standard heading and own."""
    own = {}
    for bank in world.banks:
        told = person.http.get(f"/functions/v1/fsp-formats/{bank}").json()
        standard = {each["key"]: each["heading"] for each in told["available"]}
        assert list(standard.values()) == call_details_fsp.HEADINGS
        if told["isCustom"]:
            own[bank] = [(standard[each["key"]], each["heading"]) for each in told["columns"]]
    return own
