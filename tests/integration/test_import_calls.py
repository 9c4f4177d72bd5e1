"""Importing CSV files on SQLite and PostgreSQL: what comes in is what the files say; a mistake brings in nothing."""

import csv
import gzip
import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from sqlalchemy import func, select

from dev.bulk_load import LoadRefused
from dev.import_calls import configure, describe, import_calls
from dev.sample_data import load_sample_data
from ops.migrate import migrate
from shared.ports import Services
from shared.tables import COSTAR, QBR, banks, call_events, calls, customers, equipment, metadata, rentals, user_profiles
from tests.integration.sample_worlds import UNTIL, all_rows, count, opened, read, values

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
BANK, CALL = "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
A_BANK = {"banks": f"id,name,code\n{BANK},Bank of Tests,BOT\n"}


@pytest.fixture
def services(migrated_url: str) -> Iterator[Services]:
    """Services over a database with every table and no row."""
    found = opened(migrated_url)
    yield found
    found.close()


@pytest.fixture
def lite(migrated_sqlite_url: str) -> Services:
    """As `services`, on SQLite alone: for what no database has a part in."""
    return opened(migrated_sqlite_url)


def folder(path: Path, files: Mapping[str, str]) -> Path:
    """A folder of CSV files with these texts."""
    place = path / "csv"
    place.mkdir(exist_ok=True)
    for name, text in files.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    return place


