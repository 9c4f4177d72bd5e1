"""The Service Bus SDK's own flows, sync and aio, against any namespace: the development broker if none is named.

All flows that are asked for run side by side, each on a queue of its own; each test awaits the end of one.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future

import pytest

from tests.broker import Bus, LoopThread, await_ending, open_client, side_by_side, target

pytest.register_assert_rewrite("tests.conformance.service_bus_delivery", "tests.conformance.service_bus_settlement")

from tests.conformance import service_bus_delivery, service_bus_settlement  # noqa: E402 its asserts are rewritten

Flow = Callable[[Bus], None]

FLOWS: tuple[Flow, ...] = (*service_bus_delivery.FLOWS, *service_bus_settlement.FLOWS)


@pytest.fixture(scope="module")
def endings(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[None]]]:
    """How every flow that was asked for ends; all of them have begun."""
    with target() as namespace, LoopThread() as loop:

        def run(flow: Flow, flavour: str) -> None:
            queue = f"{flavour}-{flow.__name__.replace('_', '-')}"
            with open_client(namespace.connection_string, flavour, loop) as client:
                flow(Bus(namespace, client, loop, flavour, queue))

        yield from side_by_side(request, run)


@pytest.mark.parametrize("flavour", ["sync", "aio"])
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
@pytest.mark.usefixtures("flow", "flavour")
def test_flow(request: pytest.FixtureRequest, endings: Mapping[str, Future[None]]) -> None:
    """The flow does what its first sentence promises."""
    await_ending(request, endings)
