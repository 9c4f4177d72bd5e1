"""What Pending Call Ageing promises beyond right cells: a file that tells its date, and no date to come."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.acceptance.comparing import KOLKATA
from tests.acceptance.product import Product

REPORT = "pending-ageing"


def test_the_file_tells_its_date(sampled: Product) -> None:
    """The file is named after the date, which may be given relative to the day of the run."""
    today = datetime.now(KOLKATA).date()
    with sampled.person("admin") as admin:
        names = [
            admin.request(REPORT, params).json()["filename"]
            for params in ({}, {"asOf": "due_date"}, {"asOf": "previous_day"}, {"asOfDate": "2020-02-29"})
        ]
    days = [today, today, today - timedelta(1), date(2020, 2, 29)]
    assert [name[:-11] for name in names] == [f"pending-ageing_asof-{day}" for day in days]


@pytest.mark.parametrize(
    "params",
    [
        {"asOf": "tomorrow"},
        {"asOf": "due_date", "asOfDate": "2020-02-29"},
        {"minDaysOpen": -1},
        {"minDaysOpen": "3"},
        {"asOfDate": (datetime.now(UTC).date() + timedelta(3)).isoformat()},
        {"dateFrom": "2020-02-29"},
    ],
)
def test_bad_parameters_are_refused(sampled: Product, params: dict[str, Any]) -> None:
    """A date to come, two dates at once, and numbers that are none are refused by name."""
    with sampled.person("admin") as admin:
        answer = admin.request(REPORT, params)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_PARAMETERS"), answer.text
