"""Bad input gets the envelope and code of the contract, and nothing is written."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.acceptance.product import Product

DATES = {"dateFrom": "2026-01-01", "dateTo": "2026-01-31"}
CSV = {"format": "csv"}
URL = "/functions/v1/generate-report"


def body(**change: Any) -> dict[str, Any]:
    """A good request with a change."""
    return {"reportId": "call-details", "params": DATES, "output": CSV, **change}


BAD_BODIES = {
    "unknown report": (body(reportId="nothing"), 404, "INVALID_REPORT_ID", None),
    "report id of another type": (body(reportId=7), 400, "INVALID_PARAMETERS", "reportId"),
    "no report id": ({"params": DATES}, 400, "INVALID_PARAMETERS", "reportId"),
    "unknown field": (body(colour="red"), 400, "INVALID_PARAMETERS", "colour"),
    "unknown parameter": (body(params={**DATES, "colour": "red"}), 400, "INVALID_PARAMETERS", "params.colour"),
    "reversed dates": (
        body(params={"dateFrom": "2026-02-01", "dateTo": "2026-01-01"}),
        400,
        "INVALID_PARAMETERS",
        "params",
    ),
    "no dates": (body(params={}), 400, "INVALID_PARAMETERS", "params"),
    "dates and period": (body(params={**DATES, "period": "today"}), 400, "INVALID_PARAMETERS", "params"),
    "no such day": (
        body(params={"dateFrom": "2026-02-30", "dateTo": "2026-03-01"}),
        400,
        "INVALID_PARAMETERS",
        "params.dateFrom",
    ),
    "a date-time": (
        body(params={**DATES, "dateFrom": "2026-01-01T00:00:00Z"}),
        400,
        "INVALID_PARAMETERS",
        "params.dateFrom",
    ),
    "too long a range": (
        body(params={"dateFrom": "2025-01-01", "dateTo": "2026-01-02"}),
        400,
        "INVALID_PARAMETERS",
        "params.dateTo",
    ),
    "empty bank list": (body(params={**DATES, "banks": []}), 400, "INVALID_PARAMETERS", "params.banks"),
    "5,001 engineers": (
        body(params={**DATES, "engineers": [str(uuid4()) for _ in range(5_001)]}),
        400,
        "INVALID_PARAMETERS",
        "params.engineers",
    ),
    "a bank that is no id": (
        body(params={**DATES, "banks": ["' OR 1=1"]}),
        400,
        "INVALID_PARAMETERS",
        "params.banks.0",
    ),
    "a status that does not exist": (
        body(params={**DATES, "status": ["done"]}),
        400,
        "INVALID_PARAMETERS",
        "params.status.0",
    ),
    "NUL in a region": (body(params={**DATES, "regions": ["a\x00"]}), 400, "INVALID_PARAMETERS", ""),
    "params of another type": (body(params=[1]), 400, "INVALID_PARAMETERS", "params"),
    "unknown format": (body(output={"format": "docx"}), 400, "INVALID_PARAMETERS", "output.format"),
    "no format": (body(output={}), 400, "INVALID_PARAMETERS", "output.format"),
    "maxRows without preview": (body(output={**CSV, "maxRows": 5}), 400, "INVALID_PARAMETERS", "output"),
    "too many preview rows": (
        body(output={"isPreview": True, "maxRows": 201}),
        400,
        "INVALID_PARAMETERS",
        "output.maxRows",
    ),
    "a bank that does not exist": (body(params={**DATES, "banks": [str(uuid4())]}), 404, "NOT_FOUND", None),
}
JSON = {"Content-Type": "application/json"}
BAD_BYTES = {
    "broken JSON": (b'{"reportId": ', JSON, 400, "INVALID_PARAMETERS"),
    "not an object": (b"[]", JSON, 400, "INVALID_PARAMETERS"),
    "NaN": (b'{"reportId": NaN}', JSON, 400, "INVALID_PARAMETERS"),
    "not UTF-8": (b'{"reportId": "\xff"}', JSON, 400, "INVALID_PARAMETERS"),
    "lone surrogate": (b'{"reportId": "\\ud800"}', JSON, 400, "INVALID_PARAMETERS"),
    "endless nesting": (b"[" * 100_000, JSON, 400, "INVALID_PARAMETERS"),
    "empty body": (b"", JSON, 400, "INVALID_PARAMETERS"),
    "1 MiB body": (json.dumps({"reportId": "x" * (1 << 20)}).encode(), JSON, 413, "PAYLOAD_TOO_LARGE"),
    "wrong content type": (json.dumps(body()).encode(), {"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    "a form": (b"reportId=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
}
BAD_TOKENS = {
    "no token": None,
    "no bearer": "Basic YWRtaW46YWRtaW4=",
    "no JWT": "Bearer nonsense",
    "unsigned": "Bearer eyJhbGciOiJub25lIn0.eyJvaWQiOiJhZG1pbiJ9.",
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_bad_body(sampled: Product, case: str) -> None:
    """A wrong request is told its code and the path of the field, its own text is never echoed, and no job is made."""
    sent, status, code, path = BAD_BODIES[case]
    with sampled.person("admin") as admin:
        before = jobs(sampled)
        answer = admin.http.post(URL, json=sent)
        assert_envelope(answer, status, code)
        if path is not None:
            assert [entry["path"] for entry in answer.json()["details"]] == [path]
            assert "OR 1=1" not in answer.text
        assert jobs(sampled) == before


@pytest.mark.parametrize("case", BAD_BYTES)
def test_bad_bytes(sampled: Product, case: str) -> None:
    """A body that is no JSON object of at most 256 KiB is refused, and no job is made."""
    content, headers, status, code = BAD_BYTES[case]
    with sampled.person("admin") as admin:
        before = jobs(sampled)
        assert_envelope(admin.http.post(URL, content=content, headers=headers), status, code)
        assert jobs(sampled) == before


@pytest.mark.parametrize("case", BAD_TOKENS)
def test_bad_token(sampled: Product, case: str) -> None:
    """Without a valid token nothing is told and no job is made."""
    header = BAD_TOKENS[case]
    headers = {} if header is None else {"Authorization": header}
    before = jobs(sampled)
    answer = httpx.post(sampled.url + URL, json=body(), headers=headers)
    assert_envelope(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert jobs(sampled) == before


def test_engineer_may_do_nothing(sampled: Product) -> None:
    """Somebody who is signed in without a role here gets 403, on every route that needs one."""
    with sampled.person("engineer-01") as engineer:
        assert_envelope(engineer.http.post(URL, json=body()), 403, "UNAUTHORIZED")
        for path in ("reports", "report-options", "report-status/job_00000000000000000000000000"):
            assert_envelope(engineer.http.get(f"/functions/v1/{path}"), 403, "UNAUTHORIZED")


def test_unknown_report_lists_the_reports(sampled: Product) -> None:
    """The refusal of an unknown report says which there are."""
    with sampled.person("admin") as admin:
        answer = admin.http.post(URL, json=body(reportId="nothing"))
    assert "call-details" in answer.json()["details"]


def assert_envelope(answer: httpx.Response, status: int, code: str) -> None:
    """The one shape of every error."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["success"] is False
    assert told["errorCode"] == code
    assert told["error"]
    assert told["requestId"]
    assert set(told) <= {"success", "error", "errorCode", "details", "requestId"}


def jobs(product: Product) -> int:
    """Rows of the product's own table of jobs, read past the product."""
    url = product.environment["DATABASE_URL"]
    table = "reporting.report_jobs" if url else "reporting_report_jobs"
    engine = create_engine(url or f"sqlite:///{product.state / 'reporting.db'}")
    with engine.connect() as connection:
        count: int = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 a constant
    engine.dispose()
    return count
