"""A connection to one client: signing in, sessions, heartbeats; whatever the client sends, no other one is hurt."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import cast

from dev.broker.access import Access
from dev.broker.amqp.decoding import DecodeError
from dev.broker.amqp.frames import (
    AMQP_HEADER,
    HEARTBEAT,
    LARGEST_FRAME,
    SASL_FRAME,
    SASL_HEADER,
    Frame,
    FrameReader,
    frame,
)
from dev.broker.amqp.performatives import Begin, Close, End, Open, Performative, SaslInit, SaslMechanisms, SaslOutcome
from dev.broker.amqp.states import error
from dev.broker.amqp.types import Array, Symbol, UByte, UInt, UShort
from dev.broker.broker import Broker
from dev.broker.errors import BrokerError, ConnectionRefused
from dev.broker.session import WINDOW, Session

_CHANNEL_MAX, _HANDLE_MAX = UShort(4999), UInt(255)  # as the service announces
_MECHANISMS = Array(0xA3, tuple(map(Symbol, ("MSSBCBS", "ANONYMOUS", "PLAIN", "EXTERNAL"))))  # $cbs does the check
_MILLISECONDS = 1000
_SHORTEST_INTERVAL = 0.01  # seconds between heartbeats
_SMALLEST_FRAME = 512  # bytes that every peer must take


class Connection(asyncio.Protocol):
    """The server's end of a connection; made by the event loop for every client."""

    def __init__(self, broker: Broker, connections: "set[Connection]") -> None:
        """Takes the set of live connections, which it joins and leaves."""
        self.broker, self.access = broker, Access(broker)
        self.largest_frame = _SMALLEST_FRAME
        self._connections = connections
        self._reader = FrameReader()
        self._sessions: dict[int, Session] = {}
        self._out: list[bytes] = []
        self._is_open, self._writable = False, True
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._allowed_silence = broker.config.idle_timeout.total_seconds()
        self._heard = self._spoke = 0.0

    # -- the event loop's calls
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._loop = asyncio.get_running_loop()
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)
        self._heard = self._loop.time()
        self._watch("silence", self._allowed_silence, self._check_peer)
        if self.broker.switches.silent:
            self._loop.call_soon(partial(self.set_silent, silent=True))  # reading only begins after this call

    def connection_lost(self, _error: Exception | None) -> None:
        """The client is gone; what it held stays locked."""
        self._connections.discard(self)
        for timer in self._timers.values():
            timer.cancel()
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        self._heard = self._loop.time()
        try:
            for item in self._reader.feed(data):
                self._take(item) if isinstance(item, Frame) else self._greet(item)
        except (DecodeError, ConnectionRefused) as refusal:
            condition = refusal.condition if isinstance(refusal, ConnectionRefused) else "amqp:decode-error"
            self.end(condition, str(refusal))

    def pause_writing(self) -> None:
        """The client does not read."""
        self._writable = False

    def resume_writing(self) -> None:
        """The client reads again."""
        self._writable = True
        self.broker.wake()

    # -- what the client sends
    def _greet(self, header: bytes) -> None:
        if header == SASL_HEADER:
            self._write(SASL_HEADER + frame(0, SaslMechanisms(_MECHANISMS), kind=SASL_FRAME))
        else:
            self._write(AMQP_HEADER)
            if header != AMQP_HEADER:  # the answer says what is spoken here
                self._leave()

    def _take(self, received: Frame) -> None:
        performative, channel = received.performative, received.channel
        match performative:
            case None:
                pass
            case SaslInit():
                self._write(frame(0, SaslOutcome(UByte(0)), kind=SASL_FRAME))
            case Open():
                self._open(performative)
            case Close():
                self.send(0, Close())
                self._leave()
            case Begin():
                self._begin(channel, performative)
            case End():
                self._end_session(channel)
            case _:
                self._pass(channel, performative, received.payload)

    def _open(self, opened: Open) -> None:
        if self._is_open:
            raise ConnectionRefused("amqp:not-allowed", "A connection is opened twice.")
        self._is_open = True
        self.largest_frame = max(_SMALLEST_FRAME, min(opened.max_frame_size, LARGEST_FRAME))
        idle = UInt(self._allowed_silence * _MILLISECONDS)
        self.send(0, Open("dev-broker", None, UInt(LARGEST_FRAME), _CHANNEL_MAX, idle))
        if opened.idle_time_out:
            interval = max(opened.idle_time_out / _MILLISECONDS / 2, _SHORTEST_INTERVAL)
            self._watch("heartbeat", interval, partial(self._check_heartbeat, interval))

    def _begin(self, channel: int, begin: Begin) -> None:
        if not self._is_open or channel in self._sessions:
            raise ConnectionRefused("amqp:not-allowed", "A session begins where none can.")
        self._sessions[channel] = Session(self, channel, begin)
        self.send(channel, Begin(UShort(channel), UInt(0), WINDOW, WINDOW, _HANDLE_MAX))

    def _end_session(self, channel: int) -> None:
        session = self._sessions.pop(channel, None)
        if session is not None:
            session.close()
            self.send(channel, End())

    def _pass(self, channel: int, performative: Performative, payload: bytes) -> None:
        """The SDK still detaches links of a session that it has ended: frames of no session are passed over."""
        session = self._sessions.get(channel)
        if session is not None:
            session.handle(performative, payload)

    # -- what is sent
    @property
    def is_writable(self) -> bool:
        """Whether the client reads, and may be spoken to."""
        return self._writable and not self.broker.switches.silent

    def send(self, channel: int, performative: Performative, payload: bytes = b"") -> None:
        """Sends a frame."""
        self._write(frame(channel, performative, payload))

    def _write(self, data: bytes) -> None:
        """What one turn of the event loop writes leaves together."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(data)

    def _flush(self) -> None:
        data, self._out = b"".join(self._out), []
        self._spoke = self._loop.time()
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def _leave(self) -> None:
        self._flush()
        self._transport.close()

    def end(self, condition: str, text: str) -> None:
        """Ends the connection for a reason that the client is told."""
        if self._is_open:
            self.send(0, Close(error(condition, text)))
        self._leave()

    def abort(self) -> None:
        """Ends the connection without a word."""
        self._transport.abort()

    def detach_links(self, refusal: BrokerError) -> int:
        """Ends every link to an entity; gives their number."""
        return sum(session.detach_entities(refusal) for session in self._sessions.values())

    def set_silent(self, *, silent: bool) -> None:
        """Leaves what comes unread, or reads it."""
        self._heard = self._loop.time()
        if not self._transport.is_closing():
            (self._transport.pause_reading if silent else self._transport.resume_reading)()

    # -- time
    def _watch(self, name: str, seconds: float, check: Callable[[], None]) -> None:
        self._timers[name] = self._loop.call_later(seconds, check)

    def _check_peer(self) -> None:
        quiet = 0.0 if self.broker.switches.silent else self._loop.time() - self._heard
        if quiet >= self._allowed_silence:
            self.end("amqp:connection:forced", f"The connection was inactive for {self._allowed_silence:g} s.")
        else:
            self._watch("silence", self._allowed_silence - quiet, self._check_peer)

    def _check_heartbeat(self, interval: float) -> None:
        quiet = self._loop.time() - self._spoke
        if quiet >= interval:
            quiet = 0.0
            if self.is_writable:
                self._write(HEARTBEAT)
        self._watch("heartbeat", interval - quiet, partial(self._check_heartbeat, interval))
