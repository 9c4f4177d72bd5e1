"""Rate limits: how many reports and previews one person, and one address, may ask for in an hour.

Counted in the database within the transaction that writes what is counted, so that a thousand requests at once pass
exactly the limit. Requests that are refused leave nothing and do not count.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from shared.clock import Clock, new_id
from shared.errors import RateLimitExceeded
from shared.settings import Settings
from shared.tables import preview_requests, rate_gates, report_jobs, utc_now, utc_now_plus

WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class _Limit:
    """At most `count` rows under a condition within the window; `gate` serialises those who count them."""

    name: str
    gate: str
    count: int
    table: Table
    at: ColumnElement[datetime]
    condition: ColumnElement[bool]


def admit_report(connection: Connection, settings: Settings, subject: str, address: str | None) -> None:
    """Passes where a job of this person, from this address, may be written in this transaction.

    Raises:
        RateLimitExceeded: with the seconds until the oldest one counted leaves the window.

    """
    for limit in _report_limits(settings, subject, address):  # always the person's gate first: no waiting in a circle
        _hold(connection, limit.gate)
        _count(connection, limit)


def check_report(connection: Connection, settings: Settings, subject: str, address: str | None) -> None:
    """As `admit_report`, but only for now: it holds no gate, so others may pass meanwhile."""
    for limit in _report_limits(settings, subject, address):
        _count(connection, limit)


def hold_person(connection: Connection, subject: str) -> None:
    """Lets nobody else count or change what this person has, until the transaction ends."""
    _hold(connection, f"user:{subject}")


def _report_limits(settings: Settings, subject: str, address: str | None) -> list[_Limit]:
    job = report_jobs.c
    by_http = job.requested_via == "http"  # schedules and queue messages are exempt
    of_user = by_http & (job.requested_by == subject)
    limits = [_Limit("user", f"user:{subject}", settings.reports_per_user, report_jobs, job.created_at, of_user)]
    if address is not None:
        of_address = by_http & (job.requested_address == address)
        gate, count = f"addr:{address}", settings.reports_per_address
        limits.append(_Limit("address", gate, count, report_jobs, job.created_at, of_address))
    return limits


def admit_preview(connection: Connection, clock: Clock, settings: Settings, subject: str) -> None:
    """Passes, and counts, where this person may have one more preview; raises `RateLimitExceeded`."""
    asked = preview_requests.c
    limit = _Limit(
        *("user", f"preview:{subject}", settings.previews_per_user, preview_requests),
        *(asked.at, asked.requested_by == subject),
    )
    _hold(connection, limit.gate)
    _count(connection, limit)
    connection.execute(
        insert(preview_requests).values(id=new_id("pre", clock.now()), requested_by=subject, at=utc_now())
    )


def forget_previews(connection: Connection) -> None:
    """Removes previews and gates that no limit counts or holds any more."""
    old = utc_now_plus(-2 * WINDOW.total_seconds())
    connection.execute(delete(rate_gates).where(rate_gates.c.passed_at < old))
    connection.execute(
        delete(preview_requests).where(preview_requests.c.at < utc_now_plus(-2 * WINDOW.total_seconds()))
    )


def make_gates(connection: Connection, subject: str, address: str | None) -> None:
    """Makes the gates that are missing, in a transaction before the one that counts; two at once make one."""
    names = [f"user:{subject}", f"preview:{subject}", *([f"addr:{address}"] if address else [])]
    for gate in names:
        if connection.execute(select(rate_gates.c.gate).where(rate_gates.c.gate == gate)).first() is None:
            try:
                with connection.begin_nested():
                    connection.execute(insert(rate_gates).values(gate=gate, passed_at=utc_now()))
            except IntegrityError:
                continue


def _hold(connection: Connection, gate: str) -> None:
    held = connection.execute(update(rate_gates).where(rate_gates.c.gate == gate).values(passed_at=utc_now()))
    if held.rowcount != 1:  # swept between its making and now
        connection.execute(insert(rate_gates).values(gate=gate, passed_at=utc_now()))


def _count(connection: Connection, limit: _Limit) -> None:
    recent = limit.at > utc_now_plus(-WINDOW.total_seconds())
    columns: tuple[ColumnElement[Any], ...] = (limit.at.label("at"), utc_now().label("now"))
    newest = select(*columns).where(limit.condition, recent).order_by(limit.at.desc()).limit(limit.count)
    counted = connection.execute(newest.select_from(limit.table)).all()
    if len(counted) >= limit.count:
        left = counted[-1].at + WINDOW - counted[-1].now
        raise RateLimitExceeded(
            details={"limit": limit.count, "per": limit.name, "windowSeconds": int(WINDOW.total_seconds())},
            retry_after=max(1, ceil(left.total_seconds())),
        )
