"""What both blob stores agree on: accepted names, how long a link may live, download headers; touches no storage."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from shared.errors import NotFound
from shared.ports import is_blob_name

LONGEST_LINK = timedelta(days=7) - timedelta(hours=1)  # a user delegation key lives seven days, clocks differ a little

_LONGEST_FILE_NAME = 150
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DISGUISING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # they can show gpj.exe as exe.jpg
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9 ._()+,=@-]")


def required_blob_name(name: str) -> str:
    """The name itself; raises `NotFound` where no blob can have it."""
    if not is_blob_name(name):
        raise NotFound("There is no file of this name.")
    return name


def link_expiry(expires_at: datetime, now: datetime) -> datetime:
    """The instant in UTC; raises `ValueError` where it has no zone or lies further ahead than `LONGEST_LINK`."""
    if expires_at.tzinfo is None:
        raise ValueError("the expiry of a link needs a time zone")
    if expires_at - now > LONGEST_LINK:
        raise ValueError(f"a link can live for {LONGEST_LINK} at most")
    return expires_at.astimezone(UTC)


def content_disposition(file_name: str | None) -> str:
    """The header that saves a download as `file_name` (RFC 6266, UTF-8 by RFC 5987); None shows it in the browser."""
    if file_name is None:
        return "inline"
    name = _safe_file_name(file_name)
    return f"attachment; filename=\"{_NOT_PLAIN.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def _safe_file_name(name: str) -> str:
    """The name without control and disguising characters or folders; cut before its ending where it is too long."""
    cleaned = re.sub(r"[/\\]", "_", _DISGUISING.sub("", _UNSAFE.sub("", name))).strip(" .")
    stem, dot, ending = cleaned.rpartition(".")
    if len(cleaned) > _LONGEST_FILE_NAME:
        cleaned = f"{stem[: _LONGEST_FILE_NAME - len(ending) - 1]}{dot}{ending}"[:_LONGEST_FILE_NAME]
    return cleaned or "download"
