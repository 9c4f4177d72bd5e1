"""A worker that dies in the middle of a file: another claim finishes the job, and there is one file."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.acceptance.product import Product

CALLS = 8_000
SHORT = {"LEASE": "3", "HEARTBEAT": "0.5", "TIMER_SCHEDULE": "* * * * * *"}
EVERYTHING = {"dateFrom": "2026-01-01", "dateTo": "2026-12-31"}


def test_killed_worker_s_job_completes_by_another_claim(new_database: Callable[[], str], tmp_path: Path) -> None:
    """SIGKILL in mid-render; after a restart the lease runs out, the timer rings, and the file is there once."""
    product = Product(tmp_path / "state", {"DATABASE_URL": new_database(), **SHORT}, ("--calls", str(CALLS)))
    with product:
        with product.person("admin") as admin:
            admin.http.headers["Prefer"] = "respond-async"
            job_id = admin.request("call-details", EVERYTHING).json()["jobId"]
            _wait_until_it_renders(admin.http, job_id)
            product.kill()
        product.start()
        with product.person("admin") as admin:
            status = admin.finished(job_id)
            assert status["status"] == "completed", status
            content = httpx.get(status["downloadUrl"]).content
            assert content.count(b"\r\n") >= status["rowCount"] > 0
    attempt, blob_name = _row(product, job_id)
    assert attempt == 2
    assert blob_name.startswith(f"{job_id}/2/")


def _wait_until_it_renders(client: httpx.Client, job_id: str) -> None:
    began = time.monotonic()
    while time.monotonic() - began < 30:
        status = client.get(f"/functions/v1/report-status/{job_id}").json()
        if status["status"] == "processing":
            return
        assert status["status"] == "queued", status
    pytest.fail("the job never began")


def _row(product: Product, job_id: str) -> tuple[int, str]:
    url = product.environment["DATABASE_URL"]
    table = "reporting.report_jobs" if url else "reporting_report_jobs"
    engine = create_engine(url or f"sqlite:///{product.state / 'reporting.db'}")
    with engine.connect() as connection:
        statement = text(f"SELECT attempt, blob_name FROM {table} WHERE job_id = :job_id")  # noqa: S608 a constant
        row = connection.execute(statement, {"job_id": job_id}).one()
    engine.dispose()
    return int(row.attempt), str(row.blob_name)
