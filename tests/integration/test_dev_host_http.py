"""The development host's HTTP triggers, by real requests, against the Functions host's rules."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import azure.functions as func
import httpx
import pytest

from dev.host.errors import HostError
from dev.host.options import HostOptions
from tests.integration.dev_host_server import anonymous_app, client_of

OPTIONS = HostOptions(route_prefix="", response_limit=timedelta(seconds=0.3), body_limit=1_000)


def _told(req: func.HttpRequest) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "params": dict(req.params),
        "routeParams": dict(req.route_params),
        "body": req.get_body().decode(),
        "thread": threading.current_thread().name,
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


def _http_app(released: threading.Event) -> func.FunctionApp:
    app = anonymous_app()

    @app.route("things/{id:int}", methods=["GET", "DELETE"])
    def thing_by_number(req: func.HttpRequest) -> func.HttpResponse:
        return _told(req)

    @app.route("things/{id:guid}/parts/{name:regex(^[a-z]{{2,3}}$)}", methods=["GET"])
    async def thing_part(req: func.HttpRequest) -> func.HttpResponse:
        return _told(req)

    @app.route("things/{id}", methods=["GET"])
    def zz_thing_by_name(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(f"named {req.route_params['id']}")

    @app.route("things/recent", methods=["GET"])
    def zzz_recent(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(f"never reached by {req.url}: the other comes first in the alphabet")

    @app.route("things", methods=["POST"])
    async def add_thing(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        headers = {"Location": "/things/1", "X-Id": context.invocation_id, "X-Function": context.function_name}
        return func.HttpResponse(req.get_body(), status_code=201, headers=headers, mimetype="text/html")

    @app.route("files/{*rest}", methods=["GET"])
    def files(req: func.HttpRequest) -> str:
        return json.dumps(dict(req.route_params))

    _add_faults(app, released)
    return app


def _add_faults(app: func.FunctionApp, released: threading.Event) -> None:
    @app.route("broken", methods=["GET"])
    def broken(req: func.HttpRequest) -> func.HttpResponse:
        raise ValueError(req.url)

    @app.route("broken/async", methods=["GET"])
    async def broken_async(req: func.HttpRequest) -> func.HttpResponse:
        raise ValueError(req.url)

    @app.route("broken/answer", methods=["GET"])
    def broken_answer(req: func.HttpRequest):  # type: ignore[no-untyped-def]  # noqa: ANN202 what Azure cannot check
        return {"method": req.method}

    @app.route("silent", methods=["GET"])
    async def silent(req: func.HttpRequest) -> func.HttpResponse:
        if req.params:
            raise asyncio.CancelledError
        return None  # type: ignore[return-value]  # what Azure cannot check either

    @app.route("slow", methods=["GET"])
    async def slow(req: func.HttpRequest) -> func.HttpResponse:
        await asyncio.sleep(0.6)
        released.set()
        return func.HttpResponse(req.method)


@pytest.fixture(name="released", scope="module")
def _released() -> threading.Event:
    return threading.Event()


@pytest.fixture(name="client", scope="module")
def _client(tmp_path_factory: pytest.TempPathFactory, released: threading.Event) -> Iterator[httpx.Client]:
    state, origins = tmp_path_factory.mktemp("state"), ["https://page.example"]
    with client_of(_http_app(released), state, options=OPTIONS, cors_origins=origins) as client:
        yield client


def test_request_reaches_function_whole(client: httpx.Client) -> None:
    """A function sees method, URL, headers, query, route values and body as they were sent."""
    answer = client.request("DELETE", "/things/12?a=1&b=&a=2", content=b"text", headers={"X-Two": "one"})
    seen = answer.json()
    assert answer.status_code == 200
    assert seen["method"] == "DELETE"
    assert seen["url"] == f"{client.base_url}/things/12?a=1&b=&a=2"
    assert seen["headers"]["x-two"] == "one"
    assert seen["params"] == {"a": "1,2", "b": ""}
    assert seen["routeParams"] == {"id": "12"}
    assert seen["body"] == "text"


def test_sync_functions_leave_the_loop_free(client: httpx.Client) -> None:
    """Sync functions run in threads of their own, async ones on the loop."""
    part = client.get("/things/0f8fad5b-d9cb-469f-a165-70867728950e/parts/ab")
    assert client.get("/things/12").json()["thread"].startswith("function")
    assert not part.json()["thread"].startswith("function")


@pytest.mark.parametrize("path", ["/things/7", "/THINGS/7", "/things/7/"])
def test_constraint_decides_before_name(client: httpx.Client, path: str) -> None:
    """A number goes to the function that wants one, in any case and with or without a slash at the end."""
    assert client.get(path).json()["routeParams"] == {"id": "7"}


def test_alphabet_breaks_ties(client: httpx.Client) -> None:
    """Of two functions that match, the first by name answers, though the other's route is more exact."""
    assert client.get("/things/recent").text == "named recent"


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/",
        "/things/",
        "/things//7",
        "/things/not-a-guid/parts/ab",
        "/things/0f8fad5b-d9cb-469f-a165-70867728950e/parts/abcd",
        "/things/7/parts",
    ],
)
def test_unknown_route_is_bare_404(client: httpx.Client, path: str) -> None:
    """The host's own 404 has no body and no envelope."""
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS"])
def test_wrong_method_is_404(client: httpx.Client, method: str) -> None:
    """A method that no function of the route takes is an unknown route, not a 405."""
    assert client.request(method, "/things/7").status_code == 404


def test_coded_path_is_decoded_but_for_slashes(client: httpx.Client) -> None:
    """A value is decoded, and a coded slash in it makes no new segment."""
    assert client.get("/things/a%20%C3%A9%2Fb").text == "named a é%2Fb"


