"""The job queue inside one process: peek-lock, delays and dead letters as Service Bus has them; persists nothing."""

import asyncio
import heapq
import itertools
import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from shared.clock import Clock
from shared.errors import QueueUnavailable
from shared.ports import DeadMessage

MAX_DELIVERY_COUNT = 5


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message, held by its receiver until it is settled.

    `delivery_count` counts this delivery too; `lock_token` is what settles it, and no other delivery of the message.
    """

    message_id: str
    body: bytes
    delivery_count: int
    enqueued_at: datetime
    lock_token: str
    trace: str = ""


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up, and why."""

    message_id: str
    body: bytes
    delivery_count: int
    enqueued_at: datetime
    reason: str
    description: str


@dataclass(order=True)
class _Message:
    due: datetime
    sequence: int
    message_id: str = field(compare=False)
    body: bytes = field(compare=False)
    enqueued_at: datetime = field(compare=False)
    trace: str = field(default="", compare=False)
    deliveries: int = field(default=0, compare=False)


class InProcessQueue:
    """A queue of job messages, usable from any thread and any event loop; `reachable = False` plays an outage."""

    def __init__(self, clock: Clock, max_delivery_count: int = MAX_DELIVERY_COUNT) -> None:
        """Starts empty; a message that was abandoned `max_delivery_count` times becomes a dead letter."""
        self.reachable = True
        self.dead_letters: list[DeadLetter] = []
        self._clock, self._max_delivery_count = clock, max_delivery_count
        self._waiting: list[_Message] = []
        self._held: dict[str, _Message] = {}
        self._receivers: list[asyncio.Future[None]] = []
        self._sequence = itertools.count()
        self._lock = threading.Lock()

    async def send(self, job_id: str, delay: timedelta = timedelta(0), trace: str = "") -> None:
        """Queues `{"jobId": …}` under a new message id, visible after `delay`; raises `QueueUnavailable`."""
        await self.ping()
        self.put(json.dumps({"jobId": job_id}).encode(), delay, trace=trace)

    async def ping(self) -> None:
        """Returns while the queue is reachable, raises `QueueUnavailable` otherwise."""
        if not self.reachable:
            raise QueueUnavailable

    async def bury(self, handle: Callable[[DeadMessage], Awaitable[None]], limit: int) -> int:
        """Hands dead letters over and removes each once it is handled; how many."""
        await self.ping()
        letters = self.dead_letters[:limit]
        for letter in letters:
            await handle(DeadMessage(letter.message_id, letter.body, letter.reason, letter.description))
            with self._lock:
                self.dead_letters.remove(letter)
        return len(letters)

    async def close(self) -> None:
        """There is no link to give back."""

    def put(self, body: bytes, delay: timedelta = timedelta(0), message_id: str | None = None, trace: str = "") -> None:
        """Queues any bytes, whole or malformed, as a foreign sender could."""
        now = self._clock.now()
        message = _Message(now + delay, next(self._sequence), message_id or uuid4().hex, body, now, trace)
        with self._lock:
            heapq.heappush(self._waiting, message)
        self._wake()

    async def receive(self, wait: float) -> Delivery | None:
        """The next due message, held for this receiver; None when none comes within `wait` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            await self.ping()
            arrival = loop.create_future()
            with self._lock:
                if delivery := self._take():
                    return delivery
                self._receivers.append(arrival)
                pause = min(deadline - loop.time(), self._seconds_to_next())
            try:
                if deadline <= loop.time():
                    return None
                await asyncio.wait([arrival], timeout=pause)
            finally:
                with self._lock:
                    self._receivers.remove(arrival)

    async def complete(self, delivery: Delivery) -> None:
        """Ends the message: it is done. A delivery that was settled before raises `LookupError`."""
        self._release(delivery)

    async def abandon(self, delivery: Delivery) -> None:
        """Gives the message back at once; after the last allowed delivery it becomes a dead letter."""
        message = self._release(delivery)
        if message.deliveries >= self._max_delivery_count:
            self._bury(message, "MaxDeliveryCountExceeded", f"Not completed in {message.deliveries} deliveries.")
            return
        with self._lock:
            heapq.heappush(self._waiting, message)
        self._wake()

    async def dead_letter(self, delivery: Delivery, reason: str, description: str) -> None:
        """Gives the message up for the reason named."""
        self._bury(self._release(delivery), reason, description)

    @property
    def size(self) -> int:
        """Messages that are waiting, delayed or held; dead letters are not counted."""
        with self._lock:
            return len(self._waiting) + len(self._held)

    def _take(self) -> Delivery | None:
        if not self._waiting or self._waiting[0].due > self._clock.now():
            return None
        message, lock_token = heapq.heappop(self._waiting), uuid4().hex
        message.deliveries += 1
        self._held[lock_token] = message
        return Delivery(
            message.message_id, message.body, message.deliveries, message.enqueued_at, lock_token, message.trace
        )

    def _seconds_to_next(self) -> float:
        if not self._waiting:
            return float("inf")
        return (self._waiting[0].due - self._clock.now()).total_seconds()

    def _release(self, delivery: Delivery) -> _Message:
        with self._lock:
            if (message := self._held.pop(delivery.lock_token, None)) is None:
                raise LookupError("this delivery was settled before")
            return message

    def _bury(self, message: _Message, reason: str, description: str) -> None:
        letter = DeadLetter(
            message.message_id, message.body, message.deliveries, message.enqueued_at, reason, description
        )
        with self._lock:
            self.dead_letters.append(letter)

    def _wake(self) -> None:
        """Lets every waiting receiver look again, each in its own event loop."""
        with self._lock:
            for arrival in self._receivers:
                with suppress(RuntimeError):  # its loop was closed in mid-wait: nobody waits there any more
                    arrival.get_loop().call_soon_threadsafe(_arrive, arrival)


def _arrive(arrival: asyncio.Future[None]) -> None:
    if not arrival.done():
        arrival.set_result(None)
