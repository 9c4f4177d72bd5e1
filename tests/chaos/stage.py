"""The stage of these tests: product, broker, database and storage, each a process of its own that may die alone.

What the tests look at comes from the database and the storage themselves, not from the product's answers.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any

import httpx
from sqlalchemy import Row, select

from dev.environment import development_defaults
from shared.jobs import lookup
from shared.jobs.states import TERMINAL, Status
from shared.ports import Services
from shared.settings import Settings
from shared.tables import report_jobs
from shared.wiring import connect
from tests.acceptance.product import Person, Product
from tests.chaos.broker_process import BrokerProcess
from tests.chaos.processes import assert_gone, children_of, eventually, freeze, send
from tests.chaos.world import FEW, MANY, Period, call_number

_ORPHAN_SECONDS = 2
_SWEEP_SECONDS = 15
_HURRIED = {
    "LEASE": "3",
    "HEARTBEAT": "0.25",
    "FIRST_RETRY": "0.2",
    "RESEND_AFTER": "2",
    "SEND_GRACE": "0.5",
    "TIMER_SCHEDULE": "* * * * * *",
    "MAX_CLAIMS": "30",
    "RUNNING_PER_USER": "100",
}


@dataclass
class Stage:
    """The product and what it stands on; `services` are the same database and storage, seen from the test."""

    product: Product
    broker: BrokerProcess
    services: Services

    @classmethod
    def set_up(cls, folder: Path, environment: Mapping[str, str]) -> "Stage":
        """Starts the broker; takes database and storage by their settings."""
        broker = BrokerProcess()
        broker.start()
        chosen = {
            **_HURRIED,
            **environment,
            "ServiceBusConnection": broker.connection_string,
            "WORK_DIRECTORY": str(folder / "work"),
        }
        settings = Settings.load({**development_defaults(folder, 0), **chosen})
        return cls(Product(folder / "state", chosen), broker, connect(settings))

    def tear_down(self) -> None:
        """Ends everything."""
        self.product.stop()
        self.broker.kill()
        self.services.close()

    def is_on(self, kind: str) -> bool:
        """Whether the database is of this kind."""
        return self.services.settings.database_url.startswith(kind)

    # -- who acts
    def up(self) -> None:
        """Starts what is down."""
        self.broker.start()
        if self.product._process is None:
            self.product.start()

    @contextmanager
    def admin(self) -> Iterator[Person]:
        """Somebody who may see everything, and does not wait for his files."""
        with self.product.person("admin") as admin:
            admin.http.headers["Prefer"] = "respond-async"
            yield admin

    def order(self, admin: Person, period: Period) -> str:
        """Orders a file; the job's id."""
        answer = admin.request("call-details", period.dates)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["jobId"])

    def children(self) -> list[int]:
        """The render children."""
        assert self.product._process is not None
        return children_of(self.product._process.pid)

    def child(self) -> int:
        """The render child, as soon as there is one."""
        return eventually("there is a render child", self.children)[0]

    def warm_up(self, admin: Person) -> None:
        """Sees to it that a render child has done a job and waits for the next."""
        self.finished(self.order(admin, FEW))

    def kill_worker(self) -> list[int]:
        """Ends the product as a power cut would; the render children it had."""
        assert self.product._process is not None
        freeze(self.product._process.pid)  # so that it starts no child that we would not know of
        children = self.children()
        self.product.kill()
        return children

    def kill_child(self) -> list[int]:
        """Ends the render child, if there is one."""
        children = self.children()
        for each in children:
            send(SIGKILL, each)
        return children

    @contextmanager
    def second_worker(self) -> Iterator[Product]:
        """Another product on the same stage, not started yet; after the block the one that is not ours is ended."""
        folder = self.product.state.parent / "second"
        folder.mkdir()
        first = self.product
        second = Product(folder / "state", first.environment)
        try:
            yield second
        finally:
            (first if self.product is second else second).kill()

    # -- what there is
    def row(self, job_id: str) -> Row[Any]:
        """The job's row."""
        with self.services.reporting.read() as connection:
            row = lookup.find(connection, job_id)
        assert row is not None
        return row

    def statuses(self) -> dict[str, Status]:
        """Where every job is."""
        with self.services.reporting.read() as connection:
            rows = connection.execute(select(report_jobs.c.job_id, report_jobs.c.status))
            return {row.job_id: Status(row.status) for row in rows}

    def finished(self, job_id: str) -> Row[Any]:
        """The job's row, once it is over."""
        eventually(f"{job_id} is over", lambda: self.row(job_id).status in TERMINAL)
        return self.row(job_id)

    def blobs(self, job_id: str) -> list[str]:
        """The files stored for the job, of whichever attempt."""
        return [blob.name for blob in self.services.files.list(f"{job_id}/")]

    def folders(self) -> list[Path]:
        """The folders of jobs in work, or left over."""
        assert self.services.settings.work_directory is not None
        return list(self.services.settings.work_directory.glob("reporting-jobs/job-*"))

    # -- what must be true
    def assert_orphans_end(self, children: list[int]) -> None:
        """Children of a worker that was killed end by themselves."""
        assert_gone(children, _ORPHAN_SECONDS)

    def assert_completed(self, admin: Person, job_id: str, *, attempt: int) -> None:
        """The job completed at this attempt; its one file is whole, and nothing else of it is left anywhere."""
        row = self.finished(job_id)
        assert (row.status, row.attempt) == (Status.COMPLETED, attempt), row
        eventually("one blob is left", lambda: self.blobs(job_id) == [row.blob_name], 5)
        assert row.blob_name.startswith(f"{job_id}/{attempt}/")
        period = MANY if row.row_count == len(MANY.calls) else FEW
        assert _calls_in(admin, job_id) == [call_number(number) for number in period.calls]
        self.assert_no_folder()

    def assert_cancelled(self, job_id: str) -> None:
        """The job is cancelled, and nothing of it is left anywhere."""
        row = self.row(job_id)
        assert (row.status, row.blob_name, row.expires_at) == (Status.CANCELLED, None, None)
        assert self.blobs(job_id) == []
        self.assert_no_folder()

    def assert_no_folder(self) -> None:
        """The timer leaves no folder that nobody works in."""
        eventually("the folders are swept", lambda: not self.folders(), _SWEEP_SECONDS)


def _calls_in(admin: Person, job_id: str) -> list[str]:
    """The numbers of the calls in the job's file, sorted."""
    link = admin.http.get(f"/functions/v1/report-status/{job_id}").json()["downloadUrl"]
    text = httpx.get(link, timeout=60).content.decode("utf-8-sig")
    return sorted(record["Call Number"] for record in csv.DictReader(io.StringIO(text, newline="")))
