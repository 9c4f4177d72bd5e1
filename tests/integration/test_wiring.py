"""Wiring: one database or three, each opened once, and snapshots that begin with a table which is really there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from ops.migrate import migrate
from shared.tables import banks, customers, report_jobs
from shared.wiring import connect, in_memory
from tests.jobs import run, submitted
from tests.world import World


@pytest.mark.parametrize("split", ["one", "costar apart", "qbr apart", "reporting apart", "three"])
def test_any_split_of_the_databases(new_url: Callable[[], str], tmp_path: Path, split: str) -> None:
    """However the three schemas are spread over databases, each can be read in a snapshot, and a job runs."""
    first, second, third = new_url(), new_url(), new_url()
    urls = {
        "one": (first, "", ""),
        "costar apart": (first, second, ""),
        "qbr apart": (first, "", second),
        "reporting apart": (first, second, second),
        "three": (first, second, third),
    }[split]
    reporting, costar, qbr = urls
    services = in_memory(tmp_path, database_url=reporting, costar_database_url=costar, qbr_database_url=qbr)
    migrate(services.settings, with_business_tables=True)
    for database, table in ((services.reporting, report_jobs), (services.costar, banks), (services.qbr, customers)):
        with database.snapshot() as snapshot:
            assert snapshot.all(select(table)) == []
    assert len({id(services.reporting), id(services.costar), id(services.qbr)}) == len({*urls} - {""})
    assert run(services, submitted(services, World(services))).status == "completed"
    services.close()


def test_connecting_opens_nothing(tmp_path: Path) -> None:
    """Services are made without a network: servers that are not there do not disturb, and nothing is written."""
    settings = in_memory(tmp_path, database_url="postgresql+psycopg://127.0.0.1:1/none").settings
    services = connect(settings.model_copy(update={"blob_account_url": "https://account.blob.core.windows.net"}))
    services.close()
    assert list(tmp_path.iterdir()) == []
