"""Timer triggers: NCRONTAB schedules in UTC, one run of a timer at a time; holds no lock across hosts.

As in Azure a run that takes longer than the schedule's step is followed by one run at once, not by all that were
missed, and a run that was missed while the host was down is made up for at its start, marked as past due.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from azure.functions.decorators.timer import TimerTrigger
from azure.functions.timer import TimerRequest
from croniter import CroniterError, croniter

from dev.host.errors import HostError
from dev.host.functions import HostedFunction, resolved
from dev.host.invocation import Invoker

_FIELDS = 6
_LONGEST_SLEEP = timedelta(seconds=30)  # so that a machine that slept, or a clock that was set, is noticed
_MONITORED = timedelta(minutes=1)  # schedules with a shorter step are not made up for


class Schedule:
    """An NCRONTAB expression of six fields: second, minute, hour, day, month, day of week."""

    def __init__(self, expression: str) -> None:
        """Reads the expression.

        Raises:
            HostError: where it is none.

        """
        self._expression = expression
        if len(expression.split()) != _FIELDS:
            raise HostError(f"The schedule {expression!r} must have six fields, the first for seconds.")
        try:
            self.after(datetime.now(UTC))
        except CroniterError as error:
            raise HostError(f"The schedule {expression!r} cannot be read: {error}") from error

    def after(self, at: datetime) -> datetime:
        """The next occurrence after an instant; day and day of week must both match, unlike in a crontab."""
        times = croniter(self._expression, at, second_at_beginning=True, day_or=False)
        occurrence: datetime = times.get_next(datetime)
        return occurrence

    @property
    def step(self) -> timedelta:
        """The time between the next two occurrences."""
        following = self.after(datetime.now(UTC))
        return self.after(following) - following


class Timer:
    """One timer function and when it last ran, which is kept in a small file for the next start of the host."""

    def __init__(self, function: HostedFunction, schedule: Schedule, memory: Path, *, run_on_startup: bool) -> None:
        """Takes the function, its schedule and the folder of the files."""
        self._function, self._schedule, self._run_on_startup = function, schedule, run_on_startup
        self._memory = memory / f"{function.name}.txt" if schedule.step >= _MONITORED else None

    @classmethod
    def of(cls, function: HostedFunction, trigger: TimerTrigger, app_settings: Mapping[str, str], memory: Path) -> Self:
        """The timer of a function, its schedule read from the app settings where it says `%NAME%`."""
        schedule = Schedule(resolved(str(trigger.schedule), app_settings))
        return cls(function, schedule, memory, run_on_startup=bool(trigger.run_on_startup))

    async def tick(self, invoker: Invoker) -> None:
        """Runs the function at its times until it is cancelled."""
        started = datetime.now(UTC)
        last = self._remembered()
        past_due = last is not None and self._schedule.after(last) < started
        due = started if past_due or self._run_on_startup else self._schedule.after(started)
        while True:
            await _sleep_until(due)
            started = max(datetime.now(UTC), due)  # a clock that woke us early must not make one occurrence two
            self._remember(started)
            await invoker.run(self._function, self._request(started, past_due=past_due))
            due, past_due = self._schedule.after(started), False

    def _request(self, started: datetime, *, past_due: bool) -> TimerRequest:
        status: dict[str, Any] = {"Last": started.isoformat(), "Next": self._schedule.after(started).isoformat()}
        return TimerRequest(past_due=past_due, schedule_status=status, schedule={"AdjustForDST": True})

    def _remembered(self) -> datetime | None:
        if self._memory is None or not self._memory.is_file():
            return None
        try:
            return datetime.fromisoformat(self._memory.read_text(encoding="ascii"))
        except ValueError:  # the host was stopped while it wrote: as if the timer had never run
            return None

    def _remember(self, at: datetime) -> None:
        if self._memory is not None:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            self._memory.write_text(at.isoformat(), encoding="ascii")


async def _sleep_until(due: datetime) -> None:
    while (remaining := due - datetime.now(UTC)) > timedelta(0):  # noqa: ASYNC110 a time is no event
        await asyncio.sleep(min(remaining, _LONGEST_SLEEP).total_seconds())
