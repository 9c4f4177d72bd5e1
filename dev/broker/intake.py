"""The sending side of a queue or topic: drops duplicates, keeps what is scheduled; knows no receiver."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from dev.broker.deadlines import Deadlines
from dev.broker.errors import message_not_found
from dev.broker.message import Message, State


class Intake:
    """What takes messages in; times are seconds since 1970.

    `accept(message, now)` puts a message where receivers find it; `number()` gives the next number of the entity;
    `on_change` is called when `next_deadline()` may have changed.
    """

    def __init__(
        self, window: timedelta | None, accept: Callable[[Message, float], None], number: Callable[[], int]
    ) -> None:
        """Takes how long message ids are remembered, None for not at all."""
        self.on_change: Callable[[], None] = lambda: None
        self._window = None if window is None else window.total_seconds()
        self._accept, self._number = accept, number
        self._seen: Deadlines[Any] = Deadlines()
        self._scheduled: dict[int, Message] = {}
        self._due: Deadlines[int] = Deadlines()

    def send(self, message: Message, now: float) -> int:
        """Takes a message and gives it a number; a duplicate gets one too, and is dropped."""
        message.sequence = self._number()
        if self._is_duplicate(message.message_id, now):
            return message.sequence
        if message.scheduled_for is not None and message.scheduled_for > now:
            message.state, message.enqueued_at = State.SCHEDULED, now
            self._scheduled[message.sequence] = message
            self._due.set(message.sequence, message.scheduled_for)
            self.on_change()
        else:
            self._accept(message, now)
        return message.sequence

    def cancel(self, numbers: Sequence[int]) -> None:
        """Takes scheduled messages back, all or none; raises `BrokerError` where one is not there any more."""
        for number in numbers:
            if number not in self._scheduled:
                raise message_not_found(number)
        for number in numbers:
            self._scheduled.pop(number, None)
            self._due.drop(number)

    def advance(self, now: float) -> None:
        """Accepts what is due; it gets a new number, as if it were sent now."""
        for number in self._due.pop_due(now):
            message = self._scheduled.pop(number)
            message.sequence, message.state = self._number(), State.ACTIVE
            self._accept(message, now)

    def next_deadline(self) -> float | None:
        """When `advance` has something to do."""
        return self._due.next()

    @property
    def scheduled(self) -> Sequence[Message]:
        """The messages that wait for their time."""
        return list(self._scheduled.values())

    def clear(self) -> None:
        """Forgets every message and every id."""
        self._scheduled.clear()
        self._due.clear()
        self._seen.clear()

    def _is_duplicate(self, message_id: Any, now: float) -> bool:
        if self._window is None:
            return False
        for _ in self._seen.pop_due(now):
            pass
        if message_id in self._seen:
            return True
        self._seen.set(message_id, now + self._window)
        return False
