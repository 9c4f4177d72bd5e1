"""Imports the function app, gives it sample data at its first start, and serves it until it is told to stop."""

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from starlette.routing import Route

from dev.host.assembly import Surroundings, hosted
from dev.host.options import HostOptions
from dev.host.server import HostServer
from dev.host.service_bus import ServiceBusSource
from dev.host.web import web_routes
from dev.sign_in import SignIn
from dev.token_issuer import TokenIssuer, signing_key
from shared.jobs.sweep import ring_again
from shared.ports import Services
from shared.settings import Settings
from shared.tables import banks
from shared.telemetry import RecordedTelemetry

_ROOT = Path(__file__).resolve().parents[1]
_SEED = 1


def serve(listener: socket.socket, state: Path, sample_calls: int, is_stopped: Callable[[], bool]) -> None:
    """Serves on a listening socket, with the data of an absolute folder; `sample_calls` 0 loads none.

    The environment must be complete: the function app reads it when it is imported. Where it `is_stopped` by then,
    nothing is served.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    function_app = import_module("function_app")
    services: Services = function_app.services
    try:
        if sample_calls and _is_empty(services):
            _load_sample_data(services, sample_calls)
        application = hosted(function_app.app, _surroundings(services, state))
        if not is_stopped():
            HostServer(application, lambda: _greet(services, listener, state)).serve_on(listener)
    finally:
        services.close()


async def _ring_again(services: Services) -> None:
    """The broker keeps nothing over a restart; the rows do."""
    quiet = replace(services, telemetry=RecordedTelemetry())  # the greeting comes first
    await ring_again(quiet, timedelta(microseconds=1))


def _surroundings(services: Services, state: Path) -> Surroundings:
    settings = services.settings
    return Surroundings(
        app_settings=dict(os.environ),
        source=lambda: ServiceBusSource(settings.service_bus_connection, settings.jobs_queue),
        state=state,
        options=HostOptions.from_file(_ROOT / "host.json"),
        before=_sign_in(services, state),
        after=web_routes(_ROOT / "web", _picture_origin(settings)),
        cors_origins=settings.cors_origins,
        beside=(lambda: _ring_again(services),),
    )


def _picture_origin(settings: Settings) -> str:
    """Where a browser gets the photo evidence from."""
    parts = dict(part.partition("=")[::2] for part in settings.blob_connection_string.split(";"))
    address = urlsplit(settings.blob_account_url or parts.get("BlobEndpoint", ""))
    return f"{address.scheme}://{address.netloc}" if address.netloc else ""


def _sign_in(services: Services, state: Path) -> list[Route]:
    """No development sign-in where people sign in with Entra ID."""
    if not services.settings.dev_issuer:
        return []
    key = signing_key(state / "sign-in-key.pem")
    return SignIn(services.costar, TokenIssuer(key, services.settings, services.clock)).routes()


def _is_empty(services: Services) -> bool:
    with services.costar.read() as connection:
        return connection.execute(select(banks.c.id).limit(1)).first() is None


def _load_sample_data(services: Services, count: int) -> None:
    from dev.sample_data import load_sample_data

    print(f"Making {count:,} sample calls for the first start …", flush=True)
    load_sample_data(services, count, _SEED)


def _greet(services: Services, listener: socket.socket, state: Path) -> None:
    host, port = listener.getsockname()
    url = f"http://127.0.0.1:{port}"
    lines = [f"{services.settings.product_name} runs at {url}"]
    if services.settings.dev_issuer:
        lines.append(f"  Sign in   {url}/dev/login (choose a person; there is no password)")
    lines += [
        f"  API       {url}/functions/v1/reports",
        f"  Data      {state} (delete the folder to start afresh)",
        "  Stop      Ctrl-C",
    ]
    if not host.startswith("127."):
        lines.append("  Careful   others on your network can reach this, and the sign-in asks for no password")
    print("\n".join(lines), flush=True)
