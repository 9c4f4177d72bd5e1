"""Call Details: what its sheet, tiles, charts and reconciling lines have to be."""

from collections import Counter
from typing import Any

from tests.acceptance.headings import CALL_DETAILS, TILES
from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.call_details_activity import Visits, call_row
from tests.acceptance.oracle.call_summary import STATUSES, figures_with_reasons
from tests.acceptance.oracle.records import Answer, Question, World

_TOLD = (
    "Completion Rate %",
    "Avg Response Time",
    "Avg Resolution Time",
    "SLA Met %",
    "priority as recorded",
    "completion time as recorded",
    "status as recorded",
)


def answer(world: World, question: Question, page: str) -> Answer:
    """The whole report, whose photos are linked to on the web page `page`."""
    visits, calls = Visits(world), metrics.newest_first(question.scope(world))
    labels = TILES["call-details"].split(" | ")
    now, before = _figures(world, question), _figures(world, question.previous)
    days, statuses = (Counter(call[name] for call in calls) for name in ("scheduled_date", "status"))
    return Answer(
        sheets={"Call Details": [CALL_DETAILS.split(" | "), *(call_row(visits, question, page, c) for c in calls)]},
        tiles=list(zip(labels, now, before, strict=True)),
        charts={
            "Calls per day": {"": list(map(str, question.days)), "Calls": [days[day] for day in question.days]},
            "Calls by status": {"": list(STATUSES.values()), "Calls": [statuses[status] for status in STATUSES]},
        },
        reconciliation=_reconciliation(world, question),
    )


def _figures(world: World, question: Question) -> list[Any]:
    calls = question.scope(world)
    statuses = [call["status"] for call in calls]
    states = [metrics.sla_state(world, call, question) for call in calls]
    return [
        len(calls),
        statuses.count("completed"),
        metrics.percent(statuses.count("completed"), len(calls) - statuses.count("cancelled")),
        metrics.mean(metrics.response(world, call) for call in calls),
        metrics.mean(metrics.resolution(world, call) for call in calls),
        metrics.percent(states.count("met"), states.count("met") + states.count("breached")),
    ]


def _reconciliation(world: World, question: Question) -> list[tuple[str, str]]:
    reasons = figures_with_reasons(world, question)
    reasons["Completion Rate %"] = (["cancelled"], lambda call: "cancelled" if call["status"] == "cancelled" else "")
    calls = question.scope(world)
    return [
        line
        for figure in _TOLD
        for line in metrics.told(figure, Counter(map(reasons[figure][1], calls)), reasons[figure][0])
    ]
