"""Route templates as the Functions host (ASP.NET Core) reads them, and their matching; knows no function.

Literals match in any case, a slash at the end does not count, and a constrained value is handed over as it was sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from dev.host.constraints import Test, constraint_tests
from dev.host.errors import HostError

_RESERVED = ("admin", "runtime")
_PARAMETER = re.compile(r"\{(\*{0,2})([A-Za-z_][A-Za-z0-9_]*)((?::.*?)?)(\??)\}", re.DOTALL)


@dataclass(frozen=True)
class Parameter:
    """One `{name:constraint(…)}` of a template; not required are `{name?}` and a catch-all `{*name}`."""

    name: str
    tests: tuple[Test, ...]
    required: bool
    catch_all: bool

    def takes(self, value: str) -> bool:
        """Whether the value of this segment passes every constraint."""
        return bool(value) and all(test(value) for test in self.tests)


@dataclass(frozen=True)
class RouteTemplate:
    """A parsed template: literal segments and parameters, in order."""

    text: str
    segments: tuple[str | Parameter, ...]

    @classmethod
    def parse(cls, route: str, prefix: str = "") -> Self:
        """Reads a template below a prefix.

        Raises:
            HostError: for a template that the Functions host refuses, or that this one cannot serve.

        """
        if route.strip("/").lower().startswith(_RESERVED):
            raise HostError(f"Route {route!r}: the Functions host keeps routes that begin with admin or runtime.")
        text = "/".join(part for part in (prefix.strip("/"), route.strip("/")) if part)
        segments = tuple(_parsed(segment, route) for segment in _split(text))
        if any(isinstance(segment, Parameter) and not segment.required for segment in segments[:-1]):
            raise HostError(f"Route {route!r}: only the last segment may be optional or take the rest.")
        return cls(text, segments)

    def match(self, path: Sequence[str]) -> dict[str, str] | None:
        """The route's values for a path in segments, or None where it does not match."""
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            if isinstance(segment, Parameter) and (segment.catch_all or (index == len(path) and not segment.required)):
                return values | ({segment.name: "/".join(path[index:])} if path[index:] else {})
            if index == len(path) or not _fits(segment, path[index]):
                return None
            if isinstance(segment, Parameter):
                values[segment.name] = path[index]
        return values if len(path) == len(self.segments) else None


def path_segments(raw_path: str) -> list[str]:
    """The decoded segments of a path; a coded slash stays coded and one slash at the end is dropped, as in Kestrel."""
    path = raw_path.removeprefix("/").removesuffix("/")
    return [unquote(re.sub("%2f", "%252F", part, flags=re.IGNORECASE)) for part in path.split("/")] if path else []


def _fits(segment: str | Parameter, value: str) -> bool:
    return segment.takes(value) if isinstance(segment, Parameter) else segment.lower() == value.lower()


def _split(text: str) -> list[str]:
    """Segments by the slashes outside braces: a pattern may hold one."""
    segments, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "/" and depth == 0:
            segments.append(text[start:index])
            start = index + 1
    return [*segments, text[start:]] if text else []


def _parsed(segment: str, route: str) -> str | Parameter:
    if "{" not in segment and "}" not in segment:
        return segment
    found = _PARAMETER.fullmatch(segment)
    if not found:
        raise HostError(f"Route {route!r}: {segment!r} is no whole parameter such as {{id}} or {{id:guid}}.")
    stars, name, constraints, optional = found.groups()
    tests = constraint_tests(constraints, route)
    return Parameter(name, tests, required=not optional and not stars, catch_all=bool(stars))
