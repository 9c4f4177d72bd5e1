"""The person behind a subject, read from user_profiles at every request, and what his role lets him run."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from shared.access.scope import BankScope
from shared.errors import Unauthorized
from shared.ports import Database
from shared.tables import user_profiles

Domain = Literal["costar", "qbr"]


@dataclass(frozen=True)
class Principal:
    """An active person with a role. `bank_id` None means all banks, for the role admin only."""

    subject: str
    user_id: str
    name: str
    role: str
    bank_id: str | None

    @property
    def is_unrestricted(self) -> bool:
        """Whether he may see every bank, customer, job and setting."""
        return self.role == "admin" and self.bank_id is None

    @property
    def bank_scope(self) -> BankScope | None:
        """The banks he may see; None where his role sees no bank at all."""
        if self.is_unrestricted:
            return BankScope.everything()
        if self.role in {"admin", "bank_admin"} and self.bank_id is not None:
            return BankScope.of(self.bank_id)
        return None

    def may_run(self, domain: Domain) -> bool:
        """Whether reports of this domain are his."""
        if domain == "qbr":
            return self.is_unrestricted or self.role == "account_manager"
        return self.bank_scope is not None


def find_principal(costar: Database, subject: str) -> Principal:
    """The active person with this subject.

    Raises:
        Unauthorized: nobody has it, he is inactive, or his role may do nothing here.

    """
    person = user_profiles.c
    statement = select(person.id, person.full_name, person.role, person.bank_id, person.active)
    with costar.read() as connection:
        row = connection.execute(statement.where(person.subject == subject)).one_or_none()
    if row is None or not row.active:
        raise Unauthorized
    principal = Principal(subject, row.id, row.full_name, row.role, row.bank_id)
    if not principal.may_run("costar") and not principal.may_run("qbr"):
        raise Unauthorized
    return principal
