"""What follows a failed attempt: one pure decision from the error and the attempts used."""

import random
from dataclasses import dataclass
from datetime import timedelta

from shared.errors import FailureKind, InternalError, ReportingError

_FIRST, _LAST = timedelta(seconds=15), timedelta(minutes=10)
_DOUBLINGS = 6  # that many are enough; forty would leave the range of a timedelta


@dataclass(frozen=True)
class Retry:
    """Try again after this delay."""

    delay: timedelta


@dataclass(frozen=True)
class GiveUp:
    """End the job with this code and sentence."""

    code: str
    message: str


def plan_retry(error: Exception, attempt: int, max_claims: int, chance: random.Random) -> Retry | GiveUp:
    """Caller's errors end the job; passing ones and faults of ours are tried again while claims are left.

    A fault that outlives all claims is poison and ends as INTERNAL_ERROR. The delay doubles from 15 s to 10 min and is
    drawn evenly below that (full jitter), so that jobs that failed together do not come back together.
    """
    known = error if isinstance(error, ReportingError) else InternalError()
    if known.kind is FailureKind.CALLER or attempt >= max_claims:
        return GiveUp(known.code, str(known))
    ceiling = min(_FIRST * 2 ** min(attempt - 1, _DOUBLINGS), _LAST)
    return Retry(ceiling * chance.random())
