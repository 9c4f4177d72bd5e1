"""What a disposition of a receiver means for a message, and what it is answered with; settles nothing itself."""

from collections.abc import Mapping
from typing import NamedTuple

from dev.broker.amqp.states import ACCEPTED, MODIFIED, REJECTED, RELEASED, error_info, state, state_fields
from dev.broker.amqp.types import Described
from dev.broker.store import DESCRIPTION, REASON, Outcome


class Settlement(NamedTuple):
    """An outcome, what goes with a dead letter, and the state that tells the receiver that it was done."""

    outcome: Outcome
    info: Mapping[str, str]
    echo: Described


def settlement(asked: Described) -> Settlement | None:
    """The settlement that a delivery state asks for, None where it asks for none; raises `DecodeError`."""
    code, fields = state_fields(asked)
    if code == ACCEPTED:
        return Settlement(Outcome.COMPLETED, {}, state(ACCEPTED))
    if code == RELEASED:
        return Settlement(Outcome.RELEASED, {}, state(RELEASED))
    if code == MODIFIED:
        failed, elsewhere = [*fields, None, None][:2]
        given_back = Outcome.ABANDONED if failed else Outcome.RELEASED
        outcome = Outcome.DEFERRED if elsewhere else given_back
        return Settlement(outcome, {}, state(MODIFIED, bool(failed), bool(elsewhere), None))
    if code == REJECTED:
        info = error_info(fields[0]) if fields else {}
        said = {name: info[name] for name in (REASON, DESCRIPTION) if isinstance(info.get(name), str)}
        return Settlement(Outcome.DEAD_LETTERED, said, state(REJECTED))
    return None
