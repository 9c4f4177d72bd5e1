"""A Service Bus broker for development and tests: AMQP 1.0 for the unmodified SDK; never part of a deployment.

It keeps everything in memory and has the faults a test asks for. What it does not do: sessions, transactions,
forwarding, subscription rules, TLS, web sockets, administration over HTTP.
"""

from dev.broker.command import configure, run
from dev.broker.config import BrokerConfig, ConfigError, Queue, Subscription, Topic, read_config
from dev.broker.faults import Faults
from dev.broker.server import BrokerServer, QueueState
from dev.broker.thread import BrokerThread

__all__ = [
    "BrokerConfig",
    "BrokerServer",
    "BrokerThread",
    "ConfigError",
    "Faults",
    "Queue",
    "QueueState",
    "Subscription",
    "Topic",
    "configure",
    "read_config",
    "run",
]
