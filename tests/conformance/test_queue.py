"""What every job queue promises: each message reaches one receiver at a time until it is settled, or is given up."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.in_process_queue import DeadLetter, Delivery, InProcessQueue
from shared.clock import FixedClock, SystemClock
from shared.errors import QueueUnavailable
from shared.ports import DeadMessage
from tests.conformance.queue_benches import QueueBench

SOON = 5.0  # seconds: far more than any message needs


async def _next_of(queue: QueueBench | InProcessQueue, wait: float = SOON) -> Delivery:
    delivery = await queue.receive(wait)
    assert delivery is not None
    return delivery


def test_sent_job_arrives(queues: QueueBench) -> None:
    """A message carries the job's id as JSON, is delivered for the first time, and is gone once it is completed."""

    async def scenario() -> None:
        before = datetime.now(UTC)
        await queues.send("job_1")
        delivery = await _next_of(queues)
        assert json.loads(delivery.body) == {"jobId": "job_1"}
        assert delivery.delivery_count == 1
        assert before - timedelta(seconds=1) <= delivery.enqueued_at <= datetime.now(UTC) + timedelta(seconds=1)
        await queues.complete(delivery)
        assert await queues.receive(0) is None

    queues.play(scenario())


def test_messages_arrive_in_the_order_sent(queues: QueueBench) -> None:
    """Messages that nobody delays come in the order they were sent."""

    async def scenario() -> list[str]:
        for number in range(20):
            await queues.send(f"job_{number}")
        return [json.loads((await _next_of(queues)).body)["jobId"] for _ in range(20)]

    assert queues.play(scenario()) == [f"job_{number}" for number in range(20)]


def test_each_send_has_its_own_message_id(queues: QueueBench) -> None:
    """A re-sent job is a new message, so that duplicate detection cannot swallow it."""

    async def scenario() -> set[str]:
        await queues.send("job_1")
        await queues.send("job_1")
        return {(await _next_of(queues)).message_id, (await _next_of(queues)).message_id}

    assert len(queues.play(scenario())) == 2


def test_delayed_message_comes_after_its_delay(queues: QueueBench) -> None:
    """A delayed message lets later ones pass, is not there early, and wakes a receiver that waits for it."""

    async def scenario() -> float:
        assert await queues.receive(0) is None  # opens a link that takes its time to open
        begun = time.monotonic()
        await queues.send("late", timedelta(seconds=1.5))
        await queues.send("now")
        assert json.loads((await _next_of(queues)).body)["jobId"] == "now"
        assert await queues.receive(0) is None
        assert json.loads((await _next_of(queues)).body)["jobId"] == "late"
        return time.monotonic() - begun

    assert 1.45 <= queues.play(scenario()) < SOON


def test_message_carries_its_trace(queues: QueueBench) -> None:
    """The W3C trace context of a request travels with its message, and no other message has one."""
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    async def scenario() -> list[str]:
        await queues.send("job_1", trace=trace)
        await queues.send("job_2")
        await queues.send("job_3", timedelta(seconds=0.1), trace)
        return [(await _next_of(queues)).trace for _ in range(3)]

    assert queues.play(scenario()) == [trace, "", trace]


def test_held_message_is_nobody_elses(queues: QueueBench) -> None:
    """While one receiver holds a message, no other one is given it."""

    async def scenario() -> None:
        await queues.send("job_1")
        held = await _next_of(queues)
        assert await queues.receive(0.05) is None
        await queues.complete(held)

    queues.play(scenario())


def test_abandoned_message_returns_at_once(queues: QueueBench) -> None:
    """An abandoned message is delivered again, before later ones, with its count raised and its id kept."""

    async def scenario() -> None:
        await queues.send("job_1")
        await queues.send("job_2")
        first = await _next_of(queues)
        await queues.abandon(first)
        again = await _next_of(queues)
        assert (again.message_id, again.body, again.delivery_count) == (first.message_id, first.body, 2)

    queues.play(scenario())


def test_fifth_abandon_makes_a_dead_letter(queues: QueueBench) -> None:
    """A message that fails in every delivery is set aside after the fifth, with the reason Service Bus gives."""

    async def scenario() -> None:
        await queues.send("job_1")
        for count in range(1, 6):
            delivery = await _next_of(queues)
            assert delivery.delivery_count == count
            await queues.abandon(delivery)
        assert await queues.receive(0.05) is None
        (letter,) = await queues.dead_letters_now()
        assert (letter.message_id, letter.body) == (delivery.message_id, delivery.body)
        assert (letter.reason, letter.delivery_count) == ("MaxDeliveryCountExceeded", 5)

    queues.play(scenario())


def test_dead_letter_keeps_the_reason_given(queues: QueueBench) -> None:
    """A message that makes no sense is set aside at once, whole, with the receiver's words."""

    async def scenario() -> None:
        await queues.send_raw(b"\xff{not json")
        await queues.dead_letter(await _next_of(queues), "Malformed", "The body is not JSON.")
        (letter,) = await queues.dead_letters_now()
        assert (letter.body, letter.reason, letter.description) == (
            b"\xff{not json",
            "Malformed",
            "The body is not JSON.",
        )
        assert await queues.receive(0) is None

    queues.play(scenario())


