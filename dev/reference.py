"""Writes the pages of docs/reference from the code, or says which are stale; invents nothing."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from dev.report_contents import Contents, Sheet, all_contents
from shared.errors import RateLimitExceeded, ReportingError, envelope_classes
from shared.jobs.request import formats_of
from shared.reports import catalogue
from shared.settings import Settings
from shared.telemetry import sentences

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"


def configure(parser: ArgumentParser) -> None:
    """Declares the arguments of the command."""
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is stale")


def run(arguments: Namespace) -> int:
    """The command."""
    stale = [name for name, text in pages().items() if _current(name) != text]
    for name in stale:
        print(f"docs/reference/{name} {'is stale' if arguments.check else 'written'}")
        if not arguments.check:
            (FOLDER / name).write_text(pages()[name], encoding="utf-8")
    return int(bool(stale) and arguments.check)


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {
        "settings.md": _page("Settings", _settings()),
        "errors.md": _page("Errors", _errors()),
        "events.md": _page("Events", _events()),
        "reports.md": _page("Reports", _reports()),
        "routes.md": _page("Routes", _routes()),
    }


def _current(name: str) -> str:
    page = FOLDER / name
    return page.read_text(encoding="utf-8") if page.exists() else ""


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", "Written by `python -m dev reference`.", "", *lines, ""])


def _settings() -> Iterator[str]:
    yield "Environment variables, read once at the start. Durations are seconds unless the text says otherwise."
    yield ""
    yield "| Variable | Default | What it is |"
    yield "|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = "required" if field.is_required() else _default(name)
        yield f"| `{field.alias or name.upper()}` | {default} | {field.description} |"


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    if value in {"", None, ()}:
        return "empty"
    if isinstance(value, timedelta):
        return f"`{value.days}`" if name == "file_retention" else f"`{value.total_seconds():g}`"
    return f"`{value.model_dump_json()}`" if isinstance(value, BaseModel) else f"`{value}`"


def _errors() -> Iterator[str]:
    yield "Every error has the body `{success: false, error, errorCode, details?, requestId}`."
    yield ""
    yield "| Code | HTTP | Sentence | Retry |"
    yield "|---|---|---|---|"
    for error in envelope_classes():
        yield f"| `{error.code}` | {error.status} | {error.__doc__} | {_retry(error)} |"


def _retry(error: type[ReportingError]) -> str:
    return _RETRIES["transient" if error is RateLimitExceeded else error.kind.value]


_RETRIES = {"caller": "after a change", "transient": "later, see Retry-After", "fault": "tell us the requestId"}


def _events() -> Iterator[str]:
    yield "One JSON line each on standard output, with a sentence in `event` and the name in `action`."
    yield "Fields: `reportId`, `jobId`, `user` (a hash), `duration` (seconds), `rowCount`, `fileSize`, `errorCode`,"
    yield "`metadata`."
    yield ""
    yield "| Action | Sentence |"
    yield "|---|---|"
    for event, sentence in sentences().items():
        yield f"| `{event.value}` | {sentence} |"


def _reports() -> Iterator[str]:
    yield "CSV holds the sheet marked ★, a workbook all sheets, then Charts and Export Info. `…` stands for columns"
    yield "that the data decide, such as one per bank."
    yield ""
    for report in catalogue().values():
        yield f"## {report.name} (`{report.id}`)"
        yield ""
        yield report.description
        yield ""
        yield f"Category {report.category}; formats {', '.join(formats_of(report))}; does not wait above"
        yield f"{report.async_threshold:,} rows."
        yield ""
        parameters = report.parameters.model_json_schema(by_alias=True)["properties"].items()
        yield from _table(
            "Parameter | What it is", [(f"`{name}`", each.get("description", "")) for name, each in parameters]
        )
        yield from _contents(all_contents()[report.id])


def _contents(contents: Contents) -> Iterator[str]:
    sheets = [(_sheet_name(sheet), " · ".join(sheet.headings)) for sheet in contents.sheets]
    yield from _table("Sheet | Columns", sheets)
    yield from _table("Tile | Formula", [(kpi.label, kpi.formula) for kpi in contents.kpis])
    if contents.charts:
        yield from _table(
            "Chart | Kind | What it shows", [(each.title, each.kind, each.description) for each in contents.charts]
        )


def _sheet_name(sheet: Sheet) -> str:
    mark, choice = " ★" if sheet.is_main else "", f" ({sheet.choice})" if sheet.choice else ""
    return f"{sheet.name}{choice}{mark}"


def _table(headings: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {headings} |"
    yield f"|{'---|' * (headings.count('|') + 1)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""


def _routes() -> Iterator[str]:
    from functions import blueprints
    from shared.wiring import in_memory

    yield "Every function is anonymous to the host; the product checks the bearer token itself."
    yield ""
    yield "| Method | Route | Function |"
    yield "|---|---|---|"
    yield from sorted(_route_lines(blueprints(in_memory())))


def _route_lines(all_blueprints: Any) -> Iterator[str]:
    import azure.functions as func

    app = func.FunctionApp()
    for blueprint in all_blueprints:
        app.register_functions(blueprint)
    for function in app.get_functions():
        trigger = function.get_dict_repr()["bindings"][0]
        if "route" in trigger:
            methods = " ".join(str(getattr(method, "value", method)) for method in trigger["methods"])
            yield f"| {methods} | `/{trigger['route']}` | {function.get_function_name()} |"
