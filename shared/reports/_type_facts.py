"""What the summary of a type of calls needs call by call: bounces and evidence; keeps counts, never a call.

The calls of both periods are read once, as a stream.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select

from shared.ports import Query
from shared.reports._bounces import count_bounced
from shared.reports._call_metadata import metadata_text, read_metadata
from shared.reports._calls import CallFilters, call, in_scope
from shared.reports._export_info import Reconciled
from shared.reports._model import ReportData
from shared.reports._type_columns import refused
from shared.tables import call_devices, calls, photos


def missing_evidence(*, photo: bool, device: bool) -> str:
    """How a completed call that lacks what is mandatory is flagged; "" where it lacks nothing."""
    return "; ".join([*["mandatory photo missing"] * photo, *["mandatory device missing"] * device])


@dataclass
class TypeFacts:
    """Counts over the calls of one range of dates."""

    call_type: str
    calls: int = 0
    completed: int = 0
    bounced: int = 0  # of the completed ones
    with_nothing_required: int = 0  # of the completed ones
    flags: Counter[str] = field(default_factory=Counter)  # completed calls by what they lack
    refusals: Counter[str] = field(default_factory=Counter)  # calls by why metadata is left out
    by_bank: Counter[str | None] = field(default_factory=Counter)

    @property
    def missing(self) -> int:
        """Completed calls that lack mandatory evidence."""
        return self.flags.total()

    @property
    def fixed_at_once(self) -> int:
        """Completed calls without a bounce."""
        return self.completed - self.bounced

    def add(self, row: Any, zone: ZoneInfo) -> None:
        """Counts one call."""
        self.calls += 1
        self.by_bank[row.client_bank] += 1
        if reason := refused(self.call_type, read_metadata(row.metadata), zone):
            self.refusals[reason] += 1
        if row.status == "completed":
            self.completed += 1
            self.with_nothing_required += not (row.requires_photo or row.requires_device)
            if flag := missing_evidence(photo=bool(row.lacks_photo), device=bool(row.lacks_device)):
                self.flags[flag] += 1

    def reconciled(self, cancelled: int) -> list[Reconciled]:
        """What the figures that only this report has leave out, and what else is odd about the calls."""
        open_or_cancelled = [("not completed yet", self.calls - self.completed - cancelled), ("cancelled", cancelled)]
        complete = self.completed - self.with_nothing_required - self.missing
        return [
            Reconciled.of("First-Time Fix %", self.calls, open_or_cancelled),
            Reconciled.of(
                "Mandatory Evidence Missing",
                self.calls,
                [
                    *open_or_cancelled,
                    ("completed, nothing mandatory", self.with_nothing_required),
                    ("completed with what is mandatory", complete),
                ],
            ),
            Reconciled.of("mandatory evidence as required", self.calls, sorted(self.flags.items())),
            Reconciled.of(
                "metadata as recorded",
                self.calls,
                [(f"{reason}, left blank", count) for reason, count in sorted(self.refusals.items())],
            ),
        ]


def type_facts(
    parameters: CallFilters, data: ReportData, call_type: str, dates: tuple[date, date], before: tuple[date, date]
) -> tuple[TypeFacts, TypeFacts]:
    """The counts over `dates`, and over the earlier `before`; the calls of both are read in one go."""
    now, then = TypeFacts(call_type), TypeFacts(call_type)
    conditions, zone = in_scope(parameters, data, (before[0], dates[1])), data.settings.zone
    for row in data.reader.rows(_statement(conditions)):
        (now if row.scheduled_date >= dates[0] else then).add(row, zone)
    bounced = count_bounced(data, [*conditions, call.status == "completed"], call.scheduled_date)
    for (day,), count in bounced.items():
        (now if day >= dates[0] else then).bounced += count
    return now, then


def _statement(conditions: Sequence[ColumnElement[bool]]) -> Query:
    return select(
        *(call.scheduled_date, call.status, call.client_bank, call.requires_photo, call.requires_device),
        _lacking(call.requires_photo, photos.c.call_id).label("lacks_photo"),
        _lacking(call.requires_device, call_devices.c.call_id).label("lacks_device"),
        metadata_text().label("metadata"),
    ).where(*conditions)


def _lacking(required: ColumnElement[bool | None], owner: ColumnElement[str]) -> ColumnElement[int]:
    """1 where the call requires something of the table in which `owner` refers to calls, and has none; else 0.

    Counted: asked whether there is one, PostgreSQL would read the whole table before the first row.
    """
    number = select(func.count()).where(owner == call.id).correlate(calls).scalar_subquery()
    return case((required & (number == 0), 1), else_=0)
