"""One delivery of a job message: claim, render, store, complete; whatever happens, the row says what is true."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from shared.access.limits import hold_person
from shared.access.principal import Principal, find_principal
from shared.access.scope import BankScope
from shared.errors import (
    ClaimLost,
    Conflict,
    DatabaseUnavailable,
    ExportFailed,
    JobCancelled,
    QueryTimeout,
    ReportingError,
    StorageError,
    Unauthorized,
)
from shared.jobs import lookup, store
from shared.jobs.leftovers import job_folder, remove_other_blobs
from shared.jobs.pulse import Pulse
from shared.jobs.relay import send
from shared.jobs.retry import GiveUp, Retry, RetryRules, plan_retry
from shared.jobs.states import Phase
from shared.ports import Rendering, RenderOrder, Services
from shared.reports import catalogue
from shared.telemetry import Event

_CHANCE = random.SystemRandom()
_MARGIN = timedelta(milliseconds=200)
_PAUSES = (0.5, 1, 2, 4, 8)  # seconds between two looks for a database that is away


async def run_job(services: Services, job_id: str) -> None:
    """Works on the job if it is free, and rings again for a later attempt where one is planned.

    A database out of reach is waited for; then a copy of the message is sent for later, so that no delivery is burned.

    Raises:
        QueueUnavailable: neither database nor queue answers; the host delivers the message again.

    """
    for pause in (*_PAUSES, None):
        try:
            planned = await asyncio.to_thread(attempt_job, services, job_id)
        except DatabaseUnavailable:
            if pause is None:
                await services.queue.send(job_id, services.settings.outage_delay)
                return
            await asyncio.sleep(pause)
        else:
            if planned is not None:
                await send(services, job_id, planned.trace, planned.delay)
            return


@dataclass(frozen=True)
class Later:
    """Another look at the job, after a delay, in the job's trace."""

    delay: timedelta
    trace: str | None = None


def attempt_job(services: Services, job_id: str) -> Later | None:
    """One attempt. When to look again, where that is planned; None when there is nothing more to do."""
    settings = services.settings
    terms = store.Terms(settings.lease, settings.max_claims, settings.running_per_user)
    with services.reporting.transaction() as connection:
        if (row := lookup.find(connection, job_id)) is None:
            return None
        hold_person(connection, row.requested_by)  # so that two claims at once do not both see a free place
        held = store.claim(connection, job_id, terms)
        if held is None:
            crowded = store.is_crowded_out(connection, job_id, settings.running_per_user)
            early = lookup.seconds_until_due(connection, job_id)
            if early is not None:  # this process's clock is ahead of the database's, or a copy came
                return Later(timedelta(seconds=early) + _MARGIN, row.correlation_id)
            return Later(settings.turn, row.correlation_id) if crowded else None
    services.telemetry.event(
        Event.REPORT_STARTED,
        report_id=held.row.report_id,
        job_id=job_id,
        user=held.row.requested_by,
        metadata={"attempt": held.attempt, "trace": held.row.correlation_id},
    )
    return _Attempt(services, held, services.clock.monotonic()).run()


