"""Reads the registered functions of an app and checks them as the Functions worker does; runs none of them."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import azure.functions as func
from azure.functions.decorators.core import Trigger
from azure.functions.decorators.http import HttpTrigger
from azure.functions.decorators.servicebus import ServiceBusQueueTrigger
from azure.functions.decorators.timer import TimerTrigger

from dev.host.errors import HostError

_SERVED = (HttpTrigger, TimerTrigger, ServiceBusQueueTrigger)
_CONTEXT, _RETURN = "context", "$return"


@dataclass(frozen=True)
class HostedFunction:
    """One function that can be served: its name, code and trigger, and the parameter that takes what triggers it."""

    name: str
    call: Callable[..., Any]
    trigger: Trigger
    parameter: str
    is_async: bool
    wants_context: bool


def read_functions(app: func.FunctionApp) -> list[HostedFunction]:
    """The functions of an app in alphabetical order; an app gives them only once.

    Raises:
        HostError: naming the first function that the Functions worker would refuse to load, or this host to serve.

    """
    try:
        functions = app.get_functions()
    except ValueError as error:
        raise HostError(str(error)) from error
    return sorted((_checked(function) for function in functions), key=lambda each: each.name.lower())


def resolved(text: str, app_settings: Mapping[str, str]) -> str:
    """The text with each `%NAME%` replaced by that app setting.

    Raises:
        HostError: where there is no such setting.

    """

    def setting(match: re.Match[str]) -> str:
        if match.group(1) not in app_settings:
            raise HostError(f"{match.group(0)} names no app setting.")
        return app_settings[match.group(1)]

    return re.sub("%([^%]+)%", setting, text)


def _checked(function: func.Function) -> HostedFunction:
    name, call, trigger = str(function.get_function_name()), function.get_user_function(), function.get_trigger()
    if not isinstance(trigger, _SERVED):
        raise HostError(f"Function {name}: this host serves HTTP, timer and Service Bus queue triggers only.")
    bound = {binding.name for binding in function.get_bindings()} - {_RETURN}
    if bound != {trigger.name}:
        raise HostError(f"Function {name}: this host knows no other bindings than the trigger and an HTTP answer.")
    parameters = set(inspect.signature(call).parameters)
    wants_context = _CONTEXT in parameters and _CONTEXT not in bound
    if parameters - {_CONTEXT} != bound - {_CONTEXT}:
        raise HostError(
            f"Function {name}: its parameters ({', '.join(sorted(parameters))}) must equal its bindings "
            f"({', '.join(sorted(bound))}); only `context` may be added."
        )
    _check_annotations(name, call, trigger)
    _check_level(name, trigger)
    return HostedFunction(name, call, trigger, trigger.name, inspect.iscoroutinefunction(call), wants_context)


def _check_annotations(name: str, call: Callable[..., Any], trigger: Trigger) -> None:
    try:
        hints = get_type_hints(call)
    except (NameError, AttributeError, TypeError) as error:
        raise HostError(f"Function {name}: an annotation cannot be resolved ({error}).") from error
    hint = hints.get(trigger.name)
    converter = func.get_binding_registry().get(trigger.type)
    if hint is not None and not (isinstance(hint, type) and converter.check_input_type_annotation(hint)):
        raise HostError(f"Function {name}: parameter {trigger.name} cannot be a {hint!r}.")
    if isinstance(trigger, HttpTrigger) and "return" in hints:
        _check_answer(name, hints["return"])
    if hints.get(_CONTEXT, func.Context) is not func.Context:
        raise HostError(f"Function {name}: parameter context must be an azure.functions.Context.")


def _check_answer(name: str, hint: Any) -> None:
    """`Optional[HttpResponse]` is no type: it breaks the indexing of the whole app in Azure."""
    if not (isinstance(hint, type) and func.get_binding_registry().get("http").check_output_type_annotation(hint)):
        raise HostError(f"Function {name}: its answer must be annotated as HttpResponse or str, not {hint!r}.")


def _check_level(name: str, trigger: Trigger) -> None:
    if isinstance(trigger, HttpTrigger) and trigger.auth_level is not func.AuthLevel.ANONYMOUS:
        raise HostError(f"Function {name}: its auth level must be ANONYMOUS; this host knows no keys.")