def field(value: Any) -> str:
    """A value as a person would write it into a CSV file."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def refused(services: Services, place: Path) -> str:
    """What an import is refused with; nothing may have been loaded."""
    with pytest.raises(LoadRefused) as caught:
        import_calls(services, place)
    assert not any(count(services, table) for table in (banks, calls, user_profiles, customers, equipment))
    return str(caught.value)


@pytest.fixture(scope="module")
def sample(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Services, Path]:
    """A sample world, and a folder with each of its tables as a CSV file."""
    place = tmp_path_factory.mktemp("sample")
    world = opened(f"sqlite:///{copy(migrated_sqlite_file, place / 'world.db')}")
    load_sample_data(world, 150, until=UNTIL)
    for table in metadata.sorted_tables:
        if table.schema in {COSTAR, QBR} and (rows := read(world, select(table))):
            with (place / f"{table.name}.csv").open("w", newline="", encoding="utf-8-sig") as file:
                writer = csv.writer(file)
                writer.writerow(table.c.keys())
                writer.writerows([field(value) for value in row] for row in rows)
    return world, place


def test_what_was_written_out_comes_in_again(services: Services, sample: tuple[Services, Path]) -> None:
    """A whole world goes through CSV files, byte order marks, nasty texts and all, and is equal in the end."""
    world, place = sample
    counted = import_calls(services, place)
    expected = all_rows(world) | {"fsp_formats": []}
    assert all_rows(services) == expected
    assert counted == {name: len(rows) for name, rows in expected.items() if rows}


def test_a_database_with_sample_data_is_refused_in_words(sample: tuple[Services, Path]) -> None:
    """The first id or subject that is there is named, and the advice is an empty database."""
    world, place = sample
    before = count(world, calls)
    with pytest.raises(LoadRefused, match="import into an empty database") as caught:
        import_calls(world, place)
    assert str(caught.value).startswith("banks.csv, line 2, column id: ")
    assert count(world, calls) == before


def test_the_requests_of_los_angeles_come_in(services: Services, tmp_path: Path) -> None:
    """10,000 real requests, converted by their own converter, come in as they are, gaps and free codes included."""
    if not (DATA / "to_costar.py").exists():
        pytest.skip("../shared/data is not there")
    command = [sys.executable, str(DATA / "to_costar.py"), str(DATA / "myla311_2018.csv.gz"), str(tmp_path / "csv")]
    subprocess.run(command, check=True, capture_output=True)
    counted = import_calls(services, tmp_path / "csv")
    with gzip.open(DATA / "myla311_2018.csv.gz", "rt", encoding="utf-8-sig", newline="") as file:
        assert counted["calls"] == sum(1 for _ in csv.DictReader(file))
    assert list(counted) == ["banks", "call_events", "user_profiles", "calls"]
    assert counted["calls"] == count(services, calls) == 10_000
    assert counted["call_events"] == count(services, call_events)
    assert "customer rescheduled" in values(services, call_events.c.reason)
    assert count(services, calls, calls.c.status == "completed", calls.c.started_at.is_(None)) > 1_000
    assert "admin-bos" in values(services, user_profiles.c.subject)


def test_values_are_of_the_columns_types(services: Services, tmp_path: Path) -> None:
    """Ids, instants with any offset, dates, numbers, flags and JSON are what they look like; nothing is null."""
    place = folder(
        tmp_path,
        A_BANK
        | {
            "calls": "id,call_number,type,status,client_bank,latitude,scheduled_date,estimated_duration_minutes,"
            "requires_photo,requires_device,metadata,created_at,started_at,description\n"
            f'{CALL.upper()},"A ""1""",swap,pending,{BANK},-12.5e0,2025-01-31,45,Yes,0,"{{""a"": [1, ""é""]}}",'
            '2025-01-31T10:15:00Z,2025-01-31T15:45:00.123456+05:30,"=1+1,\nnext"\n',
            "Customers": "CustomerID,CustomerName,Active,FiscalYearStartMonth\nC1,Öl & Gas,true,\n",
            "Rentals": "RentalID,CustomerID,StartDate,TotalCost\nR1,C1,2025-02-01,12.50\n",
        },
    )
    assert import_calls(services, place) == {"Customers": 1, "banks": 1, "Rentals": 1, "calls": 1}
    (call,) = read(services, select(calls))
    assert (call.id, call.call_number, call.client_bank, call.latitude) == (CALL, 'A "1"', BANK, -12.5)
    assert (call.scheduled_date, call.estimated_duration_minutes) == (date(2025, 1, 31), 45)
    assert (call.requires_photo, call.requires_device, call.metadata) == (True, False, {"a": [1, "é"]})
    assert call.created_at == datetime(2025, 1, 31, 10, 15, tzinfo=UTC)
    assert call.started_at == datetime(2025, 1, 31, 10, 15, 0, 123456, tzinfo=UTC)
    assert (call.description, call.priority) == ("=1+1,\nnext", None)
    assert read(services, select(rentals.c.TotalCost)) == [(Decimal("12.50"),)]
    assert read(services, select(banks.c.active)) == [(True,)]
    assert read(services, select(customers.c.FiscalYearStartMonth)) == [(None,)]


def test_fields_may_be_very_long(lite: Services, tmp_path: Path) -> None:
    """A note of a megabyte comes in, and the csv module's own limit is what it was."""
    limit, note = csv.field_size_limit(), "x" * 1_000_000
    head = "id,call_number,type,status,created_at,resolution_notes"
    import_calls(lite, folder(tmp_path, {"calls": f"{head}\n{CALL},1,swap,completed,2025-01-31T10:15:00Z,{note}\n"}))
    assert read(lite, select(func.length(calls.c.resolution_notes))) == [(1_000_000,)]
    assert csv.field_size_limit() == limit


