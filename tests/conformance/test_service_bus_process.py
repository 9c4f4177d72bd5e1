"""The development broker as a process: how exactly it keeps time, what it costs; its file. Its start: `bench/`."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusReceiveMode

from dev.broker import BrokerConfig, BrokerThread, ConfigError, Queue, read_config
from dev.broker.amqp import sections
from dev.broker.amqp.performatives import Transfer
from dev.broker.amqp.types import Symbol, Timestamp, UInt
from dev.broker.command import CONFIG
from tests.amqp_peer import Peer

ROOT = Path(__file__).resolve().parents[2]
TRIES = 10  # of a measurement on a machine that does other things too: one good one shows what is possible
MESSAGES = 10_000


@contextmanager
def _process() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A broker started from the command line, and its connection string."""
    command = [sys.executable, "-m", "dev", "broker", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = re.search(r"ServiceBusConnection=(\S+)", process.stdout.readline())
        assert said is not None
        try:
            yield process, said[1]
        finally:
            process.send_signal(signal.SIGTERM)


def _port(connection_string: str) -> int:
    found = re.search(r"sb://127\.0\.0\.1:(\d+);", connection_string)
    assert found is not None
    return int(found[1])


def test_process_ends_cleanly() -> None:
    """Told to end, it does, with a clean status."""
    with _process() as (process, _):
        pass
    assert process.wait() == 0


def test_command_serves_the_product_s_entities() -> None:
    """The command serves the queue and the topic of the product, by the file that the emulator reads as well."""
    with _process() as (_, connection_string), Peer(_port(connection_string)) as peer:
        paths = ["report-jobs", "report-jobs/$DeadLetterQueue", "report-events", "report-events/Subscriptions/all"]
        assert [peer.authorize(path) for path in paths] == [202] * 4


def test_command_explains_why_it_cannot_serve(tmp_path: Path) -> None:
    """A port that is taken and a file that is not there are told in one line."""
    with BrokerThread(CONFIG) as broker:
        for arguments in (["--port", str(broker.port)], ["--config", str(tmp_path / "none.json")]):
            command = [sys.executable, "-m", "dev", "broker", *arguments]
            ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
            assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
            assert arguments[1] in ended.stderr


def test_idle_broker_costs_nothing() -> None:
    """With clients connected and deadlines ahead, but none near, the process does not run."""
    with _process() as (process, connection_string), Peer(_port(connection_string)) as peer:
        assert peer.authorize("report-jobs") == 202
        peer.flow(peer.attach("report-jobs", receives=True), 1)
        _send(peer, "report-jobs", [{}, {Symbol("x-opt-scheduled-enqueue-time"): _in(3600)}])
        peer.expect(Transfer)
        time.sleep(0.2)
        before = _ticks(process.pid)
        time.sleep(1.5)
        assert _ticks(process.pid) - before <= 1


def _ticks(pid: int) -> int:
    """Hundredths of a second that the process has run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 100 // os.sysconf("SC_CLK_TCK")


def _in(seconds: float) -> Timestamp:
    return Timestamp((time.time() + seconds) * 1000)


def _send(peer: Peer, queue: str, annotations: list[dict[Any, Any]], life: UInt | None = None) -> None:
    handle = peer.attach(queue, receives=False)
    for number, each in enumerate(annotations, start=1):
        message = sections.encoded(sections.HEADER, [None, None, life])
        message += sections.encoded(sections.MESSAGE_ANNOTATIONS, each)
        peer.send(Transfer(handle, UInt(number), b"tag", UInt(0)), message + sections.encoded(sections.DATA, b"x"))


def _scheduled(peer: Peer) -> None:
    peer.flow(peer.attach("jobs", receives=True), 10)
    _send(peer, "jobs", [{Symbol("x-opt-scheduled-enqueue-time"): _in(0.3)}])


def _locked(peer: Peer) -> None:
    peer.flow(peer.attach("jobs", receives=True), 10)
    _send(peer, "jobs", [{}])
    peer.expect(Transfer)


def _expiring(peer: Peer) -> None:
    peer.flow(peer.attach("jobs/$deadletterqueue", receives=True), 10)
    _send(peer, "jobs", [{}], UInt(300))


@pytest.mark.parametrize("begin", [_scheduled, _locked, _expiring])
def test_deadline_is_kept(begin: Any) -> None:
    """What falls due in 300 ms, a scheduled message, a lock or a life, is acted on within 50 ms of it."""
    config = BrokerConfig([Queue("jobs", timedelta(seconds=0.3), dead_letter_expired=True)])
    late: list[float] = []
    while len(late) < TRIES and min(late, default=1.0) >= 0.05:
        with BrokerThread(config) as broker, Peer(broker.port) as peer:
            assert peer.authorize("jobs") == 202
            begin(peer)
            due = time.monotonic() + 0.3
            peer.expect(Transfer)
            late.append(time.monotonic() - due)
        assert late[-1] > -0.05
    assert min(late) < 0.05


def test_ten_thousand_messages() -> None:
    """Ten thousand messages go in and come out, each once."""
    with (
        BrokerThread(BrokerConfig([Queue("jobs")])) as broker,
        ServiceBusClient.from_connection_string(broker.connection_string) as client,
        client.get_queue_sender("jobs") as sender,
        client.get_queue_receiver("jobs", receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver,
    ):
        seen: list[int] = []
        for first in range(0, MESSAGES, 500):
            sender.send_messages([ServiceBusMessage(f"{number}") for number in range(first, first + 500)])
        assert broker.queue("jobs").active == MESSAGES
        while len(seen) < MESSAGES:
            seen += [int(str(message)) for message in receiver.receive_messages(1000, max_wait_time=10)]
        assert sorted(seen) == list(range(MESSAGES))  # the SDK gives back what comes between two calls


def test_configuration_keeps_the_emulator_s_limits() -> None:
    """Microsoft's emulator takes the product's file: no time in it is outside of what the emulator allows."""
    config = read_config(CONFIG)
    (queue,), (topic,) = config.queues, config.topics
    (subscription,) = topic.subscriptions
    assert (queue.name, topic.name, subscription.name) == ("report-jobs", "report-events", "all")
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    for rules in (queue, subscription):
        assert 5 * second <= rules.lock_duration <= 5 * minute
        assert 1 <= rules.max_delivery_count <= 10
        assert 5 * minute <= (rules.default_time_to_live or minute) <= 60 * minute
    assert 5 * second <= (queue.duplicate_window or second) <= 5 * minute


def _file(tmp_path: Path, queues: Any) -> Path:
    path = tmp_path / "Config.json"
    path.write_text(json.dumps({"UserConfig": {"Namespaces": [{"Name": "n", "Queues": queues}]}}))
    return path


@pytest.mark.parametrize(
    "properties",
    [{"RequiresSession": True}, {"ForwardTo": "q"}, {"ForwardDeadLetteredMessagesTo": "q"}, {"Rules": [{}]}],
)
def test_configuration_that_asks_for_more_is_refused(tmp_path: Path, properties: Any) -> None:
    """What the broker does not do, it refuses to pretend, by name."""
    with pytest.raises(ConfigError, match=f"q1.*{next(iter(properties))}"):
        read_config(_file(tmp_path, [{"Name": "q1", "Properties": properties}]))


@pytest.mark.parametrize("queues", [[{}], [1], 1, [{"Name": "q", "Properties": {"LockDuration": "1 min"}}]])
def test_configuration_of_another_format_is_refused(tmp_path: Path, queues: Any) -> None:
    """A file that is none of the emulator's is refused with its name."""
    with pytest.raises(ConfigError, match=r"Config\.json"):
        read_config(_file(tmp_path, queues))


def test_missing_configuration_is_refused(tmp_path: Path) -> None:
    """A file that is not there is refused with its name."""
    with pytest.raises(ConfigError, match=r"none\.json cannot be read"):
        read_config(tmp_path / "none.json")
