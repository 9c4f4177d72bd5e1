"""Photos inside the files of the whole product: out of storage, through the worker and its child, into the sheet."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from dev.sample_files import params_of
from shared.rendering._thumbnails import placeholder
from tests.acceptance.product import Product
from tests.pictures import seen

_TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize("report", ["call-details-fsp", "call-details-activity"])
def test_photos_are_in_the_file(sampled: Product, report: str) -> None:
    """The photos of the calls of a few days are there in small, each beside the number of its call."""
    asked = params_of(report, _TODAY - timedelta(3), _TODAY)
    with sampled.person("admin") as admin:
        content = admin.file(report, asked, format="xlsx", includePhotos=True, photoFormat="embed")
    book: Any = load_workbook(io.BytesIO(content))
    sheet = book["Photo Thumbnails" if report == "call-details-activity" else "Photos"]
    told = {str(item): str(value) for item, value in book["Export Info"].iter_rows(values_only=True)}
    pictures = [bytes(image._data()) for image in sheet._images]
    assert len(pictures) > 0
    assert len(pictures) == sheet.max_row - 1 == int(told[f"Rows: {sheet.title}"])
    assert {seen(each)[0] for each in pictures} == {(160, 120)}
    assert placeholder().data not in pictures
    known = {row[0].value for name in book.sheetnames[:2] for row in book[name].iter_rows()}
    assert {row[1] for row in sheet.iter_rows(min_row=2, values_only=True)} <= known
