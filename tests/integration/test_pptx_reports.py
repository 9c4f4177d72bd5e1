"""Every report as a deck: the same title, tiles, charts and first rows as its preview; found by listing."""

from datetime import date
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from dev.sample_data import load_sample_data
from dev.sample_files import params_of
from shared.ports import Services
from shared.rendering._slides_checks import left_over, undescribed
from tests.any_report import REPORT_IDS, Desk
from tests.integration import pptx_files as files
from tests.integration.sample_worlds import opened as services_over
from tests.jobs import files as stored
from tests.jobs import run, submitted
from tests.world import World, request

FIRST, LAST = date(2025, 5, 17), date(2025, 6, 15)


@pytest.fixture(name="desk", scope="module")
def _desk(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = copy(migrated_sqlite_file, tmp_path_factory.mktemp("decks") / "world.db")
    services = services_over(f"sqlite:///{file}")
    load_sample_data(services, 600)
    yield Desk(services)
    services.close()


@pytest.fixture(name="made", params=REPORT_IDS, scope="module")
def _made(desk: Desk, request: pytest.FixtureRequest) -> tuple[dict[str, Any], bytes]:
    """The preview of a report and its deck."""
    params = params_of(request.param, FIRST, LAST, asOfDate=LAST.isoformat())
    return desk.preview(request.param, params), desk.file(request.param, params, "pptx")


def test_deck_agrees_with_the_preview(made: tuple[dict[str, Any], bytes]) -> None:
    """Tiles and charts are the preview's, in its order, a slide for each chart, and the main table ends the deck."""
    preview, content = made
    slides = list(files.opened(content).slides)
    tiles = [tile for slide in slides for tile in files.tiles(slide)]
    assert [tile[0] for tile in tiles] == [kpi["label"] for kpi in preview["kpis"]]
    whole = [
        (kpi["value"], tile[1]) for kpi, tile in zip(preview["kpis"], tiles, strict=True) if kpi["type"] == "integer"
    ]
    assert [int(said.replace(",", "").replace("−", "-")) for _, said in whole] == [value for value, _ in whole]
    drawn = [shape.chart for shape in files.charts(slides)]
    wanted = [chart for chart in preview["charts"] if any(v is not None for s in chart["series"] for v in s["values"])]
    assert [list(each.plots[0].categories) for each in drawn] == [chart["categories"] for chart in wanted]
    for each, chart in zip(drawn, wanted, strict=True):
        assert [list(series.values) for series in each.plots[0].series] == [s["values"] for s in chart["series"]]
        book = files.book(each)
        rows = list(book.iter_rows(min_row=2, values_only=True))
        assert [list(column) for column in zip(*rows, strict=True)][1:] == [s["values"] for s in chart["series"]]
    titles = [files.title(slide) for slide in slides]
    assert titles[-1] in {sheet["name"] for sheet in preview["sheets"]}


def test_first_rows_are_the_main_table_s(made: tuple[dict[str, Any], bytes]) -> None:
    """The last slide has the first rows of its sheet, whole numbers and plain texts as the preview has them."""
    preview, content = made
    slide = list(files.opened(content).slides)[-1]
    sheet = next(each for each in preview["sheets"] if each["name"] == files.title(slide))
    shown = files.table(slide)
    places = [[column["label"] for column in sheet["columns"]].index(heading) for heading in shown[0]]
    assert len(shown) - 1 == min(15, sheet["totalRows"]) > 0
    for row, told in zip(shown[1:], sheet["rows"], strict=False):
        for text, place in zip(row, places, strict=True):
            if sheet["columns"][place]["type"] == "text" and not text.endswith("…"):
                assert text == " ".join((told[place] or "").split())
    said = " ".join(files.texts(slide))
    if sheet["totalRows"] > 15:
        assert f"first 15 of {sheet['totalRows']} rows" in said


def test_nothing_overlaps_is_left_over_or_mute(made: tuple[dict[str, Any], bytes]) -> None:
    """No shape lies over another or beyond the slide, no token is left, and every chart and table has a description."""
    presentation = files.opened(made[1])
    assert [files.overlapping(slide) for slide in presentation.slides] == [[]] * len(presentation.slides)
    assert left_over(presentation) == []
    assert undescribed(presentation) == []
    assert all(files.notes(slide) for slide in presentation.slides)


def test_empty_deck_is_valid(desk: Desk) -> None:
    """Each report over dates without calls makes a deck that says so and lists the filters."""
    for report in REPORT_IDS:
        params = params_of(report, date(1999, 1, 1), date(1999, 1, 2), asOfDate="1999-01-02")
        slides = list(files.opened(desk.file(report, params, "pptx")).slides)
        said = " ".join(text for text in files.texts(slides[-1]))
        has_rows = any(shape.has_table for shape in slides[-1].shapes)
        assert has_rows or "Banks: all banks" in said, report


def test_job_tells_all_rows_of_the_main_table(shared_services: Services, shared_world: World) -> None:
    """Though the deck shows 15 rows, the job tells how many the report has: what the slide says too."""
    bank = shared_world.bank()
    for _ in range(20):
        shared_world.call(bank)
    body = request(params={"banks": [bank]}, output={"format": "pptx"})
    row = run(shared_services, submitted(shared_services, shared_world, "", body))
    assert (row.status, row.row_count, row.summary["rowCount"]) == ("completed", 20, 20)
    content = stored(shared_services).read(row.blob_name, 10**7)
    assert "first 15 of 20 rows" in " ".join(files.texts(list(files.opened(content).slides)[-1]))
