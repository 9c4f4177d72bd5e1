"""The triggers: each parses its request, calls one use case and answers; no rule of the business lives here."""

import azure.functions as func

from functions import (
    fsp_formats,
    generate_report,
    health,
    openapi,
    photos,
    render_worker,
    report_catalogue,
    report_status,
    scheduler_timer,
)
from shared.ports import Services

_API = (generate_report, report_catalogue, report_status, photos, fsp_formats, openapi, health)
_WORKER = (render_worker, scheduler_timer)


def blueprints(services: Services) -> list[func.Blueprint]:
    """The functions that this process's role (`APP_ROLE`) registers; health belongs to every role."""
    modules = {"api": _API, "worker": (health, *_WORKER), "all": (*_API, *_WORKER)}[services.settings.app_role]
    return [module.blueprint(services) for module in modules]