@dataclass(frozen=True)
class _Attempt:
    services: Services
    held: store.Claim
    began: float

    def run(self) -> Later | None:
        """The worker's boundary: nothing passes it but what the row cannot record."""
        pulse = Pulse(self.services, self.held)
        try:
            with pulse, job_folder(self.services.settings.work_directory) as folder:
                self._make(pulse, folder)
        except Exception as error:  # noqa: BLE001 the worker boundary: every failure becomes the row's outcome
            return self._ended(pulse.reason if isinstance(error, JobCancelled) and pulse.reason else error)
        return None

    def _make(self, pulse: Pulse, folder: Path) -> None:
        row = self.held.row
        requester = find_principal(self.services.costar, row.requested_by)
        scope = self._scope_left(requester)
        report = catalogue()[row.report_id]
        parameters = report.parameters.model_validate(dict(row.params))
        order = RenderOrder(
            job_id=self.held.job_id,
            report_id=row.report_id,
            params=row.params,
            output=row.output_config,
            scope=scope.to_json(),
            requested_by_name=requester.name,
            requested_at=row.created_at,
            target=folder / "file",
            own_data=report.own_data(parameters, scope, self.services.reporting),
        )
        began = self._now()
        made = self.services.render(self.services, order, pulse)
        rendered = self._now()
        pulse.enter(Phase.UPLOADING)
        blob_name = f"{self.held.job_id}/{self.held.attempt}/{made.file_name}"
        try:
            self._upload(made, blob_name)
            uploaded = self._now()
            pulse.enter(Phase.FINISHING)
            self._complete(made, blob_name)
        except (ClaimLost, JobCancelled, ExportFailed):  # each says that the row points at no file of this attempt
            self.services.files.delete(blob_name)
            raise
        parts = {"renderSeconds": round(rendered - began, 3), "uploadSeconds": round(uploaded - rendered, 3)}
        self._tell(Event.REPORT_COMPLETED, row_count=made.row_count, file_size=made.size, metadata=parts)
        if self.held.attempt > 1:
            remove_other_blobs(self.services, self.held.job_id, blob_name)

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
        except Conflict as error:  # only this attempt makes this name, so something is wrong with what lies there
            raise StorageError from error
        except StorageError as error:
            self._tell(Event.UPLOAD_FAILED, error_code=error.code)
            raise

    def _complete(self, made: Rendering, blob_name: str) -> None:
        with self.services.reporting.transaction() as connection:
            if store.complete(connection, self.held, made, blob_name, self.services.settings.file_retention):
                self.services.on_terminal(connection, self.held.job_id)
                return
            wish = store.wish(connection, self.held)
        raise JobCancelled if wish is store.Wish.CANCEL else ClaimLost

    def _ended(self, error: Exception) -> Later | None:
        """Writes what became of a failed attempt; when to try again, where that makes sense."""
        if isinstance(error, ClaimLost):
            return None
        if isinstance(error, JobCancelled):
            self._clear_if_cancelled()
            return None
        if not isinstance(error, ReportingError):
            self.services.telemetry.fault(error, self.held.job_id)
        if isinstance(error, QueryTimeout):
            self._tell(Event.QUERY_TIMEOUT, error_code=error.code)
        plan = plan_retry(error, self.held.attempt, RetryRules.of(self.services.settings), _CHANCE)
        if isinstance(plan, Retry):
            return self._retried(plan)
        self._given_up(plan)
        return None

    def _retried(self, plan: Retry) -> Later | None:
        with self.services.reporting.transaction() as connection:
            is_queued = store.requeue(connection, self.held, plan.delay)
        if not is_queued:
            self._clear_if_cancelled()
            return None
        self._tell(Event.REPORT_RETRIED, metadata={"attempt": self.held.attempt})
        return Later(plan.delay, self.held.row.correlation_id)

    def _given_up(self, plan: GiveUp) -> None:
        with self.services.reporting.transaction() as connection:
            is_failed = store.fail(connection, self.held.held, plan.code, plan.message)
            if is_failed:
                self.services.on_terminal(connection, self.held.job_id)
        if not is_failed:
            self._clear_if_cancelled()
            return
        self._tell(Event.REPORT_FAILED, error_code=plan.code)
        remove_other_blobs(self.services, self.held.job_id, None)

    def _clear_if_cancelled(self) -> None:
        """Removes what this and earlier attempts stored; where the claim was lost instead, that is another's."""
        with self.services.reporting.read() as connection:
            wish = store.wish(connection, self.held)
        if wish is store.Wish.CANCEL:
            remove_other_blobs(self.services, self.held.job_id, None)

    def _now(self) -> float:
        return self.services.clock.monotonic()

    def _tell(self, event: Event, **fields: object) -> None:
        row = self.held.row
        passed = timedelta(seconds=self._now() - self.began)
        self.services.telemetry.event(
            event,
            report_id=row.report_id,
            job_id=self.held.job_id,
            user=row.requested_by,
            duration=passed,
            **fields,  # type: ignore[arg-type] # the callers give fields of `telemetry.Fields` only
        )
