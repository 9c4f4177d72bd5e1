"""Accepts a report request: checks it against the caller's rights, writes the job with its audit line, rings the queue.

The request itself never renders; a preview reads the first rows and writes nothing.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from shared.access.audit import Deed, record
from shared.access.limits import admit_preview, admit_report, check_report, make_gates
from shared.access.principal import Principal
from shared.access.scope import BankScope
from shared.clock import local_date, new_id
from shared.errors import Conflict, FieldProblem, InvalidParameters, NotFound, RateLimitExceeded, Unauthorized
from shared.jobs import lookup, store
from shared.jobs.estimate import estimated_seconds
from shared.jobs.output import MAX_PREVIEW_ROWS, OutputParameters
from shared.jobs.page_limit import require_few_rows
from shared.jobs.render import Workshop, report_data
from shared.jobs.request import ReportRequest, parsed
from shared.ports import Services
from shared.preview import previewed
from shared.reports import parameters_hash
from shared.tables import InJsonList, banks
from shared.telemetry import Event

_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(frozen=True)
class Caller:
    """Who asks, and from which address."""

    principal: Principal
    address: str | None = None


@dataclass(frozen=True)
class Headers:
    """What the headers of a request say about it: a key that makes repeats harmless, and the trace it belongs to."""

    idempotency_key: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True)
class Receipt:
    """An accepted job: whether the caller may expect it at once, and how long it may take.

    `is_new` is False where the same request had made the job before; then its message is out already.
    """

    job_id: str
    report_id: str
    is_small: bool
    estimated_seconds: int
    trace: str
    is_new: bool = True


def accept(
    services: Services, caller: Caller, body: Mapping[str, Any], headers: Headers | None = None
) -> Receipt | dict[str, Any]:
    """The receipt of a job, or the body of a preview.

    Raises:
        InvalidReportId, InvalidParameters: the request is wrong; nothing is written.
        Unauthorized, NotFound: the caller may not see what it asks for; a line in the audit trail says that it tried.
        Conflict: the Idempotency-Key belongs to another request; nothing is written.
        RateLimitExceeded: too many within the hour; nothing is written.

    """
    try:
        return _accepted(services, caller, body, headers or Headers())
    except (Unauthorized, NotFound) as error:
        _record(services, caller, Deed(caller.principal.subject, "report_requested", outcome=error.code))
        raise


def _accepted(
    services: Services, caller: Caller, body: Mapping[str, Any], headers: Headers
) -> Receipt | dict[str, Any]:
    today = local_date(services.clock.now(), services.settings.zone)
    request = parsed(body, today, services.settings.max_span_days)
    scope = _scope_of(services, caller, request)
    if request.output.photo_links == "app" and not services.settings.app_url:
        raise InvalidParameters.of(FieldProblem("output.photoLinks", "this deployment has no web page to link to"))
    _require_one_table(request, scope)
    order = _Order(
        request, scope, _checked_key(headers.idempotency_key), _trace(headers), parameters_hash(_asked(body))
    )
    if (repeated := _repeated(services, caller, order)) is not None:
        _record(services, caller, Deed(caller.principal.subject, "report_repeated", repeated.job_id))
        return repeated
    if request.output.is_preview:
        return _preview(services, caller, order)
    try:
        return _new_job(services, caller, order)
    except (IntegrityError, RateLimitExceeded):  # perhaps the same request was quicker, at the same moment
        if (repeated := _repeated(services, caller, order)) is None:
            raise
        return repeated


def _require_one_table(request: ReportRequest, scope: BankScope) -> None:
    """A CSV holds the main table only, so that there must be one; a zip of them holds any number."""
    output = request.output
    if output.is_preview or output.format != "csv" or output.csv_sheets == "all":
        return
    if not request.report.is_split(request.parameters, scope):
        return
    problem = (
        "this report gives one sheet per bank, and a CSV holds one table:"
        " choose every sheet in a zip (csvSheets all), one bank, or another format"
    )
    raise InvalidParameters.of(FieldProblem("output.format", problem))


@dataclass(frozen=True)
class _Order:
    request: ReportRequest
    scope: BankScope
    key: str | None
    trace: str
    body_hash: str


def _asked(body: Mapping[str, Any]) -> dict[str, Any]:
    """What makes two requests the same request."""
    return {name: body.get(name) for name in ("reportId", "params", "output")}


def _checked_key(key: str | None) -> str | None:
    if key is not None and _KEY.fullmatch(key) is None:
        raise InvalidParameters.of(FieldProblem("Idempotency-Key", "must be 1 to 128 visible ASCII characters"))
    return key


def _trace(headers: Headers) -> str:
    """The caller's W3C trace context, or the beginning of a new one."""
    given = headers.traceparent or ""
    return given if _TRACEPARENT.fullmatch(given) else f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _repeated(services: Services, caller: Caller, order: _Order) -> Receipt | None:
    """The receipt of the job that the same request made before."""
    if order.key is None or order.request.output.is_preview:
        return None
    with services.reporting.read() as connection:
        row = lookup.find_by_key(connection, caller.principal.subject, order.key)
        if row is None:
            return None
        if row.params_hash != order.body_hash:
            raise Conflict("This Idempotency-Key was used for another request; take a new one.")
        seconds = estimated_seconds(connection, row.report_id, row.output_config["format"], row.rows_total or 0)
    is_small = (row.rows_total or 0) <= order.request.report.async_threshold
    return Receipt(row.job_id, row.report_id, is_small, seconds, row.correlation_id or order.trace, is_new=False)


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


