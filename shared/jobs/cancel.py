"""Cancels a job for its owner: over at once, whoever works on it; a worker sees it within a second and stops."""

from typing import Any

from shared.access.audit import Deed, record
from shared.errors import Conflict
from shared.jobs import store
from shared.jobs.states import Status
from shared.jobs.status import find_job
from shared.jobs.submit import Caller
from shared.ports import Services
from shared.telemetry import Event


def cancel_job(services: Services, caller: Caller, job_id: str) -> dict[str, Any]:
    """The body of the answer.

    Raises:
        NotFound: there is no such job, or it is not the caller's.
        Conflict: it is over.

    """
    row = find_job(services, caller.principal, job_id).row
    with services.reporting.transaction() as connection:
        if not store.cancel(connection, job_id):
            raise Conflict("The job has ended already; there is nothing to cancel.")
        deed = Deed(caller.principal.subject, "report_cancelled", job_id, actor_ip=caller.address)
        record(connection, services.clock, deed)
        services.on_terminal(connection, job_id)
    services.telemetry.event(
        Event.REPORT_CANCELLED, report_id=row.report_id, job_id=job_id, user=caller.principal.subject
    )
    return {
        "success": True,
        "jobId": job_id,
        "status": Status.CANCELLED.value,
        "statusUrl": f"/functions/v1/report-status/{job_id}",
    }
