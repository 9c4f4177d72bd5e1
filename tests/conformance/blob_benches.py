"""Test benches for the blob port: a store, a browser for its links, a way to let time pass, and an outage."""

import ssl
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import httpx
import jwt
from azure.core.credentials import AccessToken

from dev.azurite import AzuriteServer
from shared.adapters.blob_account import EmulatorAccount, ManagedAccount, StorageAccount
from shared.adapters.blob_memory import MemoryBlobStore
from shared.adapters.blob_storage import AzureBlobStore
from shared.clock import Clock, SystemClock
from shared.errors import NotFound, Unauthorized
from shared.ports import BlobStore

CLOSED = "http://127.0.0.1:9/devstoreaccount1"  # the discard port: nothing listens there


@dataclass(frozen=True)
class Answer:
    """What opening a link gives; header names in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class BlobBench(Protocol):
    """What the conformance tests need around a store."""

    store: BlobStore

    def open(self, url: str) -> Answer:
        """Opens a link as a browser would."""
        ...

    def pass_time(self, seconds: float) -> None:
        """Lets time pass for links."""
        ...

    def unreachable(self) -> BlobStore:
        """A store of this kind that cannot be reached."""
        ...


class MemoryBench:
    """The in-memory twin."""

    def __init__(self) -> None:
        """Makes an empty store."""
        self.store: BlobStore = MemoryBlobStore(SystemClock())
        self._ahead = timedelta(0)

    def open(self, url: str) -> Answer:
        """Resolves a link."""
        assert isinstance(self.store, MemoryBlobStore)
        try:
            download = self.store.fetch(url, datetime.now(UTC) + self._ahead)
        except Unauthorized:
            return Answer(403)
        except NotFound:
            return Answer(404)
        headers = {"content-type": download.content_type, "content-disposition": download.disposition}
        return Answer(200, download.content, headers)

    def pass_time(self, seconds: float) -> None:
        """Opens later links as of later."""
        self._ahead += timedelta(seconds=seconds)

    def unreachable(self) -> BlobStore:
        """A store that plays an outage."""
        store = MemoryBlobStore(SystemClock())
        store.reachable = False
        return store


class AzureBench:
    """The real adapter in a new container of an account."""

    def __init__(self, account: StorageAccount, trust: ssl.SSLContext | None = None) -> None:
        """Takes the account, and whose certificates to trust."""
        self.account, self.container = account, f"test-{uuid.uuid4().hex}"
        if not account.creates_containers:
            account.service.create_container(self.container)
        self.store: BlobStore = AzureBlobStore(account, self.container, SystemClock())
        self._trust = trust or _usual_trust()

    def open(self, url: str, method: str = "GET", **request: Any) -> Answer:
        """Sends the request over HTTP."""
        answer = httpx.request(method, url, verify=self._trust, **request)
        return Answer(answer.status_code, answer.content, answer.headers)

    def pass_time(self, seconds: float) -> None:
        """Waits: the emulator has no other clock."""
        time.sleep(seconds)

    def unreachable(self) -> BlobStore:
        """A store whose account nothing answers for."""
        account = EmulatorAccount(f"AccountName=devstoreaccount1;AccountKey=bm9uZQ==;BlobEndpoint={CLOSED}")
        return AzureBlobStore(account, "nowhere", SystemClock())


class WorkloadIdentity:
    """A credential whose tokens the emulator takes for Microsoft's."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        """A token for storage that is valid for an hour."""
        now, tenant = int(time.time()), "11111111-2222-3333-4444-555555555555"
        claims = {"iss": f"https://sts.windows.net/{tenant}/", "aud": "https://storage.azure.com", "tid": tenant}
        times = {"iat": now - 60, "nbf": now - 60, "exp": now + 3600}
        token = jwt.encode({**claims, **times, "oid": tenant}, "a secret that nobody checks, at all", "HS256")
        return AccessToken(token, now + 3600)


def managed_account(server: AzuriteServer, clock: Clock) -> ManagedAccount:
    """The emulator as an account in Azure, reached by managed identity."""
    return ManagedAccount(server.endpoint, clock, WorkloadIdentity())


@cache
def trusting(certificate: Path) -> ssl.SSLContext:
    """Trust in the certificate and in no other."""
    return ssl.create_default_context(cafile=str(certificate))


@cache
def _usual_trust() -> ssl.SSLContext:
    return ssl.create_default_context()
