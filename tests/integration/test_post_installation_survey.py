"""Post-Installation Survey over planted worlds: dates at the edges, blanks, each reason to be left out once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.jobs.submit import accept
from shared.ports import Services
from shared.reports import catalogue
from shared.tables import customer_surveys
from tests.acceptance.comparing import KOLKATA, assert_same, question
from tests.acceptance.oracle import post_installation_survey
from tests.acceptance.oracle.records import from_database
from tests.acceptance.oracle.workbooks import Opened, opened
from tests.any_report import Desk
from tests.jobs import with_settings
from tests.world import DAY, World

REPORT = "post-installation-survey"
NOON = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
LATE = "Came late, bad network"


def _params(first: date = DAY, last: date = DAY, **more: Any) -> dict[str, Any]:
    return {"dateFrom": first.isoformat(), "dateTo": last.isoformat(), **more}


def _file(services: Services, params: dict[str, Any]) -> Opened:
    return opened(Desk(services).file(REPORT, params, "xlsx"))


def _assert_naive(services: Services, params: dict[str, Any]) -> Opened:
    """The workbook, which equals the second calculation over the same database."""
    file = _file(services, params)
    world = from_database(services.settings.database_url.replace("+psycopg", "").replace("sqlite:///", "sqlite:////"))
    asked = question(params, datetime.now(UTC), KOLKATA)
    assert_same(file, post_installation_survey.answer(world, asked, params.get("minRating")))
    return file


def _survey(world: World, rating: int | None, comment: str | None = None, **values: Any) -> None:
    """An installation completed at noon, and its survey; `call` changes the call, other values the survey."""
    call = world.call(**{"status": "completed", "completed_at": NOON, **values.pop("call", {})})
    row = {"call_id": call, "survey_date": NOON, "overall_rating": rating, "comments": comment, "created_at": NOON}
    world._insert(customer_surveys, row, values)


def _column(file: Opened, sheet: str, heading: str) -> list[Any]:
    place = file.sheets[sheet][0].index(heading)
    return [row[place] for row in file.sheets[sheet][1:]]


def test_every_reason_is_told(services: Services, world: World) -> None:
    """Unrated, silent and themeless surveys, other types and unanswered installations stand on Export Info."""
    bank = world.bank("Alpha")
    for rating, comment in zip((5, 4, 3, 2, 1, 1), ("Good", None, LATE, " \n ", "Hm", "देर से आया"), strict=True):
        _survey(world, rating, comment, call={"client_bank": bank})
    _survey(world, None, "not rated, but late")
    _survey(world, 1, "late", call={"type": "swap"})
    _survey(world, 2, "late", survey_date=NOON - ONE_DAY, call={"completed_at": None})
    world.call(bank, status="completed", completed_at=NOON)
    file = _assert_naive(services, _params())
    summary = {row[0]: row[1:] for row in file.sheets["Summary"][1:]}
    assert list(summary) == ["Alpha", "(no bank)"]
    assert summary["Alpha"][0] == 6
    assert summary["Alpha"][7:] == [
        pytest.approx(100 / 6 - 400 / 6),
        pytest.approx(600 / 7),
        "late (2); network (1); unclassified (1)",
    ]
    assert summary["(no bank)"] == [1, *[None] * 7, 100, None]
    assert dict(file.reconciliation)["Reconciled: Top Issues"] == "in scope 7 = counted 2 + excluded 5"
    assert dict(file.reconciliation)["Excluded from Surveys"] == "not of an installation: 1"
    assert _column(file, "Comments", "Rating") == [1, 1, 3, 5, None]


def test_a_minimum_rating_filters_rows_only(services: Services, world: World) -> None:
    """Details and Comments keep the ratings asked for, unrated surveys go; the summary is what it was."""
    for rating in (1, 2, 3, 4, 5, None):
        _survey(world, rating, "late")
    whole, filtered = _assert_naive(services, _params()), _assert_naive(services, _params(minRating=4))
    assert filtered.sheets["Summary"] == whole.sheets["Summary"]
    assert sorted(_column(filtered, "Details", "Overall Rating")) == [4, 5]
    assert _column(filtered, "Comments", "Rating") == [4, 5]
    assert len(whole.sheets["Details"]) == len(whole.sheets["Comments"]) == 7
    assert filtered.told("Minimum rating of details and comments") == "4"


def test_days_begin_and_end_in_the_business_zone(services: Services, world: World) -> None:
    """A survey of 23:59 counts for its local day, one of midnight for the next; so do completions."""
    midnight = datetime(2026, 3, 10, 18, 30, tzinfo=UTC)  # the end of DAY in Asia/Kolkata
    second = timedelta(seconds=1)
    for at in (midnight - ONE_DAY, midnight - second, midnight, midnight - ONE_DAY - second):
        _survey(world, 5, survey_date=at, call={"completed_at": at})
    file = _assert_naive(services, _params())
    assert _column(file, "Details", "Survey Date") == [DAY, DAY]
    assert _column(file, "Details", "Installation Date") == [DAY, DAY]
    assert dict(file.reconciliation)["Reconciled: Response Rate %"] == "in scope 2 = counted 2 + excluded 0"


def test_months_and_days_hold_where_clocks_change(services: Services, world: World) -> None:
    """In a zone with summer time, the day of 23 hours has its surveys, and a month without any is a gap."""
    new_york = with_settings(services, report_timezone="America/New_York")
    first, last = datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 9, 3, 59, 59, tzinfo=UTC)
    for at in (first, last, first - timedelta(seconds=1), last + timedelta(seconds=1)):
        _survey(world, 4, survey_date=at)
    assert _column(_file(new_york, _params(date(2026, 3, 8), date(2026, 3, 8))), "Details", "Survey Date") == [
        date(2026, 3, 8),
        date(2026, 3, 8),
    ]
    chart = _file(new_york, _params(date(2026, 2, 1), date(2026, 4, 2))).charts["Average rating per month"]
    assert chart == {"": ["2026-02", "2026-03", "2026-04"], "Avg Rating": [None, 4, None]}


def test_the_previous_period_is_that_of_the_days_before(services: Services, world: World) -> None:
    """Tiles compare with the surveys and installations of as many days before, none counted twice."""
    for days, rating in ((0, 5), (-1, 1), (-1, 2), (-2, 4)):
        at = NOON + days * ONE_DAY
        _survey(world, rating, survey_date=at, call={"completed_at": at})
    world.call(status="completed", completed_at=NOON - ONE_DAY)
    shown = Desk(services).preview(REPORT, _params())
    told = {tile["label"]: (tile["value"], tile["previous"]) for tile in shown["kpis"]}
    assert told["Surveys"] == (1, 2)
    assert told["Avg Rating"] == (5, 1.5)
    assert told["NPS"] == (100, -100)
    assert told["Response Rate %"] == (100, pytest.approx(200 / 3))


def test_nulls_everywhere(services: Services, world: World) -> None:
    """A survey with nothing but its date is a row of blanks; yes and no are letters; formulas stay text."""
    _survey(world, None, call={"client_name": None, "completed_at": None})
    for recommends in (True, False):
        call = {"assigned_engineer": world.engineer()}
        _survey(world, 5, "=1+1", would_recommend=recommends, timeliness=2, call=call)
    file = _assert_naive(services, _params())
    rows = {row[-1]: row for row in file.sheets["Details"][1:]}
    assert rows[None][1:] == [None, None, None, DAY, *[None] * 7]
    assert (rows["Y"][8], rows["N"][10]) == (2, "=1+1")


def test_a_bank_administrator_sees_his_bank_alone(services: Services, world: World) -> None:
    """Neither rows, nor figures, nor comments of another bank."""
    mine, other = world.bank("Mine"), world.bank("Canary")
    for bank, comment in ((mine, "late"), (other, "Canary was late"), (None, "Canary")):
        _survey(world, 1, comment, call={"client_bank": bank})
    body = {"reportId": REPORT, "params": _params(), "output": {"isPreview": True}}
    shown = accept(services, world.caller(world.person("bank_admin", mine)), body)
    assert isinstance(shown, dict)
    assert [sheet["totalRows"] for sheet in shown["sheets"]] == [1, 1, 1]
    assert "Canary" not in str(shown)


def test_the_parameter_is_a_rating() -> None:
    """A minimum of 0 or 6 is refused."""
    for rating in (0, 6):
        with pytest.raises(ValueError, match="minRating"):
            catalogue()[REPORT].parameters.model_validate(_params(minRating=rating))
