"""The main job from the request to the opened file, over sample data."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import httpx

from tests.acceptance.product import Product

YEAR = {"dateFrom": "2026-01-01", "dateTo": "2026-12-31"}
MONTH = {"period": "last_30_days"}


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The records of a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_small_report_comes_with_the_answer(sampled: Product) -> None:
    """A small report is answered 200 with a link that works, a name that tells report and dates, and the row count."""
    with sampled.person("admin") as admin:
        answer = admin.request("call-details", MONTH)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert re.fullmatch(r"call-details_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d_[0-9a-z]{6}\.csv", told["filename"])
    download = httpx.get(told["downloadUrl"])
    assert download.headers["Content-Disposition"].startswith(f'attachment; filename="{told["filename"]}"')
    assert len(download.content) == told["fileSize"]
    assert len(rows_of(download.content)) == told["rowCount"] > 0
    left = datetime.fromisoformat(told["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < left <= timedelta(hours=1)


def test_respond_async_answers_at_once_and_can_be_followed(sampled: Product) -> None:
    """With `Prefer: respond-async` the answer is a job, whose status leads to the file; an unchanged one is 304."""
    with sampled.person("admin") as admin:
        admin.http.headers["Prefer"] = "respond-async"
        answer = admin.request("call-details", YEAR)
        assert answer.status_code == 202
        assert answer.headers["Location"] == answer.json()["statusUrl"]
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["estimatedCompletionSeconds"] >= 1
        status = admin.finished(answer.json()["jobId"])
        assert (status["status"], status["progress"], status["phase"]) == ("completed", 100, "done")
        assert status["rowsDone"] == status["rowsTotal"] == status["rowCount"]
        again = admin.http.get(answer.json()["statusUrl"])
        same = admin.http.get(answer.json()["statusUrl"], headers={"If-None-Match": again.headers["ETag"]})
        assert (same.status_code, same.content) == (304, b"")


def test_filters_hold_for_every_row(sampled: Product) -> None:
    """Each filter keeps exactly the rows that an unfiltered file shows with that value."""
    with sampled.person("admin") as admin:
        everything = rows_of(admin.file("call-details", YEAR))
        options = admin.http.get("/functions/v1/report-options").json()
        bank, engineer = options["banks"][0], options["engineers"][0]
        cases = {
            "Status": ({"status": ["completed", "cancelled"]}, {"completed", "cancelled"}),
            "Call Type": ({"callType": ["swap"]}, {"swap"}),
            "Priority": ({"priority": ["urgent"]}, {"urgent"}),
            "Client Bank": ({"banks": [bank["id"]]}, {bank["name"]}),
            "Assigned Engineer": ({"engineers": [engineer["id"]]}, {engineer["name"]}),
        }
        for column, (filters, values) in cases.items():
            filtered = rows_of(admin.file("call-details", YEAR | filters))
            assert [row["Call Number"] for row in filtered] == [
                row["Call Number"] for row in everything if row[column] in values
            ]
            assert filtered


def test_regions_are_those_of_the_engineer(sampled: Product) -> None:
    """A region keeps the calls of its engineers; unassigned calls match none."""
    with sampled.person("admin") as admin:
        options = admin.http.get("/functions/v1/report-options").json()
        region = options["regions"][0]
        names = {engineer["name"] for engineer in options["engineers"] if engineer["region"] == region}
        found = {row["Assigned Engineer"] for row in rows_of(admin.file("call-details", YEAR | {"regions": [region]}))}
    assert found
    assert found <= names


def test_photo_links_open_the_picture_and_nothing_else(sampled: Product) -> None:
    """Each link in the file is a signed address of one JPEG; in app mode it leads to the web page instead."""
    with sampled.person("admin") as admin:
        signed = rows_of(admin.file("call-details", YEAR))
        through_page = rows_of(admin.file("call-details", YEAR, photoLinks="app"))
    row = next(row for row in signed if row["Photos Count"] == "2")
    links = row["Photo URLs"].split("; ")
    assert len(links) == 2
    for link in links:
        picture = httpx.get(link)
        assert picture.content.startswith(b"\xff\xd8\xff")
        assert httpx.delete(link).status_code == 403
    assert all("sig=" not in row["Photo URLs"] for row in through_page)
    assert any(re.match(r"http://\S+/photos/[0-9a-f-]{36}", row["Photo URLs"]) for row in through_page)


def test_text_cannot_become_a_formula(sampled: Product) -> None:
    """No cell of the file begins as a formula, though the data has such text; numbers stay numbers."""
    with sampled.person("admin") as admin:
        rows = rows_of(admin.file("call-details", YEAR))
    texts = [value for row in rows for name, value in row.items() if name not in {"Response Time (min)", "Longitude"}]
    assert not [
        text for text in texts if text.startswith(("=", "+", "@", "\t")) or re.match(r"-(?!\d+(\.\d+)?$)", text)
    ]
    assert [text for text in texts if text.startswith("'=")]
    assert [row for row in rows if row["Response Time (min)"].startswith("-")]


def test_empty_result_says_so(sampled: Product) -> None:
    """A range without calls makes a valid file that says so and lists the filters."""
    with sampled.person("admin") as admin:
        content = admin.file("call-details", {"dateFrom": "1999-01-01", "dateTo": "1999-01-02", "priority": ["low"]})
    only = rows_of(content)[0]
    assert only["Call Number"].startswith("No calls match these filters (")
    assert "1999-01-01 to 1999-01-02" in only["Call Number"]
    assert "low" in only["Call Number"]


def test_preview_shows_the_first_rows_of_the_same_document(sampled: Product) -> None:
    """A preview makes no job and agrees with the file: columns, first rows, totals."""
    with sampled.person("admin") as admin:
        shown = admin.request("call-details", YEAR, isPreview=True, maxRows=7).json()
        rows = rows_of(admin.file("call-details", YEAR))
    sheet = shown["sheets"][0]
    assert "jobId" not in shown
    assert [column["label"] for column in sheet["columns"]] == list(rows[0])
    assert [row[0] for row in sheet["rows"]] == [row["Call Number"] for row in rows[:7]]
    assert (sheet["totalRows"], sheet["truncated"]) == (len(rows), True)
    tiles = {tile["label"]: tile["value"] for tile in shown["kpis"]}
    assert tiles["Total Calls"] == len(rows)
    assert tiles["Completed"] == sum(row["Status"] == "completed" for row in rows)
    assert list(tiles) == [
        "Total Calls",
        "Completed",
        "Completion Rate %",
        "Avg Response Time",
        "Avg Resolution Time",
        "SLA Met %",
    ]


def test_health_tells_parts_to_administrators_only(sampled: Product) -> None:
    """Anybody learns whether the product is ready; which part is not, only an unrestricted administrator."""
    assert httpx.get(f"{sampled.url}/health/live").status_code == 200
    assert httpx.get(f"{sampled.url}/health/ready").json() == {"status": "ready"}
    with sampled.person("admin") as admin:
        parts = admin.http.get("/health/ready").json()["parts"]
    assert parts == {"database": "ok", "queue": "ok", "storage": "ok"}
