"""Rows of what the dealer did for his customers: service orders, parts orders and rentals over three years."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from dev.bulk_load import Row
from dev.sample_data._chance import happens, money, stream, weighted
from dev.sample_data._customers import CUSTOMERS, YEARS, Customer

_DAYS = 365 * YEARS
_CATEGORIES = weighted(
    ("Tires", 22), ("Batteries", 20), ("Hydraulics", 17), ("Forks", 12), ("Filters", 11), ("Brakes", 9), ("Lights", 6),
    (None, 3),
)  # fmt: skip
_ORDER_STATES = weighted(("Completed", 96), ("Cancelled", 4))
_VISITS = weighted((1, 80), (2, 14), (3, 5), (None, 1))


def service_order_rows(seed: int, until: date) -> Iterator[Row]:
    """Rows of `ServiceOrders`, in the order of customers; a month of planned ones lies ahead."""
    for customer in CUSTOMERS:
        chance = stream("service", seed, customer.id)
        kinds = {"PM": customer.maintenance, "Repair": customer.repairs, "Damage": customer.damages}
        kinds["Inspection"] = customer.maintenance / 20
        number = 0
        for kind, rate in kinds.items():
            for _ in range(int(customer.units * rate * YEARS + 0.5)):
                number += 1
                yield _order(chance, customer, f"S-{customer.number}-{number:05}", (kind, until))


def _order(chance: Random, customer: Customer, key: str, what: tuple[str, date]) -> Row:
    kind, until = what
    day = until - timedelta(days=chance.randrange(-30 if kind == "PM" else 1, _DAYS))
    status = "Open" if day >= until or happens(chance, 1.5) else chance.choice(_ORDER_STATES)
    is_unplanned = kind in {"Repair", "Damage"}
    received = datetime.combine(day, time(6), UTC) + timedelta(minutes=chance.randrange(720))
    return {
        "ServiceOrderID": key,
        "CustomerID": customer.id,
        "EquipmentID": f"E-{customer.number}-{chance.randrange(customer.units) + 1:04}"
        if happens(chance, 97)
        else None,
        "ServiceType": kind,
        "Status": status,
        "ServiceDate": day,
        "CallReceived": received if is_unplanned and happens(chance, 96) else None,
        "TechnicianArrived": received + _arrival(chance) if status == "Completed" and happens(chance, 95) else None,
        "VisitCount": chance.choice(_VISITS) if status == "Completed" else None,
        "DowntimeHours": round(chance.triangular(0.5, 40, 4) if is_unplanned else chance.triangular(0, 4, 1), 2),
        **_costs(chance, customer, is_unplanned=is_unplanned),
    }


def _arrival(chance: Random) -> timedelta:
    """Hours until the technician came; once in a while he seems to have come before the call."""
    return timedelta(minutes=-30) if happens(chance, 0.4) else timedelta(minutes=int(chance.triangular(20, 2_400, 180)))


def _costs(chance: Random, customer: Customer, *, is_unplanned: bool) -> Row:
    labor = money(chance, 90, 700 if is_unplanned else 260)
    parts = money(chance, 0, int(900 * customer.wear)) if is_unplanned else money(chance, 0, 120)
    is_recorded = happens(chance, 97)
    return {
        "LaborCost": labor if is_recorded else None,
        "PartsCost": parts if is_recorded else None,
        "TotalCost": labor + parts + money(chance, 0, 40),
    }


def parts_order_rows(seed: int, until: date) -> Iterator[Row]:
    """Rows of `PartsOrders`."""
    for customer in CUSTOMERS:
        chance = stream("parts", seed, customer.id)
        for number in range(1, min(customer.units * 4, 900) + 1):
            yield {
                "PartsOrderID": f"P-{customer.number}-{number:05}",
                "CustomerID": customer.id,
                "OrderDate": until - timedelta(days=chance.randrange(1, _DAYS)),
                "Category": chance.choice(_CATEGORIES),
                "TotalAmount": money(chance, 15, 2_400),
            }


def rental_rows(seed: int, until: date) -> Iterator[Row]:
    """Rows of `Rentals`: days to months, over the ends of quarters, some not ended."""
    for customer in CUSTOMERS:
        chance = stream("rentals", seed, customer.id)
        for number in range(1, min(customer.units // 3, 120) + 1):
            days = int(chance.triangular(1, 150, 10))
            start = until - timedelta(days=chance.randrange(1, _DAYS))
            end = start + timedelta(days=days)
            is_open = end >= until or happens(chance, 2)
            yield {
                "RentalID": f"R-{customer.number}-{number:04}",
                "CustomerID": customer.id,
                "StartDate": start,
                "EndDate": None if is_open else end,
                "TotalCost": money(chance, 60, 110) * (days + 1),
            }
