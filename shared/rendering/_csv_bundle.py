"""Every sheet of a report as a CSV of its own, in a zip with a manifest; holds no table's rows in memory.

One sheet after another is compressed while it is written, and copied into the archive when its size is known.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO

from shared.clock import local_time
from shared.document import Document, Facts, Table, clean_text
from shared.rendering._csv_columns import Tally
from shared.rendering._csv_table import write_table
from shared.rendering._model import Format, RenderOptions
from shared.rendering._zip import Deflated, ZipWriter

MANIFEST = "manifest.json"
# What some system forbids in the name of a file, and what would show it the wrong way round.
_FORBIDDEN = re.compile('[<>:"/\\\\|?*\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')
_LONGEST_NAME = 150  # bytes, for systems that take 255 with a folder's name before it


@dataclass(frozen=True)
class _File:
    name: str
    sheet: str
    rows: int
    sha256: str


def render(document: Document, options: RenderOptions, target: BinaryIO) -> Facts:
    """Writes all tables, Export Info where it is wanted, and the manifest, into a zip; `target` need not seek."""
    writer = _Bundle(document, options, target)
    writer.add(document.tables)
    facts = Facts("csv", writer.counts, odd_values=writer.tally.odd_values)
    if options.include_metadata:
        writer.add(document.closing(facts))
    writer.close()
    return facts


BUNDLE = Format(content_type="application/zip", render=render, extension="zip")


class _Bundle:
    """The archive on its way."""

    def __init__(self, document: Document, options: RenderOptions, target: BinaryIO) -> None:
        self._document, self._with_bom = document, options.csv_bom
        self._archive = ZipWriter(target)
        self._files: list[_File] = []
        self.tally = Tally()

    @property
    def counts(self) -> dict[str, int]:
        """Rows by the sheets' names."""
        return {file.sheet: file.rows for file in self._files}

    def add(self, tables: Iterable[Table]) -> None:
        """Writes each table as a file."""
        for table in tables:
            with closing(_Digested()) as content:
                rows = write_table(table, self._document, content.write, self.tally, with_bom=self._with_bom)
                name = _file_name(len(self._files) + 1, table.name)
                self._files.append(_File(name, clean_text(table.name), rows, content.sha256.hexdigest()))
                self._archive.add(name, [content.deflated])

    def close(self) -> None:
        """Writes the manifest and the archive's directory."""
        manifest = json.dumps(self._manifest(), indent=2, ensure_ascii=False) + "\n"
        self._archive.add(MANIFEST, [manifest.encode()])
        self._archive.close()

    def _manifest(self) -> dict[str, Any]:
        document = self._document
        generated, as_of = (local_time(at, document.zone) for at in (document.generated_at, document.data_as_of))
        return {
            "report": document.report_id,
            "generatedAt": generated.isoformat(timespec="seconds"),
            "asOf": as_of.isoformat(timespec="seconds"),
            "files": [vars(file) for file in self._files],
        }


class _Digested:
    """Bytes that are compressed and digested on their way."""

    def __init__(self) -> None:
        self.deflated, self.sha256 = Deflated(), hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self.sha256.update(data)
        self.deflated.write(data)

    def close(self) -> None:
        """Drops the temporary file."""
        self.deflated.close()


def _file_name(place: int, sheet: str) -> str:
    """The sheet's name as every system can hold it; the number before it keeps the order, and names apart."""
    legal = " ".join(_FORBIDDEN.sub(" ", sheet).split())
    cut = legal.encode()[:_LONGEST_NAME].decode(errors="ignore")
    return f"{place:02} {cut.strip(' .')}".strip() + ".csv"