def test_dead_letters_are_buried_once(queues: QueueBench) -> None:
    """Dead letters are handed over with body, reason and description, no more than wanted at a time, and are gone."""
    buried: list[tuple[bytes, str, str]] = []

    async def keep(letter: DeadMessage) -> None:
        buried.append((letter.body, letter.reason, letter.description))

    async def scenario() -> None:
        for number in range(3):
            await queues.send_raw(b"%d" % number)
            await queues.dead_letter(await _next_of(queues), "Malformed", f"because of {number}")
        async with asyncio.timeout(6 * SOON):
            while len(buried) < 3:  # a busy machine may see fewer come than there are
                before = len(buried)
                assert await queues.bury(keep, 2) == len(buried) - before <= 2
        assert not await queues.dead_letters_now()

    queues.play(scenario())
    assert buried == [(b"%d" % number, "Malformed", f"because of {number}") for number in range(3)]


def test_letter_that_cannot_be_handled_stays(queues: QueueBench) -> None:
    """When the handling of a dead letter fails, its failure is told, and neither it nor what comes after is lost."""

    async def fail(letter: DeadMessage) -> None:
        if letter.body == b"bad":
            raise ValueError("of the handler")

    async def bury_on() -> None:
        while True:  # a busy machine may see fewer come than there are
            await queues.bury(fail, 10)

    async def scenario() -> Sequence[DeadLetter]:
        for body in (b"good", b"bad", b"later"):
            await queues.send_raw(body)
            await queues.dead_letter(await _next_of(queues), "Malformed", "")
        with pytest.raises(ValueError, match="of the handler"):
            await asyncio.wait_for(bury_on(), 6 * SOON)
        return await queues.dead_letters_now()

    assert [letter.body for letter in queues.play(scenario())] == [b"bad", b"later"]


def test_receiver_waits_as_long_as_told(queues: QueueBench) -> None:
    """An empty queue gives nothing, after the time the receiver was ready to wait."""

    async def scenario() -> float:
        begun = time.monotonic()
        assert await queues.receive(0.2) is None
        return time.monotonic() - begun

    assert 0.15 <= queues.play(scenario()) < 2


def test_unreachable_queue_refuses(queues: QueueBench) -> None:
    """Sending to a queue that does not answer, and asking after its health, tell so."""
    queues.cut_off()
    for call in (lambda: queues.send("job_1"), queues.ping, lambda: queues.bury(_ignore, 1)):
        with pytest.raises(QueueUnavailable):
            queues.play(_awaited(call))


async def _awaited(call: Callable[[], Awaitable[object]]) -> None:
    await call()


async def _ignore(letter: DeadMessage) -> None:
    del letter


class TestInProcess:
    """What only the in-process queue promises: threads, event loops and a clock that tests move."""

    def test_every_message_is_received_once_across_threads_and_loops(self) -> None:
        """Four senders and three receivers, each with an event loop of its own, lose and double nothing."""
        queue, received = InProcessQueue(SystemClock()), []

        async def send(sender: int) -> None:
            for number in range(50):
                await queue.send(f"{sender}-{number}")

        async def drain() -> None:
            while delivery := await queue.receive(0.5):
                await queue.complete(delivery)
                received.append(json.loads(delivery.body)["jobId"])

        work = [drain, drain, drain, *(lambda sender=sender: send(sender) for sender in range(4))]
        threads = [threading.Thread(target=lambda each=each: asyncio.run(each())) for each in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(received) == sorted(f"{sender}-{number}" for sender in range(4) for number in range(50))
        assert queue.size == 0

    def test_waiting_receiver_wakes_for_another_thread(self) -> None:
        """A message sent from a thread without an event loop reaches a waiting receiver at once."""
        queue = InProcessQueue(SystemClock())

        async def scenario() -> float:
            threading.Timer(0.1, lambda: asyncio.run(queue.send("job_1"))).start()
            begun = time.monotonic()
            assert await queue.receive(SOON) is not None
            return time.monotonic() - begun

        assert asyncio.run(scenario()) < 2

    def test_delay_follows_the_clock_given(self) -> None:
        """With a clock that tests move, a retry of ten minutes costs no test ten minutes."""
        clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
        queue = InProcessQueue(clock)

        async def scenario() -> None:
            await queue.send("job_1", timedelta(minutes=10))
            assert await queue.receive(0.05) is None
            clock.advance(timedelta(minutes=10))
            assert await queue.receive(0) is not None

        asyncio.run(scenario())

    def test_delivery_is_settled_once(self) -> None:
        """A delivery that was settled, or given back and delivered anew, can no longer settle the message."""
        queue = InProcessQueue(SystemClock())

        async def scenario() -> None:
            await queue.send("job_1")
            first = await _next_of(queue)
            await queue.abandon(first)
            second = await _next_of(queue)
            with pytest.raises(LookupError):
                await queue.complete(first)
            await queue.complete(second)
            assert queue.size == 0

        asyncio.run(scenario())

    def test_cancelled_receiver_takes_no_message_along(self) -> None:
        """A receiver that is cancelled while it waits loses no message that comes later."""
        queue = InProcessQueue(SystemClock())

        async def scenario() -> None:
            waiting = asyncio.create_task(queue.receive(SOON))
            await asyncio.sleep(0.02)
            waiting.cancel()
            await asyncio.wait([waiting])
            await queue.send("job_1")
            assert await queue.receive(0) is not None

        asyncio.run(scenario())
