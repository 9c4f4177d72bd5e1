"""The real answers of every route, by HTTP, held to the OpenAPI document: none says what is not there, nor less.

One life of the product is driven through every outcome that the document describes; then the answers are compared.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import azure.functions as func
import httpx
import pytest

from dev.host.options import HostOptions
from dev.token_issuer import TokenIssuer, signing_key
from functions import blueprints
from shared.adapters.in_process_queue import InProcessQueue
from shared.adapters.jwks import JwksKeys, StaticKeys
from shared.errors import Conflict, ExportFailed, NotFound, QueryTimeout, Unauthorized
from shared.ports import Meter, Rendering, RenderOrder, Services
from shared.wiring import in_memory
from tests.contract import Contract, Met
from tests.integration.app_process import ROOT
from tests.integration.dev_host_server import client_of
from tests.jobs import files, queue, set_row, with_settings
from tests.world import World, request

OPTIONS = HostOptions.from_file(ROOT / "host.json")
V1 = "/functions/v1"
UNKNOWN_BANK = "0f8fad5b-d9cb-469f-a165-70867728950e"
GENERATE = f"{V1}/generate-report"
UNKNOWN_JOB = "job_" + "0" * 26
LATER = {"Prefer": "respond-async"}
COLUMNS = {"columns": [{"key": "callReference", "heading": "Ticket"}]}
SIGNED_IN = (
    ("GET", f"{V1}/reports"),
    ("GET", f"{V1}/report-options"),
    ("POST", GENERATE),
    ("GET", f"{V1}/report-status/{UNKNOWN_JOB}"),
    ("POST", f"{V1}/report-status/{UNKNOWN_JOB}/cancel"),
    ("GET", f"{V1}/photos/{UNKNOWN_BANK}"),
    ("GET", f"{V1}/fsp-formats/{UNKNOWN_BANK}"),
    ("PUT", f"{V1}/fsp-formats/{UNKNOWN_BANK}"),
)
# A fault in a route that asks nobody for anything would have to be put into its own code.
NEVER_MET = {Met("openapi", 500, "INTERNAL_ERROR"), Met("healthReady", 500, "INTERNAL_ERROR")}


@dataclass
class Stage:
    """The product of one test run: its services, people with their tokens, and every answer so far."""

    services: Services
    world: World
    issuer: TokenIssuer
    folder: Path
    photo: str
    answers: list[httpx.Response]

    @contextmanager
    def playing(self, services: Services | None = None, *, worker: bool = True) -> Iterator[httpx.Client]:
        """A host over these services; without a worker, jobs stay queued."""
        playing, app = services or self.services, func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
        for blueprint in blueprints(playing):
            app.register_functions(blueprint)
        source = queue(playing) if worker else InProcessQueue(playing.clock)
        with client_of(app, self.folder, queue=source, options=OPTIONS) as client:
            client.timeout = httpx.Timeout(30)
            client.event_hooks["response"] = [self._keep]
            yield client

    def _keep(self, answer: httpx.Response) -> None:
        answer.read()
        self.answers.append(answer)

    def token(self, subject: str) -> dict[str, str]:
        """The header of somebody who has signed in."""
        return {"Authorization": f"Bearer {self.issuer.token(subject, subject)}"}

    def admin(self) -> dict[str, str]:
        """A new administrator, whom no limit knows yet."""
        return self.token(self.world.person())


def _failing(error: Exception) -> Any:
    def render(_services: Services, _order: RenderOrder, _meter: Meter) -> Rendering:
        raise error

    return render


def _everybody_asks(client: httpx.Client, headers: dict[str, str]) -> None:
    for method, path in SIGNED_IN:
        client.request(method, path, headers=headers | LATER, json=request() if path == GENERATE else None)


def _ordinary_day(stage: Stage) -> None:
    """A report is looked for, previewed, ordered, made, followed and fetched again."""
    me = stage.admin()
    with stage.playing() as client:
        tag = client.get("/openapi.json").headers["ETag"]
        client.get("/openapi.json", headers={"If-None-Match": f"W/{tag}"})
        client.get("/health/live")
        client.get("/health/ready")
        client.get("/health/ready", headers=me)
        client.get(f"{V1}/reports", headers=me)
        bank = client.get(f"{V1}/report-options", headers=me).json()["banks"][0]["id"]
        client.get(f"{V1}/fsp-formats/{bank}", headers=me)
        client.put(f"{V1}/fsp-formats/{bank}", json=COLUMNS, headers=me)
        preview = request(output={"isPreview": True, "maxRows": 2})
        client.post(GENERATE, json=preview, headers=me)
        key = {"Idempotency-Key": "once"}
        made = client.post(GENERATE, json=request(), headers=me | key).json()
        client.post(GENERATE, json=request(output={"locale": "en-US"}), headers=me | key)
        status = f"{V1}/report-status/{made['jobId']}"
        tag = client.get(status, headers=me).headers["ETag"]
        client.get(status, headers=me | {"If-None-Match": tag})
        client.post(f"{status}/cancel", headers=me)
        client.post(GENERATE, json=request(), headers=me | LATER)
        with _away(files(stage.services)):
            client.get(status, headers=me)
        client.get(f"{V1}/photos/{stage.photo}", headers=me)
        with _away(stage.services.photos):
            client.post(GENERATE, json=preview, headers=me)
            client.get(f"{V1}/photos/{stage.photo}", headers=me)


@contextmanager
def _away(part: Any) -> Iterator[None]:
    part.reachable = False
    yield
    part.reachable = True


def _refusals(stage: Stage) -> None:
    """Strangers, people without a role, wrong requests, and too many of them."""
    me = stage.admin()
    with stage.playing(worker=False) as client:
        _everybody_asks(client, {})
        _everybody_asks(client, stage.token(stage.world.person("engineer")))
        _everybody_asks(client, me)
        client.post(GENERATE, json=request(params={"dateFrom": "soon", "colour": "red"}), headers=me)
        client.post(GENERATE, json=request("nothing"), headers=me)
        client.post(GENERATE, json=request(params={"banks": [UNKNOWN_BANK]}), headers=me)
        client.post(GENERATE, content=b"{}", headers=me | {"Content-Type": "text/plain"})
        client.post(GENERATE, json={"reportId": "x" * 300_000}, headers=me)
        for body in ({}, COLUMNS, {"columns": "x" * 300_000}):
            client.put(f"{V1}/fsp-formats/{UNKNOWN_BANK}", json=body, headers=me)
        bank = client.get(f"{V1}/report-options", headers=me).json()["banks"][0]["id"]
        client.put(f"{V1}/fsp-formats/{bank}", json={"columns": []}, headers=me)
    limited = with_settings(stage.services, reports_per_user=1, previews_per_user=1)
    with stage.playing(limited, worker=False) as client:
        for body in (request(), request(output={"isPreview": True})) * 2:
            client.post(GENERATE, json=body, headers=me | LATER)


def _cancelling(stage: Stage) -> None:
    """A job is cancelled while it waits, and another while a worker has it."""
    me = stage.admin()
    with stage.playing(worker=False) as client:
        for running in (False, True):
            job_id = client.post(GENERATE, json=request(), headers=me | LATER).json()["jobId"]
            if running:
                lease = stage.services.clock.now() + timedelta(minutes=2)
                set_row(stage.services, job_id, status="processing", phase="rendering", rows_done=1, lease_until=lease)
            client.get(f"{V1}/report-status/{job_id}", headers=me)
            client.post(f"{V1}/report-status/{job_id}/cancel", headers=me)
            client.get(f"{V1}/report-status/{job_id}", headers=me)


def _failures(stage: Stage) -> None:
    """A file cannot be made, while the request waits for it; afterwards the job's status says why."""
    me = stage.admin()
    errors = (QueryTimeout(), ExportFailed(), Unauthorized(), NotFound(), Conflict(), ValueError("a fault of ours"))
    for error in errors:
        services = replace(with_settings(stage.services, max_claims=1), render=_failing(error))
        with stage.playing(services) as client:
            job_id = client.post(GENERATE, json=request(), headers=me).json()["details"]["jobId"]
            client.get(f"{V1}/report-status/{job_id}", headers=me)


