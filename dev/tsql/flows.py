"""One run through every use case of the product over a small world, so that each of its statements happens once.

It is about what is said to the database, not about what comes of it: that is what tests are for.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from dev.people import active_people, find_person
from dev.sample_data import load_sample_data
from dev.tsql.recorder import Recorder
from dev.tsql.variants import World, variants
from ops.migrate import migrate
from shared.access.limits import hold_person
from shared.access.principal import find_principal
from shared.adapters.in_process_queue import InProcessQueue
from shared.clock import local_date
from shared.errors import DatabaseUnavailable, ExportFailed, NotFound, ReportingError
from shared.fsp_formats import change_format, format_answer
from shared.health import ready_answer
from shared.jobs import store
from shared.jobs.cancel import cancel_job
from shared.jobs.catalogue import options_answer
from shared.jobs.leftovers import sweep_blobs
from shared.jobs.relay import send
from shared.jobs.run import run_job
from shared.jobs.status import find_job
from shared.jobs.submit import Caller, Headers, Receipt, accept
from shared.jobs.sweep import sweep
from shared.jobs.wait import WaitingRoom
from shared.photos import photo_answer
from shared.ports import Meter, Rendering, RenderOrder, Services
from shared.reports import catalogue
from shared.settings import DatabaseSettings
from shared.tables import photos
from shared.wiring import in_memory

_CALLS, _FORMAT = 60, "xlsx"  # it has every sheet, Export Info too
_ZONE, _DAYS = "America/Los_Angeles", 240  # so many days that its offset changes at least once
_OFTEN = 1_000_000
_ADDRESS = "203.0.113.7"
_NO_BANK = "00000000-0000-4000-8000-000000000000"
_NUMBER = "CST-2025-0000001"
_SHORT = timedelta(milliseconds=100)
Render = Callable[[Services, RenderOrder, Meter], Rendering]


def run_everything(folder: Path, recorder: Recorder) -> None:
    """Makes a world in `folder` and goes through the product; raises what went wrong there that should not."""
    limits: dict[str, Any] = {"reports_per_user": _OFTEN, "reports_per_address": _OFTEN, "previews_per_user": _OFTEN}
    services = in_memory(folder, heartbeat=_SHORT, report_timezone=_ZONE, **limits)
    try:
        migrate(DatabaseSettings(database_url=services.settings.database_url), with_business_tables=True)
        with recorder.listening():
            load_sample_data(services, _CALLS)
            with recorder.tracing():
                _Run(services).everything()
        for fault in cast("Any", services.telemetry).faults:
            raise fault
    finally:
        services.close()


class _Run:
    def __init__(self, services: Services) -> None:
        self._services = services
        people = active_people(services.costar)
        self._admin, self._bank_admin = (
            self._caller(next(each.subject for each in people if each.role == role)) for role in ("admin", "bank_admin")
        )
        options = options_answer(services, self._admin.principal)
        today = local_date(services.clock.now(), services.settings.zone)
        self._world = World(
            (today - timedelta(days=_DAYS), today),
            {name: [each["id"] for each in options[name][:2]] for name in ("banks", "engineers")}
            | {"regions": options["regions"][:2], "specificCallNumber": [_NUMBER]},
        )

    def everything(self) -> None:
        """Every use case."""
        self._choices()
        self._formats_of_banks()
        self._previews()
        self._one_call()
        self._files()
        self._one_request_twice()
        self._attempts_that_fail()
        self._cancels()
        self._timer()
        asyncio.run(ready_answer(self._services, with_parts=True))

    def _caller(self, subject: str) -> Caller:
        find_person(self._services.costar, subject)
        return Caller(find_principal(self._services.costar, subject), _ADDRESS)

    def _choices(self) -> None:
        options_answer(self._services, self._bank_admin.principal)
        with self._services.costar.read() as connection:
            photo = str(connection.scalar(select(photos.c.id).order_by(photos.c.id).limit(1)))
        photo_answer(self._services, self._admin, photo)

    def _formats_of_banks(self) -> None:
        """A format that is changed, a new one, and one of a bank that is not there."""
        for bank in (
            *(each["id"] for each in options_answer(self._services, self._admin.principal)["banks"]),
            _NO_BANK,
        ):
            with suppress(NotFound):
                columns = format_answer(self._services, self._admin, bank)["columns"]
                change_format(self._services, self._admin, bank, {"columns": columns})
        with suppress(NotFound):
            change_format(self._services, self._admin, _NO_BANK, {})

    def _one_call(self) -> None:
        """What happened on one call, of whatever day."""
        body = {"reportId": "call-details-activity", "params": {"specificCallNumber": _NUMBER}}
        accept(self._services, self._admin, body | {"output": {"isPreview": True}})

    def _previews(self) -> None:
        for report in catalogue().values():
            for caller, world in ((self._admin, self._world), (self._bank_admin, self._world.without("banks"))):
                for params in variants(report.parameters, world):
                    body = {"reportId": report.id, "params": params, "output": {"isPreview": True}}
                    accept(self._services, caller, body)

    def _files(self) -> None:
        """One format of each report: formats know no database."""
        for report_id in catalogue():
            self._run(self._services, self._submitted(report_id))

    def _one_request_twice(self) -> None:
        """The second time it is the same job; a bank that is not there is none of the caller's."""
        headers = Headers(idempotency_key="once")
        body = self._body(next(iter(catalogue())))
        first, second = (accept(self._services, self._admin, body, headers) for _ in range(2))
        if not isinstance(first, Receipt) or not isinstance(second, Receipt) or second.is_new:
            message = "the same request twice is one job"
            raise TypeError(message)
        self._run(self._services, first.job_id)
        self._run(self._services, first.job_id)  # a second delivery, of a job that is over
        asyncio.run(self._wait(first.job_id))
        find_job(self._services, self._admin.principal, first.job_id).answer(self._services, self._admin)
        with suppress(NotFound):
            accept(self._services, self._admin, self._body(body["reportId"], banks=[_NO_BANK]))

    async def _wait(self, job_id: str) -> None:
        await WaitingRoom(self._services).wait(job_id, 1)

    def _attempts_that_fail(self) -> None:
        for error in (DatabaseUnavailable(), ExportFailed()):
            self._run(self._with_render(_failing(error)), self._submitted())

    def _cancels(self) -> None:
        cancel_job(self._services, self._admin, self._submitted())
        job_id = self._submitted()

        def cancelled(_services: Services, _order: RenderOrder, meter: Meter) -> Rendering:
            cancel_job(self._services, self._admin, job_id)
            while True:
                meter.advance(1)
                time.sleep(0.01)

        self._run(self._with_render(cancelled), job_id)

    def _timer(self) -> None:
        """A job left behind with no claim to spare, a letter that names no job, one that names a job, old blobs."""
        queue = cast("InProcessQueue", self._services.queue)
        left = self._submitted()
        with self._services.reporting.transaction() as connection:
            store.claim(connection, left, store.Terms(timedelta(0), 1, _OFTEN))
            hold_person(connection, "nobody")  # whose gate is not there
        spent = self._services.settings.model_copy(update={"max_claims": 1})
        asyncio.run(_buried(queue, b"{", b'{"jobId": "%s"}' % left.encode()))
        for services in (self._services, replace(self._services, settings=spent)):
            asyncio.run(sweep(services, timedelta(0)))
        sweep_blobs(self._services, timedelta(0))

    def _with_render(self, render: Render) -> Services:
        return replace(self._services, render=render)

    def _body(self, report_id: str, **more: Any) -> dict[str, Any]:
        report = catalogue()[report_id]
        params = next(iter(variants(report.parameters, self._world)))
        return {"reportId": report_id, "params": params | more, "output": {"format": _FORMAT}}

    def _submitted(self, report_id: str = "") -> str:
        receipt = accept(self._services, self._admin, self._body(report_id or next(iter(catalogue()))))
        if not isinstance(receipt, Receipt):
            message = "a request for a file is a job"
            raise TypeError(message)
        asyncio.run(send(self._services, receipt.job_id, None))
        return receipt.job_id

    def _run(self, services: Services, job_id: str) -> None:
        asyncio.run(run_job(services, job_id))


def _failing(error: ReportingError) -> Render:
    def render(_services: Services, _order: RenderOrder, meter: Meter) -> Rendering:
        del meter
        raise error

    return render


async def _buried(queue: InProcessQueue, *bodies: bytes) -> None:
    """Each body as a dead letter; messages that were waiting are done with."""
    while (delivery := await queue.receive(0)) is not None:
        await queue.complete(delivery)
    for body in bodies:
        queue.put(body)
        if delivery := await queue.receive(0):
            await queue.dead_letter(delivery, "MaxDeliveryCountExceeded", "five times")
