"""Route templates and constraints of the development host: what ASP.NET Core matches, ours matches."""

import pytest

from dev.host.errors import HostError
from dev.host.routes import RouteTemplate, path_segments

GUID = "0F8FAD5B-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("", "/", {}),
        ("health/live", "/Health/LIVE/", {}),
        ("jobs/{id}", "/jobs/x", {"id": "x"}),
        ("jobs/{id}", "/jobs", None),
        ("jobs/{id}", "/jobs//", None),
        ("jobs/{id?}", "/jobs", {}),
        ("jobs/{id?}", "/jobs/x", {"id": "x"}),
        ("jobs/{id:int?}", "/jobs/x", None),
        ("jobs/{**rest}", "/jobs/a/b", {"rest": "a/b"}),
        ("a/{id:int}", "/a/-2147483648", {"id": "-2147483648"}),
        ("a/{id:int}", "/a/2147483648", None),
        ("a/{id:long}", "/a/2147483648", {"id": "2147483648"}),
        ("a/{id:int:min(1)}", "/a/0", None),
        ("a/{id:range(2,3)}", "/a/3", {"id": "3"}),
        ("a/{id:max(3)}", "/a/4", None),
        ("a/{id:guid}", f"/a/{GUID}", {"id": GUID}),
        ("a/{id:guid}", f"/a/{GUID.replace('-', '')}", {"id": GUID.replace("-", "")}),
        ("a/{id:guid}", f"/a/({GUID})", {"id": f"({GUID})"}),
        ("a/{id:guid}", f"/a/{GUID[:-1]}", None),
        ("a/{id:bool}", "/a/TRUE", {"id": "TRUE"}),
        ("a/{id:alpha}", "/a/Abc", {"id": "Abc"}),
        ("a/{id:alpha}", "/a/Ab1", None),
        ("a/{id:required}", "/a/b", {"id": "b"}),
        ("a/{id:length(3)}", "/a/abcd", None),
        ("a/{id:length(3,4)}", "/a/abcd", {"id": "abcd"}),
        ("a/{id:minlength(2):maxlength(3)}", "/a/abcd", None),
        ("a/{id:regex(^rep_[0-9a-z]{{3}}$)}", "/a/REP_0AZ", {"id": "REP_0AZ"}),
        ("a/{id:regex(^rep_[0-9a-z]{{3}}$)}", "/a/rep_0az0", None),
        ("a/{id:regex(b+)}", "/a/abc", {"id": "abc"}),
        ("a/{id:regex(^(x|y)$)}/z", "/a/y/z", {"id": "y"}),
    ],
)
def test_template_matches(template: str, path: str, values: dict[str, str] | None) -> None:
    """A template takes the paths that the Functions host gives it, and hands values over as they were sent."""
    assert RouteTemplate.parse(template).match(path_segments(path)) == values


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Runtime/webhooks", "admin or runtime"),
        ("a/{id}-{name}", "no whole parameter"),
        ("a/{id", "no whole parameter"),
        ("a/{id?}/b", "only the last segment"),
        ("a/{*id}/b", "only the last segment"),
        ("a/{id:datetime}", "does not know"),
        ("a/{id:min(x)}", "cannot be read"),
        ("a/{id:range(1)}", "cannot be read"),
        ("a/{id:regex(()}", "cannot be read"),
        ("a/{id:int-b}", "cannot be read"),
    ],
)
def test_template_is_refused_by_name(template: str, said: str) -> None:
    """A template that cannot be served stops the start and says which and why."""
    with pytest.raises(HostError, match=said):
        RouteTemplate.parse(template)


def test_prefix_stands_before_the_route() -> None:
    """The prefix of host.json is a part of every path."""
    assert RouteTemplate.parse("/jobs/", "api").match(["api", "jobs"]) == {}
