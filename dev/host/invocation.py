"""Runs one function: an async one on the loop, a sync one in one of a few threads; decides nothing by its outcome."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import azure.functions as func

from dev.host.functions import HostedFunction

log = logging.getLogger("dev.host")


@dataclass(frozen=True)
class Outcome:
    """What a function returned, or the exception that it let out."""

    result: Any = None
    error: BaseException | None = None


class Invoker:
    """Runs functions; all sync ones of the app share its threads."""

    def __init__(self, threads: int) -> None:
        """Takes the number of threads, `PYTHON_THREADPOOL_THREAD_COUNT` in Azure."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="function")

    async def run(self, function: HostedFunction, value: Any) -> Outcome:
        """Runs the function on what triggered it; an exception is logged and becomes the outcome."""
        arguments: dict[str, Any] = {function.parameter: value}
        if function.wants_context:
            arguments["context"] = InvocationContext(function.name)
        running = asyncio.ensure_future(self._called(function, arguments))
        await asyncio.wait({running})  # a task of its own: whatever it lets out ends this invocation only
        error = asyncio.CancelledError() if running.cancelled() else running.exception()
        if error is None:
            return Outcome(running.result())
        log.error("Function %s failed.", function.name, exc_info=error)
        return Outcome(error=error)

    def close(self) -> None:
        """Takes no more work; a thread in mid-function cannot be stopped and is left to the end of the process."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _called(self, function: HostedFunction, arguments: dict[str, Any]) -> Any:
        if function.is_async:
            return await function.call(**arguments)
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: function.call(**arguments))


class InvocationContext(func.Context):
    """The `context` of one invocation, without tracing and retries: this host has neither."""

    def __init__(self, function_name: str) -> None:
        """Makes a context with an id of its own."""
        self._function_name, self._invocation_id, self._storage = function_name, str(uuid4()), threading.local()

    @property
    def invocation_id(self) -> str:
        """The id of this run."""
        return self._invocation_id

    @property
    def thread_local_storage(self) -> Any:
        """A store of this run's threads."""
        return self._storage

    @property
    def function_name(self) -> str:
        """The function's name."""
        return self._function_name

    @property
    def function_directory(self) -> str:
        """Empty: functions of this host are no folders."""
        return ""

    @property
    def trace_context(self) -> Any:
        """Empty: nothing traces here."""
        return SimpleNamespace(trace_parent="", trace_state="", attributes={})

    @property
    def retry_context(self) -> Any:
        """None: a trigger has no retry policy here."""
        return None