def _outages(stage: Stage, tmp_path: Path) -> None:
    """What the product needs is out of reach, or is not as it should be."""
    me, keys = stage.admin(), stage.services.token_keys
    without_keys = replace(stage.services, token_keys=JwksKeys("http://127.0.0.1:1/keys", stage.services.clock))
    nowhere, empty = (in_memory(tmp_path, database_url=f"sqlite:///{tmp_path / name}") for name in ("no/a.db", "b.db"))
    for services in (without_keys, replace(nowhere, token_keys=keys), replace(empty, token_keys=keys)):
        with stage.playing(services, worker=False) as client:
            _everybody_asks(client, me)
            client.get("/health/ready")
        services.close()
    with stage.playing() as client, _away(stage.services.queue):
        client.get("/health/ready", headers=me)


@pytest.fixture(name="stage", scope="module")
def _stage(migrated_sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("contract")
    url = f"sqlite:///{copy(migrated_sqlite_file, folder / 'reporting.db')}"
    services = in_memory(folder, database_url=url, sync_wait=timedelta(seconds=20))
    issuer = TokenIssuer(signing_key(folder / "key.pem"), services.settings, services.clock)
    services = replace(services, token_keys=StaticKeys(issuer.key_set()))
    world = World(services)
    bank = world.bank()
    engineer = world.engineer(bank)
    world.engineer(bank, region=None)
    call = world.call(bank, assigned_engineer=engineer, status="completed", latitude=34.05, requires_photo=True)
    photo = world.photo(call, taken_at=services.clock.now())
    world.call(bank)
    world.call()
    stage = Stage(services, world, issuer, folder, photo, [])
    _ordinary_day(stage)
    _refusals(stage)
    _cancelling(stage)
    _failures(stage)
    _outages(stage, tmp_path_factory.mktemp("outages"))
    yield stage
    services.close()


@pytest.fixture(name="contract", scope="module")
def _contract(stage: Stage) -> Contract:
    served = next(answer for answer in stage.answers if answer.request.url.path == "/openapi.json")
    return Contract(served.json())


@pytest.fixture(name="problems", scope="module")
def _problems(stage: Stage, contract: Contract) -> Sequence[str]:
    return [problem for answer in stage.answers for problem in contract.problems(answer)]


def test_every_answer_is_as_described(problems: Sequence[str]) -> None:
    """Status, headers and body of every answer are those of the document, and no field is there that it lacks."""
    assert sorted(set(problems)) == []


@pytest.mark.usefixtures("problems")
def test_every_described_answer_was_met(contract: Contract) -> None:
    """The document promises no status and no error code that the product does not give."""
    assert contract.described() - contract.met == NEVER_MET
    assert contract.met <= contract.described()


@pytest.mark.usefixtures("problems")
def test_every_described_property_was_met(contract: Contract) -> None:
    """The document describes no field that no answer has."""
    assert contract.properties_of_answers() - contract.properties == set()


def test_contract_sees_a_lie(stage: Stage, contract: Contract) -> None:
    """A field that is missing, one that is not described, a wrong value and a missing header are each reported."""
    answer = next(each for each in stage.answers if each.request.url.path == f"{V1}/reports" and each.is_success)
    body = answer.json()
    lies: list[dict[str, Any]] = [{}, body | {"more": 1}, body | {"success": False}]
    told = [
        httpx.Response(200, headers={"X-Request-Id": "0" * 32, "Cache-Control": "x"}, json=lie, request=answer.request)
        for lie in lies
    ]
    bare = httpx.Response(200, json=body, request=answer.request)
    teapot = httpx.Response(418, json=body, request=answer.request)
    assert [bool(Contract(contract.document).problems(each)) for each in (*told, bare, teapot, answer)] == [
        *[True] * 5,
        False,
    ]


def test_document_is_kept_until_it_changes(stage: Stage) -> None:
    """A reader may keep the document for minutes, and then ask whether it changed."""
    answers = [each for each in stage.answers if each.request.url.path == "/openapi.json"]
    assert [each.status_code for each in answers] == [200, 304]
    assert {each.headers["Cache-Control"] for each in answers} == {"public, max-age=300"}
    assert {each.headers["Content-Type"] for each in answers} == {"application/json"}
    assert len({each.headers["ETag"] for each in answers}) == 1
