"""What only the Service Bus adapter promises: no call waits long, a broken link is made anew, and none is left open.

The flows mostly wait, so all that are asked for run side by side, each with a broker; each test awaits the end of one.
"""

import asyncio
import gc
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path

import pytest

from dev.broker import BrokerConfig, BrokerThread, Queue, QueueState
from tests.broker import await_ending, side_by_side
from tests.conformance.queue_benches import ENTITIES, JOBS

pytest.register_assert_rewrite("tests.conformance.service_bus_sending")

from tests.conformance import service_bus_sending  # noqa: E402 its asserts are rewritten

# The SDK leaves the sockets of connections that broke to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

Flow = Callable[[BrokerThread], Awaitable[None]]

ROOT = Path(__file__).parents[2]
SHORT_LIVED = Queue(JOBS, default_time_to_live=service_bus_sending.LIFE, dead_letter_expired=True)
CONFIGS: Mapping[Flow, BrokerConfig] = {
    service_bus_sending.silence_in_the_middle_of_burying: BrokerConfig([SHORT_LIVED]),
    service_bus_sending.slow_link_to_bury_by: BrokerConfig([SHORT_LIVED]),
    service_bus_sending.link_ended_as_idle: BrokerConfig(ENTITIES.queues, idle_timeout=service_bus_sending.IDLE),
}


@pytest.fixture(scope="module")
def endings(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[None]]]:
    """How every flow that was asked for ends; all of them have begun."""

    def run(flow: Flow) -> None:
        async def whole() -> None:
            await flow(broker)

        with BrokerThread(CONFIGS.get(flow, ENTITIES)) as broker:
            asyncio.run(whole())

    import_module("azure.servicebus.aio")  # takes a second, which would be one of the three that a request may wait
    yield from side_by_side(request, run)
    gc.collect()


@pytest.mark.parametrize("flow", service_bus_sending.FLOWS, ids=lambda flow: flow.__name__)
@pytest.mark.usefixtures("flow")
def test_flow(request: pytest.FixtureRequest, endings: Mapping[str, Future[None]]) -> None:
    """The flow does what its first sentence promises."""
    await_ending(request, endings)


_SCRIPT = """
import asyncio, datetime, gc, sys
from shared.adapters.service_bus import ServiceBusQueue
from shared.clock import SystemClock

async def main():
    queue = ServiceBusQueue("report-jobs", SystemClock(), connection_string=sys.argv[1])
    await asyncio.gather(queue.send("job_1", trace="00-1-2-01"), queue.ping())
    await queue.close()
    await queue.close()
    await queue.send("job_1", datetime.timedelta(minutes=1))
    await queue.close()

asyncio.run(main())
gc.collect()
"""


def test_close_leaves_nothing_open() -> None:
    """After `close` a process ends without a word: no connection, transport or task is left, and one may go on."""
    with BrokerThread(ENTITIES) as broker:
        command = [sys.executable, "-W", "error", "-c", _SCRIPT, broker.connection_string]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (ended.stdout, ended.stderr, ended.returncode) == ("", "", 0)
        assert broker.queue(JOBS) == QueueState(active=1, scheduled=1)
