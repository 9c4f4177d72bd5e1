"""The most rows that a paged file may have: refuses more at the request and in the render; never cuts any off."""

from collections.abc import Iterator

from shared.document import Document, Row, Table
from shared.errors import ExportFailed, FieldProblem, InvalidParameters
from shared.rendering import find_format
from shared.settings import RenderSettings


def require_few_rows(output_format: str, rows: int, settings: RenderSettings) -> None:
    """Raises `InvalidParameters` where the format is paged and the report has more rows than pages may."""
    if find_format(output_format).is_paged and rows > settings.pdf_max_rows:
        raise InvalidParameters.of(FieldProblem("output.format", _problem(output_format, rows, settings.pdf_max_rows)))


def within_limit(document: Document, output_format: str, most: int) -> Document:
    """The same document, whose main table (or all its parts) raises `ExportFailed` after so many rows."""
    parts = [table.name for table in document.tables if table.is_main] or [document.main.name]
    counts: dict[str, int] = {}

    def counted(table: Table) -> Iterator[Row]:
        before = sum(count for name, count in counts.items() if name != table.name)
        for drawn, row in enumerate(table.rows(), start=before + 1):
            counts[table.name] = drawn - before
            if drawn > most:
                raise ExportFailed(
                    f"The report has {_problem(output_format, drawn, most)}.", details={"reason": "rows", "most": most}
                )
            yield row

    def limited(table: Table) -> Table:
        return table.with_rows(lambda: counted(table)) if table.name in parts else table

    return document.with_tables(limited)


def _problem(output_format: str, rows: int, most: int) -> str:
    return (
        f"{rows:,} rows or more, and {output_format.upper()} holds at most {most:,}: choose XLSX or CSV,"
        " fewer days or fewer banks"
    )
