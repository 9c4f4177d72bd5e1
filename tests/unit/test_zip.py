"""The ZIP writer: any reader takes its archives apart again, equal content gives equal bytes, any stream will do."""

import io
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rendering._zip import Deflated, ZipWriter

NOISE = bytes(range(256)) * 3_000


class OneWay(io.RawIOBase):
    """A stream that can only be written to, like a socket."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # bytes are all that is written here
        """Keeps what comes."""
        self.content += data
        return len(data)


def _archive(entries: dict[str, list[bytes]], **limits: int) -> bytes:
    target = io.BytesIO()
    writer = ZipWriter(target, **limits)
    for name, pieces in entries.items():
        writer.add(name, pieces)
    writer.close()
    return target.getvalue()


def _read(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@given(st.lists(st.binary(max_size=5_000), max_size=5))
def test_pieces_make_one_entry(pieces: list[bytes]) -> None:
    """An entry holds its pieces one after another, its checksum and sizes are right, empty ones included."""
    assert _read(_archive({"a": pieces, "b/c": [NOISE]})) == {"a": b"".join(pieces), "b/c": NOISE}


def test_what_was_compressed_before_is_copied() -> None:
    """A piece compressed while it was made stands between others, may be larger than memory should hold, and stays."""
    made, target = Deflated(), io.BytesIO()
    for _ in range(5):
        made.write(NOISE)
    writer = ZipWriter(target)
    writer.add("one", [b"<", made, b">"])
    writer.add("two", [made])
    writer.close()
    made.close()
    assert _read(target.getvalue()) == {"one": b"<" + NOISE * 5 + b">", "two": NOISE * 5}


def test_names_are_utf_8() -> None:
    """Names of any script come back."""
    assert list(_read(_archive({"शाखा/银行 😀.csv": [b"x"]}))) == ["शाखा/银行 😀.csv"]


def test_any_stream_will_do() -> None:
    """A stream that cannot seek gets the same bytes as a file."""
    target = OneWay()
    writer = ZipWriter(target)  # type: ignore[arg-type] # a raw stream has all that is asked for
    writer.add("a", [NOISE])
    writer.close()
    assert bytes(target.content) == _archive({"a": [NOISE]})


def test_equal_content_gives_equal_bytes() -> None:
    """No time and no chance gets into an archive."""
    assert _archive({"a": [NOISE], "b": [b""]}) == _archive({"a": [NOISE], "b": [b""]})
    with ZipFile(io.BytesIO(_archive({"a": [b"1"]}))) as archive:
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_small_archives_are_plain() -> None:
    """Below 4 GiB nothing in an archive is of the ZIP64 form, which old readers do not know."""
    content = _archive({"a": [NOISE]})
    assert b"PK\6\6" not in content
    assert b"PK\6\7" not in content
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()[0].extra == b""


@pytest.mark.parametrize("largest_plain", [0, 100, 2_000])
def test_large_archives_are_zip64(largest_plain: int, tmp_path: Path) -> None:
    """Sizes and offsets over the limit take the ZIP64 form, entry by entry; readers see no difference."""
    entries = {"small": [b"s"], "large": [NOISE], "after": [b"a"]}
    content = _archive(entries, largest_plain=largest_plain)
    assert b"PK\6\6" in content
    assert _read(content) == {name: b"".join(pieces) for name, pieces in entries.items()}
    _unzip(content, tmp_path)


def test_more_entries_than_16_bits_count() -> None:
    """An archive may hold more than 65,535 entries."""
    content = _archive({str(number): [] for number in range(66_000)})
    with ZipFile(io.BytesIO(content)) as archive:
        assert len(archive.namelist()) == 66_000


def test_unzip_finds_no_fault(tmp_path: Path) -> None:
    """Info-ZIP, the reader on most servers, tests an archive as good."""
    _unzip(_archive({"a.xml": [b"<", NOISE, b">"], "empty": [], "नाम": [b"x"]}), tmp_path)


def _unzip(content: bytes, folder: Path) -> None:
    file = folder / "made.zip"
    file.write_bytes(content)
    said = subprocess.run(["unzip", "-t", str(file)], capture_output=True, check=False)
    assert (said.returncode, b"No errors detected" in said.stdout) == (0, True), said.stdout