def test_catch_all_takes_the_rest(client: httpx.Client) -> None:
    """A catch-all takes all further segments, or none."""
    assert client.get("/files/a/b").json() == {"rest": "a/b"}
    assert client.get("/files").json() == {}


def test_answer_comes_as_function_gave_it(client: httpx.Client) -> None:
    """Status, headers, type and body of an answer reach the caller, and `context` names the run."""
    answer = client.post("/things", content="<p>é</p>".encode())
    assert (answer.status_code, answer.text) == (201, "<p>é</p>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["location"] == "/things/1"
    assert answer.headers["x-function"] == "add_thing"
    assert len(answer.headers["x-id"]) == 36


@pytest.mark.parametrize("path", ["/broken", "/broken/async", "/broken/answer", "/silent?cancel=1"])
def test_exception_is_bare_500(client: httpx.Client, path: str) -> None:
    """What a function lets out is a 500 that tells nothing, and the host goes on."""
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (500, b"")
    assert client.get("/things/7").status_code == 200


def test_no_answer_is_204(client: httpx.Client) -> None:
    """A function that returns nothing answers without content."""
    assert client.get("/silent").status_code == 204


def test_late_answer_is_cut_but_work_goes_on(client: httpx.Client, released: threading.Event) -> None:
    """A caller is cut off at the limit (230 s in Azure), and the function runs to its end."""
    assert client.get("/slow").status_code == 504
    assert released.wait(5)


def test_large_body_is_refused(client: httpx.Client) -> None:
    """A body over the host's limit is 413 before the function sees it."""
    assert client.post("/things", content=b"x" * 1_000).status_code == 201
    assert client.post("/things", content=b"x" * 1_001).status_code == 413


def test_forwarded_address_is_appended(client: httpx.Client) -> None:
    """The caller's address stands last, behind whatever the caller claims."""
    claimed = client.get("/things/7", headers={"X-Forwarded-For": "203.0.113.9"}).json()
    plain = client.get("/things/7").json()
    assert claimed["headers"]["x-forwarded-for"] == "203.0.113.9,127.0.0.1"
    assert plain["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_page_of_allowed_origin_may_call(client: httpx.Client) -> None:
    """A page of an allowed origin may send tokens and JSON, and read the headers that the contract names."""
    origin = {"Origin": "https://page.example"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    preflight = client.options("/things", headers=origin | asked)
    answer = client.post("/things", headers=origin, content=b"")
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://page.example"
    assert answer.headers["access-control-allow-origin"] == "https://page.example"
    assert answer.headers["access-control-expose-headers"] == "Location, Retry-After, ETag, Content-Disposition"


def test_page_of_another_origin_may_not_read(client: httpx.Client) -> None:
    """Any other origin gets no CORS header, and its preflight is refused."""
    origin = {"Origin": "https://other.example"}
    preflight = client.options("/things", headers=origin | {"Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in client.get("/things/7", headers=origin).headers


def test_prefix_of_host_file_counts(tmp_path: Path) -> None:
    """Functions are served below `routePrefix`, which is `api` where host.json names none."""
    host_file = tmp_path / "host.json"
    host_file.write_text('{"version": "2.0", "extensions": {"serviceBus": {"maxConcurrentCalls": 2}}}')
    options = HostOptions.from_file(host_file)
    app = anonymous_app()

    @app.route("ping", methods=["GET"])
    def ping(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(f"pong {req.method}")

    with client_of(app, tmp_path, options=options) as client:
        assert client.get("/api/ping").text == "pong GET"
        assert client.get("/ping").status_code == 404
    assert options.concurrent_messages == 2


def _extra_parameter(app: func.FunctionApp) -> None:
    @app.route("a", methods=["GET"])
    def a(req: func.HttpRequest, services: str) -> func.HttpResponse:
        return func.HttpResponse(f"{services} {req.method}")


def _optional_answer(app: func.FunctionApp) -> None:
    @app.route("a", methods=["GET"])
    def a(req: func.HttpRequest) -> func.HttpResponse | None:
        return func.HttpResponse(req.method)


def _same_route(app: func.FunctionApp) -> None:
    @app.route("a", methods=["GET", "POST"])
    def a(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(req.method)

    @app.route("A", methods=["POST"])
    def b(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(req.method)


def _reserved_route(app: func.FunctionApp) -> None:
    @app.route("admin/a", methods=["GET"])
    def a(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(req.method)


def _keyed(app: func.FunctionApp) -> None:
    @app.route("a", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
    def a(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(req.method)


def _unknown_setting(app: func.FunctionApp) -> None:
    @app.timer_trigger("timer", schedule="%NOWHERE%")
    def a(timer: func.TimerRequest) -> None:
        pass


def _foreign_queue(app: func.FunctionApp) -> None:
    @app.service_bus_queue_trigger("message", queue_name="jobs", connection="OtherConnection")
    def a(message: func.ServiceBusMessage) -> None:
        pass


@pytest.mark.parametrize(
    ("register", "said"),
    [
        (_extra_parameter, "must equal its bindings"),
        (_optional_answer, "must be annotated as HttpResponse"),
        (_same_route, "have the same route"),
        (_reserved_route, "admin or runtime"),
        (_keyed, "must be ANONYMOUS"),
        (_unknown_setting, "names no app setting"),
        (_foreign_queue, "OtherConnection is missing"),
    ],
)
def test_app_that_azure_would_refuse_does_not_start(
    tmp_path: Path, register: Callable[[func.FunctionApp], None], said: str
) -> None:
    """What would break in Azure breaks here at the start, with a sentence that says why."""
    app = anonymous_app()
    register(app)
    with pytest.raises(HostError, match=said), client_of(app, tmp_path):
        pass
