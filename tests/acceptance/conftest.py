"""Fixtures of the acceptance tests: the running product on both databases."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.comparing import url_of
from tests.acceptance.oracle.records import World, from_database, from_files
from tests.acceptance.product import ROOT, Product

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

DATABASES = ("sqlite", "postgresql")
ProductOf = Callable[[str], Product]  # by kind of database
_LOS_ANGELES = ROOT.parent / "shared" / "data" / "myla311_2018.csv.gz"


@pytest.fixture(scope="module", params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """SQLite or PostgreSQL."""
    return str(request.param)


@pytest.fixture(scope="session")
def new_url_of(postgres: "PostgresServer") -> Iterator[Callable[[str], str]]:
    """Makes empty PostgreSQL databases, by URL; or says nothing, which leaves the dev host its own SQLite file."""
    with ExitStack() as stack:
        yield lambda kind: "" if kind == "sqlite" else stack.enter_context(postgres.database())


@pytest.fixture(name="sampled_products", scope="session")
def _sampled_products(
    new_url_of: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProductOf]:
    """The product with sample data by kind of database, made once in a run and not for each module of tests."""
    with ExitStack() as stack:

        def made(kind: str) -> Product:
            state = tmp_path_factory.mktemp("sampled") / "state"
            return stack.enter_context(Product(state, {"DATABASE_URL": new_url_of(kind)}, ("--calls", "3000")))

        yield cache(made)


@pytest.fixture(scope="module")
def sampled(database_kind: str, sampled_products: ProductOf) -> Product:
    """The product with sample data (3,000 calls), which tests only read."""
    return sampled_products(database_kind)


@pytest.fixture(scope="session")
def los_angeles_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand real service requests as one CSV file a table."""
    if not _LOS_ANGELES.exists():
        pytest.skip("the Los Angeles data is not beside the repository (../shared/data)")
    folder = tmp_path_factory.mktemp("los-angeles")
    converter = _LOS_ANGELES.parent / "to_costar.py"
    subprocess.run([sys.executable, converter, _LOS_ANGELES, folder], check=True, capture_output=True)
    return folder


@pytest.fixture(name="los_angeles_products", scope="session")
def _los_angeles_products(
    los_angeles_tables: Path, new_url_of: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProductOf]:
    """The product with that data by kind of database, imported once as a user would import it."""
    with ExitStack() as stack:

        def made(kind: str) -> Product:
            environment = {"DATABASE_URL": new_url_of(kind), "REPORT_TIMEZONE": "America/Los_Angeles"}
            product = Product(tmp_path_factory.mktemp("los-angeles-product") / "state", environment)
            assert "calls" in product.command("import-calls", str(los_angeles_tables))
            return stack.enter_context(product)

        yield cache(made)


@pytest.fixture(scope="module")
def los_angeles_product(database_kind: str, los_angeles_products: ProductOf) -> Product:
    """The product with ten thousand real calls, which tests only read."""
    return los_angeles_products(database_kind)


@pytest.fixture(name="city", scope="session")
def _city(los_angeles_tables: Path) -> World:
    """The Los Angeles data as the second calculation reads it."""
    return from_files(los_angeles_tables)


@pytest.fixture(name="worlds", scope="session")
def _worlds() -> Callable[[str], World]:
    """Worlds by the URLs of their databases, each read once."""
    return cache(from_database)


@pytest.fixture(name="sample", scope="module")
def _sample(sampled: Product, worlds: Callable[[str], World]) -> World:
    """The sample world, read out of the product's database."""
    return worlds(url_of(sampled))
