"""What tests against the second calculation share: the question as it was asked, and files compared cell by cell."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from math import isclose
from typing import Any
from zoneinfo import ZoneInfo

from tests.acceptance.headings import HEADINGS, MAIN, TILES
from tests.acceptance.oracle.records import Answer, Question, newest_as_of
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.acceptance.product import Person, Product

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
KOLKATA = ZoneInfo("Asia/Kolkata")
_CLOCK = timedelta(milliseconds=5)  # a spreadsheet's time is a floating number of days
_COLUMNS = {
    "status": "status",
    "priority": "priority",
    "callType": "type",
    "banks": "client_bank",
    "engineers": "assigned_engineer",
}


def url_of(product: Product) -> str:
    """The address of the product's database, for reading past the product."""
    url = product.environment["DATABASE_URL"] or f"sqlite:////{product.state / 'reporting.db'}"
    return url.replace("+psycopg", "")


def question(params: Mapping[str, Any], as_of: datetime, zone: ZoneInfo, **more: Any) -> Question:
    """What was asked, for the second calculation; filters by region are none of its columns.

    Without dates it is asked about the as-of date, which is that of the instant unless one is given.
    """
    given = {column: params[name] for name, column in _COLUMNS.items() if params.get(name) is not None}
    if "selectedCallType" in params:
        given["type"] = [params["selectedCallType"]]
    day = str(params.get("asOfDate", as_of.astimezone(zone).date()))
    first, last = (date.fromisoformat(params.get(name, day)) for name in ("dateFrom", "dateTo"))
    return Question(first, last, as_of, zone, filters=given, **more)


def ordered(
    product: Product, person: Person, report: str, params: Mapping[str, Any], **output: Any
) -> tuple[Opened, datetime]:
    """The workbook, and the very instant that its numbers are of, which the workbook tells to the second."""
    file = opened(person.file(report, params, format="xlsx", **output))
    return file, newest_as_of(url_of(product), report)


def assert_same(file: Opened, answer: Answer) -> None:
    """Sheets in their order with every cell, charts and reconciling lines are those of the answer."""
    assert list(file.sheets) == list(answer.sheets)
    for name, rows in answer.sheets.items():
        found = file.sheets[name]
        assert found[0] == rows[0], name
        if len(rows) == 1:  # nothing to show: the first cell says so
            assert [str(row[0]).startswith("No ") for row in found[1:2]] == [True], name
            continue
        assert len(found) == len(rows), name
        different = [(here, there) for here, there in zip(found, rows, strict=True) if not _is_same(here, there)]
        assert different == [], name
    assert list(file.charts) == list(answer.charts)
    for title, chart in answer.charts.items():
        assert list(file.charts[title]) == list(chart), title
        assert all(_is_same(file.charts[title][name], values) for name, values in chart.items()), title
    assert file.reconciliation == answer.reconciliation


def assert_tiles(shown: Mapping[str, Any], answer: Answer) -> None:
    """The tiles of a preview, their values and those of the previous period."""
    told = [(tile["label"], tile["value"], tile["previous"]) for tile in shown["kpis"]]
    different = [(here, there) for here, there in zip(told, answer.tiles, strict=True) if not _is_same(here, there)]
    assert different == []


def assert_headings(report: str, file: Opened, shown: Mapping[str, Any]) -> None:
    """Sheets, their columns and the tiles are those of the specification, to the letter and in their order."""
    assert list(file.sheets) == list(HEADINGS[report])
    for name, headings in HEADINGS[report].items():
        found = " | ".join(map(str, file.sheets[name][0]))
        assert re.fullmatch(re.escape(headings).replace("…", ".+"), found), found
    assert MAIN[report] in file.sheets
    assert " | ".join(tile["label"] for tile in shown["kpis"]) == TILES[report]


def _is_same(found: Sequence[Any], expected: Sequence[Any]) -> bool:
    return len(found) == len(expected) and all(map(_is_same_cell, found, expected))


def _is_same_cell(found: Any, expected: Any) -> bool:
    """The databases add floating numbers in orders of their own; a sheet's midnight reads as a date."""
    if isinstance(expected, float) and isinstance(found, int | float):
        return isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(expected, datetime) and isinstance(found, date):
        shown = found if isinstance(found, datetime) else datetime.combine(found, time.min)
        return abs(shown - expected) <= _CLOCK
    return bool(found == expected)
