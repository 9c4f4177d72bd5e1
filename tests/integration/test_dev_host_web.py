"""The web page on the development host: its files beside the functions, and nothing outside its folder."""

from collections.abc import Iterator
from pathlib import Path

import azure.functions as func
import httpx
import pytest

from dev.host.options import HostOptions
from dev.host.web import web_routes
from tests.integration.dev_host_server import anonymous_app, client_of

PICTURES = "http://127.0.0.1:10000"


@pytest.fixture(name="client", scope="module")
def _client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("site")
    web = folder / "web"
    (web / "app").mkdir(parents=True)
    (folder / "secret.txt").write_text("secret")
    (web / "index.html").write_text(
        "<!doctype html><meta content=\"img-src 'self'; base-uri 'none'\"><title>page</title>"
    )
    (web / "app" / "start.js").write_text("export {}")
    app = anonymous_app()

    @app.route("history/function", methods=["GET"])
    def history(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(f"function {req.method}")

    options = HostOptions(route_prefix="")
    with client_of(app, folder, options=options, after=web_routes(web, PICTURES)) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/history/rep_1", "/photos/1/2"])
def test_page_answers_for_its_own_addresses(client: httpx.Client, path: str) -> None:
    """The addresses that the page reads itself all give the page, which a browser asks for anew each time."""
    answer = client.get(path)
    assert "<title>page</title>" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_page_may_show_pictures_of_storage(client: httpx.Client) -> None:
    """The page's policy gets the one origin more that the host names, and for pictures only."""
    assert f"img-src 'self' {PICTURES}; base-uri 'none'" in client.get("/photos/1").text


def test_files_come_with_their_type(client: httpx.Client) -> None:
    """A module is served as JavaScript, or a browser would refuse it."""
    answer = client.get("/app/start.js")
    assert answer.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    assert answer.headers["cache-control"] == "no-cache"


def test_functions_come_first(client: httpx.Client) -> None:
    """A function's route wins over the page's."""
    assert client.get("/history/function").text == "function GET"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/app/", "/app", "/none.js"]
)
def test_nothing_else_is_served(client: httpx.Client, path: str) -> None:
    """No path leads out of the folder, and folders are not listed."""
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("path", ["/", "/app/start.js", "/functions/v1/none"])
def test_page_takes_no_post(client: httpx.Client, path: str) -> None:
    """A method that nothing takes is the host's bare 404."""
    assert client.post(path).status_code == 404


def test_host_without_page_starts(tmp_path: Path) -> None:
    """An app without a page has no routes of one."""
    assert web_routes(tmp_path / "none") == []
