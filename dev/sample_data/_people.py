"""Who is in the sample world: six banks, sixty engineers and the people who may read reports; all of them invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random

from dev.bulk_load import Row
from dev.sample_data._chance import happens, identity
from dev.sample_data._places import CITIES, City

ENGINEERS = 60
_FIRST = (
    "Aarav", "Aditi", "Akash", "Ananya", "Arjun", "Bhavna", "Chetan", "Deepa", "Dinesh", "Divya", "Farhan", "Gauri",
    "Harish", "Ishaan", "Jaya", "Karthik", "Kavita", "Lakshmi", "Manoj", "Meera", "Mohammed", "Nandini", "Nikhil",
    "Pooja", "Prakash", "Priya", "Rahul", "Rajesh", "Ritu", "Rohan", "Sandeep", "Saroja", "Shreya", "Sunil",
    "Swati", "Tarun", "Uma", "Vikram", "Vinod", "Yamini",
)  # fmt: skip
LAST_NAMES = (
    "Agarwal", "Banerjee", "Bhat", "Chatterjee", "Chauhan", "Das", "Deshmukh", "Dutta", "Fernandes", "Ghosh",
    "Gupta", "Iyer", "Jain", "Joshi", "Kapoor", "Khan", "Kulkarni", "Kumar", "Mehta", "Menon", "Mishra", "Nair",
    "Naidu", "Patel", "Patil", "Pillai", "Rao", "Reddy", "Saxena", "Shah", "Sharma", "Shetty", "Singh", "Sinha",
    "Thakur", "Varma", "Yadav",
)  # fmt: skip
_ODD_NAMES = {7: "रवि कुमार", 18: 'Brendan "Sunny" D\'Souza', 29: "Nguyễn Thị Minh 🌟", 41: "முத்துலட்சுமி"}


@dataclass(frozen=True)
class Bank:
    """A client bank; `share` is its part of the calls of an ordinary day, in per cent."""

    name: str
    code: str
    share: float

    @cached_property
    def id(self) -> str:
        """The same id in every sample world."""
        return identity("bank", self.code)


BANKS = (
    Bank("Sahyadri National Bank", "SNB", 30.0),
    Bank("Coromandel Commercial Bank", "CCB", 20.0),
    Bank("Ganga Valley Bank", "GVB", 17.0),
    Bank("Deccan Merchant Bank", "DMB", 14.0),
    Bank("Malabar Co-operative Bank", "MCB", 10.0),
    Bank("Himalaya Trust Bank", "HTB", 7.5),
)
BUSIEST = BANKS[0]
NO_BANK_SHARE = 1.5
ACCOUNT_MANAGERS = ("manager-1", "manager-2", "manager-3")


@dataclass(frozen=True)
class Engineer:
    """An engineer; `pace` above 1 means slower than others."""

    number: int
    city: City

    @property
    def subject(self) -> str:
        """What his token says."""
        return f"engineer-{self.number:02}"

    @cached_property
    def id(self) -> str:
        """The id of his profile."""
        return user_id(self.subject)

    @property
    def pace(self) -> float:
        """From 0.7 to 1.5, spread over the numbers."""
        return 0.7 + self.number * 7 % 17 / 20


@cache
def user_id(subject: str) -> str:
    """The id of a person's profile."""
    return identity("user", subject)


def engineers() -> tuple[Engineer, ...]:
    """All engineers; two or three in each city."""
    return tuple(Engineer(number, CITIES[(number - 1) % len(CITIES)]) for number in range(1, ENGINEERS + 1))


class Crew:
    """Who goes where: engineers of the merchant's city, colleagues of the region, and a newcomer with few calls."""

    def __init__(self) -> None:
        """Divides the engineers among cities and regions."""
        *settled, self.newcomer = engineers()
        self._of_city = {city: [one for one in settled if one.city is city] for city in CITIES}
        self._of_region = {city: [one for one in settled if one.city.region == city.region] for city in CITIES}

    def visitor(self, chance: Random, city: City) -> Engineer:
        """An engineer of the city, sometimes of another city of the region."""
        return chance.choice((self._of_city if happens(chance, 92) else self._of_region)[city])

    def colleague(self, chance: Random, engineer: Engineer) -> Engineer:
        """Another engineer of the same region."""
        others = self._of_region[engineer.city]
        found = chance.choice(others)
        return found if found is not engineer else others[others.index(found) - 1]


def person_name(number: int) -> str:
    """A full name; different ones for the first 1,480 numbers."""
    first, last = number % len(_FIRST), (number * 7 + number // len(_FIRST)) % len(LAST_NAMES)
    return _ODD_NAMES.get(number) or f"{_FIRST[first]} {LAST_NAMES[last]}"


def bank_rows() -> Iterator[Row]:
    """Rows of `banks`."""
    return ({"id": bank.id, "name": bank.name, "code": bank.code, "active": True} for bank in BANKS)


def user_rows() -> Iterator[Row]:
    """Rows of `user_profiles`: admins, one of each bank, account managers, engineers, and one who has left."""
    yield _user("admin", "Asha Rangarajan", "admin")
    for number, bank in enumerate(BANKS):
        role = "admin" if bank is BANKS[-1] else "bank_admin"
        yield _user(f"admin-{bank.code.lower()}", person_name(100 + number), role, bank_id=bank.id)
    for number, subject in enumerate(ACCOUNT_MANAGERS):
        yield _user(subject, person_name(120 + number), "account_manager")
    for engineer in engineers():
        yield _user(engineer.subject, person_name(engineer.number), "engineer", region=engineer.city.region)
    yield _user("former-admin", person_name(140), "admin", active=False)


def _user(subject: str, name: str, role: str, **more: object) -> Row:
    digits = int(user_id(subject)[:8], 16) % 10**9
    return {
        "id": user_id(subject),
        "subject": subject,
        "full_name": name,
        "email": f"{subject}@example.com",
        "phone": f"+91 9{digits:09}",
        "role": role,
        "region": None,
        "bank_id": None,
        "active": True,
    } | more
