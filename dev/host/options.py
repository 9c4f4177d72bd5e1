"""What the development host takes from host.json; every value it does not know of stays Azure's matter."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from dev.host.errors import HostError


@dataclass(frozen=True)
class HostOptions:
    """The rules of this host, with the Functions host's own defaults."""

    route_prefix: str = "api"
    concurrent_messages: int = 16
    threads: int = 8
    response_limit: timedelta = timedelta(seconds=230)  # the load balancer in front of Azure Functions cuts then
    body_limit: int = 100 * 1024 * 1024  # bytes; FUNCTIONS_REQUEST_BODY_SIZE_LIMIT in Azure

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Reads host.json.

        Raises:
            HostError: where it is missing or is no JSON object.

        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise HostError(f"{path.name} cannot be read: {error}") from error
        extensions: dict[str, Any] = content.get("extensions", {})
        return cls(
            route_prefix=extensions.get("http", {}).get("routePrefix", cls.route_prefix),
            concurrent_messages=extensions.get("serviceBus", {}).get("maxConcurrentCalls", cls.concurrent_messages),
        )
