"""What every blob store promises: immutable blobs, capped reads, and links that open exactly one of them."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest

from shared.errors import Conflict, ExportFailed, NotFound, StorageError
from shared.ports import LinkRequest, read_photo
from tests.conformance.blob_benches import BlobBench

NAME = "reports/job_01/1/volume_2026-01-01.xlsx"
HOSTILE_NAMES = (
    *("", "/", "/etc/passwd", "a/", "a//b", "..", "../other/secret.txt", "a/../../other/secret.txt", "a..b", "."),
    *("a/./b", ".hidden", "a/.hidden", "a.", "a /b", " a", "a\\b", "..\\b", "a%2e%2e/b", "a?comp=list", "a#b", "a:b"),
    *("a\nb", "a\x00b", "é.jpg", "a\u202eb", "\ud800", "n" * 501),
)
KNOWN_NAMES = (
    *("x", "n" * 500, "calls/5d4c/IMG_2041 (1).jpg", "calls/5d4c/WhatsApp Image 2026-01-02 at 10.00.00.jpeg"),
    *("a/b.c-d_e/f+g,h=i@j&k'l.png", "reports/job_01hx/1/fsp_2026-01-01_2026-01-07_a1b2c3.csv"),
)
ONE_REAL = pytest.mark.parametrize("blobs", ["memory", "emulator"], indirect=True)  # how links are signed plays no part
PLAIN, ENCODED = r"[A-Za-z0-9 ._()+,=@-]*", r"[A-Za-z0-9._~%-]+"


def _put(blobs: BlobBench, name: str = NAME, content: bytes = b"content", content_type: str = "text/plain") -> None:
    blobs.store.upload(name, io.BytesIO(content), content_type)


def _link(blobs: BlobBench, name: str = NAME, file_name: str | None = "a.txt", lives: float = 600) -> str:
    (url,) = blobs.store.sign([LinkRequest(name, file_name)], datetime.now(UTC) + timedelta(seconds=lives))
    return url


def test_blob_reads_back_as_uploaded(blobs: BlobBench) -> None:
    """What was uploaded is read, listed and opened by its link, byte for byte and with its content type."""
    content = bytes(range(256)) * 9
    _put(blobs, content=content, content_type="application/x-test")
    (entry,) = blobs.store.list()
    answer = blobs.open(_link(blobs))
    assert blobs.store.read(NAME, len(content)) == content
    assert (entry.name, entry.size) == (NAME, len(content))
    assert abs(datetime.now(UTC) - entry.last_modified) < timedelta(minutes=1)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, content, "application/x-test")


def test_empty_blob(blobs: BlobBench) -> None:
    """A blob of no bytes is stored, listed, read and opened like any other."""
    _put(blobs, content=b"")
    assert blobs.store.read(NAME, 0) == b""
    assert [entry.size for entry in blobs.store.list()] == [0]
    assert blobs.open(_link(blobs)).body == b""


def test_second_upload_of_a_name_is_refused(blobs: BlobBench) -> None:
    """A blob never changes: a second upload is a conflict, of small and of large content, and the first one stays."""
    _put(blobs, content=b"first")
    for size in (6, 4 * 1024 * 1024 + 1):
        with pytest.raises(Conflict):
            _put(blobs, content=bytes(size))
    assert blobs.store.read(NAME, 100) == b"first"


def test_of_simultaneous_uploads_one_wins(blobs: BlobBench) -> None:
    """Eight uploads of one name at once end in one blob, whole and of the one caller that was told so."""

    def attempt(number: int) -> int | None:
        try:
            _put(blobs, content=bytes([number]) * 1000)
        except Conflict:
            return None
        return number

    with ThreadPoolExecutor(8) as threads:
        winners = [number for number in threads.map(attempt, range(1, 9)) if number is not None]
    assert len(winners) == 1
    assert blobs.store.read(NAME, 1000) == bytes(winners) * 1000


def test_read_keeps_to_its_limit(blobs: BlobBench) -> None:
    """A blob larger than the caller can take is refused, one of exactly that size is not."""
    _put(blobs, content=b"12345")
    assert blobs.store.read(NAME, 5) == b"12345"
    with pytest.raises(ExportFailed):
        blobs.store.read(NAME, 4)


def test_photo_is_read_or_is_not_there(blobs: BlobBench) -> None:
    """A photo within the limit is given; one that is larger, missing, or that no blob can be, is None and no error."""
    _put(blobs, content=b"12345")
    assert read_photo(blobs.store, NAME, 5) == b"12345"
    for name, limit in ((NAME, 4), ("another", 5), ("../" + NAME, 5), ("", 5), ("a\nb", 5)):
        assert read_photo(blobs.store, name, limit) is None


def test_missing_blob(blobs: BlobBench) -> None:
    """A blob that is not there, in a new store or among others, is not found; removing it is no error."""
    with pytest.raises(NotFound):
        blobs.store.read(NAME, 10)
    _put(blobs, "another")
    with pytest.raises(NotFound):
        blobs.store.read(NAME, 10)
    blobs.store.delete(NAME)
    assert [entry.name for entry in blobs.store.list()] == ["another"]


def test_deleted_blob_is_gone_for_good(blobs: BlobBench) -> None:
    """A deleted blob is neither listed nor read, and a link to it that is still valid finds nothing."""
    _put(blobs)
    url = _link(blobs)
    blobs.store.delete(NAME)
    blobs.store.delete(NAME)
    assert list(blobs.store.list()) == []
    assert blobs.open(url).status == 404


def test_list_is_ordered_and_prefixed(blobs: BlobBench) -> None:
    """Blobs come in order of their names, and only those that begin with the prefix."""
    for name in ("b/2", "a/10", "b/1", "B/1", "b1", "a/9"):
        _put(blobs, name)
    assert [entry.name for entry in blobs.store.list()] == ["B/1", "a/10", "a/9", "b/1", "b/2", "b1"]
    assert [entry.name for entry in blobs.store.list("b/")] == ["b/1", "b/2"]
    assert list(blobs.store.list("../")) == []


@ONE_REAL
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_blob_name_reaches_nothing(blobs: BlobBench, name: str) -> None:
    """A name that could leave the container, or mean another address, is never sent to storage."""
    with pytest.raises(ValueError, match="name of a blob"):
        _put(blobs, name)
    with pytest.raises(NotFound):
        blobs.store.read(name, 10)
    with pytest.raises(NotFound):
        _link(blobs, name)
    blobs.store.delete(name)


@ONE_REAL
@pytest.mark.parametrize("name", KNOWN_NAMES)
def test_every_accepted_name_works(blobs: BlobBench, name: str) -> None:
    """Names that the server makes and names that phones give photos are stored, listed, opened and removed."""
    _put(blobs, name)
    assert blobs.open(_link(blobs, name)).body == b"content"
    assert [entry.name for entry in blobs.store.list(name)] == [name]
    blobs.store.delete(name)
    assert list(blobs.store.list()) == []


@pytest.mark.parametrize(
    ("file_name", "saved_as", "fallback"),
    [
        ("volume_2026.xlsx", "volume_2026.xlsx", "volume_2026.xlsx"),
        ("मासिक रिपोर्ट 📈.xlsx", "मासिक रिपोर्ट 📈.xlsx", "_____ _______ _.xlsx"),
        ('a"; filename="b.exe', 'a"; filename="b.exe', "a__ filename=_b.exe"),
        ("a\r\nSet-Cookie: b=1\r\n\r\n<script>.pdf", "aSet-Cookie: b=1<script>.pdf", "aSet-Cookie_ b=1_script_.pdf"),
        ("..\\..\\a/b%41.csv", "_.._a_b%41.csv", "_.._a_b_41.csv"),
        ("invoice\u202efdp.exe", "invoicefdp.exe", "invoicefdp.exe"),
        ("\ud800.pdf", "pdf", "pdf"),
        ("\n", "download", "download"),
        ("x" * 400 + ".xlsx", "x" * 145 + ".xlsx", "x" * 145 + ".xlsx"),
    ],
    ids=["plain", "unicode", "quotes", "line breaks", "folders", "disguise", "surrogate", "nothing", "long"],
)
def test_download_is_saved_under_its_name(blobs: BlobBench, file_name: str, saved_as: str, fallback: str) -> None:
    """A browser saves the file under its name in any script, and no name can add a header or a folder."""
    _put(blobs)
    header = blobs.open(_link(blobs, file_name=file_name)).headers["content-disposition"]
    parts = re.fullmatch(rf"attachment; filename=\"({PLAIN})\"; filename\*=UTF-8''({ENCODED})", header)
    assert parts is not None
    assert (parts[1], unquote(parts[2])) == (fallback, saved_as)


def test_link_without_file_name_is_shown(blobs: BlobBench) -> None:
    """A link for looking at a photo does not make the browser save it."""
    _put(blobs)
    assert blobs.open(_link(blobs, file_name=None)).headers["content-disposition"] == "inline"


def test_link_expires(blobs: BlobBench) -> None:
    """A link of one second opens nothing after it."""
    _put(blobs)
    url = _link(blobs, lives=1)
    blobs.pass_time(1.1)
    assert blobs.open(url).status == 403


@pytest.mark.parametrize(
    "change",
    [
        (quote(NAME), "other.txt"),
        ("se=2", "se=3"),
        ("a.txt", "b.txt"),
        ("sig=", "sig=A"),
        ("sig=", "signature="),
    ],
    ids=["another blob", "later", "another file name", "another signature", "no signature"],
)
def test_changed_link_is_refused(blobs: BlobBench, change: tuple[str, str]) -> None:
    """A link opens its one blob as signed; with anything else in it, it opens nothing."""
    _put(blobs)
    _put(blobs, "other.txt")
    url = _link(blobs)
    changed = url.replace(*change)
    assert changed != url
    assert blobs.open(changed).status in {403, 404}
    assert blobs.open(url).status == 200


def test_hundred_links_at_once(blobs: BlobBench) -> None:
    """Many links are made in one call, in the order asked for, each for its own blob and name."""
    for number in (0, 57, 99):
        _put(blobs, f"photos/{number}.jpg", b"%d" % number)
    requests = [LinkRequest(f"photos/{number}.jpg", f"{number}.jpg") for number in range(100)]
    links = blobs.store.sign(requests, datetime.now(UTC) + timedelta(hours=24))
    assert len(set(links)) == 100
    assert [blobs.open(links[number]).body for number in (0, 57, 99)] == [b"0", b"57", b"99"]
    assert blobs.store.sign([], datetime.now(UTC) + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    "expires_at",
    [datetime.now(UTC) + timedelta(days=7), datetime.now() + timedelta(hours=1)],  # noqa: DTZ005 the point of the test
    ids=["too late", "without zone"],
)
def test_expiry_that_cannot_be_kept_is_refused(blobs: BlobBench, expires_at: datetime) -> None:
    """A link is never made for longer than it can work, nor until an instant that is not known."""
    with pytest.raises(ValueError, match="link"):
        blobs.store.sign([LinkRequest(NAME)], expires_at)


def test_photo_links_of_a_week_can_be_made(blobs: BlobBench) -> None:
    """The longest photo link the settings allow, 167 hours, is signed and works."""
    _put(blobs)
    assert blobs.open(_link(blobs, lives=timedelta(hours=167).total_seconds() - 5)).status == 200


@ONE_REAL
def test_unreachable_storage_is_one_kind_of_error(blobs: BlobBench) -> None:
    """Whatever is asked of a store that does not answer, the caller gets the one error that says: try again."""
    store = blobs.unreachable()
    operations: list[Any] = [
        store.ping,
        lambda: store.upload(NAME, io.BytesIO(b"x"), "text/plain"),
        lambda: store.read(NAME, 10),
        lambda: read_photo(store, NAME, 10),
        lambda: store.delete(NAME),
        lambda: list(store.list()),
    ]
    with ThreadPoolExecutor(len(operations)) as threads:
        failures = [future.exception() for future in [threads.submit(operation) for operation in operations]]
    assert {type(failure) for failure in failures} == {StorageError}


def test_reachable_storage_answers(blobs: BlobBench) -> None:
    """The health check of a store that works is silent, before and after the first upload."""
    blobs.store.ping()
    _put(blobs)
    blobs.store.ping()
