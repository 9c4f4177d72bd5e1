"""The bank scope: which banks a query may see, and the one predicate that says so in SQL; reads no table itself.

Reports get only a `ScopedReader`, which refuses a statement over scoped tables that does not carry the predicate.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, literal_column  # allow: sql-string because a literal true is left out
from sqlalchemy.sql.elements import Grouping

from shared.access.guard import MARK, require_scope
from shared.errors import NotFound
from shared.ports import Query, Snapshot
from shared.tables import InJsonList


@dataclass(frozen=True)
class BankScope:
    """The banks a person may see; `banks` None means all of them, and calls without a bank too."""

    banks: frozenset[str] | None

    @classmethod
    def everything(cls) -> Self:
        """No restriction."""
        return cls(None)

    @classmethod
    def of(cls, *banks: str) -> Self:
        """These banks only."""
        return cls(frozenset(banks))

    def narrowed(self, requested: Sequence[str] | None) -> "BankScope":
        """Allowed ∩ requested (reports.md §1); no request means all that is allowed.

        Raises:
            NotFound: a requested bank is not among the allowed ones; it looks like one that does not exist.

        """
        if requested is None:
            return self
        wanted = frozenset(requested)
        if self.banks is not None and not wanted <= self.banks:
            raise self.unknown_bank()
        return BankScope(wanted)

    @staticmethod
    def unknown_bank() -> NotFound:
        """The one answer for a bank that does not exist and for one that is not the caller's."""
        return NotFound("There is no bank with one of these ids, or it is not yours.")

    def predicate(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition on a bank column that every query over scoped tables carries: the only place that builds it."""
        if self.banks is None:
            condition: ColumnElement[bool] = literal_column("1") == literal_column("1")  # a literal true is dropped
        else:
            condition = InJsonList(column, sorted(self.banks))
        return Grouping(condition)._annotate({MARK: True})  # noqa: SLF001 SQLAlchemy's way to mark an element

    def to_json(self) -> dict[str, Any]:
        """As it stands in the job's row."""
        return {"banks": None if self.banks is None else sorted(self.banks)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """From the job's row."""
        banks = value["banks"]
        return cls(None if banks is None else frozenset(banks))

    def intersected(self, other: "BankScope | None") -> "BankScope":
        """What both allow: the scope fixed at the request, cut to the person's rights when the job runs."""
        if other is None:
            return BankScope(frozenset())
        if self.banks is None or other.banks is None:
            return self if other.banks is None else other
        return BankScope(self.banks & other.banks)


class ScopedReader:
    """A snapshot for reports: statements that read scoped tables without the bank predicate do not run."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Takes the snapshot to read from."""
        self._snapshot = snapshot

    @property
    def as_of(self) -> datetime:
        """The instant of the view."""
        return self._snapshot.as_of

    def rows(self, statement: Query) -> Iterator[Any]:
        """Streams the rows of a scoped statement."""
        require_scope(statement)
        return self._snapshot.rows(statement)

    def all(self, statement: Query) -> Sequence[Any]:
        """All rows of a scoped statement that has few."""
        require_scope(statement)
        return self._snapshot.all(statement)
