"""The queues under test: the job queue's port, and the receiving side that the Functions host has in production."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from shared.adapters.in_process_queue import DeadLetter, Delivery, InProcessQueue
from shared.clock import SystemClock


class QueueBench(Protocol):
    """What the conformance tests need of a queue, both ends of it."""

    async def send(self, job_id: str, delay: timedelta = timedelta(0)) -> None:
        """As the port."""
        ...

    async def ping(self) -> None:
        """As the port."""
        ...

    async def send_raw(self, body: bytes) -> None:
        """Sends bytes as a foreign sender could."""
        ...

    async def receive(self, wait: float) -> Delivery | None:
        """The next message, or None after `wait` seconds."""
        ...

    async def complete(self, delivery: Delivery) -> None:
        """Ends a message."""
        ...

    async def abandon(self, delivery: Delivery) -> None:
        """Gives a message back."""
        ...

    async def dead_letter(self, delivery: Delivery, reason: str, description: str) -> None:
        """Gives a message up."""
        ...

    async def dead_letters_now(self) -> Sequence[DeadLetter]:
        """The messages given up so far."""
        ...

    def cut_off(self) -> None:
        """Makes the queue unreachable."""
        ...


class InProcessBench(InProcessQueue):
    """The in-process queue."""

    def __init__(self) -> None:
        """Starts empty."""
        super().__init__(SystemClock())

    async def send_raw(self, body: bytes) -> None:
        """Puts the bytes."""
        self.put(body)

    async def dead_letters_now(self) -> Sequence[DeadLetter]:
        """A copy of the list."""
        return tuple(self.dead_letters)

    def cut_off(self) -> None:
        """Plays an outage."""
        self.reachable = False


QUEUES = (InProcessBench,)  # every queue adapter has its line here
