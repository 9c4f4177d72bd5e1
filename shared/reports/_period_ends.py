"""The backlog at the last local instant of each period; of the one that as-of lies in at as-of, of later ones none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from sqlalchemy import ColumnElement

from shared.clock import local_date, local_midnight
from shared.reports._backlog import Backlog, backlogs
from shared.reports._model import ReportData
from shared.reports._period import Span


@dataclass(frozen=True)
class PeriodEnds:
    """The backlog right before the first period, and at the end of each that has begun; `today` is the as-of date."""

    today: date
    before: Backlog | None
    by_span: Mapping[Span, Backlog]

    @classmethod
    def read(cls, conditions: Sequence[ColumnElement[bool]], data: ReportData, spans: Sequence[Span]) -> Self:
        """From the states of all calls of the conditions."""
        zone, today = data.settings.zone, local_date(data.reader.as_of, data.settings.zone)
        begun = [span for span in spans if span.first <= today]
        if not begun:
            return cls(today, None, {})
        start = local_midnight(begun[0].first, zone)
        afters = [local_midnight(span.last + timedelta(days=1), zone) for span in begun if span.last < today]
        now = data.reader.as_of + timedelta.resolution  # what is dated after as-of has not happened
        ends = [start, *afters, *[now] * (len(begun) - len(afters))]
        before, *found = backlogs(conditions, data, start, ends)
        return cls(today, before, dict(zip(begun, found, strict=True)))

    def of(self, span: Span) -> Backlog | None:
        """At the end of the period."""
        return self.by_span.get(span)

    @property
    def last(self) -> Backlog | None:
        """At the end of the last period that has begun."""
        return list(self.by_span.values())[-1] if self.by_span else None

    def remark(self, span: Span) -> str:
        """Why the end of the period is not what it will be."""
        if span.first > self.today:
            return "after as-of"
        return "not over, end as of now" if span.last >= self.today else ""
