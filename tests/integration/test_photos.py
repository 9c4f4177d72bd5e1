"""The photo endpoint: links of minutes after the bank check, told to nobody else, with a line in the audit trail."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import select

from shared.adapters.blob_memory import MemoryBlobStore
from shared.errors import NotFound, StorageError, Unauthorized
from shared.photos import LINK_LIFETIME, MOST_SHOWN, photo_answer
from shared.ports import Services
from shared.tables import audit_log
from tests.world import MORNING, World


def _pictures(services: Services) -> MemoryBlobStore:
    return cast("MemoryBlobStore", services.photos)


def _audit(services: Services) -> Sequence[Any]:
    with services.reporting.read() as connection:
        return connection.execute(select(audit_log)).all()


def _ask(services: Services, world: World, subject: str, photo: str) -> dict[str, Any]:
    return photo_answer(services, world.caller(subject), photo)


def test_links_open_the_pictures_for_minutes(services: Services, world: World) -> None:
    """The link opens that picture in the browser, and not any more ten minutes later."""
    photo = world.photo(world.call(world.bank()), "calls/a.jpg", taken_at=MORNING)
    services.photos.upload("calls/a.jpg", io.BytesIO(b"picture"), "image/jpeg")
    now = services.clock.now()
    answer = _ask(services, world, world.person(), photo)
    shown = _pictures(services).fetch(answer["url"], now)
    assert (shown.content, shown.content_type, shown.disposition) == (b"picture", "image/jpeg", "inline")
    with pytest.raises(Unauthorized):
        _pictures(services).fetch(answer["url"], now + LINK_LIFETIME + timedelta(seconds=5))


def test_the_call_s_photos_come_in_order(services: Services, world: World) -> None:
    """All photos of the call and of no other, in order of their files' names, as reports link to the first of them."""
    call = world.call(world.bank(), call_number="CALL-1")
    last, first = world.photo(call, "b.jpg", taken_at=MORNING), world.photo(call, "a.jpg", kind="before")
    world.photo(world.call(), "other.jpg")
    answer = _ask(services, world, world.person(), last)
    assert [photo["id"] for photo in answer["photos"]] == [first, last]
    assert (answer["callNumber"], answer["photoCount"]) == ("CALL-1", 2)
    assert answer["url"] == answer["photos"][1]["url"] != answer["photos"][0]["url"]
    assert [photo.get("takenAt") for photo in answer["photos"]] == [None, "2026-03-10T04:30:00Z"]
    assert [photo["kind"] for photo in answer["photos"]] == ["before", "after"]


def test_foreign_and_unknown_photos_are_told_alike(services: Services, world: World) -> None:
    """Another bank's photo, one of a call without a bank, and one that nobody has give one answer and no audit line."""
    ours, theirs = world.bank(), world.bank()
    foreign = [world.photo(world.call(theirs)), world.photo(world.call(None))]
    sentences = set()
    for photo in (*foreign, str(uuid4()), "x", "'; drop table photos"):
        with pytest.raises(NotFound) as caught:
            _ask(services, world, world.person("bank_admin", ours), photo)
        sentences.add(str(caught.value))
    assert len(sentences) == 1
    assert _audit(services) == []
    assert all(_ask(services, world, world.person(), photo)["url"] for photo in foreign)


def test_only_who_may_run_reports_sees_photos(services: Services, world: World) -> None:
    """An account manager, who sees no call, is refused before anything is looked up."""
    with pytest.raises(Unauthorized):
        _ask(services, world, world.person("account_manager"), str(uuid4()))


def test_each_answer_leaves_an_audit_line(services: Services, world: World) -> None:
    """Who got links to which photos, from where; the trail holds no link."""
    bank = world.bank()
    photo, subject = world.photo(world.call(bank, call_number="CALL-1")), world.person("bank_admin", bank)
    _ask(services, world, subject, photo.upper())
    (line,) = _audit(services)
    assert (line.actor, line.action, line.target, line.outcome) == (subject, "photo_links_issued", photo, "ok")
    assert (line.actor_ip, line.details) == ("203.0.113.7", {"callNumber": "CALL-1", "links": 1})


def test_missing_and_impossible_files_are_harmless(services: Services, world: World) -> None:
    """A picture that is not in storage has a link that leads nowhere; a name that no file can have gets none."""
    call = world.call(world.bank())
    gone, impossible = world.photo(call, "a/gone.jpg"), world.photo(call, "b/../../secret.jpg")
    answer = _ask(services, world, world.person(), impossible)
    assert "url" not in answer
    assert [photo["id"] for photo in answer["photos"] if "url" in photo] == [gone]
    with pytest.raises(NotFound):
        _pictures(services).fetch(answer["photos"][0]["url"], services.clock.now())


def test_storage_away(services: Services, world: World) -> None:
    """Without storage there is no link, and no audit line of one."""
    photo, subject = world.photo(world.call(world.bank())), world.person()
    _pictures(services).reachable = False
    with pytest.raises(StorageError):
        _ask(services, world, subject, photo)
    assert _audit(services) == []


def test_a_call_with_very_many_photos_shows_the_neighbours(services: Services, world: World) -> None:
    """An answer lists 200 photos at most, the one that was asked for among them, and says how many there are."""
    call = world.call(world.bank())
    taken = [world.photo(call, f"{number:03}.jpg") for number in range(MOST_SHOWN + 20)]
    for place in (0, 150, MOST_SHOWN + 19):
        answer = _ask(services, world, world.person(), taken[place])
        shown = [photo["id"] for photo in answer["photos"]]
        assert len(shown) == MOST_SHOWN
        assert taken[place] in shown
        assert (shown == sorted(shown, key=taken.index), answer["photoCount"]) == (True, MOST_SHOWN + 20)
