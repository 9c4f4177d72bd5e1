"""Azurite, the storage emulator, as a child process of the dev host or of a test run; never outlives its parent."""

import os
import secrets
import shutil
import subprocess
import threading
from base64 import b64encode
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ACCOUNT = "devstoreaccount1"

_MAIN = Path(__file__).resolve().parents[1] / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
_LISTENS = "successfully listens on "
_START_SECONDS, _STOP_SECONDS = 30.0, 5.0
# Runs inside Node before Azurite: standard input is a pipe whose only other end is ours, and the kernel closes that
# end however we die, SIGKILL included. Its end is Azurite's signal to save and stop; a stuck stop is cut short. The
# pipe alone does not keep Node running (`unref`).
_STOP_WITH_PARENT = (
    "data:text/javascript,"
    "process.stdin.on('end', () => {"
    " process.kill(process.pid, 'SIGTERM'); setTimeout(() => process.exit(1), 5000).unref(); }).resume();"
    "process.stdin.unref();"
)


class AzuriteError(Exception):
    """Azurite is not installed or did not start; the message says what to do."""


class AzuriteServer:
    """A blob emulator on a loopback port, with an account key of its own; use it as a context manager.

    Nothing but its output and the pipe it watches is shared with it: a parent that ends, cleanly or by SIGKILL, takes
    it along. A process that is forked without exec while it runs keeps the pipe open, and so keeps it alive.
    """

    def __init__(
        self, folder: Path | None = None, *, port: int = 0, certificate: tuple[Path, Path] | None = None
    ) -> None:
        """Takes where data are kept (None: in memory), a port (0: a free one), and for HTTPS a certificate and its key.

        With HTTPS it also takes bearer tokens, whose content it does not check.
        """
        self._folder, self._port, self._certificate = folder, port, certificate
        self._key = b64encode(secrets.token_bytes(64)).decode()
        self._said: deque[str] = deque(maxlen=20)
        self._process: subprocess.Popen[str] | None = None
        self._spoke = threading.Event()
        self.endpoint = ""

    @property
    def connection_string(self) -> str:
        """What BLOB_CONNECTION_STRING has to be to use this server; valid once it is started."""
        return f"AccountName={ACCOUNT};AccountKey={self._key};BlobEndpoint={self.endpoint};"

    def start(self) -> None:
        """Starts the server and returns when it answers; raises `AzuriteError`."""
        node = shutil.which("node")
        if node is None or not _MAIN.exists():
            raise AzuriteError("Node or Azurite is missing: run scripts/setup")
        self._process = subprocess.Popen(
            [node, "--import", _STOP_WITH_PARENT, str(_MAIN), *self._arguments()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{self._key}"},
        )
        self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listener.start()
        self._spoke.wait(_START_SECONDS)
        if not self.endpoint:
            self.stop()
            raise AzuriteError("Azurite did not start:\n" + "".join(self._said))

    def stop(self) -> None:
        """Stops the server: cleanly, so that its data are saved, and by force after five seconds."""
        if self._process is None:
            return
        with self._process as process:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            self._listener.join()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _arguments(self) -> list[str]:
        arguments = ["--blobHost", "127.0.0.1", "--blobPort", str(self._port), "--silent", "--disableTelemetry"]
        arguments += ["--inMemoryPersistence"] if self._folder is None else ["--location", str(self._folder)]
        if self._certificate is not None:
            certificate, key = self._certificate
            arguments += ["--cert", str(certificate), "--key", str(key), "--oauth", "basic"]
        return arguments

    def _listen(self, output: IO[str]) -> None:
        """Takes the address from the line that tells it, and reads on: a full pipe would stop the server."""
        for line in output:
            self._said.append(line)
            if _LISTENS in line:
                self.endpoint = f"{line.partition(_LISTENS)[2].strip()}/{ACCOUNT}"
                self._spoke.set()
        self._spoke.set()
