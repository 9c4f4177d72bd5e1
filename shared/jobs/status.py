"""A job as its owner sees it: status, progress, and a link made for this answer; never another person's job."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from shared.access.audit import Deed, record
from shared.access.principal import Principal
from shared.access.scope import BankScope
from shared.errors import Conflict, NotFound, error_of
from shared.jobs import lookup
from shared.jobs.messages import JOB_ID
from shared.jobs.states import Phase, Status
from shared.jobs.submit import Caller
from shared.ports import LinkRequest, Services

_MESSAGES: Mapping[Phase, str] = {
    Phase.QUEUED: "Waiting for a worker",
    Phase.QUERYING: "Reading the figures",
    Phase.RENDERING: "Writing the file",
    Phase.UPLOADING: "Storing the file",
    Phase.FINISHING: "Finishing",
    Phase.DONE: "Done",
}


def find_job(services: Services, principal: Principal, job_id: str) -> "JobView":
    """The job, as this person may see it.

    Raises:
        NotFound: there is none, it is another person's, or it shows banks the caller may not see any more.

    """
    if JOB_ID.fullmatch(job_id) is None:
        raise NotFound
    with services.reporting.read() as connection:
        row = lookup.find(connection, job_id)
    if row is None or row.deleted_at is not None or not _may_see(principal, row):
        raise NotFound
    return JobView(row)


@dataclass(frozen=True)
class JobView:
    """A job the caller may see."""

    row: Row[Any]

    def tag(self, now: datetime, link_lifetime: timedelta) -> str:
        """An entity tag in quotes: it changes with all that the answer shows, and while the last link still works."""
        row = self.row
        shown = [row.status, row.progress, row.phase, row.rows_done, row.rows_total, row.attempt, row.error_code]
        if row.status == Status.COMPLETED:
            shown += [row.expires_at <= now, now.timestamp() // (link_lifetime.total_seconds() / 2)]
        return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:32]}"'

    def answer(self, services: Services, caller: Caller) -> dict[str, Any]:
        """The body of report-status: absent values are left out, instants are UTC."""
        row = self.row
        body: dict[str, Any] = {
            "jobId": row.job_id,
            "reportId": row.report_id,
            "status": row.status,
            "progress": row.progress,
            "phase": row.phase,
            "message": _message(row),
            "rowsDone": row.rows_done,
            "rowsTotal": row.rows_total,
            "rowCount": row.row_count,
            "error": row.error,
            "errorCode": row.error_code,
            "createdAt": _text(row.created_at),
            "startedAt": _text(row.started_at),
            "completedAt": _text(row.completed_at),
            **_file(services, caller, row),
        }
        return {"success": True, **{key: value for key, value in body.items() if value is not None}}


def generated_answer(services: Services, caller: Caller, job_id: str) -> dict[str, Any]:
    """The body of generate-report for a job that ended within the wait.

    Raises:
        ReportingError: of the code the job failed with.

    """
    row = find_job(services, caller.principal, job_id).row
    if row.status == Status.CANCELLED:
        raise Conflict("The job was cancelled.", details={"jobId": row.job_id})
    if row.status != Status.COMPLETED:
        raise error_of(row.error_code)(row.error or "", details={"jobId": row.job_id})
    return {
        "success": True,
        "reportId": row.report_id,
        "jobId": row.job_id,
        "rowCount": row.row_count,
        "generatedAt": _text(row.completed_at),
        **_file(services, caller, row),
    }


def _may_see(principal: Principal, row: Row[Any]) -> bool:
    if principal.is_unrestricted:
        return True
    allowed, fixed = principal.bank_scope, BankScope.from_json(row.scope)
    within = allowed is not None and fixed.banks is not None and fixed.banks <= (allowed.banks or frozenset())
    return within and row.requested_by == principal.subject


def _file(services: Services, caller: Caller, row: Row[Any]) -> dict[str, Any]:
    """The file's name, size and link, while there is one; each link made is written to the audit trail."""
    now = services.clock.now()
    if row.status != Status.COMPLETED or row.expires_at is None or row.expires_at <= now:
        return {}
    expires_at = min(now + services.settings.link_lifetime, row.expires_at)
    link = services.files.sign([LinkRequest(row.blob_name, row.file_name)], expires_at)[0]
    with services.reporting.transaction() as connection:
        deed = Deed(caller.principal.subject, "link_issued", row.job_id, actor_ip=caller.address)
        record(connection, services.clock, deed)
    return {
        "downloadUrl": link,
        "filename": row.file_name,
        "fileSize": row.file_size,
        "expiresAt": _text(expires_at),
    }


def _message(row: Row[Any]) -> str:
    if row.status == Status.CANCELLED:
        return "Cancelled"
    return row.error or _MESSAGES[Phase(row.phase)]


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
