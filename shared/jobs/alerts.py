"""Alerts: what an operator should look at, as rows of their own; sends nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import insert

from shared.clock import new_id
from shared.ports import Services
from shared.tables import alerts, utc_now


class Alert(StrEnum):
    """What it is about."""

    MALFORMED_MESSAGE = "malformed_message"
    POISON_JOB = "poison_job"


def raise_alert(services: Services, kind: Alert, subject: str, details: Mapping[str, Any]) -> None:
    """Writes the alert in a transaction of its own; details hold nothing personal."""
    with services.reporting.transaction() as connection:
        key = new_id("alert", services.clock.now())
        row = {"id": key, "at": utc_now(), "kind": kind.value, "subject": subject, "details": dict(details)}
        connection.execute(insert(alerts).values(row))
