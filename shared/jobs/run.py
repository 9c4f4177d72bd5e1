"""One delivery of a job message: claim, render, store, complete; whatever happens, the row says what is true."""

import asyncio
import random
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from shared.access.principal import Principal, find_principal
from shared.access.scope import BankScope
from shared.errors import (
    ClaimLost,
    Conflict,
    ExportFailed,
    JobCancelled,
    QueryTimeout,
    QueueUnavailable,
    ReportingError,
    StorageError,
    Unauthorized,
)
from shared.jobs import store
from shared.jobs.pulse import Pulse
from shared.jobs.retry import Retry, plan_retry
from shared.jobs.states import Phase
from shared.ports import Rendering, RenderOrder, Services
from shared.reports import catalogue
from shared.telemetry import Event

_CHANCE = random.SystemRandom()


async def run_job(services: Services, job_id: str) -> None:
    """Works on the job if it is free, and rings again for a later attempt where one is planned."""
    delay = await asyncio.to_thread(attempt_job, services, job_id)
    if delay is not None:
        try:
            await services.queue.send(job_id, delay)
        except QueueUnavailable as error:
            services.telemetry.fault(error, job_id)  # the row is queued: the timer rings


def attempt_job(services: Services, job_id: str) -> timedelta | None:
    """One attempt. The delay until the next one where one is planned; None when there is nothing more to do."""
    settings = services.settings
    with services.reporting.transaction() as connection:
        held = store.claim(connection, job_id, settings.lease, settings.max_claims)
    if held is None:
        return None
    attempt = _Attempt(services, held, services.clock.monotonic())
    services.telemetry.event(
        Event.REPORT_STARTED, report_id=held.row.report_id, job_id=job_id, metadata={"attempt": held.attempt}
    )
    return attempt.run()


@dataclass(frozen=True)
class _Attempt:
    services: Services
    held: store.Claim
    began: float

    def run(self) -> timedelta | None:
        """The worker's boundary: nothing passes it but what the row cannot record."""
        pulse = Pulse(self.services, self.held)
        try:
            with (
                pulse,
                tempfile.TemporaryDirectory(prefix="report-", dir=self.services.settings.work_directory) as folder,
            ):
                self._make(pulse, Path(folder))
        except Exception as error:  # noqa: BLE001 the worker boundary: every failure becomes the row's outcome
            reason = pulse.reason if isinstance(error, JobCancelled) and pulse.reason else error
            return None if isinstance(reason, ClaimLost) else self._failed(reason)
        return None

    def _make(self, pulse: Pulse, folder: Path) -> None:
        row = self.held.row
        requester = find_principal(self.services.costar, row.requested_by)
        scope = self._scope_left(requester)
        order = RenderOrder(
            job_id=self.held.job_id,
            report_id=row.report_id,
            params=row.params,
            output=row.output_config,
            scope=scope.to_json(),
            requested_by_name=requester.name,
            requested_at=row.created_at,
            target=folder / "file",
        )
        made = self.services.render(self.services, order, pulse)
        pulse.enter(Phase.UPLOADING)
        blob_name = f"{self.held.job_id}/{self.held.attempt}/{made.file_name}"
        self._upload(made, blob_name)
        try:
            pulse.enter(Phase.FINISHING)
            self._complete(made, blob_name)
        except (ClaimLost, JobCancelled, ExportFailed):  # each says that the row points at no file of this attempt
            self.services.files.delete(blob_name)
            raise

    def _scope_left(self, requester: Principal) -> BankScope:
        """What the request fixed, cut to the requester's rights now; raises `Unauthorized` where nothing is left."""
        domain = catalogue()[self.held.row.report_id].domain
        scope = BankScope.from_json(self.held.row.scope).intersected(requester.bank_scope)
        if not requester.may_run(domain) or (domain == "costar" and scope == BankScope.of()):
            raise Unauthorized
        return scope

    def _upload(self, made: Rendering, blob_name: str) -> None:
        try:
            with made.path.open("rb") as file:
                self.services.files.upload(blob_name, file, made.content_type)
        except Conflict as error:
            # Only this attempt writes this name: an upload that succeeded but timed out. The bytes may be cut, so a
            # new attempt, with a name of its own, makes the file again.
            raise StorageError from error
        except StorageError as error:
            self._tell(Event.UPLOAD_FAILED, error_code=error.code)
            raise

    def _complete(self, made: Rendering, blob_name: str) -> None:
        with self.services.reporting.transaction() as connection:
            if not store.complete(connection, self.held, made, blob_name, self.services.settings.file_retention):
                raise ClaimLost
            self.services.on_terminal(connection, self.held.job_id)
        self._tell(Event.REPORT_COMPLETED, row_count=made.row_count, file_size=made.size)

    def _failed(self, error: Exception) -> timedelta | None:
        settings = self.services.settings
        if not isinstance(error, ReportingError):
            self.services.telemetry.fault(error, self.held.job_id)
        if isinstance(error, QueryTimeout):
            self._tell(Event.QUERY_TIMEOUT, error_code=error.code)
        plan = plan_retry(error, self.held.attempt, settings.max_claims, _CHANCE)
        with self.services.reporting.transaction() as connection:
            if isinstance(plan, Retry):
                still_mine = store.requeue(connection, self.held, plan.delay)
            else:
                still_mine = store.fail(connection, self.held.held, plan.code, plan.message)
                if still_mine:
                    self.services.on_terminal(connection, self.held.job_id)
        if not still_mine:
            return None
        if isinstance(plan, Retry):
            self._tell(Event.REPORT_RETRIED, metadata={"attempt": self.held.attempt})
            return plan.delay
        self._tell(Event.REPORT_FAILED, error_code=plan.code)
        return None

    def _tell(self, event: Event, **fields: object) -> None:
        row = self.held.row
        passed = timedelta(seconds=self.services.clock.monotonic() - self.began)
        self.services.telemetry.event(
            event,
            report_id=row.report_id,
            job_id=self.held.job_id,
            user=row.requested_by,
            duration=passed,
            **fields,  # type: ignore[arg-type] # the callers give fields of `telemetry.Fields` only
        )
