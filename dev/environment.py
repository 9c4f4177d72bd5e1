"""Development defaults of the settings: what `python -m dev` puts into the environment where nothing stands yet."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path

_NO_BROKER = (  # for the commands that send nothing; `run` starts a broker before it asks for defaults
    "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=none;SharedAccessKey=none;UseDevelopmentEmulator=true"
)
_UNLIMITED = "1000"  # an hour: who develops presses the button often


def development_defaults(state: Path, port: int) -> dict[str, str]:
    """The settings of a development host that keeps its data in `state` (absolute) and listens on `port`."""
    return {
        "APP_ENV": "development",
        "APP_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{state / 'reporting.db'}",
        "ServiceBusConnection": _NO_BROKER,
        "DEV_ISSUER": f"http://127.0.0.1:{port}/dev",
        "JOBS_QUEUE": "report-jobs",
        "TIMER_SCHEDULE": "0 * * * * *",
        "REPORTS_PER_USER": _UNLIMITED,
        "REPORTS_PER_ADDRESS": _UNLIMITED,
        "PREVIEWS_PER_USER": _UNLIMITED,
    }


def set_defaults(environment: MutableMapping[str, str], defaults: Mapping[str, str]) -> None:
    """Sets what is not set, or set to nothing; who signs in with Entra ID gets no development sign-in."""
    signs_in_elsewhere = bool(environment.get("ENTRA_TENANT_ID"))
    for name, value in defaults.items():
        if not environment.get(name) and not (name == "DEV_ISSUER" and signs_in_elsewhere):
            environment[name] = value


def needs_blob_store(environment: Mapping[str, str]) -> bool:
    """Whether no blob storage is named, so that an emulator has to be started."""
    return not (environment.get("BLOB_CONNECTION_STRING") or environment.get("BLOB_ACCOUNT_URL"))
