"""The forklift customers of the sample world, counted with queries."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import func, select

from dev.sample_data import load_sample_data
from shared.ports import Services
from shared.tables import (
    condition_history,
    customers,
    equipment,
    parts_orders,
    rentals,
    service_orders,
    user_profiles,
)
from tests.integration.sample_worlds import UNTIL, count, opened, read, values


@pytest.fixture(scope="module")
def world(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A world without calls; tests only read it."""
    file = copy(migrated_sqlite_file, tmp_path_factory.mktemp("world") / "world.db")
    services = opened(f"sqlite:///{file}")
    load_sample_data(services, 0)
    yield services
    services.close()


def test_twelve_customers_have_fleets_of_every_size(world: Services) -> None:
    """12 customers of the account managers, one with nothing, one with 5,000 units; years of orders and assessments."""
    units = {row[0]: row[1] for row in read(world, select(customers.c.CustomerID, func.count(equipment.c.EquipmentID))
        .join(equipment, isouter=True).group_by(customers.c.CustomerID))}  # fmt: skip
    assert len(units) == 12
    assert (min(units.values()), max(units.values())) == (0, 5_000)
    (empty,) = [key for key, many in units.items() if many == 0]
    for table in (service_orders, parts_orders, rentals):
        assert count(world, table, table.c.CustomerID == empty) == 0
        assert len(values(world, table.c.CustomerID)) == 11
    managers = {
        row[0] for row in read(world, select(user_profiles.c.subject).where(user_profiles.c.role == "account_manager"))
    }
    assert values(world, customers.c.AccountManager) == managers
    for column in (
        service_orders.c.ServiceDate,
        parts_orders.c.OrderDate,
        rentals.c.StartDate,
        condition_history.c.assessment_date,
    ):
        days = values(world, column)
        assert min(days) < UNTIL - timedelta(days=1_000)
        assert max(days) > UNTIL - timedelta(days=40)


def test_fleets_give_every_metric_something_to_say(world: Services) -> None:
    """All kinds of orders, ownership and condition, open rentals, and values that were not recorded."""
    assert values(world, service_orders.c.ServiceType) == {"PM", "Repair", "Damage", "Inspection"}
    assert values(world, service_orders.c.Status) == {"Completed", "Open", "Cancelled"}
    assert values(world, equipment.c.OwnershipType) >= {"Owned", "Leased", "Rented"}
    assert values(world, condition_history.c.condition_status) == {"good", "monitor", "replace"}
    assert len(values(world, parts_orders.c.Category) - {None}) > 5
    assert count(world, rentals, rentals.c.EndDate.is_(None)) > 0
    assert None in values(world, service_orders.c.LaborCost)
    assert None in values(world, customers.c.FiscalYearStartMonth)
    assert values(world, customers.c.Active) == {True, False}
    assert count(world, service_orders, service_orders.c.TechnicianArrived < service_orders.c.CallReceived) > 0
