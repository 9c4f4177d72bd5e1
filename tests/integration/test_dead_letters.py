"""Dead letters: a job's is rung again or its job failed, any other is an alert; none is lost, none blocks another."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage
from sqlalchemy import select

from dev.broker import BrokerThread
from dev.broker.command import CONFIG
from shared.adapters.in_process_queue import DeadLetter
from shared.adapters.service_bus import ServiceBusQueue
from shared.jobs.sweep import sweep
from shared.ports import DeadMessage, Services
from shared.tables import alerts
from shared.telemetry import Event
from tests.jobs import queue, row_of, set_row, submitted, telemetry
from tests.world import World


def _dead(body: bytes) -> DeadLetter:
    return DeadLetter("m-1", body, 5, None, "MaxDeliveryCountExceeded", "five times")  # type: ignore[arg-type] # unused


def _swept(services: Services) -> int:
    return asyncio.run(sweep(services))["deadLetters"]


def _alerts(services: Services) -> list[Any]:
    with services.reporting.read() as connection:
        return list(connection.execute(select(alerts)))


@pytest.mark.parametrize("body", [b"", b"{", b'{"jobId": 7}', b"[" * 10_000, b'{"jobId": "x"}'])
def test_a_malformed_message_is_an_alert(services: Services, body: bytes) -> None:
    """It is told with its reason, not with what it holds, counted, and gone."""
    queue(services).dead_letters.append(_dead(body))
    assert _swept(services) == 1
    [alert] = _alerts(services)
    assert (alert.kind, alert.details["reason"]) == ("malformed_message", "MaxDeliveryCountExceeded")
    assert alert.details["bytes"] == len(body)
    assert queue(services).dead_letters == []
    assert [event for event, _ in telemetry(services).events].count(Event.DEADLETTER) == 1


def test_a_job_with_claims_left_is_rung_again(services: Services, world: World) -> None:
    """Its message died of something else: the job goes on, without an alert."""
    job_id = submitted(services, world)
    queue(services).dead_letters.append(_dead(b'{"jobId": "%s"}' % job_id.encode()))
    before = queue(services).size
    assert _swept(services) == 1
    assert queue(services).size == before + 1
    assert _alerts(services) == []


def test_a_job_without_claims_fails_with_an_alert(services: Services, world: World) -> None:
    """It ends as INTERNAL_ERROR, once; its owner and the operators learn of it."""
    job_id = submitted(services, world)
    set_row(services, job_id, attempt=services.settings.max_claims)
    queue(services).dead_letters.append(_dead(b'{"jobId": "%s"}' % job_id.encode()))
    _swept(services)
    row = row_of(services, job_id)
    assert (row.status, row.error_code) == ("failed", "INTERNAL_ERROR")
    assert [(alert.kind, alert.details) for alert in _alerts(services)] == [("poison_job", {"jobId": job_id})]
    assert queue(services).dead_letters == []


def test_an_ended_or_unknown_job_needs_nothing(services: Services, world: World) -> None:
    """A late message of a job that is over, or was never there, is put away."""
    job_id = submitted(services, world)
    set_row(services, job_id, status="cancelled")
    for each in (job_id, "job_" + "0" * 26):
        queue(services).dead_letters.append(_dead(b'{"jobId": "%s"}' % each.encode()))
    before = queue(services).size
    assert _swept(services) == 2
    assert queue(services).size == before
    assert _alerts(services) == []


@pytest.fixture
def broker() -> Iterator[BrokerThread]:
    """A broker with the product's queue."""
    with BrokerThread(CONFIG) as running:
        yield running


def test_dead_letters_of_service_bus_are_buried(services: Services, broker: BrokerThread) -> None:
    """The real queue's dead letters come with reason and description; handled they are gone, unhandled they stay."""
    with ServiceBusClient.from_connection_string(broker.connection_string) as client:
        with client.get_queue_sender("report-jobs") as sender:
            sender.send_messages(ServiceBusMessage(b"nonsense"))
        with client.get_queue_receiver("report-jobs", max_wait_time=5) as receiver:
            receiver.dead_letter_message(next(receiver), reason="why", error_description="because")
    bus = ServiceBusQueue("report-jobs", services.clock, connection_string=broker.connection_string)
    seen: list[DeadMessage] = []

    async def fail(_letter: DeadMessage) -> None:
        raise LookupError

    async def keep(letter: DeadMessage) -> None:
        seen.append(letter)

    async def scenario() -> None:
        with pytest.raises(LookupError):
            await bus.bury(fail, 10)
        broker.faults.lose_locks()
        while not await bus.bury(keep, 10):  # it waits a second, in which a busy machine may see nothing come
            continue
        assert await bus.bury(keep, 10) == 0
        await bus.close()

    asyncio.run(scenario())
    assert [(each.body, each.reason, each.description) for each in seen] == [(b"nonsense", "why", "because")]
    assert broker.queue("report-jobs").dead == 0
