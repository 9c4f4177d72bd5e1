"""Presentations as files: opens templates, and writes packages whose bytes depend on nothing but their content."""

from collections.abc import Iterable
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pptx
from pptx.opc.package import Part
from pptx.presentation import Presentation

from shared.document import Document, clean_text
from shared.rendering._model import RenderOptions
from shared.rendering._zip import ZipWriter

REPORT_TEMPLATE = Path(__file__).parent / "theme" / "slides"  # an unpacked package: files that can be read and compared
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_DEFAULTS = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
}


def open_template(template: Path | bytes) -> Presentation:
    """The presentation in a file, in an unpacked package's folder, or in bytes."""
    return pptx.Presentation(BytesIO(template) if isinstance(template, bytes) else str(template))


def describe(presentation: Presentation, document: Document, options: RenderOptions) -> None:
    """The presentation's properties; its times are the document's."""
    properties, at = presentation.core_properties, document.generated_at.astimezone(UTC).replace(tzinfo=None)
    properties.title, properties.subject = _short(document.title), _short(document.subtitle)
    properties.author = properties.last_modified_by = _short(options.product_name)
    properties.language, properties.revision = document.language, 1
    properties.created = properties.modified = at


def write(presentation: Presentation, target: BinaryIO) -> None:
    """Writes the package; `target` need not be able to seek."""
    package = presentation.part.package
    presentation.part.rename_slide_parts([slide.rId for slide in presentation.slides._sldIdLst])  # noqa: SLF001 # as its own save does
    parts = list(package.iter_parts())
    writer = ZipWriter(target)
    writer.add("[Content_Types].xml", [_content_types(parts)])
    writer.add("_rels/.rels", [package._rels.xml])  # noqa: SLF001 # a package has no public way to its relations
    for part in parts:
        writer.add(part.partname.membername, [part.blob])
        if part.rels:
            writer.add(part.partname.rels_uri.membername, [part.rels.xml])
    writer.close()


def _content_types(parts: Iterable[Part]) -> bytes:
    defaults = "".join(f'<Default Extension="{name}" ContentType="{kind}"/>' for name, kind in _DEFAULTS.items())
    told = "".join(f'<Override PartName="{part.partname}" ContentType="{part.content_type}"/>' for part in parts)
    return f'{_XML}<Types xmlns="{_TYPES}">{defaults}{told}</Types>'.encode()


def _short(text: str) -> str:
    return clean_text(text, 255)  # the longest that the format allows
