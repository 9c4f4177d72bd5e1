"""What each report's files hold, read from the documents that it makes over two small worlds; writes no page.

A column that stands there only where there are calls is one that the data decide: it shows as `…`.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby, product
from pathlib import Path
from typing import Any

from dev.sample_data import load_sample_data
from ops.migrate import migrate
from shared.access.scope import BankScope
from shared.clock import FixedClock
from shared.document import Chart, Document, Kpi
from shared.jobs.output import OutputParameters
from shared.jobs.render import Workshop, report_data
from shared.ports import Services
from shared.reports import Report, catalogue
from shared.settings import DatabaseSettings
from shared.wiring import in_memory

_CALLS, _UNTIL = 60, date(2026, 7, 1)
_NOON = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)
_DATES = {"dateFrom": date(2025, 7, 1), "dateTo": date(2026, 6, 30)}


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, the choice that gives it so (empty: any), its headings, and whether CSV holds it."""

    name: str
    choice: str
    headings: tuple[str, ...]
    is_main: bool


@dataclass(frozen=True)
class Contents:
    """What a report's files hold."""

    sheets: tuple[Sheet, ...]
    kpis: tuple[Kpi, ...]
    charts: tuple[Chart, ...]


@cache
def all_contents() -> Mapping[str, Contents]:
    """Of every report, by its id; the same code gives the same."""
    with tempfile.TemporaryDirectory(prefix="reference-") as folder:
        services = in_memory(Path(folder), clock=FixedClock(_NOON))
        try:
            migrate(DatabaseSettings(database_url=services.settings.database_url), with_business_tables=True)
            empty = _all_documents(services)
            load_sample_data(services, _CALLS, until=_UNTIL)
            full = _all_documents(services)
        finally:
            services.close()
    return {report_id: _contents(empty[report_id], full[report_id]) for report_id in full}


def _all_documents(services: Services) -> dict[str, dict[str, Document]]:
    return {report.id: dict(_documents(services, report)) for report in catalogue().values()}


def _documents(services: Services, report: Report[Any]) -> Iterator[tuple[str, Document]]:
    """A document per value of what has to be chosen, under that value; else one under nothing."""
    schema = report.parameters.model_json_schema(by_alias=True)
    dates = {name: day.isoformat() for name, day in _DATES.items() if name in schema["properties"]}
    needed = [name for name in schema.get("required", ()) if name not in dates]
    for chosen in product(*(schema["properties"][name]["enum"] for name in needed)):
        params = dates | dict(zip(needed, chosen, strict=True))
        yield " ".join(map(str, chosen)), _document(services, report, params)


def _document(services: Services, report: Report[Any], params: Mapping[str, Any]) -> Document:
    parameters, scope = report.parameters.model_validate(dict(params)), BankScope.everything()
    with services.costar.snapshot() as snapshot:
        data = report_data(Workshop.of(services), snapshot, scope, "", OutputParameters(is_preview=True))
        own_data = report.own_data(parameters, scope, services.reporting)
        return report.build(parameters, replace(data, own_data=own_data))


def _contents(empty: Mapping[str, Document], full: Mapping[str, Document]) -> Contents:
    first = next(iter(full.values()))
    names = [table.name for table in first.tables]
    sheets = (sheet for name in names for sheet in _sheets(name, empty, full))
    return Contents(tuple(sheets), first.kpis, first.charts)


def _sheets(name: str, empty: Mapping[str, Document], full: Mapping[str, Document]) -> list[Sheet]:
    """One sheet, or one per choice where its headings depend on it."""
    found = [Sheet(name, choice, *_shape(name, empty[choice], document)) for choice, document in full.items()]
    return found if len({sheet.headings for sheet in found}) > 1 else [replace(found[0], choice="")]


def _shape(name: str, empty: Document, full: Document) -> tuple[tuple[str, ...], bool]:
    """The headings, and whether the table is the main one."""
    table = next(table for table in full.tables if table.name == name)
    fixed = {column.label for each in empty.tables if each.name == name for column in each.columns}
    labels = [column.label if column.label in fixed else "…" for column in table.columns]
    return tuple(label for label, run in groupby(labels) for label in _once(label, list(run))), table.is_main


def _once(label: str, run: Sequence[str]) -> Sequence[str]:
    return [label] if label == "…" else run
