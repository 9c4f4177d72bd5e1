"""What follows a failed attempt: one pure decision from the error and the attempts used."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from shared.errors import ExportFailed, FailureKind, InternalError, ReportingError
from shared.settings import Settings

_DOUBLINGS = 20  # that many reach any longest wait; more would leave the range of a timedelta


@dataclass(frozen=True)
class RetryRules:
    """How often, and how soon at most."""

    max_claims: int
    first: timedelta
    last: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The rules that the settings give."""
        return cls(settings.max_claims, settings.first_retry, settings.last_retry)


@dataclass(frozen=True)
class Retry:
    """Try again after this delay."""

    delay: timedelta


@dataclass(frozen=True)
class GiveUp:
    """End the job with this code and sentence."""

    code: str
    message: str


def _comes_again(error: ReportingError) -> bool:
    """Whether another attempt would end the same way, after the same long while."""
    reason = error.details.get("reason") if isinstance(error.details, dict) else None
    return isinstance(error, ExportFailed) and reason in {"memory", "time budget"}


def plan_retry(error: Exception, attempt: int, rules: RetryRules, chance: random.Random) -> Retry | GiveUp:
    """Caller's errors end the job; passing ones and faults of ours are tried again while claims are left.

    A fault that outlives all claims is poison and ends as INTERNAL_ERROR. The longest delay doubles with each attempt;
    the delay is drawn evenly below it (full jitter), so that jobs that failed together do not come back together.
    """
    known = error if isinstance(error, ReportingError) else InternalError()
    if known.kind is FailureKind.CALLER or _comes_again(known) or attempt >= rules.max_claims:
        return GiveUp(known.code, str(known))
    ceiling = min(rules.first * 2 ** min(attempt - 1, _DOUBLINGS), rules.last)
    return Retry(ceiling * chance.random())
