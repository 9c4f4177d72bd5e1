"""The token issuer's public keys, fetched as a JWKS document and cached; judges no token."""

import json
import threading
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from shared.adapters.addresses import is_on_this_machine
from shared.clock import Clock
from shared.errors import FailureKind, InternalError
from shared.settings import SettingsError

if TYPE_CHECKING:
    from jwt import PyJWK

_LIFETIME = 3600.0  # seconds a document is served without asking again
_PAUSE = 60.0  # seconds between two look-ups, so that made-up key ids cannot become a storm of requests
_PAUSE_WITHOUT_KEYS = 5.0  # nobody can sign in: ask again sooner
_LARGEST = 1024 * 1024  # bytes of a document
_KEY_TYPES = ("RSA", "EC")  # tuples: a list of allowed values may be asked about anything that JSON can hold
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")


class KeysUnavailable(InternalError):
    """Sign-in cannot be checked at the moment; try again shortly."""

    status, kind = 503, FailureKind.TRANSIENT


class StaticKeys:
    """Keys of a JWKS document at hand: the twin of `JwksKeys`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Takes the document; keys that cannot check signatures are left out."""
        self._keys = signing_keys(document)

    def find(self, key_id: str) -> "PyJWK | None":
        """The key of this id, or None."""
        return self._keys.get(key_id)


class JwksKeys:
    """The issuer's published keys. Thread-safe: known keys never wait for the network of another caller."""

    def __init__(self, url: str, clock: Clock, timeout: timedelta = timedelta(seconds=3)) -> None:
        """Takes the document's address (https, or plain http on this machine only) and the limit of a network step."""
        self._url, self._clock, self._timeout = _checked(url), clock, timeout.total_seconds()
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched_at = self._asked_at = float("-inf")
        self._lock = threading.Lock()

    def find(self, key_id: str) -> "PyJWK | None":
        """The key of this id, or None where the issuer has none.

        It may take a few seconds of network: at most one look-up a minute for unknown ids, one an hour for known ones.
        Old keys are served while the issuer is down.

        Raises:
            KeysUnavailable: when no keys were ever fetched and the issuer does not give them now.

        """
        known = self._keys.get(key_id)
        if known is None:
            self._look_up(key_id)
        elif self._clock.monotonic() - self._fetched_at >= _LIFETIME:
            self._renew()
        if not self._keys:
            raise KeysUnavailable(retry_after=int(_PAUSE_WITHOUT_KEYS))
        return self._keys.get(key_id)

    def _look_up(self, key_id: str) -> None:
        with self._lock:
            if key_id not in self._keys:
                self._fetch()

    def _renew(self) -> None:
        """Renews an old document, unless another thread is about it: then the old one serves."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._fetch()
        finally:
            self._lock.release()

    def _fetch(self) -> None:
        now = self._clock.monotonic()
        if now - self._asked_at < (_PAUSE if self._keys else _PAUSE_WITHOUT_KEYS):
            return
        self._asked_at = now
        try:
            keys = signing_keys(_document(self._url, self._timeout))
        except (OSError, HTTPException, ValueError):
            return
        if keys:
            self._keys, self._fetched_at = keys, now


def signing_keys(document: object) -> "dict[str, PyJWK]":
    """The RSA and EC public signing keys of a JWKS document by id; anything else in it is left out."""
    listed = document.get("keys") if isinstance(document, Mapping) else None
    keys = (_signing_key(entry) for entry in listed) if isinstance(listed, list) else ()
    return {key.key_id: key for key in keys if key is not None and key.key_id}


def _signing_key(entry: object) -> "PyJWK | None":
    from jwt import PyJWK, PyJWTError

    if not isinstance(entry, dict) or not _is_public_signing_key(entry):
        return None
    try:
        key = PyJWK(entry)
    except PyJWTError:
        return None
    is_weak = key.Algorithm.check_key_length(key.key) is not None
    return None if is_weak or key.algorithm_name not in _ALGORITHMS else key


def _is_public_signing_key(entry: Mapping[str, Any]) -> bool:
    return (
        entry.get("kty") in _KEY_TYPES
        and entry.get("use", "sig") == "sig"
        and isinstance(entry.get("kid"), str)
        and entry.get("alg", "RS256") in _ALGORITHMS
        and "d" not in entry
    )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An issuer that moves is a change of settings, never a header's decision."""

    def redirect_request(self, *_request: object, **_named: object) -> None:
        """Follows nothing, so that the answer becomes an error."""


def _document(url: str, timeout: float) -> object:
    """The JSON at `url`; raises `OSError`, `HTTPException` or `ValueError` where it cannot be had."""
    with urllib.request.build_opener(_NoRedirect).open(url, timeout=timeout) as answer:
        body = answer.read(_LARGEST + 1)
    if len(body) > _LARGEST:
        raise ValueError("the document is too large to be a list of keys")
    return json.loads(body)


def _checked(url: str) -> str:
    scheme = urlsplit(url).scheme
    if scheme != "https" and not (scheme == "http" and is_on_this_machine(url)):
        raise SettingsError("Settings to correct: the token issuer's keys must be at an https address")
    return url
