"""What only the real blob store promises: streaming, links that cannot write, lost answers, silence about secrets."""

import io
import re
import subprocess
import sys
import traceback
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dev.azurite import AzuriteServer
from shared.adapters.blob_account import EmulatorAccount, ManagedAccount, storage_account
from shared.adapters.blob_rules import LONGEST_LINK
from shared.adapters.blob_storage import AzureBlobStore
from shared.clock import FixedClock, SystemClock
from shared.errors import Conflict, StorageError
from shared.ports import LinkRequest
from shared.settings import Settings, SettingsError
from tests.conformance.blob_benches import AzureBench, managed_account
from tests.conformance.lossy_proxy import LossyProxy

NAME, MIB = "reports/job_01/1/a.bin", 1024 * 1024


class Unseekable(io.RawIOBase):
    """A stream that can only be read once, from its beginning, a little at a time."""

    def __init__(self, content: bytes) -> None:
        """Takes what it gives."""
        self._inner = io.BytesIO(content)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most 1,000,000 bytes at once."""
        return self._inner.read(1_000_000 if size < 0 else min(size, 1_000_000))


def _link(bench: AzureBench, name: str = NAME) -> str:
    (url,) = bench.store.sign([LinkRequest(name, "a.bin")], datetime.now(UTC) + timedelta(minutes=10))
    return url


def test_large_file_is_streamed(emulator: AzureBench, tmp_path: Path) -> None:
    """A file of 60 MiB is uploaded with a few of its pieces in memory, never the whole, and arrives complete."""
    path = tmp_path / "large.bin"
    path.write_bytes(b"".join(bytes([number]) * MIB for number in range(60)))
    tracemalloc.start()
    try:
        with path.open("rb") as content:
            emulator.store.upload(NAME, content, "application/octet-stream")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 24 * MIB  # pieces of 4 MiB; requests that are done wait for the garbage collection
    assert emulator.open(_link(emulator)).body == path.read_bytes()
    assert emulator.store.read(NAME, 60 * MIB) == path.read_bytes()


def test_stream_without_seek_is_uploaded(emulator: AzureBench) -> None:
    """A stream that cannot be rewound, and gives less than it is asked for, is stored whole."""
    content = bytes(range(256)) * 17_000
    emulator.store.upload(NAME, Unseekable(content), "application/octet-stream")  # type: ignore[arg-type]  # raw, as a pipe
    assert emulator.store.read(NAME, len(content)) == content


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("PUT", ""),
        ("DELETE", ""),
        ("PUT", "&comp=metadata"),
        ("PUT", "&comp=block&blockid=QQ=="),
        ("GET", "&comp=tags"),
    ],
)
def test_link_only_reads(azure_blobs: AzureBench, method: str, more: str) -> None:
    """Whoever holds a link can neither overwrite, extend, label nor remove the blob."""
    azure_blobs.store.upload(NAME, io.BytesIO(b"original"), "text/plain")
    headers = {"x-ms-blob-type": "BlockBlob", "x-ms-meta-a": "b"}
    answer = azure_blobs.open(_link(azure_blobs) + more, method, headers=headers, content=b"x" * (method == "PUT"))
    assert answer.status == 403
    assert azure_blobs.store.read(NAME, 10) == b"original"


def test_link_lists_nothing(azure_blobs: AzureBench) -> None:
    """A link's signature opens neither the container's list nor the account's, and makes no blob beside its own."""
    azure_blobs.store.upload(NAME, io.BytesIO(b"original"), "text/plain")
    parts = urlsplit(_link(azure_blobs))
    account = f"{parts.scheme}://{parts.netloc}{parts.path.split('/' + azure_blobs.container)[0]}"
    for address in (f"/{azure_blobs.container}?restype=container&comp=list", "/?comp=list"):
        assert azure_blobs.open(f"{account}{address}&{parts.query}").status == 403
    beside = f"{account}/{azure_blobs.container}/beside?{parts.query}"
    assert azure_blobs.open(beside, "PUT", headers={"x-ms-blob-type": "BlockBlob"}, content=b"x").status == 403
    assert [entry.name for entry in azure_blobs.store.list()] == [NAME]


def test_links_over_plain_http_are_the_emulators_only(emulator: AzureBench, managed: AzureBench) -> None:
    """A link of an account in Azure works over HTTPS only."""
    terms = [parse_qs(urlsplit(_link(bench)).query) for bench in (emulator, managed)]
    assert [each["spr"] for each in terms] == [["https,http"], ["https"]]
    assert [each["sp"] for each in terms] == [["r"], ["r"]]
    assert [("skoid" in each, "st" in each) for each in terms] == [(False, False), (True, False)]


