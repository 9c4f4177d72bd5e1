"""The development broker in a process of its own, which can be killed and started again, empty, at the same address."""

import re
import signal
import subprocess
import sys
from typing import IO

from azure.servicebus import ServiceBusClient, ServiceBusMessage

from tests.acceptance.product import ROOT

QUEUE = "report-jobs"
_ADDRESS = re.compile(r"ServiceBusConnection=(\S+:(\d+);\S+)")


class BrokerProcess:
    """One broker; `connection_string` stays the same over its lives."""

    def __init__(self) -> None:
        """Starts nothing."""
        self.connection_string = ""
        self._port = 0
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts it where it is down, and returns when it listens."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "dev", "broker", "--port", str(self._port)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
        said = _output(self._process).readline()
        found = _ADDRESS.search(said)
        assert found is not None, said
        self.connection_string, self._port = found[1], int(found[2])

    def kill(self) -> None:
        """Ends it at once, with every message it holds."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            _output(self._process).close()
            self._process = None

    def send(self, *bodies: bytes) -> None:
        """Sends messages as anybody with the key could."""
        client = ServiceBusClient.from_connection_string(self.connection_string)
        with client, client.get_queue_sender(QUEUE) as sender:
            sender.send_messages([ServiceBusMessage(body) for body in bodies])


def _output(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout
