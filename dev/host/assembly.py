"""Makes the development host of an app from its functions: which trigger is served by what; opens no connection."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import azure.functions as func
from azure.functions.decorators.servicebus import ServiceBusQueueTrigger
from azure.functions.decorators.timer import TimerTrigger
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from dev.host.application import FunctionsRoute, Loop, development_host
from dev.host.functions import HostedFunction, read_functions
from dev.host.http import HttpFunctions
from dev.host.invocation import Invoker
from dev.host.options import HostOptions
from dev.host.queue import MessageSource, check_queue, listen
from dev.host.timer import Timer


@dataclass(frozen=True)
class Surroundings:
    """What an app is served with."""

    app_settings: Mapping[str, str]
    source: Callable[[], MessageSource[Any]]  # one per concurrent call: a receiver serves one at a time
    state: Path
    options: HostOptions = field(default_factory=HostOptions)
    before: Sequence[BaseRoute] = ()
    after: Sequence[BaseRoute] = ()
    cors_origins: Sequence[str] = ()
    beside: Sequence[Loop] = ()  # what else runs as long as the host is up


def hosted(app: func.FunctionApp, around: Surroundings) -> Starlette:
    """The ASGI application that serves all functions of an app.

    Raises:
        HostError: where a function cannot be served; the message says why.

    """
    functions, invoker = read_functions(app), Invoker(around.options.threads)
    http = HttpFunctions(functions, around.options, invoker)
    loops = [loop for function in functions for loop in _loops(function, around, invoker)]
    return development_host(
        [*around.before, FunctionsRoute(http), *around.after],
        cors_origins=around.cors_origins,
        loops=[*around.beside, *loops],
        on_stop=invoker.close,
    )


def _loops(function: HostedFunction, around: Surroundings, invoker: Invoker) -> list[Loop]:
    """The loops of a function: one of a timer, as many as concurrent calls of a queue, none of HTTP."""
    if isinstance(function.trigger, TimerTrigger):
        timer = Timer.of(function, function.trigger, around.app_settings, around.state / "timers")
        return [partial(timer.tick, invoker)]
    if isinstance(function.trigger, ServiceBusQueueTrigger):
        check_queue(function, function.trigger, around.app_settings)
        count = around.options.concurrent_messages
        return [partial(listen, function, around.source(), invoker) for _ in range(count)]
    return []
