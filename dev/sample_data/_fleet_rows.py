"""Rows of the customers' equipment, and of its yearly assessments; depends on nothing but seed and day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from dev.bulk_load import Row
from dev.sample_data._chance import happens, money, stream, weighted
from dev.sample_data._customers import CUSTOMERS, YEARS, Customer
from dev.sample_data._people import LAST_NAMES

_TYPES = weighted(
    ("Sit-down counterbalance", 34), ("Reach truck", 20), ("Pallet jack", 22), ("Order picker", 12), ("Stacker", 8),
    ("Telehandler", 4),
)  # fmt: skip
_MODELS = ("K18", "K25", "R16", "E30", "P20", "S12")
_MAKES = ("Northlift", "Kranzer", "Titan", "Hokuto")
_OWNERSHIP = weighted(("Owned", 54), ("Leased", 28), ("Rented", 16), ("Consigned", 2))
_SITES = ("Dock A", "Dock B", "Cold room", "Yard", "Main warehouse", None)


def equipment_rows(seed: int, until: date) -> Iterator[Row]:
    """Rows of `Equipment`: units of up to 14 years, some disposed of, some bought within the three years."""
    for customer in CUSTOMERS:
        chance = stream("fleet", seed, customer.id)
        for unit in range(1, customer.units + 1):
            yield _unit(chance, customer, unit, until)


def _unit(chance: Random, customer: Customer, unit: int, until: date) -> Row:
    acquired = until - timedelta(days=int(chance.triangular(20, 14 * 365, 4 * 365)))
    is_gone = happens(chance, 6)
    disposed = acquired + timedelta(days=int((until - acquired).days * chance.random()) + 1) if is_gone else None
    serial = customer.number * 100_000 + unit
    return {
        "EquipmentID": f"E-{customer.number}-{unit:04}",
        "CustomerID": customer.id,
        "UnitNumber": f"{unit:03}" if happens(chance, 97) else None,
        "EquipmentType": chance.choice(_TYPES),
        "Make": chance.choice(_MAKES),
        "Model": chance.choice(_MODELS),
        "SerialNumber": f"0{serial * 48271 % 10**11:011}",
        "OwnershipType": chance.choice(_OWNERSHIP),
        "Status": "Disposed" if disposed else chance.choice(("Active", "Active", "Active", "Active", "In repair")),
        "AcquisitionDate": acquired if happens(chance, 98) else None,
        "DisposalDate": disposed,
        "ReplacementValue": money(chance, 18_000, 65_000) if happens(chance, 96) else None,
        "Location": chance.choice(_SITES),
    }


def condition_rows(seed: int, until: date) -> Iterator[Row]:
    """Rows of `Equipment_Condition_History`: most units, looked at once a year since they were bought."""
    chances = {customer.id: stream("condition", seed, customer.id) for customer in CUSTOMERS}
    customers = {customer.id: customer for customer in CUSTOMERS}
    for unit in equipment_rows(seed, until):
        chance, customer = chances[unit["CustomerID"]], customers[unit["CustomerID"]]
        if happens(chance, customer.assessed):
            for year in range(YEARS):
                day = until - timedelta(days=year * 365 + chance.randrange(20, 340))
                if (unit["AcquisitionDate"] or day) < day < (unit["DisposalDate"] or until):
                    yield _condition(chance, customer, unit, day)


def _condition(chance: Random, customer: Customer, unit: Row, day: date) -> Row:
    age = Decimal((day - unit["AcquisitionDate"]).days) / Decimal("365.25") if unit["AcquisitionDate"] else Decimal(7)
    strain = float(age) * customer.wear + chance.triangular(-3, 3, 0)
    status = next(name for limit, name in ((7, "good"), (12, "monitor"), (1_000, "replace")) if strain < limit)
    cost = money(chance, 300, 1_500) * max(1, int(strain))
    return {
        "condition_id": f"A-{unit['EquipmentID'][2:]}-{day:%Y%m%d}",
        "equipment_id": unit["EquipmentID"],
        "customer_id": customer.id,
        "assessment_date": day,
        "condition_status": status,
        "age_years": round(age, 2) if unit["AcquisitionDate"] and happens(chance, 96) else None,
        "annual_maintenance_cost": cost if happens(chance, 95) else None,
        "notes": chance.choice((None, None, "Mast chain stretched", "Hydraulic leak, small", "Tires worn: 40 %")),
        "assessed_by": chance.choice(LAST_NAMES),
        "created_date": datetime.combine(day, time(12), UTC),
    }
