"""Cancels a job for its owner: at once where nobody works on it, through its worker where somebody does."""

from typing import Any

from shared.access.audit import Deed, record
from shared.errors import Conflict
from shared.jobs import lookup, store
from shared.jobs.states import Status
from shared.jobs.status import find_job
from shared.jobs.submit import Caller
from shared.ports import Services
from shared.telemetry import Event


def cancel_job(services: Services, caller: Caller, job_id: str) -> dict[str, Any]:
    """The body of the answer: the status as it is now.

    Raises:
        NotFound: there is no such job, or it is not the caller's.
        Conflict: it is over.

    """
    row = find_job(services, caller.principal, job_id).row
    with services.reporting.transaction() as connection:
        if not store.request_cancel(connection, job_id):
            raise Conflict("The job has ended already; there is nothing to cancel.")
        deed = Deed(caller.principal.subject, "report_cancelled", job_id, actor_ip=caller.address)
        record(connection, services.clock, deed)
        now = lookup.find(connection, job_id)
        status = Status.PROCESSING if now is None else Status(now.status)
        if status is Status.CANCELLED:
            services.on_terminal(connection, job_id)
    if status is Status.CANCELLED:
        services.telemetry.event(
            Event.REPORT_CANCELLED, report_id=row.report_id, job_id=job_id, user=caller.principal.subject
        )
    return {
        "success": True,
        "jobId": job_id,
        "status": status.value,
        "statusUrl": f"/functions/v1/report-status/{job_id}",
    }
