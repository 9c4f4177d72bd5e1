"""The web page beside the functions: its files, and the page itself for addresses that the page reads; no listing.

The page's policy lets it show its own pictures only; whoever serves it adds the origin of the photo evidence.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_ALWAYS_ASK = {"Cache-Control": "no-cache"}  # an edited file shows at the next reload
_OWN_PICTURES = "img-src 'self'"
_PAGE_PATHS = ("/", "/history/{rest:path}", "/photos/{rest:path}")


def web_routes(folder: Path, picture_origin: str = "") -> list[BaseRoute]:
    """The routes of the page in a folder, which may show pictures of that origin; none where there is no page."""
    page = folder / "index.html"
    if not page.is_file():
        return []

    def show_page(_request: Request) -> Response:
        text = page.read_text(encoding="utf-8").replace(_OWN_PICTURES, f"{_OWN_PICTURES} {picture_origin}".rstrip())
        return HTMLResponse(text, headers=_ALWAYS_ASK)

    return [*(Route(path, show_page) for path in _PAGE_PATHS), Mount("/", _Files(directory=folder))]


class _Files(StaticFiles):
    """Files that a browser asks for again each time."""

    def file_response(self, *args: object, **keywords: object) -> Response:
        """The file with the header that makes a browser ask."""
        response = super().file_response(*args, **keywords)  # type: ignore[arg-type] # handed on as they came
        response.headers.update(_ALWAYS_ASK)
        return response
