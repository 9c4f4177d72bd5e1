"""The audit trail: who did what to which thing, from where, with what outcome; insert only."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from shared.clock import Clock, new_id
from shared.tables import audit_log, utc_now


@dataclass(frozen=True)
class Deed:
    """One line of the trail. `outcome` is `ok` or an error code; details hold nothing personal."""

    actor: str
    action: str
    target: str | None = None
    outcome: str = "ok"
    actor_ip: str | None = None
    details: dict[str, Any] | None = None


def record(connection: Connection, clock: Clock, deed: Deed) -> None:
    """Writes the line within the caller's transaction, so that deed and line stand or fall together."""
    connection.execute(
        insert(audit_log).values(
            id=new_id("aud", clock.now()),
            at=utc_now(),
            actor=deed.actor,
            actor_ip=deed.actor_ip,
            action=deed.action,
            target=deed.target,
            outcome=deed.outcome,
            details=deed.details,
        )
    )
