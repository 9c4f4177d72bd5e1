"""Settings: one frozen model, read once from the environment; the only file that reads it.

Every field is one environment variable, its name in upper case. What is missing or wrong is named in one message.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.setting_rules import queue_problems, span_problems, storage_problems, token_problems
from shared.setting_types import Colour, Days, Identifier, JsonText, Names, Picture, Seconds, SecondsOrZero, Zone

VERSION = "0.1.0"  # as pyproject.toml has it; files name it

_FOR_CHILDREN = (
    "PATH",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "FONTCONFIG_PATH",
    "XDG_CACHE_HOME",
    "MPLCONFIGDIR",
    "ODBCSYSINI",
)
_ENTRA = "https://login.microsoftonline.com"


class SettingsError(Exception):
    """The environment lacks settings or holds wrong ones; the message names all of them."""


class SlaLimits(BaseModel):
    """Minutes within which a call of each priority should be started (reports.md §1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    urgent: int = Field(60, ge=1)
    high: int = Field(120, ge=1)
    medium: int = Field(240, ge=1)
    low: int = Field(480, ge=1)


class ResolutionTargets(BaseModel):
    """Hours within which a call of each type should be completed (reports.md §3.9)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    installation: int = Field(72, ge=1)
    swap: int = Field(48, ge=1)
    maintenance: int = Field(72, ge=1)
    breakdown: int = Field(24, ge=1)
    deinstallation: int = Field(96, ge=1)


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
            found = error.errors(include_input=False)
            problems = [f"{_variable(cls, each['loc'])}: {each['msg']}" for each in found if each["loc"]]
            joint = cls.joint_problems(values) or [str(each["ctx"]["error"]) for each in found if not each["loc"]]
            raise SettingsError("Settings to correct: " + "; ".join([*problems, *joint])) from None

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


class RenderSettings(DatabaseSettings):
    """What making a file needs to know: all that a render child is told, and no secret but the databases'."""

    app_url: str = Field("", description="Address of the web page; links that ask the reader to sign in lead there.")
    product_name: str = Field("CoSTAR Reports", description="Name shown in files, pages and mails.")
    query_limit: Seconds = Field(
        timedelta(seconds=120), description="Seconds a report's query may take to its first row, and then per batch."
    )
    report_timezone: Zone = Field(
        "Asia/Kolkata", description="IANA business time zone: every date, hour and period is one of this zone."
    )
    sla_limits: Annotated[SlaLimits, JsonText] = Field(
        SlaLimits(), description="Response limits in minutes by priority, as JSON."
    )
    resolution_targets: Annotated[ResolutionTargets, JsonText] = Field(
        ResolutionTargets(), description="Resolution targets in hours by call type, as JSON."
    )
    on_time_grace_days: int = Field(
        0, ge=0, le=366, description="Days after its scheduled date until which a completed call counts as on time."
    )
    minimum_sample: int = Field(
        5, ge=1, le=1_000, description="Completed calls below which an engineer is shown without a rank."
    )
    csv_bom: bool = Field(True, description="Begin CSV files with a UTF-8 byte order mark, which Excel needs.")
    photo_link_lifetime: Seconds = Field(timedelta(hours=24), description="Seconds a photo link inside a file works.")
    photo_max_mib: int = Field(
        15, ge=1, le=100, description="Size in MiB above which a photo is not embedded: a placeholder stands for it."
    )
    pdf_max_rows: int = Field(
        20_000, ge=1, description="Rows above which a report cannot be had as PDF; XLSX and CSV hold any number."
    )
    brand_colour: Colour = Field("0066CC", description="Colour of pages and slides, as six hexadecimal digits.")
    brand_logo: Picture | None = Field(
        None, description="SVG or PNG file with the logo of pages and slides; empty means the product's own mark."
    )
    work_directory: Path | None = Field(None, description="Folder for files being made; empty means the system's.")

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.report_timezone)

    @property
    def photo_max_bytes(self) -> int:
        """The largest photo that is embedded."""
        return self.photo_max_mib << 20


