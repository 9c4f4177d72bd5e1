"""Fixtures of the chaos tests: one stage per database, on which everything stands again before each test."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev.azurite import AzuriteServer
from tests.chaos.stage import Stage
from tests.chaos.world import fill
from tests.databases import BACKENDS, migrate_all

if TYPE_CHECKING:
    from tests.postgres import PostgresServer


@pytest.fixture(scope="session", params=BACKENDS)
def standing(
    request: pytest.FixtureRequest, azurite: AzuriteServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The stage, whatever the test before has left of it."""
    folder = tmp_path_factory.mktemp("chaos")
    with ExitStack() as stack:
        environment = {
            "DATABASE_URL": _database(request, folder, stack),
            "BLOB_CONNECTION_STRING": azurite.connection_string,
            "REPORTS_CONTAINER": f"chaos-{request.param}",
        }
        stage = Stage.set_up(folder, environment)
        stack.callback(stage.tear_down)
        fill(stage.services.costar)
        yield stage


@pytest.fixture
def stage(standing: Stage) -> Stage:
    """The stage with everything up."""
    standing.up()
    return standing


on_postgresql = pytest.mark.parametrize("standing", ["postgresql"], indirect=True)


def _database(request: pytest.FixtureRequest, folder: Path, stack: ExitStack) -> str:
    """A database with every table and no row, by its URL."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_sqlite_file'), folder / 'reporting.db')}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return stack.enter_context(server.database(server.template("migrated", migrate_all)))
