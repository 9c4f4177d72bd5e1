"""Photos embedded in a job's file: read by the parent, of the caller's calls only, and nothing of them left behind."""

import asyncio
import hashlib
import io
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from dev.azurite import AzuriteServer
from shared.adapters.blob_account import EmulatorAccount
from shared.adapters.blob_memory import MemoryBlobStore
from shared.adapters.blob_storage import AzureBlobStore
from shared.adapters.render_child import RenderChildren, _Child
from shared.clock import SystemClock
from shared.errors import InvalidParameters, StorageError
from shared.jobs.cancel import cancel_job
from shared.jobs.run import run_job
from shared.jobs.status import find_job
from shared.ports import Services
from shared.rendering._thumbnails import placeholder
from shared.wiring import in_memory
from tests.chaos.processes import children_of, eventually
from tests.jobs import blob_names, files, run, submitted, with_settings
from tests.pictures import photo, seen, turned
from tests.world import World, request

EMBED = {"format": "xlsx", "includePhotos": True, "photoFormat": "embed"}
REPORTS = ("call-details", "call-details-fsp", "call-type-specific", "call-details-activity")
UPRIGHT = ["red", "green", "blue", "yellow"]
PROMISE = 2.0  # seconds within which a cancelled render has ended
PHOTO = photo()


class Photos(MemoryBlobStore):
    """A store of photos that notes what is read, and waits with every answer until it may give one."""

    def __init__(self) -> None:
        super().__init__(SystemClock(), "photos")
        self.asked: list[str] = []
        self.gives_links = False  # also where it is out of reach, for its key is known
        self.may_answer, self.is_asked = threading.Event(), threading.Event()
        self.may_answer.set()

    def read(self, name: str, max_bytes: int) -> bytes:
        """As the twin does it, after a while."""
        self.asked.append(name)
        self.is_asked.set()
        self.may_answer.wait(30)
        if not self.reachable:
            raise StorageError
        return super().read(name, max_bytes)

    def ping(self) -> None:
        """Silent where it is reachable."""
        if not self.gives_links:
            super().ping()

    def put(self, name: str, content: bytes = PHOTO) -> None:
        """Stores a photo."""
        self.upload(name, io.BytesIO(content), "image/jpeg")


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RenderChildren]:
    """Children that the tests share."""
    made = RenderChildren(in_memory(tmp_path_factory.mktemp("children")).settings)
    yield made
    made.close()


@pytest.fixture(name="store")
def _store() -> Iterator[Photos]:
    made = Photos()
    yield made
    made.may_answer.set()


@pytest.fixture(name="here")
def _here(migrated_sqlite_url: str, tmp_path: Path, store: Photos) -> Iterator[Services]:
    """Services that render in the caller, with a folder for files being made."""
    made = in_memory(tmp_path, database_url=migrated_sqlite_url, work_directory=tmp_path / "work")
    yield replace(made, photos=store)
    made.close()


@pytest.fixture(name="world")
def _world(here: Services) -> World:
    return World(here)


@pytest.fixture(name="there")
def _there(here: Services, children: RenderChildren) -> Services:
    """The same with render children."""
    return replace(here, render=children)


def _asked(report: str = "call-details-fsp", **output: Any) -> dict[str, Any]:
    params = {"selectedCallType": "swap"} if report == "call-type-specific" else {}
    return request(report, params=params, output={**EMBED, **output})


def _pictures(services: Services, blob_name: str, sheet: str = "Photos") -> list[bytes]:
    """The thumbnails on the sheet, in their order."""
    found = load_workbook(io.BytesIO(files(services).read(blob_name, 10**7)))[sheet]
    return [bytes(image._data()) for image in cast("Any", found)._images]


def _info(services: Services, blob_name: str) -> dict[str, str]:
    book = load_workbook(io.BytesIO(files(services).read(blob_name, 10**7)))
    return {str(item): str(value) for item, value in book["Export Info"].iter_rows(values_only=True)}


def _left(services: Services) -> list[str]:
    """What lies in the folder of files being made."""
    base = services.settings.work_directory
    assert base is not None
    return [str(path.relative_to(base)) for path in base.rglob("*") if path.name != "reporting-jobs"]


def _call_with(world: World, *names: str, **values: Any) -> str:
    call = world.call(values.pop("bank", None) or world.bank(), **values)
    for name in names:
        world.photo(call, name)
    return call


