"""The photo evidence of one call as the web page shows it: links of minutes after the bank check; opens no picture."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from shared.access.audit import Deed, record
from shared.access.scope import BankScope
from shared.errors import NotFound, Unauthorized
from shared.jobs.submit import Caller
from shared.ports import LinkRequest, Services, is_blob_name
from shared.tables import calls, photos

LINK_LIFETIME = timedelta(minutes=10)  # long enough to look through a call's pictures, too short to pass links on
MOST_SHOWN = 200  # pictures of one call in an answer

_UNKNOWN = "There is no such photo, or it is not yours."
Photo = Any  # a row with the columns that `_photos_of_the_call` reads


def photo_answer(services: Services, caller: Caller, photo_id: str) -> dict[str, Any]:
    """The body of the answer: a link to the photo, and links to the others of its call, in order of their names.

    A photo whose name no blob can have comes without a link; a blob that is missing shows itself when it is opened.

    Raises:
        Unauthorized: the caller's role sees no call at all.
        NotFound: there is no such photo, or it is of a call of another bank.
        StorageError: storage gives no key to sign links with.

    """
    scope = caller.principal.bank_scope
    if scope is None:
        raise Unauthorized
    identity = _required_id(photo_id)
    found = _photos_of_the_call(services, scope, identity)
    place = next(index for index, photo in enumerate(found) if photo.id == identity)
    shown, expires_at = _around(found, place), services.clock.now() + LINK_LIFETIME
    urls = _signed(services, shown, expires_at)
    _record(services, caller, found[place], len(urls))
    return {
        "success": True,
        **_link(urls.get(identity)),
        "expiresAt": _text(expires_at),
        "callNumber": found[place].call_number,
        "photoCount": len(found),
        "photos": [_told(photo, urls.get(photo.id)) for photo in shown],
    }


def _required_id(photo_id: str) -> str:
    try:
        return str(UUID(photo_id))
    except ValueError:
        raise NotFound(_UNKNOWN) from None


def _photos_of_the_call(services: Services, scope: BankScope, photo_id: str) -> Sequence[Photo]:
    """All photos of the call that has this one, where the scope holds the call; raises `NotFound`."""
    photo, call, asked = photos.c, calls.c, photos.alias("asked")
    statement = (
        select(photo.id, photo.storage_path, photo.kind, photo.taken_at, call.call_number)
        .join(calls, call.id == photo.call_id)
        .join(asked, asked.c.call_id == photo.call_id)
        .where(asked.c.id == photo_id, scope.predicate(call.client_bank))
    )
    with services.costar.read() as connection:
        found = connection.execute(statement).all()
    if not found:
        raise NotFound(_UNKNOWN)
    return sorted(found, key=lambda each: (each.storage_path, each.id))


def _around(found: Sequence[Photo], place: int) -> Sequence[Photo]:
    """At most `MOST_SHOWN` of the photos: the one at `place`, and those before and after it."""
    first = max(0, min(place - MOST_SHOWN // 2, len(found) - MOST_SHOWN))
    return found[first : first + MOST_SHOWN]


def _signed(services: Services, shown: Sequence[Photo], expires_at: datetime) -> Mapping[str, str]:
    """Links by the photos' ids, without those whose name no blob can have."""
    linkable = [photo for photo in shown if is_blob_name(photo.storage_path)]
    links = services.photos.sign([LinkRequest(photo.storage_path) for photo in linkable], expires_at)
    return {photo.id: link for photo, link in zip(linkable, links, strict=True)}


def _record(services: Services, caller: Caller, photo: Photo, links: int) -> None:
    details = {"callNumber": photo.call_number, "links": links}
    with services.reporting.transaction() as connection:
        deed = Deed(caller.principal.subject, "photo_links_issued", photo.id, "ok", caller.address, details)
        record(connection, services.clock, deed)


def _told(photo: Photo, url: str | None) -> dict[str, Any]:
    taken = {} if photo.taken_at is None else {"takenAt": _text(photo.taken_at)}
    return {"id": photo.id, "kind": photo.kind, **taken, **_link(url)}


def _link(url: str | None) -> dict[str, str]:
    return {} if url is None else {"url": url}


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