class Settings(RenderSettings):
    """Everything a deployment may choose. Instances never change."""

    app_env: Literal["production", "development"] = Field(
        "production",
        description="`development` allows the dev host's sign-in and plain-text links to a local emulator.",
    )
    app_role: Literal["api", "worker", "all"] = Field(
        "all", description="Which functions this process registers: the HTTP ones, the worker and timer, or all."
    )

    blob_account_url: str = Field("", description="https URL of the storage account, reached by managed identity.")
    blob_connection_string: str = Field("", description="Connection string of a local emulator instead of an account.")
    reports_container: str = Field("reports", description="Blob container of the finished files.")
    photos_container: str = Field("photos", description="Blob container of the photo evidence.")

    service_bus_connection: str = Field(
        "",
        alias="ServiceBusConnection",
        description="Connection string of the Service Bus namespace, or of a local broker.",
    )
    service_bus_namespace: str = Field(
        "",
        alias="ServiceBusConnection__fullyQualifiedNamespace",
        description="Host name of the Service Bus namespace, reached by managed identity.",
    )
    jobs_queue: str = Field("report-jobs", description="Name of the queue of job messages.")

    entra_tenant_id: str = Field("", description="Microsoft Entra tenant whose tokens are accepted (production).")
    entra_audience: str = Field("", description="Audience the tokens must be issued for (production).")
    dev_issuer: str = Field("", description="URL of the dev host's own token issuer; refused in production.")
    cors_origins: Names = Field(
        (), description="Exact origins of web pages that may call the API, by comma (dev host)."
    )
    trusted_hops: int = Field(
        1,
        ge=0,
        le=5,
        description="Proxies in front whose X-Forwarded-For entry is believed: limits and audit go by it.",
    )

    max_span_days: int = Field(366, ge=1, le=3660, description="Longest date range of one report, in days.")

    sync_wait: SecondsOrZero = Field(
        timedelta(seconds=10),
        description="Seconds a request for a small report waits for the file before it answers 202.",
    )
    max_waiters: int = Field(20, ge=0, le=200, description="Requests of one process that may wait at the same time.")
    lease: Seconds = Field(timedelta(seconds=120), description="Seconds a claim holds a job without a sign of life.")
    heartbeat: Seconds = Field(timedelta(seconds=20), description="Seconds between two signs of life of a running job.")
    max_claims: int = Field(5, ge=1, le=50, description="Claims after which a job that never ends is failed.")
    running_per_user: int = Field(3, ge=1, le=100, description="Jobs of one person that may run at the same time.")
    reports_per_user: int = Field(10, ge=1, description="Reports one person may order in an hour.")
    reports_per_address: int = Field(20, ge=1, description="Reports that may be ordered from one address in an hour.")
    previews_per_user: int = Field(60, ge=1, description="Previews one person may ask for in an hour.")
    key_lifetime: Seconds = Field(timedelta(hours=24), description="Seconds an Idempotency-Key is remembered.")
    child_memory_mib: int = Field(400, ge=64, description="Memory of a render child above which it is killed, in MiB.")
    child_jobs: int = Field(50, ge=1, description="Jobs after which a render child is replaced by a new one.")
    turn: Seconds = Field(timedelta(seconds=5), description="Seconds until a job asks again for a free place.")
    send_grace: Seconds = Field(timedelta(seconds=30), description="Seconds a request has to send its own message.")
    outage_delay: Seconds = Field(
        timedelta(minutes=1), description="Seconds until a message comes again that found no database."
    )
    child_growth_mib: int = Field(150, ge=1, description="Growth of a render child after which it is replaced, in MiB.")
    first_retry: Seconds = Field(
        timedelta(seconds=15), description="Longest wait before the second attempt, in seconds."
    )
    last_retry: Seconds = Field(timedelta(minutes=10), description="Longest wait before any attempt, in seconds.")
    cancel_grace: Seconds = Field(timedelta(seconds=1), description="Seconds a cancelled render may take to stop.")
    job_budget: Seconds = Field(timedelta(minutes=20), description="Seconds one claim may work on a job.")
    resend_after: Seconds = Field(
        timedelta(minutes=10), description="Seconds after which the timer rings again for a job that nobody claimed."
    )
    link_lifetime: Seconds = Field(timedelta(hours=1), description="Seconds a download link works.")
    file_retention: Days = Field(timedelta(days=30), description="Days after which a finished file expires.")
    timer_schedule: str = Field("0 * * * * *", description="NCRONTAB of the timer function (six fields, UTC).")

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
        return [
            *storage_problems(values, is_development=is_development),
            *queue_problems(values),
            *token_problems(values, is_development=is_development),
            *span_problems(values),
        ]

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if problems := self.joint_problems(self.model_dump()):
            raise ValueError("; ".join(problems))
        return self


def _variable(settings: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """The environment name of a field's place."""
    name = str(location[0])
    field = settings.model_fields.get(name)
    return (field.alias or name.upper()) if field else name


def child_environment() -> dict[str, str]:
    """What a child process may know of this process's environment: an allow-list without any setting of ours."""
    return {name: os.environ[name] for name in _FOR_CHILDREN if name in os.environ}