@pytest.mark.parametrize("report", REPORTS)
def test_child_embeds_what_the_caller_embeds(
    here: Services, world: World, children: RenderChildren, store: Photos, report: str
) -> None:
    """The child, which has no key to storage, makes the pictures that the caller makes, upright and in order."""
    there = replace(here, render=children)
    store.put("b/1.jpg", turned(6))
    store.put("b/2.jpg", photo(300, 600))
    _call_with(world, "b/1.jpg", "b/2.jpg", "b/gone.jpg", call_number="C-1", type="swap")
    sheet = "Photo Thumbnails" if report == "call-details-activity" else "Photos"
    rows = [run(each, submitted(each, world, "", _asked(report))) for each in (here, there)]
    assert [row.status for row in rows] == ["completed"] * 2
    own, childs = (_pictures(here, row.blob_name, sheet) for row in rows)
    assert own == childs
    assert [seen(picture) for picture in own[:2]] == [((160, 120), UPRIGHT), ((80, 160), UPRIGHT)]
    assert own[2] == placeholder().data
    for row in rows:
        told = _info(here, row.blob_name)
        assert (told[f"Rows: {sheet}"], told["Photos missing, broken or too large"]) == ("3", "1")
    assert _left(here) == []


def test_real_storage(here: Services, world: World, children: RenderChildren, azurite: AzuriteServer) -> None:
    """From a storage account, small and large photos, and none where there is none."""
    store = AzureBlobStore(EmulatorAccount(azurite.connection_string), "photos-to-embed", SystemClock())
    there = replace(here, photos=store, render=children)
    large = photo(2_400, 1_600, kind="PNG", compress_level=0)
    for name, content in (("a.jpg", PHOTO), ("large.png", large)):
        store.upload(name, io.BytesIO(content), "image/jpeg")
    _call_with(world, "a.jpg", "gone.jpg", "large.png")
    row = run(there, submitted(there, world, "", _asked()))
    shown = [picture != placeholder().data for picture in _pictures(here, row.blob_name)]
    assert (row.status, shown) == ("completed", [True, False, True])


def test_only_photos_of_the_caller_s_rows_are_asked_for(there: Services, world: World, store: Photos) -> None:
    """Another bank's photos, and names that no blob can have, never reach storage; a foreign format asks for none."""
    bank = world.bank()
    _call_with(world, "ours.jpg", "../secret.jpg", "a//b.jpg", bank=bank)
    _call_with(world, "theirs.jpg")
    admin = world.person("bank_admin", bank)
    row = run(there, submitted(there, world, admin, _asked()))
    assert (row.status, store.asked) == ("completed", ["ours.jpg"])
    assert len(_pictures(there, row.blob_name)) == 3
    run(there, submitted(there, world, admin, _asked(format="csv")))
    run(there, submitted(there, world, admin, _asked(photoFormat="link")))
    run(there, submitted(there, world, admin, _asked(includePhotos=False)))
    assert store.asked == ["ours.jpg"]


def test_large_photos_stay_in_storage(there: Services, world: World, store: Photos) -> None:
    """A photo over the setting is not brought to the child: a placeholder stands for it."""
    store.put("large.jpg", PHOTO + bytes(1 << 20))
    _call_with(world, "large.jpg")
    limited = with_settings(there, photo_max_mib=1)
    row = run(limited, submitted(limited, world, "", _asked()))
    assert _pictures(there, row.blob_name) == [placeholder().data]
    row = run(there, submitted(there, world, "", _asked()))
    assert seen(_pictures(there, row.blob_name)[0])[1] == UPRIGHT


