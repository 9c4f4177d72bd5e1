"""Compares the tables, columns and indexes of a database with those the product needs; reads the catalogue only."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Index, Table, UniqueConstraint, inspect

from ops.databases import Store
from shared.tables import metadata


@dataclass(frozen=True)
class Finding:
    """One thing that is missing; a warning where the product runs all the same."""

    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        return f"warning: {self.text}" if self.is_warning else self.text


@dataclass(frozen=True)
class Key:
    """An index by what it does: its columns in order, whether it is unique, whether it covers only some rows."""

    columns: tuple[str, ...]
    unique: bool
    partial: bool = False

    def serves(self, needed: "Key") -> bool:
        """Whether it does what another is needed for."""
        if self.partial is not needed.partial:
            return False
        if needed.unique:
            return self.unique and set(self.columns) == set(needed.columns)
        return self.columns[: len(needed.columns)] == needed.columns

    def __str__(self) -> str:
        kind = f"{'unique ' if self.unique else ''}{'partial ' if self.partial else ''}index"
        return f"{kind} on ({', '.join(self.columns)})"


class Catalogue:
    """What one database has of the tables that its schemas should hold."""

    def __init__(self, connection: Connection, store: Store) -> None:
        """Takes an open connection, and which schemas of it matter."""
        self._inspector, self._store, self._dialect = inspect(connection), store, connection.dialect.name

    def findings(self) -> Iterator[Finding]:
        """Names everything that is missing, table by table."""
        for table in sorted(metadata.tables.values(), key=str):
            if table.schema in self._store.schemas:
                yield from self._of_table(table, self._store.names[table.schema])

    def _of_table(self, table: Table, schema: str) -> Iterator[Finding]:
        label = f"{schema}.{table.name}"
        if not self._inspector.has_table(table.name, schema):
            yield Finding(f"{label}: there is no such table or view")
            return
        for column in self._missing_columns(table, schema):
            yield Finding(f"{label}: column {column} is missing")
        if self._is_table(table, schema):
            for key in self._missing_keys(table, schema):
                yield Finding(f"{label}: {key} is missing")
        elif needed := _needed(table):
            listed = "; ".join(map(str, needed))
            yield Finding(f"{label} is a view: what it reads should have {listed}", is_warning=True)

    def _is_table(self, table: Table, schema: str) -> bool:
        """Whether its indexes can be read: those of what a view or a foreign table reads cannot."""
        return self._folded(table.name) in map(self._folded, self._inspector.get_table_names(schema))

    def _missing_columns(self, table: Table, schema: str) -> list[str]:
        present = {self._folded(column["name"]) for column in self._inspector.get_columns(table.name, schema)}
        needed = [column.name for column in table.columns if "optional" not in column.info]
        return [name for name in needed if self._folded(name) not in present]

    def _missing_keys(self, table: Table, schema: str) -> list[Key]:
        present = list(self._present(table.name, schema))
        return [key for key in _needed(table) if not any(each.serves(self._folded_key(key)) for each in present)]

    def _present(self, name: str, schema: str) -> Iterator[Key]:
        primary = self._inspector.get_pk_constraint(name, schema)
        yield self._key(primary["constrained_columns"], unique=True)
        for index in self._inspector.get_indexes(name, schema):
            partial = any(option.endswith("_where") for option in index.get("dialect_options", {}))
            yield self._key(index["column_names"], unique=bool(index["unique"]), partial=partial)
        if self._dialect != "mssql":  # there a unique constraint is listed among the indexes
            for constraint in self._inspector.get_unique_constraints(name, schema):
                yield self._key(constraint["column_names"], unique=True)

    def _key(self, columns: list[str] | list[str | None], *, unique: bool, partial: bool = False) -> Key:
        """A key as found; an expression has no column name."""
        return Key(tuple(self._folded(column or "") for column in columns), unique, partial)

    def _folded_key(self, key: Key) -> Key:
        return self._key(list(key.columns), unique=key.unique, partial=key.partial)

    def _folded(self, name: str) -> str:
        """Only PostgreSQL tells upper case from lower."""
        return name if self._dialect == "postgresql" else name.casefold()


def _needed(table: Table) -> list[Key]:
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys = [Key(tuple(each.columns.keys()), unique=True) for each in unique]
    return sorted([*keys, *map(_key_of, table.indexes)], key=str)


def _key_of(index: Index) -> Key:
    is_partial = index.dialect_options["sqlite"]["where"] is not None
    return Key(tuple(column.name for column in index.columns), bool(index.unique), is_partial)
