"""Files of every report over a sample world that stands still: the same calls, the same clock and the same links.

For golden files and the gallery; no person and no job is behind these files.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dev._standstill import StillDatabase, StillLinks
from dev.sample_data import load_sample_data
from dev.still_meter import StillMeter
from ops.migrate import migrate
from shared.access.scope import BankScope
from shared.clock import FixedClock
from shared.jobs.render import Workshop, make_file
from shared.ports import Rendering, RenderOrder, Services
from shared.reports import catalogue
from shared.settings import DatabaseSettings
from shared.wiring import in_memory

UNTIL = date(2026, 7, 1)
NOON = datetime(2026, 7, 1, 6, 30, tzinfo=UTC)  # in Asia/Kolkata


@dataclass(frozen=True)
class SampleFiles:
    """Makes files of all banks' calls between two dates, both included."""

    services: Services
    first: date
    last: date = UNTIL

    def make(self, report_id: str, file_format: str, target: Path, **output: Any) -> Rendering:
        """Writes the file as a job would; `output` are parts of a request's output, such as `csvSheets`."""
        params = params_of(report_id, self.first, self.last, asOfDate=self.last.isoformat())
        return file_of(self.services, report_id, params, {"format": file_format, **output}, target)


def params_of(report_id: str, first: date, last: date, **more: Any) -> dict[str, Any]:
    """The fewest parameters that a report takes: the dates where it has some, and the first choice where one is due.

    Of `more`, what the report has no parameter for is left out.
    """
    schema = catalogue()[report_id].parameters.model_json_schema(by_alias=True)
    fields: Mapping[str, Any] = schema["properties"]
    dates = {name: day.isoformat() for name, day in (("dateFrom", first), ("dateTo", last)) if name in fields}
    choices = {name: fields[name]["enum"][0] for name in schema.get("required", ()) if name not in dates}
    return dates | choices | {name: value for name, value in more.items() if name in fields}


def file_of(
    services: Services, report_id: str, params: Mapping[str, Any], output: Mapping[str, Any], target: Path
) -> Rendering:
    """Writes a file of all banks' calls as a job would, in this process and without the job."""
    report, scope = catalogue()[report_id], BankScope.everything()
    order = RenderOrder(
        job_id="job_0123456789abcdefghjkmnpqrs",
        report_id=report_id,
        params=params,
        output=output,
        scope=scope.to_json(),
        requested_by_name="Asha Rangarajan",
        requested_at=services.clock.now(),
        target=target,
        own_data=report.own_data(report.parameters.model_validate(dict(params)), scope, services.reporting),
    )
    return make_file(Workshop.of(services), order, StillMeter())


@contextmanager
def sample_services(calls: int, seed: int = 1) -> Iterator[Services]:
    """Services over a sample world of so many calls up to `UNTIL`, at noon of that day, without any server."""
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        clock = FixedClock(NOON)
        made = in_memory(Path(folder), clock=clock)
        still = replace(made, photos=StillLinks(clock, "photos"), costar=StillDatabase(made.costar, NOON))
        with closing(still) as services:
            migrate(DatabaseSettings(database_url=services.settings.database_url), with_business_tables=True)
            load_sample_data(services, calls, seed, UNTIL)
            yield services
