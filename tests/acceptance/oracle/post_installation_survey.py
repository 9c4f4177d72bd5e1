"""Post-Installation Survey: what its sheets, tiles, charts and reconciling lines have to be."""

import json
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.acceptance.oracle import metrics
from tests.acceptance.oracle.records import Answer, Question, Record, World

SUMMARY = [
    *("Bank", "Total Surveys", "Avg Rating", "5-Star %", "4-Star %", "3-Star %", "2-Star %", "1-Star %"),
    *("NPS Score", "Response Rate %", "Top Issues"),
]
DETAILS = [
    *("Call Number", "Client Name", "Engineer Name", "Installation Date", "Survey Date", "Overall Rating"),
    *("Installation Quality", "Engineer Professionalism", "Timeliness", "Device Functionality", "Comments"),
    "Would Recommend (Y/N)",
]
COMMENTS = ["Rating", "Bank", "Call Number", "Client Name", "Engineer Name", "Survey Date", "Comment"]
_THEMES = json.loads((Path(__file__).parents[3] / "shared/reports/themes.json").read_text(encoding="utf-8"))
Pair = tuple[Record, Record]  # a survey and its call


def answer(world: World, question: Question, min_rating: int | None = None) -> Answer:
    """The whole report."""
    every = _surveys(world, question)
    pairs = [pair for pair in every if pair[1]["type"] == "installation"]
    before = [pair for pair in _surveys(world, question.previous) if pair[1]["type"] == "installation"]
    now, then = _figures(world, question, pairs), _figures(world, question.previous, before)
    shown = [pair for pair in pairs if min_rating is None or (pair[0]["overall_rating"] or 0) >= min_rating]
    tiles = ["Surveys", "Avg Rating", "NPS", "Response Rate %"]
    return Answer(
        sheets={
            "Summary": [SUMMARY, *_summary(world, question, pairs)],
            "Details": [DETAILS, *_details(world, question, shown)],
            "Comments": [COMMENTS, *_comments(world, question, shown)],
        },
        tiles=[(name, now[place], then[place]) for name, place in zip(tiles, (0, 1, 7, 8), strict=True)],
        charts=_charts(question, pairs),
        reconciliation=_reconciliation(world, question, every, shown),
    )


def themes_of(text: str) -> list[str]:
    """The themes of one comment, looked for term by term in each clause."""
    found = set()
    for clause in _clauses(text):
        taken: dict[int, int] = {}  # first word of a term to the place after it
        theme_at = {}
        for place in range(len(clause)):
            if any(first <= place < end for first, end in taken.items()):
                continue
            fitting = [(len(term), theme) for theme, term in _terms() if clause[place : place + len(term)] == term]
            if fitting:
                length, theme_at[place] = max(fitting)
                taken[place] = place + length
        free = [place for place in range(len(clause)) if not any(a <= place < b for a, b in taken.items())]
        for first, end in taken.items():
            denies_itself = any(_denies(word) for word in clause[first:end])
            if denies_itself or not any(_is_denied(clause, place, first, end) for place in free):
                found.add(theme_at[first])
    return [theme for theme in _THEMES["themes"] if theme in found]


@cache
def _terms() -> list[tuple[str, list[str]]]:
    return [
        (theme, _words(term))
        for theme, languages in _THEMES["themes"].items()
        for terms in languages.values()
        for term in terms
    ]


def _denies(word: str) -> bool:
    return any(word in map(_plain, negation["words"]) for negation in _THEMES["negations"])


def _is_denied(clause: Sequence[str], place: int, first: int, end: int) -> bool:
    for negation in _THEMES["negations"]:
        if clause[place] in map(_plain, negation["words"]):
            if negation["side"] == "after" and end <= place < end + negation["reach"]:
                return True
            is_weak = clause[place + 1 : place + 2] in [[word] for word in _THEMES["not a negation before"]]
            if negation["side"] == "before" and first - negation["reach"] <= place < first and not is_weak:
                return True
    return False


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.replace("\u2019", "'").replace("ँ", "ं")).casefold()
    kept = "".join(sign for sign in unicodedata.normalize("NFC", folded) if sign not in "\u093c\u200c\u200d")
    return unicodedata.normalize("NFC", kept)


