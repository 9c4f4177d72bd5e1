"""The cases TC-R01 to TC-R10 of the specification, over HTTP, on a world as large as they ask for.

The world is that part of a large sample world that the cases look at: 30 days whole, the days around them thinned.
"""

import io
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from openpyxl import load_workbook

from dev.sample_data import _load_calls, _load_format
from dev.sample_data._calls import Calls
from dev.sample_data._jpegs import store_photos
from dev.sample_data._people import BUSIEST
from dev.sample_data._story import Calendar, Order
from shared.clock import local_date
from shared.wiring import in_memory
from tests.acceptance.headings import HEADINGS, MAIN, TILES, TYPE_COLUMNS
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.acceptance.product import Person, Product

WORLD, SEED, THINNED = 56_000, 1, 20  # calls of the whole world; one in 20 of those not in the 30 days
CEILINGS = {1_000: 10, 5_000: 30, 10_000: 120}  # seconds for fewer rows than that (reports.md §5); else 300
LONGEST = 300
ZONE = ZoneInfo("Asia/Kolkata")
TODAY = local_date(datetime.now(UTC), ZONE)  # work of this day has not begun in the world


class _Chosen(Calls):
    """The sample world's calls of the last 30 days, and some of the others."""

    def _orders(self) -> Iterator[Order]:
        month = {TODAY - timedelta(days) for days in range(1, 31)}
        return (order for order in super()._orders() if order.day in month or order.number % THINNED == 0)


@dataclass(frozen=True)
class Stage:
    """The running product: somebody who may see everything, and the database."""

    admin: Person
    database: Path

    def days(self, number: int) -> dict[str, str]:
        """The days that end yesterday."""
        return {"dateFrom": f"{TODAY - timedelta(number)}", "dateTo": f"{TODAY - timedelta(1)}"}

    def workbook(self, report: str, params: Mapping[str, Any]) -> Opened:
        """The report's workbook, made within the time that the specification allows, with its sheets and tiles."""
        began = time.monotonic()
        file = opened(self.admin.file(report, params, format="xlsx"))
        rows = len(file.sheets[MAIN[report]]) - 1
        assert time.monotonic() - began <= next((most for below, most in CEILINGS.items() if rows < below), LONGEST)
        assert list(file.sheets) == list(HEADINGS[report])
        told = {item for item, _ in file.info}
        assert [label for label in TILES[report].split(" | ") if f"Formula: {label}" not in told] == []
        return file

    def count(self, params: Mapping[str, Any], *conditions: str, columns: str = "count(*)") -> list[tuple[Any, ...]]:
        """The calls of these days that fit, counted straight in the database."""
        where = " and ".join([f"scheduled_date between '{params['dateFrom']}' and '{params['dateTo']}'", *conditions])
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(f"select {columns} from costar_calls where {where}").fetchall()  # noqa: S608 ours


