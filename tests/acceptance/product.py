"""The whole product in a process of its own, as `python -m dev run` serves it, and people who talk to it by HTTP."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 120
_ADDRESS = re.compile(r"runs at (http://\S+)")


@dataclass
class Product:
    """A running product. `environment` overrides the development defaults."""

    state: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("--no-sample-data",)
    root: Path = ROOT  # the folder of its code
    url: str = ""
    _process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Starts the process and returns when it serves."""
        command = [sys.executable, "-m", "dev", "run", "--port", "0", "--state", str(self.state), *self.arguments]
        log_file = self.state.parent / "product.log"
        with log_file.open("a") as log:
            position = log.tell()
            self._process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self.full_environment(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        began = time.monotonic()
        while time.monotonic() - began < _START_SECONDS:
            said = log_file.read_text()[position:]
            if found := _ADDRESS.search(said):
                self.url = found[1]
                return
            assert self._process.poll() is None, said
            time.sleep(0.05)
        raise AssertionError(f"the product did not start:\n{said}")

    def command(self, *arguments: str) -> str:
        """Runs another `python -m dev` command over the same data, while the product is down; gives what it said."""
        command = [sys.executable, "-m", "dev", *arguments, "--state", str(self.state)]
        done = subprocess.run(
            command, check=False, cwd=self.root, env=self.full_environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def full_environment(self) -> dict[str, str]:
        """This process's environment without settings of ours, with the product's own."""
        kept = {name: value for name, value in os.environ.items() if not name.endswith(("_URL", "_ENV", "_ROLE"))}
        return {**kept, "PYTHONWARNINGS": "error::ResourceWarning", **self.environment}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops it as Ctrl-C would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a power cut would: SIGKILL, and nothing is said to anybody."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(20)
        self._process = None

    @contextmanager
    def person(self, subject: str) -> Iterator["Person"]:
        """Somebody who has signed in through the development sign-in."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            answer = client.post("/dev/token", json={"subject": subject})
            assert answer.status_code == 200, answer.text
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
            yield Person(client)


@dataclass
class Person:
    """A signed-in person's browser, so to say."""

    http: httpx.Client

    def request(self, report: str, params: Mapping[str, Any], **output: Any) -> httpx.Response:
        """Posts a report request; CSV unless said otherwise."""
        body = {"reportId": report, "params": dict(params), "output": {"format": "csv", **output}}
        return self.http.post("/functions/v1/generate-report", json=body)

    def finished(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        """Follows a job to its end and gives its last status."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            status: dict[str, Any] = self.http.get(f"/functions/v1/report-status/{job_id}").json()
            if status["status"] not in {"queued", "processing"}:
                return status
            time.sleep(0.05)
        raise AssertionError(f"the job did not end: {status}")

    def file(self, report: str, params: Mapping[str, Any], **output: Any) -> bytes:
        """Orders a report, waits for it, and downloads the file as a browser would: by its link alone."""
        answer = self.request(report, params, **output)
        assert answer.status_code in {200, 202}, answer.text
        status = self.finished(answer.json()["jobId"])
        assert status["status"] == "completed", status
        download = httpx.get(status["downloadUrl"], timeout=60)
        assert download.status_code == 200, download.text
        return download.content