def _words(text: str) -> list[str]:
    return [word for clause in _clauses(text) for word in clause]


def _clauses(text: str) -> list[list[str]]:
    """Letter by letter: letters, digits and marks make words, an apostrophe between them too; the rest parts them."""
    plain = _plain(text) + " "
    clauses: list[list[str]] = [[]]
    word = ""
    for place, sign in enumerate(plain):
        is_inside = sign == "'" and word and _is_of_word(plain[place + 1])
        if _is_of_word(sign) or is_inside:
            word += sign
            continue
        if word in map(_plain, _THEMES["clause ends"]):
            clauses.append([])
        elif word:
            clauses[-1].append(word)
        word = ""
        if sign in ".,;:!?।॥\n…()":
            clauses.append([])
    return clauses


def _is_of_word(sign: str) -> bool:
    return sign == "_" or unicodedata.category(sign)[0] in "LMN"


def _surveys(world: World, question: Question) -> list[Pair]:
    calls = {call["id"]: call for call in world.calls if question.permits(call)}
    return [
        (survey, calls[survey["call_id"]])
        for survey in world.tables["customer_surveys"]
        if survey["call_id"] in calls and question.first <= _day(question, survey["survey_date"]) <= question.last
    ]


def _day(question: Question, at: Any) -> date:
    return question.day(at)


def _installed(world: World, question: Question) -> list[Record]:
    """Installations that were completed in the range."""
    return [
        call
        for call in world.calls
        if (call["type"], call["status"]) == ("installation", "completed")
        and question.permits(call)
        and call["completed_at"] is not None
        and question.first <= _day(question, call["completed_at"]) <= question.last
    ]


def _figures(world: World, question: Question, pairs: Sequence[Pair], bank: Any = "all") -> list[Any]:
    """Surveys, average, shares from 5 to 1, NPS, response rate."""
    mine = [survey for survey, call in pairs if bank in {"all", call["client_bank"]}]
    rated = [survey["overall_rating"] for survey in mine if survey["overall_rating"] is not None]
    done = [call["id"] for call in _installed(world, question) if bank in {"all", call["client_bank"]}]
    answered = {survey["call_id"] for survey in world.tables["customer_surveys"]}
    shares = [metrics.percent(rated.count(rating), len(rated)) for rating in (5, 4, 3, 2, 1)]
    best, _, *low = shares
    nps = None if best is None else best - sum(share or 0 for share in low)
    rate = metrics.percent(sum(call in answered for call in done), len(done))
    return [len(mine), metrics.mean(rated), *shares, nps, rate]


def _summary(world: World, question: Question, pairs: Sequence[Pair]) -> list[list[Any]]:
    banks = metrics.bank_labels(world, [*(call for _, call in pairs), *_installed(world, question)])
    rows = []
    for bank, label in banks.items():
        issues = _issues([survey for survey, call in pairs if call["client_bank"] == bank])
        rows.append([label, *_figures(world, question, pairs, bank), issues or None])
    return rows


def _issues(surveys: Sequence[Record]) -> str:
    found: Counter[str] = Counter()
    for survey in surveys:
        if _is_low(survey):
            found.update(themes_of(survey["comments"]) or ["unclassified"])
    order = list(_THEMES["themes"])
    often = sorted((theme for theme in order if found[theme]), key=lambda theme: (-found[theme], order.index(theme)))
    parts = [f"{theme} ({found[theme]})" for theme in often[:3]]
    return "; ".join([*parts, *[f"unclassified ({found['unclassified']})"] * (found["unclassified"] > 0)])


def _is_low(survey: Record) -> bool:
    return survey["overall_rating"] is not None and survey["overall_rating"] <= 3 and _is_spoken(survey)


def _is_spoken(survey: Record) -> bool:
    return bool(survey["comments"] and survey["comments"].strip())


def _engineer(world: World, call: Record) -> str | None:
    person = world.people.get(call["assigned_engineer"])
    return person["full_name"] if person else None


