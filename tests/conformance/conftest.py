"""The adapters the conformance tests run on: each test runs once on every twin and every real service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.azurite import AzuriteServer
from dev.broker import BrokerThread
from shared.adapters.blob_account import EmulatorAccount, ManagedAccount
from shared.clock import SystemClock
from tests.conformance.blob_benches import AzureBench, BlobBench, MemoryBench, managed_account, trusting
from tests.conformance.jwks_server import JwksServer
from tests.conformance.queue_benches import ENTITIES, InProcessBench, QueueBench, ServiceBusBench


@pytest.fixture(scope="session")
def emulator_account(azurite: AzuriteServer) -> Iterator[EmulatorAccount]:
    """The emulator by connection string, as on a developer's machine."""
    account = EmulatorAccount(azurite.connection_string)
    yield account
    account.close()


@pytest.fixture(scope="session")
def managed_identity_account(
    azurite_https: AzuriteServer, azurite_certificate: tuple[Path, Path]
) -> Iterator[ManagedAccount]:
    """The emulator over HTTPS by bearer token and user delegation key, as in Azure."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(azurite_certificate[0]))
        account = managed_account(azurite_https, SystemClock())
        yield account
        account.close()


@pytest.fixture
def emulator(emulator_account: EmulatorAccount) -> AzureBench:
    """A new container of the emulator."""
    return AzureBench(emulator_account)


@pytest.fixture
def managed(managed_identity_account: ManagedAccount, azurite_certificate: tuple[Path, Path]) -> AzureBench:
    """A new container of the account reached by managed identity."""
    return AzureBench(managed_identity_account, trusting(azurite_certificate[0]))


@pytest.fixture
def memory() -> MemoryBench:
    """A new store in memory."""
    return MemoryBench()


@pytest.fixture(params=["memory", "emulator", "managed"])
def blobs(request: pytest.FixtureRequest) -> BlobBench:
    """Every blob store."""
    bench: BlobBench = request.getfixturevalue(request.param)
    return bench


@pytest.fixture(params=["emulator", "managed"])
def azure_blobs(request: pytest.FixtureRequest) -> AzureBench:
    """The real blob store with both of its ways to sign."""
    bench: AzureBench = request.getfixturevalue(request.param)
    return bench


@pytest.fixture
def in_process() -> InProcessBench:
    """A new queue within the process."""
    return InProcessBench()


@pytest.fixture(scope="module")
def service_bus_bench() -> Iterator[ServiceBusBench]:
    """Service Bus, its broker and both links to it."""
    with BrokerThread(ENTITIES) as broker, ServiceBusBench(broker) as bench:
        yield bench


@pytest.fixture
def service_bus(service_bus_bench: ServiceBusBench) -> ServiceBusBench:
    """Service Bus without messages."""
    return service_bus_bench.empty()


@pytest.fixture(params=["in_process", "service_bus"])  # every queue adapter has its name here
def queues(request: pytest.FixtureRequest) -> QueueBench:
    """Every queue, empty."""
    bench: QueueBench = request.getfixturevalue(request.param)
    return bench


@pytest.fixture
def issuer() -> Iterator[JwksServer]:
    """A token issuer on this machine."""
    with JwksServer() as server:
        yield server
