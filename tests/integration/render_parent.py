"""What a worker hands to its render children in tests: orders and a meter; and a worker, as a process to be killed."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shared.adapters.render_child import RenderChildren
from shared.ports import RenderOrder
from shared.wiring import in_memory
from tests.world import DAY

READY = "ready"


@dataclass
class Watch:
    """A meter that keeps what it is told, and stops the work with `stop` once that is set."""

    totals: list[int | None] = field(default_factory=list)
    rows: int = 0
    cancel: Callable[[], None] = lambda: None
    stop: Exception | None = None

    def begin(self, rows_total: int | None, cancel: Callable[[], None]) -> None:
        """Keeps both."""
        self.totals.append(rows_total)
        self.cancel = cancel
        self.advance(0)

    def advance(self, rows: int) -> None:
        """Adds."""
        self.rows += rows
        if self.stop is not None:
            raise self.stop


def order(target: Path, output_format: str = "csv", report_id: str = "call-details") -> RenderOrder:
    """The order of an administrator's file about `DAY`."""
    return RenderOrder(
        job_id="job_0123456789abcdefghjkmnpqrs",
        report_id=report_id,
        params={"dateFrom": DAY.isoformat(), "dateTo": DAY.isoformat()},
        output={"format": output_format},
        scope={"banks": None},
        requested_by_name="Person",
        requested_at=datetime.now(UTC),
        target=target,
    )


def main(folder: Path, url: str) -> None:
    """Has one child that is busy for ever and one that waits, says so, and lives until it is killed."""
    services = in_memory(folder, database_url=url)
    children = RenderChildren(services.settings)
    busy = threading.Thread(target=children, args=(services, order(folder / "file", "stubborn"), Watch()))
    busy.start()
    children.warm()
    print(READY, flush=True)  # noqa: T201 the test waits for it
    busy.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
