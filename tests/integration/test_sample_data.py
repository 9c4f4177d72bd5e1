"""Loading sample data, on SQLite and PostgreSQL: the same rows every time, once, and never over other data."""

import hashlib
import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dev.bulk_load import LoadRefused, insert_rows
from dev.sample_data import configure, describe, load_sample_data
from dev.sample_data._people import BANKS, bank_rows
from ops.migrate import migrate
from shared.tables import banks, calls, customers, user_profiles
from tests.integration.sample_worlds import UNTIL, all_rows, count, opened, values

# Of the rows of 300 calls and seed 1: a change of the sample data changes it, another machine or Python does not.
DIGEST = "6743b9fae925e27b1c7afdaf3c36331ff8f6ce3928c854aec63866401454bf37"


def test_the_same_arguments_give_the_same_rows_in_every_database(migrated_url: str, tmp_path: Path) -> None:
    """Two loads into two databases of whatever kind are equal, photos' sizes included."""
    first, second = opened(migrated_url), opened(f"sqlite:///{tmp_path}/second.db")
    migrate(second.settings, with_business_tables=True)
    counted = load_sample_data(first, 700, 5, UNTIL)
    assert counted == load_sample_data(second, 700, 5, UNTIL)
    found = all_rows(first)
    assert found == all_rows(second)
    assert counted == {name: len(rows) for name, rows in found.items() if name in counted}
    first.close()


def test_the_rows_are_those_of_every_other_machine(migrated_sqlite_url: str) -> None:
    """The rows of a small world have the digest that is written here."""
    services = opened(migrated_sqlite_url)
    load_sample_data(services, 300, 1, UNTIL)
    rows = all_rows(services)
    rows["photos"] = [row[:4] for row in rows["photos"]]  # not the size: it is the image library's
    assert hashlib.sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest() == DIGEST


def test_another_seed_makes_other_calls_for_the_same_banks_and_people(migrated_sqlite_url: str, tmp_path: Path) -> None:
    """Ids that documents and tests name do not depend on the seed; calls do."""
    first, second = opened(migrated_sqlite_url), opened(f"sqlite:///{tmp_path}/second.db")
    migrate(second.settings, with_business_tables=True)
    load_sample_data(first, 50, 1)
    load_sample_data(second, 50, 2)
    assert values(first, banks.c.id) == values(second, banks.c.id)
    assert values(first, user_profiles.c.id) == values(second, user_profiles.c.id)
    assert not values(first, calls.c.id) & values(second, calls.c.id)


def test_loading_again_changes_nothing(migrated_url: str) -> None:
    """The second load adds no row, says so, and does not mind other arguments."""
    services = opened(migrated_url)
    load_sample_data(services, 120)
    before = all_rows(services)
    again = load_sample_data(services, 240, 2)
    assert set(again.values()) == {0}
    assert describe(again) == "The sample data is already there; nothing was changed."
    assert all_rows(services) == before
    services.close()


def test_a_lost_photo_comes_back_with_the_next_load(migrated_sqlite_url: str) -> None:
    """Rows that are there do not keep a load from storing photos that are not."""
    services = opened(migrated_sqlite_url)
    load_sample_data(services, 10)
    lost = next(services.photos.list())
    services.photos.delete(lost.name)
    load_sample_data(services, 10)
    assert lost.name in {entry.name for entry in services.photos.list()}


def test_an_interrupted_load_is_finished_by_the_next(migrated_url: str) -> None:
    """Where the fleets are there and the calls are not, only the calls are loaded, and banks appear last."""
    services = opened(migrated_url)
    with services.costar.transaction() as connection:
        insert_rows(connection, calls, [_call("CST-2024-0000040")])
    with pytest.raises(Exception, match="call_number"):
        load_sample_data(services, 100)
    assert count(services, banks) == 0
    with services.costar.transaction() as connection:
        connection.execute(calls.delete())
    counted = load_sample_data(services, 100)
    assert (counted["banks"], counted["calls"], counted["Customers"]) == (6, 100, 0)
    assert count(services, customers) == 12
    services.close()


def _call(number: str) -> dict[str, Any]:
    made = datetime(2025, 1, 1, tzinfo=UTC)
    return {"id": BANKS[0].id, "call_number": number, "type": "swap", "status": "pending", "created_at": made}


def test_other_data_are_left_alone(migrated_sqlite_url: str) -> None:
    """A database with a bank of somebody else's is refused in words, and gets neither rows nor photos."""
    services = opened(migrated_sqlite_url)
    bank = next(bank_rows()) | {"id": "00000000-0000-4000-8000-000000000001", "code": "X"}
    with services.costar.transaction() as connection:
        insert_rows(connection, banks, [bank])
    with pytest.raises(LoadRefused, match="banks holds data that are not the sample's"):
        load_sample_data(services, 10)
    assert count(services, customers) == 0
    assert not list(services.photos.list())


def test_a_world_without_calls_is_a_world(migrated_sqlite_url: str) -> None:
    """No calls are also a number of calls."""
    services = opened(migrated_sqlite_url)
    assert load_sample_data(services, 0)["calls"] == 0
    assert count(services, user_profiles) == 71


def test_the_command_line_names_what_the_function_takes() -> None:
    """`--calls`, `--seed` and `--until` become the arguments of `load_sample_data`; nonsense is refused."""
    parser = ArgumentParser()
    configure(parser)
    assert vars(parser.parse_args([])) == {"calls": 20_000, "seed": 1, "until": None}
    given = vars(parser.parse_args(["--calls", "5", "--seed", "7", "--until", "2025-06-16"]))
    assert given == {"calls": 5, "seed": 7, "until": UNTIL}
    for nonsense in (["--calls", "-5"], ["--calls", "many"], ["--until", "tomorrow"]):
        with pytest.raises(SystemExit):
            parser.parse_args(nonsense)
