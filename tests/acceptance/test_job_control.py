"""Cancelling, repeating and limiting: what a person can do with his jobs, over HTTP on both databases."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.product import Person, Product

YEAR = {"dateFrom": "2026-01-01", "dateTo": "2026-12-31"}
BODY = {"reportId": "call-details", "params": YEAR, "output": {"format": "csv"}}
POST = "/functions/v1/generate-report"
LIMIT = 10


@pytest.fixture(scope="module")
def limited(
    database_kind: str, new_url_of: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The product with sample data and production's limits."""
    limits = {"REPORTS_PER_USER": str(LIMIT), "REPORTS_PER_ADDRESS": "1000"}
    environment = {"DATABASE_URL": new_url_of(database_kind), **limits}
    with Product(tmp_path_factory.mktemp("limited") / "state", environment, ("--calls", "300")) as product:
        yield product


def test_a_finished_job_cannot_be_cancelled(sampled: Product) -> None:
    """Cancelling what is over is a conflict, and the file stays."""
    with sampled.person("admin") as admin:
        job_id = admin.request("call-details", YEAR).json()["jobId"]
        admin.finished(job_id)
        refused = admin.http.post(f"/functions/v1/report-status/{job_id}/cancel")
        assert (refused.status_code, refused.json()["errorCode"]) == (409, "CONFLICT")
        assert admin.finished(job_id)["status"] == "completed"


def test_another_person_s_job_cannot_be_cancelled(sampled: Product) -> None:
    """Somebody else's job looks like one that does not exist."""
    with sampled.person("admin") as admin, sampled.person("admin-snb") as other:
        job_id = admin.request("call-details", YEAR).json()["jobId"]
        refused = other.http.post(f"/functions/v1/report-status/{job_id}/cancel")
        unknown = other.http.post("/functions/v1/report-status/job_00000000000000000000000000/cancel")
        assert refused.status_code == unknown.status_code == 404
        assert {**refused.json(), "requestId": ""} == {**unknown.json(), "requestId": ""}


def test_a_running_job_is_cancelled_within_two_seconds(sampled: Product) -> None:
    """A job that waits or runs is cancelled in time, and never completes."""
    with sampled.person("admin") as admin:
        admin.http.headers["Prefer"] = "respond-async"
        jobs = [admin.request("call-details", YEAR).json()["jobId"] for _ in range(3)]
        began = time.monotonic()
        answers = [admin.http.post(f"/functions/v1/report-status/{job_id}/cancel").status_code for job_id in jobs]
        ends = [admin.finished(job_id) for job_id in jobs]
        assert time.monotonic() - began < 2 * len(jobs)
    for answer, end in zip(answers, ends, strict=True):
        assert (answer, end["status"]) in {(202, "cancelled"), (409, "completed")}
        assert ("downloadUrl" in end) == (end["status"] == "completed")
    assert "cancelled" in {end["status"] for end in ends}


def test_same_key_same_body_is_the_same_job(sampled: Product) -> None:
    """A repeated request with its key is answered with the job it made, however often; another body is a conflict."""
    with sampled.person("admin") as admin:
        admin.http.headers["Idempotency-Key"] = "one-click"
        answers = [admin.http.post(POST, json=BODY).json() for _ in range(3)]
        assert len({answer["jobId"] for answer in answers}) == 1
        other = admin.http.post(POST, json={**BODY, "params": {"period": "today"}})
        assert (other.status_code, other.json()["errorCode"]) == (409, "CONFLICT")
        wrong = admin.http.post(POST, json=BODY, headers={"Idempotency-Key": "x" * 129})
        assert wrong.json()["details"][0]["path"] == "Idempotency-Key"
    with sampled.person("admin-snb") as somebody_else:
        somebody_else.http.headers["Idempotency-Key"] = "one-click"
        assert somebody_else.http.post(POST, json=BODY).json()["jobId"] != answers[0]["jobId"]


def test_same_key_at_the_same_moment_is_one_job(sampled: Product) -> None:
    """Twenty copies of one request at once make one job."""
    with sampled.person("admin-ccb") as person:
        answers = asyncio.run(posted(person, 20, {"Idempotency-Key": "twenty-clicks"}))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.json()["jobId"] for answer in answers}) == 1


def test_exactly_the_limit_is_accepted(limited: Product) -> None:
    """Of 200 requests of one person at once exactly the limit is accepted; others may go on."""
    with limited.person("admin") as admin:
        answers = asyncio.run(posted(admin, 200, {"Prefer": "respond-async"}))
        counts = Counter(answer.status_code for answer in answers)
        assert counts == {202: LIMIT, 429: 200 - LIMIT}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json()["errorCode"] == "RATE_LIMIT_EXCEEDED"
        assert refused.json()["details"]["limit"] == LIMIT
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        for answer in answers:
            if answer.status_code == 202:
                assert admin.finished(answer.json()["jobId"])["status"] == "completed"
    with limited.person("admin-snb") as other:
        assert other.request("call-details", YEAR).status_code in {200, 202}


def test_a_repeated_request_is_not_counted(limited: Product) -> None:
    """The same key and body answer with the same job though the limit is reached."""
    with limited.person("admin-ccb") as person:
        first = person.http.post(POST, json=BODY, headers={"Idempotency-Key": "first"}).json()["jobId"]
        for _ in range(LIMIT - 1):
            assert person.request("call-details", YEAR).status_code in {200, 202}
        assert person.request("call-details", YEAR).status_code == 429
        again = person.http.post(POST, json=BODY, headers={"Idempotency-Key": "first"})
        assert again.json()["jobId"] == first


async def posted(person: Person, times: int, headers: dict[str, str]) -> list[httpx.Response]:
    """Many copies of one request at the same moment."""
    common: dict[str, Any] = {"base_url": person.http.base_url, "headers": {**person.http.headers, **headers}}
    limits = httpx.Limits(max_connections=times)
    async with httpx.AsyncClient(**common, timeout=120, limits=limits) as client:
        return await asyncio.gather(*(client.post(POST, json=BODY) for _ in range(times)))
