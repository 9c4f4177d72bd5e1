"""Rules over several settings: which exclude or need each other; reads no environment and judges no single value."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SHORTER = (("heartbeat", "lease"), ("first_retry", "last_retry"), ("query_limit", "job_budget"))


def storage_problems(values: Mapping[str, Any], *, is_development: bool) -> list[str]:
    """Where files lie: one place, and in production no account key."""
    account, connection = values.get("blob_account_url"), values.get("blob_connection_string")
    if account and connection:
        return ["BLOB_ACCOUNT_URL and BLOB_CONNECTION_STRING exclude each other"]
    if not account and not connection:
        return ["BLOB_ACCOUNT_URL is missing (in development, BLOB_CONNECTION_STRING of a local emulator will do)"]
    if account and not account.startswith("https://"):
        return ["BLOB_ACCOUNT_URL must begin with https://"]
    if connection and not is_development:
        return ["BLOB_CONNECTION_STRING is for development only: account keys are not used in production"]
    return []


def queue_problems(values: Mapping[str, Any]) -> list[str]:
    """Where messages go: one place."""
    given = [name for name in ("service_bus_connection", "service_bus_namespace") if values.get(name)]
    if len(given) == 1:
        return []
    names = "ServiceBusConnection and ServiceBusConnection__fullyQualifiedNamespace"
    return [f"{names} exclude each other" if given else f"{names}: one of them is missing"]


def token_problems(values: Mapping[str, Any], *, is_development: bool) -> list[str]:
    """Who may issue tokens: Entra ID, or in development the host on this machine."""
    issuer = values.get("dev_issuer")
    if issuer and is_development:
        return _dev_issuer_problems(issuer)
    refused = ["DEV_ISSUER is refused in production"] if issuer else []
    missing = [f"{name.upper()} is missing" for name in ("entra_tenant_id", "entra_audience") if not values.get(name)]
    return refused + missing


def _dev_issuer_problems(url: str) -> list[str]:
    """A dev issuer off this machine would let anybody who runs one sign in as anyone."""
    parts = urlsplit(url)
    on_this_machine = parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK
    return [] if on_this_machine else ["DEV_ISSUER must be an address of this machine"]


def span_problems(values: Mapping[str, Any]) -> list[str]:
    """Spans that make no sense together; those that are not spans are told of elsewhere."""
    return [
        f"{shorter.upper()} must be shorter than {longer.upper()}"
        for shorter, longer in _SHORTER
        if isinstance(short := values.get(shorter), timedelta)
        and isinstance(long := values.get(longer), timedelta)
        and short >= long
    ]
