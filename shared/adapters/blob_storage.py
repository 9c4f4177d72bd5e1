"""The blob store on Azure Storage: immutable uploads, capped reads, signed links; never hands an Azure error on.

Importing or constructing loads no Azure library and asks the network nothing.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote

from shared.adapters.blob_account import StorageAccount
from shared.adapters.blob_rules import content_disposition, link_expiry, required_blob_name
from shared.clock import Clock
from shared.errors import Conflict, ExportFailed, NotFound, StorageError
from shared.ports import BlobEntry, LinkRequest, is_blob_name

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError
    from azure.storage.blob import ContainerClient

_PING_SECONDS = 3
_MARK = "upload"  # metadata that says which call made a blob


class AzureBlobStore:
    """One container of a storage account. Thread-safe."""

    def __init__(self, account: StorageAccount, container: str, clock: Clock) -> None:
        """Takes the account, the container's name, and the clock that limits how far ahead a link may expire."""
        self._account, self._container, self._clock = account, container, clock
        self._is_created = not account.creates_containers

    def upload(self, name: str, content: BinaryIO, content_type: str) -> None:
        """Streams a new blob in pieces of 4 MiB.

        Raises:
            Conflict: where one of this name exists, which is left untouched.
            StorageError: when storage cannot be reached; a blob may still have been made.
            ValueError: where the name is not one that the server should ever make.

        """
        if not is_blob_name(name):
            raise ValueError("this is not the name of a blob")
        from azure.core.exceptions import ResourceExistsError
        from azure.storage.blob import ContentSettings

        settings, mark = ContentSettings(content_type=content_type), {_MARK: secrets.token_hex(8)}
        with _translated("upload"):
            self._create_container()
            try:
                self._client.upload_blob(name, content, overwrite=False, content_settings=settings, metadata=mark)
            except ResourceExistsError:
                if not self._is_marked(name, mark[_MARK]):
                    raise Conflict("A file of this name exists already.") from None

    def read(self, name: str, max_bytes: int) -> bytes:
        """The content of a blob; raises `NotFound`, `StorageError`, or `ExportFailed` above `max_bytes`."""
        from azure.core.exceptions import ResourceNotFoundError

        with _translated("read"):
            try:
                stream = self._client.download_blob(required_blob_name(name))
            except ResourceNotFoundError:
                raise NotFound("There is no file of this name.") from None
            if stream.properties.size > max_bytes:
                raise ExportFailed(f"A stored file is larger than the {max_bytes} bytes that may be read at once.")
            return stream.readall()

    def delete(self, name: str) -> None:
        """Removes a blob; nothing happens where there is none, or where no blob can have this name."""
        from azure.core.exceptions import ResourceNotFoundError

        if not is_blob_name(name):
            return
        with _translated("delete"):
            try:
                self._client.delete_blob(name)
            except ResourceNotFoundError:
                return

    def list(self, prefix: str = "") -> Iterator[BlobEntry]:
        """The blobs whose names begin with `prefix`, in order of their names, fetched a page at a time."""
        from azure.core.exceptions import ResourceNotFoundError

        with _translated("list"):
            try:
                for blob in self._client.list_blobs(name_starts_with=prefix or None):
                    yield BlobEntry(blob.name, blob.size, blob.last_modified)
            except ResourceNotFoundError:  # the container is made by the first upload
                return

    def sign(self, requests: Sequence[LinkRequest], expires_at: datetime) -> Sequence[str]:
        """One read-only link per request; the network is used at most once, for a signing key, and mostly not at all.

        No start is stated, so that the link works at once on a service whose clock runs behind.

        Raises:
            NotFound: where a name is not one a blob can have.
            StorageError: when Azure gives no signing key.
            ValueError: where `expires_at` lies further ahead than a signing key lives.

        """
        expiry = link_expiry(expires_at, self._clock.now())
        names = [required_blob_name(request.blob_name) for request in requests]
        with _translated("sign"):
            key = self._account.signing_key(expiry) if names else {}
        return [self._link(name, request.file_name, expiry, key) for name, request in zip(names, requests, strict=True)]

    def ping(self) -> None:
        """Returns when storage answers and has the container (an emulator's is made by the first upload)."""
        with _translated("ping"):
            exists = self._client.exists(retry_total=0, connection_timeout=_PING_SECONDS, read_timeout=_PING_SECONDS)
        if not exists and not self._account.creates_containers:
            raise StorageError

    @property
    def _client(self) -> "ContainerClient":
        return self._account.service.get_container_client(self._container)

    def _create_container(self) -> None:
        from azure.core.exceptions import ResourceExistsError

        if self._is_created:
            return
        with suppress(ResourceExistsError):
            self._client.create_container()
        self._is_created = True

    def _is_marked(self, name: str, mark: str) -> bool:
        """Whether the blob is of this very call: an answer was lost, and the client's repeat met its own blob."""
        return self._client.get_blob_client(name).get_blob_properties().metadata.get(_MARK) == mark

    def _link(self, name: str, file_name: str | None, expiry: datetime, key: Any) -> str:
        from azure.storage.blob import generate_blob_sas

        service = self._account.service
        signature = generate_blob_sas(
            str(service.account_name),
            self._container,
            name,
            permission="r",
            expiry=expiry,
            protocol=self._account.link_protocol,
            content_disposition=content_disposition(file_name),
            **key,
        )
        return f"{service.url.rstrip('/')}/{self._container}/{quote(name)}?{signature}"


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    """Turns what the Azure client raises into `StorageError`; its own message may quote signed text and is dropped."""
    from azure.core.exceptions import AzureError

    try:
        yield
    except AzureError as error:
        failure = StorageError()
        failure.add_note(_note(operation, error))
        raise failure from None


def _note(operation: str, error: "AzureError") -> str:
    """What an operator may know: the operation, the kind of failure, its status and Azure's code."""
    status, code = getattr(error, "status_code", None), getattr(error, "error_code", None)
    return f"{operation}: {type(error).__name__}, status {status}, code {getattr(code, 'value', code)}"
