"""States, phases and progress of a job."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidParameters
from shared.jobs.messages import job_id_of
from shared.jobs.states import TERMINAL, TRANSITIONS, Phase, Status, progress_of

ORDER = (Phase.QUEUED, Phase.QUERYING, Phase.RENDERING, Phase.UPLOADING, Phase.FINISHING, Phase.DONE)


def test_terminal_states() -> None:
    """Completed, failed and cancelled are ends: nothing leads out of them, and only they are ends."""
    assert {Status.COMPLETED, Status.FAILED, Status.CANCELLED} == TERMINAL
    assert set(TRANSITIONS) == set(Status)
    assert all(not TRANSITIONS[status] for status in TERMINAL)


def test_every_end_can_be_reached() -> None:
    """From the queue every end can be reached; a job completes only from processing."""
    assert TRANSITIONS[Status.QUEUED] == {Status.PROCESSING, Status.FAILED, Status.CANCELLED}
    assert TRANSITIONS[Status.PROCESSING] > TERMINAL
    assert Status.QUEUED in TRANSITIONS[Status.PROCESSING]


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.none() | st.integers(0, 10**9))
def test_progress_never_falls_as_rows_are_drawn(one: int, other: int, total: int | None) -> None:
    """More rows never mean less progress, also where more rows come than were expected; it stays within 0 to 100."""
    low, high = sorted((one, other))
    before, after = (progress_of(Phase.RENDERING, rows, total) for rows in (low, high))
    assert 0 <= before <= after <= 100


@given(st.integers(0, 10**9), st.none() | st.integers(0, 10**9))
def test_progress_never_falls_from_phase_to_phase(rows: int, total: int | None) -> None:
    """Each phase begins where the one before it ended, or later, and only the end is 100."""
    steps = [progress_of(phase, rows, total) for phase in ORDER]
    assert all(before <= after for before, after in pairwise(steps))
    assert steps[0] == 0
    assert [step == 100 for step in steps] == [False] * 5 + [True]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"jobId": 7}',
        b'{"jobId": null}',
        b'{"jobId": "job_short"}',
        b'{"jobId": "job_0123456789abcdefghjkmnpqrs\\n"}',
        b'{"jobId": "job_0123456789abcdefghjkmnpqr\xd9\xa0"}',
        b'{"jobId": "../../etc/passwd"}',
        b"[" * 100_000,
        b'{"jobId": ' * 5_000,
        b"9" * 10_000,
    ],
    ids=range(14),
)
def test_malformed_message_is_refused(body: bytes) -> None:
    """Whatever is no message of ours raises an error of the caller's, which dead-letters it, and nothing else."""
    with pytest.raises(InvalidParameters):
        job_id_of(body)


def test_message_names_its_job() -> None:
    """A message gives its job's id; fields of later versions do not disturb."""
    job_id = "job_0123456789abcdefghjkmnpqrs"
    assert job_id_of(f'{{"jobId": "{job_id}", "later": [1]}}'.encode()) == job_id
