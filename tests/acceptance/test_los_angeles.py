"""Ten thousand real service requests through the whole product, equal to a second calculation."""

import csv
import io
from pathlib import Path

from tests.acceptance import los_angeles
from tests.acceptance.product import Product

YEARS = (("2018-01-01", "2018-12-31"), ("2019-01-01", "2019-12-31"))


def test_every_cell_equals_an_independent_calculation(los_angeles_product: Product, los_angeles_tables: Path) -> None:
    """All 10,000 rows, all 30 columns, in order; on both databases."""
    rows = 0
    with los_angeles_product.person("admin") as admin:
        for first, last in YEARS:
            content = admin.file("call-details", {"dateFrom": first, "dateTo": last})
            heading, *found = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            assert heading == los_angeles.HEADINGS
            expected = los_angeles.expected_rows(los_angeles_tables, first, last)
            assert found == expected
            rows += len(found)
    assert rows == 10_000


def test_a_bank_admin_gets_his_rows_only(los_angeles_product: Product, los_angeles_tables: Path) -> None:
    """The file of one bureau holds exactly its calls: planted words are not needed where every row has its bureau."""
    bank = next(row["name"] for row in los_angeles.read(los_angeles_tables, "banks") if row["code"] == "BSL")
    with los_angeles_product.person("admin-bsl") as admin:
        content = admin.file("call-details", {"dateFrom": "2018-01-01", "dateTo": "2018-12-31"})
    _, *found = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    expected = [
        row for row in los_angeles.expected_rows(los_angeles_tables, "2018-01-01", "2018-12-31") if row[4] == bank
    ]
    assert found == expected
    assert found
