"""Flows of the Service Bus adapter, each with a broker: one that fails it, links that break, and links well kept."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from dev.broker import BrokerThread
from shared.adapters.service_bus import ServiceBusQueue
from shared.clock import SystemClock
from shared.errors import QueueUnavailable
from shared.ports import DeadMessage
from tests.conformance.queue_benches import JOBS

LIMIT, LATEST = 2.5, 15.0  # seconds: the adapter gives up after three, and a busy machine takes its time
IDLE = timedelta(seconds=0.4)  # the broker ends links that are idle for longer
LIFE = timedelta(seconds=0.01)  # of a message of the flows that bury
SLOW = 1.3  # seconds: longer than burying waits for a letter, shorter than for a link


def queue_of(broker: BrokerThread, name: str = JOBS) -> ServiceBusQueue:
    """The adapter, without a link."""
    return ServiceBusQueue(name, SystemClock(), connection_string=broker.connection_string)


@asynccontextmanager
async def _linked(broker: BrokerThread, *, is_open: bool = True) -> AsyncIterator[ServiceBusQueue]:
    """A queue whose link is open already, unless it shall not be; what is left of it is over at the end."""
    queue = queue_of(broker)
    if is_open:
        await queue.send("job_0")
    try:
        yield queue
    finally:
        await queue.close()
        broker.faults.silence(on=False)
        broker.faults.drop_connections()
        await asyncio.sleep(0.05)  # for the loop to notice


def _connections(broker: BrokerThread) -> set[object]:
    return broker._in_loop(lambda: set(broker._server.connections))


async def _refused(call: Callable[[], Awaitable[object]]) -> float:
    """How many seconds a call takes to be refused."""
    begun = time.monotonic()
    with pytest.raises(QueueUnavailable):
        await call()
    return time.monotonic() - begun


async def silent_broker(broker: BrokerThread) -> None:
    """A broker that takes bytes and answers nothing bounds a send on an open link, one on a new link, and a ping."""
    async with _linked(broker) as old, _linked(broker, is_open=False) as new:
        broker.faults.silence()
        taken = await asyncio.gather(
            _refused(lambda: old.send("job_1")),
            _refused(lambda: new.send("job_1")),
            _refused(lambda: new.send("job_1", timedelta(seconds=60))),
            _refused(old.ping),
        )
    assert all(LIMIT < each < LATEST for each in taken)


async def lost_answers(broker: BrokerThread) -> None:
    """A send that succeeded but was not answered is told as a failure: a job is rung for twice rather than never."""
    async with _linked(broker) as queue:
        broker.faults.lost_answers()
        taken = await asyncio.gather(_refused(lambda: queue.send("job_1")), _refused(queue.ping))
        broker.faults.lost_answers(on=False)
        await queue.send("job_1")
    assert all(LIMIT < each < LATEST for each in taken)
    assert broker.queue(JOBS).active == 3


async def silence_in_the_middle_of_burying(broker: BrokerThread) -> None:
    """A broker that falls silent while a dead letter is handled is not waited for without end; the letter stays."""

    async def silence(letter: DeadMessage) -> None:
        assert letter.reason == "TTLExpiredException"
        broker.faults.silence()

    async with _linked(broker) as queue:
        await asyncio.sleep(5 * LIFE.total_seconds())
        assert await _refused(lambda: queue.bury(silence, 1)) < LATEST
        broker.faults.drop_connections()
    assert broker.queue(JOBS).dead == 1


async def slow_link_to_bury_by(broker: BrokerThread) -> None:
    """The time that a link to the dead letters needs is not taken from the second that burying waits for them."""
    buried: list[DeadMessage] = []

    async def keep(letter: DeadMessage) -> None:
        buried.append(letter)

    async with _linked(broker) as queue:
        await asyncio.sleep(5 * LIFE.total_seconds())
        broker.faults.silence()
        asyncio.get_running_loop().call_later(SLOW, broker.faults.silence, False)  # noqa: FBT003 a switch
        assert await queue.bury(keep, 1) == 1
    assert [each.reason for each in buried] == ["TTLExpiredException"]
    assert broker.queue(JOBS).dead == 0


async def broker_that_is_gone(broker: BrokerThread) -> None:
    """A broker that nobody can connect to is not waited for, and the first send after its return works."""
    async with _linked(broker) as queue:
        broker.faults.unreachable()
        taken = await asyncio.gather(_refused(lambda: queue.send("job_1")), _refused(queue.ping))
        assert max(taken) < LATEST
        assert await _refused(lambda: queue.send("job_1")) < LATEST
        broker.faults.unreachable(on=False)
        await asyncio.sleep(0.05)
        await asyncio.gather(queue.send("job_1"), queue.ping())
    assert broker.queue(JOBS).active == 2


async def busy_broker(broker: BrokerThread) -> None:
    """A throttled namespace refuses soon, and takes the next messages when it is not throttled any more."""
    async with _linked(broker) as queue:
        broker.faults.server_busy()
        assert await _refused(lambda: queue.send("job_1")) < LATEST
        assert await _refused(lambda: queue.send("job_1", timedelta(minutes=1))) < LATEST
        broker.faults.server_busy(on=False)
        await queue.send("job_1")
        await queue.send("job_1", timedelta(minutes=1))
    state = broker.queue(JOBS)
    assert (state.active, state.scheduled) == (2, 1)


async def broken_link(broker: BrokerThread) -> None:
    """A link that was detached or cut while nobody used it is made anew by the next send, which sends once."""
    async with _linked(broker) as queue:
        for fault in (broker.faults.detach_links, broker.faults.drop_connections):
            assert fault() >= 1
            await queue.send("job_1")
            await queue.send("job_2")
            assert len(_connections(broker)) == 1
    assert broker.queue(JOBS).active == 5


async def link_ended_as_idle(broker: BrokerThread) -> None:
    """A link that nobody used for longer than the broker allows works for the next message."""
    async with _linked(broker) as queue:
        await queue.ping()
        await asyncio.sleep(2.5 * IDLE.total_seconds())
        assert not _connections(broker)
        await queue.ping()
        await queue.send("job_1")
    assert broker.queue(JOBS).active == 2


async def sends_that_fail_together(broker: BrokerThread) -> None:
    """When several sends wait for a link that breaks, those that come after share one new link, and it is closed."""
    async with _linked(broker) as queue:
        broker.faults.server_busy()
        sends = [asyncio.create_task(queue.send(f"job_{number}")) for number in range(4)]
        await asyncio.wait(sends, return_when=asyncio.FIRST_COMPLETED)
        broker.faults.server_busy(on=False)
        ended = await asyncio.gather(*sends, return_exceptions=True)
        assert {type(each) for each in ended} == {QueueUnavailable, type(None)}
        await asyncio.gather(*(queue.send(f"job_{number}") for number in range(4)))
        assert len(_connections(broker)) == 1
        await queue.close()
        await asyncio.sleep(0.1)
        assert not _connections(broker)


async def one_connection(broker: BrokerThread) -> None:
    """Fifty messages, at once and delayed, go through the connection of the first, and none is lost."""
    async with _linked(broker) as queue:
        before = _connections(broker)
        await asyncio.gather(*(queue.send(f"job_{number}") for number in range(40)))
        for number in range(10):
            await queue.send(f"job_{number}", timedelta(minutes=1))
        assert _connections(broker) == before
        assert len(before) == 1
    state = broker.queue(JOBS)
    assert (state.active, state.scheduled) == (41, 10)


async def kept_for_pings(broker: BrokerThread) -> None:
    """Questions after the broker's health share one further connection, which is closed with the first."""
    async with _linked(broker) as queue:
        await queue.ping()
        asked = _connections(broker)
        await queue.ping()
        assert _connections(broker) == asked
        assert len(asked) == 2
        await queue.close()
        await asyncio.sleep(0.1)
        assert not _connections(broker)


