"""A client that speaks AMQP frame by frame, for what the SDK would never send; it knows no queue."""

import hmac
import socket
import time
from base64 import b64encode
from collections import deque
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote_plus

from dev.broker.amqp import sections
from dev.broker.amqp.frames import AMQP_HEADER, Frame, FrameReader, frame
from dev.broker.amqp.performatives import Attach, Begin, Flow, Open, Performative, Transfer
from dev.broker.amqp.types import Described, UByte, UInt, ULong
from dev.broker.server import KEY, POLICY

WINDOW = UInt(1000)
WAIT = 5.0  # seconds

P = TypeVar("P", bound=Performative)


class Peer:
    """A connection with one session; a context manager."""

    def __init__(self, port: int, **opening: Any) -> None:
        """Connects and opens, with the fields of `Open` that are given."""
        self._socket = socket.create_connection(("127.0.0.1", port), WAIT)
        self._reader, self._frames = FrameReader(), deque[Frame]()
        self._handles = 0
        self.send_raw(AMQP_HEADER)
        self.send(Open("peer", **opening))
        self.send(Begin(None, UInt(0), WINDOW, WINDOW))
        self.expect(Begin)

    def __enter__(self) -> Self:
        """It is connected already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Goes without a word."""
        self._socket.close()

    def send_raw(self, data: bytes) -> None:
        """Sends bytes."""
        self._socket.sendall(data)

    def send(self, performative: Performative, payload: bytes = b"") -> None:
        """Sends a frame."""
        self.send_raw(frame(0, performative, payload))

    def receive(self, wait: float = WAIT) -> Frame | None:
        """The next frame; None when the connection ends, or when nothing comes in `wait` seconds."""
        until = time.monotonic() + wait
        while not self._frames and (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                data = self._socket.recv(65_536)
            except (TimeoutError, ConnectionError):
                return None
            if not data:
                return None
            self._frames.extend(each for each in self._reader.feed(data) if isinstance(each, Frame))
        return self._frames.popleft() if self._frames else None

    def expect(self, kind: type[P], wait: float = WAIT) -> P:
        """The next performative of a kind; others are passed over."""
        while (got := self.receive(wait)) is not None:
            if isinstance(got.performative, kind):
                return got.performative
        raise AssertionError(f"no {kind.__name__} came")

    def is_cut(self) -> bool:
        """Whether the server ends the connection."""
        self._socket.settimeout(WAIT)
        try:
            while self._socket.recv(65_536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def attach(self, address: str, *, receives: bool) -> UInt:
        """Attaches a link, without waiting for the answer; gives its handle."""
        self._handles += 1
        node = Described(ULong(0x28), [address]), Described(ULong(0x29), [address])
        count = None if receives else UInt(0)
        name = f"link-{self._handles}"
        self.send(Attach(name, UInt(self._handles), receives, UByte(0), UByte(1), *node, initial_delivery_count=count))
        return UInt(self._handles)

    def flow(self, handle: UInt, credit: int, *, count: int = 0, window: int = WINDOW, drain: bool = False) -> None:
        """Gives credit."""
        state = UInt(0), UInt(window), UInt(0), WINDOW
        self.send(Flow(*state, handle, UInt(count), UInt(credit), drain=drain))

    def authorize(self, address: str, signed: str | None = None) -> Any:
        """Shows a token for an address, a good one if none is given; gives the status of the answer."""
        answers, requests = self.attach("$cbs", receives=True), self.attach("$cbs", receives=False)
        self.flow(answers, 10)
        named = {"operation": "put-token", "type": "servicebus.windows.net:sastoken", "name": address}
        request = sections.encoded(sections.PROPERTIES, ["request"])
        request += sections.encoded(sections.APPLICATION_PROPERTIES, named)
        request += sections.encoded(sections.VALUE, token(address) if signed is None else signed)
        self.send(Transfer(requests, UInt(0), b"tag", UInt(0)), request)
        while (got := self.receive()) is not None:
            if isinstance(got.performative, Transfer):
                parts = dict(sections.split(got.payload))
                return sections.map_of(parts[sections.APPLICATION_PROPERTIES])["status-code"]
        raise AssertionError("no answer came")


def token(address: str, key: str = KEY, policy: str = POLICY, seconds: int = 3600) -> str:
    """A shared access signature."""
    resource, end = quote_plus(address), str(int(time.time()) + seconds)
    signature = quote_plus(b64encode(hmac.digest(key.encode(), f"{resource}\n{end}".encode(), "sha256")))
    return f"SharedAccessSignature sr={resource}&sig={signature}&se={end}&skn={policy}"


def condition_of(error: Described | None) -> str:
    """The condition of an error; raises `AssertionError` where there is none."""
    assert error is not None
    return str(error.value[0])
