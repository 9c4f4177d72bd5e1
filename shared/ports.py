"""What the use cases need from outside, as small Protocols, and the frozen `Services` value that carries them.

Each has one real adapter and one in-memory twin; both pass the same conformance tests.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sqlalchemy import Connection, Select

from shared.clock import Clock
from shared.errors import ExportFailed, NotFound
from shared.settings import Settings
from shared.telemetry import Telemetry

_LONGEST_BLOB_NAME = 500
_INNER = r"A-Za-z0-9_()@+=,&'\-"
_SEGMENT = rf"[{_INNER}](?:[{_INNER} .]*[{_INNER}])?"
_BLOB_NAME = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")

Query = Select[*tuple[Any, ...]]


class Snapshot(Protocol):
    """One consistent, read-only view of a database. Only one statement may be open at a time.

    Every method raises `QueryTimeout` past the query limit, `JobCancelled` after `cancel`, `DatabaseUnavailable` when
    the server is lost, and `RuntimeError` when a stream is still open: a fault of the caller on every database.
    """

    @property
    def as_of(self) -> datetime:
        """The database's own instant at which the view was fixed."""
        ...

    def rows(self, statement: Query) -> Iterator[Any]:
        """Streams the rows in batches; the stream is closed when it ends or is closed."""
        ...

    def all(self, statement: Query) -> Sequence[Any]:
        """All rows of a statement that has few."""
        ...

    def cancel(self) -> None:
        """Stops the running statement through the driver; callable from any thread, at any time."""
        ...


class Database(Protocol):
    """One database: short writing transactions, short reads, and long snapshots for reports."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """A writing transaction: committed at the end of the block, rolled back on any exception."""
        ...

    def read(self) -> AbstractContextManager[Connection]:
        """A short read outside any snapshot."""
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """A long consistent read on a connection of its own."""
        ...

    def ping(self) -> None:
        """Returns when the database answers, raises `DatabaseUnavailable` otherwise."""
        ...

    def close(self) -> None:
        """Gives all connections back."""
        ...


def is_blob_name(name: str) -> bool:
    """Whether a store accepts `name`: segments parted by `/`, at most 500 characters in all, no `..` anywhere.

    A segment is made of ASCII letters, digits, spaces and `.-_()@+=,&'`; it begins and ends with neither space nor dot.
    That covers the names the server makes and those phones and object stores give photos. Azure's own rule allows more,
    but its client resolves `..`, which leaves the container.
    """
    return len(name) <= _LONGEST_BLOB_NAME and ".." not in name and _BLOB_NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class LinkRequest:
    """A blob to link to, and the file name a browser should save it under (None: shown in the browser)."""

    blob_name: str
    file_name: str | None = None


@dataclass(frozen=True)
class BlobEntry:
    """A stored blob."""

    name: str
    size: int
    last_modified: datetime


class BlobStore(Protocol):
    """One container of immutable blobs. Every method raises `StorageError` when storage cannot be reached."""

    def upload(self, name: str, content: BinaryIO, content_type: str) -> None:
        """Streams a new blob; raises `Conflict` where one of this name exists, which is left untouched."""
        ...

    def read(self, name: str, max_bytes: int) -> bytes:
        """The content of a blob; raises `NotFound`, or `ExportFailed` where it is larger than `max_bytes`."""
        ...

    def delete(self, name: str) -> None:
        """Removes a blob; nothing happens where there is none."""
        ...

    def list(self, prefix: str = "") -> Iterator[BlobEntry]:
        """The blobs whose names begin with `prefix`, in order of their names."""
        ...

    def sign(self, requests: Sequence[LinkRequest], expires_at: datetime) -> Sequence[str]:
        """One read-only link per request, each for that one blob, until `expires_at`; asks storage for nothing else."""
        ...

    def ping(self) -> None:
        """Returns when storage answers."""
        ...


def read_photo(photos: BlobStore, name: str, max_bytes: int) -> bytes | None:
    """A photo's bytes; None where there is none, or a larger one, or no blob can have its name.

    Raises:
        StorageError: storage cannot be reached.

    """
    with suppress(NotFound, ExportFailed):
        return photos.read(name, max_bytes) if is_blob_name(name) else None
    return None


@dataclass(frozen=True)
class DeadMessage:
    """A message that the queue has given up, and why."""

    message_id: str
    body: bytes
    reason: str
    description: str


class JobQueue(Protocol):
    """The doorbell: a message says that a job's row may be worked on."""

    async def send(self, job_id: str, delay: timedelta = timedelta(0), trace: str = "") -> None:
        """Sends one message in a W3C trace, to be delivered after `delay`; raises `QueueUnavailable`."""
        ...

    async def ping(self) -> None:
        """Returns when the queue answers, raises `QueueUnavailable` otherwise."""
        ...

    async def bury(self, handle: Callable[[DeadMessage], Awaitable[None]], limit: int) -> int:
        """Hands up to `limit` dead letters over, one by one, and removes each once it is handled; how many.

        Raises `QueueUnavailable`; then, and when `handle` fails, what is not handled stays.
        """
        ...

    async def close(self) -> None:
        """Gives the link of the running event loop back."""
        ...


class TokenKeys(Protocol):
    """The public keys of the token issuer."""

    def find(self, key_id: str) -> Any | None:
        """The key of this id, or None; an unknown id costs at most one look-up in a while."""
        ...


@dataclass(frozen=True)
class RenderOrder:
    """What one claim of a job has to make."""

    job_id: str
    report_id: str
    params: Mapping[str, Any]
    output: Mapping[str, Any]
    scope: Mapping[str, Any]
    requested_by_name: str
    requested_at: datetime
    target: Path
    own_data: Mapping[str, Any] = field(default_factory=dict)  # what the report has from the product's own tables


@dataclass(frozen=True)
class Rendering:
    """The file that was made, and what its row will say of it."""

    path: Path
    file_name: str
    content_type: str
    size: int
    sha256: str
    row_count: int
    data_as_of: datetime
    summary: Mapping[str, Any]


class Meter(Protocol):
    """How a render tells where it is, and learns that it should stop."""

    def begin(self, rows_total: int | None, cancel: Callable[[], None]) -> None:
        """Says how many rows to expect, and what stops a running statement."""
        ...

    def advance(self, rows: int) -> None:
        """Says that `rows` more rows are drawn; raises `JobCancelled` or `ClaimLost` when the work is not wanted."""
        ...


@dataclass(frozen=True)
class Services:
    """Everything a use case may touch, by argument."""

    settings: Settings
    clock: Clock
    telemetry: Telemetry
    reporting: Database
    costar: Database
    qbr: Database
    files: BlobStore
    photos: BlobStore
    queue: JobQueue
    token_keys: TokenKeys
    render: Callable[["Services", RenderOrder, Meter], Rendering]
    on_terminal: Callable[[Connection, str], None] = field(default=lambda _connection, _job_id: None)

    def close(self) -> None:
        """Gives connections back; each database once, though three names may mean one."""
        for database in {id(each): each for each in (self.reporting, self.costar, self.qbr)}.values():
            database.close()