async def link_per_event_loop(broker: BrokerThread) -> None:
    """One queue serves two threads with an event loop each, at the same time, and a third loop after them."""
    queue, both = queue_of(broker), threading.Barrier(2)

    async def send(meet: Callable[[], object]) -> None:
        await queue.send("job_0")
        meet()
        for number in range(9):
            await queue.send(f"job_{number}")
        await queue.close()

    await asyncio.gather(*(asyncio.to_thread(lambda: asyncio.run(send(both.wait))) for _ in range(2)))
    await send(lambda: None)
    assert broker.queue(JOBS).active == 30
    await asyncio.sleep(0.1)
    assert not _connections(broker)


async def unknown_queue(broker: BrokerThread) -> None:
    """A queue that the namespace does not have counts as out of reach: the job waits in its row, and health tells."""
    queue = queue_of(broker, "nowhere")
    await asyncio.gather(_refused(lambda: queue.send("job_1")), _refused(queue.ping))
    await queue.close()


FLOWS = (
    *(silent_broker, lost_answers, silence_in_the_middle_of_burying, slow_link_to_bury_by),
    *(broker_that_is_gone, busy_broker),
    *(broken_link, link_ended_as_idle, sends_that_fail_together),
    *(one_connection, kept_for_pings, link_per_event_loop, unknown_queue),
)
