"""Answers put-token requests on $cbs: checks shared access signatures; issues none and keeps none."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from dev.broker.errors import BrokerError, bad_argument, unauthorized
from dev.broker.namespace import path_of

_SCHEME = "SharedAccessSignature "


class TokenCheck:
    """The one shared access policy of a namespace: with its key one may do everything."""

    def __init__(self, policy: str, key: str) -> None:
        """Takes the policy's name and key, as they stand in the connection string."""
        self._policy, self._key = policy, key

    def grant(self, request: Mapping[str, Any], token: Any, now: float) -> tuple[str, float]:
        """The path that a put-token request opens, and until when; raises `BrokerError`."""
        if request.get("operation") != "put-token":
            raise BrokerError("amqp:not-implemented", "This node only knows put-token.", 501)
        audience = request.get("name")
        if not isinstance(audience, str) or not isinstance(token, str):
            raise bad_argument("put-token needs a name and a token.")
        path, until = path_of(audience), self._checked(token, path_of(audience))
        if until < now:
            raise unauthorized("ExpiredToken: The token is expired.")
        return path, until

    def _checked(self, token: str, path: str) -> int:
        """When a well signed token for the path ends."""
        parts = dict(part.partition("=")[::2] for part in token.removeprefix(_SCHEME).split("&"))
        resource, end = parts.get("sr", ""), parts.get("se", "")
        digest = hmac.digest(self._key.encode(), f"{resource}\n{end}".encode(), "sha256")
        signed = hmac.compare_digest(b64encode(digest), unquote_plus(parts.get("sig", "")).encode())
        if not token.startswith(_SCHEME) or not signed or unquote_plus(parts.get("skn", "")) != self._policy:
            raise unauthorized("InvalidSignature: The token has an invalid signature.")
        if not end.isdecimal() or not covers(path_of(unquote_plus(resource)), path):
            raise unauthorized("InvalidAudience: The token is for something else.")
        return int(end)


def covers(granted: str, path: str) -> bool:
    """Whether a token for one path is good for another: for itself and all that lies below."""
    return not granted or path == granted or path.startswith(granted + "/")
