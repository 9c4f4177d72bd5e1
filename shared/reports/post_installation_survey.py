"""Post-Installation Survey: what merchants say after an installation: ratings, comments, the themes of complaints."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Select, case, func, select

from shared.clock import local_date
from shared.document import Chart, ChartKind, Column, Document, Kind, Note, Row, Series, Table
from shared.reports._calls import call, with_names
from shared.reports._dated import Content, dated_document
from shared.reports._export_info import Reconciled
from shared.reports._figures import Figure, tiles
from shared.reports._metrics import average
from shared.reports._model import Entry, ReportData
from shared.reports._names import bank_members
from shared.reports._parameters import BankFilter, DateRange, IsoDate
from shared.reports._period import days_of, previous_dates
from shared.reports._surveys import (
    LOW,
    RATINGS,
    SurveyedPeriod,
    SurveyFacts,
    comment_of,
    instants_of,
    is_installation,
    survey,
    surveyed,
    surveys_within,
    with_calls,
)
from shared.reports._themes import UNCLASSIFIED, Themes
from shared.tables import banks, customer_surveys, user_profiles

_SUMMARY = (
    Column("bank", "Bank"),
    Column("totalSurveys", "Total Surveys", Kind.INTEGER),
    Column("avgRating", "Avg Rating", Kind.DECIMAL, decimals=2),
    *(Column(f"share{rating}", f"{rating}-Star %", Kind.PERCENT) for rating in RATINGS),
    Column("nps", "NPS Score", Kind.DECIMAL, decimals=2),
    Column("responseRate", "Response Rate %", Kind.PERCENT),
    Column("topIssues", "Top Issues", long_text=True),
)
_DETAILS = (
    Column("callNumber", "Call Number"),
    Column("clientName", "Client Name"),
    Column("engineerName", "Engineer Name", few_values=True),
    Column("installationDate", "Installation Date", Kind.DATE),
    Column("surveyDate", "Survey Date", Kind.DATE),
    Column("overallRating", "Overall Rating", Kind.INTEGER),
    Column("installationQuality", "Installation Quality", Kind.INTEGER),
    Column("engineerProfessionalism", "Engineer Professionalism", Kind.INTEGER),
    Column("timeliness", "Timeliness", Kind.INTEGER),
    Column("deviceFunctionality", "Device Functionality", Kind.INTEGER),
    Column("comments", "Comments", long_text=True),
    Column("wouldRecommend", "Would Recommend (Y/N)", few_values=True),
)
_COMMENTS = (
    Column("rating", "Rating", Kind.INTEGER),
    Column("bank", "Bank", few_values=True),
    Column("callNumber", "Call Number"),
    Column("clientName", "Client Name"),
    Column("engineerName", "Engineer Name", few_values=True),
    Column("surveyDate", "Survey Date", Kind.DATE),
    Column("comment", "Comment", long_text=True),
)
_YES_NO = {True: "Y", False: "N", None: None}
_AVERAGE = "mean overall rating of the surveys that have one"
_NPS = "% of rated surveys with 5 − % with 1 to 3"
_RATE = "installations completed in the range that have a survey of any date / installations completed in the range"

Conditions = Sequence[ColumnElement[bool]]


class PostInstallationSurveyParameters(DateRange, BankFilter):
    """The parameters of Post-Installation Survey."""

    date_from: IsoDate | None = Field(None, description="First survey date, included.")
    date_to: IsoDate | None = Field(None, description="Last survey date, included.")
    min_rating: int | None = Field(
        None, ge=min(RATINGS), le=max(RATINGS), description="Details and comments of this rating or a better one only."
    )


def build(parameters: PostInstallationSurveyParameters, data: ReportData) -> Document:
    """The document: surveys are counted now, the rows of Details and Comments read when a format asks for them."""
    dates, themes = parameters.dates, Themes.of_file()
    now, then = surveyed(parameters.banks, data, themes, (dates, previous_dates(*dates)))
    facts = now.all
    conditions = _detailed(parameters, data)
    content = Content(
        tables=(
            _summary(now, themes, data),
            Table(
                "Details",
                _DETAILS,
                lambda: _details(data, conditions),
                facts.shown(facts.ratings, parameters.min_rating),
                is_main=True,
            ),
            Table(
                "Comments",
                _COMMENTS,
                lambda: _comments(data, conditions),
                facts.shown(facts.comments, parameters.min_rating),
            ),
        ),
        kpis=tiles(_FIGURES, facts, then.all, data.settings),
        charts=(_distribution(facts), _monthly(now, dates)),
        reconciled=lambda: _reconciled(now, facts, parameters.min_rating),
        notes=_notes(parameters),
    )
    return dated_document("post-installation-survey", "Post-Installation Survey", parameters, data, content)


def estimate(parameters: PostInstallationSurveyParameters, data: ReportData) -> int:
    """Surveys of installations, whatever their rating."""
    conditions = surveys_within(parameters.banks, data, instants_of(parameters.dates, data))
    statement = select(func.count()).select_from(with_calls()).where(*conditions, is_installation())
    return int(data.reader.all(statement)[0][0])


ENTRY = Entry(
    category="surveys",
    icon="star",
    estimated_time="1–2 min",
    async_threshold=10_000,
    parameters=PostInstallationSurveyParameters,
    build=build,
    estimate=estimate,
)


def _detailed(parameters: PostInstallationSurveyParameters, data: ReportData) -> Conditions:
    conditions = surveys_within(parameters.banks, data, instants_of(parameters.dates, data))
    if parameters.min_rating is not None:
        conditions.append(survey.overall_rating >= parameters.min_rating)
    return [*conditions, is_installation()]


def _notes(parameters: PostInstallationSurveyParameters) -> list[Note]:
    rating = parameters.min_rating
    return [] if rating is None else [Note("Minimum rating of details and comments", str(rating))]


_Figure = Figure[SurveyFacts]
_FIGURES = (
    _Figure("surveys", "Surveys", Kind.INTEGER, "surveys of installations by survey date", lambda t: t.surveys),
    _Figure("avgRating", "Avg Rating", Kind.DECIMAL, _AVERAGE, lambda t: t.avg_rating),
    _Figure("nps", "NPS", Kind.DECIMAL, _NPS, lambda t: t.nps),
    _Figure("responseRate", "Response Rate %", Kind.PERCENT, _RATE, lambda t: t.response_rate),
)


def _summary(period: SurveyedPeriod, themes: Themes, data: ReportData) -> Table:
    rows: list[Row] = []
    for bank in bank_members(period.by_bank, data):
        facts = period.of(bank.value)
        figures = (facts.surveys, facts.avg_rating, *facts.shares, facts.nps, facts.response_rate)
        rows.append((bank.label, *figures, facts.top_issues(themes.names) or None))
    return Table.eager("Summary", _SUMMARY, rows)


def _named(columns: Sequence[Any], conditions: Conditions) -> Select[Any]:
    """Surveys with calls, banks and engineers."""
    return select(*columns).select_from(with_names(with_calls())).where(*conditions)


def _details(data: ReportData, conditions: Conditions) -> Iterator[Row]:
    """Newest survey first."""
    parts = ("overall_rating", "installation_quality", "engineer_professionalism", "timeliness", "device_functionality")
    columns = (
        *(call.call_number, call.client_name, user_profiles.c.full_name, call.completed_at, survey.survey_date),
        *(customer_surveys.c[part] for part in parts),
        *(survey.comments, survey.would_recommend),
    )
    statement = _named(columns, conditions).order_by(survey.survey_date.desc(), call.call_number)
    for row in data.reader.rows(statement):
        yield (
            *row[:3],
            _local(row.completed_at, data),
            _local(row.survey_date, data),
            *row[5:10],
            row.comments,
            _YES_NO[row.would_recommend],
        )


def _comments(data: ReportData, conditions: Conditions) -> Iterator[Row]:
    """Lowest rating first, comments without one last; of equal ones the newest first."""
    columns = (
        *(survey.overall_rating, banks.c.name, call.call_number, call.client_name, user_profiles.c.full_name),
        *(survey.survey_date, survey.comments),
    )
    unrated_last = case((survey.overall_rating.is_(None), 1), else_=0)
    order = (unrated_last, survey.overall_rating, survey.survey_date.desc(), call.call_number)
    for row in data.reader.rows(_named(columns, [*conditions, survey.comments.is_not(None)]).order_by(*order)):
        if comment_of(row.comments):
            yield (*row[:5], _local(row.survey_date, data), row.comments)


def _local(at: datetime | None, data: ReportData) -> date | None:
    return None if at is None else local_date(at, data.settings.zone)


def _distribution(facts: SurveyFacts) -> Chart:
    return Chart(
        "distribution",
        "Surveys by rating",
        ChartKind.BAR,
        tuple(f"{rating}-Star" for rating in RATINGS),
        (Series("Surveys", tuple(facts.ratings[rating] for rating in RATINGS)),),
        "Number of surveys with each overall rating",
        "Surveys",
    )


def _monthly(period: SurveyedPeriod, dates: tuple[date, date]) -> Chart:
    """Every month of the range; a gap where no survey has a rating."""
    months = list(dict.fromkeys((day.year, day.month) for day in days_of(*dates)))
    ratings = [period.by_month.get(month, Counter()) for month in months]
    averages = [average(sum(each * count for each, count in of.items()), sum(of.values())) for of in ratings]
    return Chart(
        "monthlyAverage",
        "Average rating per month",
        ChartKind.LINE,
        tuple(f"{year:04}-{month:02}" for year, month in months),
        (Series("Avg Rating", tuple(averages)),),
        "Average overall rating of the surveys of each month",
        "Rating",
    )


def _reconciled(period: SurveyedPeriod, facts: SurveyFacts, min_rating: int | None) -> list[Reconciled]:
    unrated = facts.surveys - facts.rated
    low = sum(count for rating, count in facts.comments.items() if rating is not None and rating <= LOW)
    better = sum(count for rating, count in facts.ratings.items() if rating > LOW)
    in_details = facts.shown(facts.ratings, min_rating)
    silent = in_details - facts.shown(facts.comments, min_rating)
    hidden = [("not of the minimum rating", facts.surveys - in_details)]
    unspoken = ("rated 3 or lower, no comment", facts.rated - better - low)
    themeless = ("no theme, counted as unclassified", facts.themes[UNCLASSIFIED])
    issues = [("no overall rating", unrated), ("rated 4 or 5", better), unspoken, themeless]
    return [
        Reconciled.of("Surveys", facts.surveys + period.others, [("not of an installation", period.others)]),
        *(Reconciled.of(name, facts.surveys, [("no overall rating", unrated)]) for name in ("Avg Rating", "NPS")),
        Reconciled.of(
            "Response Rate %", facts.installations, [("completed in the range, no survey", _unanswered(facts))]
        ),
        Reconciled.of("Top Issues", facts.surveys, issues),
        Reconciled.of("Details", facts.surveys, hidden),
        Reconciled.of("Comments", facts.surveys, [*hidden, ("no comment", silent)]),
    ]


def _unanswered(facts: SurveyFacts) -> int:
    return facts.installations - facts.answered
