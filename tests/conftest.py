"""What every test may use: servers started once in a run, fresh databases, and services over each kind of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from shared.ports import Services
from shared.wiring import in_memory

pytest_plugins = ["tests.azurite", "tests.postgres", "tests.databases"]

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture
def services(migrated_url: str, tmp_path: Path) -> Iterator[Services]:
    """Services with twins for queue and blobs, over a new database with every table and no row."""
    made = in_memory(tmp_path, database_url=migrated_url)
    yield made
    made.close()
