"""The CSV files of a folder: which table each is for, and its records as typed rows with lines; writes nothing."""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Table

from dev.bulk_load import LoadRefused, Row
from dev.import_calls._values import Convert, converter
from shared.tables import COSTAR, QBR, metadata

_LONGEST_SHOWN = 60
_TABLES: Mapping[str, Table] = {
    table.name: table for table in metadata.sorted_tables if table.schema in {COSTAR, QBR}
}  # what is referred to comes first


class Record(NamedTuple):
    """A row and the line of the file on which it begins."""

    line: int
    row: Row


@dataclass(frozen=True)
class Source:
    """A CSV file and the table it is for."""

    path: Path
    table: Table

    def refusal(self, line: int, problem: str, column: str = "") -> LoadRefused:
        """The error that names the place."""
        place = f"{self.path.name}, line {line}" + (f", column {column}" if column else "")
        return LoadRefused(f"{place}: {problem}. Nothing was imported.")


def sources(folder: Path) -> list[Source]:
    """The CSV files of the folder, in the order in which they can be loaded.

    Raises:
        LoadRefused: there is none, or one has not the name of a table.

    """
    paths = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    if not paths:
        raise LoadRefused(f"There are no CSV files in {folder}.")
    for name in paths:
        if name not in _TABLES:
            raise LoadRefused(f"{name}.csv: there is no table {name}; the tables are {', '.join(_TABLES)}.")
    return [Source(paths[name], table) for name, table in _TABLES.items() if name in paths]


@contextmanager
def fields_of_any_length() -> Iterator[None]:
    """Lifts the csv module's limit of 131,072 characters a field for the time of the block."""
    before = csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        yield
    finally:
        csv.field_size_limit(before)


def read(source: Source) -> Iterator[Record]:
    """The records of a file, one at a time.

    Raises:
        LoadRefused: naming file, line and column of what cannot be read.

    """
    with source.path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        records = _numbered(source, reader)
        heading = next(records, None)
        if heading is None:
            raise source.refusal(1, "the file has no heading")
        columns = _columns(source, heading[1])
        for line, fields in records:
            yield Record(line, _row(source, line, columns, fields))


def _numbered(source: Source, reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Records that are not empty, with their first lines."""
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise source.refusal(line, f"this is not CSV ({error})") from None
        except UnicodeDecodeError:
            raise source.refusal(_first_undecodable(source.path), "this is not UTF-8 text") from None
        if fields:
            yield line, fields


def _first_undecodable(path: Path) -> int:
    """The line whose bytes are no UTF-8: the decoder reads ahead of the reader."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.decode(errors="replace").encode() != line:
                return number
    return 1


def _columns(source: Source, heading: Sequence[str]) -> list[tuple[str, Convert, bool]]:
    """Name, converter and whether it may be empty, for each column of the heading."""
    known = source.table.c
    for name in heading:
        if name not in known:
            raise source.refusal(1, f"there is no such column; the columns are {', '.join(known.keys())}", name)
        if heading.count(name) > 1:
            raise source.refusal(1, "the column stands there twice", name)
    for column in known:
        if not column.nullable and column.server_default is None and column.name not in heading:
            raise source.refusal(1, "the column is missing", column.name)
    return [(name, converter(known[name]), bool(known[name].nullable)) for name in heading]


def _row(source: Source, line: int, columns: Sequence[tuple[str, Convert, bool]], fields: Sequence[str]) -> Row:
    if len(fields) != len(columns):
        raise source.refusal(line, f"{len(fields)} fields, but the heading has {len(columns)}")
    row: Row = {}
    for (name, convert, may_be_empty), field in zip(columns, fields, strict=True):
        try:
            row[name] = convert(field) if field else None
        except ValueError as error:
            raise source.refusal(line, f"{shown(field)} {error}", name) from None
        if not field and not may_be_empty:
            raise source.refusal(line, "it must not be empty", name)
    return row


def shown(value: object) -> str:
    """A value in quotes, cut where it is long."""
    text = str(value)
    return f"'{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}'"
