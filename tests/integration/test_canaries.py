"""Bank scope of every report (A4): a canary in every text of every bank, and no foreign one in any file or preview."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from dev.sample_files import params_of
from shared.ports import Services
from shared.rendering import format_ids
from tests.any_report import REPORT_IDS
from tests.telltales import NOBODYS, OURS, THEIRS, Banks, everything_shown, two_banks
from tests.world import DAY, World


@pytest.fixture(name="two", scope="module")
def _two(shared_services: Services, shared_world: World) -> Banks:
    return two_banks(shared_services, shared_world)


def _body(report: str, params: Mapping[str, Any], file_format: str = "csv") -> dict[str, Any]:
    """A request with those of the parameters that this report has, and those that it needs."""
    return {"reportId": report, "params": params_of(report, DAY, DAY, **params), "output": {"format": file_format}}


def _filters(two: Banks) -> list[dict[str, Any]]:
    """The own bank, and filters that point at the other bank's engineer and region."""
    return [
        {"banks": [two.ours]},
        {"engineers": [two.their_engineer, two.our_engineer]},
        {"regions": [f"{THEIRS} region"]},
        {"regions": [f"{OURS} region"]},
        {"fspFormat": "custom"},
    ]


def _formats(services: Services) -> Sequence[str]:
    """Every format; on the second database those with every column of the main table, and with every sheet."""
    return format_ids() if services.settings.database_url.startswith("sqlite") else ("csv", "xlsx")


@pytest.mark.parametrize("role", ["admin", "bank_admin"])
@pytest.mark.parametrize("report", REPORT_IDS)
def test_no_foreign_canary(shared_services: Services, shared_world: World, two: Banks, report: str, role: str) -> None:
    """A bank's administrator sees his own bank's texts, and in no answer and no file another bank's or nobody's."""
    subject = shared_world.person(role, two.ours)
    for file_format in ["csv"] if role == "admin" else _formats(shared_services):
        seen = everything_shown(shared_services, shared_world, subject, _body(report, {}, file_format))
        assert (file_format, THEIRS in seen, NOBODYS in seen, OURS in seen) == (file_format, False, False, True)


@pytest.mark.parametrize("report", REPORT_IDS)
def test_no_filter_opens_another_bank(shared_services: Services, shared_world: World, two: Banks, report: str) -> None:
    """Filters that point at the other bank's engineer, region or format give nothing of it."""
    subject = shared_world.person("bank_admin", two.ours)
    bodies = [_body(report, params) for params in _filters(two)]
    for body in [each for each in bodies if each["params"] != _body(report, {})["params"]]:
        seen = everything_shown(shared_services, shared_world, subject, body)
        foreign = seen.replace(f"{THEIRS} region", "") if "regions" in body["params"] else seen  # his own words
        assert THEIRS not in foreign
        assert NOBODYS not in seen


@pytest.mark.parametrize("report", REPORT_IDS)
def test_unrestricted_administrator_sees_all(
    shared_services: Services, shared_world: World, two: Banks, report: str
) -> None:
    """An administrator of all banks sees every bank's canary: the tests above would notice one."""
    assert two.ours != two.theirs
    for file_format in _formats(shared_services):
        seen = everything_shown(shared_services, shared_world, shared_world.person(), _body(report, {}, file_format))
        assert (file_format, OURS in seen, THEIRS in seen) == (file_format, True, True)
