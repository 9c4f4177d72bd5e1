"""The web server of the development host: uvicorn with the settings that the Functions host's rules ask for."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

_GRACE_SECONDS = 3  # for requests that wait when the host is stopped


class HostServer(uvicorn.Server):
    """uvicorn for one application; `on_started` is called once it answers."""

    def __init__(self, application: Starlette, on_started: Callable[[], None]) -> None:
        """Takes the application, and what to do when it is up."""
        super().__init__(
            uvicorn.Config(
                application,
                lifespan="on",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # uvicorn would believe X-Forwarded-For of any caller on this machine
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and tells."""
        await super().startup(sockets)
        if self.started:
            self._on_started()

    def serve_on(self, listener: socket.socket) -> None:
        """Serves until SIGINT or SIGTERM, which is raised again afterwards, or until `should_exit` is set.

        Threads in mid-function are left behind, which `asyncio.run` would wait for.
        """
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self.serve([listener]))
        finally:
            loop.run_until_complete(_end_tasks())
            loop.close()


async def _end_tasks() -> None:
    """Ends what functions left running."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
