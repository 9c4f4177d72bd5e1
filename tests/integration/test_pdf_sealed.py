"""Rendering of PDF files is sealed (I3, I5): text is never markup, nothing is fetched and no file is read."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.document import Chart, ChartKind, Column, Kind, Kpi, Link, Note, Series, Table
from shared.rendering import Brand
from tests.integration.pdf_files import complaints, document, page_texts, rendered, squeezed, table

_SECRET = "the-secret-of-this-machine"  # stands in a file that no PDF may read


class _Listener(http.server.BaseHTTPRequestHandler):
    """A server that writes down what it is asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Sends whoever asks somewhere else."""
        self.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(name="address", scope="module")
def _address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _payloads(address: str, secret: Path) -> list[str]:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/svg"/><use href="{secret.as_uri()}#a"/></svg>'
    )
    return [
        f'<img src="{address}/img"><img src="{secret.as_uri()}">',
        f'<link rel="stylesheet" href="{address}/link.css"><link rel="attachment" href="{secret.as_uri()}">',
        f'<style>@import url("{address}/import.css"); @font-face {{ font-family: x; src: url({address}/f) }}</style>',
        f'<p style="background: url({address}/url); content: url({secret.as_uri()})">x</p>',
        f'{svg}<object data="{address}/object"></object><embed src="{secret.as_uri()}"><iframe src="{address}/frame">',
        f'</title><base href="{address}/"><script src="{address}/script"></script>&#x3c;img src={address}/entity&#x3e;',
        f"](){{}} %s {{0}} \\ ({address}/tex) Tj ET /URI ({address}) >> endobj <!ENTITY x SYSTEM '{secret.as_uri()}'>",
    ]


def _everywhere(text: str) -> Any:
    """A document that has the text in every place that text can stand in."""
    columns = [Column("k", text), Column("l", text, Kind.LINK)]
    made = Table.eager(text, columns, [(text, Link(text, "https://example.com/", text))], is_main=True)
    chart = Chart("c", text, ChartKind.BAR, (text, "b"), (Series(text, (1, 2)), Series("t", (2, 1))), text, text)
    kpis = (Kpi("k", text, Kind.TEXT, text), Kpi("l", text, Kind.INTEGER, 1, 2, text))
    return document(
        made, title=text, subtitle=text, kpis=kpis, charts=(chart,), notes=(Note(text, text),), empty_text=text
    )


def test_no_request_leaves_and_no_file_is_read(address: str, tmp_path: Path) -> None:
    """Payloads in every text field are shown as they are: the server is not asked, the file is not in the PDF."""
    secret = tmp_path / "secret.txt"
    secret.write_text(_SECRET)
    for payload in _payloads(address, secret):
        content, _ = rendered(_everywhere(payload), product_name=payload)
        assert _SECRET.encode() not in content
        assert complaints(content, tmp_path) == ""
        assert squeezed(payload)[:40] in "".join(page_texts(content))
    assert _Listener.asked == []


def test_a_logo_fetches_nothing(address: str, tmp_path: Path) -> None:
    """A deployment's logo that refers to other files is drawn without them."""
    secret = tmp_path / "secret.svg"
    secret.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><text>{_SECRET}</text></svg>')
    logo = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><style>@import url("{address}/css");</style>'
        f'<image href="{address}/logo" width="9" height="9"/>'
        f'<image href="{secret.as_uri()}" width="9" height="9"/></svg>'
    )
    content, _ = rendered(_everywhere("text"), brand=Brand("AA0000", logo.encode()))
    assert _SECRET not in "".join(page_texts(content))
    assert _Listener.asked == []


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=12))
def test_any_text_makes_a_file(texts: list[str]) -> None:
    """Whatever letters there are, controls, surrogates and right-to-left marks included, the file is sound."""
    made = table([Column("k", texts[0] or "K"), Column("l", "L")], [(text, texts[0]) for text in texts])
    content, facts = rendered(document(made, title=texts[-1], notes=(Note("Filter", texts[0]),)))
    assert facts.rows == {"Calls": len(texts)}
    assert len(page_texts(content)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "#N/A",
        "NaN",
        "12345678901234567",
        "0001-01-01",
        "(a) \\ b)",
        "%PDF-1.7",
        "<b>&amp;</b>",
        "_x0041_",
        "$x^2$",
    ],
)
def test_latin_text_comes_back_as_it_was(text: str) -> None:
    """Text that other formats or libraries would read as something else is the same text in title and cell."""
    content, _ = rendered(document(table([Column("k", "Heading")], [(text,)]), title=text))
    shown = "".join(page_texts(content))
    assert shown.count(squeezed(text)) >= 2
