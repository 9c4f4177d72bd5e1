"""The queues, topics and subscriptions of a broker, from Microsoft's emulator's Config.json; serves none of them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_UNSUPPORTED = ("RequiresSession", "ForwardTo", "ForwardDeadLetteredMessagesTo", "Rules")


class ConfigError(Exception):
    """The file cannot be read, or asks for what this broker does not do; the message says where."""


@dataclass(frozen=True)
class Subscription:
    """What a subscription, and a queue too, does with messages."""

    name: str
    lock_duration: timedelta = timedelta(minutes=1)
    max_delivery_count: int = 10
    default_time_to_live: timedelta | None = None
    dead_letter_expired: bool = False


@dataclass(frozen=True)
class Queue(Subscription):
    """A queue; `duplicate_window` None detects no duplicates."""

    duplicate_window: timedelta | None = None


@dataclass(frozen=True)
class Topic:
    """A topic; each of its subscriptions gets every message."""

    name: str
    subscriptions: Sequence[Subscription] = ()
    duplicate_window: timedelta | None = None
    default_time_to_live: timedelta | None = None


@dataclass(frozen=True)
class BrokerConfig:
    """A namespace."""

    queues: Sequence[Queue] = ()
    topics: Sequence[Topic] = ()
    idle_timeout: timedelta = field(default=timedelta(minutes=4))  # as the service announces


def read_config(path: Path) -> BrokerConfig:
    """The configuration in a file of the emulator's format; raises `ConfigError`."""
    try:
        (namespace,) = json.loads(path.read_text())["UserConfig"]["Namespaces"]
        queues = [_queue(entry["Name"], entry.get("Properties", {})) for entry in namespace.get("Queues", ())]
        topics = [_topic(entry) for entry in namespace.get("Topics", ())]
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path} is not a configuration of one namespace: {error!r}") from error
    return BrokerConfig(queues, topics)


def _topic(entry: Mapping[str, Any]) -> Topic:
    properties = entry.get("Properties", {})
    _check(entry["Name"], properties)
    subscriptions = [_subscription(each) for each in entry.get("Subscriptions", ())]
    return Topic(entry["Name"], subscriptions, _window(properties), _life(properties))


def _queue(name: str, properties: Mapping[str, Any]) -> Queue:
    _check(name, properties)
    return Queue(name, *_rules(properties), duplicate_window=_window(properties))


def _subscription(entry: Mapping[str, Any]) -> Subscription:
    _check(entry["Name"], entry)
    properties = entry.get("Properties", {})
    _check(entry["Name"], properties)
    return Subscription(entry["Name"], *_rules(properties))


def _rules(properties: Mapping[str, Any]) -> tuple[timedelta, int, timedelta | None, bool]:
    return (
        duration(properties.get("LockDuration", "PT1M")),
        int(properties.get("MaxDeliveryCount", 10)),
        _life(properties),
        bool(properties.get("DeadLetteringOnMessageExpiration", False)),
    )


def _window(properties: Mapping[str, Any]) -> timedelta | None:
    if not properties.get("RequiresDuplicateDetection", False):
        return None
    return duration(properties.get("DuplicateDetectionHistoryTimeWindow", "PT10M"))


def _life(properties: Mapping[str, Any]) -> timedelta | None:
    return duration(properties["DefaultMessageTimeToLive"]) if "DefaultMessageTimeToLive" in properties else None


def _check(name: str, properties: Mapping[str, Any]) -> None:
    wanted = [each for each in _UNSUPPORTED if properties.get(each)]
    if wanted:
        raise ConfigError(f"{name}: this broker does not support {' or '.join(wanted)}")


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of days and less ("PT1M", "P14D"); raises `ValueError`."""
    if text in {"P", "PT"} or not (match := _DURATION.fullmatch(text)):
        raise ValueError(f"{text!r} is not a duration")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
