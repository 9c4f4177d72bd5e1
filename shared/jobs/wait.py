"""Requests that wait for their file: any number of waiters, one poller, one query a round; holds no thread."""

import asyncio
from collections import defaultdict

from sqlalchemy import select

from shared.errors import ReportingError
from shared.jobs.states import TERMINAL
from shared.jobs.store import job
from shared.ports import Services
from shared.tables import InJsonList

_ROUND_SECONDS = 0.1


class WaitingRoom:
    """The waiters of one process, at most `max_waiters`; a request that finds no seat gets its 202 at once."""

    def __init__(self, services: Services) -> None:
        """Starts empty; the poller runs only while somebody waits."""
        self._services = services
        self._seats: dict[str, list[asyncio.Future[bool]]] = defaultdict(list)
        self._poller: asyncio.Task[None] | None = None

    async def wait(self, job_id: str, seconds: float) -> bool:
        """Whether the job ended within so many seconds; False at once where no seat is free."""
        if seconds <= 0 or sum(map(len, self._seats.values())) >= self._services.settings.max_waiters:
            return False
        seat: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._seats[job_id].append(seat)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            return await asyncio.wait_for(seat, seconds)
        except TimeoutError:
            return False
        finally:
            self._leave(job_id, seat)

    def _leave(self, job_id: str, seat: asyncio.Future[bool]) -> None:
        seats = self._seats[job_id]
        if seat in seats:
            seats.remove(seat)
        if not seats:
            del self._seats[job_id]

    async def _poll(self) -> None:
        while self._seats:
            try:
                ended = await asyncio.to_thread(self._ended, list(self._seats))
            except ReportingError as error:
                self._release(list(self._seats), error)
                return
            self._release(ended, None)
            await asyncio.sleep(_ROUND_SECONDS)

    def _ended(self, job_ids: list[str]) -> list[str]:
        over = select(job.job_id).where(InJsonList(job.job_id, job_ids), job.status.in_(sorted(TERMINAL)))
        with self._services.reporting.read() as connection:
            return list(connection.execute(over).scalars())

    def _release(self, job_ids: list[str], error: Exception | None) -> None:
        seats = [seat for job_id in job_ids for seat in self._seats.get(job_id, []) if not seat.done()]
        for seat in seats:
            if error is None:
                seat.set_result(True)
            else:
                seat.set_exception(error)
