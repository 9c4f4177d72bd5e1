"""What Service Performance and Bounce Call promise beyond right cells: filters by people, and a column per reason."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.acceptance.comparing import KOLKATA, assert_same, ordered, question
from tests.acceptance.headings import HEADINGS, TILES
from tests.acceptance.oracle import bounce_call, service_performance
from tests.acceptance.oracle.records import World
from tests.acceptance.product import Product


def _around() -> dict[str, str]:
    """A hundred days of the sample that end after today: work done, waiting, and not due yet."""
    today = datetime.now(UTC).date()
    return {"dateFrom": f"{today - timedelta(95)}", "dateTo": f"{today + timedelta(4)}"}


@pytest.mark.parametrize("name", ["engineers", "regions"])
def test_filters_by_engineer_and_by_region(sampled: Product, sample: World, name: str) -> None:
    """Only the calls of the engineers asked for, or of those of the regions, are in Service Performance."""
    known = {each["id"]: each["region"] for each in sample.people.values() if each["role"] == "engineer"}
    regions = sorted(set(known.values()))[:2]
    engineers = sorted(known)[:5] if name == "engineers" else [each for each in known if known[each] in regions]
    asked = _around() | {name: regions if name == "regions" else engineers}
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, "service-performance", asked)
    only = question(_around() | {"engineers": engineers}, as_of, KOLKATA)
    assert_same(file, service_performance.answer(sample, only))
    assert len(file.sheets["Summary"]) > 2


def test_headings_of_bounce_call(sampled: Product) -> None:
    """Sheets, columns and tiles are the specification's; the summary has a column for each of the six reasons."""
    with sampled.person("admin") as admin:
        file, _ = ordered(sampled, admin, "bounce-call", _around())
        shown = admin.request("bounce-call", _around(), isPreview=True).json()
    reasons = " | ".join(bounce_call.REASONS.values())
    assert {name: " | ".join(rows[0]).replace(reasons, "…") for name, rows in file.sheets.items()} == HEADINGS[
        "bounce-call"
    ]
    assert " | ".join(tile["label"] for tile in shown["kpis"]) == TILES["bounce-call"]
