"""Writes ZIP archives with Intel's fast deflate, equal bytes for equal content; never reads or changes one.

What is large is compressed while it is made, into a `Deflated`, and copied into the archive as it is: nothing is held
whole, nothing is compressed twice, and all sizes are known before an entry's head is written, so that any stream will
do as the target.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from shutil import copyfileobj
from struct import pack
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

_LEVEL = 1  # of isal: a fifth larger than zlib's 6 at a tenth of its time
_RAW = -15  # deflate without a head, over a window of 32 KiB
_IN_MEMORY = 1 << 18  # bytes up to which a piece needs no file
_COPIED_AT_ONCE = 1 << 20
_LAST_BLOCK = b"\x03\x00"  # a final block with nothing in it

_DEFLATE, _UTF8_NAME, _VERSION, _ZIP64_VERSION = 8, 0x800, 20, 45
_FIRST_DAY = 0x21  # 1980-01-01, the earliest that a ZIP can name: no file tells when it was made
_MAX_32, _MAX_16 = 0xFFFF_FFFF, 0xFFFF


class Deflated:
    """Bytes compressed on their way into a temporary file; several, one after another, make an entry."""

    def __init__(self) -> None:
        from isal import isal_zlib

        self._compressor = isal_zlib.compressobj(level=_LEVEL, wbits=_RAW)
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 # lives as long as this value
        self._crc32, self._full_flush = isal_zlib.crc32, isal_zlib.Z_FULL_FLUSH
        self.crc = self.size = 0

    def write(self, data: bytes) -> None:
        """Adds bytes."""
        self.crc = self._crc32(data, self.crc)
        self.size += len(data)
        self._file.write(self._compressor.compress(data))

    def end(self) -> int:
        """Nothing more comes, and the last block ends on a whole byte; the number of compressed bytes."""
        self._file.write(self._compressor.flush(self._full_flush))
        return self._file.tell()

    def copy(self, target: BinaryIO) -> None:
        """Writes the compressed bytes."""
        self._file.seek(0)
        copyfileobj(self._file, target, _COPIED_AT_ONCE)

    def close(self) -> None:
        """Drops the temporary file."""
        self._file.close()


@dataclass(frozen=True)
class _Entry:
    name: bytes
    crc: int
    size: int
    packed_size: int
    offset: int
    is_large: bool

    @property
    def head(self) -> bytes:
        """The local head."""
        extra = pack("<2H2Q", 1, 16, self.size, self.packed_size) if self.is_large else b""
        return pack("<4s", b"PK\3\4") + self._facts() + pack("<2H", len(self.name), len(extra)) + self.name + extra

    @property
    def record(self) -> bytes:
        """The line of the central directory."""
        extra = pack("<2H3Q", 1, 24, self.size, self.packed_size, self.offset) if self.is_large else b""
        offset = _MAX_32 if self.is_large else self.offset
        lengths = pack("<5H2L", len(self.name), len(extra), 0, 0, 0, 0, offset)
        return pack("<4sH", b"PK\1\2", _ZIP64_VERSION) + self._facts() + lengths + self.name + extra

    def _facts(self) -> bytes:
        """What both of them tell."""
        version = _ZIP64_VERSION if self.is_large else _VERSION
        sizes = (_MAX_32, _MAX_32) if self.is_large else (self.packed_size, self.size)
        return pack("<5H3L", version, _UTF8_NAME, _DEFLATE, 0, _FIRST_DAY, self.crc, *sizes)


class ZipWriter:
    """An archive on its way into a binary stream, which may be one that cannot seek."""

    def __init__(self, target: BinaryIO, *, largest_plain: int = _MAX_32 - 1) -> None:
        """Sizes and offsets over `largest_plain` bytes take the ZIP64 form, which old readers do not know."""
        self._target, self._largest = target, largest_plain
        self._offset = 0
        self._entries: list[_Entry] = []

    def add(self, name: str, pieces: Sequence[bytes | Deflated]) -> None:
        """Writes an entry made of pieces; what is `Deflated` stays the caller's, and open."""
        with ExitStack() as stack:
            parts = [stack.enter_context(_deflated(piece)) if isinstance(piece, bytes) else piece for piece in pieces]
            entry = self._entry(name.encode(), parts)
            self._write(entry.head)
            for part in parts:
                part.copy(self._target)
        self._offset += entry.packed_size - len(_LAST_BLOCK)
        self._write(_LAST_BLOCK)
        self._entries.append(entry)

    def close(self) -> None:
        """Writes the directory; the stream stays open."""
        start, count = self._offset, len(self._entries)
        for entry in self._entries:
            self._write(entry.record)
        size, end = self._offset - start, self._offset
        if is_large := end > self._largest or count >= _MAX_16:
            self._write(pack("<4sQ2H2L4Q", b"PK\6\6", 44, *[_ZIP64_VERSION] * 2, 0, 0, count, count, size, start))
            self._write(pack("<4sLQL", b"PK\6\7", 0, end, 1))
        told = (_MAX_16, _MAX_16, _MAX_32, _MAX_32) if is_large else (count, count, size, start)
        self._write(pack("<4s4H2LH", b"PK\5\6", 0, 0, *told, 0))

    def _entry(self, name: bytes, parts: Sequence[Deflated]) -> _Entry:
        from isal import isal_zlib

        crc, size, packed_size = 0, 0, len(_LAST_BLOCK)
        for part in parts:
            packed_size += part.end()
            crc = isal_zlib.crc32_combine(crc, part.crc, part.size)
            size += part.size
        is_large = max(size, packed_size, self._offset) > self._largest
        return _Entry(name, crc, size, packed_size, self._offset, is_large)

    def _write(self, data: bytes) -> None:
        self._target.write(data)
        self._offset += len(data)


@contextmanager
def _deflated(data: bytes) -> Iterator[Deflated]:
    with closing(Deflated()) as made:
        made.write(data)
        yield made