def test_delegation_key_is_asked_for_only_when_needed(azurite_https: AzuriteServer, managed: AzureBench) -> None:
    """Links of hours share one key for days; a link that would outlive the key gets a new one."""
    clock = FixedClock(datetime.now(UTC))
    account = managed_account(azurite_https, clock)
    store = AzureBlobStore(account, managed.container, clock)

    def key_of_link(lives: timedelta) -> list[str]:
        (url,) = store.sign([LinkRequest(NAME)], clock.now() + lives)
        return parse_qs(urlsplit(url).query)["skt"]

    first = key_of_link(timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    assert key_of_link(timedelta(hours=24)) == first
    assert key_of_link(LONGEST_LINK) != first
    account.close()


@pytest.mark.parametrize("size", [8, 5 * MIB])
def test_upload_whose_answer_was_lost_succeeds(azurite: AzuriteServer, emulator: AzureBench, size: int) -> None:
    """When the blob was made but the answer got lost, the repeated upload finds its own blob and is no conflict."""
    port = urlsplit(azurite.endpoint).port or 0
    with LossyProxy(port) as proxy:
        account = EmulatorAccount(azurite.connection_string.replace(f":{port}", f":{proxy.port}"))
        store = AzureBlobStore(account, emulator.container, SystemClock())
        store.upload("first", io.BytesIO(b""), "text/plain")
        proxy.lose_answer(1 if size < MIB else 3)  # two pieces, then what makes them a blob
        store.upload(NAME, io.BytesIO(bytes(size)), "text/plain")
        assert proxy.lost == 1
        with pytest.raises(Conflict):
            store.upload(NAME, io.BytesIO(b"another"), "text/plain")
        account.close()
    assert emulator.store.read(NAME, size) == bytes(size)


def test_missing_container(managed_identity_account: ManagedAccount, emulator_account: EmulatorAccount) -> None:
    """In Azure a missing container is a fault that the health check shows; the emulator makes it at an upload."""
    in_azure = AzureBlobStore(managed_identity_account, "never-made", SystemClock())
    for operation in (in_azure.ping, lambda: in_azure.upload(NAME, io.BytesIO(b"x"), "text/plain")):
        with pytest.raises(StorageError):
            operation()
    on_emulator = AzureBlobStore(emulator_account, "never-made", SystemClock())
    on_emulator.ping()
    assert list(on_emulator.list()) == []


def test_error_tells_operators_why_and_nobody_secrets(azurite: AzuriteServer) -> None:
    """A refused key is an outage for the caller; the log names the operation and Azure's code, and nothing signed."""
    parts = dict(part.split("=", 1) for part in azurite.connection_string.rstrip(";").split(";"))
    wrong = EmulatorAccount(f"AccountName=devstoreaccount1;AccountKey=d3Jvbmc=;BlobEndpoint={parts['BlobEndpoint']}")
    with pytest.raises(StorageError) as failure:
        AzureBlobStore(wrong, "reports", SystemClock()).read(NAME, 10)
    logged = "".join(traceback.format_exception(failure.value))
    assert str(failure.value) == StorageError.__doc__
    assert re.search(r"read: \w+, status 403, code Auth\w+", logged)
    assert not any(secret in logged for secret in ("d3Jvbmc", "signature", "SharedKey", "sig=", "x-ms-date"))
    wrong.close()


@pytest.mark.parametrize(
    "connection_string",
    [
        "",
        "nonsense",
        "DefaultEndpointsProtocol=https;AccountName=real;AccountKey=a2V5;EndpointSuffix=core.windows.net",
        "AccountName=real;AccountKey=a2V5;BlobEndpoint=https://real.blob.core.windows.net",
        "AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1.example/a",
        "AccountName=a;BlobEndpoint=http://127.0.0.1:10000/a",
    ],
)
def test_key_of_a_real_account_is_refused(connection_string: str) -> None:
    """A connection string works for an emulator of this machine only, and the refusal does not quote it."""
    with pytest.raises(SettingsError, match="BLOB_CONNECTION_STRING") as failure:
        EmulatorAccount(connection_string)
    assert "a2V5" not in str(failure.value)


@pytest.mark.parametrize("url", ["http://acc.blob.core.windows.net", "https://files.example.com", "acc", ""])
def test_account_must_be_named_and_over_https(url: str) -> None:
    """An account is reached over HTTPS at the address that tells its name."""
    with pytest.raises(SettingsError, match="BLOB_ACCOUNT_URL"):
        ManagedAccount(url, SystemClock())


def test_settings_choose_the_account() -> None:
    """The settings' connection string means the emulator, their URL an account in Azure by managed identity."""
    settings = {
        "DATABASE_URL": "sqlite://",
        "APP_ENV": "development",
        "DEV_ISSUER": "http://127.0.0.1:1",
        "ServiceBusConnection__fullyQualifiedNamespace": "ns.example",
    }
    emulated = Settings.load({**settings, "BLOB_CONNECTION_STRING": "UseDevelopmentStorage=true"})
    in_azure = Settings.load({**settings, "BLOB_ACCOUNT_URL": "https://acc.blob.core.windows.net"})
    assert isinstance(storage_account(emulated, SystemClock()), EmulatorAccount)
    assert isinstance(storage_account(in_azure, SystemClock()), ManagedAccount)


def test_store_is_made_without_azure_and_network() -> None:
    """Importing the adapters and making the stores loads no Azure library: the app starts fast and offline."""
    script = """
import sys
from shared.adapters import blob_memory, in_process_queue, jwks
from shared.adapters.blob_account import EmulatorAccount, ManagedAccount
from shared.adapters.blob_storage import AzureBlobStore
from shared.clock import SystemClock
for account in (EmulatorAccount("UseDevelopmentStorage=true"), ManagedAccount("https://a.blob.core.x", SystemClock())):
    AzureBlobStore(account, "reports", SystemClock())
    account.close()
jwks.JwksKeys("https://login.example/keys", SystemClock())
print([name for name in sys.modules if name.startswith("azure")])
"""
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
