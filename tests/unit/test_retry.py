"""What follows a failed attempt: a table of errors and attempts."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import (
    DatabaseUnavailable,
    ExportFailed,
    FailureKind,
    InvalidParameters,
    NotFound,
    QueryTimeout,
    StorageError,
    Unauthorized,
    envelope_classes,
    error_of,
)
from shared.jobs.retry import GiveUp, Retry, RetryRules, plan_retry

CHANCE = random.Random(1)  # noqa: S311 jitter is no secret
CALLERS = (InvalidParameters(), NotFound(), QueryTimeout(), Unauthorized())
PASSING = (DatabaseUnavailable(), StorageError())
OURS = (ValueError("secret text"), KeyError("x"), ExportFailed("No room on the disk."))


def rules(max_claims: int) -> RetryRules:
    """The rules of the settings' defaults, but for the claims."""
    return RetryRules(max_claims, timedelta(seconds=15), timedelta(minutes=10))


@pytest.mark.parametrize("error", list(CALLERS), ids=lambda error: type(error).__name__)
def test_caller_failures_are_not_tried_again(error: Exception) -> None:
    """What only the caller can mend ends the job at the first attempt, with its own code and sentence."""
    plan = plan_retry(error, 1, rules(5), CHANCE)
    assert plan == GiveUp(error.code, str(error))  # type: ignore[attr-defined] # all in the list have a code


@pytest.mark.parametrize("error", [*PASSING, *OURS], ids=lambda error: type(error).__name__)
def test_other_failures_are_tried_until_the_claims_are_used_up(error: Exception) -> None:
    """What passes, and what may be poison, is tried again before the last claim and never after it."""
    for attempt in range(1, 5):
        assert isinstance(plan_retry(error, attempt, rules(5), CHANCE), Retry)
    for attempt in (5, 6):
        assert isinstance(plan_retry(error, attempt, rules(5), CHANCE), GiveUp)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ValueError("secret text"), "INTERNAL_ERROR", "Something went wrong on our side"),
        (DatabaseUnavailable(), "DATABASE_UNAVAILABLE", "database cannot be reached"),
        (StorageError(), "STORAGE_ERROR", "storage cannot be reached"),
        (ExportFailed("No room on the disk."), "EXPORT_FAILED", "No room on the disk."),
    ],
)
def test_exhausted_failures_have_a_code_and_a_sentence(error: Exception, code: str, message: str) -> None:
    """A job that used up its claims ends with a code of the contract; an exception's own text is not shown."""
    plan = plan_retry(error, 5, rules(5), CHANCE)
    assert isinstance(plan, GiveUp)
    assert plan.code == code
    assert message in plan.message
    assert "secret" not in plan.message


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_delay_grows_with_full_jitter(attempt: int, seed: int) -> None:
    """The delay lies between nothing and 15 s, 30 s, 60 s … 10 min, wherever chance puts it."""
    plan = plan_retry(StorageError(), attempt, rules(100), random.Random(seed))  # noqa: S311 as above
    assert isinstance(plan, Retry)
    assert 0 <= plan.delay.total_seconds() <= min(15 * 2 ** (attempt - 1), 600)


def test_delays_are_spread() -> None:
    """Jobs that failed together do not come back together."""
    plans = [plan_retry(StorageError(), 6, rules(10), random.Random(seed)) for seed in range(200)]  # noqa: S311 as above
    seconds = [plan.delay.total_seconds() for plan in plans if isinstance(plan, Retry)]
    assert len(seconds) == 200
    assert min(seconds) < 60
    assert max(seconds) > 420


def test_every_code_has_one_class() -> None:
    """Each code of the envelope means one class, each class has a sentence and a kind that fits its status."""
    codes = [error.code for error in envelope_classes()]
    assert len(codes) == len(set(codes))
    for error in envelope_classes():
        assert error_of(error.code) is error
        assert str(error())
        assert (error.kind is FailureKind.TRANSIENT) == (error.status == 503)
    assert error_of("NO_SUCH_CODE").code == error_of(None).code == "INTERNAL_ERROR"