WRONG: Sequence[tuple[str, str, str]] = (
    ("id", "12", "line 2, column id: '12' is not an id such as"),
    ("created_at", "2025-01-31T10:15:00", "line 2, column created_at: '2025-01-31T10:15:00' has no time zone"),
    ("created_at", "2025-01-31", "has no time zone"),
    ("created_at", "yesterday", "is not an instant such as"),
    ("created_at", "0001-01-01T00:00:00+05:30", "is not an instant such as"),
    ("scheduled_date", "31.01.2025", "column scheduled_date: '31.01.2025' is not a date such as 2025-01-31"),
    ("latitude", "12,5", "column latitude: '12,5' is not a number"),
    ("latitude", "nan", "is not a number"),
    ("latitude", "1e999", "is not a number"),
    ("estimated_duration_minutes", "4.5", "is not a whole number"),
    ("estimated_duration_minutes", "2147483648", "lies outside -2147483648 to 2147483647"),
    ("estimated_duration_minutes", "9" * 5_000, "lies outside"),
    ("requires_photo", "maybe", "is none of 1, true, yes, 0, false, no"),
    ("metadata", "{'a': 1}", "is not JSON"),
    ("metadata", "[NaN]", "is not JSON"),
    ("metadata", '"\\ud800"', "is not JSON"),
    ("call_number", "x" * 51, "is longer than 50 characters"),
    ("client_name", "😀" * 128, "is longer than 255 characters"),
    ("client_name", "a\0b", "holds a NUL character"),
    ("status", "", "line 2, column status: it must not be empty"),
    ("colour", "red", "line 1, column colour: there is no such column; the columns are id, call_number,"),
)


