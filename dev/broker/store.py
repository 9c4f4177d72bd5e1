"""The receiving side of a queue, subscription or dead-letter queue: locks, deliveries, expiry; knows no receiver."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import NamedTuple
from uuid import UUID, uuid4

from dev.broker.config import Subscription
from dev.broker.deadlines import Deadlines
from dev.broker.errors import lock_lost, message_not_found
from dev.broker.message import Message, State

REASON, DESCRIPTION = "DeadLetterReason", "DeadLetterErrorDescription"


class Outcome(Enum):
    """What a receiver makes of a message; the values are the service's words in requests."""

    COMPLETED = "completed"
    ABANDONED = "abandoned"
    DEFERRED = "defered"
    DEAD_LETTERED = "suspended"
    RELEASED = "released"


class Delivery(NamedTuple):
    """A message in the hands of a receiver, until it is settled by its token or the lock runs out."""

    token: UUID
    message: Message
    locked_until: float | None = None

    def encoded(self) -> bytes:
        """What the receiver gets."""
        return self.message.encoded(self.locked_until)


class Store:
    """Messages that can be received, in the order of their numbers; times are seconds since 1970.

    `on_change` is called when there may be something to receive, or `next_deadline()` may have changed.
    """

    def __init__(
        self, rules: Subscription, dead_letters: "Store | None" = None, longest_life: timedelta | None = None
    ) -> None:
        """Takes the rules, where dead letters go (without that place no message is given up), and the longest life."""
        self.on_change: Callable[[], None] = lambda: None
        self.dead_letters = dead_letters
        self._lock_seconds = rules.lock_duration.total_seconds()
        self._max_deliveries = rules.max_delivery_count
        self._bury_expired = rules.dead_letter_expired
        self._longest_life = None if longest_life is None else longest_life.total_seconds()
        self._active: dict[int, Message] = {}
        self._order: list[int] = []
        self._deferred: dict[int, Message] = {}
        self._locked: dict[UUID, Message] = {}
        self._lock_ends: Deadlines[UUID] = Deadlines()
        self._expiries: Deadlines[int] = Deadlines()

    # -- in
    def add(self, message: Message, now: float) -> None:
        """Makes a message receivable; its life begins now."""
        message.enqueued_at = now
        message.limit_life(self._longest_life)
        self.put(message)

    def put(self, message: Message) -> None:
        """Makes a message receivable again, in its old place and with its old end of life."""
        (self._deferred if message.state is State.DEFERRED else self._active)[message.sequence] = message
        if message.state is not State.DEFERRED:
            heapq.heappush(self._order, message.sequence)
        if message.expires_at is not None:
            self._expiries.set(message.sequence, message.expires_at)
        self.on_change()

    # -- out
    def take(self, now: float, *, locked: bool) -> Delivery | None:
        """The next message, locked for the receiver or, for receive-and-delete, gone from here; None when empty."""
        while self._order:
            message = self._active.pop(heapq.heappop(self._order), None)
            if message is not None:
                return self._hand_out(message, now, locked=locked)
        return None

    def take_deferred(self, numbers: Sequence[int], now: float, *, locked: bool) -> list[Delivery]:
        """The deferred messages of these numbers, all or none; raises `BrokerError`."""
        for number in numbers:
            if number not in self._deferred:
                raise message_not_found(number)
        messages = [self._deferred.pop(number) for number in dict.fromkeys(numbers)]
        deliveries = [self._hand_out(message, now, locked=locked) for message in messages]
        self.on_change()
        return deliveries

    def _hand_out(self, message: Message, now: float, *, locked: bool) -> Delivery:
        self._expiries.drop(message.sequence)
        token = uuid4()
        if not locked:
            return Delivery(token, message)
        until = now + self._lock_seconds
        self._locked[token] = message
        self._lock_ends.set(token, until)
        return Delivery(token, message, until)

    def peek(self) -> list[Message]:
        """Every message here, locked and deferred ones too, by number."""
        messages = [*self._active.values(), *self._deferred.values(), *self._locked.values()]
        return sorted(messages, key=lambda message: message.sequence)

    # -- settlement
    def settle(self, token: UUID, outcome: Outcome, info: Mapping[str, str]) -> None:
        """Ends a delivery; `info` goes with a dead letter. Raises `BrokerError` when the lock is lost."""
        message = self._locked.pop(token, None)
        if message is None:
            raise lock_lost()
        self._lock_ends.drop(token)
        if outcome is Outcome.DEAD_LETTERED:
            self._bury(message, info)
        elif outcome is Outcome.ABANDONED:
            self._failed(message)
        elif outcome is Outcome.RELEASED:
            self.put(message)
        elif outcome is Outcome.DEFERRED:
            message.state = State.DEFERRED
            message.deliveries += 1
            self.put(message)

    def renew(self, tokens: Sequence[UUID], now: float) -> list[float]:
        """Locks held messages anew, all or none; gives the new ends. Raises `BrokerError`."""
        if any(token not in self._locked for token in tokens):
            raise lock_lost()
        until = now + self._lock_seconds
        for token in tokens:
            self._lock_ends.set(token, until)
        return [until] * len(tokens)

    def lose_locks(self) -> int:
        """Takes every held message back, as if its lock had run out; gives their number."""
        held = list(self._locked.values())
        self._locked.clear()
        self._lock_ends.clear()
        for message in held:
            self._failed(message)
        return len(held)

    def _failed(self, message: Message) -> None:
        message.deliveries += 1
        if message.deliveries >= self._max_deliveries:
            text = f"Message could not be consumed after {self._max_deliveries} delivery attempts."
            self._bury(message, {REASON: "MaxDeliveryCountExceeded", DESCRIPTION: text})
        else:
            self.put(message)

    def _bury(self, message: Message, info: Mapping[str, str]) -> None:
        if self.dead_letters is None:
            self.put(message)
            return
        message.state, message.expires_at = State.ACTIVE, None
        message.add_properties(info)
        self.dead_letters.put(message)

    # -- time
    def advance(self, now: float) -> None:
        """Takes back what is locked too long, and removes what has expired."""
        for token in self._lock_ends.pop_due(now):
            self._failed(self._locked.pop(token))
        for number in self._expiries.pop_due(now):
            message = self._active.pop(number, None) or self._deferred.pop(number)
            if self._bury_expired:
                text = "The message expired and was dead lettered."
                self._bury(message, {REASON: "TTLExpiredException", DESCRIPTION: text})

    def next_deadline(self) -> float | None:
        """When `advance` has something to do."""
        return min(filter(None, (self._lock_ends.next(), self._expiries.next())), default=None)

    # -- inspection
    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to receive."""
        return not self._active

    def counts(self) -> tuple[int, int, int]:
        """Active, locked and deferred messages."""
        return len(self._active), len(self._locked), len(self._deferred)

    def clear(self) -> None:
        """Forgets every message and lock."""
        for part in (self._active, self._order, self._deferred, self._locked, self._lock_ends, self._expiries):
            part.clear()
