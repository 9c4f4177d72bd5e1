"""The second calculation of whatever report, by its id and the parameters of the request; calculates nothing itself."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.acceptance.oracle import (
    bounce_call,
    call_details,
    call_details_activity,
    call_details_fsp,
    call_summary,
    call_type_specific,
    pending_ageing,
    post_installation_survey,
    resolution_tat,
    response_tat,
    rolling_volume,
    service_performance,
)
from tests.acceptance.oracle.records import Answer, Question, World


def answer(report: str, params: Mapping[str, Any], world: World, question: Question, page: str) -> Answer:
    """What the report has to say; `page` is the address of the web page that photos are on."""
    answers: Mapping[str, Callable[[], Answer]] = {
        "call-summary": lambda: call_summary.answer(world, question),
        "call-details": lambda: call_details.answer(world, question, page),
        "call-details-fsp": lambda: call_details_fsp.answer(world, question),
        "call-type-specific": lambda: call_type_specific.answer(world, question),
        "call-details-activity": lambda: _activity(params, world, question, page),
        "rolling-volume": lambda: rolling_volume.answer(world, question, params.get("granularity", "daily")),
        "service-performance": lambda: service_performance.answer(world, question),
        "response-tat": lambda: response_tat.answer(world, question),
        "resolution-tat": lambda: resolution_tat.answer(world, question),
        "bounce-call": lambda: bounce_call.answer(world, question),
        "pending-ageing": lambda: pending_ageing.answer(world, question, params.get("minDaysOpen")),
        "post-installation-survey": lambda: post_installation_survey.answer(world, question, params.get("minRating")),
    }
    return answers[report]()


def _activity(params: Mapping[str, Any], world: World, question: Question, page: str) -> Answer:
    number = params.get("specificCallNumber")
    if number is None:
        return call_details_activity.answer(world, question, page)
    if "dateFrom" not in params:
        return call_details_activity.answer_of_one(world, question, page, number)
    asked = replace(question, filters={**question.filters, "call_number": [number]})
    return call_details_activity.answer(world, asked, page)
