"""Telemetry: the event names, the fields an event may carry, and the log line each becomes; knows no exporter.

Every line holds a sentence for people and keys for machines. Persons appear only as a hash.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypedDict, Unpack


class Event(StrEnum):
    """What can happen; each value is the event's name in the logs."""

    REPORT_REQUESTED = "report_requested"
    REPORT_STARTED = "report_started"
    REPORT_COMPLETED = "report_completed"
    REPORT_FAILED = "report_failed"
    REPORT_CANCELLED = "report_cancelled"
    REPORT_RETRIED = "report_retried"
    UPLOAD_FAILED = "upload_failed"
    QUERY_TIMEOUT = "query_timeout"
    MAIL_ACCEPTED = "mail_accepted"
    MAIL_FAILED = "mail_failed"
    MAIL_UNKNOWN = "mail_unknown"
    SCHEDULE_FIRED = "schedule_fired"
    SCHEDULE_MISSED = "schedule_missed"
    SCHEDULE_PAUSED = "schedule_paused"
    ACCESS_REFUSED = "access_refused"
    DEADLETTER = "deadletter"
    TIMER_TICK = "timer_tick"


_SENTENCES: Mapping[Event, str] = {
    Event.REPORT_REQUESTED: "A report was requested.",
    Event.REPORT_STARTED: "A worker claimed the job and began.",
    Event.REPORT_COMPLETED: "The file is ready.",
    Event.REPORT_FAILED: "The job failed for good.",
    Event.REPORT_CANCELLED: "The job was cancelled.",
    Event.REPORT_RETRIED: "The job will be tried again.",
    Event.UPLOAD_FAILED: "The file could not be stored.",
    Event.QUERY_TIMEOUT: "A query passed its time limit.",
    Event.MAIL_ACCEPTED: "The mail server took the mail.",
    Event.MAIL_FAILED: "The mail was refused.",
    Event.MAIL_UNKNOWN: "Whether the mail was taken cannot be known.",
    Event.SCHEDULE_FIRED: "A schedule came due and made its jobs.",
    Event.SCHEDULE_MISSED: "An occurrence of a schedule was missed.",
    Event.SCHEDULE_PAUSED: "A schedule was paused.",
    Event.ACCESS_REFUSED: "A request was refused.",
    Event.DEADLETTER: "A message went to the dead-letter queue.",
    Event.TIMER_TICK: "The timer looked after the jobs.",
}


class Fields(TypedDict, total=False):
    """What an event may carry; `user` is a subject and is hashed on the way out, `metadata` holds nothing personal."""

    report_id: str
    job_id: str
    user: str
    duration: timedelta
    row_count: int
    file_size: int
    error_code: str
    metadata: Mapping[str, Any]


class Telemetry(Protocol):
    """Where events and faults go."""

    def event(self, event: Event, **fields: Unpack[Fields]) -> None:
        """Records that `event` happened."""
        ...

    def fault(self, error: BaseException, request_id: str) -> None:
        """Records an exception nobody expected, with its traceback, under the id the caller was given."""
        ...


class LogTelemetry:
    """Writes one structured line per event through the `write` function of a logger."""

    def __init__(self, write: Callable[..., object], fail: Callable[..., object]) -> None:
        """Takes the logger's functions for ordinary lines and for faults."""
        self._write, self._fail = write, fail

    def event(self, event: Event, **fields: Unpack[Fields]) -> None:
        """Writes the event's sentence and its machine keys."""
        self._write(_SENTENCES[event], action=event.value, **log_keys(fields))

    def fault(self, error: BaseException, request_id: str) -> None:
        """Writes the exception with its traceback."""
        self._fail("An unexpected error ended a request or a job.", exc_info=error, requestId=request_id)


class RecordedTelemetry:
    """Keeps events in a list: the twin of `LogTelemetry` for tests."""

    def __init__(self) -> None:
        """Starts empty."""
        self.events: list[tuple[Event, dict[str, Any]]] = []
        self.faults: list[BaseException] = []

    def event(self, event: Event, **fields: Unpack[Fields]) -> None:
        """Keeps the event as it would be logged."""
        self.events.append((event, log_keys(fields)))

    def fault(self, error: BaseException, request_id: str) -> None:
        """Keeps the exception."""
        del request_id
        self.faults.append(error)


def sentences() -> Mapping[Event, str]:
    """What each event says, for people."""
    return _SENTENCES


def structured_log() -> LogTelemetry:
    """The production telemetry: JSON lines on standard output, times in UTC; made at the first line."""

    @cache
    def logger() -> Any:
        return _json_logger()

    return LogTelemetry(
        lambda sentence, **keys: logger().info(sentence, **keys),
        lambda sentence, **keys: logger().error(sentence, **keys),
    )


def _json_logger() -> Any:
    import logging

    import structlog

    return structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def hashed_subject(subject: str) -> str:
    """A person in the logs: 16 hex digits that are the same for the same subject and tell nothing else."""
    return hashlib.sha256(f"subject:{subject}".encode()).hexdigest()[:16]


def log_keys(fields: Fields) -> dict[str, Any]:
    """The machine keys of a log line: camelCase names, duration in seconds, the user hashed."""
    keys: dict[str, Any] = {}
    for name, value in fields.items():
        head, *rest = name.split("_")
        keys[head + "".join(word.title() for word in rest)] = value
    if "user" in fields:
        keys["user"] = hashed_subject(fields["user"])
    if "duration" in fields:
        keys["duration"] = round(fields["duration"].total_seconds(), 3)
    return keys
