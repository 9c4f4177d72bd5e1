"""What a caller may choose from: the reports with their forms, and the banks, engineers and regions of his scope."""

from typing import Any

from sqlalchemy import select, true

from shared.access.principal import Principal
from shared.jobs.output import OutputParameters
from shared.jobs.request import formats_of
from shared.ports import Services
from shared.reports import Report, catalogue, visible_engineers
from shared.tables import banks, user_profiles


def reports_answer(principal: Principal) -> dict[str, Any]:
    """The catalogue: every report the caller may run, with the JSON Schema of its parameters and of the output."""
    return {
        "success": True,
        "reports": [_entry(report) for report in catalogue().values() if principal.may_run(report.domain)],
        "output": OutputParameters.model_json_schema(by_alias=True),
    }


def options_answer(services: Services, principal: Principal) -> dict[str, Any]:
    """The choices of the filters: active banks, active engineers and their regions, by name."""
    scope = principal.bank_scope
    if scope is None:
        return {"success": True, "banks": [], "engineers": [], "regions": []}
    with services.costar.read() as connection:
        bank = banks.c
        allowed = scope.predicate(bank.id)
        found = connection.execute(select(bank.id, bank.name).where(bank.active == true(), allowed)).all()
        person = user_profiles.c
        named = select(person.id, person.full_name, person.region)
        engineers = connection.execute(named.where(person.active == true(), visible_engineers(scope))).all()
    return {
        "success": True,
        "banks": sorted(({"id": row.id, "name": row.name} for row in found), key=_by_name),
        "engineers": sorted(
            ({"id": row.id, "name": row.full_name, "region": row.region} for row in engineers), key=_by_name
        ),
        "regions": sorted({row.region for row in engineers if row.region}, key=str.casefold),
    }


def _by_name(choice: dict[str, Any]) -> str:
    return str(choice["name"]).casefold()


def _entry(report: Report[Any]) -> dict[str, Any]:
    return {
        "id": report.id,
        "name": report.name,
        "description": report.description,
        "category": report.category,
        "icon": report.icon,
        "estimatedTime": report.estimated_time,
        "asyncThreshold": report.async_threshold,
        "domain": report.domain,
        "parameters": report.parameters.model_json_schema(by_alias=True),
        "formats": formats_of(report),
    }
