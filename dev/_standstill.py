"""Parts of a world whose files come out alike in every process: its instant stands still, its links lead nowhere."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from shared.adapters.blob_memory import MemoryBlobStore
from shared.ports import Database, LinkRequest, Query, Snapshot

_SIGNED = "https://costar.blob.core.windows.net/photos/{}?se={:%Y-%m-%d}&sp=r&sr=b&sig=c2FtcGxlIG9ubHk%3D"


@dataclass(frozen=True)
class StillDatabase:
    """A database whose snapshots all tell the same instant instead of its own."""

    database: Database
    at: datetime

    def transaction(self) -> AbstractContextManager[Connection]:
        """A writing transaction."""
        return self.database.transaction()

    def read(self) -> AbstractContextManager[Connection]:
        """A short read outside any snapshot."""
        return self.database.read()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """A consistent read, as of that instant."""
        with self.database.snapshot() as snapshot:
            yield _StillSnapshot(snapshot, self.at)

    def ping(self) -> None:
        """Returns when the database answers."""
        self.database.ping()

    def close(self) -> None:
        """Gives all connections back."""
        self.database.close()


@dataclass(frozen=True)
class _StillSnapshot:
    snapshot: Snapshot
    as_of: datetime

    def rows(self, statement: Query) -> Iterator[Any]:
        return self.snapshot.rows(statement)

    def all(self, statement: Query) -> Sequence[Any]:
        return self.snapshot.all(statement)

    def cancel(self) -> None:
        self.snapshot.cancel()


class StillLinks(MemoryBlobStore):
    """A store whose links look as Azure's do and are alike in every process."""

    def sign(self, requests: Sequence[LinkRequest], expires_at: datetime) -> Sequence[str]:
        """One link per request."""
        return [_SIGNED.format(quote(each.blob_name), expires_at) for each in requests]
