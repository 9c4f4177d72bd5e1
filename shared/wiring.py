"""Puts the adapters together: `connect` for a deployment, `in_memory` for tests and trials; the only maker of Services.

Nothing is opened here: every client connects on its first use, so that the app indexes without a network.
"""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.adapters.blob_account import storage_account
from shared.adapters.blob_memory import MemoryBlobStore
from shared.adapters.blob_storage import AzureBlobStore
from shared.adapters.database import databases
from shared.adapters.in_process_queue import InProcessQueue
from shared.adapters.jwks import JwksKeys, StaticKeys
from shared.adapters.render_child import RenderChildren
from shared.adapters.service_bus import ServiceBusQueue
from shared.clock import Clock, SystemClock
from shared.jobs.render import render_inline
from shared.ports import Services
from shared.settings import Settings
from shared.telemetry import RecordedTelemetry, structured_log


def connect(settings: Settings) -> Services:
    """The services of a deployment."""
    clock = SystemClock()
    reporting, costar, qbr = databases(settings)
    account = storage_account(settings, clock)
    connection, namespace = settings.service_bus_connection, settings.service_bus_namespace
    return Services(
        settings=settings,
        clock=clock,
        telemetry=structured_log(),
        reporting=reporting,
        costar=costar,
        qbr=qbr,
        files=AzureBlobStore(account, settings.reports_container, clock),
        photos=AzureBlobStore(account, settings.photos_container, clock),
        queue=ServiceBusQueue(settings.jobs_queue, clock, connection_string=connection, namespace=namespace),
        token_keys=JwksKeys(settings.jwks_url, clock),
        render=RenderChildren(settings),
    )


def in_memory(folder: Path | None = None, *, clock: Clock | None = None, jwks: Any = None, **settings: Any) -> Services:
    """Services without any server: SQLite in a private folder, twins for queue and blobs, rendering in the caller.

    SQLite's write-ahead log needs a file, so the database lies in `folder`, by default a new temporary one.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="reporting-"))
    given: dict[str, Any] = {
        "app_env": "development",
        "database_url": f"sqlite:///{place / 'reporting.db'}",
        "blob_account_url": "https://memory.invalid",
        "dev_issuer": "http://127.0.0.1/dev",
        "service_bus_connection": "Endpoint=sb://127.0.0.1",
        "sync_wait": timedelta(0),
    }
    chosen = Settings.model_validate(given | settings)
    ticking = clock or SystemClock()
    reporting, costar, qbr = databases(chosen)
    return Services(
        settings=chosen,
        clock=ticking,
        telemetry=RecordedTelemetry(),
        reporting=reporting,
        costar=costar,
        qbr=qbr,
        files=MemoryBlobStore(ticking, "reports"),
        photos=MemoryBlobStore(ticking, "photos"),
        queue=InProcessQueue(ticking),
        token_keys=StaticKeys(jwks or {"keys": []}),
        render=render_inline,
    )
