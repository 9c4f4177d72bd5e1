"""The app as the Functions worker loads it in Azure: production packages, production settings, no network."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from shared.settings import Settings, SettingsError
from tests.integration.app_process import ROOT, WATCH, indexed, refusal

PRODUCTION: Mapping[str, str] = {
    "DATABASE_URL": "mssql+pyodbc://@example.database.windows.net/reports?driver=ODBC+Driver+18+for+SQL+Server",
    "BLOB_ACCOUNT_URL": "https://example.blob.core.windows.net",
    "ENTRA_TENANT_ID": "11111111-2222-3333-4444-555555555555",
    "ENTRA_AUDIENCE": "api://costar-reports",
    "ServiceBusConnection__fullyQualifiedNamespace": "bus.example.net",
}
ROUTES = {
    "openapi": ("GET", "openapi.json"),
    "generate_report": ("POST", "functions/v1/generate-report"),
    "report_cancel": ("POST", "functions/v1/report-status/{jobId}/cancel"),
    "report_options": ("GET", "functions/v1/report-options"),
    "report_status": ("GET", "functions/v1/report-status/{jobId}"),
    "photo": ("GET", "functions/v1/photos/{photoId}"),
    "fsp_format": ("GET", "functions/v1/fsp-formats/{bankId}"),
    "fsp_format_change": ("PUT", "functions/v1/fsp-formats/{bankId}"),
    "reports": ("GET", "functions/v1/reports"),
}
HEALTH = {"health_live": ("GET", "health/live"), "health_ready": ("GET", "health/ready")}
BACKGROUND = {"render_worker": "serviceBusTrigger", "scheduler_timer": "timerTrigger"}
ROLES = {
    "": (ROUTES | HEALTH, BACKGROUND),
    "all": (ROUTES | HEALTH, BACKGROUND),
    "api": (ROUTES | HEALTH, {}),
    "worker": (HEALTH, BACKGROUND),
}


@pytest.fixture(scope="module")
def production_python() -> Path:
    """The interpreter of the environment that holds the production requirements and nothing else."""
    python = ROOT / ".venv-prod" / "bin" / "python"
    if not python.exists():
        pytest.fail("there is no .venv-prod: run `make setup-test`", pytrace=False)
    return python


@pytest.mark.parametrize("role", ROLES)
def test_role_registers_exactly_its_functions(production_python: Path, role: str) -> None:
    """Each role's functions, with their methods and routes, and no other; the app asks nobody for anything."""
    app = indexed(production_python, {**PRODUCTION, "APP_ROLE": role})
    http = {name: each for name, each in app.functions.items() if each["type"] == "httpTrigger"}
    background = {name: each["type"] for name, each in app.functions.items() if name not in http}
    routes = {name: (" ".join(map(str, each["methods"])), each["route"]) for name, each in http.items()}
    assert (routes, background) == ROLES[role]
    assert {str(each["authLevel"]) for each in http.values()} == {"ANONYMOUS"}
    assert app.asked == []
    assert app.modules.isdisjoint({"pytest", "starlette", "uvicorn", "dev", "tests"})


@pytest.mark.parametrize("attempt", ["create_connection(('127.0.0.1', 9))", "getaddrinfo('example.com', 443)"])
def test_watch_sees_what_uses_the_network(attempt: str) -> None:
    """The check that the app asks nobody can fail: a look-up and a connection are both noticed, and refused."""
    use = f"import socket\ntry:\n    socket.{attempt}\nexcept OSError as error:\n    print(error, len(asked) > 0)"
    done = subprocess.run([sys.executable, "-c", f"{WATCH}\n{use}"], capture_output=True, text=True, check=False)
    assert done.stdout == "there is no network here True\n"


def test_background_triggers_take_their_names_from_settings(production_python: Path) -> None:
    """Queue and schedule come from our settings and their defaults: the host has no app setting to look for."""
    functions = indexed(production_python, {**PRODUCTION, "APP_ROLE": "worker"}).functions
    worker, timer = functions["render_worker"], functions["scheduler_timer"]
    assert (worker["queueName"], worker["connection"]) == ("report-jobs", "ServiceBusConnection")
    assert (timer["schedule"], timer["runOnStartup"]) == ("0 * * * * *", False)


def test_wrong_settings_are_one_message(production_python: Path) -> None:
    """An app with wrong settings does not start, and its last line names them all and tells no value."""
    wrong = {"MAX_WAITERS": "many", "REPORT_TIMEZONE": "Mars/Olympus", "BLOB_CONNECTION_STRING": "AccountKey=secret"}
    said = refusal(production_python, wrong | {"ENTRA_AUDIENCE": "api://x", "ServiceBusConnection": "in-process"})
    assert said.startswith("shared.settings.SettingsError: Settings to correct: ")
    named = {"DATABASE_URL", "MAX_WAITERS", "REPORT_TIMEZONE", "BLOB_CONNECTION_STRING", "ENTRA_TENANT_ID"}
    assert {name for name in named if name in said} == named
    assert {value for value in ("many", "Mars", "secret", "api://x") if value in said} == set()


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:7071/dev", "https://login.example.com"])
@pytest.mark.parametrize("environment", [{}, {"APP_ENV": "production"}])
def test_production_refuses_the_development_sign_in(issuer: str, environment: Mapping[str, str]) -> None:
    """No issuer of development tokens is taken unless the environment says that it is development."""
    with pytest.raises(SettingsError, match="DEV_ISSUER is refused in production"):
        Settings.load({**PRODUCTION, **environment, "DEV_ISSUER": issuer})


def test_development_takes_an_issuer_of_this_machine_only() -> None:
    """Somebody else's server cannot sign people in, in development either."""
    development = {**PRODUCTION, "APP_ENV": "development"}
    assert Settings.load({**development, "DEV_ISSUER": "http://127.0.0.1:7071/dev"}).token_tenant
    with pytest.raises(SettingsError, match="DEV_ISSUER must be an address of this machine"):
        Settings.load({**development, "DEV_ISSUER": "https://evil.example/dev"})


def test_production_tokens_come_from_the_tenant() -> None:
    """Issuer, audience, tenant and keys that are accepted are those of Microsoft Entra."""
    settings = Settings.load(PRODUCTION)
    tenant = PRODUCTION["ENTRA_TENANT_ID"]
    assert settings.token_issuer == f"https://login.microsoftonline.com/{tenant}/v2.0"
    assert settings.jwks_url == f"https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys"
    assert (settings.token_tenant, settings.token_audience) == (tenant, "api://costar-reports")
