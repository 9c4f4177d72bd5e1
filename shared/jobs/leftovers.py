"""What a killed worker may leave behind, and how it goes: folders nobody holds, blobs no row points at any more."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from shared.errors import StorageError
from shared.jobs.states import Status
from shared.jobs.store import job
from shared.ports import BlobEntry, Services
from shared.tables import InJsonList

_BASE = "reporting-jobs"
_AT_ONCE = 1_000


@contextmanager
def job_folder(work_directory: Path | None) -> Iterator[Path]:
    """A folder for one job's files; its lock goes with this process, however it ends, and then it may be swept."""
    base = _base(work_directory)
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as held:
        with _locked(base):  # so that no sweep sees it before it is locked
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="job-", dir=base)))
            held.enter_context(_locked(folder))
        yield folder


def sweep_folders(work_directory: Path | None) -> int:
    """Removes the folders that no living process holds; how many."""
    base = _base(work_directory)
    if not base.is_dir():
        return 0
    with _locked(base):
        abandoned = [folder for folder in base.glob("job-*") if _is_abandoned(folder)]
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)  # another sweep may have been quicker
    return len(abandoned)


def remove_other_blobs(services: Services, job_id: str, kept: str | None) -> None:
    """Removes what earlier attempts of an ended job uploaded; storage out of reach leaves it to the timer."""
    with suppress(StorageError):
        for blob in list(services.files.list(f"{job_id}/")):
            if blob.name != kept:
                services.files.delete(blob.name)


def sweep_blobs(services: Services, older_than: timedelta) -> int:
    """Removes files that no row points at, once they are older than any claim that might still point at them."""
    limit, removed, batch = services.clock.now() - older_than, 0, list[BlobEntry]()
    for blob in services.files.list():
        if blob.last_modified < limit:
            batch.append(blob)
        if len(batch) == _AT_ONCE:
            removed += _remove_unowned(services, batch)
            batch = []
    return removed + _remove_unowned(services, batch)


def _remove_unowned(services: Services, blobs: list[BlobEntry]) -> int:
    with services.reporting.read() as connection:
        names = [blob.name.split("/")[0] for blob in blobs]
        owners = select(job.job_id, job.blob_name, job.status, job.expires_at)
        owned = {row.job_id: row for row in connection.execute(owners.where(InJsonList(job.job_id, names)))}
    now = services.clock.now()
    unowned = [blob.name for blob in blobs if not _is_owned(blob.name, owned.get(blob.name.split("/")[0]), now)]
    for name in unowned:
        services.files.delete(name)
    return len(unowned)


def _is_owned(name: str, row: Any | None, now: datetime) -> bool:
    """A job that still runs may yet point at any of its blobs; one that has ended, at one and until it expires."""
    if row is None:
        return False
    is_kept = row.expires_at is not None and row.expires_at > now
    return row.status in {Status.QUEUED, Status.PROCESSING} or (row.blob_name == name and is_kept)


def _is_abandoned(folder: Path) -> bool:
    try:
        with _locked(folder, fcntl.LOCK_NB):
            return True
    except (BlockingIOError, FileNotFoundError):  # held, or gone meanwhile
        return False


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    """Locks the folder itself against whoever does the same, in this process or another."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(descriptor)


def _base(work_directory: Path | None) -> Path:
    return (work_directory or Path(tempfile.gettempdir())) / _BASE
