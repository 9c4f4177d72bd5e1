"""The OpenAPI document: valid, complete, the same every time, and true of what the app registers and accepts."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import azure.functions as func
import pytest
from azure.functions.decorators.http import HttpTrigger
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions import blueprints
from functions.openapi._document import document
from shared.errors import InvalidParameters, InvalidReportId, envelope_classes
from shared.jobs.messages import job_id_of
from shared.jobs.output import OutputParameters
from shared.jobs.request import formats_of, parsed
from shared.jobs.states import Phase, Status
from shared.jobs.submit import _KEY
from shared.reports import catalogue
from shared.wiring import in_memory
from tests.contract import Contract, references
from tests.integration.app_process import ROOT
from tests.integration.test_start_up import HEAVY

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
CONTRACT = Contract(DOCUMENT)
REQUEST = {"$ref": "#/components/schemas/GenerateReportRequest"}
DATES = {"dateFrom": "2026-01-01", "dateTo": "2026-01-31"}
BANK = "0f8fad5b-d9cb-469f-a165-70867728950e"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def body(**change: Any) -> dict[str, Any]:
    """A good request with a change."""
    return {"reportId": "call-details", "params": DATES, "output": {"format": "csv"}, **change}


def params(**change: Any) -> dict[str, Any]:
    """A good request with other parameters."""
    return body(params={**DATES, **change})


def output(**change: Any) -> dict[str, Any]:
    """A good request with other wishes about the file."""
    return body(output={"format": "csv", **change})


def activity(**wanted: Any) -> dict[str, Any]:
    """A request for one call's activity, or for that of some days."""
    return body(reportId="call-details-activity", params=wanted)


NUMBER = {"specificCallNumber": "CST-1"}
REQUESTS = [
    *(activity(**NUMBER), activity(**NUMBER, **DATES), activity(**DATES), activity(**NUMBER, period="today")),
    *(activity(), activity(specificCallNumber=None), activity(specificCallNumber=""), activity(specificCallNumber=1)),
    *(activity(**NUMBER, dateFrom="2026-01-01"), activity(**NUMBER, **DATES, period="today"), activity(period="today")),
    *(activity(**NUMBER, dateFrom=None, dateTo=None), activity(specificCallNumber="x" * 51), activity(**DATES, x=1)),
    *(activity(**NUMBER, dateTo="2026-01-01", dateFrom=None), activity(**NUMBER, period=None, **DATES)),
    *(body(reportId="call-details-fsp", params=DATES | {"fspFormat": choice}) for choice in ("custom", "own", None)),
    *(body(), params(banks=[BANK]), params(regions=["North"], status=["pending"]), body(requestorId="somebody")),
    *(body(params={"period": "last_month"}), body(params={"period": None, **DATES}), body(requestorId=None)),
    *(output(locale="en-US"), output(notify=False), output(csvSheets="main"), output(photoLinkHours=167)),
    *(body(output={"isPreview": True}), body(output={"isPreview": True, "maxRows": 200}), output(maxRows=None)),
    *(body(reportId="nothing"), body(reportId=7), {"params": DATES, "output": {"format": "csv"}}, body(colour="red")),
    *(body(params={}), body(params=[1]), body(params={"dateFrom": "2026-01-01"}), params(period="today")),
    *(params(dateFrom="2026-01-01T00:00:00Z"), params(dateFrom=None), params(dateTo=20260101)),
    *(params(colour="red"), params(banks=[]), params(banks=BANK), params(banks=["x"]), params(status=["done"])),
    *(params(regions=[""]), params(regions=[1]), body(params={"period": "tomorrow"}), params(callType=[])),
    *(body(output={}), body(output=[]), output(format="docx"), output(format=None), output(format=1)),
    *(output(maxRows=5), body(output={"isPreview": True, "maxRows": 201}), output(photoLinkHours=0)),
    *(output(photoLinkHours=168), output(photoLinkHours="1"), output(notify=True), output(csvSheets="all")),
    *(output(includeCharts="yes"), output(locale="fr-FR"), output(colour="red"), output(include_charts=True)),
]


def test_document_is_valid() -> None:
    """The document obeys the rules of OpenAPI 3.1, its schemas those of JSON Schema, its defaults included."""
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_operations_are_the_registered_functions() -> None:
    """Every HTTP function is described under its method, path and name, and nothing else is."""
    app = func.FunctionApp()
    for blueprint in blueprints(in_memory()):
        app.register_functions(blueprint)
    triggers = [(each.get_function_name(), each.get_trigger()) for each in app.get_functions()]
    registered = {
        (f"/{trigger.route}", str(method.value).lower(), re.sub(r"_(\w)", lambda found: found[1].upper(), str(name)))
        for name, trigger in triggers
        if isinstance(trigger, HttpTrigger)
        for method in trigger.methods or ()
    }
    assert {(path, method, operation["operationId"]) for path, method, operation in operations()} == registered


def test_every_error_code_is_described() -> None:
    """Each code has a schema of its own with its status, and the list of codes a job may fail with is complete."""
    assert SCHEMAS["ErrorCode"]["enum"] == [error.code for error in envelope_classes()]
    told = {(met.code, met.status) for met in CONTRACT.described() if met.code}
    without_keys = ("INTERNAL_ERROR", 503)  # the sign-in's keys are away
    assert told == {(error.code, error.status) for error in envelope_classes()} | {without_keys}


