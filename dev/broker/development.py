"""The development host's broker: started with it where the environment names no other; ends with it."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

from dev.broker.command import CONFIG
from dev.broker.thread import BrokerThread

CONNECTION = "ServiceBusConnection"


@contextmanager
def development_broker(environment: MutableMapping[str, str]) -> Iterator[None]:
    """Serves the queues as long as the block runs, and says in the environment where."""
    if environment.get(CONNECTION) or environment.get(f"{CONNECTION}__fullyQualifiedNamespace"):
        yield
        return
    with BrokerThread(CONFIG) as broker:
        environment[CONNECTION] = broker.connection_string
        yield
