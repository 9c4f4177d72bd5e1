"""Every report as PDF: a sound file with tiles, charts, tables and Export Info, and in it the rows of the report."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from dev.sample_files import params_of
from shared.ports import Services
from shared.reports import catalogue
from shared.wiring import in_memory
from tests.acceptance.headings import HEADINGS, TILES
from tests.any_report import REPORT_IDS, Desk
from tests.integration.pdf_files import body_texts, bookmarks, complaints, page_texts, squeezed
from tests.telltales import OURS, plant
from tests.world import DAY, World

_CALLS = 60


@pytest.fixture(name="planted", scope="module")
def _planted(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Sixty calls of one day, one of which has everything that can hang on a call."""
    folder = tmp_path_factory.mktemp("pdf")
    copy = folder / "world.db"
    copy.write_bytes(migrated_sqlite_file.read_bytes())
    services = in_memory(folder, database_url=f"sqlite:///{copy}")
    world = World(services)
    bank = world.bank("Cedar Bank")
    plant(services, world, bank, OURS)
    for number in range(_CALLS):
        world.call(bank, call_number=f"CALL-{number:05}", client_name=f"Shop {number}")
    return services


@pytest.fixture(name="files", scope="module")
def _files(planted: Services) -> dict[str, bytes]:
    desk = Desk(planted)
    return {report: desk.file(report, params_of(report, DAY, DAY), "pdf") for report in REPORT_IDS}


@pytest.mark.parametrize("report", REPORT_IDS)
def test_a_report_is_a_sound_file(files: dict[str, bytes], report: str, tmp_path: Path) -> None:
    """It passes qpdf's check; its title is the report's; the outline leads to every table and to Export Info."""
    content = files[report]
    assert complaints(content, tmp_path) == ""
    info = PdfReader(io.BytesIO(content)).metadata
    assert info is not None
    assert info.title == catalogue()[report].name
    titles = [title for title, _ in bookmarks(content)]
    assert [titles[0], titles[-1]] == [catalogue()[report].name, "Export Info"]
    assert titles[1:-1] == [name for name in HEADINGS[report] if name not in {"Charts", "Export Info"}]


@pytest.mark.parametrize("report", REPORT_IDS)
def test_the_first_page_has_every_tile(files: dict[str, bytes], report: str) -> None:
    """The tiles of the specification stand on the first page, with the report's name and when it was made."""
    first = page_texts(files[report])[0]
    assert [label for label in TILES[report].split(" | ") if squeezed(label) not in first] == []
    assert squeezed(catalogue()[report].name) in first
    assert "Generatedat" in first


def test_every_call_is_there_once(files: dict[str, bytes]) -> None:
    """Call Details has each call once, in the order of the preview."""
    found = "".join(
        body_texts(files["call-details"], "Scheduled Date Completed At Response Time (min) Resolution Time (min)")
    )
    assert [found.count(f"CALL-{number:05}") for number in range(_CALLS)] == [1] * _CALLS


def test_export_info_counts_what_was_drawn(files: dict[str, bytes]) -> None:
    """Export Info says the format and how many rows of each table the file has."""
    found = "".join(page_texts(files["call-details"]))
    assert f"Rows:CallDetails{_CALLS + 1}" in found
    assert "FileformatPDF" in found


def test_charts_and_export_info_can_be_left_out(planted: Services) -> None:
    """Without charts and metadata the file has neither, and is smaller."""
    params = params_of("call-details", DAY, DAY)
    whole = Desk(planted).file("call-details", params, "pdf")
    bare = Desk(planted).file("call-details", params, "pdf", includeCharts=False, includeMetadata=False)
    assert "Export Info" not in [title for title, _ in bookmarks(bare)]
    assert "Callsperday" in "".join(page_texts(whole))
    assert "Callsperday" not in "".join(page_texts(bare))
    assert len(bare) < len(whole)