@pytest.mark.parametrize(
    ("column", "value", "problem"), WRONG, ids=[f"{column}-{value[:30]!r}" for column, value, _ in WRONG]
)
def test_a_value_that_cannot_be_read_is_named(
    lite: Services, tmp_path: Path, column: str, value: str, problem: str
) -> None:
    """File, line, column and problem stand in the message, long values are cut, and nothing is loaded."""
    row = {"id": CALL, "call_number": "1", "type": "swap", "status": "pending", "created_at": "2025-01-31T10:15:00Z"}
    place = folder(tmp_path, A_BANK | {"calls": ""})
    with (place / "calls.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows(zip(*(row | {column: value}).items(), strict=True))
    message = refused(lite, place)
    assert message.startswith("calls.csv, line ")
    assert problem in message
    assert len(message) < 800


def test_an_amount_must_fit_its_column(lite: Services, tmp_path: Path) -> None:
    """More than two decimals, too many digits, and what is no amount are refused, not rounded."""
    customer = {"Customers": "CustomerID,CustomerName,Active\nC1,One,1\n"}
    for amount, problem in (("1.234", "2 after it"), ("12345678901", "10 digits"), ("$5", "is not an amount")):
        rental = {"Rentals": f"RentalID,CustomerID,TotalCost\nR1,C1,{amount}\n"}
        assert problem in refused(lite, folder(tmp_path, customer | rental))


FILES: Sequence[tuple[str, str, str]] = (
    ("banks", "", "banks.csv, line 1: the file has no heading"),
    ("banks", "id,name,code,name\n", "banks.csv, line 1, column name: the column stands there twice"),
    ("banks", "id,name\n", "banks.csv, line 1, column code: the column is missing"),
    ("banks", f"id,name,code\n\n{BANK},A,B,C\n", "banks.csv, line 3: 4 fields, but the heading has 3"),
    ("banks", f'id,name,code\n{BANK},"A" x,B\n', "banks.csv, line 2: this is not CSV"),
    ("banks", f'id,name,code\n{BANK},"A,B\n', "banks.csv, line 2: this is not CSV"),
    ("bank", "id\n", "bank.csv: there is no table bank; the tables are "),
    ("report_jobs", "job_id\n", "report_jobs.csv: there is no table report_jobs"),
)


@pytest.mark.parametrize(("name", "text", "problem"), FILES, ids=[f"{text[-12:]!r}" for _, text, _ in FILES])
def test_a_file_that_cannot_be_read_is_named(
    lite: Services, tmp_path: Path, name: str, text: str, problem: str
) -> None:
    """Names of files and headings are checked, and the product's own tables cannot be imported."""
    assert refused(lite, folder(tmp_path, {name: text})).startswith(problem)


def test_bytes_that_are_no_text_are_named_by_their_line(lite: Services, tmp_path: Path) -> None:
    """A file in another encoding is refused at the first line that shows it."""
    place = folder(tmp_path, {})
    (place / "banks.csv").write_bytes(f"id,name,code\n{BANK},Müller,B\n".encode("latin-1"))
    assert refused(lite, place) == "banks.csv, line 2: this is not UTF-8 text. Nothing was imported."


def test_a_folder_without_csv_files_is_refused(lite: Services, tmp_path: Path) -> None:
    """Also one that is not there."""
    assert "There are no CSV files" in refused(lite, tmp_path)
    assert "There are no CSV files" in refused(lite, tmp_path / "nowhere")


USERS = "id,subject,full_name,role,bank_id\n"
OTHER = "11111111-1111-4111-8111-111111111111"
KEYS: Sequence[tuple[str, str]] = (
    (f"{BANK},a,A,admin,\n{OTHER},a,B,admin,\n", "line 3, column subject: 'a' stands in line 2 already"),
    (f"{BANK},a,A,admin,\n{BANK},b,B,admin,\n", f"line 3, column id: '{BANK}' stands in line 2 already"),
    (f"{BANK},a,A,admin,\n{OTHER},b,B,boss,\n", "line 3, column role: 'boss' breaks the rule"),
    (f"{BANK},a,A,admin,{OTHER}\n", f"line 2, column bank_id: '{OTHER}' is in no row of banks"),
)


@pytest.mark.parametrize(("rows", "problem"), KEYS, ids=["subject", "id", "rule", "reference"])
def test_what_the_database_refuses_is_named_too(services: Services, tmp_path: Path, rows: str, problem: str) -> None:
    """Repeated keys, values outside a rule and references into nothing have a line, on every database."""
    assert f"user_profiles.csv, {problem}" in refused(services, folder(tmp_path, {"user_profiles": USERS + rows}))


def test_a_mistake_in_the_last_file_takes_the_first_ones_back(services: Services, tmp_path: Path) -> None:
    """One transaction: thousands of good rows do not stay when one later row is bad."""
    rows = "".join(f"00000000-0000-4000-8000-{number:012},Bank,{number}\n" for number in range(2_500))
    good, empty = f"id,name,code\n{rows}", "CustomerID,CustomerName,Active\n"
    last_file = folder(tmp_path, {"banks": good, "Customers": f"{empty}C1,One,perhaps\n"})
    assert "Customers.csv, line 2, column Active" in refused(services, last_file)
    last_line = folder(tmp_path, {"banks": f"{good}1,x,y\n", "Customers": empty})
    assert "banks.csv, line 2502, column id" in refused(services, last_line)


def test_two_databases_are_filled_together_or_not_at_all(tmp_path: Path) -> None:
    """Where the dealer's tables are elsewhere, a mistake there keeps the calls out as well."""
    services = opened(f"sqlite:///{tmp_path}/a.db", qbr_database_url=f"sqlite:///{tmp_path}/b.db")
    migrate(services.settings, with_business_tables=True)
    good = "CustomerID,CustomerName,Active\nC1,One,1\n"
    place = folder(tmp_path, A_BANK | {"Customers": f"{good}C1,Two,1\n"})
    with pytest.raises(LoadRefused, match="line 3, column CustomerID: 'C1' stands in line 2 already"):
        import_calls(services, place)
    assert count(services, banks) == 0
    assert import_calls(services, folder(tmp_path, {"Customers": good})) == {"Customers": 1, "banks": 1}


def test_the_command_line_says_what_was_loaded(lite: Services, tmp_path: Path) -> None:
    """The folder is the argument, the summary has a line for each table with rows."""
    parser = ArgumentParser()
    configure(parser)
    place = folder(tmp_path, A_BANK | {"devices": "id,serial_number\n"})
    counted = import_calls(lite, **vars(parser.parse_args([str(place)])))
    assert describe(counted) == "        1  banks"
    assert describe({"devices": 0}) == "The files hold no rows; nothing was changed."
