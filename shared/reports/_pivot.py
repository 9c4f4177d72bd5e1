"""Pivots: counts by two attributes as an eager table with totals on both edges; counts nothing itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic.alias_generators import to_camel

from shared.document import Column, Kind, Row, Table

_TOTAL = "Total"


@dataclass(frozen=True)
class Member:
    """One row or column of a pivot: the value counted by, a machine key, and what is shown. None: without a value."""

    value: str | None
    key: str
    label: str


Counts = Mapping[tuple[str | None, str | None], int]  # by row value and column value


def words(code: str) -> str:
    """A code as people read it: `in_progress` is In Progress."""
    return code.replace("_", " ").title()


def members(known: Sequence[str], found: Iterable[str | None], without: str) -> list[Member]:
    """The known values in their order, then the unknown ones found, sorted, and `without` where a value was missing."""
    there = set(found)
    unknown = sorted(value for value in there if value is not None and value not in known)
    named = [Member(value, to_camel(value), words(value)) for value in (*known, *unknown)]
    return [*named, Member(None, "none", without)] if None in there else named


def pivot(name: str, corner: str, edges: tuple[Sequence[Member], Sequence[Member]], counts: Counts) -> Table:
    """Rows and columns in the order given; without any count there are no rows, so that the file can say so."""
    down, across = edges
    columns = (
        Column(corner.lower(), corner),
        *(Column(member.key, member.label, Kind.INTEGER) for member in across),
        Column("total", _TOTAL, Kind.INTEGER),
    )
    lines = [[counts.get((row.value, column.value), 0) for column in across] for row in down]
    if not any(map(any, lines)):
        return Table.eager(name, columns, ())
    rows: list[Row] = [(row.label, *line, sum(line)) for row, line in zip(down, lines, strict=True)]
    totals = [sum(cells) for cells in zip(*lines, strict=True)]
    return Table.eager(name, columns, [*rows, (_TOTAL, *totals, sum(totals))])
