"""Databases for tests: new empty ones, and ones that have every table, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops.migrate import migrate
from shared.settings import DatabaseSettings
from tests.postgres import PostgresServer

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database: a test that asks for one runs on each."""
    kind: str = request.param
    return kind


@pytest.fixture
def new_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes a new empty database at each call, and gives its URL."""
    with ExitStack() as stack:
        if backend == "sqlite":
            names = iter(range(1_000))
            yield lambda: f"sqlite:///{tmp_path}/{next(names)}.db"
        else:
            server: PostgresServer = request.getfixturevalue("postgres")
            yield lambda: stack.enter_context(server.database())


@pytest.fixture
def empty_url(new_url: Callable[[], str]) -> str:
    """A new database with nothing in it."""
    return new_url()


@pytest.fixture
def migrated_url(backend: str, request: pytest.FixtureRequest) -> str:
    """A new database with every table, the business ones included, and no row."""
    url: str = request.getfixturevalue(f"migrated_{backend}_url")
    return url


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite_file: Path, tmp_path: Path) -> str:
    """As `migrated_url`, on SQLite alone."""
    copy = shutil.copy(migrated_sqlite_file, tmp_path / "migrated.db")
    return f"sqlite:///{copy}"


@pytest.fixture
def migrated_postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    """As `migrated_url`, on PostgreSQL alone."""
    with postgres.database(postgres.template("migrated", migrate_all)) as url:
        yield url


@pytest.fixture
def shared_url(backend: str, request: pytest.FixtureRequest) -> str:
    """As `migrated_url`, but one for all tests: those that use it change nothing, or undo what they did."""
    url: str = request.getfixturevalue(f"shared_{backend}_url")
    return url


@pytest.fixture(scope="session")
def shared_sqlite_url(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """As `shared_url`, on SQLite alone."""
    return f"sqlite:///{shutil.copy(migrated_sqlite_file, tmp_path_factory.mktemp('shared') / 'shared.db')}"


@pytest.fixture(scope="session")
def shared_postgresql_url(postgres: PostgresServer) -> Iterator[str]:
    """As `shared_url`, on PostgreSQL alone."""
    with postgres.database(postgres.template("migrated", migrate_all)) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that tests copy."""
    file = tmp_path_factory.mktemp("migrated") / "template.db"
    migrate_all(f"sqlite:///{file}")
    return file


def migrate_all(url: str) -> None:
    """Makes every table, the business ones included."""
    migrate(DatabaseSettings(database_url=url), with_business_tables=True)
