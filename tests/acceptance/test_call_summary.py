"""What Call Summary promises beyond right cells: its file of one table."""

from datetime import UTC, datetime, timedelta

from tests.acceptance.oracle.workbooks import opened
from tests.acceptance.product import Product


def test_the_file_of_one_table_is_the_status_by_bank(sampled: Product) -> None:
    """A CSV holds the pivot By Status."""
    today = datetime.now(UTC).date()
    params = {"dateFrom": f"{today - timedelta(30)}", "dateTo": f"{today + timedelta(9)}"}
    with sampled.person("admin") as admin:
        csv = admin.file("call-summary", params).decode("utf-8-sig")
        sheet = opened(admin.file("call-summary", params, format="xlsx")).sheets["By Status"]
    assert [line.split(",") for line in csv.splitlines()] == [[str(cell) for cell in row] for row in sheet]
