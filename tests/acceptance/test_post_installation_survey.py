"""Post-Installation Survey through the whole product: every cell equals a second, naive calculation."""

from typing import Any

import pytest

from tests.acceptance.comparing import (
    KOLKATA,
    LOS_ANGELES,
    assert_headings,
    assert_same,
    assert_tiles,
    ordered,
    question,
)
from tests.acceptance.oracle import post_installation_survey
from tests.acceptance.oracle.records import World
from tests.acceptance.product import Product

REPORT = "post-installation-survey"


def _months(world: World) -> dict[str, str]:
    """The last four months with calls."""
    days = sorted({call["scheduled_date"] for call in world.calls if call["scheduled_date"]})
    return {"dateFrom": days[-120].isoformat(), "dateTo": days[-1].isoformat()}


@pytest.mark.parametrize("filters", ["", "minRating", "banks"])
def test_every_cell_over_the_sample(sampled: Product, sample: World, filters: str) -> None:
    """All sheets, charts, tiles and sums equal the naive calculation; a minimum rating leaves the summary as it is."""
    more: dict[str, dict[str, Any]] = {"": {}, "minRating": {"minRating": 3}, "banks": {"banks": [min(sample.banks)]}}
    params = _months(sample) | more[filters]
    with sampled.person("admin") as admin:
        file, as_of = ordered(sampled, admin, REPORT, params)
        shown = admin.request(REPORT, params, isPreview=True).json()
    answer = post_installation_survey.answer(sample, question(params, as_of, KOLKATA), params.get("minRating"))
    assert len(answer.sheets["Comments"]) > 10
    assert_same(file, answer)
    assert_tiles(shown, answer)
    assert_headings(REPORT, file, shown)
    assert [sheet["totalRows"] for sheet in shown["sheets"]] == [len(rows) - 1 for rows in answer.sheets.values()]


def test_without_surveys_the_response_rate_is_nought(los_angeles_product: Product, city: World) -> None:
    """Real requests without a survey: no rating, no NPS, and none of the completed installations has answered."""
    params = {"dateFrom": "2018-12-01", "dateTo": "2019-01-31"}
    with los_angeles_product.person("admin") as admin:
        file, as_of = ordered(los_angeles_product, admin, REPORT, params)
    answer = post_installation_survey.answer(city, question(params, as_of, LOS_ANGELES))
    assert_same(file, answer)
    assert {tuple(row[1:]) for row in file.sheets["Summary"][1:]} == {(0, *[None] * 7, 0, None)}
