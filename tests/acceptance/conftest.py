"""Fixtures of the acceptance tests: the running product on both databases."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.comparing import url_of
from tests.acceptance.oracle.records import World, from_database, from_files
from tests.acceptance.product import ROOT, Product

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

DATABASES = ("sqlite", "postgresql")
_LOS_ANGELES = ROOT.parent / "shared" / "data" / "myla311_2018.csv.gz"


@pytest.fixture(scope="session", params=DATABASES)
def new_database(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL databases, by URL; or says nothing, which leaves the dev host its own SQLite file."""
    if request.param == "sqlite":
        yield lambda: ""
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with ExitStack() as stack:
        yield lambda: stack.enter_context(server.database())


@pytest.fixture(scope="session")
def sampled(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with sample data (3,000 calls), which tests only read."""
    folder = tmp_path_factory.mktemp("sampled")
    with Product(folder / "state", {"DATABASE_URL": new_database()}, ("--calls", "3000")) as product:
        yield product


@pytest.fixture(scope="session")
def los_angeles_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand real service requests as one CSV file a table."""
    if not _LOS_ANGELES.exists():
        pytest.skip("the Los Angeles data is not beside the repository (../shared/data)")
    folder = tmp_path_factory.mktemp("los-angeles")
    converter = _LOS_ANGELES.parent / "to_costar.py"
    subprocess.run([sys.executable, converter, _LOS_ANGELES, folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def los_angeles_product(
    los_angeles_tables: Path, new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The product with that data imported as a user would import it; tests only read it."""
    environment = {"DATABASE_URL": new_database(), "REPORT_TIMEZONE": "America/Los_Angeles"}
    product = Product(tmp_path_factory.mktemp("los-angeles-product") / "state", environment)
    assert "calls" in product.command("import-calls", str(los_angeles_tables))
    with product:
        yield product


@pytest.fixture(name="city", scope="session")
def _city(los_angeles_tables: Path) -> World:
    """The Los Angeles data as the second calculation reads it."""
    return from_files(los_angeles_tables)


@pytest.fixture(name="sample", scope="session")
def _sample(sampled: Product) -> World:
    """The sample world, read out of the product's database."""
    return from_database(url_of(sampled))
