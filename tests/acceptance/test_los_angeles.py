"""Ten thousand real service requests through the whole product, equal to a second calculation."""

import csv
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance import los_angeles
from tests.acceptance.product import ROOT, Product

SOURCE = ROOT.parent / "shared" / "data" / "myla311_2018.csv.gz"
YEARS = (("2018-01-01", "2018-12-31"), ("2019-01-01", "2019-12-31"))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data as one CSV file a table."""
    if not SOURCE.exists():
        pytest.skip("the Los Angeles data is not beside the repository (../shared/data)")
    folder = tmp_path_factory.mktemp("los-angeles")
    subprocess.run([sys.executable, SOURCE.parent / "to_costar.py", SOURCE, folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def product(
    tables: Path, new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The product with that data imported as a user would import it."""
    environment = {"DATABASE_URL": new_database(), "REPORT_TIMEZONE": "America/Los_Angeles"}
    product = Product(tmp_path_factory.mktemp("product") / "state", environment)
    assert "calls" in product.command("import-calls", str(tables))
    with product:
        yield product


def test_every_cell_equals_an_independent_calculation(product: Product, tables: Path) -> None:
    """All 10,000 rows, all 30 columns, in order; on both databases."""
    rows = 0
    with product.person("admin") as admin:
        for first, last in YEARS:
            content = admin.file("call-details", {"dateFrom": first, "dateTo": last})
            heading, *found = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            assert heading == los_angeles.HEADINGS
            expected = los_angeles.expected_rows(tables, first, last)
            assert found == expected
            rows += len(found)
    assert rows == 10_000


def test_a_bank_admin_gets_his_rows_only(product: Product, tables: Path) -> None:
    """The file of one bureau holds exactly its calls: planted words are not needed where every row has its bureau."""
    bank = next(row["name"] for row in los_angeles.read(tables, "banks") if row["code"] == "BSL")
    with product.person("admin-bsl") as admin:
        content = admin.file("call-details", {"dateFrom": "2018-01-01", "dateTo": "2018-12-31"})
    _, *found = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    expected = [row for row in los_angeles.expected_rows(tables, "2018-01-01", "2018-12-31") if row[4] == bank]
    assert found == expected
    assert found
