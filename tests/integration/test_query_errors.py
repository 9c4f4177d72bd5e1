"""An error in any query of any report: no file is made and no section shows zeros instead; the error keeps its code."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dev.sample_files import params_of
from dev.still_meter import StillMeter
from shared.access.scope import BankScope
from shared.errors import DatabaseUnavailable, QueryTimeout, ReportingError
from shared.jobs.render import Workshop, make_file
from shared.ports import Database, Query, RenderOrder, Services, Snapshot
from tests.any_report import REPORT_IDS
from tests.telltales import plant
from tests.world import DAY, World

_MANY = 1_000_000
_FAULTS = (DatabaseUnavailable, QueryTimeout)


@dataclass
class _Faulty:
    """The real database, which answers the first statements of a snapshot and then no more."""

    real: Database
    answers: int
    error: type[ReportingError]
    asked: int = 0

    @contextmanager
    def snapshot(self) -> Iterator["_FaultySnapshot"]:
        """The real one's, until its statements are used up."""
        self.asked = 0
        with self.real.snapshot() as snapshot:
            yield _FaultySnapshot(snapshot, self)

    def count(self) -> None:
        """Raises when this statement is one too many."""
        self.asked += 1
        if self.asked > self.answers:
            raise self.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@dataclass(frozen=True)
class _FaultySnapshot:
    real: Snapshot
    database: _Faulty

    @property
    def as_of(self) -> datetime:
        return self.real.as_of

    def rows(self, statement: Query) -> Iterator[Any]:
        self.database.count()
        return self.real.rows(statement)

    def all(self, statement: Query) -> Sequence[Any]:
        self.database.count()
        return self.real.all(statement)

    def cancel(self) -> None:
        self.real.cancel()


@pytest.fixture(name="planted", scope="module")
def _planted(shared_services: Services, shared_world: World) -> Services:
    plant(shared_services, shared_world, shared_world.bank(), "plain")
    return shared_services


def _make(services: Services, report: str, database: _Faulty, target: Path) -> None:
    order = RenderOrder(
        job_id="job_0123456789abcdefghjkmnpqrs",
        report_id=report,
        params=params_of(report, DAY, DAY),
        output={"format": "xlsx"},
        scope=BankScope.everything().to_json(),
        requested_by_name="Test",
        requested_at=services.clock.now(),
        target=target,
    )
    make_file(replace(Workshop.of(services), costar=database), order, StillMeter())


@pytest.mark.parametrize("report", REPORT_IDS)
def test_no_query_may_fail_unseen(planted: Services, report: str, tmp_path: Path) -> None:
    """Whichever statement fails, the render ends with that error, and not with a file."""
    whole = _Faulty(planted.costar, _MANY, QueryTimeout)
    _make(planted, report, whole, tmp_path / "file")
    assert whole.asked > 1
    for answers in range(whole.asked):
        error = _FAULTS[answers % len(_FAULTS)]
        with pytest.raises(error) as caught:
            _make(planted, report, _Faulty(planted.costar, answers, error), tmp_path / "file")
        assert caught.value.code in {"DATABASE_UNAVAILABLE", "QUERY_TIMEOUT"}
