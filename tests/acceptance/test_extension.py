"""The proof of "one file each": a report and a format dropped into a copy of the product are all over it at once."""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.rendering import format_ids
from shared.reports import catalogue
from shared.wiring import in_memory
from tests.acceptance.product import ROOT, Person, Product
from tests.architecture.house import forbidden_arrows
from tests.architecture.sources import Source
from tests.world import DAY, World

EXTENSION = Path(__file__).parent / "extension"
DROPPED = {"bank_volumes.py": "shared/reports", "jsonl.py": "shared/rendering"}
CODE = ("shared", "functions", "ops", "dev", "web")
ON_THE_DAY = {"dateFrom": DAY.isoformat(), "dateTo": DAY.isoformat()}


@pytest.fixture(name="product", scope="module")
def _product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A copy of the product with two files more and nothing else changed, over three banks with 3, 2 and 1 calls."""
    folder = tmp_path_factory.mktemp("extended")
    with Product(folder / "state", root=_extended(folder / "code")) as product:
        services = in_memory(folder, database_url=f"sqlite:///{product.state / 'reporting.db'}")
        world = World(services)
        world.person("admin", subject="everybody")
        for calls, name in enumerate(("Cedar Bank", "Birch Bank", "Ash Bank"), start=1):
            bank = world.bank(name)
            world.person("bank_admin", bank, subject=name)
            for _ in range(calls):
                world.call(bank, description=f"=1+1 at {name}, घर\n2nd line")
        services.close()
        yield product


def _extended(code: Path) -> Path:
    for name in CODE:
        shutil.copytree(ROOT / name, code / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("function_app.py", "host.json"):
        shutil.copy(ROOT / name, code)
    (code / "node_modules").symlink_to(ROOT / "node_modules")
    for name, place in DROPPED.items():
        shutil.copy(EXTENSION / name, code / place)
    return code


@pytest.fixture(name="admin")
def _admin(product: Product) -> Iterator[Person]:
    with product.person("everybody") as person:
        yield person


def _csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _jsonl(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().splitlines()]


def test_dropped_files_are_new_to_the_product() -> None:
    """The product has neither of them, and they obey the rules of the house where they are dropped."""
    assert "bank-volumes" not in catalogue()
    assert "jsonl" not in format_ids()
    texts = [Source(f"{place}/{name}", (EXTENSION / name).read_text()) for name, place in DROPPED.items()]
    assert forbidden_arrows(texts) == []


def test_catalogue_has_report_form_and_format(admin: Person) -> None:
    """The report comes with its name, its form's schema and every format; the old reports have the new format too."""
    reports = {each["id"]: each for each in admin.http.get("/functions/v1/reports").json()["reports"]}
    ours = reports["bank-volumes"]
    assert set(reports) == {*catalogue(), "bank-volumes"}
    assert (ours["name"], ours["description"]) == (
        "Bank Volumes",
        "Calls per bank in the period, the busiest bank first.",
    )
    field = ours["parameters"]["properties"]["minCalls"]
    assert (field["minimum"], field["maximum"], field["default"]) == (1, 1_000, 1)
    assert field["description"] == "Only banks with at least so many calls."
    assert set(ours["formats"]) == {*format_ids(), "jsonl"}
    assert "jsonl" in reports["call-details"]["formats"]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({**ON_THE_DAY, "minCalls": 0}, "params.minCalls"),
        ({**ON_THE_DAY, "minCalls": "many"}, "params.minCalls"),
        ({**ON_THE_DAY, "colour": "red"}, "params.colour"),
        ({**ON_THE_DAY, "dateTo": "soon"}, "params.dateTo"),
    ],
)
def test_bad_parameter_is_refused_by_name(admin: Person, params: dict[str, Any], path: str) -> None:
    """The parameter class alone validates: 400, and the field that is wrong."""
    answer = admin.request("bank-volumes", params, format="jsonl")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INVALID_PARAMETERS")
    assert [problem["path"] for problem in answer.json()["details"]] == [path]


def test_new_report_in_new_and_old_format(admin: Person) -> None:
    """Both files hold the same rows, the busiest bank first."""
    lines = _jsonl(admin.file("bank-volumes", ON_THE_DAY, format="jsonl"))
    records = _csv(admin.file("bank-volumes", ON_THE_DAY, format="csv"))
    expected = [("Ash Bank", 3), ("Birch Bank", 2), ("Cedar Bank", 1)]
    assert [(line["bank"], line["calls"]) for line in lines] == expected
    assert [(record["Bank"], int(record["Calls"])) for record in records] == expected


def test_new_parameter_and_preview_work(admin: Person) -> None:
    """The report's own filter holds in a file, and its first rows come at once as JSON."""
    busy = _jsonl(admin.file("bank-volumes", {**ON_THE_DAY, "minCalls": 2}, format="jsonl"))
    preview = admin.request("bank-volumes", ON_THE_DAY, isPreview=True, maxRows=1).json()
    assert [line["bank"] for line in busy] == ["Ash Bank", "Birch Bank"]
    assert preview["sheets"][0]["rows"] == [["Ash Bank", 3]]
    assert preview["sheets"][0]["totalRows"] == 3


def test_new_report_keeps_to_the_caller_s_bank(product: Product) -> None:
    """The bank scope holds without a word about it in the dropped file."""
    with product.person("Birch Bank") as person:
        assert _jsonl(person.file("bank-volumes", ON_THE_DAY, format="jsonl")) == [{"bank": "Birch Bank", "calls": 2}]


def test_old_report_in_new_format(admin: Person) -> None:
    """Call Details comes as JSON Lines: a line per call, text as it is, and the type that the format declares."""
    answer = admin.request("call-details", ON_THE_DAY, format="jsonl")
    status = admin.finished(answer.json()["jobId"])
    download = httpx.get(status["downloadUrl"])
    lines = _jsonl(download.content)
    assert status["filename"].endswith(".jsonl")
    assert download.headers["content-type"] == "application/jsonl"
    assert sorted(line["description"] for line in lines) == sorted(
        f"=1+1 at {name}, घर\n2nd line"
        for name, calls in (("Ash Bank", 3), ("Birch Bank", 2), ("Cedar Bank", 1))
        for _ in range(calls)
    )
    assert status["rowCount"] == len(lines) == 6
