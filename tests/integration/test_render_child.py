"""The render child: makes the same file, knows no secret, stops when it is told to, and harms nobody when it dies.

The children of these tests have odd formats and an endless report beside the product's own: `odd_child`.
"""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest

import shared.rendering
import shared.reports
from shared.adapters.blob_memory import MemoryBlobStore
from shared.adapters.render_child import ChildFault, RenderChildren, _Child
from shared.errors import ExportFailed, JobCancelled, QueryTimeout
from shared.jobs.cancel import cancel_job
from shared.jobs.render import render_inline
from shared.jobs.run import run_job
from shared.ports import Services
from shared.settings import RenderSettings, Settings
from shared.wiring import in_memory
from tests.chaos.processes import children_of, eventually, is_running
from tests.integration.render_parent import READY, Watch, order
from tests.jobs import blob_names, files, row_of, run, seconds, set_row, submitted, telemetry, with_settings
from tests.world import World, request

ROOT, ODD = Path(__file__).parents[2], Path(__file__).parent / "odd_child"
CANARY = "canary-3f7c"
PROMISE = 2.0  # seconds within which a cancelled render has ended
ALLOWED = {"PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "XDG_CACHE_HOME", "MPLCONFIGDIR"}


@pytest.fixture(scope="module", autouse=True)
def _odd() -> Iterator[None]:
    """The odd formats and the endless report, here and in every child."""
    packages = (shared.rendering, shared.reports)
    caches = (shared.rendering.format_ids, shared.reports.catalogue)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ODD)
        for package in packages:
            patch.setattr(package, "__path__", [*package.__path__, str(ODD / package.__name__.rpartition(".")[2])])
        for each in caches:
            each.cache_clear()
        yield
    for each in caches:
        each.cache_clear()


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RenderChildren]:
    """Children that the tests share."""
    made = RenderChildren(in_memory(tmp_path_factory.mktemp("children")).settings)
    yield made
    made.close()


@pytest.fixture
def embedded(migrated_sqlite_url: str, tmp_path: Path, children: RenderChildren) -> Iterator[Services]:
    """Services on SQLite that render in a child, for what no database has a part in."""
    made = replace(in_memory(tmp_path, database_url=migrated_sqlite_url), render=children)
    yield made
    made.close()


def _few_calls(services: Services) -> World:
    world = World(services)
    bank = world.bank("Alpha")
    for number in range(3):
        world.photo(world.call(bank, client_name=f"=Shop {number}, घर"), f"calls/{number}.jpg")
    return world


def _fresh(services: Services, **settings: Any) -> tuple[Services, RenderChildren]:
    """The services with children of their own, under other settings."""
    changed = with_settings(services, **settings)
    own = RenderChildren(changed.settings)
    return replace(changed, render=own), own


def _child_of_mine() -> int:
    (child,) = _children_of_mine()
    return child


def _children_of_mine() -> list[int]:
    return [each for each in children_of(os.getpid()) if b"shared.child" in _proc(each, "cmdline")]


def _proc(process: int, name: str) -> bytes:
    return Path(f"/proc/{process}/{name}").read_bytes()


