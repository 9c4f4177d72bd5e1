"""What the sample world holds, counted with queries over a world of 20,000 calls."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from shutil import copy

import pytest
from PIL import Image
from sqlalchemy import func, select

from dev.sample_data import load_sample_data
from dev.sample_data._chance import stream
from dev.sample_data._people import BANKS
from dev.sample_data._volume import day_counts
from shared.clock import local_date
from shared.ports import Services
from shared.tables import (
    CALL_STATUSES,
    CALL_TYPES,
    EVENT_TYPES,
    PHOTO_KINDS,
    PRIORITIES,
    banks,
    call_devices,
    call_events,
    calls,
    customer_surveys,
    devices,
    fsp_formats,
    photos,
    user_profiles,
)
from tests.integration.sample_worlds import UNTIL, count, opened, read, values

CALLS = 20_000
REASONS = {
    "engineer_unavailable",
    "parts_not_available",
    "customer_rescheduled",
    "wrong_address",
    "device_compatibility",
    "other",
}


@pytest.fixture(scope="module")
def world(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The whole sample world with 20,000 calls; tests only read it."""
    file = copy(migrated_sqlite_file, tmp_path_factory.mktemp("world") / "world.db")
    services = opened(f"sqlite:///{file}")
    load_sample_data(services, CALLS)
    yield services
    services.close()


def test_the_clock_and_the_business_zone_choose_the_day(world: Services) -> None:
    """Without a day the world ends around today: 400 days, 10 of them after it, and nothing has happened since."""
    days = values(world, calls.c.scheduled_date) - {None}
    assert min(days) <= UNTIL - timedelta(days=385)
    assert max(days) == UNTIL + timedelta(days=10)
    start_of_day = datetime(2025, 6, 15, 18, 30, tzinfo=UTC)
    for column in (
        calls.c.created_at, calls.c.assigned_at, calls.c.started_at, calls.c.completed_at, calls.c.updated_at,
        call_events.c.at, photos.c.uploaded_at, customer_surveys.c.survey_date,
    ):  # fmt: skip
        assert max(values(world, column) - {None}) <= start_of_day


def test_the_calls_are_of_every_kind(world: Services) -> None:
    """Every type, status, priority, event, photo kind, device role and reason is there."""
    assert count(world, calls) == CALLS
    assert values(world, calls.c.type) == set(CALL_TYPES)
    assert values(world, calls.c.status) == set(CALL_STATUSES)
    assert values(world, calls.c.priority) == {*PRIORITIES, None}
    assert values(world, call_events.c.event_type) == set(EVENT_TYPES)
    assert values(world, photos.c.kind) == set(PHOTO_KINDS)
    assert values(world, call_devices.c.role) == {"installed", "old", "new", "serviced", "removed"}
    assert values(world, call_events.c.reason) >= REASONS


def test_people_can_sign_in_with_every_role(world: Services) -> None:
    """6 banks, 60 engineers in 8 regions, an admin of each bank, account managers, one person who has left."""
    people = {row.subject: row for row in read(world, select(user_profiles))}
    codes = {row.code: row.id for row in read(world, select(banks))}
    assert len(codes) == 6
    assert (people["admin"].role, people["admin"].bank_id) == ("admin", None)
    assert {code: people[f"admin-{code.lower()}"].bank_id for code in codes} == codes
    assert {people[f"admin-{code.lower()}"].role for code in codes} == {"admin", "bank_admin"}
    assert sum(row.role == "account_manager" for row in people.values()) >= 2
    engineers = [people[f"engineer-{number:02}"] for number in range(1, 61)]
    assert {row.role for row in engineers} == {"engineer"}
    assert len({row.region for row in engineers}) == 8
    assert len({row.full_name for row in engineers}) == 60
    assert [row.subject for row in people.values() if not row.active] == ["former-admin"]
    assert all(row.email == row.email.lower() and row.email.endswith("@example.com") for row in people.values())


def busiest_days(services: Services, days: int) -> int:
    """The most calls that one bank has in so many days in a row."""
    by_bank: defaultdict[str, Counter[date]] = defaultdict(Counter)
    for bank, day in read(services, select(calls.c.client_bank, calls.c.scheduled_date)):
        if bank and day:
            by_bank[bank][day] += 1
    starts = [UNTIL + timedelta(days=offset) for offset in range(-389, 11)]
    return max(
        sum(found[start + timedelta(days=more)] for more in range(days))
        for found in by_bank.values()
        for start in starts
    )


