"""Request parsing: every bad form is refused by its place, the value is never repeated, and good forms are taken."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidParameters, InvalidReportId
from shared.jobs.request import ReportRequest, parsed
from shared.reports import catalogue, parameters_hash

DUE = date(2026, 3, 10)
DATES = {"dateFrom": "2026-03-01", "dateTo": "2026-03-10"}
SECRET = "canary-5d3f"  # stands in values that are wrong, and must not come back


def _parse(body: Mapping[str, Any]) -> ReportRequest:
    return parsed(body, DUE, 366)


def _body(params: Any = DATES, output: Any = None, report: Any = "call-details", **more: Any) -> dict[str, Any]:
    return {"reportId": report, "params": params, "output": {"format": "csv"} if output is None else output, **more}


def _problems(body: Mapping[str, Any]) -> list[str]:
    """The paths of the problems; that nothing of the value is told is asked at every call."""
    with pytest.raises(InvalidParameters) as caught:
        _parse(body)
    assert SECRET not in f"{caught.value} {json.dumps(caught.value.details)}"
    assert all(entry["problem"] for entry in caught.value.details)
    return [entry["path"] for entry in caught.value.details]


def _nested(depth: int) -> Any:
    value: Any = SECRET
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({}, "params"),
        ({"dateFrom": "2026-03-01"}, "params"),
        ({"dateTo": "2026-03-01"}, "params"),
        ({"dateFrom": "2026-03-02", "dateTo": "2026-03-01"}, "params"),
        ({**DATES, "period": "last_7_days"}, "params"),
        ({"dateFrom": "2026-03-01", "period": "last_7_days"}, "params"),
        ({"period": SECRET}, "params.period"),
        ({"period": None}, "params"),
        ({**DATES, "colour": SECRET}, "params.colour"),
        ({**DATES, "date_from": SECRET}, "params.date_from"),
        ({"date_from": "2026-03-01", "date_to": "2026-03-01"}, "params.date_from"),
        ({**DATES, "banks": []}, "params.banks"),
        ({**DATES, "banks": SECRET}, "params.banks"),
        ({**DATES, "banks": {"a": SECRET}}, "params.banks"),
        ({**DATES, "banks": [SECRET]}, "params.banks.0"),
        ({**DATES, "banks": [str(uuid4()), 7]}, "params.banks.1"),
        ({**DATES, "banks": [None]}, "params.banks.0"),
        ({**DATES, "banks": [_nested(2)]}, "params.banks.0"),
        ({**DATES, "engineers": [True]}, "params.engineers.0"),
        ({**DATES, "status": [SECRET]}, "params.status.0"),
        ({**DATES, "status": ["Pending"]}, "params.status.0"),
        ({**DATES, "status": "pending"}, "params.status"),
        ({**DATES, "callType": [0]}, "params.callType.0"),
        ({**DATES, "priority": [["high"]]}, "params.priority.0"),
        ({**DATES, "regions": [""]}, "params.regions.0"),
        ({**DATES, "regions": ["x" * 256]}, "params.regions.0"),
        ({**DATES, "regions": [7]}, "params.regions.0"),
    ],
)
def test_bad_parameters_are_refused_by_place(params: Any, path: str) -> None:
    """Missing, unknown, contradicting or wrong parameters are refused, each by its path in the request."""
    assert path in _problems(_body(params))


@pytest.mark.parametrize(
    "value",
    [
        "2026-3-1",
        "01.03.2026",
        "2026-03-01T00:00:00",
        "2026-02-30",
        "2026-03-01 ",
        " 2026-03-01",
        "0000-01-01",
        "0001-01-01",
        "1899-12-31",
        "3000-01-01",
        "9999-12-31",
        "\u0662\u0660\u0662\u0666-\u0660\u0663-\u0660\u0661",  # Arabic digits
        "-2026-03-01",
        SECRET,
        "",
        20260301,
        1772323200,
        1.5,
        True,
        [2026, 3, 1],
        {"year": 2026},
    ],
)
def test_bad_dates_are_refused(value: Any) -> None:
    """A date is YYYY-MM-DD of a year that a calendar on the wall could have; nothing else, and no number."""
    assert "params.dateFrom" in _problems(_body({"dateFrom": value, "dateTo": "2026-03-10"}))
    assert "params.dateTo" in _problems(_body({"dateFrom": "2026-03-10", "dateTo": value}))


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (_body(None), "params"),
        (_body([]), "params"),
        (_body(SECRET), "params"),
        (_body(output=[]), "output"),
        (_body(output=SECRET), "output"),
        (_body(output={}), "output.format"),
        (_body(output={"format": SECRET}), "output.format"),
        (_body(output={"format": None}), "output.format"),
        (_body(output={"format": ["csv"]}), "output.format"),
        (_body(output={"format": "CSV"}), "output.format"),
        (_body(output={"format": "csv", "maxRows": 5}), "output"),
        (_body(output={"isPreview": True, "maxRows": 0}), "output.maxRows"),
        (_body(output={"isPreview": True, "maxRows": 201}), "output.maxRows"),
        (_body(output={"isPreview": True, "maxRows": "5"}), "output.maxRows"),
        (_body(output={"isPreview": True, "maxRows": 1.5}), "output.maxRows"),
        (_body(output={"isPreview": SECRET}), "output.isPreview"),
        (_body(output={"isPreview": "true"}), "output.isPreview"),
        (_body(output={"isPreview": 1}), "output.isPreview"),
        (_body(output={"format": "csv", "photoLinks": SECRET}), "output.photoLinks"),
        (_body(output={"format": "csv", "photoLinkHours": 168}), "output.photoLinkHours"),
        (_body(output={"format": "csv", "locale": "xx"}), "output.locale"),
        (_body(output={"format": "csv", "colour": SECRET}), "output.colour"),
        (_body(report=None), "reportId"),
        (_body(report=7), "reportId"),
        (_body(report=["call-details"]), "reportId"),
        (_body(extra=SECRET), "extra"),
        ({}, "reportId"),
    ],
)
def test_bad_bodies_are_refused_by_place(body: dict[str, Any], path: str) -> None:
    """Wrong types and unknown fields outside the parameters are refused by their path, too."""
    assert path in _problems(body)


def test_unknown_report_names_the_known_ones() -> None:
    """A report that does not exist is its own error, and the answer lists those that do."""
    with pytest.raises(InvalidReportId) as caught:
        _parse(_body(report=SECRET))
    assert caught.value.details == sorted(catalogue())
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("count", [1, 2_099, 2_101, 5_000])
def test_long_lists_are_taken(count: int) -> None:
    """A list takes up to 5,000 values (I2)."""
    banks = [str(uuid4()) for _ in range(count)]
    assert list(_parse(_body({**DATES, "banks": banks})).parameters.banks) == banks


def test_list_of_5001_is_refused() -> None:
    """5,001 values are refused by one entry (I2), also where they are all the same."""
    for banks in ([str(uuid4()) for _ in range(5_001)], [str(uuid4())] * 5_001):
        assert _problems(_body({**DATES, "banks": banks})) == ["params.banks"]


def test_many_problems_are_cut() -> None:
    """The answer lists at most 50 problems, however many there are."""
    assert len(_problems(_body({**DATES, "banks": [SECRET] * 5_000}))) == 50
    assert len(_problems({f"f{number}": 1 for number in range(500)})) == 50


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x\ud83d"])
@pytest.mark.parametrize("place", ["value", "name", "top", "deep"])
def test_text_that_cannot_be_stored_is_refused(text: str, place: str) -> None:
    """NUL characters and lone surrogates are refused wherever they stand, names included."""
    bodies: dict[str, dict[str, Any]] = {
        "value": _body({**DATES, "regions": [text]}),
        "name": _body({**DATES, text: 1}),
        "top": _body(requestorId=text),
        "deep": _body({**DATES, "banks": [[[text]]]}),
    }
    assert _problems(bodies[place]) == [""]


@pytest.mark.parametrize("depth", [9, 500, 100_000])
def test_deep_nesting_is_refused(depth: int) -> None:
    """A body that is nested without end is refused as such, and overflows nothing."""
    assert _problems(_body({**DATES, "banks": _nested(depth)})) == [""]
    deep: dict[str, Any] = {}
    for _ in range(depth):
        deep = {"a": deep}
    assert _problems(_body(requestorId=deep)) == [""]


def test_names_in_paths_are_made_harmless() -> None:
    """The name of an unknown field is told without anything that could be markup, and cut."""
    paths = _problems(_body({**DATES, "<script>" + "x" * 500: 1}))
    assert paths == ["params.script" + "x" * 42]


@pytest.mark.parametrize("days", [1, 366, 367])
def test_span_is_limited(days: int) -> None:
    """A range of 366 days passes, one of 367 is refused."""
    first = date(2024, 1, 1)
    body = _body({"dateFrom": str(first), "dateTo": str(first + timedelta(days=days - 1))})
    if days <= 366:
        assert _parse(body).parameters.span_days == days
    else:
        assert _problems(body) == ["params.dateTo"]


@pytest.mark.parametrize("day", ["1900-01-01", "2999-12-31"])
def test_first_and_last_date(day: str) -> None:
    """The first and the last date that are taken can be reported on: their previous period has dates, too."""
    first, last = _parse(_body({"dateFrom": day, "dateTo": day})).parameters.dates
    assert first == last == date.fromisoformat(day)


def test_period_becomes_dates() -> None:
    """A relative period is resolved as of the day given, and the row keeps the dates."""
    parameters = _parse(_body({"period": "last_7_days"})).parameters
    assert parameters.to_json() == {"dateFrom": "2026-03-03", "dateTo": "2026-03-09"}


def test_ids_are_taken_in_any_spelling() -> None:
    """Ids in capitals, braces or twice are the same bank once, in the one spelling the database has."""
    identity = str(uuid4())
    banks = [identity, identity.upper(), f"{{{identity}}}", identity.replace("-", "")]
    assert _parse(_body({**DATES, "banks": banks})).parameters.banks == (identity,)


def test_who_asks_is_not_taken_from_the_body() -> None:
    """Old clients may send requestorId: it is accepted and means nothing (A5)."""
    with_id, without = (_parse(_body(**more)) for more in ({"requestorId": "admin"}, {}))
    assert with_id == without


def test_preview_needs_no_format() -> None:
    """A preview may leave the format out, and may choose its number of rows."""
    output = _parse(_body(output={"isPreview": True, "maxRows": 200})).output
    assert (output.is_preview, output.max_rows, output.format) == (True, 200, None)


def test_hash_of_parameters_is_canonical() -> None:
    """Equal parameters have an equal hash, in whatever order they came; other ones have another."""
    one = parameters_hash({"a": 1, "b": ["x"]})
    assert one == parameters_hash({"b": ["x"], "a": 1})
    assert one != parameters_hash({"a": 1, "b": ["y"]})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["dateFrom", "dateTo", "period", "banks", "regions", "status", "priority", "x"])


@given(params=st.dictionaries(names, json_values, max_size=4), output=json_values, report=json_values)
def test_any_json_is_taken_or_refused(params: Any, output: Any, report: Any) -> None:
    """Whatever JSON comes, the outcome is a request or an error of the caller's, never anything else."""
    for body in (
        _body(params, output, report),
        _body({**DATES, **params}),
        _body(output=output),
        _body(DATES, {"format": "csv"}, report),
    ):
        with suppress(InvalidParameters, InvalidReportId):
            assert isinstance(_parse(body), ReportRequest)
