"""The states of a job, its phases, and which change may follow which; pure."""

from collections.abc import Mapping
from enum import StrEnum


class Status(StrEnum):
    """Where a job is. The last three are terminal: nothing leaves them."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """What a job is doing, as its owner sees it."""

    QUEUED = "queued"
    QUERYING = "querying"
    RENDERING = "rendering"
    UPLOADING = "uploading"
    FINISHING = "finishing"
    DONE = "done"


TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.PROCESSING, Status.FAILED, Status.CANCELLED}),
    Status.PROCESSING: frozenset({Status.PROCESSING, Status.QUEUED, Status.COMPLETED, Status.FAILED, Status.CANCELLED}),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}
TERMINAL = frozenset(status for status, followers in TRANSITIONS.items() if not followers)

_RENDERING_FROM, _RENDERING_TO = 5, 90
_FIXED = {
    Phase.QUEUED: 0,
    Phase.QUERYING: 2,
    Phase.UPLOADING: 92,
    Phase.FINISHING: 98,
    Phase.DONE: 100,
}


def progress_of(phase: Phase, rows_done: int, rows_total: int | None) -> int:
    """Percent of the whole job, 0 to 100; within rendering it follows the rows."""
    if phase is not Phase.RENDERING:
        return _FIXED[phase]
    part = min(rows_done / rows_total, 1.0) if rows_total else 0.0
    return _RENDERING_FROM + int(part * (_RENDERING_TO - _RENDERING_FROM))
