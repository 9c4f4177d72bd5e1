"""All twelve reports over small worlds that hypothesis builds of odd values: every cell is what the oracle says.

The worlds are written into a real database, and the files made as a job makes them, as of an instant that is drawn.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from dev.still_meter import StillMeter
from shared.access.scope import BankScope
from shared.adapters.database import SqlDatabase
from shared.adapters.snapshot import SqlSnapshot
from shared.clock import FixedClock
from shared.jobs.render import Workshop, make_file
from shared.ports import Rendering, RenderOrder, Services
from shared.reports._fsp_columns import STANDARD
from shared.wiring import in_memory
from tests.acceptance.comparing import assert_same, question
from tests.acceptance.odd_questions import Asked, Params, questions
from tests.acceptance.odd_worlds import OddWorld, odd_worlds
from tests.acceptance.oracle import call_details_fsp, export_info, service_performance
from tests.acceptance.oracle.cells import Written
from tests.acceptance.oracle.every_report import answer
from tests.acceptance.oracle.records import Answer, Question, World, from_database
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.any_report import REPORT_IDS

_EXAMPLES = {"sqlite": 20, "postgresql": 8}
_PAGE = "https://page.example"
_SCHEMAS = {"reporting": "reporting", "costar": "costar", "qbr": "qbr"}
cases = odd_worlds().flatmap(lambda world: st.tuples(st.just(world), questions(world)))


class StoppedDatabase(SqlDatabase):
    """The database, whose snapshots tell another instant than its own clock."""

    at: datetime

    @contextmanager
    def snapshot(self) -> Iterator[SqlSnapshot]:
        with super().snapshot() as found:
            found._as_of = self.at
            yield found


@dataclass(frozen=True)
class Bench:
    """Where worlds are written, read again past the product, and reported upon."""

    services: Services
    database: StoppedDatabase
    folder: Path

    def write(self, world: OddWorld) -> World:
        """These rows and no others, as the second calculation reads them."""
        with self.database.transaction() as connection:
            for table in reversed(list(world.rows)):
                connection.execute(delete(table))
            for table, rows in world.rows.items():
                if rows:
                    connection.execute(insert(table), list(rows))
        return from_database(self.services.settings.database_url.replace("+psycopg", ""))

    def file(self, report: str, asked: Asked, as_of: datetime) -> tuple[Opened, Rendering]:
        """The workbook as a job makes it, photos linked through the web page."""
        settings = self.services.settings.model_copy(
            update={
                "report_timezone": asked.zone.key,
                "on_time_grace_days": asked.grace_days,
                "minimum_sample": asked.enough,
                "app_url": _PAGE,
            }
        )
        self.database.at = as_of
        shop = Workshop.of(replace(self.services, settings=settings, clock=FixedClock(as_of), costar=self.database))
        made = make_file(shop, self._order(report, asked, as_of), StillMeter())
        return opened(made.path.read_bytes()), made

    def _order(self, report: str, asked: Asked, as_of: datetime) -> RenderOrder:
        return RenderOrder(
            job_id="job_0123456789abcdefghjkmnpqrs",
            report_id=report,
            params=asked.params[report],
            output={"format": "xlsx", "photoLinks": "app"},
            scope=BankScope(None if asked.allowed is None else frozenset(asked.allowed)).to_json(),
            requested_by_name="Test",
            requested_at=as_of,
            target=self.folder / "file",
            own_data={
                bank: [{"key": STANDARD[place].key, "heading": f"Own {place}"} for place in places]
                for bank, places in asked.formats.items()
            },
        )


@pytest.fixture(name="bench", scope="module")
def _bench(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("odd-worlds")
    services = in_memory(folder, database_url=module_url)
    with closing(services), closing(StoppedDatabase(module_url, _SCHEMAS, timedelta(seconds=30))) as database:
        yield Bench(services, database, folder)


def _question(world: World, asked: Asked, params: Params, as_of: datetime) -> Question:
    """What was asked; regions are those of the engineers."""
    allowed = None if asked.allowed is None else frozenset(asked.allowed)
    found = question(params, as_of, asked.zone, allowed=allowed, grace_days=asked.grace_days)
    if "regions" in params:
        found.filters["assigned_engineer"] = [
            identity
            for identity in params.get("engineers", world.people)
            if world.people[identity]["region"] in params["regions"]
        ]
    return found


def _answer(report: str, world: World, posed: Question, asked: Asked) -> Answer:
    """With the settings and the banks' formats of this question."""
    params = asked.params[report]
    if report == "service-performance":
        return service_performance.answer(world, posed, asked.enough)
    if params.get("fspFormat") == "custom":
        own = {
            bank: [(call_details_fsp.HEADINGS[place], f"Own {place}") for place in places]
            for bank, places in asked.formats.items()
        }
        return call_details_fsp.answer(world, posed, own)
    return answer(report, params, world, posed, _PAGE)


def _assert_tiles(shown: Mapping[str, Any], answer: Answer) -> None:
    """Labels, values, and changes against the previous period, as mails and pages show them."""
    for tile, (label, value, previous) in zip(shown["kpis"], answer.tiles, strict=True):
        are_numbers = all(isinstance(each, int | float) for each in (value, previous))
        change = value - previous if are_numbers else None
        room = 1e-9 * max(abs(each) for each in (1, value, previous) if isinstance(each, int | float))
        found = {name: tile[name] for name in ("label", "value", "change")}
        expected = {"label": label, "value": value, "change": change}
        assert [name for name in found if not _is_same(found[name], expected[name], room)] == [], (found, expected)


def _is_same(found: Any, expected: Any, room: float) -> bool:
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return abs(found - expected) <= room
    return bool(found == expected)


def check(bench: Bench, report: str, world: World, asked: Asked, as_of: datetime) -> None:
    """One report's file against the second calculation."""
    posed = _question(world, asked, asked.params[report], as_of)
    written = Written.of(_answer(report, world, posed, asked))
    file, made = bench.file(report, asked, as_of)
    assert_same(file, written.answer)
    _assert_tiles(made.summary, written.answer)
    told = dict(file.info)
    expected = export_info.lines(report, asked.params[report], world, posed, written)
    assert {item: told.get(item) for item in expected} == expected


def _examples(bench: Bench) -> int:
    return _EXAMPLES[bench.services.settings.database_url.partition("+")[0].partition(":")[0]]


def test_every_cell_of_every_report(bench: Bench) -> None:
    """Whatever the world and the question, sheets, charts, tiles and Export Info equal the naive calculation."""

    @settings(
        max_examples=_examples(bench),
        phases=(Phase.generate,),  # a smaller seed is no smaller world
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )
    @given(case=cases)
    def whatever(case: tuple[OddWorld, Asked]) -> None:
        written, asked = case
        world = bench.write(written)
        for report in REPORT_IDS:
            check(bench, report, world, asked, written.as_of)

    whatever()