def _preview(services: Services, caller: Caller, order: _Order) -> dict[str, Any]:
    request, subject = order.request, caller.principal.subject
    with services.reporting.transaction() as connection:
        make_gates(connection, subject, None)
    with services.reporting.transaction() as connection:
        admit_preview(connection, services.clock, services.settings, subject)
        deed = Deed(subject, "report_previewed", request.report.id, actor_ip=caller.address)
        record(connection, services.clock, deed)
    own_data = request.report.own_data(request.parameters, order.scope, services.reporting)
    with services.costar.snapshot() as snapshot:
        data = report_data(Workshop.of(services), snapshot, order.scope, caller.principal.name, request.output)
        document = request.report.build(request.parameters, replace(data, own_data=own_data))
        shown = previewed(document, request.output.max_rows or MAX_PREVIEW_ROWS)
    return {"success": True, "reportId": request.report.id, **shown}


def _new_job(services: Services, caller: Caller, order: _Order) -> Receipt:
    request = order.request
    with services.reporting.read() as connection:  # before the work of counting; the exact check comes with the row
        check_report(connection, services.settings, caller.principal.subject, caller.address)
    with services.costar.snapshot() as snapshot:
        data = report_data(Workshop.of(services), snapshot, order.scope, caller.principal.name, request.output)
        rows = request.report.estimate(request.parameters, data)
    require_few_rows(request.output.format or "", rows, services.settings)
    new = store.NewJob(
        job_id=new_id("job", services.clock.now()),
        report_id=request.report.id,
        report_name=request.report.name,
        params=request.parameters.to_json(),
        output=_output_json(request.output),
        scope=order.scope.to_json(),
        requested_by=caller.principal.subject,
        params_hash=order.body_hash,
        rows_total=rows,
        requested_address=caller.address,
        idempotency_key=order.key,
        correlation_id=order.trace,
    )
    seconds = _insert(services, caller, new)
    services.telemetry.event(
        Event.REPORT_REQUESTED,
        report_id=new.report_id,
        job_id=new.job_id,
        user=new.requested_by,
        metadata={
            **_impersonal(new.params),
            "format": request.output.format,
            "estimatedRows": rows,
            "trace": order.trace,
        },
    )
    return Receipt(new.job_id, new.report_id, rows <= request.report.async_threshold, seconds, order.trace)


def _insert(services: Services, caller: Caller, new: store.NewJob) -> int:
    """Writes the job, its audit line and what the limits count, all or nothing; the estimated seconds."""
    with services.reporting.transaction() as connection:
        make_gates(connection, new.requested_by, caller.address)
    with services.reporting.transaction() as connection:
        admit_report(connection, services.settings, new.requested_by, caller.address)
        seconds = estimated_seconds(connection, new.report_id, new.output["format"], new.rows_total or 0)
        store.insert_job(connection, new)
        deed = Deed(new.requested_by, "report_requested", new.job_id, actor_ip=caller.address)
        record(connection, services.clock, deed)
    return seconds


def _impersonal(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without what points at persons or banks: of those, how many."""
    counted = {"banks", "engineers"}
    return {name: len(value) if name in counted else value for name, value in params.items()}


def _output_json(output: OutputParameters) -> dict[str, Any]:
    return output.model_dump(mode="json", by_alias=True, exclude_none=True)


def _record(services: Services, caller: Caller, deed: Deed) -> None:
    with services.reporting.transaction() as connection:
        record(connection, services.clock, replace(deed, actor_ip=caller.address))
