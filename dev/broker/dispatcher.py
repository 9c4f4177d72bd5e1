"""Hands an entity's messages to the receivers that ask for them, and wakes at its next deadline; never ticks."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from dev.broker.namespace import Entity
from dev.broker.store import Delivery, Store

Clock = Callable[[], float]


class Receiver(Protocol):
    """A link that messages go out on."""

    @property
    def is_ready(self) -> bool:
        """Whether it takes a message now."""
        ...

    @property
    def takes_locked(self) -> bool:
        """Whether it settles what it gets (peek-lock), or takes it for good (receive-and-delete)."""
        ...

    def deliver(self, delivery: Delivery, store: Store) -> None:
        """Sends the message."""
        ...


class Dispatcher:
    """The clockwork of an entity; to be used in the thread of its event loop only."""

    def __init__(self, entity: Entity, clock: Clock) -> None:
        """Takes a clock that tells seconds since 1970."""
        self.entity, self.clock = entity, clock
        self._receivers: deque[Receiver] = deque()
        self._awake, self._stopped = False, False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0
        for part in entity.parts:
            part.on_change = self.wake

    def add(self, receiver: Receiver) -> None:
        """Lets a link receive."""
        self._receivers.append(receiver)

    def remove(self, receiver: Receiver) -> None:
        """Forgets a link, if it is here."""
        if receiver in self._receivers:
            self._receivers.remove(receiver)

    def wake(self) -> None:
        """Looks at messages, receivers and deadlines again, once, as soon as the event loop comes to it."""
        if not self._awake:
            self._awake = True
            asyncio.get_running_loop().call_soon(self.work)

    def stop(self) -> None:
        """Ends all work; there is no way back."""
        self._stopped = True
        if self._alarm is not None:
            self._alarm.cancel()

    def work(self) -> None:
        """Does at once what there is to do."""
        self._awake = False
        if self._stopped:
            return
        now = self.clock()
        for part in self.entity.parts:
            part.advance(now)
        if self.entity.store is not None:
            self._hand_out(self.entity.store, now)
        self._set_alarm(now)

    def _hand_out(self, store: Store, now: float) -> None:
        while not store.is_empty and (receiver := self._next_ready()) is not None:
            delivery = store.take(now, locked=receiver.takes_locked)
            if delivery is not None:
                receiver.deliver(delivery, store)

    def _next_ready(self) -> Receiver | None:
        """The links take turns."""
        for _ in range(len(self._receivers)):
            self._receivers.rotate(-1)
            if self._receivers[-1].is_ready:
                return self._receivers[-1]
        return None

    def _set_alarm(self, now: float) -> None:
        """An alarm that comes too early does no harm, so only an earlier deadline moves it."""
        due = min(filter(None, (part.next_deadline() for part in self.entity.parts)), default=None)
        if due is None or (self._alarm is not None and self._alarm_at <= due):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm_at = due
        self._alarm = asyncio.get_running_loop().call_later(max(due - now, 0.0), self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.wake()
