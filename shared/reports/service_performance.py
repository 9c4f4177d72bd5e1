"""Service Performance: what each engineer did, how quickly and how well, his distance travelled, his score and rank."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Self

from pydantic import Field
from sqlalchemy import select

from shared.document import Cell, Chart, ChartKind, Column, Document, Kind, Kpi, Row, Series, Table, clean_text
from shared.reports._calls import count_in_scope, in_scope
from shared.reports._dated import Content, dated_document
from shared.reports._distance import Distances
from shared.reports._engineer_exclusions import reconciled
from shared.reports._engineers import Holder, Work, by_engineer, travelled, with_evidence, work
from shared.reports._metrics import average, median, percentile
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_labels
from shared.reports._parameters import BankFilter, DateRange, IdList, RegionList
from shared.reports._period import previous_dates
from shared.reports._score import Performance, ranks, score_alone, scores
from shared.tables import InJsonList, user_profiles

_BEST = 10  # engineers in the chart
_QUANTILES = (0.25, 0.75, 0.9)
_NO_BANK = "(no bank)"

_WHO = (
    Column("engineerName", "Engineer Name"),
    Column("region", "Region", few_values=True),
    Column("bank", "Bank", few_values=True),
)
_SCORE = Column("performanceScore", "Performance Score (0-100)", Kind.DECIMAL, decimals=2)
_ON_PAGES = (
    "rank",
    "engineerName",
    "region",
    "totalCalls",
    "completed",
    "completionRate",
    "avgResponseTime",
    "avgResolutionTime",
    "onTime",
    "firstTimeFix",
    "performanceScore",
)

_COMPLETED = "calls in scope with an engineer and status completed"
_COMPLETION = "completed / (all − cancelled), over the calls in scope with an engineer"
_RESPONSE = (
    "mean minutes from the assignment to this engineer (the latest event that hands the call to him, else its "
    "assigned time) to the start, over the engineers' calls that have both in this order"
)
_RESOLUTION = (
    "mean minutes from first assignment to completion, over the engineers' completed calls that have both in this order"
)
_BEST_SCORE = (
    "highest of 0.30·completion rate + 0.20·(100 − response percentile) + 0.20·(100 − resolution percentile) "
    "+ 0.15·on-time rate + 0.15·first-time-fix rate, over engineers with {minimum} or more completed calls, who are "
    "also the population of the percentiles; a part without a value is left out and the other weights scaled to 1"
)


@dataclass(frozen=True)
class _Line:
    """An engineer, or an engineer's part for one bank, with its work; score and rank only of whole engineers."""

    id: str
    name: str
    region: str | None
    bank: str
    work: Work
    kilometres: float
    score: float | None = None
    rank: int | None = None

    @property
    def performance(self) -> Performance:
        """Rates and averages."""
        return self.work.performance

    @property
    def name_order(self) -> tuple[str, str, str]:
        """How engineers stand by name."""
        return self.name.casefold(), self.name, self.id


_Measure = Callable[[_Line], Cell]
_MEASURES: tuple[tuple[Column, _Measure], ...] = (
    (Column("totalCalls", "Total Calls Assigned", Kind.INTEGER), lambda line: line.work.calls),
    (Column("completed", "Calls Completed", Kind.INTEGER), lambda line: line.work.completed),
    (Column("inProgress", "Calls In Progress", Kind.INTEGER), lambda line: line.work.in_progress),
    (Column("cancelled", "Calls Cancelled", Kind.INTEGER), lambda line: line.work.cancelled),
    (Column("completionRate", "Completion Rate %", Kind.PERCENT), lambda line: line.performance.completion_rate),
    (Column("avgResponseTime", "Avg Response Time (min)", Kind.MINUTES), lambda line: line.performance.response),
    (Column("avgResolutionTime", "Avg Resolution Time (min)", Kind.MINUTES), lambda line: line.performance.resolution),
    (Column("onTime", "On-Time Completion %", Kind.PERCENT), lambda line: line.performance.on_time),
    (Column("firstTimeFix", "First-Time Fix Rate %", Kind.PERCENT), lambda line: line.performance.first_time_fix),
    (
        Column("satisfaction", "Customer Satisfaction Score", Kind.DECIMAL, decimals=2),
        lambda line: average(line.work.rating_sum, line.work.ratings),
    ),
    (Column("photos", "Photos Uploaded", Kind.INTEGER), lambda line: line.work.photos),
    (Column("distance", "Distance Traveled (km)", Kind.DECIMAL, decimals=2), lambda line: line.kilometres),
)


