"""The blob store in memory, twin of the one on Azure Storage; its links are `memory://` addresses for `fetch` only."""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from shared.adapters.blob_rules import content_disposition, link_expiry, required_blob_name
from shared.clock import Clock
from shared.errors import Conflict, ExportFailed, NotFound, StorageError, Unauthorized
from shared.ports import BlobEntry, LinkRequest, is_blob_name


@dataclass(frozen=True)
class Download:
    """What a link gives: the bytes and the two headers that matter to a browser."""

    content: bytes
    content_type: str
    disposition: str


@dataclass(frozen=True)
class _Blob:
    content: bytes
    content_type: str
    made_at: datetime


class MemoryBlobStore:
    """One container of blobs in this process. Thread-safe; `reachable = False` plays an outage."""

    def __init__(self, clock: Clock, container: str = "memory") -> None:
        """Starts empty; links carry the container's name and only this store resolves them."""
        self.reachable = True
        self._clock, self._container = clock, container
        self._secret = secrets.token_bytes(32)
        self._blobs: dict[str, _Blob] = {}
        self._lock = threading.Lock()

    def upload(self, name: str, content: BinaryIO, content_type: str) -> None:
        """Keeps a new blob; raises `Conflict` where one of this name exists, `ValueError` where none may."""
        if not is_blob_name(name):
            raise ValueError("this is not the name of a blob")
        self.ping()
        blob = _Blob(content.read(), content_type, self._clock.now())
        with self._lock:
            if self._blobs.setdefault(name, blob) is not blob:
                raise Conflict("A file of this name exists already.")

    def read(self, name: str, max_bytes: int) -> bytes:
        """The content of a blob; raises `NotFound`, or `ExportFailed` above `max_bytes`."""
        blob = self._blob(name)
        if len(blob.content) > max_bytes:
            raise ExportFailed(f"A stored file is larger than the {max_bytes} bytes that may be read at once.")
        return blob.content

    def delete(self, name: str) -> None:
        """Removes a blob; nothing happens where there is none."""
        self.ping()
        with self._lock:
            self._blobs.pop(name, None)

    def list(self, prefix: str = "") -> Iterator[BlobEntry]:
        """The blobs whose names begin with `prefix`, in order of their names."""
        self.ping()
        with self._lock:
            blobs = sorted(self._blobs.items())
        for name, blob in blobs:
            if name.startswith(prefix):
                yield BlobEntry(name, len(blob.content), blob.made_at)

    def sign(self, requests: Sequence[LinkRequest], expires_at: datetime) -> Sequence[str]:
        """One link per request; raises `NotFound` and `ValueError` as the real store does."""
        expiry = link_expiry(expires_at, self._clock.now())
        for request in requests:
            required_blob_name(request.blob_name)
        self.ping()
        return [self._link(request, expiry.replace(microsecond=0).isoformat()) for request in requests]

    def ping(self) -> None:
        """Returns while the store is reachable."""
        if not self.reachable:
            raise StorageError

    def fetch(self, url: str, at: datetime) -> Download:
        """What a browser gets that opens `url` at the instant `at`.

        Raises:
            Unauthorized: where the link is expired, tampered with, or of another store.
            NotFound: where the blob is gone.

        """
        name, terms, signature = _parts(url)
        if not hmac.compare_digest(self._signature(name, terms), signature):
            raise Unauthorized("The link was not made by this store.")
        if at >= datetime.fromisoformat(terms["se"]):
            raise Unauthorized("The link has expired.")
        blob = self._blob(name)
        return Download(blob.content, blob.content_type, terms["rscd"])

    def _blob(self, name: str) -> _Blob:
        self.ping()
        with self._lock:
            if (blob := self._blobs.get(name)) is None:
                raise NotFound("There is no file of this name.")
            return blob

    def _link(self, request: LinkRequest, expiry: str) -> str:
        terms = {"se": expiry, "rscd": content_disposition(request.file_name)}
        query = urlencode({**terms, "sig": self._signature(request.blob_name, terms)})
        return f"memory://{self._container}/{quote(request.blob_name)}?{query}"

    def _signature(self, name: str, terms: dict[str, str]) -> str:
        signed = "\n".join((name, terms.get("se", ""), terms.get("rscd", "")))
        return hmac.new(self._secret, signed.encode(), hashlib.sha256).hexdigest()


def _parts(url: str) -> tuple[str, dict[str, str], str]:
    """The blob name, the signed terms and the signature of a link; what is missing is empty."""
    parts = urlsplit(url)
    terms = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return unquote(parts.path.removeprefix("/")), terms, terms.pop("sig", "")
