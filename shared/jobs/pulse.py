"""The heartbeat of one claim: a thread that renews the lease, writes progress, and stops work that is not wanted.

It is the `Meter` of the render; it never touches the report's own connection except to cancel its statement.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from shared.errors import ClaimLost, ExportFailed, ReportingError
from shared.jobs import store
from shared.jobs.states import Phase
from shared.ports import Services

_PROGRESS_EVERY = timedelta(seconds=1)  # at most one write a second, and none when nothing moved


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
        self._began = services.clock.monotonic()

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
        interval = min(_PROGRESS_EVERY, self._services.settings.heartbeat).total_seconds()
        written, beaten = self._state(), self._began
        while not self._stopped.wait(interval):
            now = self._services.clock.monotonic()
            if now - self._began > self._services.settings.job_budget.total_seconds():
                self._stop(
                    ExportFailed("The file took longer than the time allowed.", details={"reason": "time budget"})
                )
                return
            if self._state() != written or now - beaten >= self._services.settings.heartbeat.total_seconds():
                written, beaten = self._state(), now
                if not self._beat():
                    self._stop(ClaimLost())
                    return

    def _state(self) -> tuple[Phase, int, int | None]:
        return self._phase, self._rows_done, self._rows_total

    def _beat(self) -> bool:
        """False only when the database says that the claim is lost; a lost database says nothing."""
        try:
            with self._services.reporting.transaction() as connection:
                rows = (self._rows_done, self._rows_total)
                return store.beat(connection, self._held, self._services.settings.lease, self._phase, rows)
        except ReportingError:
            return True

    def _stop(self, reason: Exception) -> None:
        self._reason = reason
        self._cancel()