def test_messages_hold_no_picture(
    there: Services, world: World, store: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is told which photos lie in its folder, never where storage is or how to get there."""
    sent: list[dict[str, Any]] = []
    send = _Child.send

    def recording(child: _Child, message: dict[str, Any]) -> None:
        sent.append(message)
        send(child, message)

    monkeypatch.setattr(_Child, "send", recording)
    names = [f"p/{number:02}.jpg" for number in range(20)]
    for name in names:
        store.put(name)
    _call_with(world, *names, "p/99.jpg")
    run(there, submitted(there, world, "", _asked()))
    (_link,), *told = [message["answer"] for message in sent if "answer" in message]
    assert told == [[True] * 16, [True] * 4 + [False]]
    assert sorted(store.asked) == [*names, "p/99.jpg"]


@pytest.mark.parametrize("at", ["links", "photos"])
def test_storage_away(there: Services, world: World, children: RenderChildren, store: Photos, at: str) -> None:
    """Storage out of reach is not passed off as missing photos: the job is tried again, and the child lives on."""
    _call_with(world, "a.jpg")
    store.put("a.jpg")
    children.warm()
    before, store.reachable, store.gives_links = _my_children(), False, at == "photos"
    row = run(there, submitted(there, world, "", _asked()))
    assert (row.status, row.attempt, row.blob_name) == ("queued", 1, None)
    assert _left(there) == []
    assert _my_children() == before
    store.reachable = True
    assert run(there, submitted(there, world, "", _asked())).status == "completed"


def _my_children() -> set[int]:
    found = children_of(os.getpid())
    return {each for each in found if b"shared.child" in Path(f"/proc/{each}/cmdline").read_bytes()}


def _while_photos_are_read(services: Services, world: World, store: Photos, act: Callable[[str, str], None]) -> float:
    """Does something to a job whose photos storage is slow to give; seconds until the worker is free again."""
    subject = world.person()
    _call_with(world, *[f"{number}.jpg" for number in range(20)])
    for number in range(20):
        store.put(f"{number}.jpg")
    store.may_answer.clear()
    job_id = submitted(services, world, subject, _asked())
    worker = threading.Thread(target=lambda: asyncio.run(run_job(services, job_id)))
    worker.start()
    assert store.is_asked.wait(20)
    began = time.monotonic()
    act(job_id, subject)
    worker.join()
    return time.monotonic() - began


def test_cancel_while_photos_are_read(there: Services, world: World, children: RenderChildren, store: Photos) -> None:
    """The worker is free within 2 s though storage has not answered; no file is left, later either; the child lives."""
    children.warm()
    before = _my_children()

    def cancel(job_id: str, subject: str) -> None:
        cancel_job(there, world.caller(subject), job_id)

    assert _while_photos_are_read(there, world, store, cancel) < PROMISE
    store.may_answer.set()
    time.sleep(0.2)  # for the threads that waited for storage
    assert _left(there) == []
    assert blob_names(there) == []
    assert _my_children() == before
    row = run(there, submitted(there, world, "", _asked()))
    assert (row.status, len(_pictures(there, row.blob_name))) == ("completed", 20)


def test_killed_child_leaves_no_photos(there: Services, world: World, children: RenderChildren, store: Photos) -> None:
    """When the child is killed while photos come, the attempt ends, and they go with its folder."""
    children.warm()

    def kill(job_id: str, subject: str) -> None:
        del job_id, subject
        store.may_answer.set()
        for child in _my_children():
            os.kill(child, signal.SIGKILL)

    _while_photos_are_read(there, world, store, kill)
    eventually("nothing is left", lambda: _left(there) == [], 2)
    assert blob_names(there) == []


def test_every_sheet_as_csv(there: Services, world: World) -> None:
    """The file is a zip in name, type and content, also of a report whose main table comes as several."""
    for name in ("Alpha", "Beta"):
        world.call(world.bank(name))
    subject, wanted = world.person(), {"params": {"fspFormat": "custom"}}
    with pytest.raises(InvalidParameters) as refused:
        submitted(there, world, subject, request("call-details-fsp", **wanted))
    assert "csvSheets" in str(refused.value.details)
    job_id = submitted(there, world, subject, request("call-details-fsp", **wanted, output={"csvSheets": "all"}))
    row, caller = run(there, job_id), world.caller(subject)
    told = find_job(there, caller.principal, job_id).answer(there, caller)
    assert (told["status"], told["rowCount"]) == ("completed", 2)
    assert told["filename"] == f"call-details-fsp_2026-03-10_2026-03-10_{job_id[-6:]}.zip"
    got = files(there).fetch(told["downloadUrl"], SystemClock().now())
    assert (got.content_type, told["filename"] in got.disposition) == ("application/zip", True)
    with ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.namelist() == ["01 Alpha.csv", "02 Beta.csv", "03 Export Info.csv", "manifest.json"]
        told = json.loads(archive.read("manifest.json"))
        assert [file["rows"] for file in told["files"][:2]] == [1, 1]
        for file in told["files"]:
            assert hashlib.sha256(archive.read(file["name"])).hexdigest() == file["sha256"]
    assert row.output_config["format"] == "csv"
