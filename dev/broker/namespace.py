"""The entities of a broker by their addresses, joined as the configuration says; opens no link and sets no timer."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from dev.broker.config import BrokerConfig, Queue, Subscription, Topic
from dev.broker.errors import entity_not_found
from dev.broker.intake import Intake
from dev.broker.message import Message
from dev.broker.store import Store

DEAD_LETTERS = "$deadletterqueue"


class Entity(NamedTuple):
    """What an address names: an intake can be sent to, a store received from; a queue has both."""

    path: str
    intake: Intake | None = None
    store: Store | None = None

    @property
    def parts(self) -> Sequence[Intake | Store]:
        """What changes by itself when time passes."""
        return [part for part in (self.intake, self.store) if part is not None]

    def peek(self) -> list[Message]:
        """Every message that can be browsed here, by number."""
        messages = (self.store.peek() if self.store else []) + list(self.intake.scheduled if self.intake else ())
        return sorted(messages, key=lambda message: message.sequence)


def path_of(address: str) -> str:
    """The path that an address or a URL names, in lower case: names differ in more than case."""
    path = urlsplit(address).path if "://" in address else address
    return path.strip("/").lower()


class Namespace:
    """All entities."""

    def __init__(self, config: BrokerConfig) -> None:
        """Makes every entity of the configuration, empty."""
        made = [*map(_queue, config.queues), *map(_topic, config.topics)]
        self._entities = {entity.path: entity for entities in made for entity in entities}

    def find(self, address: str) -> Entity:
        """The entity at an address or URL; raises `BrokerError`."""
        path = path_of(address)
        try:
            return self._entities[path]
        except KeyError:
            raise entity_not_found(path) from None

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities.values())


def _queue(rules: Queue) -> list[Entity]:
    store, numbers = _store(rules), itertools.count(1)
    intake = Intake(rules.duplicate_window, store.add, lambda: next(numbers))
    return _entities(rules.name, store, intake)


def _topic(rules: Topic) -> list[Entity]:
    subscriptions = [(rule, _store(rule, rules.default_time_to_live)) for rule in rules.subscriptions]
    numbers, copies = itertools.count(1), itertools.count(1)

    def accept(message: Message, now: float) -> None:
        for _, store in subscriptions:
            copy = message.copy()
            copy.sequence = next(copies)
            store.add(copy, now)

    topic = Entity(path_of(rules.name), Intake(rules.duplicate_window, accept, lambda: next(numbers)))
    below = [_entities(f"{rules.name}/subscriptions/{rule.name}", store) for rule, store in subscriptions]
    return [topic, *itertools.chain.from_iterable(below)]


def _store(rules: Subscription, longest_life: timedelta | None = None) -> Store:
    lives = [life for life in (rules.default_time_to_live, longest_life) if life is not None]
    dead_letters = Store(Subscription(rules.name, rules.lock_duration))
    return Store(rules, dead_letters, min(lives, default=None))


def _entities(name: str, store: Store, intake: Intake | None = None) -> list[Entity]:
    path = path_of(name)
    return [Entity(path, intake, store), Entity(f"{path}/{DEAD_LETTERS}", store=store.dead_letters)]
