"""What killed workers leave: folders that nobody holds and blobs that no row points at go, and nothing else."""

import asyncio
import io
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.blob_memory import MemoryBlobStore
from shared.clock import Clock, FixedClock, SystemClock
from shared.jobs.leftovers import job_folder, remove_other_blobs, sweep_blobs, sweep_folders
from shared.jobs.sweep import sweep
from shared.ports import Services
from tests.jobs import blob_names, files, run, set_row, submitted, with_settings
from tests.world import World

ROOT = Path(__file__).parents[2]
OLD = timedelta(hours=1)
HOLDER = """
import sys
from pathlib import Path
from shared.jobs.leftovers import job_folder
with job_folder(Path(sys.argv[1])) as folder:
    (folder / "file").write_bytes(b"half")
    print(folder, flush=True)
    sys.stdin.read()
"""


# --- Folders


@contextmanager
def _held_elsewhere(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A folder that another process holds, with half a file in it."""
    command = [sys.executable, "-c", HOLDER, str(place)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())


def test_folder_goes_with_its_job(tmp_path: Path) -> None:
    """A job's folder is there while the job is, for its owner's eyes only, and gone when the job ends or fails."""
    with job_folder(tmp_path) as folder:
        (folder / "file").write_bytes(b"x")
        assert folder.is_relative_to(tmp_path)
        assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(ValueError, match="fault"), job_folder(tmp_path) as other:
        raise ValueError("fault")
    assert not folder.exists()
    assert not other.exists()


def test_held_folder_stays(tmp_path: Path) -> None:
    """A folder that somebody holds, here or in another process, is never swept, however often."""
    with job_folder(tmp_path) as mine, _held_elsewhere(tmp_path) as (process, theirs):
        for _ in range(3):
            assert sweep_folders(tmp_path) == 0
        assert mine.exists()
        assert (theirs / "file").read_bytes() == b"half"
        process.communicate()
    assert not theirs.exists()


def test_folder_of_a_killed_worker_goes(tmp_path: Path) -> None:
    """What a killed worker had in the making is swept once, and a living worker's is not."""
    with job_folder(tmp_path) as mine, _held_elsewhere(tmp_path) as (process, theirs):
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert sweep_folders(tmp_path) == 1
        assert not theirs.exists()
        assert mine.exists()
        assert sweep_folders(tmp_path) == 0


def test_foreign_things_stay(tmp_path: Path) -> None:
    """The sweep touches job folders only, and a place where no job ever ran is no fault."""
    assert sweep_folders(tmp_path / "nowhere") == 0
    with job_folder(tmp_path) as folder:
        base = folder.parent
    (base / "other").mkdir()
    (base / "file").write_bytes(b"x")
    (tmp_path / "job-outside").mkdir()
    assert sweep_folders(tmp_path) == 0
    assert sorted(path.name for path in base.iterdir()) == ["file", "other"]
    assert (tmp_path / "job-outside").exists()


def test_sweeps_and_jobs_at_once(tmp_path: Path) -> None:
    """While four threads make folders and two sweep, no job loses the folder it works in."""
    over, lost = threading.Event(), list[Path]()

    def work() -> None:
        for _ in range(60):
            with job_folder(tmp_path) as folder:
                (folder / "file").write_bytes(b"x")
                if not (folder / "file").exists():
                    lost.append(folder)

    def sweeping() -> None:
        while not over.is_set():
            sweep_folders(tmp_path)

    sweepers = [threading.Thread(target=sweeping) for _ in range(2)]
    workers = [threading.Thread(target=work) for _ in range(4)]
    for thread in (*sweepers, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    over.set()
    for thread in sweepers:
        thread.join()
    assert lost == []


# --- Blobs


@pytest.fixture(name="services")
def _services(shared_services: Services) -> Services:
    """Services with a store and a clock of their own; the clock is an hour ahead, so that all there is is old."""
    return _at(shared_services, datetime.now(UTC) + 2 * OLD)


@pytest.fixture(name="world")
def _world(shared_world: World) -> World:
    return shared_world


def _at(services: Services, now: datetime) -> Services:
    """Services whose store is filled now, and whose sweep looks at it at another time."""
    clock: Clock = FixedClock(now)
    return replace(services, clock=clock, files=MemoryBlobStore(SystemClock()))


def _blob(services: Services, name: str) -> str:
    services.files.upload(name, io.BytesIO(b"x"), "text/csv")
    return name


def _job(services: Services, world: World, status: str, blob_name: str | None = None) -> str:
    job_id = submitted(services, world)
    is_kept = blob_name is not None
    expires_at = services.clock.now() + OLD if is_kept else None
    set_row(services, job_id, status=status, expires_at=expires_at, blob_name=blob_name and f"{job_id}/{blob_name}")
    return job_id


def test_file_of_a_job_stays_and_its_siblings_go(services: Services, world: World) -> None:
    """Of a completed job the one file its row points at is kept; what other attempts stored goes."""
    job_id = _job(services, world, "completed", "2/a.csv")
    kept = _blob(services, f"{job_id}/2/a.csv")
    for name in ("1/a.csv", "2/b.csv", "3/a.csv"):
        _blob(services, f"{job_id}/{name}")
    assert sweep_blobs(services, OLD) == 3
    assert blob_names(services) == [kept]


@pytest.mark.parametrize("status", ["queued", "processing"])
def test_files_of_a_job_that_goes_on_stay(services: Services, world: World, status: str) -> None:
    """A job that has not ended may yet point at what one of its attempts stored."""
    job_id = _job(services, world, status)
    names = [_blob(services, f"{job_id}/{attempt}/a.csv") for attempt in (1, 2)]
    assert sweep_blobs(services, OLD) == 0
    assert blob_names(services) == names


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_files_of_a_job_without_file_go(services: Services, world: World, status: str) -> None:
    """What a job that failed or was cancelled had stored is nobody's."""
    job_id = _job(services, world, status)
    _blob(services, f"{job_id}/1/a.csv")
    assert sweep_blobs(services, OLD) == 1
    assert blob_names(services) == []


def test_expired_file_goes(services: Services, world: World) -> None:
    """A file whose time is over goes, though its row still names it."""
    job_id = _job(services, world, "completed", "1/a.csv")
    _blob(services, f"{job_id}/1/a.csv")
    set_row(services, job_id, expires_at=services.clock.now() - timedelta(seconds=1))
    assert sweep_blobs(services, OLD) == 1


def test_file_of_no_job_goes(services: Services) -> None:
    """What lies under the id of a job that does not exist goes, and what lies under no id at all."""
    for name in ("job_0123456789abcdefghjkmnpqrs/1/a.csv", "stray.csv", "other/a.csv"):
        _blob(services, name)
    assert sweep_blobs(services, OLD) == 3
    assert blob_names(services) == []


def test_young_files_stay(shared_services: Services, shared_world: World) -> None:
    """Nobody's file is left alone until no claim that may have made it can still be alive."""
    job_id = _job(shared_services, shared_world, "failed")
    now = datetime.now(UTC)
    for ahead, removed in ((timedelta(0), 0), (OLD - timedelta(minutes=1), 0), (OLD + timedelta(minutes=1), 2)):
        services = _at(shared_services, now + ahead)
        for name in (f"{job_id}/1/a.csv", "stray.csv"):
            _blob(services, name)
        assert sweep_blobs(services, OLD) == removed


def test_many_files_are_swept_in_batches(services: Services, world: World) -> None:
    """A container of thousands of files is looked through whole, and the one that is somebody's is found among them."""
    job_id = _job(services, world, "completed", "1/a.csv")
    kept = _blob(services, f"{job_id}/1/a.csv")
    for number in range(2_100):
        _blob(services, f"a{number:05}/1/a.csv")
    assert sweep_blobs(services, OLD) == 2_100
    assert blob_names(services) == [kept]


def test_other_blobs_of_an_ended_job_go_at_once(services: Services, world: World) -> None:
    """When a job ends what its earlier attempts stored goes at once; with storage out of reach the timer does it."""
    job_id, other = _job(services, world, "completed", "2/a.csv"), _job(services, world, "processing")
    names = [_blob(services, f"{each}/{attempt}/a.csv") for each in (job_id, other) for attempt in (1, 2)]
    files(services).reachable = False
    remove_other_blobs(services, job_id, names[1])
    files(services).reachable = True
    assert len(blob_names(services)) == 4
    remove_other_blobs(services, job_id, names[1])
    assert blob_names(services) == sorted(names[1:])


# --- By the timer


def test_timer_sweeps_folders_every_minute_and_blobs_now_and_then(
    shared_services: Services, shared_world: World, tmp_path: Path
) -> None:
    """Each tick removes folders; blobs, which cost a listing of the container, are looked at on the hour."""
    base = with_settings(shared_services, work_directory=tmp_path)
    hour = datetime.now(UTC).replace(minute=0) + timedelta(hours=3)
    for minute, left in ((7, ["stray.csv"]), (0, [])):
        services = _at(base, hour + timedelta(minutes=minute))
        _blob(services, "stray.csv")
        (tmp_path / "reporting-jobs" / "job-left").mkdir(parents=True)
        assert asyncio.run(sweep(services))["folders"] == 1
        assert blob_names(services) == left
    row = run(base, submitted(base, shared_world))
    assert row.status == "completed"


def test_timer_lives_without_storage(shared_services: Services) -> None:
    """A tick that finds storage out of reach does the rest of its work."""
    services = _at(shared_services, datetime.now(UTC).replace(minute=0))
    files(services).reachable = False
    counts = asyncio.run(sweep(services))
    assert "blobs" not in counts
    assert "sent" in counts
