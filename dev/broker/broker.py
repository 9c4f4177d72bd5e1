"""What all connections of a broker share: entities, keys, faults, the clock; opens no socket."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dev.broker.config import BrokerConfig
from dev.broker.dispatcher import Dispatcher
from dev.broker.namespace import Namespace
from dev.broker.store import Store
from dev.broker.tokens import TokenCheck


@dataclass
class Switches:
    """The faults that last until they are taken back."""

    silent: bool = False
    server_busy: bool = False
    lost_answers: bool = False


class Broker:
    """The state behind the connections, all of it in memory; to be used in the thread of its event loop only."""

    def __init__(self, config: BrokerConfig, policy: str, key: str, clock: Callable[[], float] = time.time) -> None:
        """Takes the shared access policy, and a clock that tells seconds since 1970."""
        self.config, self.clock = config, clock
        self.tokens, self.switches = TokenCheck(policy, key), Switches()
        self._namespace = Namespace(config)
        self._dispatchers = {entity.path: Dispatcher(entity, clock) for entity in self._namespace}

    @property
    def stores(self) -> list[Store]:
        """What can be received from."""
        return [entity.store for entity in self._namespace if entity.store is not None]

    def find(self, address: str) -> Dispatcher:
        """The dispatcher of the entity at an address; raises `BrokerError`."""
        return self._dispatchers[self._namespace.find(address).path]

    def wake(self) -> None:
        """Lets every entity look at its receivers again."""
        for dispatcher in self._dispatchers.values():
            dispatcher.wake()

    def clear(self) -> None:
        """Forgets every message."""
        for entity in self._namespace:
            for part in entity.parts:
                part.clear()

    def stop(self) -> None:
        """Ends every alarm."""
        for dispatcher in self._dispatchers.values():
            dispatcher.stop()