def _open_files(process: int | str = "self") -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def _memory_mib(process: int) -> int:
    return int(_proc(process, "statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


# --- What it makes


def test_child_makes_the_same_file(services: Services, children: RenderChildren, tmp_path: Path) -> None:
    """The child's file equals the caller's own to the byte, and so does all that is told of it and of its rows."""
    _few_calls(services)
    options = {"format": "csv", "photoLinks": "app"}
    there, here = (replace(order(tmp_path / name), output=options) for name in ("there", "here"))
    seen_there, seen_here = Watch(), Watch()
    made, own = children(services, there, seen_there), render_inline(services, here, seen_here)
    assert there.target.read_bytes() == here.target.read_bytes()
    assert made.row_count == 3
    assert replace(made, path=own.path, data_as_of=own.data_as_of, summary={}) == replace(own, summary={})
    assert {**made.summary, "asOf": ""} == {**own.summary, "asOf": ""}
    assert abs(made.data_as_of - own.data_as_of) < seconds(60)
    assert (seen_there.totals, seen_there.rows) == (seen_here.totals, seen_here.rows)
    assert seen_there.rows == 3


def test_photo_links_are_signed_by_the_parent(embedded: Services) -> None:
    """A file from the child has photo links that open, though the child has no key to sign with."""
    _few_calls(embedded)
    photos = embedded.photos
    assert isinstance(photos, MemoryBlobStore)
    photos.upload("calls/1.jpg", BytesIO(b"picture"), "image/jpeg")
    row = run(embedded, submitted(embedded, World(embedded), World(embedded).person(subject="asking")))
    content = files(embedded).read(row.blob_name, 10**6).decode("utf-8-sig")
    links = [cell for cell in content.replace("\r\n", ",").split(",") if "calls/" in cell]
    assert len(links) == 3
    (link,) = [each for each in links if "calls/1.jpg" in each]
    assert photos.fetch(link, datetime.now(UTC)).content == b"picture"


def test_failure_crosses_the_pipe_whole(embedded: Services, children: RenderChildren, tmp_path: Path) -> None:
    """A query past its limit ends with the error it ends with in the caller, and the child goes on with others."""
    _few_calls(embedded)
    limited = with_settings(embedded, query_limit=seconds(0.3))
    with pytest.raises(QueryTimeout) as caught:
        children(limited, order(tmp_path / "a", report_id="endless"), Watch())
    assert str(caught.value) == str(QueryTimeout())
    before = _child_of_mine()
    assert children(embedded, order(tmp_path / "b"), Watch()).row_count == 3
    assert _child_of_mine() == before


def test_prints_of_a_library_do_no_harm(embedded: Services, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What Python, C code or a program started by the child print does not get between the messages: it is logged."""
    _few_calls(embedded)
    _, own = _fresh(embedded)
    made = own(embedded, order(tmp_path / "file", "noisy"), Watch())
    own.close()
    assert made.row_count == 3
    told = capfd.readouterr()
    assert "done" not in told.out
    assert sorted(line for line in told.err.splitlines() if '"done"' in line) == [
        '{"done": "descriptor"}',
        '{"done": "program"}',
        '{"done": "python"}',
    ]


# --- What it knows


def test_environment_of_the_child_holds_no_secret(embedded: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the worker's environment a child gets what is on a short list, and the import path."""
    secrets = ("ServiceBusConnection", "DATABASE_URL", "BLOB_CONNECTION_STRING", "AZURE_CLIENT_SECRET", "SMTP_PASSWORD")
    for name in secrets:
        monkeypatch.setenv(name, CANARY)
    _, own = _fresh(embedded)
    before = set(_children_of_mine())
    own.warm()
    (child,) = set(_children_of_mine()) - before
    environment = _proc(child, "environ")
    own.close()
    assert CANARY.encode() not in environment
    names = {entry.partition(b"=")[0].decode() for entry in environment.split(b"\0") if entry}
    assert names <= ALLOWED | {"PYTHONPATH", "ODBCSYSINI"}


def test_settings_of_others_never_cross_the_pipe(
    embedded: Services, children: RenderChildren, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is told what rendering needs: of storage, queue, tokens and limits it hears nothing."""
    _few_calls(embedded)
    sent: list[Mapping[str, Any]] = []
    send = _Child.send

    def recording(child: _Child, message: dict[str, Any]) -> None:
        sent.append(message)
        send(child, message)

    monkeypatch.setattr(_Child, "send", recording)
    foreign = set(Settings.model_fields) - set(RenderSettings.model_fields)
    texts = {name: CANARY for name in foreign if isinstance(getattr(embedded.settings, name), str)}
    assert {"blob_connection_string", "service_bus_connection", "entra_tenant_id"} <= set(texts)
    children(with_settings(embedded, **texts), order(tmp_path / "file"), Watch())
    assert CANARY not in str(sent)
    assert [set(message) for message in sent] == [{"order", "settings"}, {"answer"}]
    assert set(sent[0]["settings"]) == set(RenderSettings.model_fields)


# --- How it ends


def test_memory_limit_kills(embedded: Services, tmp_path: Path) -> None:
    """A child above its memory is killed at once, and the failure says why."""
    _few_calls(embedded)
    limited, own = _fresh(embedded, child_memory_mib=160)
    others = set(_children_of_mine())
    with pytest.raises(ExportFailed) as caught:
        own(limited, order(tmp_path / "file", "greedy"), Watch())
    assert (caught.value.code, caught.value.details) == ("EXPORT_FAILED", {"reason": "memory"})
    assert set(_children_of_mine()) == others


def test_child_is_replaced_after_its_jobs(embedded: Services, tmp_path: Path) -> None:
    """After so many jobs, failed ones counted, a new child takes over, and the old one leaves nothing open."""
    _few_calls(embedded)
    services, own = _fresh(embedded, child_jobs=2, query_limit=seconds(0.2))
    others, seen = set(_children_of_mine()), list[tuple[set[int], int]]()

    def note() -> None:
        seen.append((set(_children_of_mine()) - others, _open_files()))

    own(services, order(tmp_path / "file"), Watch())
    note()
    with pytest.raises(QueryTimeout):
        own(services, order(tmp_path / "file", report_id="endless"), Watch())
    note()
    own(services, order(tmp_path / "file"), Watch())
    note()
    own.close()
    (first, open_files), (none, _), (second, open_files_later) = seen
    assert (len(first), none, len(second)) == (1, set(), 1)
    assert first != second
    assert open_files == open_files_later
    assert set(_children_of_mine()) == others


def test_fault_of_ours_ends_the_child_and_is_logged(embedded: Services, capfd: pytest.CaptureFixture[str]) -> None:
    """A fault in the child costs the child; its traceback is in the log, and the attempt is tried again."""
    _few_calls(embedded)
    services, own = _fresh(embedded)
    others = set(_children_of_mine())
    row = run(services, submitted(services, World(services), "", request(output={"format": "faulty"})))
    assert (row.status, row.attempt) == ("queued", 1)
    assert "LookupError: what the log has to tell" in capfd.readouterr().err
    assert set(_children_of_mine()) == others
    own.close()


def test_killed_child_costs_an_attempt(embedded: Services) -> None:
    """A child that is killed in mid-render is missed at once; the job is tried again, by a new child, with one file."""
    _few_calls(embedded)
    job_id = submitted(embedded, World(embedded), "", request(output={"format": "deadly"}))
    row = run(embedded, job_id)
    assert (row.status, row.attempt) == ("queued", 1)
    assert [type(fault) for fault in telemetry(embedded).faults] == [ChildFault]
    set_row(embedded, job_id, not_before=None, output_config={"format": "csv"})
    row = run(embedded, job_id)
    assert (row.status, row.attempt, row.row_count) == ("completed", 2, 3)
    assert blob_names(embedded) == [row.blob_name]


def test_child_that_died_while_it_waited_costs_nothing(embedded: Services, children: RenderChildren) -> None:
    """A waiting child that was killed, for want of memory on the machine, is replaced before the next job notices."""
    _few_calls(embedded)
    children.warm()
    child = _child_of_mine()
    os.kill(child, signal.SIGKILL)
    eventually("the child is gone", lambda: not is_running(child), 5)
    row = run(embedded, submitted(embedded, World(embedded)))
    assert (row.status, row.attempt) == ("completed", 1)
    assert _child_of_mine() != child


def test_children_end_with_their_parent(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """A worker that is killed takes its children along within a second, the one at work and the one that waits."""
    command = [sys.executable, "-m", "tests.integration.render_parent", str(tmp_path), migrated_sqlite_url]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ODD), str(ROOT)))}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == READY
        eventually("the child renders", (tmp_path / "file").exists, 20)
        left = children_of(parent.pid)
        assert len(left) == 2
        parent.kill()
        parent.wait()
        eventually("the children are gone", lambda: not any(map(is_running, left)), 1)


# --- How it stops


def _cancel_in_mid_run(services: Services, job_id: str, subject: str) -> float:
    """Cancels the running job as its owner would; the seconds until the worker is free again."""
    worker = threading.Thread(target=lambda: asyncio.run(run_job(services, job_id)))
    worker.start()
    eventually("the job runs", lambda: row_of(services, job_id).status == "processing", 10)
    time.sleep(0.5)  # for the statement to begin
    began = time.monotonic()
    cancel_job(services, World(services).caller(subject), job_id)
    worker.join()
    return time.monotonic() - began


def _statements(services: Services) -> int:
    """How many statements run in the database, where that is a server."""
    url = services.settings.database_url
    if not url.startswith("postgresql"):
        return 0
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
        row = connection.execute(f"{busy} AND pid <> pg_backend_pid()").fetchone()
        return 0 if row is None else int(row[0])


def test_cancel_reaches_a_long_query(services: Services, children: RenderChildren) -> None:
    """A job cancelled in a query that would take hours has ended within 2 s, its statement too; the child lives on."""
    services = replace(services, render=children)
    world = _few_calls(services)
    children.warm()
    child, subject = _child_of_mine(), world.person()
    job_id = submitted(services, world, subject, request("endless"))
    assert _cancel_in_mid_run(services, job_id, subject) < PROMISE
    row = row_of(services, job_id)
    assert (row.status, row.error_code, row.blob_name) == ("cancelled", None, None)
    assert _statements(services) == 0
    assert blob_names(services) == []
    assert _child_of_mine() == child
    assert run(services, submitted(services, world)).status == "completed"


def test_child_that_does_not_listen_is_killed(embedded: Services) -> None:
    """A render that never looks up is killed after the grace: the worker is free within 2 s, and nothing is left."""
    world = _few_calls(embedded)
    subject = world.person()
    job_id = submitted(embedded, world, subject, request(output={"format": "stubborn"}))
    assert _cancel_in_mid_run(embedded, job_id, subject) < PROMISE
    assert row_of(embedded, job_id).status == "cancelled"
    assert _children_of_mine() == []
    assert run(embedded, submitted(embedded, world)).status == "completed"


def test_statement_of_a_killed_child_ends(services: Services, children: RenderChildren) -> None:
    """When a child is killed in mid-query the job is tried again, and the database does not go on for nobody."""
    services = replace(services, render=children)
    world = _few_calls(services)
    children.warm()
    job_id = submitted(services, world, "", request("endless"))
    worker = threading.Thread(target=lambda: asyncio.run(run_job(services, job_id)))
    worker.start()
    eventually("the job runs", lambda: row_of(services, job_id).status == "processing", 10)
    time.sleep(0.5)
    os.kill(_child_of_mine(), signal.SIGKILL)
    worker.join(5)
    row = row_of(services, job_id)
    assert (row.status, row.attempt) == ("queued", 1)
    eventually("the statement has ended", lambda: _statements(services) == 0, 4)


def test_late_cancel_meets_no_other_job(embedded: Services, children: RenderChildren, tmp_path: Path) -> None:
    """A cancel that comes when its render is over does not stop the next one, though the same child makes it."""
    _few_calls(embedded)
    first, second = Watch(), Watch()
    children(embedded, order(tmp_path / "first"), first)
    child, ended = _child_of_mine(), list[Exception]()
    limited = with_settings(embedded, query_limit=seconds(1))

    def render() -> None:
        try:
            children(limited, order(tmp_path / "second", report_id="endless"), second)
        except (QueryTimeout, JobCancelled) as error:
            ended.append(error)

    worker = threading.Thread(target=render)
    worker.start()
    eventually("the second render has begun", lambda: second.totals, 10)
    first.cancel()
    worker.join(10)
    second.stop = JobCancelled()  # for a worker that still waits
    worker.join()
    assert [type(each) for each in ended] == [QueryTimeout]
    assert _child_of_mine() == child


# --- For long


def test_hundred_jobs_leak_nothing(embedded: Services, tmp_path: Path) -> None:
    """After a hundred jobs parent and child have as many open files as after ten, and little more memory."""
    _few_calls(embedded)
    services, own = _fresh(embedded, child_jobs=1_000)
    others = set(_children_of_mine())
    marks = []
    for number in range(1, 101):
        own(services, order(tmp_path / "file"), Watch())
        if number in {10, 100}:
            (child,) = set(_children_of_mine()) - others
            marks.append((child, _open_files(), _open_files(child), _memory_mib(child), _memory_mib(os.getpid())))
    own.close()
    early, late = marks
    assert late[:3] == early[:3]
    assert late[3] - early[3] < 50
    assert late[4] - early[4] < 50