class ServicePerformanceParameters(DateRange, BankFilter):
    """The parameters of Service Performance."""

    engineers: IdList | None = Field(None, description="Only calls assigned to these engineers.")
    regions: RegionList | None = Field(None, description="Only calls whose engineer is of these regions.")


def build(parameters: ServicePerformanceParameters, data: ReportData) -> Document:
    """The document; every table is held. Statements give a row per engineer and bank; only places are streamed."""
    before = previous_dates(*parameters.dates)
    then = work(data, in_scope(parameters, data, before), before)
    conditions = in_scope(parameters, data, parameters.dates)
    now = with_evidence(work(data, conditions, parameters.dates), data, conditions)
    shown = _Shown.over(now, travelled(data, conditions), data)
    minimum = data.settings.minimum_sample
    summary = _ranked(shown.whole, minimum)
    ranked = [line for line in summary if line.rank is not None]
    content = Content(
        tables=(_summary(summary), _details(shown.parts), _benchmarks(ranked)),
        kpis=tuple(
            replace(tile, previous=earlier.value)
            for tile, earlier in zip(_tiles(now, minimum), _tiles(then, minimum), strict=True)
        ),
        charts=_best_scores(ranked),
        reconciled=lambda: reconciled(now, (len(summary), len(ranked)), minimum),
    )
    return dated_document("service-performance", "Service Performance", parameters, data, content)


def estimate(parameters: ServicePerformanceParameters, data: ReportData) -> int:
    """Calls in scope."""
    return count_in_scope(parameters, data, parameters.dates)


ENTRY = Entry(
    category="performance",
    icon="award",
    estimated_time="2–5 min",
    async_threshold=5_000,
    parameters=ServicePerformanceParameters,
    build=build,
    estimate=estimate,
)


@dataclass(frozen=True)
class _Shown:
    """Whole engineers, and engineers bank by bank, in order of their names."""

    whole: list[_Line]
    parts: list[_Line]

    @classmethod
    def over(cls, found: Mapping[Holder, Work], distances: Distances, data: ReportData) -> Self:
        """With names from the database."""
        people = _people(found, data)
        labels = bank_labels(sorted({bank for _, bank in found if bank is not None}), data)
        banks: dict[str | None, list[str]] = {}
        for each, bank in found:
            banks.setdefault(each, []).extend([labels[bank]] if bank is not None else [])
        parts = [
            _Line(each, *people[each], labels.get(bank or "", _NO_BANK), done, distances.by_bank.get((each, bank), 0))
            for (each, bank), done in found.items()
            if each is not None
        ]
        whole = [
            _Line(each, *people[each], _bank(banks[each]), done, distances.by_engineer.get(each, 0))
            for each, done in by_engineer(found).items()
        ]
        places = {label: place for place, label in enumerate((*labels.values(), _NO_BANK))}
        return cls(
            sorted(whole, key=lambda line: line.name_order),
            sorted(parts, key=lambda line: (*line.name_order, places[line.bank])),
        )


def _people(found: Iterable[Holder], data: ReportData) -> dict[str, tuple[str, str | None]]:
    """Name and region of engineers by id; an id without a row stays an id."""
    ids = sorted({engineer for engineer, _ in found if engineer is not None})
    person = user_profiles.c
    statement = select(person.id, person.full_name, person.region).where(InJsonList(person.id, ids))
    known = {row.id: (clean_text(row.full_name), row.region) for row in data.reader.all(statement)}
    return {each: known.get(each, (each, None)) for each in ids}


def _bank(labels: Sequence[str]) -> str:
    """The one bank that his calls have, or how many."""
    return f"({len(labels)} banks)" if len(labels) > 1 else next(iter(labels), _NO_BANK)


