"""The columns a bank wants in its FSP report: told, checked and changed; makes no report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from shared.access.audit import Deed, record
from shared.access.scope import BankScope
from shared.document import clean_text
from shared.errors import FieldProblem, InvalidParameters, NotFound, Unauthorized
from shared.jobs.request import require_storable, validated
from shared.jobs.submit import Caller
from shared.ports import Services
from shared.reports import FSP_COLUMNS
from shared.tables import banks, fsp_formats

_KEYS = tuple(column.key for column in FSP_COLUMNS)


def _known_key(value: str) -> str:
    if value not in _KEYS:
        kind, message = "key", f"must be one of {', '.join(_KEYS)}"
        raise PydanticCustomError(kind, message)
    return value


def _heading(value: str) -> str:
    if not value.strip() or value != value.strip() or "\n" in value or value != clean_text(value):
        kind, message = "heading", "must be one line of visible text without blanks around it"
        raise PydanticCustomError(kind, message)
    return value


class FspColumn(BaseModel):
    """A column of the FSP report: its key, and the heading that the bank wants over it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, AfterValidator(_known_key), Field(json_schema_extra={"enum": list(_KEYS)})]
    heading: Annotated[str, AfterValidator(_heading), Field(min_length=1, max_length=255)]


class FspFormatRequest(BaseModel):
    """The columns of a bank's FSP report in their order; no key and no heading may stand there twice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Annotated[tuple[FspColumn, ...], Field(min_length=1, max_length=len(_KEYS))]


def format_answer(services: Services, caller: Caller, bank_id: str) -> dict[str, Any]:
    """The bank's columns; the standard ones where it has none of its own.

    Raises:
        Unauthorized: the caller's role sees no bank.
        NotFound: there is no such bank, or it is not his.

    """
    bank = _bank(services, caller, bank_id)
    own = bank.scope.predicate(fsp_formats.c.bank_id)
    with services.reporting.read() as connection:
        found = connection.execute(select(fsp_formats.c["columns"]).where(own)).scalar_one_or_none()
    return _answer(bank, found)


def change_format(services: Services, caller: Caller, bank_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Gives the bank these columns from now on, and answers as `format_answer`; the audit trail keeps who did.

    Raises:
        Unauthorized, NotFound: as `format_answer`; a line in the audit trail says that it was tried.
        InvalidParameters: the columns cannot be used; nothing is written.

    """
    deed = Deed(caller.principal.subject, "fsp_format_changed", actor_ip=caller.address)
    try:
        bank = _bank(services, caller, bank_id)
    except (Unauthorized, NotFound) as error:
        with services.reporting.transaction() as connection:
            record(connection, services.clock, replace(deed, outcome=error.code))
        raise
    columns = _checked(body)
    with services.reporting.transaction() as connection:
        _write(connection, bank, columns)
        details = {"keys": [column["key"] for column in columns]}
        record(connection, services.clock, replace(deed, target=bank.id, details=details))
    return _answer(bank, columns)


class _Bank(NamedTuple):
    """One bank, and the scope that is this bank alone."""

    id: str
    scope: BankScope


def _bank(services: Services, caller: Caller, bank_id: str) -> _Bank:
    """The bank, if it is there and the caller's; a bank that is not there is told as one that is not his."""
    allowed = caller.principal.bank_scope
    if allowed is None:
        raise Unauthorized
    try:
        identity = str(UUID(bank_id))
    except ValueError:
        raise BankScope.unknown_bank() from None
    scope = allowed.narrowed([identity])
    with services.costar.read() as connection:
        if connection.execute(select(banks.c.id).where(scope.predicate(banks.c.id))).first() is None:
            raise BankScope.unknown_bank()
    return _Bank(identity, scope)


def _checked(body: Mapping[str, Any]) -> list[dict[str, str]]:
    require_storable(body)
    columns = validated(FspFormatRequest, body, "").columns
    if problems := [*_repeats(columns)]:
        raise InvalidParameters.of(*problems)
    return [column.model_dump() for column in columns]


def _repeats(columns: Sequence[FspColumn]) -> Iterator[FieldProblem]:
    """Headings that differ in capitals only are one to a reader."""
    for name, values in (
        ("key", [column.key for column in columns]),
        ("heading", [column.heading.casefold() for column in columns]),
    ):
        for place, value in enumerate(values):
            if (first := values.index(value)) < place:
                yield FieldProblem(f"columns.{place}.{name}", f"is the same as columns.{first}.{name}")


def _write(connection: Connection, bank: _Bank, columns: list[dict[str, str]]) -> None:
    """Changes the row, or makes it; where two make it at once, the later one changes it."""
    changed = update(fsp_formats).where(bank.scope.predicate(fsp_formats.c.bank_id)).values(columns=columns)
    if connection.execute(changed).rowcount:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(fsp_formats).values(bank_id=bank.id, columns=columns))
    except IntegrityError:
        connection.execute(changed)


def _answer(bank: _Bank, own: list[dict[str, str]] | None) -> dict[str, Any]:
    standard = [{"key": column.key, "heading": column.label} for column in FSP_COLUMNS]
    return {
        "success": True,
        "bankId": bank.id,
        "isCustom": own is not None,
        "columns": standard if own is None else own,
        "available": standard,
    }
