"""One job from request to file, and every way in which an attempt can fail; on SQLite and on PostgreSQL."""

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import Connection, select

from shared.adapters.blob_memory import MemoryBlobStore
from shared.errors import JobCancelled, QueryTimeout, StorageError
from shared.jobs.render import render_inline
from shared.jobs.run import attempt_job
from shared.jobs.status import find_job, generated_answer
from shared.ports import Meter, Rendering, RenderOrder, Services
from shared.tables import audit_log, report_jobs
from shared.telemetry import Event
from tests.jobs import accepted, blob_names, files, queue, row_of, run, seconds, set_row, submitted, telemetry
from tests.jobs import with_settings as changed
from tests.world import World, count_rows


def _events(services: Services) -> list[Event]:
    return [event for event, _ in telemetry(services).events]


def test_job_from_request_to_file(services: Services, world: World) -> None:
    """A request becomes a row, an audit line and a message; the worker makes the file, and the row says all of it."""
    bank = world.bank("Alpha")
    for number in range(3):
        world.call(bank, client_name=f"Shop {number}", status="completed" if number else "pending")
    subject = world.person()
    job_id = submitted(services, world, subject)
    before = row_of(services, job_id)
    assert (before.status, before.phase, before.progress, before.attempt) == ("queued", "queued", 0, 0)
    assert (before.rows_total, before.requested_by, before.requested_via) == (3, subject, "http")
    assert before.enqueued_at is not None
    assert queue(services).size == 1

    row = run(services, job_id)
    content = files(services).read(row.blob_name, 10**6)
    assert (row.status, row.phase, row.progress, row.attempt) == ("completed", "done", 100, 1)
    assert (row.row_count, row.rows_done, row.file_size) == (3, 3, len(content))
    assert row.content_sha256 == hashlib.sha256(content).hexdigest()
    assert row.file_name == f"call-details_2026-03-10_2026-03-10_{job_id[-6:]}.csv"
    assert row.blob_name == f"{job_id}/1/{row.file_name}"
    assert (row.lease_until, row.error, row.error_code) == (None, None, None)
    assert before.created_at <= row.started_at <= row.data_as_of <= row.completed_at
    assert abs(row.expires_at - row.completed_at - timedelta(days=30)) < timedelta(seconds=1)
    assert row.summary["rowCount"] == 3
    assert [tile["value"] for tile in row.summary["kpis"] if tile["key"] == "completed"] == [2]
    assert content.decode("utf-8-sig").count("Shop") == 3
    assert _events(services) == [Event.REPORT_REQUESTED, Event.REPORT_STARTED, Event.REPORT_COMPLETED]


def test_request_leaves_one_audit_line(services: Services, world: World) -> None:
    """Who asked for what, and from which address, is written with the job."""
    subject = world.person()
    job_id = accepted(services, world, subject).job_id
    with services.reporting.read() as connection:
        line = connection.execute(select(audit_log)).one()
    assert (line.actor, line.action, line.target, line.outcome) == (subject, "report_requested", job_id, "ok")
    assert line.actor_ip == "203.0.113.7"


def test_owner_gets_a_link_that_works(services: Services, world: World) -> None:
    """The answer about a finished job has a link to its file, and the audit trail has a line about the link."""
    subject = world.person()
    job_id = submitted(services, world, subject)
    row, caller = run(services, job_id), world.caller(subject)
    answers = (
        find_job(services, caller.principal, job_id).answer(services, caller),
        generated_answer(services, caller, job_id),
    )
    for answer in answers:
        got = files(services).fetch(answer["downloadUrl"], datetime.now(UTC))
        assert hashlib.sha256(got.content).hexdigest() == row.content_sha256
        assert row.file_name in got.disposition
    with services.reporting.read() as connection:
        actions = connection.execute(select(audit_log.c.action)).scalars().all()
    assert sorted(actions) == ["link_issued", "link_issued", "report_requested"]


