"""The twelve customers of the forklift dealer, and what kind of fleet each has; all of them invented."""

from collections.abc import Iterator
from dataclasses import dataclass

from dev.bulk_load import Row
from dev.sample_data._people import ACCOUNT_MANAGERS

YEARS = 3
_HUGE = 5_000


@dataclass(frozen=True)
class Customer:
    """A customer; orders are per unit and year, `wear` is what ages his units beyond their years."""

    number: int
    name: str
    units: int
    fiscal_start: int | None = None
    maintenance: float = 2.2
    repairs: float = 1.0
    damages: float = 0.12
    wear: float = 1.0
    active: bool = True

    @property
    def id(self) -> str:
        """His key at the dealer's."""
        return f"C-{self.number}"

    @property
    def assessed(self) -> int:
        """How many of a hundred units are assessed every year."""
        return 80 if self.units < _HUGE else 8


CUSTOMERS = (
    Customer(1001, "Allegheny Cold Storage", 60, repairs=1.8, wear=1.5),
    Customer(1002, "Blue Ridge Beverages", 34, fiscal_start=1),
    Customer(1003, "Cedar Point Lumber", 26, fiscal_start=4, maintenance=0.8, repairs=2.6, wear=1.9),
    Customer(1004, "Delta Port Terminals", _HUGE, fiscal_start=7, maintenance=0.06, repairs=0.04, damages=0.004),
    Customer(1005, "Eastgate Furniture", 18, fiscal_start=10),
    Customer(1006, "Fairmont Foods", 45, damages=0.6),
    Customer(1007, "Granite State Paper", 20, fiscal_start=1, active=False),
    Customer(1008, 'Harbor, Sons & "Partners"', 27, fiscal_start=4, repairs=0.3, wear=0.4),
    Customer(1009, "Ironwood Steel", 80, repairs=2.2, damages=0.4, wear=1.6),
    Customer(1010, "Juniper Pharma 💊", 9, maintenance=4.0, repairs=0.1, damages=0.0, wear=0.3),
    Customer(1011, "Keystone Auto Parts", 0),
    Customer(1012, "Überfracht 物流 Łódź", 30, fiscal_start=2),
)


def customer_rows() -> Iterator[Row]:
    """Rows of `Customers`; the account managers divide them."""
    for place, customer in enumerate(CUSTOMERS):
        yield {
            "CustomerID": customer.id,
            "CustomerName": customer.name,
            "Active": customer.active,
            "FiscalYearStartMonth": customer.fiscal_start,
            "AccountManager": ACCOUNT_MANAGERS[place % len(ACCOUNT_MANAGERS)],
        }