def test_one_bank_is_dense_enough_for_the_reports_that_need_it(world: Services) -> None:
    """At least 1,000 calls in 7 days with 20,000 in all, and at least 10,000 in 30 days with 100,000."""
    assert busiest_days(world, 7) >= 1_000
    counts = [(day, bank, many) for day, bank, many in day_counts(stream("days", 1), 100_000, UNTIL)]
    assert sum(many for _, _, many in counts) == 100_000
    last_month = UNTIL - timedelta(days=30)
    assert sum(many for day, bank, many in counts if bank is BANKS[0] and last_month <= day < UNTIL) >= 10_000


def test_work_follows_the_week_and_the_day(world: Services) -> None:
    """Sundays are quiet, and nine of ten calls are begun between 9 and 18 in the business zone."""
    zone = world.settings.zone
    days = [row[0] for row in read(world, select(calls.c.scheduled_date)) if row[0]]
    weekdays = Counter(day.weekday() for day in days)
    assert weekdays[6] < min(weekdays[day] for day in range(6)) / 3
    hours = Counter(row[0].astimezone(zone).hour for row in read(world, select(calls.c.started_at)) if row[0])
    assert sum(hours[hour] for hour in range(9, 19)) / hours.total() > 0.88
    assert hours[13] < hours[11]


def test_nine_of_ten_calls_have_events(world: Services) -> None:
    """The others are without any, so that reports must reconstruct."""
    assert len(values(world, call_events.c.call_id)) == CALLS * 0.9


def bounces_by_call(services: Services) -> Counter[str]:
    """Bounces as reports.md counts them: the three events after the first assignment."""
    first: dict[str, datetime] = {}
    later: list[tuple[str, datetime]] = []
    for row in read(services, select(call_events.c.call_id, call_events.c.at, call_events.c.event_type)):
        if row.event_type == "ASSIGNED":
            first[row.call_id] = min(row.at, first.get(row.call_id, row.at))
        elif row.event_type in {"REASSIGNED", "RESCHEDULED", "CANCELLED"}:
            later.append((row.call_id, row.at))
    return Counter(call for call, at in later if call in first and at > first[call])


def test_many_calls_bounce(world: Services) -> None:
    """At least 8 in 100 calls bounce, at least 1 in 100 three times; some have only the mark in their metadata."""
    bounces = bounces_by_call(world)
    assert len(bounces) / CALLS >= 0.08
    assert sum(many >= 3 for many in bounces.values()) / CALLS >= 0.01
    marked = [
        row for row in read(world, select(calls.c.id, calls.c.metadata)) if (row.metadata or {}).get("reassigned")
    ]
    assert marked
    assert not {row.id for row in marked} & values(world, call_events.c.call_id)


def test_some_logs_are_out_of_order(world: Services) -> None:
    """There are calls completed before they were started, by their events, and calls with events after the end."""
    times: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for row in read(world, select(call_events.c.call_id, call_events.c.at, call_events.c.event_type)):
        times[row.call_id][row.event_type] = row.at
    logs = [log for log in times.values() if "COMPLETED" in log]
    assert sum(log["COMPLETED"] < log["STARTED"] for log in logs) > 100
    assert sum(max(log.values()) > log["COMPLETED"] and log["STARTED"] < log["COMPLETED"] for log in logs) > 100


def test_photos_are_files_that_open(world: Services) -> None:
    """Every photo row names one of 300 stored JPEG files of a few KB, and has its size."""
    stored = {entry.name: entry.size for entry in world.photos.list()}
    assert len(stored) == 300
    rows = read(world, select(photos.c.storage_path, photos.c.file_size, photos.c.content_type).distinct())
    assert {row.storage_path for row in rows} == set(stored)
    assert all(row.file_size == stored[row.storage_path] for row in rows)
    for name in stored:
        with Image.open(BytesIO(world.photos.read(name, 20_000))) as image:
            image.load()
            assert (image.format, image.size) == ("JPEG", (240, 180))


