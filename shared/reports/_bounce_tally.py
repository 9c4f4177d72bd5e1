"""The sums of Bounce Call over the stream of bounced calls: by bank, reason, engineer and merchant; reads no table.

It holds a count for each bank, engineer and merchant, and no call.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from shared.reports._bounces import REASONS, BouncedCall
from shared.reports._call_totals import OPEN

OFTEN = 3  # bounces that make a repeat offender (reports.md §3.10)
Merchant = tuple[str | None, str | None]  # merchant id, or the name of one without


@dataclass
class BankTally:
    """The bounced calls of one bank."""

    calls: int = 0
    assigned_calls: int = 0  # of those: with a first assignment
    days_lost: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass
class Tally:
    """All bounced calls of a range of dates."""

    banks: dict[str | None, BankTally] = field(default_factory=dict)
    engineers: Counter[str | None] = field(default_factory=Counter)  # bounces of calls that each held; None: unknown
    merchants: Counter[Merchant] = field(default_factory=Counter)
    merchant_names: dict[Merchant, tuple[bool, str, str]] = field(default_factory=dict)  # after the call they are of
    people: set[str] = field(default_factory=set)  # every engineer that a bounced call names
    early: int = 0  # calls whose days delayed are negative
    unknown_reasons: int = 0
    missing_reasons: int = 0
    reconstructed: int = 0

    @classmethod
    def over(cls, calls: Iterable[BouncedCall], today: date) -> "Tally":
        """The sums over these calls, in any order, as of the date `today`."""
        tally = cls()
        for each in calls:
            tally._add(each, today)
        return tally

    @property
    def offenders(self) -> list[tuple[str, int]]:
        """Names of merchants, as their last calls have them, and their bounces; of those with enough of them."""
        return [
            (self.merchant_names[each][-1], bounces)
            for each, bounces in self.merchants.items()
            if each != (None, None) and bounces >= OFTEN
        ]

    @property
    def reasons(self) -> dict[str, int]:
        """Bounces by reason, of all banks."""
        return {reason: sum(each.reasons[reason] for each in self.banks.values()) for reason in REASONS}

    @property
    def bounces(self) -> int:
        """Bounces of all calls."""
        return sum(self.reasons.values())

    @property
    def calls(self) -> int:
        """Calls with a bounce."""
        return sum(each.calls for each in self.banks.values())

    @property
    def days_lost(self) -> int:
        """Days delayed of all calls that were."""
        return sum(each.days_lost for each in self.banks.values())

    @property
    def top_reason(self) -> str | None:
        """The most frequent reason; of several, the first in their order; None without a bounce."""
        return max(REASONS, key=lambda reason: self.reasons[reason]) if self.bounces else None

    def _add(self, each: BouncedCall, today: date) -> None:
        history = each.history
        bank = self.banks.setdefault(each.row.client_bank, BankTally())
        bank.calls += 1
        bank.assigned_calls += history.assigned is not None
        bank.reasons.update(bounce.counted_reason for bounce in history.bounces)
        delay = days_delayed(each, today)
        bank.days_lost += max(delay, 0)
        self.early += delay < 0
        self._count_oddities(each)
        self._count_offenders(each)

    def _count_oddities(self, each: BouncedCall) -> None:
        recorded = [bounce.reason for bounce in each.history.bounces]
        self.missing_reasons += recorded.count(None)
        self.unknown_reasons += sum(reason is not None and reason not in REASONS for reason in recorded)
        self.reconstructed += each.is_reconstructed

    def _count_offenders(self, each: BouncedCall) -> None:
        bounces = each.history.bounces
        self.engineers.update(bounce.left for bounce in bounces)
        self.people.update(filter(None, _named(each)))
        identity = each.row.client_id or None
        merchant = (identity, None if identity else each.row.client_name or None)
        self.merchants[merchant] += len(bounces)
        named = (each.is_reconstructed, each.row.call_number, each.row.client_name or str(identity))
        self.merchant_names[merchant] = max(named, self.merchant_names.get(merchant, named))


def days_delayed(each: BouncedCall, today: date) -> int:
    """Days from the first scheduled date to the last one, or to `today` while the call is open; negative if earlier."""
    end: date = today if each.row.status in OPEN else each.row.scheduled_date
    first = each.history.scheduled or each.row.scheduled_date
    return int((end - first).days)


def _named(each: BouncedCall) -> Iterator[str | None]:
    yield each.history.engineer
    for bounce in each.history.bounces:
        yield from (bounce.left, bounce.to_engineer)
