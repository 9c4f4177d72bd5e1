"""What every test may use: servers started once in a run, fresh databases, and services over each kind of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from shared.ports import Services
from shared.wiring import in_memory
from tests.world import World

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadFileScheduling

pytest_plugins = ["tests.azurite", "tests.postgres", "tests.databases"]

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

_TOGETHER = ("tests/acceptance/", "tests/browser/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "LoadFileScheduling":
    """A worker gets a file at a time, but folders whose files share products, slow to start, as a whole."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no types
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((folder for folder in _TOGETHER if file.startswith(folder)), file)

    return Scheduling(config, log)


@pytest.fixture
def services(migrated_url: str, tmp_path: Path) -> Iterator[Services]:
    """Services with twins for queue and blobs, over a new database with every table and no row."""
    made = in_memory(tmp_path, database_url=migrated_url)
    yield made
    made.close()


@pytest.fixture
def world(services: Services) -> World:
    """A builder of rows in the database of `services`."""
    return World(services)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with every table that the tests of one module share, for tests that leave no trace or mind none."""
    if request.param == "sqlite":
        file = request.getfixturevalue("migrated_sqlite_file")
        yield f"sqlite:///{shutil.copy(file, tmp_path_factory.mktemp('shared'))}"
        return
    from tests.databases import migrate_all  # pytest has to be the first to import a plugin

    server = request.getfixturevalue("postgres")
    with server.database(server.template("migrated", migrate_all)) as url:
        yield url


_REAL = {"sampled", "limited", "product", "los_angeles_product"}  # fixtures that run the whole product in a process


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says how many acceptance tests ran on real processes, servers and files: at least nine of ten should."""
    passed = [report for report in terminalreporter.getreports("passed") if "tests/acceptance/" in report.nodeid]
    real = [report for report in passed if ("on_real_parts", True) in report.user_properties]
    if passed:
        terminalreporter.write_line(f"acceptance tests: {len(passed)}, of which on real parts: {len(real)}")


@pytest.fixture(autouse=True)
def _tell_real_parts(request: pytest.FixtureRequest) -> None:
    request.node.user_properties.append(("on_real_parts", not _REAL.isdisjoint(request.fixturenames)))
