"""Figures over surveys: shares of ratings, NPS and counts under a minimum rating, for any number of answers."""

from collections import Counter
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from shared.reports._surveys import SurveyFacts

answers = st.lists(st.tuples(st.none() | st.integers(1, 5), st.sampled_from(["", "good", "late"])), max_size=40)


def _facts(found: list[tuple[int | None, str]]) -> SurveyFacts:
    facts = SurveyFacts()
    for rating, comment in found:
        facts.add(rating, comment, ())
    return facts


@given(answers)
def test_shares_add_up(found: list[tuple[int | None, str]]) -> None:
    """The five shares are 100 % together; without a rated survey all are blank, as are average and NPS."""
    facts = _facts(found)
    ratings = [rating for rating, _ in found if rating is not None]
    if not ratings:
        assert {*facts.shares, facts.avg_rating, facts.nps} == {None}
        return
    assert isclose(sum(share or 0 for share in facts.shares), 100)
    assert isclose(facts.avg_rating or 0, sum(ratings) / len(ratings))
    best, _, *low = facts.shares
    assert isclose(facts.nps or 0, (best or 0) - sum(share or 0 for share in low), abs_tol=1e-9)
    assert -100 <= (facts.nps or 0) <= 100


@given(answers, st.none() | st.integers(1, 5))
def test_a_minimum_rating_shows_those_rated_as_well(found: list[tuple[int | None, str]], least: int | None) -> None:
    """Rows and comments shown are those rated at least so; without a minimum all of them, unrated ones too."""
    facts = _facts(found)
    kept = [(rating, comment) for rating, comment in found if least is None or (rating or 0) >= least]
    assert facts.shown(facts.ratings, least) == len(kept)
    assert facts.shown(facts.comments, least) == sum(comment != "" for _, comment in kept)


@given(st.lists(answers, max_size=4))
def test_banks_together_are_all(parts: list[list[tuple[int | None, str]]]) -> None:
    """The figures of all banks are those of all their surveys, never averages of averages."""
    whole, over = _facts([each for part in parts for each in part]), SurveyFacts.over(map(_facts, parts))
    assert (over.surveys, over.ratings, over.avg_rating) == (whole.surveys, whole.ratings, whole.avg_rating)
    assert over.comments == whole.comments


def test_the_three_most_frequent_themes_are_told() -> None:
    """Most frequent first, of equal ones the first of the file, then how many comments have no theme."""
    facts = SurveyFacts(themes=Counter({"a": 1, "b": 4, "c": 2, "d": 2, "unclassified": 9}))
    assert facts.top_issues(("a", "b", "c", "d")) == "b (4); c (2); d (2); unclassified (9)"
    assert SurveyFacts().top_issues(("a",)) == ""
