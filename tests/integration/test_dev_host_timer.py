"""The development host's timers: NCRONTAB in UTC, one run at a time, a missed run made up for."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import azure.functions as func
import pytest

from dev.host.errors import HostError
from dev.host.timer import Schedule
from tests.integration.dev_host_server import anonymous_app, client_of


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "at", "due"),
    [
        ("0 * * * * *", "2026-01-01 10:00:00", "2026-01-01 10:01:00"),
        ("*/15 * * * * *", "2026-01-01 10:00:44.9", "2026-01-01 10:00:45"),
        ("0 30 9 * * 1-5", "2026-01-02 10:00:00", "2026-01-05 09:30:00"),
        ("0 0 2 13 * 5", "2026-01-01 00:00:00", "2026-02-13 02:00:00"),
        ("0 0 0 29 2 *", "2026-01-01 00:00:00", "2028-02-29 00:00:00"),
    ],
)
def test_next_occurrence(expression: str, at: str, due: str) -> None:
    """Six fields, seconds first, in UTC; day and day of week must both match."""
    assert Schedule(expression).after(_at(at)) == _at(due)


@pytest.mark.parametrize("expression", ["* * * * *", "00:05:00", "61 * * * * *", "0 0 0 30 2 *"])
def test_schedule_that_is_none(expression: str) -> None:
    """An expression of five fields, a time span or an impossible one stops the start."""
    with pytest.raises(HostError, match="schedule"):
        Schedule(expression)


def test_timer_ticks_each_second_and_never_twice_at_once(tmp_path: Path) -> None:
    """A timer whose runs are longer than its step runs again at once, but never beside itself."""
    app, runs, overlaps, busy = anonymous_app(), [], [], threading.Lock()

    @app.timer_trigger("timer", schedule="%EACH%")
    def tick(timer: func.TimerRequest) -> None:
        if not busy.acquire(blocking=False):
            overlaps.append(timer)
            return
        runs.append((datetime.now(UTC), timer.past_due))
        time.sleep(1.2)
        busy.release()

    with client_of(app, tmp_path):
        time.sleep(2.9)
    assert overlaps == []
    assert len(runs) in {2, 3}
    assert [past_due for _, past_due in runs] == [False] * len(runs)
    assert runs[0][0].microsecond < 500_000
    assert timedelta(seconds=1.1) < runs[1][0] - runs[0][0] < timedelta(seconds=1.9)


def test_failing_timer_ticks_on(tmp_path: Path) -> None:
    """A run that fails is logged, and the next one comes."""
    app, second = anonymous_app(), threading.Event()
    runs: list[bool] = []

    @app.timer_trigger("timer", schedule="* * * * * *")
    async def tick(timer: func.TimerRequest) -> None:
        runs.append(timer.past_due)
        if len(runs) > 1:
            second.set()
        raise ValueError

    with client_of(app, tmp_path):
        assert second.wait(4)


def test_missed_run_is_made_up_for_once(tmp_path: Path) -> None:
    """A host that was down over an occurrence runs it at its start, marked as past due; else it waits for the next."""
    ran: list[bool] = []

    def start_and_stop() -> None:
        app, started = anonymous_app(), threading.Event()

        @app.timer_trigger("timer", schedule="0 0 3 1 1 *")
        async def yearly(timer: func.TimerRequest) -> None:
            ran.append(timer.past_due)
            started.set()
            await asyncio.sleep(0)

        with client_of(app, tmp_path):
            started.wait(0.3)

    start_and_stop()
    assert ran == []
    (tmp_path / "timers").mkdir()
    (tmp_path / "timers" / "yearly.txt").write_text("2020-01-01T03:00:00+00:00")
    start_and_stop()
    assert ran == [True]
    start_and_stop()
    assert ran == [True]
