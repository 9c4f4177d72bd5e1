"""The worker: one queue message is one look at one job's row."""

import azure.functions as func

from shared.jobs.messages import job_id_of
from shared.jobs.run import run_job
from shared.ports import Services


def blueprint(services: Services) -> func.Blueprint:
    """The function that renders files."""
    triggers = func.Blueprint()

    @triggers.function_name("render_worker")
    @triggers.service_bus_queue_trigger("message", "ServiceBusConnection", services.settings.jobs_queue)
    async def render_worker(message: func.ServiceBusMessage) -> None:
        await run_job(services, job_id_of(message.get_body()))

    return triggers
