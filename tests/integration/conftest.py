"""What integration tests share: services over one database for all the tests of a module."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.ports import Services
from shared.wiring import in_memory
from tests.world import World

_FAR = 100_000


@pytest.fixture(scope="module")
def shared_services(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services for tests that bring their own people and look at nobody else's rows; no limit is near."""
    limits: dict[str, Any] = dict.fromkeys(("reports_per_user", "reports_per_address", "previews_per_user"), _FAR)
    made = in_memory(tmp_path_factory.mktemp("shared"), database_url=module_url, **limits)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_world(shared_services: Services) -> World:
    """A builder of rows in the database of `shared_services`."""
    return World(shared_services)
