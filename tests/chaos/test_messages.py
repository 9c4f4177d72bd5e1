"""Messages that come too often, too late, for nobody, or make no sense: the worker goes on."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from shared.jobs.alerts import Alert
from shared.jobs.states import Status
from shared.tables import alerts
from tests.chaos import holds
from tests.chaos.processes import eventually
from tests.chaos.stage import Stage
from tests.chaos.world import FEW

_COPIES = 50
_NONSENSE = (
    b"",
    b"hello",
    b"\xff\xfe\x00",
    b"[]",
    b"null",
    b'{"job": 1}',
    b'{"jobId": null}',
    b'{"jobId": ["job_00000000000000000000000000"]}',
    b'{"jobId": "../../etc/passwd"}',
    b'{"jobId": "job_00000000000000000000000000',
    b"{" * 5_000,
)


def message(job_id: str) -> bytes:
    """The message that rings for a job."""
    return json.dumps({"jobId": job_id}).encode()


def test_copies_and_strangers_change_nothing(stage: Stage) -> None:
    """Fifty copies are one completion at the first attempt, one file; who is unknown, cancelled or done stays so."""
    with stage.admin() as admin:
        with holds.busy(stage, admin) as job_id:
            cancelled = stage.order(admin, FEW)
            assert admin.http.post(f"/functions/v1/report-status/{cancelled}/cancel").status_code == 202
            rings = [message(job_id)] * _COPIES + [message(cancelled), message("job_00000000000000000000000000")]
            stage.broker.send(*rings)
        stage.assert_completed(admin, job_id, attempt=1)
        ended = stage.row(job_id)
        stage.broker.send(*rings)
        stage.assert_completed(admin, stage.order(admin, FEW), attempt=1)
        assert stage.row(job_id) == ended
        assert (stage.row(cancelled).status, stage.row(cancelled).attempt) == (Status.CANCELLED, 0)


def test_malformed_messages_become_alerts(stage: Stage) -> None:
    """Each is given up after its deliveries, and told of without its text; good jobs are done meanwhile."""
    with stage.admin() as admin:
        stage.broker.send(*_NONSENSE)
        stage.assert_completed(admin, stage.order(admin, FEW), attempt=1)
    told = eventually("every message is told of", lambda: all_of(alerts_of(stage)))
    assert sorted(alert.details["bytes"] for alert in told) == sorted(map(len, _NONSENSE))
    assert {alert.details["reason"] for alert in told} == {"MaxDeliveryCountExceeded"}


def alerts_of(stage: Stage) -> Sequence[Row[Any]]:
    """The alerts about malformed messages."""
    with stage.services.reporting.read() as connection:
        return connection.execute(select(alerts).where(alerts.c.kind == Alert.MALFORMED_MESSAGE)).all()


def all_of(found: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """The alerts, once there is one for each message."""
    return found if len(found) >= len(_NONSENSE) else ()
