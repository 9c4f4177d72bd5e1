"""Decks in LibreOffice: they open without repair, and as many pages come out as there are slides, none blank."""

import subprocess
from pathlib import Path

from PIL import Image

from shared.document import Chart, ChartKind, Column, Kind, Kpi, Note, Series
from tests.integration import pptx_files as files
from tests.integration.xlsx_files import document, table

_DAYS = tuple(f"2026-{day // 28 + 1:02}-{day % 28 + 1:02}" for day in range(90))


def test_slides_are_drawn_within_their_edges(tmp_path: Path) -> None:
    """Every slide has ink where its body is, and none near its left and right edges."""
    series = tuple(Series(f"Status {place}", tuple(range(place, place + 90))) for place in range(10))
    made = document(
        table([Column(f"c{n}", f"Column {n}", Kind.TEXT) for n in range(14)], [("some text to read",) * 14] * 40),
        kpis=tuple(Kpi(f"k{n}", f"Average Resolution Time {n}", Kind.MINUTES, 12_345.678, 1.0) for n in range(12)),
        charts=(
            Chart("a", "Days", ChartKind.LINE, _DAYS, series),
            Chart(
                "b",
                "Banks",
                ChartKind.STACKED_BAR,
                tuple(f"Some Merchant Bank {n}" for n in range(30)),
                tuple(Series(each.name, each.values[:30]) for each in series),
            ),
        ),
        notes=tuple(Note(f"Filter {n}", "a value " * 20) for n in range(20)),
    )
    (tmp_path / "deck.pptx").write_bytes(files.rendered(made)[0])
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*convert, str(tmp_path / "deck.pptx")], check=True, capture_output=True, timeout=180)
    draw = ["pdftoppm", "-r", "40", "-png", str(tmp_path / "deck.pdf"), str(tmp_path / "page")]
    subprocess.run(draw, check=True, capture_output=True, timeout=60)
    pages = [Image.open(path).convert("L") for path in sorted(tmp_path.glob("page*.png"))]
    assert len(pages) == 5
    for page in pages[1:]:
        width, height = page.size
        assert min(page.crop((width // 10, height // 4, width * 9 // 10, height * 9 // 10)).tobytes()) < 200
        for edge in ((0, height // 10, width // 50, height), (width * 49 // 50, height // 10, width, height)):
            assert min(page.crop(edge).tobytes()) > 240
