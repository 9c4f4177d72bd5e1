"""A development host on a free loopback port for one test, over a function app that the test makes."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import azure.functions as func
import httpx

from dev.host.assembly import Surroundings, hosted
from dev.host.listening import listening_socket
from dev.host.server import HostServer
from shared.adapters.in_process_queue import InProcessQueue
from shared.clock import SystemClock

APP_SETTINGS: Mapping[str, str] = {"ServiceBusConnection": "in-process", "JOBS_QUEUE": "jobs", "EACH": "* * * * * *"}


def anonymous_app() -> func.FunctionApp:
    """An empty app of the auth level that the product has."""
    return func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@contextmanager
def client_of(app: func.FunctionApp, state: Path, **around: Any) -> Iterator[httpx.Client]:
    """Serves the app and gives a client of it."""
    queue = around.pop("queue", None) or InProcessQueue(SystemClock())
    application = hosted(app, Surroundings(app_settings=APP_SETTINGS, state=state, source=lambda: queue, **around))
    up = threading.Event()
    server = HostServer(application, up.set)
    with listening_socket("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.serve_on, args=(listener,))
        thread.start()
        assert up.wait(10)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=10) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()
