"""The processor time of a PostgreSQL server of this machine, all of its processes together; starts and stops nothing.

A busy machine makes every statement last longer, but hardly costs it more processor time.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import func, select

from shared.ports import Database

_TICKS = os.sysconf("SC_CLK_TCK")  # a second
_PARENT, _OWN, _ENDED = 1, slice(11, 13), slice(11, 15)  # places in /proc/PID/stat after the program's name


@dataclass(frozen=True)
class ServerClock:
    """Reads /proc, so that the server has to run on this machine, which has to be Linux."""

    pid: int

    @classmethod
    def of(cls, database: Database) -> Self:
        """The clock of the server that this database is of."""
        with database.read() as connection:
            backend = int(connection.execute(select(func.pg_backend_pid())).scalar_one())
        return cls(int(_stat(backend)[_PARENT]))

    def seconds(self) -> float:
        """Of the server and of all processes that it ever had."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        ticks = sum(map(int, _stat(self.pid)[_ENDED]))
        for child in children:
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                ticks += sum(map(int, _stat(int(child))[_OWN]))
        return ticks / _TICKS


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
