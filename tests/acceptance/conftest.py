"""Fixtures of the acceptance tests: the running product on both databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.product import Product

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

DATABASES = ("sqlite", "postgresql")


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
