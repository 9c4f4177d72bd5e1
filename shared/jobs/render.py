"""Makes one job's file: one snapshot, one document, one format; knows no job row, no queue and no blob."""

import errno
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.access.scope import BankScope, ScopedReader
from shared.clock import Clock
from shared.document import Document, Facts
from shared.errors import ExportFailed
from shared.jobs.output import OutputParameters
from shared.jobs.page_limit import within_limit
from shared.ports import (
    Database,
    LinkRequest,
    Meter,
    Rendering,
    RenderOrder,
    Services,
    Snapshot,
    is_blob_name,
    read_photo,
)
from shared.preview import json_cell
from shared.rendering import Pictures, find_format
from shared.reports import PhotoLinks, PhotoRef, ReportData, catalogue
from shared.rows import RowCounts, known_total, metered
from shared.settings import RenderSettings

_CHUNK = 1 << 20
Sign = Callable[[Sequence[LinkRequest], datetime], Sequence[str]]
ReadPhotos = Callable[[Path, Sequence[str]], Sequence[bytes | None]]


@dataclass(frozen=True)
class Workshop:
    """What making a file takes: settings, clock, the business data, and who signs links to photos and who reads them.

    `read_photos` may use the folder that it is given; None stands for what is missing or larger than the setting says.
    """

    settings: RenderSettings
    clock: Clock
    costar: Database
    sign_photos: Sign
    read_photos: ReadPhotos

    @classmethod
    def of(cls, services: Services) -> "Workshop":
        """The workshop within this process."""

        def read(_folder: Path, names: Sequence[str]) -> Sequence[bytes | None]:
            return [read_photo(services.photos, name, services.settings.photo_max_bytes) for name in names]

        return cls(services.settings, services.clock, services.costar, services.photos.sign, read)


def render_inline(services: Services, order: RenderOrder, meter: Meter) -> Rendering:
    """Renders in the calling thread; the twin of the render child."""
    return make_file(Workshop.of(services), order, meter)


def make_file(workshop: Workshop, order: RenderOrder, meter: Meter) -> Rendering:
    """Renders straight from a snapshot into the order's target file.

    Raises:
        QueryTimeout, DatabaseUnavailable, StorageError: as the snapshot and the signer raise them.
        JobCancelled, ClaimLost: as the meter raises them.

    """
    report, output = catalogue()[order.report_id], OutputParameters.model_validate(dict(order.output))
    options = output.options(workshop.settings, _pictures(workshop, order.target.parent, meter))
    asked = find_format(output.format or "")
    file_format = asked.bundle if options.csv_all and asked.bundle else asked
    parameters = report.parameters.model_validate(dict(order.params))
    with workshop.costar.snapshot() as snapshot:
        meter.begin(None, snapshot.cancel)
        data = report_data(workshop, snapshot, BankScope.from_json(order.scope), order.requested_by_name, output)
        built = report.build(parameters, replace(data, own_data=order.own_data))
        if file_format.is_paged:
            built = within_limit(built, output.format or "", workshop.settings.pdf_max_rows)
        document, counts = metered(built, meter)
        meter.begin(known_total(document), snapshot.cancel)
        with _on_disk(), order.target.open("wb") as target:
            facts = file_format.render(document, options, target)
        rows = _rows_of_main(document, counts, facts)
        as_of = snapshot.as_of
    extension = file_format.extension or output.format
    return Rendering(
        path=order.target,
        file_name=f"{order.report_id}_{document.file_dates}_{order.job_id[-6:]}.{extension}",
        content_type=file_format.content_type,
        size=order.target.stat().st_size,
        sha256=_sha256(order.target),
        row_count=rows,
        data_as_of=as_of,
        summary=_summary(document, rows),
    )


def _pictures(workshop: Workshop, folder: Path, meter: Meter) -> Pictures:
    """The photos a format asks for, unless the work is not wanted any more."""

    def found(names: Sequence[str]) -> Sequence[bytes | None]:
        meter.advance(0)
        return workshop.read_photos(folder, names)

    return found


def _rows_of_main(document: Document, counts: RowCounts, facts: Facts) -> int:
    """Rows of the main table, or of all its parts where it comes as several.

    A format that shows only the first rows reads no more of them, and tells how many there are.
    """
    parts = [table.name for table in document.tables if table.is_main] or [document.main.name]
    return sum(max(counts.by_table.get(name, 0), facts.rows.get(name, 0)) for name in parts)


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise ExportFailed("There is no room on the disk for the file.", details={"reason": "disk"}) from error


def report_data(
    workshop: Workshop, snapshot: Snapshot, scope: BankScope, generated_by: str, output: OutputParameters
) -> ReportData:
    """What a report reads from: the snapshot within the scope, the settings, and the links the caller chose."""
    expires_at = _links_expire_at(workshop, output)
    return ReportData(
        ScopedReader(snapshot),
        scope,
        workshop.settings,
        workshop.clock.now(),
        generated_by,
        _photo_linker(workshop, expires_at),
        expires_at,
    )


def _links_expire_at(workshop: Workshop, output: OutputParameters) -> datetime | None:
    """When photo links of the kind that the caller chose stop working; never, where they lead through the web page."""
    if output.photo_links == "app":
        return None
    hours = output.photo_link_hours
    return workshop.clock.now() + (workshop.settings.photo_link_lifetime if hours is None else timedelta(hours=hours))


def _photo_linker(workshop: Workshop, expires_at: datetime | None) -> PhotoLinks:
    """What turns photos into addresses: signed ones, or, where they never expire, those of the web page."""
    if expires_at is None:
        return lambda photos: [f"{workshop.settings.app_url}/photos/{photo.id}" for photo in photos]

    def signed(photos: Sequence[PhotoRef]) -> Sequence[str | None]:
        requests = [LinkRequest(photo.blob_name) for photo in photos if is_blob_name(photo.blob_name)]
        links = iter(workshop.sign_photos(requests, expires_at) if requests else ())
        return [next(links) if is_blob_name(photo.blob_name) else None for photo in photos]

    return signed


def _summary(document: Document, rows: int) -> Mapping[str, Any]:
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
