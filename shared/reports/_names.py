"""Dates, scope and filters in words, with names instead of ids, for heads of pages and Export Info."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, select

from shared.access.scope import BankScope
from shared.document import Note, clean_text
from shared.reports._model import ReportData
from shared.reports._parameters import ReportParameters
from shared.reports._pivot import Member
from shared.tables import InJsonList, banks, user_profiles

_LABELS = {"regions": "Regions", "status": "Status", "call_type": "Call types", "priority": "Priorities"}
_CHOICES = {"granularity": "Granularity", "min_days_open": "Days open at least"}  # filters of a single value


def filter_notes(parameters: ReportParameters, data: ReportData) -> list[Note]:
    """One note for the dates, one for the banks, and one per filter that was given."""
    notes = [Note("Business time zone", data.settings.zone.key)]
    if hasattr(parameters, "dates"):
        first, last = parameters.dates
        notes.append(Note("Dates", f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"))
    notes.append(Note("Banks", _bank_names(getattr(parameters, "banks", None), data)))
    if engineers := getattr(parameters, "engineers", None):
        notes.append(Note("Engineers", _engineer_names(engineers, data)))
    given = ((label, getattr(parameters, name, None)) for name, label in _LABELS.items())
    chosen = ((label, getattr(parameters, name, None)) for name, label in _CHOICES.items())
    return [
        *notes,
        *(Note(label, ", ".join(values)) for label, values in given if values),
        *(Note(label, str(value)) for label, value in chosen if value is not None),
    ]


def visible_engineers(scope: BankScope) -> ColumnElement[bool]:
    """Engineers whose names the scope may see: those of its banks, and those who belong to no bank."""
    person = user_profiles.c
    # allow: bank-scope because engineers of no bank are known to every bank
    return (person.role == "engineer") & (scope.predicate(person.bank_id) | person.bank_id.is_(None))


def people_names(ids: Iterable[str], data: ReportData) -> dict[str, str]:
    """Names by id of the people whom calls in scope name; those without a row are left out."""
    person = user_profiles.c
    known = select(person.id, person.full_name).where(InJsonList(person.id, sorted(ids)))
    return {row.id: clean_text(row.full_name) for row in data.reader.all(known)}


def bank_labels(ids: Sequence[str], data: ReportData) -> dict[str, str]:
    """Names of banks that calls in scope have, by id, in alphabetical order; with their codes where names are equal."""
    rows = data.reader.all(select(banks.c.id, banks.c.name, banks.c.code).where(InJsonList(banks.c.id, ids)))
    often = Counter(row.name for row in rows)
    names = {row.id: f"{row.name} ({row.code})" if often[row.name] > 1 else row.name for row in rows}
    labels = {each: names.get(each, each) for each in ids}
    return dict(sorted(labels.items(), key=lambda pair: (pair[1].casefold(), pair[1], pair[0])))


def bank_members(ids: Iterable[str | None], data: ReportData) -> list[Member]:
    """The banks that calls in scope have, by name, then "(no bank)" where some have none. Asks for the names."""
    found = set(ids)
    labels = bank_labels([bank for bank in found if bank is not None], data)
    named = [Member(bank, bank, clean_text(label)) for bank, label in labels.items()]
    return [*named, Member(None, "none", "(no bank)")] if None in found else named


def _bank_names(requested: Sequence[str] | None, data: ReportData) -> str:
    scope = data.scope.narrowed(requested)
    if scope.banks is None:
        return "all banks, and calls without a bank"
    rows = data.reader.all(select(banks.c.id, banks.c.name).where(InJsonList(banks.c.id, sorted(scope.banks))))
    return _named(sorted(scope.banks), {row.id: row.name for row in rows})


def _engineer_names(requested: Sequence[str], data: ReportData) -> str:
    person = user_profiles.c
    known = select(person.id, person.full_name).where(InJsonList(person.id, requested), visible_engineers(data.scope))
    return _named(requested, {row.id: row.full_name for row in data.reader.all(known)})


def _named(ids: Sequence[str], names: Mapping[str, str]) -> str:
    """Names in alphabetical order; an id without one stays an id."""
    return ", ".join(sorted((names.get(each, each) for each in ids), key=str.casefold))
