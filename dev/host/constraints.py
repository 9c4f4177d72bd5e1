"""Route constraints with ASP.NET Core's meaning, as tests of one text value; knows no template.

Left out, and refused at start: the number and date formats of .NET (decimal, double, float, datetime) and file names.
"""

import re
from collections.abc import Callable, Mapping

from dev.host.errors import HostError

Test = Callable[[str], bool]

_CONSTRAINT = re.compile(r":([a-z]+)(?:\((.*?)\))?(?=:[a-z]|$)", re.DOTALL)
_GUID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BRACKETS = {("{", "}"), ("(", ")")}
_INT_BITS, _LONG_BITS = 32, 64


def constraint_tests(text: str, route: str) -> tuple[Test, ...]:
    """The tests of `:int:min(1)`; the empty text has none.

    Raises:
        HostError: where a constraint is unknown or its arguments cannot be read.

    """
    found = list(_CONSTRAINT.finditer(text))
    if "".join(match.group(0) for match in found) != text:
        raise HostError(f"Route {route!r}: the constraints {text!r} cannot be read.")
    return tuple(_test(match.group(1), match.group(2), route) for match in found)


def _test(kind: str, arguments: str | None, route: str) -> Test:
    if arguments is None and kind in _PLAIN_TESTS:
        return _PLAIN_TESTS[kind]
    if arguments is None or kind not in _ARGUMENT_TESTS:
        raise HostError(f"Route {route!r}: the development host does not know the constraint {kind!r}.")
    try:
        return _ARGUMENT_TESTS[kind](arguments)
    except (ValueError, re.error):
        raise HostError(f"Route {route!r}: {kind}({arguments}) cannot be read.") from None


def _integer(value: str) -> int | None:
    return int(value) if re.fullmatch(r"\s*[+-]?[0-9]{1,30}\s*", value) else None


def _fits(bits: int) -> Test:
    return _between(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, _integer)


def _between(low: int | None, high: int | None, measure: Callable[[str], int | None]) -> Test:
    def test(value: str) -> bool:
        number = measure(value)
        return number is not None and (low is None or low <= number) and (high is None or number <= high)

    return test


def _is_guid(value: str) -> bool:
    bare = value.strip()
    return _GUID.fullmatch(bare[1:-1] if (bare[:1], bare[-1:]) in _BRACKETS else bare) is not None


def _pattern(text: str) -> Test:
    """Found anywhere and in any case, unless the pattern says otherwise; braces are doubled in a template."""
    pattern = re.compile(text.replace("{{", "{").replace("}}", "}"), re.IGNORECASE)
    return lambda value: pattern.search(value) is not None


def _length(arguments: str) -> Test:
    low, _, high = arguments.partition(",")
    return _between(int(low), int(high or low), len)


def _range(arguments: str) -> Test:
    low, high = arguments.split(",")
    return _between(int(low), int(high), _integer)


_PLAIN_TESTS: Mapping[str, Test] = {
    "int": _fits(_INT_BITS),
    "long": _fits(_LONG_BITS),
    "guid": _is_guid,
    "bool": lambda value: value.strip().lower() in {"true", "false"},
    "alpha": lambda value: re.fullmatch("[a-z]*", value, re.IGNORECASE) is not None,
    "required": bool,
}
_ARGUMENT_TESTS: Mapping[str, Callable[[str], Test]] = {
    "regex": _pattern,
    "length": _length,
    "minlength": lambda low: _between(int(low), None, len),
    "maxlength": lambda high: _between(None, int(high), len),
    "min": lambda low: _between(int(low), None, _integer),
    "max": lambda high: _between(None, int(high), _integer),
    "range": _range,
}