def test_expired_file_has_no_link(services: Services, world: World) -> None:
    """After its retention a file is not offered any more."""
    subject = world.person()
    job_id = submitted(services, world, subject)
    run(services, job_id)
    set_row(services, job_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    caller = world.caller(subject)
    assert "downloadUrl" not in find_job(services, caller.principal, job_id).answer(services, caller)


def test_empty_result_is_a_file(services: Services, world: World) -> None:
    """A report that finds nothing completes with a file that says so."""
    row = run(services, submitted(services, world))
    assert (row.status, row.row_count) == ("completed", 0)
    assert b"No calls match" in files(services).read(row.blob_name, 10**6)


# --- Failures of one attempt


def _failing(error: Exception) -> Any:
    def render(_services: Services, _order: RenderOrder, _meter: Meter) -> Rendering:
        raise error

    return render


def test_passing_failure_is_tried_again(services: Services, world: World) -> None:
    """While storage is out of reach the job waits in the queue; a later attempt completes it, with one file."""
    job_id = submitted(services, world)
    files(services).reachable = False
    row = run(services, job_id)
    assert (row.status, row.phase, row.attempt) == ("queued", "queued", 1)
    assert (row.lease_until, row.completed_at, row.error_code) == (None, None, None)
    assert row.not_before <= datetime.now(UTC) + timedelta(seconds=15)
    assert queue(services).size == 2  # the first message, and one for the next attempt
    assert _events(services)[-2:] == [Event.UPLOAD_FAILED, Event.REPORT_RETRIED]

    files(services).reachable = True
    set_row(services, job_id, not_before=None)
    row = run(services, job_id)
    assert (row.status, row.attempt, row.error_code) == ("completed", 2, None)
    assert blob_names(services) == [row.blob_name] == [f"{job_id}/2/{row.file_name}"]


def test_upload_that_succeeded_but_timed_out(services: Services, world: World) -> None:
    """An upload whose answer was lost is made again under a name of its own: the row points at a whole file."""

    class Forgetful(MemoryBlobStore):
        lost = False

        def upload(self, name: str, content: BinaryIO, content_type: str) -> None:
            """Stores, and forgets to say so the first time."""
            super().upload(name, content, content_type)
            if not self.lost:
                self.lost = True
                raise StorageError

    store = Forgetful(services.clock)
    services = replace(services, files=store)
    job_id = submitted(services, world)
    assert run(services, job_id).status == "queued"
    set_row(services, job_id, not_before=None)
    row = run(services, job_id)
    assert (row.status, row.blob_name) == ("completed", f"{job_id}/2/{row.file_name}")
    assert hashlib.sha256(store.read(row.blob_name, 10**6)).hexdigest() == row.content_sha256


def test_blob_that_is_there_already_is_not_taken_over(services: Services, world: World) -> None:
    """A blob of the attempt's own name, of unknown content, is left alone, and a later attempt makes the file."""
    job_id = submitted(services, world)
    name = f"call-details_2026-03-10_2026-03-10_{job_id[-6:]}.csv"
    files(services).upload(f"{job_id}/1/{name}", io.BytesIO(b"cut"), "text/csv")
    assert run(services, job_id).status == "queued"
    set_row(services, job_id, not_before=None)
    assert run(services, job_id).blob_name == f"{job_id}/2/{name}"


def test_poison_job_fails_after_its_claims(services: Services, world: World) -> None:
    """A fault of ours is tried as often as claims allow, then the job fails as INTERNAL_ERROR and tells no secret."""
    services = changed(replace(services, render=_failing(ValueError("secret"))), max_claims=3)
    job_id = submitted(services, world)
    for attempt in (1, 2):
        row = run(services, job_id)
        assert (row.status, row.attempt) == ("queued", attempt)
        set_row(services, job_id, not_before=None)
    row = run(services, job_id)
    assert (row.status, row.error_code, row.attempt, row.phase) == ("failed", "INTERNAL_ERROR", 3, "done")
    assert "secret" not in row.error
    assert row.completed_at is not None
    assert [str(fault) for fault in telemetry(services).faults] == ["secret"] * 3
    assert _events(services)[-1] is Event.REPORT_FAILED


def test_failure_of_the_caller_ends_the_job_at_once(services: Services, world: World) -> None:
    """A query that passed its limit is not tried again: the job fails with that code, and no message is sent."""
    services = replace(services, render=_failing(QueryTimeout()))
    row = run(services, submitted(services, world))
    assert (row.status, row.error_code, row.error, row.attempt) == ("failed", "QUERY_TIMEOUT", str(QueryTimeout()), 1)
    assert queue(services).size == 1
    assert _events(services)[-2:] == [Event.QUERY_TIMEOUT, Event.REPORT_FAILED]
    assert telemetry(services).faults == []


def test_owner_learns_why_his_job_failed(services: Services, world: World) -> None:
    """The status of a failed job carries code and sentence; waiting for it raises the error of that code."""
    subject = world.person()
    services = replace(services, render=_failing(QueryTimeout()))
    job_id = submitted(services, world, subject)
    run(services, job_id)
    caller = world.caller(subject)
    answer = find_job(services, caller.principal, job_id).answer(services, caller)
    assert (answer["status"], answer["errorCode"], answer["error"]) == ("failed", "QUERY_TIMEOUT", str(QueryTimeout()))
    with pytest.raises(QueryTimeout) as caught:
        generated_answer(services, caller, job_id)
    assert caught.value.details == {"jobId": job_id}


def test_unreachable_queue_does_not_lose_a_retry(services: Services, world: World) -> None:
    """A retry whose message cannot be sent is queued all the same: the timer will ring."""
    services = replace(services, render=_failing(StorageError()))
    job_id = submitted(services, world)
    queue(services).reachable = False
    row = run(services, job_id)
    assert (row.status, row.attempt) == ("queued", 1)


# --- Around the attempt


def test_no_temporary_file_is_left(services: Services, world: World, tmp_path: Path) -> None:
    """Whatever comes of an attempt, its folder is gone afterwards."""
    folder = tmp_path / "work"
    folder.mkdir()
    services = changed(services, work_directory=folder)
    seen: list[Path] = []

    def spying(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        seen.append(order.target.parent)
        return render_inline(render_services, order, meter)

    def failing(render_services: Services, order: RenderOrder, meter: Meter) -> Rendering:
        spying(render_services, order, meter)
        raise JobCancelled

    for render in (spying, failing):
        run(replace(services, render=render), submitted(services, world))
    assert len(seen) == 2
    assert all(each.is_relative_to(folder) for each in seen)
    assert list(folder.glob("*/*")) == []


def test_terminal_hook_runs_within_the_end(services: Services, world: World) -> None:
    """What has to happen when a job ends happens once, in the transaction that ends it, whatever the end."""
    ended: list[tuple[str, str]] = []

    def note(connection: Connection, job_id: str) -> None:
        status = connection.execute(select(report_jobs.c.status).where(report_jobs.c.job_id == job_id)).scalar_one()
        ended.append((job_id, status))

    services = replace(services, on_terminal=note)
    good, bad = submitted(services, world), submitted(services, world)
    for _ in range(2):
        run(services, good)
        run(replace(services, render=_failing(QueryTimeout())), bad)
    assert ended == [(good, "completed"), (bad, "failed")]


def test_terminal_hook_that_fails_undoes_the_end(services: Services, world: World) -> None:
    """Where that cannot be done the job has not ended: it is tried again."""

    def broken(_connection: Connection, _job_id: str) -> None:
        raise LookupError

    services = replace(services, on_terminal=broken)
    row = run(services, submitted(services, world))
    assert (row.status, row.blob_name, row.attempt) == ("queued", None, 1)


def test_message_of_an_unknown_job_does_nothing(services: Services) -> None:
    """A message for a job that is not there is no error and writes nothing."""
    assert attempt_job(services, "job_0123456789abcdefghjkmnpqrs") is None
    assert count_rows(services.reporting, report_jobs) == 0


def test_estimate_learns_from_jobs_like_it(services: Services, world: World) -> None:
    """The estimate follows the pace of the same report and format: after slow jobs it is longer."""
    world.call(world.bank())
    subject = world.person()
    first = accepted(services, world, subject).estimated_seconds
    job_id = submitted(services, world, subject)
    row = run(services, job_id)
    set_row(services, job_id, started_at=row.completed_at - seconds(90))
    assert first == 1
    assert accepted(services, world, subject).estimated_seconds >= 90