def _ranked(lines: Sequence[_Line], minimum: int) -> list[_Line]:
    """The lines with scores: by rank, then those without one by name, as they come."""
    found = _scores([line.work for line in lines], minimum)
    places = ranks(
        [score if line.work.completed >= minimum else None for line, score in zip(lines, found, strict=True)]
    )
    scored = [replace(line, score=score, rank=rank) for line, score, rank in zip(lines, found, places, strict=True)]
    return sorted(scored, key=lambda line: (line.rank is None, line.rank or 0))


def _scores(works: Sequence[Work], minimum: int) -> list[float | None]:
    """The score of each; those with few completed calls are in nobody's population, and have none."""
    population = iter(scores([each.performance for each in works if each.completed >= minimum]))
    return [next(population) if each.completed >= minimum else score_alone(each.performance) for each in works]


def _summary(lines: Sequence[_Line]) -> Table:
    columns = (
        Column("rank", "Rank", Kind.INTEGER),
        *_WHO,
        *(column for column, _ in _MEASURES),
        _SCORE,
        Column("note", "Note", few_values=True),
    )
    rows = [(line.rank, *_cells(line), line.score, "small sample" if line.rank is None else None) for line in lines]
    return replace(Table.eager("Summary", columns, rows, is_main=True), page_columns=_ON_PAGES)


def _details(lines: Sequence[_Line]) -> Table:
    return Table.eager("Details", (*_WHO, *(column for column, _ in _MEASURES)), list(map(_cells, lines)))


def _cells(line: _Line) -> Row:
    return (line.name, line.region, line.bank, *(measure(line) for _, measure in _MEASURES))


def _benchmarks(ranked: Sequence[_Line]) -> Table:
    """Every number of the summary over the engineers with a rank, those who have it."""
    labels = ("Mean", "Median", "P25", "P75", "P90")
    columns = [Column("measure", "Measure"), *(Column(each.lower(), each, Kind.DECIMAL, decimals=2) for each in labels)]
    measures = (*_MEASURES, (_SCORE, lambda line: line.score))
    return Table.eager("Benchmarks", columns, [_benchmark(*each, ranked) for each in measures] if ranked else [])


def _benchmark(column: Column, measure: _Measure, lines: Sequence[_Line]) -> Row:
    ordered = sorted(float(value) for value in map(measure, lines) if isinstance(value, int | float))
    quantiles = (percentile(ordered, each) for each in _QUANTILES)
    return (column.label, average(fsum(ordered), len(ordered)), median(ordered), *quantiles)


def _tiles(found: Mapping[Holder, Work], minimum: int) -> list[Kpi]:
    engineers = list(by_engineer(found).values())
    whole = Work.over(engineers)
    pairs = zip(engineers, _scores(engineers, minimum), strict=True)
    best = max((score for each, score in pairs if each.completed >= minimum and score is not None), default=None)
    formula = _BEST_SCORE.format(minimum=minimum)
    return [
        Kpi("engineers", "Engineers", Kind.INTEGER, len(engineers), None, "engineers who have calls in scope"),
        Kpi("completed", "Calls Completed", Kind.INTEGER, whole.completed, None, _COMPLETED),
        Kpi("completionRate", "Completion Rate %", Kind.PERCENT, whole.performance.completion_rate, None, _COMPLETION),
        Kpi("avgResponse", "Avg Response", Kind.MINUTES, whole.performance.response, None, _RESPONSE),
        Kpi("avgResolution", "Avg Resolution", Kind.MINUTES, whole.performance.resolution, None, _RESOLUTION),
        Kpi("bestScore", "Best Score", Kind.DECIMAL, best, None, formula),
    ]


def _best_scores(ranked: Sequence[_Line]) -> list[Chart]:
    """No chart where nobody has a rank."""
    best = ranked[:_BEST]
    names = tuple(line.name for line in best)
    series = Series("Performance Score", tuple(line.score for line in best))
    description = "The engineers with the best performance scores"
    made = Chart("bestScores", "Best performance scores", ChartKind.BAR, names, (series,), description, "Score")
    return [made] if best else []
