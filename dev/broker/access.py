"""What one connection may use, by the tokens it has shown; checks no signature itself."""

from typing import Any

from dev.broker.amqp.types import Int
from dev.broker.broker import Broker
from dev.broker.errors import BrokerError, unauthorized
from dev.broker.requests import Request
from dev.broker.tokens import covers


class Access:
    """Begins without any right."""

    def __init__(self, broker: Broker) -> None:
        """Takes the broker whose tokens count."""
        self._broker = broker
        self._grants: dict[str, float] = {}

    def put_token(self, request: Request) -> dict[str, Any]:
        """Answers a put-token request; unknown entities are refused here already, as the service does."""
        try:
            path, until = self._broker.tokens.grant(request.properties, request.body, self._broker.clock())
            if path:
                self._broker.find(path)
        except BrokerError as error:
            return {"status-code": Int(error.status), "status-description": error.text}
        self._grants[path] = until
        return {"status-code": Int(202), "status-description": "Accepted"}

    def check(self, path: str) -> None:
        """Raises `BrokerError` unless a token that is still good covers the path."""
        now = self._broker.clock()
        if not any(covers(granted, path) and until > now for granted, until in self._grants.items()):
            raise unauthorized(f"Unauthorized access: no token covers {path}.")
