"""The designed pages of PDF files: head with logo, tiles and charts, by WeasyPrint from HTML that it builds itself.

Text is never markup: the page is a tree of elements. Nothing is fetched but what the page itself carries.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Any
from xml.etree import ElementTree as ET

from shared.document import Chart, Document, Kpi, clean_text
from shared.rendering._chart_figure import chart_svg
from shared.rendering._model import Brand, RenderOptions
from shared.rendering._page_text import change_text, instant_text, tile_text
from shared.rendering._pdf_paper import BOTTOM, FAMILIES, TOP

_PIXEL = 72 / 96  # points of CSS's pixel
_TILES = 6  # in a row
_LONG_VALUE = 14  # letters; longer ones are set smaller
_LONGEST_NOTE, _LONGEST_TITLE, _LONGEST_CAPTION = 420, 160, 60  # letters; Export Info has all of a filter
_HALF, _WHOLE, _CHART_HEIGHT = 12.45, 26.1, 6.6  # cm
_END = "end"
_ARROWS = {"+": "▲", "−": "▼", "±": "■"}


@dataclass(frozen=True)
class Cover:
    """The designed pages as a PDF file, and where on the last of them a table may begin, in points from the top."""

    file: bytes
    end: float


def cover(document: Document, options: RenderOptions, *, is_empty: bool) -> Cover:
    """The pages before the tables."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    markup = ET.tostring(_page(document, options, is_empty=is_empty), encoding="unicode", method="html")
    sheet = CSS(string=_style(options.brand), url_fetcher=fetcher)
    drawn = HTML(string=markup, url_fetcher=fetcher).render(stylesheets=[sheet])
    target = io.BytesIO()
    drawn.write_pdf(target, pdf_identifier=b"0" * 16)
    return Cover(target.getvalue(), _end(drawn))


def _end(drawn: Any) -> float:
    """Where the last page's content ends; the page's foot where that cannot be told."""
    anchor = drawn.pages[-1].anchors.get(_END)
    return BOTTOM if anchor is None else max(float(anchor[1]) * _PIXEL, TOP)


def logo(brand: Brand) -> tuple[bytes, str]:
    """The logo's bytes and content type: the deployment's, else the product's own mark in its colour."""
    if brand.logo is not None:
        return brand.logo, "image/svg+xml" if brand.logo_type == "svg" else "image/png"
    mark = _theme("mark.svg").replace("currentColor", f"#{brand.colour}")
    return mark.encode(), "image/svg+xml"


@cache
def _theme(name: str) -> str:
    return files(__package__).joinpath("theme", name).read_text(encoding="utf-8")


def _style(brand: Brand) -> str:
    families = ", ".join(f"'{family}'" for family in FAMILIES)
    return f":root {{ --brand: #{brand.colour}; --families: {families}, sans-serif; }}\n{_theme('pages.css')}"


def _page(document: Document, options: RenderOptions, *, is_empty: bool) -> ET.Element:
    page = ET.Element("html", lang=document.language)
    head, body = ET.SubElement(page, "head"), ET.SubElement(page, "body")
    _add(head, "title", document.title)
    body.append(_header(document, options))
    if document.notes or _cut_columns(document):
        body.append(_filters(document))
    if is_empty:
        _add(body, "p", document.empty_text, "empty")
    if document.kpis:
        body.append(_tiles(document, options))
    if options.include_charts and document.charts:
        body.extend(_charts(document.charts))
    ET.SubElement(body, "div", id=_END)
    return page


def _header(document: Document, options: RenderOptions) -> ET.Element:
    header = ET.Element("header")
    content, content_type = logo(options.brand)
    place = ET.SubElement(header, "div", {"class": "logo"})
    ET.SubElement(place, "img", src=_data(content, content_type), alt=options.product_name)
    names = ET.SubElement(header, "div", {"class": "names"})
    _add(names, "h1", clean_text(document.title, _LONGEST_TITLE))
    _add(names, "p", clean_text(document.subtitle, _LONGEST_TITLE), "dates")
    times = ET.SubElement(header, "div", {"class": "times"})
    for label, at in (("Generated at", document.generated_at), ("Data as of", document.data_as_of)):
        line = _add(times, "p", f"{label} ")
        _add(line, "b", instant_text(at, document.zone, options.locale))
    _add(times, "p", f"Time zone {document.zone.key}")
    return header


def _filters(document: Document) -> ET.Element:
    listed = ET.Element("dl", {"class": "filters"})
    for label, text in [*((note.label, note.text) for note in document.notes), *_cut_columns(document)]:
        pair = ET.SubElement(listed, "div")
        _add(pair, "dt", f"{clean_text(label, _LONGEST_TITLE)}: ")
        _add(pair, "dd", clean_text(text, _LONGEST_NOTE))
    return listed


def _cut_columns(document: Document) -> list[tuple[str, str]]:
    """What is said of tables that pages show fewer columns of."""
    return [
        (table.name, f"{len(table.page_columns)} of {len(table.columns)} columns; the full set is in XLSX and CSV")
        for table in document.tables
        if table.page_columns and len(table.page_columns) < len(table.columns)
    ]


def _tiles(document: Document, options: RenderOptions) -> ET.Element:
    count = len(document.kpis)
    columns = ceil(count / ceil(count / _TILES))
    tiles = ET.Element("div", {"class": "tiles", "style": f"grid-template-columns: repeat({columns}, minmax(0, 1fr))"})
    for kpi in document.kpis:
        tiles.append(_tile(kpi, document, options))
    return tiles


def _tile(kpi: Kpi, document: Document, options: RenderOptions) -> ET.Element:
    tile = ET.Element("div", {"class": "tile"})
    _add(tile, "div", clean_text(kpi.label, _LONGEST_TITLE), "label")
    value = clean_text(tile_text(kpi, document.zone, options.locale), _LONGEST_TITLE)
    _add(tile, "div", value, "value long" if len(value) > _LONG_VALUE else "value")
    if change := change_text(kpi, document.zone, options.locale):
        line = ET.SubElement(tile, "div", {"class": "change"})
        _add(line, "b", f"{_ARROWS.get(change[0], '')} {change}")
        line[-1].tail = " vs previous"
    return tile


def _charts(charts: Sequence[Chart]) -> Iterator[ET.Element]:
    """Rows of two charts; one that stands alone takes the whole row."""
    for start in range(0, len(charts), 2):
        pair = charts[start : start + 2]
        columns = f"grid-template-columns: repeat({len(pair)}, minmax(0, 1fr))"
        row = ET.Element("div", {"class": "charts", "style": columns})
        for chart in pair:
            row.append(_figure(chart, _WHOLE if len(pair) == 1 else _HALF))
        yield row


def _figure(chart: Chart, width: float) -> ET.Element:
    figure = ET.Element("figure")
    _add(figure, "figcaption", clean_text(chart.title, _LONGEST_CAPTION))
    svg = chart_svg(chart, width, _CHART_HEIGHT)
    alternative = clean_text(f"{chart.title}. {chart.description}".strip(), 4 * _LONGEST_NOTE)
    ET.SubElement(figure, "img", src=_data(svg, "image/svg+xml"), alt=alternative)
    return figure


def _add(parent: ET.Element, tag: str, text: str, name: str = "") -> ET.Element:
    child = ET.SubElement(parent, tag, {"class": name} if name else {})
    child.text = text
    return child


def _data(content: bytes, content_type: str) -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"
