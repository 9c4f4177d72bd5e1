"""The transfers that leave a session: cut into frames, numbered, held back while the peer's window is closed."""

from collections import deque
from collections.abc import Callable

from dev.broker.amqp.performatives import Begin, Flow, Transfer
from dev.broker.amqp.types import UInt

_TRANSFER_ROOM = 100  # bytes of a frame that the transfer itself may need
_SERIAL = 1 << 32  # ids wrap around here


class Outgoing:
    """Keeps to the number of transfers that the peer will take."""

    def __init__(self, begin: Begin, largest_frame: int, send: Callable[[Transfer, bytes], None]) -> None:
        """Takes how the peer began the session, and how many bytes of a frame it takes."""
        self._window, self._room, self._send = int(begin.incoming_window), largest_frame - _TRANSFER_ROOM, send
        self.next_id = 0
        self._next_delivery = 0
        self._held_back: deque[tuple[Transfer, bytes]] = deque()

    @property
    def is_open(self) -> bool:
        """Whether the peer would take a transfer now."""
        return self._window > 0 and not self._held_back

    def adjust(self, flow: Flow) -> None:
        """Takes the window that the peer tells, and sends what waited for it."""
        under_way = (self.next_id - (flow.next_incoming_id or 0)) % _SERIAL
        self._window = max(0, flow.incoming_window - under_way)
        while self._held_back and self._window > 0:
            self._pass(*self._held_back.popleft())

    def send_message(self, handle: UInt, tag: bytes, message: bytes, *, settled: bool) -> int:
        """Sends a message in as many frames as it needs; gives its delivery id."""
        delivery_id, self._next_delivery = self._next_delivery, (self._next_delivery + 1) % _SERIAL
        for start in range(0, len(message), self._room):
            more = start + self._room < len(message)
            transfer = Transfer(handle, UInt(delivery_id), tag, UInt(0), settled, more)
            part = message[start : start + self._room]
            if self.is_open:
                self._pass(transfer, part)
            else:
                self._held_back.append((transfer, part))
        return delivery_id

    def _pass(self, transfer: Transfer, part: bytes) -> None:
        self._window -= 1
        self.next_id = (self.next_id + 1) % _SERIAL
        self._send(transfer, part)
