"""Surveys of installations by bank and month: one streamed pass that keeps counts, never a survey.

Surveys count by the local date of `survey_date`; the bank predicate is that of their calls.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Join, func, select

from shared.clock import local_date, local_midnight
from shared.reports._calls import call
from shared.reports._metrics import average, share
from shared.reports._model import ReportData
from shared.reports._themes import UNCLASSIFIED, Themes
from shared.tables import calls, customer_surveys

RATINGS = (5, 4, 3, 2, 1)
LOW = 3  # comments of this rating or a lower one are searched for themes
_TOP = 3
_INSTALLATION = "installation"

survey = customer_surveys.c
Range = tuple[datetime, datetime]  # from the first instant to the one after the last


@dataclass
class SurveyFacts:
    """Counts over some surveys of installations, and over the installations completed in the same time."""

    surveys: int = 0
    ratings: Counter[int] = field(default_factory=Counter)  # surveys by overall rating
    comments: Counter[int | None] = field(default_factory=Counter)  # surveys with a comment by overall rating
    themes: Counter[str] = field(default_factory=Counter)  # low comments by theme; one may have several
    installations: int = 0
    answered: int = 0  # installations that have a survey

    def add(self, rating: int | None, comment: str, themes: Iterable[str]) -> None:
        """Counts one survey."""
        self.surveys += 1
        self.ratings.update([] if rating is None else [rating])
        self.comments.update([rating] if comment else [])
        self.themes.update(themes)

    @classmethod
    def over(cls, parts: Iterable["SurveyFacts"]) -> "SurveyFacts":
        """All of these together."""
        whole = cls()
        for part in parts:
            whole.surveys += part.surveys
            whole.ratings.update(part.ratings)
            whole.comments.update(part.comments)
            whole.themes.update(part.themes)
            whole.installations += part.installations
            whole.answered += part.answered
        return whole

    @property
    def rated(self) -> int:
        """Surveys with an overall rating."""
        return self.ratings.total()

    @property
    def avg_rating(self) -> float | None:
        """Mean overall rating, 1 to 5."""
        return average(sum(rating * count for rating, count in self.ratings.items()), self.rated)

    @property
    def shares(self) -> list[float | None]:
        """Percent of the rated surveys by rating, best first."""
        return [share(self.ratings[rating], self.rated) for rating in RATINGS]

    @property
    def nps(self) -> float | None:
        """Percent of 5 less percent of 1 to 3, −100 to 100 (reports.md §3.12)."""
        low = sum(count for rating, count in self.ratings.items() if rating <= LOW)
        return None if not self.rated else 100.0 * (self.ratings[RATINGS[0]] - low) / self.rated

    @property
    def response_rate(self) -> float | None:
        """Percent of the completed installations that have a survey."""
        return share(self.answered, self.installations)

    def shown(self, counts: Counter[int] | Counter[int | None], min_rating: int | None) -> int:
        """How many of the surveys that `counts` has by rating pass the filter."""
        if min_rating is None:
            return counts.total() if counts is self.comments else self.surveys
        return sum(count for rating, count in counts.items() if rating is not None and rating >= min_rating)

    def top_issues(self, names: Sequence[str]) -> str:
        """The most frequent themes with their counts, of equal ones the first in `names`; then what has no theme."""
        often = sorted((name for name in names if self.themes[name]), key=lambda name: -self.themes[name])[:_TOP]
        rest = [UNCLASSIFIED] if self.themes[UNCLASSIFIED] else []
        return "; ".join(f"{name} ({self.themes[name]})" for name in (*often, *rest))


@dataclass
class SurveyedPeriod:
    """One range of dates: facts by bank, ratings by month, and surveys of calls that are no installations."""

    by_bank: dict[str | None, SurveyFacts] = field(default_factory=dict)
    by_month: dict[tuple[int, int], Counter[int]] = field(default_factory=dict)  # by year and month
    others: int = 0

    def of(self, bank: str | None) -> SurveyFacts:
        """The facts of a bank."""
        return self.by_bank.setdefault(bank, SurveyFacts())

    @property
    def all(self) -> SurveyFacts:
        """The facts of all banks."""
        return SurveyFacts.over(self.by_bank.values())


def instants_of(dates: tuple[date, date], data: ReportData) -> Range:
    """The dates, both included, as instants."""
    zone = data.settings.zone
    return local_midnight(dates[0], zone), local_midnight(dates[1] + timedelta(days=1), zone)


def surveys_within(banks: Sequence[str] | None, data: ReportData, span: Range) -> list[ColumnElement[bool]]:
    """The conditions on surveys joined with their calls, of whatever type."""
    permitted = data.scope.narrowed(banks).predicate(call.client_bank)
    return [permitted, survey.survey_date >= span[0], survey.survey_date < span[1]]


def is_installation() -> ColumnElement[bool]:
    """Whether the call is an installation."""
    return call.type == _INSTALLATION


def with_calls() -> Join:
    """Surveys with their calls."""
    return customer_surveys.join(calls, call.id == survey.call_id)


def surveyed(
    banks: Sequence[str] | None, data: ReportData, themes: Themes, periods: Sequence[tuple[date, date]]
) -> list[SurveyedPeriod]:
    """Each of the periods, which follow one another without a gap, latest first; the surveys are read once."""
    spans = [instants_of(dates, data) for dates in periods]
    found = [SurveyedPeriod() for _ in periods]
    conditions = surveys_within(banks, data, (spans[-1][0], spans[0][1]))
    columns = (call.client_bank, call.type, survey.survey_date, survey.overall_rating, survey.comments)
    for row in data.reader.rows(select(*columns).select_from(with_calls()).where(*conditions)):
        place = next(place for place, span in enumerate(spans) if row.survey_date >= span[0])
        _count(row, found[place], data, themes)
    for period, span in zip(found, spans, strict=True):
        _count_installations(banks, data, period, span)
    return found


def _count(row: Any, period: SurveyedPeriod, data: ReportData, themes: Themes) -> None:
    if row.type != _INSTALLATION:
        period.others += 1
        return
    rating, comment = row.overall_rating, comment_of(row.comments)
    is_low = comment and rating is not None and rating <= LOW
    period.of(row.client_bank).add(rating, comment, (themes.of(comment) or [UNCLASSIFIED]) if is_low else ())
    if rating is not None:
        day = local_date(row.survey_date, data.settings.zone)
        period.by_month.setdefault((day.year, day.month), Counter())[rating] += 1


def comment_of(text: str | None) -> str:
    """The comment without blanks around it; "" where there is none."""
    return (text or "").strip()


def _count_installations(banks: Sequence[str] | None, data: ReportData, period: SurveyedPeriod, span: Range) -> None:
    """Installations completed in the span by bank, and how many of them have a survey of whatever date."""
    done = (call.status == "completed", call.completed_at >= span[0], call.completed_at < span[1])
    rows = data.reader.all(
        select(call.client_bank, func.count(), func.count(survey.id))
        .select_from(calls.outerjoin(customer_surveys, survey.call_id == call.id))
        .where(data.scope.narrowed(banks).predicate(call.client_bank), is_installation(), *done)
        .group_by(call.client_bank)
    )
    for bank, installations, answered in rows:
        facts = period.of(bank)
        facts.installations, facts.answered = installations, answered
