"""The most rows of a PDF: refused at the request by the estimate, and in the render by the true count; never cut."""

import pytest

from dev.sample_files import params_of
from shared.errors import ExportFailed, InvalidParameters
from shared.jobs.page_limit import within_limit
from shared.jobs.submit import accept
from shared.ports import Services
from shared.wiring import in_memory
from tests.any_report import Desk
from tests.integration.pdf_files import body_texts, document, file_of, page_texts, texts
from tests.world import DAY, World


@pytest.fixture(name="limited")
def _limited(migrated_sqlite_url: str) -> Services:
    """Services that allow PDF files of three rows, over four calls of one day."""
    services = in_memory(database_url=migrated_sqlite_url, pdf_max_rows=3)
    world = World(services)
    for _ in range(4):
        world.call(world.bank())
    return services


def _body(file_format: str) -> dict[str, object]:
    return {
        "reportId": "call-details",
        "params": params_of("call-details", DAY, DAY),
        "output": {"format": file_format},
    }


def test_more_rows_are_refused_at_the_request(limited: Services) -> None:
    """A report over the limit is refused by name as PDF, with the formats to choose instead, and no job is made."""
    world = World(limited)
    caller = world.caller(world.person())
    with pytest.raises(InvalidParameters) as refused:
        accept(limited, caller, _body("pdf"))
    (problem,) = refused.value.details
    assert problem["path"] == "output.format"
    for word in ("4 rows", "at most 3", "XLSX", "CSV"):
        assert word in problem["problem"]
    assert accept(limited, caller, _body("csv"))


def test_a_render_over_the_limit_fails_and_says_why(limited: Services) -> None:
    """Where the true count passes the limit, the render fails with the same words instead of a shorter file."""
    with pytest.raises(ExportFailed, match="at most 3: choose XLSX or CSV") as failed:
        Desk(limited).file("call-details", params_of("call-details", DAY, DAY), "pdf")
    assert failed.value.details == {"reason": "rows", "most": 3}
    assert Desk(limited).file("call-details", params_of("call-details", DAY, DAY), "csv")


def test_rows_up_to_the_limit_are_all_there() -> None:
    """A table of exactly as many rows as are allowed is drawn whole."""
    made = within_limit(document(texts(*[(f"row{number}",) for number in range(5)])), "pdf", 5)
    (table,) = made.tables
    assert body_texts(file_of(table), "CallsA") == ["row0row1row2row3row4"]
    assert "Page1of1" in page_texts(file_of(table))[0]
