"""The minute timer: looks after jobs that nobody else would remember."""

import azure.functions as func

from shared.jobs.sweep import sweep
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The function that fires every minute."""
    triggers = func.Blueprint()

    @triggers.function_name("scheduler_timer")
    @triggers.timer_trigger("timer", services.settings.timer_schedule, run_on_startup=False, use_monitor=True)
    async def scheduler_timer(timer: func.TimerRequest) -> None:
        del timer  # a late tick does the same work as one in time
        await sweep(services)

    return triggers
