"""Brings photos to a render child, which has no key to storage, as files in its order's folder; opens no picture.

They are read in threads, so that the parent goes on looking for a cancel while storage is slow.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from shared.ports import BlobStore, read_photo

_AT_ONCE = 4  # photos held in memory


def photo_file(folder: Path, place: int) -> Path:
    """Where the photo at this place of a batch lies."""
    return folder / f"photo-{place}"


class PhotoFetcher:
    """The photos of one order, batch by batch; each takes the place of the one before."""

    def __init__(self, store: BlobStore, folder: Path, max_bytes: int) -> None:
        """Starts no thread; the first batch does."""
        self._store, self._folder, self._max_bytes = store, folder, max_bytes
        self._threads: ThreadPoolExecutor | None = None
        self._batch: list[Future[bool]] = []
        self._writing, self._is_closed = threading.Lock(), False
        self._largest_batch = 0

    @property
    def is_busy(self) -> bool:
        """Whether a batch is waited for."""
        return bool(self._batch)

    def fetch(self, names: Sequence[str]) -> None:
        """Begins to read a batch; the one before was answered."""
        self._threads = self._threads or ThreadPoolExecutor(_AT_ONCE, "photos")
        self._largest_batch = max(self._largest_batch, len(names))
        self._batch = [self._threads.submit(self._bring, place, name) for place, name in enumerate(names)]

    def found(self) -> list[bool] | None:
        """Which photos of the batch lie in the folder, told once; None while there is nothing to tell.

        Raises:
            StorageError: as the store raises it.

        """
        if not self._batch or not all(each.done() for each in self._batch):
            return None
        batch, self._batch = self._batch, []
        return [each.result() for each in batch]

    def close(self) -> None:
        """Removes the files; none comes any more, though a thread may still wait for storage."""
        with self._writing:
            self._is_closed = True
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        for place in range(self._largest_batch):
            photo_file(self._folder, place).unlink(missing_ok=True)

    def _bring(self, place: int, name: str) -> bool:
        content = read_photo(self._store, name, self._max_bytes)
        with self._writing:
            if content is None or self._is_closed:
                return False
            photo_file(self._folder, place).write_bytes(content)
        return True
