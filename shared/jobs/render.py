"""Makes one job's file in this process: one snapshot, one document, one format; knows no job row and no queue."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.access.scope import BankScope, ScopedReader
from shared.document import Document
from shared.jobs.output import OutputParameters
from shared.ports import LinkRequest, Meter, Rendering, RenderOrder, Services, Snapshot, is_blob_name
from shared.preview import json_cell
from shared.rendering import find_format
from shared.reports import PhotoLinks, PhotoRef, ReportData, catalogue
from shared.rows import known_total, metered

_CHUNK = 1 << 20


def render_inline(services: Services, order: RenderOrder, meter: Meter) -> Rendering:
    """Renders in the calling thread, straight from a snapshot into the order's target file.

    Raises:
        QueryTimeout, DatabaseUnavailable, StorageError: as the snapshot and the photo store raise them.
        JobCancelled, ClaimLost: as the meter raises them.

    """
    report, output = catalogue()[order.report_id], OutputParameters.model_validate(dict(order.output))
    file_format = find_format(output.format or "")
    parameters = report.parameters.model_validate(dict(order.params))
    with services.costar.snapshot() as snapshot:
        meter.begin(None, snapshot.cancel)
        data = report_data(services, snapshot, BankScope.from_json(order.scope), order.requested_by_name, output)
        document, counts = metered(report.build(parameters, data), meter)
        meter.begin(known_total(document), snapshot.cancel)
        with order.target.open("wb") as target:
            file_format.render(document, output.options(services.settings), target)
        rows = counts.by_table.get(document.main.name, 0)
        as_of = snapshot.as_of
    return Rendering(
        path=order.target,
        file_name=f"{order.report_id}_{document.file_dates}_{order.job_id[-6:]}.{output.format}",
        content_type=file_format.content_type,
        size=order.target.stat().st_size,
        sha256=_sha256(order.target),
        row_count=rows,
        data_as_of=as_of,
        summary=_summary(document, rows),
    )


def report_data(
    services: Services, snapshot: Snapshot, scope: BankScope, generated_by: str, output: OutputParameters
) -> ReportData:
    """What a report reads from: the snapshot within the scope, the settings, and the links the caller chose."""
    return ReportData(
        ScopedReader(snapshot),
        scope,
        services.settings,
        services.clock.now(),
        generated_by,
        _photo_linker(services, output),
    )


def _photo_linker(services: Services, output: OutputParameters) -> PhotoLinks:
    """What turns photos into addresses, as the caller chose: signed, or through the web page."""
    if output.photo_links == "app":
        return lambda photos: [f"{services.settings.app_url}/photos/{photo.id}" for photo in photos]
    hours = output.photo_link_hours
    lifetime = services.settings.photo_link_lifetime if hours is None else timedelta(hours=hours)
    expires_at = services.clock.now() + lifetime

    def signed(photos: Sequence[PhotoRef]) -> Sequence[str | None]:
        stored = [photo for photo in photos if is_blob_name(photo.blob_name)]
        links = iter(services.photos.sign([LinkRequest(photo.blob_name) for photo in stored], expires_at))
        return [next(links) if is_blob_name(photo.blob_name) else None for photo in photos]

    return signed


def _summary(document: Document, rows: int) -> dict[str, Any]:
    """What the job's row keeps of the document: tiles, dates, scope and as-of."""
    return {
        "title": document.title,
        "dates": document.subtitle,
        "asOf": json_cell(document.data_as_of, document.zone),
        "rowCount": rows,
        "notes": [{"label": note.label, "text": note.text} for note in document.notes],
        "kpis": [
            {
                "key": kpi.key,
                "label": kpi.label,
                "type": kpi.kind.value,
                "value": json_cell(kpi.value, document.zone),
                "change": kpi.change,
            }
            for kpi in document.kpis
        ],
    }


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
