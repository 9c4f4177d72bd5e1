"""What the emulator's starter promises: it tells why it did not start, and it leaves nothing running behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev.azurite import AzuriteError, AzuriteServer

ROOT = Path(__file__).parents[2]
PARENT = """
import time
from pathlib import Path
from dev.azurite import AzuriteServer
server = AzuriteServer(Path({folder!r}))
server.start()
print(server._process.pid, flush=True)
time.sleep(60)
"""


def _runs(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"  # a container may have nobody to collect the dead


def test_killed_parent_takes_the_emulator_along(tmp_path: Path) -> None:
    """SIGKILL of the process that started the emulator leaves no orphan, and the emulator has saved its data."""
    script = PARENT.format(folder=str(tmp_path / "data"))
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process_id = int(parent.stdout.readline())
        assert _runs(process_id)
        parent.kill()
    deadline = time.monotonic() + 10
    while _runs(process_id):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_failed_start_says_why(azurite: AzuriteServer) -> None:
    """Where the port is taken, the error holds what the emulator said, and nothing runs on."""
    port = int(azurite.endpoint.split(":")[2].split("/")[0])
    with pytest.raises(AzuriteError, match="EADDRINUSE"):
        AzuriteServer(port=port).start()
