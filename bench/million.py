"""A million calls: files of them all within 250 MiB, in time that grows with their number; statements within 5 s.

Claims: in SQLite the CSV of Call Details and the workbook of Call Summary over 1,000,000 calls take at most 250 MiB of
memory, the whole process counted, and at most 1.3 times ten times the CPU that 100,000 calls take. On PostgreSQL every
statement of every report over a year is complete within 5 s, or, where its rows are streamed, gives the first one
within 1 s, and within 5 s where it has to sort them all; over 30 days, or one bank, no statement reads the whole table
of calls, but for two reports over 30 days, which ask for the state of every call whenever it is scheduled. The calls
come in 400 days.

The server has 512 MB of shared buffers and 64 MB to sort in, all tables are in memory, and a page anywhere costs it 1.1
of the next page, as on SSD: at 4, made for disks that turn, it reads a whole table where it needs a sixth. Seconds are
of wall, or of the server's CPU where these are fewer: then other programs had the processors. Of statements that differ
only in their parameters the slowest is shown.

Command: `python -m bench million`: some fifteen minutes on two cores, and 10 GB of disk.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench._costs import told
from bench._many_calls import fill
from bench._statements import Plan, Statement, plan_of, slowest, statements_of
from dev.sample_data._people import BANKS
from dev.sample_files import params_of
from shared.clock import local_date
from shared.errors import QueryTimeout
from shared.ports import Services
from shared.reports import catalogue
from shared.wiring import in_memory
from tests.postgres import PostgresServer

_MIB, _ROOT = 1 << 20, Path(__file__).resolve().parents[1]
_SMALL, _LARGE = 100_000, 1_000_000
_FILES = (("call-details", "csv"), ("call-summary", "xlsx"))
_MOST_MEMORY, _MOST_GROWTH = 250, 1.3  # MiB; beside the number of calls
_MOST_SECONDS, _MOST_TO_FIRST_ROW = 5.0, 1.0
_BANK = BANKS[-1]
_OF_EVERY_CALL = {"pending-ageing", "rolling-volume"}
_SERVER = {"shared_buffers": "512MB", "work_mem": "64MB", "random_page_cost": "1.1"}
Claims = list[tuple[str, bool]]


@dataclass(frozen=True)
class Span:
    """What a report is asked for: days up to some days ago, and of one bank or of all."""

    name: str
    days: int
    before: int = 0
    bank: str = ""


_YEAR, _MONTH, _OF_BANK = Span("366 days", 366), Span("30 days", 30, 180), Span("one bank", 366, 0, _BANK.id)


def run() -> bool:
    """Measures, prints the tables, and says whether every claim holds."""
    print(f"million: Python {sys.version.partition(' ')[0]}\n", flush=True)
    return told([*_files(), *_statements()])


def _files() -> Claims:
    print("| File, SQLite | Calls | Rows | CPU s | Wall s | Peak MiB | File MiB |\n|---|--:|--:|--:|--:|--:|--:|")
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for count in (_SMALL, _LARGE):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, _filled(count, Path(folder)) as services:
            for report, file_format in _FILES:
                cost = found[report, count] = _one(services, report, file_format, Path(folder) / "made")
                figures = f"{cost['rows']:,} | {cost['cpu']:.1f} | {cost['wall']:.1f} | {cost['peak'] / _MIB:.0f}"
                print(f"| {report} {file_format} | {count:,} | {figures} | {cost['size'] / _MIB:.1f} |", flush=True)
    return [
        claim for report, _ in _FILES for claim in _file_claims(report, found[report, _SMALL], found[report, _LARGE])
    ]


def _file_claims(report: str, small: Mapping[str, Any], large: Mapping[str, Any]) -> Claims:
    peak, growth = large["peak"] / _MIB, large["cpu"] / small["cpu"] / (_LARGE / _SMALL)
    return [
        (f"{report}, {peak:.0f} MiB, at most {_MOST_MEMORY}", peak <= _MOST_MEMORY),
        (f"{report}, CPU beside calls {growth:.2f}, at most {_MOST_GROWTH}", growth <= _MOST_GROWTH),
    ]


@contextmanager
def _filled(count: int, folder: Path, **settings: Any) -> Iterator[Services]:
    services = in_memory(folder, **settings)
    try:
        fill(services, count)
        yield services
    finally:
        services.close()


def _one(services: Services, report: str, file_format: str, target: Path) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "bench._one_report", services.settings.database_url, report, file_format]
    done = subprocess.run([*command, str(target)], cwd=_ROOT, stdout=subprocess.PIPE, check=True, text=True)
    cost: Mapping[str, Any] = json.loads(done.stdout)
    return cost


def _statements() -> Claims:
    claims: Claims = []
    with (
        PostgresServer(**_SERVER) as server,
        server.database() as url,
        tempfile.TemporaryDirectory() as folder,
        _filled(_LARGE, Path(folder), database_url=url) as services,
    ):
        _vacuum(url)
        print("\n| Report, PostgreSQL | Span | Statement | Wall s | CPU s | Indexes | Whole table |")
        print("|---|---|---|--:|--:|---|---|")
        for report in (each.id for each in catalogue().values() if each.domain == "costar"):
            for span in (_YEAR, _MONTH, _OF_BANK):
                claims += _told(services, report, span)
    return claims


def _vacuum(url: str) -> None:
    """As a server in use does by itself."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _told(services: Services, report: str, span: Span) -> Claims:
    """Prints a line per statement; the claims that fail by name, and one for those that hold."""
    failing: Claims = []
    try:
        statements = statements_of(services, report, _params(services, report, span))
    except QueryTimeout:
        print(f"| {report} | {span.name} | one of them | over the limit | | | |", flush=True)
        return [(f"{report}, {span.name}: a statement passes the product's own limit", False)]
    for number, (each, times) in enumerate(slowest(statements), 1):
        plan = plan_of(services, each)
        _print((report, span.name, f"{number}: {_kind(each, plan, times)}"), each, plan)
        failing += [
            (f"{report}, {span.name}, statement {number}: {why}", False) for why in _faults(report, each, plan, span)
        ]
    return failing or [(f"{report}, {span.name}: {len(statements)} statements", True)]


def _kind(statement: Statement, plan: Plan, times: int) -> str:
    kind = ("first row, all sorted" if plan.sorts else "first row") if statement.is_stream else "all rows"
    return f"{kind}, {times} times" if times > 1 else kind


def _print(names: Sequence[str], statement: Statement, plan: Plan) -> None:
    figures = f"{statement.wall:.2f} | {statement.cpu:.2f}"
    reads = f"{', '.join(plan.indexes) or 'none'} | {'yes' if plan.reads_all_calls else 'no'}"
    print(f"| {' | '.join(names)} | {figures} | {reads} |", flush=True)


def _faults(report: str, statement: Statement, plan: Plan, span: Span) -> Iterator[str]:
    most = _MOST_TO_FIRST_ROW if statement.is_stream and not plan.sorts else _MOST_SECONDS
    if statement.seconds > most:
        yield f"{statement.seconds:.1f} s, at most {most:g}"
    may_read_all = span is _YEAR or (span is _MONTH and report in _OF_EVERY_CALL)
    if plan.reads_all_calls and not may_read_all:
        yield "reads the whole table of calls"


def _params(services: Services, report_id: str, span: Span) -> dict[str, Any]:
    last = local_date(services.clock.now(), services.settings.zone) - timedelta(span.before + 1)
    params = params_of(report_id, last - timedelta(span.days - 1), last, asOfDate=last.isoformat())
    return params | ({"banks": [span.bank]} if span.bank else {})