def test_rows_refer_to_rows(world: Services) -> None:
    """Events, surveys, engineers and devices lead somewhere, though the database does not ask for all of it."""
    ids, people = values(world, calls.c.id), values(world, user_profiles.c.id)
    assert values(world, call_events.c.call_id) <= ids
    assert values(world, customer_surveys.c.call_id) <= ids
    for column in (
        call_events.c.actor_id,
        call_events.c.from_engineer,
        call_events.c.to_engineer,
        photos.c.uploaded_by,
    ):
        assert values(world, column) - {None} <= people
    assert count(world, devices) > 1_000
    assert count(world, call_devices) > 10_000


def test_surveys_speak_many_languages(world: Services) -> None:
    """Comments come in English, Hindi, Tamil, Arabic and Chinese, with emoji, with every rating, and not at all."""
    comments = values(world, customer_surveys.c.comments)
    assert None in comments
    text = "".join(comment for comment in comments if comment)
    for first, last in (
        ("a", "z"),
        ("\u0900", "\u097f"),
        ("\u0b80", "\u0bff"),
        ("\u0600", "\u06ff"),
        ("\u4e00", "\u9fff"),
    ):
        assert any(first <= character <= last for character in text)
    assert any(ord(character) > 0x1F000 for character in text)
    assert values(world, customer_surveys.c.overall_rating) == {1, 2, 3, 4, 5}
    late = read(
        world,
        select(calls.c.completed_at, customer_surveys.c.survey_date).join_from(
            calls, customer_surveys, calls.c.id == customer_surveys.c.call_id
        ),
    )
    assert sum(row.survey_date < row.completed_at for row in late if row.completed_at) == 0


def test_odd_values_are_there(world: Services) -> None:
    """What real data lack or cannot mean: reports meet all of it here."""
    call = calls.c
    assert count(world, calls, call.client_bank.is_(None)) > 100
    for column in (
        call.priority, call.scheduled_date, call.client_name, call.latitude, call.metadata, call.client_contact,
    ):  # fmt: skip
        assert count(world, calls, column.is_(None)) >= 10
    assert count(world, calls, call.completed_at < call.started_at) >= 10
    assert count(world, calls, call.status == "completed", call.completed_at.is_(None)) >= 10
    assert count(world, calls, call.status == "completed", call.started_at.is_(None)) >= 10
    assert count(world, calls, func.length(call.resolution_notes) >= 600) >= 10
    for start in "=+-@":
        assert count(world, calls, call.resolution_notes.startswith(start)) >= 5
        assert count(world, calls, call.client_name.startswith(start)) >= 5
    assert any(ord(max(name)) > 0x1F000 for name in values(world, call.client_name) if name)
    for nasty in ('"', ",", "\n"):
        assert count(world, calls, call.resolution_notes.contains(nasty)) >= 5
    texts = read(world, select(call.client_name, call.description, call.resolution_notes, call.client_address))
    assert not {c for row in texts for text in row if text for c in text if ord(c) < 32 and c != "\n"}
    few = select(call.assigned_engineer).where(call.status == "completed").group_by(call.assigned_engineer)
    assert read(world, few.having(func.count() < 5))


def test_open_calls_are_of_every_age(world: Services) -> None:
    """Pending, assigned and begun calls are due in the future, yesterday, and more than a month ago; some say why."""
    rows = read(
        world,
        select(calls.c.scheduled_date, calls.c.metadata).where(
            calls.c.status.in_(["pending", "assigned", "in_progress"]), calls.c.scheduled_date.is_not(None)
        ),
    )
    ages = [(UNTIL - row.scheduled_date).days for row in rows]
    for low, high in ((-10, 0), (0, 2), (2, 4), (4, 8), (8, 15), (15, 31), (31, 400)):
        assert any(low <= age < high for age in ages)
    assert sum("delay_reason" in (row.metadata or {}) for row in rows) > 50


def test_one_bank_has_an_fsp_format_of_its_own(world: Services) -> None:
    """One row, of one of the banks, with different keys and headings."""
    ((bank, columns),) = read(world, select(fsp_formats.c.bank_id, fsp_formats.c["columns"]))
    assert bank in values(world, banks.c.id)
    assert len({column["key"] for column in columns}) == len(columns) == len({column["heading"] for column in columns})


def test_the_last_thirty_days_of_a_demonstration_show_rows(world: Services) -> None:
    """Reports that are asked for today have a full month behind them."""
    today = local_date(world.clock.now(), world.settings.zone)
    month = calls.c.scheduled_date.between(today - timedelta(days=30), today - timedelta(days=1))
    assert count(world, calls, month, calls.c.status == "completed") > 2_000