@pytest.fixture(name="product", scope="module")
def _product(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("cases")
    (folder / "state").mkdir()
    file = copy(migrated_sqlite_file, folder / "state" / "reporting.db")
    services = in_memory(folder, database_url=f"sqlite:///{file}")
    chosen = _Chosen(WORLD, SEED, Calendar(TODAY, ZONE), store_photos(services.photos))
    _load_format(services.reporting)
    with services.costar.transaction() as connection:
        _load_calls(connection, chosen, SEED)
    services.close()
    with Product(folder / "state") as running:
        yield running


@pytest.fixture(name="stage", scope="module")
def _stage(product: Product) -> Iterator[Stage]:
    with product.person("admin") as admin:
        yield Stage(admin, product.state / "reporting.db")


def _column(rows: list[list[Any]], heading: str) -> list[Any]:
    place = rows[0].index(heading)
    return [row[place] for row in rows[1:]]


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def test_the_world_is_large_enough(stage: Stage) -> None:
    """One bank has 1,000 calls in 7 days at least, and there are 10,000 in 30."""
    ((busiest,),) = stage.count(stage.days(7), f"client_bank = '{BUSIEST.id}'")
    ((month,),) = stage.count(stage.days(30))
    assert busiest >= 1_000
    assert month >= 10_000


def test_r01_call_summary_of_30_days(stage: Stage) -> None:
    """Call Summary, 30 days, all banks: the pivots add up, on both edges, to the calls of each state."""
    days = stage.days(30)
    file = stage.workbook("call-summary", days)
    counted = dict(stage.count(days, "1 group by status", columns="status, count(*)"))
    by_status = {row[0].replace(" ", "_").lower(): row for row in file.sheets["By Status"][1:]}
    assert {status: row[-1] for status, row in by_status.items() if status != "total"} == counted
    for name in ("By Status", "By Priority", "By Bank"):
        rows = file.sheets[name][1:]
        assert all(sum(row[1:-1]) == row[-1] for row in rows), name
        assert [sum(column) for column in list(zip(*rows[:-1], strict=True))[1:]] == rows[-1][1:], name
        assert rows[-1][-1] == sum(counted.values())
    assert len(file.sheets["Trends"]) == 1 + 30
    assert len(file.charts) == 3


def test_r02_call_details_of_one_bank_in_7_days(stage: Stage) -> None:
    """Call Details, 7 days, one bank, over 1,000 rows: every call of that bank once, newest day first."""
    days = stage.days(7)
    file = stage.workbook("call-details", days | {"banks": [BUSIEST.id]})
    rows = file.sheets["Call Details"]
    wanted = stage.count(days, f"client_bank = '{BUSIEST.id}'", columns="call_number")
    assert sorted(_column(rows, "Call Number")) == sorted(number for (number,) in wanted)
    assert len(rows) > 1_000
    assert set(_column(rows, "Client Bank")) == {BUSIEST.name}
    shown = [_day(day) for day in _column(rows, "Scheduled Date")]
    assert shown == sorted(shown, reverse=True)


def test_r03_response_tat_of_urgent_calls(stage: Stage) -> None:
    """Response TAT, 30 days, urgent: each urgent call that is not cancelled, in one SLA state, within 60 minutes."""
    days = stage.days(30)
    file = stage.workbook("response-tat", days | {"priority": ["urgent"]})
    rows = file.sheets["Details"]
    ((wanted,),) = stage.count(days, "priority = 'urgent'", "status <> 'cancelled'")
    assert len(rows) - 1 == wanted > 100
    assert set(_column(rows, "Priority")) == {"urgent"}
    assert set(_column(rows, "SLA Limit (min)")) == {60}
    assert sum(_column(file.sheets["Distribution"], "Calls")) <= wanted
    assert len(file.sheets["Worst 20"]) == 1 + 20


def test_r04_resolution_tat_of_30_days(stage: Stage) -> None:
    """Resolution TAT, 30 days: each completed call once, with the target of its type."""
    days = stage.days(30)
    file = stage.workbook("resolution-tat", days)
    rows = file.sheets["Details"]
    ((wanted,),) = stage.count(days, "status = 'completed'")
    assert len(rows) - 1 == wanted > 1_000
    targets = set(zip(_column(rows, "Call Type"), _column(rows, "Target (min)"), strict=True))
    hours = {"installation": 72, "swap": 48, "maintenance": 72, "breakdown": 24, "deinstallation": 96}
    assert targets == {(name, 60 * number) for name, number in hours.items()}


def test_r05_pending_ageing_of_today(stage: Stage) -> None:
    """Pending Call Ageing, today, three days or more: the open calls of at least that age, oldest first."""
    file = stage.workbook("pending-ageing", {"minDaysOpen": 3})
    rows = file.sheets["Details"]
    all_days = {"dateFrom": "1900-01-01", "dateTo": f"{TODAY - timedelta(3)}"}
    ((wanted,),) = stage.count(all_days, "status in ('pending', 'assigned', 'in_progress')")
    ages = _column(rows, "Days Open")
    assert len(ages) == wanted > 0
    assert min(ages) >= 3
    assert ages == sorted(ages, reverse=True)
    assert all(age == (TODAY - _day(day)).days for age, day in zip(ages, _column(rows, "Scheduled Date"), strict=True))


def test_r06_service_performance_of_all_engineers(stage: Stage) -> None:
    """Service Performance, 30 days: every engineer with a call in scope, ranked by a score from 0 to 100."""
    days = stage.days(30)
    file = stage.workbook("service-performance", days)
    rows = file.sheets["Summary"]
    ((engineers,),) = stage.count(days, columns="count(distinct assigned_engineer)")
    ((assigned,),) = stage.count(days, "assigned_engineer is not null")
    assert len(rows) - 1 == engineers >= 50
    assert sum(_column(rows, "Total Calls Assigned")) == assigned
    ranks = [rank for rank in _column(rows, "Rank") if rank is not None]
    scores = [score for score in _column(rows, "Performance Score (0-100)") if score is not None]
    assert ranks == sorted(ranks)
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 100


def test_r07_rolling_volume_by_week(stage: Stage) -> None:
    """Rolling Volume, 90 days, weekly: every week once, all calls in one of them, and a chart with as many points."""
    days = stage.days(90)
    file = stage.workbook("rolling-volume", days | {"granularity": "weekly"})
    rows = file.sheets["Volume Trend"]
    first, last = (date.fromisoformat(days[name]) for name in ("dateFrom", "dateTo"))
    weeks = {day - timedelta(day.weekday()) for day in (first + timedelta(n) for n in range((last - first).days + 1))}
    ((wanted,),) = stage.count(days)
    assert len(rows) - 1 == len(weeks)
    assert sum(_column(rows, "Total Calls")) == wanted
    assert len(file.charts) == 2
    assert {len(points) for chart in file.charts.values() for points in chart.values()} == {len(weeks)}


def test_r08_call_details_of_30_days_in_the_background(stage: Stage) -> None:
    """Call Details, 30 days, 10,000 rows: accepted at once, followed to its end, and every call is in the file."""
    days = stage.days(30)
    began = time.monotonic()
    accepted = stage.admin.request("call-details", days, format="xlsx")
    assert (accepted.status_code, time.monotonic() - began < 5) == (202, True)
    assert accepted.headers["Location"] == accepted.json()["statusUrl"]
    status = stage.admin.finished(accepted.json()["jobId"], LONGEST)
    assert time.monotonic() - began <= LONGEST
    ((wanted,),) = stage.count(days)
    assert (status["status"], status["rowCount"]) == ("completed", wanted)
    content = io.BytesIO(httpx.get(status["downloadUrl"], timeout=60).content)
    rows = load_workbook(content, read_only=True)["Call Details"].iter_rows(max_col=1, values_only=True)
    heading, *numbers = (number for (number,) in rows)
    assert heading == "Call Number"
    assert len(set(numbers)) == len(numbers) == wanted >= 10_000


def test_r09_fsp_of_one_bank_in_7_days(stage: Stage) -> None:
    """Call Details FSP, 7 days, one bank: its calls by day and number, with dates as banks read them."""
    days = stage.days(7)
    file = stage.workbook("call-details-fsp", days | {"banks": [BUSIEST.id]})
    rows = file.sheets["FSP Report"]
    wanted = stage.count(days, f"client_bank = '{BUSIEST.id}'", columns="call_number, scheduled_date")
    expected = [number for number, _ in sorted(wanted, key=lambda row: (row[1], row[0]))]
    assert _column(rows, "Call Reference") == expected
    assert set(_column(rows, "Bank Code")) == {BUSIEST.code}
    assert all(isinstance(day, date) for day in _column(rows, "Scheduled Date"))
    photos = set(_column(rows, "Photo Evidence"))
    assert "No photos" in photos
    assert all(each == "No photos" or each.startswith("View Photos (") for each in photos)


def test_r10_installations_of_30_days(stage: Stage) -> None:
    """Call Type Specific, installations of 30 days: each once, with the columns of that type."""
    days = stage.days(30)
    file = stage.workbook("call-type-specific", days | {"selectedCallType": "installation"})
    rows = file.sheets["Details"]
    headings = HEADINGS["call-type-specific"]["Details"].replace("…", TYPE_COLUMNS["installation"])
    ((wanted,),) = stage.count(days, "type = 'installation'")
    assert " | ".join(rows[0]) == headings
    assert len(rows) - 1 == wanted > 500
    assert file.sheets["Summary"][1][0] == wanted
