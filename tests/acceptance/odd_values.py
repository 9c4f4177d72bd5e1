"""Values that worlds should not have, and have: texts, numbers, instants, paths and metadata; it makes no row."""

from datetime import UTC, date, datetime
from typing import Any

TEXTS = (
    *("", " ", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1", "a\r\nb\rc\nd", "\x0bx\x1b", "\ufffe", "\u202etxt"),
    *("00123", "1E5", "TRUE", "2026-03-10", "_x0041_", "_x005F_x0041_", "<&]]>\"'", "#N/A", "{0} %s", "No calls"),
    *("नमस्ते 🛠 你好", "é\N{COMBINING ACUTE ACCENT}", "👩\N{ZERO WIDTH JOINER}🚀" * 90, "İ", "STRASSE", "straße", "ǅ"),
    *(
        "a\x1fb",
        "a\x1eb",
        "c\x85\x7fd",
        "History",
        "a/b:c*d?[e]\\f",
        "'quoted'",
        "Bank 0",
        "B0",
        "x" * 40_000,
        "🛠" * 17_000,
    ),
)
NUMBERS = (0, -5, 2**31 - 1, -(2**31))
DAY = date(1899, 12, 31)
REALS = (0.0, 90.0, -90.0, 91.0, 180.0, -180.0, 181.0, -999.25, 19.076090000000001, 1e300, 1e-300)
INSTANTS = tuple(
    datetime.fromisoformat(each).replace(tzinfo=UTC)
    for each in (
        *("1850-06-01T12:00:00", "1899-12-31T00:00:00", "1900-02-28T23:59:59.999999", "1970-01-01T00:00:00"),
        *("2038-01-19T03:14:08", "9999-12-31T23:59:59"),
    )
)
PATHS = (
    "calls/1.jpg",
    "calls/2.jpg",
    "a b/ü.jpg",
    "no folder",
    "..",
    "/",
    "",
    "x/" * 200 + "1.jpg",
    "=1/+1.jpg",
    "a\nb",
)
SERIALS = ("000", "00123", "[)>\x1e06\x1d1PX", "a\x1fb", "a\x1eb\x1fc", "\x1e", "=1", "")
KEYS = (
    *("pre_installation_checklist", "post_installation_verification", "customer_signature", "swap_reason"),
    *("old_device_status", "maintenance_type", "issues_found", "parts_replaced", "firmware_updated"),
    *("next_maintenance_due", "fault_description", "root_cause", "downtime_hours", "customer_impact"),
    *("deinstallation_reason", "device_condition", "return_status", "delay_reason", "reassigned", "reassigned"),
    "unknown key",
)
_DEEP: Any = [{"a": [{"b": ["c"]}, []]}, {"d": {"e": {"f": 1}}}, None, True]
VALUES: tuple[Any, ...] = (
    *(None, True, True, False, "", " ", "yes", "=1+1", "नमस्ते", 0, 7, 2.5, -1, "3.5", "nan", "1e400", 10**30),
    *("2026-05-01", "2026-02-30", "2026-05-01T23:30:00+00:00", "2026-05-01T10:00", "20260501", "2026-W10-1", "soon"),
    *([], {}, ["a", "", None, "b"], {"a": 1, "b": None}, _DEEP, "x\x0by", "9999-12-31T23:59:59-05:00", "1850-01-01"),
)
METADATA: tuple[Any, ...] = (
    *(None, {}, [], "text", "", '{"reassigned": true}', 5, False, ["reassigned"], {"reassigned": "true"}, _DEEP),
    *({"reassigned": True}, {"reassigned": 1}, {"a": {"reassigned": True}}, {"note": '"reassigned"'}),
)
COMMENTS = (
    *(
        None,
        "",
        " ",
        "\n\t",
        "Very late.",
        "Not late at all",
        "rude and late, not working",
        "देर नहीं हुई",
        "बहुत देर हुई",
    ),
    *("wiring… loose!", "good", "=late", "no network; training missing", "x" * 40_000, "LATE 🛠 你好", "l\u200date"),
)
