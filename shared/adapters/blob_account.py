"""The storage account behind the blob stores: its client, and the key that signs links; never reads or writes a blob.

Importing and constructing load no Azure library and touch no network; the first use of `service` does.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import urlsplit

from shared.adapters.addresses import is_on_this_machine
from shared.clock import Clock
from shared.settings import Settings, SettingsError

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.storage.blob import BlobServiceClient, UserDelegationKey

_API_VERSION = "2026-06-06"  # the newest that the emulator knows
_CONNECT_SECONDS, _READ_SECONDS = 5, 10
_RETRIES = 2
_PIECE = 4 * 1024 * 1024  # bytes of a transfer held in memory at a time
_KEY_LIFE = timedelta(days=7)  # the longest that Azure gives
_CLOCK_SKEW = timedelta(minutes=5)


class StorageAccount(Protocol):
    """Where blobs live, and how links to them are signed."""

    @property
    def link_protocol(self) -> str:
        """The protocols a link works with, as a signature states them."""
        ...

    @property
    def creates_containers(self) -> bool:
        """Whether a missing container is made at the first upload."""
        ...

    @property
    def service(self) -> "BlobServiceClient":
        """The account's client."""
        ...

    def signing_key(self, expires_at: datetime) -> Mapping[str, Any]:
        """The argument of `generate_blob_sas` that signs links until `expires_at`."""
        ...

    def close(self) -> None:
        """Closes the client's connections."""
        ...


class EmulatorAccount:
    """A storage emulator on this machine, by connection string; plain HTTP is allowed, account keys sign."""

    link_protocol: ClassVar[str] = "https,http"
    creates_containers: ClassVar[bool] = True

    def __init__(self, connection_string: str) -> None:
        """Takes the connection string; raises `SettingsError` unless it names an emulator of this machine."""
        self._connection_string = _checked(connection_string)

    @cached_property
    def service(self) -> "BlobServiceClient":
        """The emulator's client."""
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient.from_connection_string(self._connection_string, **_client_options())

    def signing_key(self, expires_at: datetime) -> Mapping[str, Any]:
        """The emulator's account key, which does not expire."""
        del expires_at
        return {"account_key": self.service.credential.account_key}

    def close(self) -> None:
        """Closes the client where there is one."""
        if "service" in self.__dict__:
            self.service.close()


class ManagedAccount:
    """A storage account in Azure, reached by managed identity: HTTPS only, signed with a user delegation key."""

    link_protocol: ClassVar[str] = "https"
    creates_containers: ClassVar[bool] = False

    def __init__(self, url: str, clock: Clock, credential: "TokenCredential | None" = None) -> None:
        """Takes the account's https URL, and a credential where it is not the process's own identity.

        Raises:
            SettingsError: where the URL does not tell the account's name, which every signature needs.

        """
        if urlsplit(url).scheme != "https" or not (".blob.core." in url or is_on_this_machine(url)):
            raise SettingsError("Settings to correct: BLOB_ACCOUNT_URL must be https://{account}.blob.core.…")
        self._url, self._clock, self._credential = url, clock, credential
        self._key: UserDelegationKey | None = None
        self._key_ends = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    @cached_property
    def service(self) -> "BlobServiceClient":
        """The account's client."""
        from azure.identity import DefaultAzureCredential
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient(self._url, self._credential or DefaultAzureCredential(), **_client_options())

    def signing_key(self, expires_at: datetime) -> Mapping[str, Any]:
        """A delegation key that outlives `expires_at`; Azure is asked for one only when the last one does not."""
        with self._lock:
            if self._key is None or expires_at > self._key_ends:
                begins = self._clock.now() - _CLOCK_SKEW
                self._key = self.service.get_user_delegation_key(begins, begins + _KEY_LIFE)
                self._key_ends = begins + _KEY_LIFE
            return {"user_delegation_key": self._key}

    def close(self) -> None:
        """Closes the client where there is one."""
        if "service" in self.__dict__:
            self.service.close()


def storage_account(settings: Settings, clock: Clock) -> StorageAccount:
    """The account the settings name; both containers share it, its connections and its signing key."""
    if settings.blob_account_url:
        return ManagedAccount(settings.blob_account_url, clock)
    return EmulatorAccount(settings.blob_connection_string)


def _client_options() -> dict[str, Any]:
    from azure.storage.blob import LinearRetry

    return {
        "api_version": _API_VERSION,
        "connection_timeout": _CONNECT_SECONDS,
        "read_timeout": _READ_SECONDS,
        "retry_policy": LinearRetry(backoff=1, random_jitter_range=1, retry_total=_RETRIES),
        "max_single_put_size": _PIECE,
        "max_block_size": _PIECE,
        "max_single_get_size": _PIECE,
        "max_chunk_get_size": _PIECE,
    }


def _checked(connection_string: str) -> str:
    """The string itself, when it names an account of this machine: the key of a real account is never used."""
    pairs = (pair.partition("=") for pair in connection_string.split(";"))
    parts = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if parts.get("usedevelopmentstorage") == "true":
        return connection_string
    is_complete = bool(parts.get("accountname") and parts.get("accountkey"))
    if not is_complete or not is_on_this_machine(parts.get("blobendpoint", "")):
        raise SettingsError(
            "Settings to correct: BLOB_CONNECTION_STRING must hold AccountName, AccountKey and a BlobEndpoint"
            " of this machine, or be UseDevelopmentStorage=true"
        )
    return connection_string
