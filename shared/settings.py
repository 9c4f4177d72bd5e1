"""Settings: one frozen model, read once from the environment; the only file that reads it.

Every field is one environment variable, its name in upper case. What is missing or wrong is named in one message.
"""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ENTRA = "https://login.microsoftonline.com"


class SettingsError(Exception):
    """The environment lacks settings or holds wrong ones; the message names all of them."""


def _seconds(value: object) -> object:
    """Environment text holds seconds; a `timedelta` stays as it is."""
    return _span(value, "seconds")


def _days(value: object) -> object:
    return _span(value, "days")


def _span(value: object, unit: str) -> object:
    """A number of the unit as a `timedelta`; the message of a wrong one does not repeat it."""
    if not isinstance(value, str | int | float):
        return value
    try:
        return timedelta(**{unit: float(value)})
    except (ValueError, OverflowError):
        raise ValueError(f"must be a number of {unit}") from None


def _json(value: object) -> object:
    """Environment text holds JSON."""
    return json.loads(value) if isinstance(value, str) else value


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        message = "must be more than 0"
        raise ValueError(message)
    return value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        message = "must be an IANA time zone such as Asia/Kolkata"
        raise ValueError(message) from None
    return name


def _names(value: object) -> object:
    """Environment text holds names parted by commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Seconds = Annotated[timedelta, BeforeValidator(_seconds), AfterValidator(_positive)]
SecondsOrZero = Annotated[timedelta, BeforeValidator(_seconds)]
Days = Annotated[timedelta, BeforeValidator(_days), AfterValidator(_positive)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,49}$")]


class SlaLimits(BaseModel):
    """Minutes within which a call of each priority should be started (reports.md §1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urgent: int = Field(60, ge=1)
    high: int = Field(120, ge=1)
    medium: int = Field(240, ge=1)
    low: int = Field(480, ge=1)


class DatabaseSettings(BaseModel):
    """Where the tables are: all that a migration needs to know. Instances never change."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    database_url: str = Field(description="SQLAlchemy URL of the `reporting` schema; the default for the other two.")
    costar_database_url: str = Field("", description="URL of the CoSTAR tables; empty means DATABASE_URL.")
    qbr_database_url: str = Field("", description="URL of the QBR tables; empty means DATABASE_URL.")
    reporting_schema: Identifier = Field("reporting", description="Schema of the product's own tables.")
    costar_schema: Identifier = Field("costar", description="Schema of the CoSTAR tables.")
    qbr_schema: Identifier = Field("qbr", description="Schema of the QBR tables.")

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Reads the environment (or the mapping given) once.

        Raises:
            SettingsError: naming every missing or wrong variable, never its value.

        """
        source = os.environ if environment is None else environment
        values = {
            name: source[field.alias or name.upper()]
            for name, field in cls.model_fields.items()
            if source.get(field.alias or name.upper(), "") != ""
        }
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            of_fields = (each for each in error.errors(include_input=False) if each["loc"])
            problems = [f"{_variable(cls, each['loc'])}: {each['msg']}" for each in of_fields]
            raise SettingsError("Settings to correct: " + "; ".join([*problems, *cls.joint_problems(values)])) from None

    @classmethod
    def joint_problems(cls, values: Mapping[str, Any]) -> list[str]:
        """What is wrong with the values taken together, whether or not each is right by itself."""
        del values
        return []

    @property
    def costar_url(self) -> str:
        """URL of the database that holds the CoSTAR tables."""
        return self.costar_database_url or self.database_url

    @property
    def qbr_url(self) -> str:
        """URL of the database that holds the QBR tables."""
        return self.qbr_database_url or self.database_url

    @property
    def schemas(self) -> dict[str, str]:
        """The names of the schemas in the database, by the names that the code knows them by."""
        return {"reporting": self.reporting_schema, "costar": self.costar_schema, "qbr": self.qbr_schema}


class Settings(DatabaseSettings):
    """Everything a deployment may choose. Instances never change."""

    app_env: Literal["production", "development"] = Field(
        "production",
        description="`development` allows the dev host's sign-in and plain-text links to a local emulator.",
    )
    app_role: Literal["api", "worker", "all"] = Field(
        "all", description="Which functions this process registers: the HTTP ones, the worker and timer, or all."
    )
    app_url: str = Field("", description="Address of the web page; links that ask the reader to sign in lead there.")
    product_name: str = Field("CoSTAR Reports", description="Name shown in files, pages and mails.")

    query_limit: Seconds = Field(
        timedelta(seconds=120), description="Seconds a report's query may take to its first row, and then per batch."
    )

    blob_account_url: str = Field("", description="https URL of the storage account, reached by managed identity.")
    blob_connection_string: str = Field("", description="Connection string of a local emulator instead of an account.")
    reports_container: str = Field("reports", description="Blob container of the finished files.")
    photos_container: str = Field("photos", description="Blob container of the photo evidence.")

    service_bus_connection: str = Field(
        "", alias="ServiceBusConnection", description="Where job messages go; `in-process` keeps them in this process."
    )
    jobs_queue: str = Field("report-jobs", description="Name of the queue of job messages.")

    entra_tenant_id: str = Field("", description="Microsoft Entra tenant whose tokens are accepted (production).")
    entra_audience: str = Field("", description="Audience the tokens must be issued for (production).")
    dev_issuer: str = Field("", description="URL of the dev host's own token issuer; refused in production.")
    cors_origins: Names = Field(
        (), description="Exact origins of web pages that may call the API, by comma (dev host)."
    )
    trusted_hops: int = Field(
        1, ge=0, le=5, description="Proxies in front whose X-Forwarded-For entry is believed for the audit's address."
    )

    report_timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "Asia/Kolkata", description="IANA business time zone: every date, hour and period is one of this zone."
    )
    sla_limits: Annotated[SlaLimits, BeforeValidator(_json)] = Field(
        SlaLimits(), description="Response limits in minutes by priority, as JSON."
    )
    max_span_days: int = Field(366, ge=1, le=3660, description="Longest date range of one report, in days.")
    csv_bom: bool = Field(True, description="Begin CSV files with a UTF-8 byte order mark, which Excel needs.")

    sync_wait: SecondsOrZero = Field(
        timedelta(seconds=10),
        description="Seconds a request for a small report waits for the file before it answers 202.",
    )
    max_waiters: int = Field(20, ge=0, le=200, description="Requests of one process that may wait at the same time.")
    lease: Seconds = Field(timedelta(seconds=120), description="Seconds a claim holds a job without a sign of life.")
    heartbeat: Seconds = Field(timedelta(seconds=20), description="Seconds between two signs of life of a running job.")
    max_claims: int = Field(5, ge=1, le=50, description="Claims after which a job that never ends is failed.")
    job_budget: Seconds = Field(timedelta(minutes=20), description="Seconds one claim may work on a job.")
    resend_after: Seconds = Field(
        timedelta(minutes=10), description="Seconds after which the timer rings again for a job that nobody claimed."
    )
    link_lifetime: Seconds = Field(timedelta(hours=1), description="Seconds a download link works.")
    photo_link_lifetime: Seconds = Field(timedelta(hours=24), description="Seconds a photo link inside a file works.")
    file_retention: Days = Field(timedelta(days=30), description="Days after which a finished file expires.")
    timer_schedule: str = Field("0 * * * * *", description="NCRONTAB of the timer function (six fields, UTC).")
    work_directory: Path | None = Field(None, description="Folder for files being made; empty means the system's.")

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.report_timezone)

    @property
    def is_development(self) -> bool:
        """Whether the conveniences of a developer's machine are allowed."""
        return self.app_env == "development"

    @property
    def token_issuer(self) -> str:
        """The one `iss` that is accepted."""
        return self.dev_issuer or f"{_ENTRA}/{self.entra_tenant_id}/v2.0"

    @property
    def token_audience(self) -> str:
        """The one `aud` that is accepted."""
        return self.entra_audience or "reporting-dev"

    @property
    def token_tenant(self) -> str:
        """The one `tid` that is accepted."""
        return self.entra_tenant_id or "dev"

    @property
    def jwks_url(self) -> str:
        """Where the issuer publishes its keys."""
        return (
            f"{self.dev_issuer}/jwks.json"
            if self.dev_issuer
            else f"{_ENTRA}/{self.entra_tenant_id}/discovery/v2.0/keys"
        )

    @classmethod
    def joint_problems(cls, values: Mapping[str, Any]) -> list[str]:
        """Which of the settings that exclude or need each other do not fit."""
        is_development = values.get("app_env") == "development"
        return [*_storage_problems(values, is_development), *_token_problems(values, is_development)]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if problems := self.joint_problems(self.model_dump()):
            raise ValueError("; ".join(problems))
        return self


def _storage_problems(values: Mapping[str, Any], is_development: bool) -> list[str]:  # noqa: FBT001 private
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


def _token_problems(values: Mapping[str, Any], is_development: bool) -> list[str]:  # noqa: FBT001 private
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


def _variable(settings: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """The environment name of a field's place."""
    name = str(location[0])
    field = settings.model_fields.get(name)
    return (field.alias or name.upper()) if field else name