def _details(world: World, question: Question, pairs: Sequence[Pair]) -> list[list[Any]]:
    rows = []
    for survey, call in _newest_first(pairs):
        installed = call["completed_at"]
        recommends = survey["would_recommend"]
        rows.append(
            [
                *(call["call_number"], call["client_name"], _engineer(world, call)),
                None if installed is None else _day(question, installed),
                *(_day(question, survey["survey_date"]), survey["overall_rating"], survey["installation_quality"]),
                *(survey["engineer_professionalism"], survey["timeliness"], survey["device_functionality"]),
                *(survey["comments"], None if recommends is None else "NY"[bool(recommends)]),
            ]
        )
    return rows


def _newest_first(pairs: Sequence[Pair]) -> list[Pair]:
    by_number = sorted(pairs, key=lambda pair: pair[1]["call_number"])
    return sorted(by_number, key=lambda pair: pair[0]["survey_date"], reverse=True)


def _comments(world: World, question: Question, pairs: Sequence[Pair]) -> list[list[Any]]:
    spoken = [pair for pair in _newest_first(pairs) if _is_spoken(pair[0])]
    return [
        [
            *(survey["overall_rating"], metrics.bank_name(world, call["client_bank"])),
            *(call["call_number"], call["client_name"], _engineer(world, call)),
            *(_day(question, survey["survey_date"]), survey["comments"]),
        ]
        for survey, call in sorted(spoken, key=lambda pair: pair[0]["overall_rating"] or 6)
    ]


def _charts(question: Question, pairs: Sequence[Pair]) -> dict[str, dict[str, list[Any]]]:
    months = sorted({f"{day:%Y-%m}" for day in (question.first + timedelta(n) for n in range(len(question.days)))})
    by_month: dict[str, list[int]] = {month: [] for month in months}
    for survey, _ in pairs:
        if survey["overall_rating"] is not None:
            by_month[f"{_day(question, survey['survey_date']):%Y-%m}"].append(survey["overall_rating"])
    ratings = [survey["overall_rating"] for survey, _ in pairs]
    averages = [metrics.mean(values) for values in by_month.values()]
    return {
        "Surveys by rating": {
            "": [f"{rating}-Star" for rating in (5, 4, 3, 2, 1)],
            "Surveys": [ratings.count(rating) for rating in (5, 4, 3, 2, 1)],
        },
        "Average rating per month": {"": months, "Avg Rating": averages},
    }


def _reconciliation(
    world: World, question: Question, every: Sequence[Pair], shown: Sequence[Pair]
) -> list[tuple[str, str]]:
    surveys = [survey for survey, call in every if call["type"] == "installation"]
    kept = {survey["id"] for survey, _ in shown}
    answered = {survey["call_id"] for survey in world.tables["customer_surveys"]}

    def unrated(survey: Record) -> str:
        return "no overall rating" if survey["overall_rating"] is None else ""

    def issue(survey: Record) -> str:
        if unrated(survey) or survey["overall_rating"] > 3:
            return unrated(survey) or "rated 4 or 5"
        if not _is_spoken(survey):
            return "rated 3 or lower, no comment"
        return "" if themes_of(survey["comments"]) else "no theme, counted as unclassified"

    def hidden(survey: Record) -> str:
        return "" if survey["id"] in kept else "not of the minimum rating"

    def silent(survey: Record) -> str:
        return hidden(survey) or ("" if _is_spoken(survey) else "no comment")

    other = ["" if call["type"] == "installation" else "not of an installation" for _, call in every]
    missed = "completed in the range, no survey"
    issues = ["no overall rating", "rated 4 or 5", "rated 3 or lower, no comment", "no theme, counted as unclassified"]
    return [
        *metrics.told("Surveys", Counter(other), ["not of an installation"]),
        *(
            line
            for name in ("Avg Rating", "NPS")
            for line in metrics.told(name, Counter(map(unrated, surveys)), ["no overall rating"])
        ),
        *metrics.told(
            "Response Rate %",
            Counter("" if call["id"] in answered else missed for call in _installed(world, question)),
            [missed],
        ),
        *metrics.told("Top Issues", Counter(map(issue, surveys)), issues),
        *metrics.told("Details", Counter(map(hidden, surveys)), ["not of the minimum rating"]),
        *metrics.told("Comments", Counter(map(silent, surveys)), ["not of the minimum rating", "no comment"]),
    ]