def test_every_report_is_described() -> None:
    """A request for each report has the report's own parameter class and formats, told apart by the report's id."""
    mapping = SCHEMAS["GenerateReportRequest"]["discriminator"]["mapping"]
    assert set(mapping) == set(catalogue())
    for report in catalogue().values():
        request = CONTRACT.component(mapping[report.id].removeprefix("#/components/"))
        assert request["properties"]["reportId"]["const"] == report.id
        name = request["properties"]["params"]["$ref"].rpartition("/")[2]
        form = report.parameters.model_json_schema(by_alias=True)
        assert set(SCHEMAS[name]["properties"]) == set(form["properties"])
        narrowed = request["properties"]["output"].get("properties", SCHEMAS[OutputParameters.__name__]["properties"])
        assert narrowed["format"]["enum"] == [*formats_of(report), None]


def test_every_state_is_described() -> None:
    """The states and phases of a job are those of the code."""
    assert SCHEMAS["Status"]["enum"] == [each.value for each in Status]
    assert SCHEMAS["Phase"]["enum"] == [each.value for each in Phase]


@pytest.mark.parametrize("request_body", REQUESTS, ids=json.dumps)
def test_request_is_valid_where_it_is_accepted(request_body: dict[str, Any]) -> None:
    """The schema of a request takes what the product takes, and refuses what it refuses."""
    try:
        parsed(request_body, date(2026, 3, 10), 366)
    except (InvalidParameters, InvalidReportId):
        assert not CONTRACT.accepts(REQUEST, request_body)
    else:
        assert CONTRACT.accepts(REQUEST, request_body)


def test_examples_are_requests() -> None:
    """Every example may be sent as it stands, and each report with a period has one."""
    content = DOCUMENT["paths"]["/functions/v1/generate-report"]["post"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        assert CONTRACT.accepts(REQUEST, example["value"])
        parsed(example["value"], date(2026, 3, 10), 366)
    assert set(content["examples"]) >= {
        report.id for report in catalogue().values() if "period" in report.parameters.model_fields
    }


@pytest.mark.parametrize("message", [b'{"jobId": "job_%s"}' % (b"0" * 26), b'{"jobId": 1}', b"{}", b"[]", b'{"id": 1}'])
def test_queue_message_is_described(message: bytes) -> None:
    """The schema takes the messages that the worker takes."""
    try:
        job_id_of(message)
    except InvalidParameters:
        assert not CONTRACT.accepts({"$ref": "#/components/schemas/JobMessage"}, json.loads(message))
    else:
        assert CONTRACT.accepts({"$ref": "#/components/schemas/JobMessage"}, json.loads(message))


@pytest.mark.parametrize("key", ["!", "~" * 128, "", "x" * 129, "a b", "é", "\t"])
def test_idempotency_key_is_described(key: str) -> None:
    """The schema takes the keys that the product takes."""
    schema = CONTRACT.component("parameters/IdempotencyKey")["schema"]
    assert CONTRACT.accepts(schema, key) == (_KEY.fullmatch(key) is not None)


def test_document_is_tidy() -> None:
    """Names are unique, tags declared, everything described in words, and no component is left over."""
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    assert {tag for _, _, operation in operations() for tag in operation["tags"]} == {
        tag["name"] for tag in DOCUMENT["tags"]
    }
    assert all(operation["summary"] and operation["description"] for _, _, operation in operations())
    assert all(answer["description"] for _, _, operation in operations() for answer in operation["responses"].values())
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []
    named = {f"{kind}/{name}" for kind, components in DOCUMENT["components"].items() for name in components}
    of_the_queue = {"schemas/JobMessage", "securitySchemes/bearer"}  # nothing refers to them by `$ref`
    assert named - set(references(DOCUMENT)) == of_the_queue
    assert set(references(DOCUMENT)) <= named


def test_sign_in_is_described() -> None:
    """The routes that anybody may ask are the four of the contract; every other one says how it refuses strangers."""
    anonymous = {path for path, _, operation in operations() if {"bearer": []} not in operation["security"]}
    assert anonymous == {"/health/live", "/openapi.json"}
    for _, _, operation in operations():
        assert ({"401", "403"} <= set(operation["responses"])) == (operation["security"] == [{"bearer": []}])


def test_document_names_no_host() -> None:
    """The document is the same wherever it is served: its only server is the one that it comes from."""
    assert DOCUMENT["servers"] == [{"url": "/"}]
    assert re.findall(r"[a-z]+://[^\"\\ ]*", json.dumps(DOCUMENT)) == []


def test_document_waits_for_its_first_reader_and_is_the_same_every_time() -> None:
    """The app's start builds nothing of it; building it loads no heavy library, and gives the same text anywhere."""
    script = (
        "import functions, json, sys\n"
        "before = [name for name in sys.modules if name.startswith('functions.openapi._')]\n"
        "from functions.openapi._document import document\n"
        "print(json.dumps([before, json.dumps(document()), sorted(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={"PYTHONHASHSEED": "7"}, capture_output=True, check=True
    )
    before, text, modules = json.loads(done.stdout)
    assert before == []
    assert text == json.dumps(DOCUMENT)
    assert [name for name in modules for library in HEAVY if f"{name}.".startswith(f"{library}.")] == []


def test_order_is_stable() -> None:
    """Schemas stand in order of their names, so that two versions can be compared line by line."""
    assert all(first < second for first, second in pairwise(SCHEMAS))
