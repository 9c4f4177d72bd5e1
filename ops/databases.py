"""Which database holds which schemas, under which names, and how a command opens it; runs no statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import make_url

from shared.adapters.database import SqlDatabase
from shared.settings import DatabaseSettings
from shared.tables import COSTAR, QBR, REPORTING

_QUERY_LIMIT = timedelta(minutes=10)  # of snapshots only, which no command here takes
_MIGRATION_LIMIT = timedelta(hours=2)  # an index over many rows takes its time


@dataclass(frozen=True)
class Store:
    """One database: the schemas it holds, as the code knows them, and the name of every schema in the database."""

    url: str
    schemas: tuple[str, ...]
    names: Mapping[str, str]

    def open(self) -> SqlDatabase:
        """Connects; the caller closes."""
        return SqlDatabase(self.url, self.names, _QUERY_LIMIT, statement_limit=_MIGRATION_LIMIT)

    def __str__(self) -> str:
        """Names the database by its schemas: a URL may hold a password."""
        return f"database of {', '.join(self.names[schema] for schema in self.schemas)}"


def stores(settings: DatabaseSettings) -> list[Store]:
    """The databases of a deployment, each once, though three settings may name one."""
    urls = {REPORTING: settings.database_url, COSTAR: settings.costar_url, QBR: settings.qbr_url}
    return [
        Store(url, tuple(schema for schema in urls if urls[schema] == url), _names(url, settings))
        for url in dict.fromkeys(urls.values())
    ]


def _names(url: str, settings: DatabaseSettings) -> dict[str, str]:
    """SQLite has no schemas to name: the prefixes in its file are the names that the code knows."""
    if make_url(url).get_backend_name() == "sqlite":
        return {name: name for name in settings.schemas}
    return settings.schemas
