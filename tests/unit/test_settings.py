"""Settings: one message for everything that is wrong, and nothing of a developer's machine in production."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.settings import DatabaseSettings, Settings, SettingsError

PRODUCTION = {
    "DATABASE_URL": "sqlite:///x.db",
    "BLOB_ACCOUNT_URL": "https://account.example.net",
    "ServiceBusConnection__fullyQualifiedNamespace": "bus.example.net",
    "ENTRA_TENANT_ID": "tenant",
    "ENTRA_AUDIENCE": "audience",
}
DEVELOPMENT = {
    "APP_ENV": "development",
    "DATABASE_URL": "sqlite:///x.db",
    "BLOB_CONNECTION_STRING": "UseDevelopmentStorage=true",
    "ServiceBusConnection": "Endpoint=sb://127.0.0.1",
    "DEV_ISSUER": "http://127.0.0.1:7071/dev",
}


def _refused(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(environment)
    return str(caught.value)


def test_all_missing_settings_in_one_message() -> None:
    """An empty environment names every setting that is needed, at once."""
    message = _refused({})
    for name in ("DATABASE_URL", "BLOB_ACCOUNT_URL", "ServiceBusConnection", "ENTRA_TENANT_ID", "ENTRA_AUDIENCE"):
        assert name in message


def test_wrong_values_are_named_and_not_shown() -> None:
    """Wrong values are named together with missing ones; what they hold is never repeated: it may be a secret."""
    wrong = {
        "DATABASE_URL": "sqlite:///x.db",
        "LEASE": "secret-1",
        "MAX_CLAIMS": "secret-2",
        "SLA_LIMITS": "secret-3",
        "REPORT_TIMEZONE": "secret-4",
        "APP_ROLE": "secret-5",
        "COSTAR_SCHEMA": "secret 6",
        "CSV_BOM": "secret-7",
        "ServiceBusConnection": "secret-8",
    }
    message = _refused(wrong)
    assert [name for name in wrong if name not in message] == ["DATABASE_URL", "ServiceBusConnection"]
    assert "ENTRA_TENANT_ID" in message
    assert "secret" not in message


def test_production_settings_load() -> None:
    """The least that production needs loads, with the documented defaults."""
    settings = Settings.load(PRODUCTION)
    assert not settings.is_development
    assert settings.zone.key == "Asia/Kolkata"
    assert (settings.lease, settings.heartbeat, settings.max_claims) == (
        timedelta(seconds=120),
        timedelta(seconds=20),
        5,
    )
    assert (settings.job_budget, settings.query_limit) == (timedelta(minutes=20), timedelta(minutes=2))
    assert (settings.sync_wait, settings.max_waiters) == (timedelta(seconds=10), 20)
    assert (settings.link_lifetime, settings.file_retention) == (timedelta(hours=1), timedelta(days=30))
    assert (settings.max_span_days, settings.csv_bom) == (366, True)
    assert settings.token_issuer == "https://login.microsoftonline.com/tenant/v2.0"
    assert (settings.token_audience, settings.token_tenant) == ("audience", "tenant")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"DEV_ISSUER": "http://127.0.0.1:7071/dev"}, "DEV_ISSUER"),
        ({"BLOB_ACCOUNT_URL": "", "BLOB_CONNECTION_STRING": "AccountKey=abc"}, "BLOB_CONNECTION_STRING"),
        ({"BLOB_CONNECTION_STRING": "AccountKey=abc"}, "BLOB_CONNECTION_STRING"),
        ({"BLOB_ACCOUNT_URL": "http://account.example.net"}, "https"),
        ({"ENTRA_AUDIENCE": ""}, "ENTRA_AUDIENCE"),
    ],
)
def test_production_refuses_a_developers_machine(change: dict[str, str], named: str) -> None:
    """Production takes neither the development issuer nor account keys nor plain HTTP, also beside good settings."""
    message = _refused(PRODUCTION | change)
    assert named in message
    assert "abc" not in message


@pytest.mark.parametrize(
    "issuer", ["http://192.0.2.1/dev", "https://issuer.example.com", "ftp://127.0.0.1", "127.0.0.1"]
)
def test_development_issuer_is_on_this_machine(issuer: str) -> None:
    """Even in development nobody else's issuer can sign people in."""
    assert "DEV_ISSUER" in _refused(DEVELOPMENT | {"DEV_ISSUER": issuer})


def test_development_settings_load() -> None:
    """A developer needs no tenant: the issuer's address is enough."""
    settings = Settings.load(DEVELOPMENT)
    assert settings.is_development
    assert settings.token_issuer == "http://127.0.0.1:7071/dev"
    assert settings.jwks_url == "http://127.0.0.1:7071/dev/jwks.json"


def test_environment_text_is_read_by_kind() -> None:
    """Seconds, days, JSON, lists by comma and switches are read from text; an empty text means the default."""
    settings = Settings.load(
        DEVELOPMENT
        | {
            "LEASE": "1.5",
            "HEARTBEAT": "0.5",
            "SYNC_WAIT": "0",
            "FILE_RETENTION": "7",
            "SLA_LIMITS": '{"urgent": 30}',
            "CORS_ORIGINS": "https://a.example, https://b.example,",
            "CSV_BOM": "false",
            "MAX_CLAIMS": "",
        }
    )
    assert (settings.lease, settings.sync_wait) == (timedelta(seconds=1.5), timedelta(0))
    assert settings.file_retention == timedelta(days=7)
    assert (settings.sla_limits.urgent, settings.sla_limits.high) == (30, 120)
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert (settings.csv_bom, settings.max_claims) == (False, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEASE", "0"),
        ("LEASE", "-1"),
        ("LEASE", "nan"),
        ("LEASE", "inf"),
        ("FILE_RETENTION", "1e99"),
        ("FILE_RETENTION", "0"),
        ("MAX_CLAIMS", "0"),
        ("MAX_SPAN_DAYS", "0"),
        ("TRUSTED_HOPS", "6"),
        ("SLA_LIMITS", '{"urgent": 0}'),
        ("SLA_LIMITS", '{"critical": 5}'),
        ("SLA_LIMITS", "{"),
        ("REPORT_TIMEZONE", "Mars/Olympus"),
        ("REPORT_TIMEZONE", "../etc/passwd"),
        ("REPORTING_SCHEMA", "a; drop"),
    ],
)
def test_impossible_values_are_refused(name: str, value: str) -> None:
    """A value that the product could not work with is refused at the start, by name."""
    assert name in _refused(DEVELOPMENT | {name: value})


def test_settings_never_change() -> None:
    """Settings are read once: nobody can change them later."""
    settings: Any = Settings.load(PRODUCTION)
    with pytest.raises(ValidationError):
        settings.app_env = "development"


def test_three_databases_by_default_one() -> None:
    """The CoSTAR and QBR tables are where the reporting tables are, unless their own URLs say otherwise."""
    one = DatabaseSettings.load({"DATABASE_URL": "sqlite:///a.db"})
    assert one.costar_url == one.qbr_url == "sqlite:///a.db"
    three = DatabaseSettings.load(
        {
            "DATABASE_URL": "sqlite:///a.db",
            "COSTAR_DATABASE_URL": "sqlite:///b.db",
            "QBR_DATABASE_URL": "sqlite:///c.db",
            "QBR_SCHEMA": "ben002",
        }
    )
    assert (three.costar_url, three.qbr_url) == ("sqlite:///b.db", "sqlite:///c.db")
    assert three.schemas == {"reporting": "reporting", "costar": "costar", "qbr": "ben002"}
