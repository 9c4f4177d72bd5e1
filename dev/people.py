"""Who may sign in at the development host: the active people of CoSTAR; reads nothing else and changes nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Select, case, select

from shared.ports import Database
from shared.tables import banks, user_profiles

ROLE_TITLES = {
    "admin": "Administrators",
    "account_manager": "Account managers",
    "bank_admin": "Bank administrators",
    "engineer": "Engineers (may see no report)",
}


@dataclass(frozen=True)
class Person:
    """A person of the sign-in page; `bank` is empty where no bank limits what he sees."""

    subject: str
    name: str
    role: str
    bank: str

    def as_json(self) -> dict[str, str]:
        """The person as `/dev/people` shows him."""
        return asdict(self)


def active_people(database: Database) -> list[Person]:
    """Everybody who may sign in, by role (in the order of `ROLE_TITLES`), bank and name."""
    profile = user_profiles.c
    rank = case({role: place for place, role in enumerate(ROLE_TITLES)}, value=profile.role, else_=len(ROLE_TITLES))
    with database.read() as connection:
        rows = connection.execute(_people().order_by(rank, banks.c.name, profile.full_name, profile.subject)).all()
    return _persons(rows)


def find_person(database: Database, subject: str) -> Person | None:
    """The active person of this subject, or None."""
    with database.read() as connection:
        rows = connection.execute(_people().where(user_profiles.c.subject == subject)).all()
    return next(iter(_persons(rows)), None)


def _people() -> Select[Any]:
    profile = user_profiles.c
    return (
        select(profile.subject, profile.full_name, profile.role, banks.c.name.label("bank"))
        .select_from(user_profiles.outerjoin(banks, profile.bank_id == banks.c.id))
        .where(profile.active == True)  # noqa: E712 `IS 1` is no T-SQL
    )


def _persons(rows: Sequence[Any]) -> list[Person]:
    return [Person(row.subject, row.full_name, row.role, row.bank or "") for row in rows]
