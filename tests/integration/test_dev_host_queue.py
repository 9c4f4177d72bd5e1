"""The development host's queue triggers: complete on return, abandon on an exception, dead letter at the last."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import azure.functions as func

from dev.host.options import HostOptions
from shared.adapters.in_process_queue import InProcessQueue
from shared.clock import SystemClock
from tests.integration.dev_host_server import anonymous_app, client_of


def _until(is_so: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()


def _worker_app(work: Callable[[func.ServiceBusMessage], None]) -> func.FunctionApp:
    app = anonymous_app()

    @app.service_bus_queue_trigger("message", queue_name="%JOBS_QUEUE%", connection="ServiceBusConnection")
    def render(message: func.ServiceBusMessage) -> None:
        work(message)

    return app


def test_message_is_completed_on_return(tmp_path: Path) -> None:
    """A function that returns ends its message, which it saw whole."""
    queue, seen = InProcessQueue(SystemClock()), list[func.ServiceBusMessage]()
    with client_of(_worker_app(seen.append), tmp_path, queue=queue):
        asyncio.run(queue.send("rep_1"))
        assert _until(lambda: len(seen) == 1 and queue.size == 0)
    assert json.loads(seen[0].get_body()) == {"jobId": "rep_1"}
    assert (seen[0].delivery_count, queue.dead_letters) == (1, [])
    assert seen[0].message_id
    assert seen[0].enqueued_time_utc is not None


def test_poison_message_is_abandoned_at_once_and_buried(tmp_path: Path) -> None:
    """An exception gives the message back at once; after five deliveries it is a dead letter, and others go on."""
    queue, deliveries, done = InProcessQueue(SystemClock()), list[int | None](), threading.Event()

    def work(message: func.ServiceBusMessage) -> None:
        if message.get_body() == b"good":
            done.set()
            return
        deliveries.append(message.delivery_count)
        raise ValueError

    with client_of(_worker_app(work), tmp_path, queue=queue):
        queue.put(b"bad")
        queue.put(b"good")
        assert done.wait(5)
        assert _until(lambda: queue.size == 0)
    assert deliveries == [1, 2, 3, 4, 5]
    assert [(letter.body, letter.reason) for letter in queue.dead_letters] == [(b"bad", "MaxDeliveryCountExceeded")]


def test_no_more_messages_at_once_than_host_file_says(tmp_path: Path) -> None:
    """`maxConcurrentCalls` limits the messages in work."""
    queue, lock = InProcessQueue(SystemClock()), threading.Lock()
    busy, most, worked = 0, 0, 0

    def work(_message: func.ServiceBusMessage) -> None:
        nonlocal busy, most, worked
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.05)
        with lock:
            busy, worked = busy - 1, worked + 1

    with client_of(_worker_app(work), tmp_path, queue=queue, options=HostOptions(concurrent_messages=2)):
        for number in range(6):
            queue.put(str(number).encode())
        assert _until(lambda: worked == 6)
    assert most == 2


def test_host_waits_for_a_queue_that_is_away(tmp_path: Path) -> None:
    """A queue out of reach stops nothing: once it is back, its messages are worked on."""
    queue, seen = InProcessQueue(SystemClock()), list[func.ServiceBusMessage]()
    queue.reachable = False
    with client_of(_worker_app(seen.append), tmp_path, queue=queue):
        time.sleep(0.1)
        queue.reachable = True
        queue.put(b"{}")
        assert _until(lambda: len(seen) == 1)


def test_stopped_host_takes_nothing_more(tmp_path: Path) -> None:
    """A message that arrives after the stop stays where it is."""
    queue, seen = InProcessQueue(SystemClock()), list[func.ServiceBusMessage]()
    with client_of(_worker_app(seen.append), tmp_path, queue=queue):
        pass
    queue.put(b"{}")
    assert (seen, queue.size) == ([], 1)
