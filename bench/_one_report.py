"""`python -m bench._one_report URL REPORT FORMAT TARGET`: makes one file of all calls, and prints its cost as JSON.

The process does nothing else, so that its highest memory is that of the file.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from dev.still_meter import StillMeter
from shared.access.scope import BankScope
from shared.clock import local_date
from shared.jobs.render import Workshop, make_file
from shared.ports import RenderOrder
from shared.reports import catalogue
from shared.wiring import in_memory

_PAST, _AHEAD = timedelta(days=400), timedelta(days=20)


def main(url: str, report_id: str, file_format: str, target: Path) -> None:
    """Prints rows, bytes of the file, seconds of wall and CPU, and the bytes of memory at its highest."""
    services = in_memory(target.parent, database_url=url)
    today = local_date(services.clock.now(), services.settings.zone)
    params = {"dateFrom": f"{today - _PAST}", "dateTo": f"{today + _AHEAD}"}
    report, scope = catalogue()[report_id], BankScope.everything()
    order = RenderOrder(
        job_id="job_0123456789abcdefghjkmnpqrs",
        report_id=report_id,
        params=params,
        output={"format": file_format},
        scope=scope.to_json(),
        requested_by_name="Bench",
        requested_at=services.clock.now(),
        target=target,
        own_data=report.own_data(report.parameters.model_validate(params), scope, services.reporting),
    )
    wall, cpu = time.perf_counter(), time.process_time()
    made = make_file(Workshop.of(services), order, StillMeter())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    services.close()
    print(json.dumps({"rows": made.row_count, "size": made.size, "wall": wall, "cpu": cpu, "peak": _highest()}))


def _highest() -> int:
    """Bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
