"""Preview: 95 of 100 previews of any report come within 500 ms, on the sample world of 20,000 calls in SQLite.

The use case is asked as the HTTP function asks it: rights, limits, audit line and snapshot included. Of a month, and of
all days that a request may span, for which no mark is set.

Command: `python -m bench preview`. Each report is asked 40 times, the reports taking turns, after two to warm up.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from dev.people import active_people
from dev.sample_data import load_sample_data
from dev.sample_files import params_of
from ops.migrate import migrate
from shared.access.principal import find_principal
from shared.clock import local_date
from shared.jobs.submit import Caller, accept
from shared.ports import Services
from shared.reports import catalogue
from shared.settings import DatabaseSettings
from shared.wiring import in_memory

CEILING = 0.500  # seconds
_CALLS, _ROUNDS, _WARM = 20_000, 40, 2
_SPANS = {30: True, 366: False}  # days, and whether the mark is for them
_OFTEN = 1_000_000

Cost = tuple[float, float]  # seconds of wall and of CPU, which a busy machine changes less
Times = Mapping[tuple[str, int], Sequence[Cost]]


def run() -> bool:
    """Measures, prints a table, and says whether the ceiling holds for every report."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        services = in_memory(Path(folder), previews_per_user=_OFTEN)
        try:
            migrate(DatabaseSettings(database_url=services.settings.database_url), with_business_tables=True)
            load_sample_data(services, _CALLS)
            times = _measured(services)
        finally:
            services.close()
    for line in _table(times):
        print(line)
    marked = {name: _p95(taken) for (name, days), taken in times.items() if _SPANS[days]}
    slowest = max(marked, key=lambda name: marked[name])
    holds = marked[slowest] <= CEILING
    print(f"\n- {'holds' if holds else 'FAILS'}: {slowest}, {marked[slowest]:.3f} s, at most {CEILING:g} s", flush=True)
    return holds


def _measured(services: Services) -> Times:
    subject = next(each.subject for each in active_people(services.costar) if each.role == "admin")
    caller = Caller(find_principal(services.costar, subject), None)
    today = local_date(services.clock.now(), services.settings.zone)
    taken: dict[tuple[str, int], list[Cost]] = {}
    for number in range(_WARM + _ROUNDS):
        for report_id, days in ((report_id, days) for report_id in catalogue() for days in _SPANS):
            params = params_of(report_id, today - timedelta(days), today - timedelta(1))
            body = {"reportId": report_id, "params": params, "output": {"isPreview": True}}
            wall, cpu = time.perf_counter(), time.process_time()
            accept(services, caller, body)
            if number >= _WARM:
                cost = (time.perf_counter() - wall, time.process_time() - cpu)
                taken.setdefault((report_id, days), []).append(cost)
    return taken


def _table(times: Times) -> Iterator[str]:
    yield f"preview: {_CALLS:,} calls, {_ROUNDS} rounds, ms, Python {sys.version.partition(' ')[0]}\n"
    yield "| Report | Days | Median | 95th percentile | Longest | Median CPU |"
    yield "|---|--:|--:|--:|--:|--:|"
    for (name, days), taken in times.items():
        walls = [wall for wall, _ in taken]
        figures = (median(walls), _p95(taken), max(walls), median(cpu for _, cpu in taken))
        yield f"| {name} | {days} | {' | '.join(f'{1_000 * each:.0f}' for each in figures)} |"


def _p95(taken: Sequence[Cost]) -> float:
    return quantiles([wall for wall, _ in taken], n=20, method="inclusive")[-1]
