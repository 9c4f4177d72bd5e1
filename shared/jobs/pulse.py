"""The heartbeat of one claim: a thread that renews the lease, writes progress, and stops work that is not wanted.

It is the `Meter` of the render; it never touches the report's own connection except to cancel its statement.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import ClaimLost, ExportFailed, JobCancelled, ReportingError
from shared.jobs import store
from shared.jobs.states import Phase
from shared.ports import Services

_LOOK = 0.5  # seconds between two looks for a cancel: with the kill of a render it has to be over within 2
_WRITE = 1.0  # seconds between two writes of progress, at least


class Pulse:
    """A context in which the claim stays alive. `advance` raises once the work is not wanted any more."""

    def __init__(self, services: Services, held: store.Claim) -> None:
        """Takes the claim to keep alive."""
        self._services, self._held = services, held
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pulse-{held.job_id}", daemon=True)
        self._cancel: Callable[[], None] = lambda: None
        self._reason: Exception | None = None
        self._phase, self._rows_done, self._rows_total = Phase.QUERYING, 0, held.row.rows_total
        self._began = self._beaten = services.clock.monotonic()
        self._written = self._state

    def __enter__(self) -> Self:
        """Starts the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the thread and waits for its last statement."""
        self._stopped.set()
        self._thread.join()

    @property
    def reason(self) -> Exception | None:
        """Why the work had to stop, if it had to: what a cancelled statement's own error hides."""
        return self._reason

    def begin(self, rows_total: int | None, cancel: Callable[[], None]) -> None:
        """The document is built or about to be; `cancel` stops a running statement."""
        self._cancel = cancel
        if rows_total is not None:
            self._phase, self._rows_total = Phase.RENDERING, rows_total
        self.advance(0)

    def advance(self, rows: int) -> None:
        """More rows are drawn."""
        self._rows_done += rows
        if self._reason is not None:
            raise self._reason

    def enter(self, phase: Phase) -> None:
        """The job is in another phase now."""
        self._phase = phase
        self.advance(0)

    def _run(self) -> None:
        settings = self._services.settings
        interval = min(_LOOK, settings.heartbeat.total_seconds())
        while not self._stopped.wait(interval) and self._reason is None:
            if self._now() - self._began > settings.job_budget.total_seconds():
                self._stop(
                    ExportFailed("The file took longer than the time allowed.", details={"reason": "time budget"})
                )
            elif not self._is_wanted():
                return

    def _is_wanted(self) -> bool:
        """One look: with a write where the lease or the progress is due, else without. A lost database says nothing."""
        since = self._now() - self._beaten
        is_due = since >= self._services.settings.heartbeat.total_seconds()
        has_moved = since >= _WRITE and self._state != self._written
        database = self._services.reporting
        try:
            with database.transaction() if is_due or has_moved else database.read() as connection:
                if is_due or has_moved:
                    self._write(connection)
                wish = store.wish(connection, self._held)
        except ReportingError:
            return True
        except SQLAlchemyError as error:  # a fault of ours: the attempt must not go on without a heartbeat
            self._stop(error)
            return False
        if wish is store.Wish.GO_ON:
            return True
        self._stop(JobCancelled() if wish is store.Wish.CANCEL else ClaimLost())
        return False

    def _write(self, connection: Connection) -> None:
        self._written, self._beaten = self._state, self._now()
        phase, done, total = self._written
        store.beat(connection, self._held, self._services.settings.lease, phase, (done, total))

    @property
    def _state(self) -> tuple[Phase, int, int | None]:
        return self._phase, self._rows_done, self._rows_total

    def _now(self) -> float:
        return self._services.clock.monotonic()

    def _stop(self, reason: Exception) -> None:
        self._reason = reason
        self._cancel()
