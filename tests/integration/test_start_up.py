"""What the app loads at its start: nothing that only a file, a message or a sign-in needs."""

import sys
from pathlib import Path

import pytest

from tests.integration.app_process import Indexed, indexed

HEAVY = (
    *("openpyxl", "weasyprint", "matplotlib", "pptx", "PIL", "numpy", "lxml"),  # drawing
    *("azure.storage", "azure.servicebus", "azure.identity", "azure.core", "aiohttp", "requests"),  # Azure
    *("psycopg", "pyodbc", "alembic"),  # databases
    *("sqlalchemy.dialects.mssql", "sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.sqlite"),
    *("cryptography", "jwt", "structlog", "smtplib"),  # signing in, logging, mail
)


@pytest.fixture(name="started", scope="module")
def _started(tmp_path_factory: pytest.TempPathFactory) -> Indexed:
    state = tmp_path_factory.mktemp("state")
    environment = {
        "APP_ENV": "development",
        "DATABASE_URL": f"sqlite:///{state / 'reporting.db'}",
        "BLOB_CONNECTION_STRING": "UseDevelopmentStorage=true",
        "DEV_ISSUER": "http://127.0.0.1:7071/dev",
        "ServiceBusConnection": "Endpoint=sb://127.0.0.1",
    }
    return indexed(Path(sys.executable), environment)


@pytest.mark.parametrize("library", HEAVY)
def test_heavy_library_waits_for_its_first_use(started: Indexed, library: str) -> None:
    """Importing and indexing the app loads none of the libraries that only some requests need."""
    assert [name for name in started.modules if f"{name}.".startswith(f"{library}.")] == []


def test_reports_and_formats_wait_too(started: Indexed) -> None:
    """Neither a report nor a format is loaded before somebody asks for the catalogue."""
    files = [name for name in started.modules if name.startswith(("shared.reports.", "shared.rendering."))]
    assert [name for name in files if not name.rpartition(".")[2].startswith("_")] == []


def test_app_itself_is_loaded(started: Indexed) -> None:
    """What the other tests look at is the whole app: its services are wired and its functions known."""
    assert {"shared.wiring", "shared.jobs.run", "sqlalchemy", "pydantic"} <= started.modules
    assert {"generate_report", "render_worker"} <= set(started.functions)


def test_start_opens_nothing(started: Indexed) -> None:
    """Clients connect at their first use: the app indexes without a network."""
    assert started.asked == []
