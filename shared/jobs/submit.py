"""Accepts a report request: checks it against the caller's rights, writes the job with its audit line, rings the queue.

The request itself never renders; a preview reads the first rows and writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from shared.access.audit import Deed, record
from shared.access.principal import Principal
from shared.access.scope import BankScope
from shared.clock import local_date, new_id
from shared.errors import FieldProblem, InvalidParameters, NotFound, ReportingError, Unauthorized
from shared.jobs import store
from shared.jobs.estimate import estimated_seconds
from shared.jobs.output import MAX_PREVIEW_ROWS, OutputParameters
from shared.jobs.render import report_data
from shared.jobs.request import ReportRequest, parsed
from shared.ports import Services
from shared.preview import previewed
from shared.reports import ReportData, parameters_hash
from shared.tables import InJsonList, banks
from shared.telemetry import Event


@dataclass(frozen=True)
class Caller:
    """Who asks, and from which address."""

    principal: Principal
    address: str | None = None


@dataclass(frozen=True)
class Receipt:
    """An accepted job: whether the caller may expect it at once, and how long it may take."""

    job_id: str
    report_id: str
    is_small: bool
    estimated_seconds: int


def accept(services: Services, caller: Caller, body: Mapping[str, Any]) -> Receipt | dict[str, Any]:
    """The receipt of a new job, or the body of a preview.

    Raises:
        InvalidReportId, InvalidParameters: the request is wrong; nothing is written.
        Unauthorized, NotFound: the caller may not see what it asks for; an audit line and nothing else is written.

    """
    try:
        request = parsed(
            body, local_date(services.clock.now(), services.settings.zone), services.settings.max_span_days
        )
        scope = _scope_of(services, caller, request)
    except (Unauthorized, NotFound) as error:
        _record_refusal(services, caller, error)
        raise
    if request.output.photo_links == "app" and not services.settings.app_url:
        raise InvalidParameters.of(FieldProblem("output.photoLinks", "this deployment has no web page to link to"))
    with services.costar.snapshot() as snapshot:
        data = report_data(services, snapshot, scope, caller.principal.name, request.output)
        if request.output.is_preview:
            shown = _preview(request, data)
            _record(services, caller, Deed(caller.principal.subject, "report_previewed", request.report.id))
            return shown
        rows = request.report.estimate(request.parameters, data)
    return _insert(services, caller, request, scope, rows)


def _scope_of(services: Services, caller: Caller, request: ReportRequest) -> BankScope:
    if not caller.principal.may_run(request.report.domain):
        raise Unauthorized
    allowed = caller.principal.bank_scope
    if allowed is None:
        return BankScope.of()
    requested = getattr(request.parameters, "banks", None)
    if requested is not None:
        allowed.narrowed(requested)
        _require_banks(services, requested)
    return allowed


def _require_banks(services: Services, requested: tuple[str, ...]) -> None:
    """A bank that does not exist is told the same way as one that is not the caller's."""
    known = select(func.count()).select_from(banks).where(InJsonList(banks.c.id, requested))
    with services.costar.read() as connection:
        if connection.execute(known).scalar_one() != len(requested):
            raise BankScope.unknown_bank()


def _preview(request: ReportRequest, data: ReportData) -> dict[str, Any]:
    document = request.report.build(request.parameters, data)
    shown = previewed(document, request.output.max_rows or MAX_PREVIEW_ROWS)
    return {"success": True, "reportId": request.report.id, **shown}


def _insert(services: Services, caller: Caller, request: ReportRequest, scope: BankScope, rows: int) -> Receipt:
    report, params = request.report, request.parameters.to_json()
    new = store.NewJob(
        job_id=new_id("job", services.clock.now()),
        report_id=report.id,
        report_name=report.name,
        params=params,
        output=_output_json(request.output),
        scope=scope.to_json(),
        requested_by=caller.principal.subject,
        params_hash=parameters_hash(params),
        rows_total=rows,
    )
    with services.reporting.transaction() as connection:
        seconds = estimated_seconds(connection, report.id, request.output.format or "", rows)
        store.insert_job(connection, new)
        deed = Deed(caller.principal.subject, "report_requested", new.job_id, actor_ip=caller.address)
        record(connection, services.clock, deed)
    services.telemetry.event(
        Event.REPORT_REQUESTED,
        report_id=report.id,
        job_id=new.job_id,
        user=caller.principal.subject,
        metadata={"format": request.output.format, "estimatedRows": rows},
    )
    return Receipt(new.job_id, report.id, rows <= report.async_threshold, seconds)


def _output_json(output: OutputParameters) -> dict[str, Any]:
    return output.model_dump(mode="json", by_alias=True, exclude_none=True)


def _record_refusal(services: Services, caller: Caller, error: ReportingError) -> None:
    subject = caller.principal.subject
    services.telemetry.event(Event.ACCESS_REFUSED, user=subject, error_code=error.code)
    _record(services, caller, Deed(subject, "report_requested", outcome=error.code))


def _record(services: Services, caller: Caller, deed: Deed) -> None:
    with services.reporting.transaction() as connection:
        record(connection, services.clock, replace(deed, actor_ip=caller.address))
