"""How the issuer's keys are fetched: seldom, safely, and in a way that outlives the issuer's outages."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.adapters.jwks import JwksKeys, KeysUnavailable
from shared.clock import FixedClock
from shared.errors import FailureKind, envelope_classes
from shared.settings import SettingsError
from tests.conformance.jwks_server import JwksServer, rsa_jwk


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def keys(issuer: JwksServer, clock: FixedClock) -> JwksKeys:
    """The keys of an issuer that publishes one, not yet asked for."""
    issuer.document = {"keys": [rsa_jwk("one")]}
    return JwksKeys(issuer.url, clock)


def test_known_key_is_fetched_once_an_hour(keys: JwksKeys, issuer: JwksServer, clock: FixedClock) -> None:
    """A known key costs one request an hour, however many tokens it checks."""
    for minutes in (0, 30, 29, 2, 30):
        clock.advance(timedelta(minutes=minutes))
        assert all(keys.find("one") is not None for _ in range(50))
    assert issuer.calls == 2


def test_random_key_ids_are_no_storm(keys: JwksKeys, issuer: JwksServer, clock: FixedClock) -> None:
    """A thousand tokens with made-up key ids cause one request a minute."""
    for minute in range(3):
        assert all(keys.find(f"{minute}-{number}") is None for number in range(1000))
        clock.advance(timedelta(seconds=60))
    assert issuer.calls == 3


def test_simultaneous_callers_share_one_request(keys: JwksKeys, issuer: JwksServer) -> None:
    """Sixteen first requests at once ask the issuer once, and all get the key."""
    with ThreadPoolExecutor(16) as threads:
        assert all(key is not None for key in threads.map(lambda _: keys.find("one"), range(16)))
    assert issuer.calls == 1


def test_new_key_is_found_after_a_minute(keys: JwksKeys, issuer: JwksServer, clock: FixedClock) -> None:
    """A key the issuer has just begun to use is accepted within a minute; one it gave up is not accepted any longer."""
    assert keys.find("one") is not None
    issuer.document = {"keys": [rsa_jwk("two")]}
    assert keys.find("two") is None
    clock.advance(timedelta(seconds=60))
    assert keys.find("two") is not None
    assert keys.find("one") is None


@pytest.mark.parametrize("fault", ["down", "error", "not json", "no keys", "a list", "huge", "moved"])
def test_old_keys_outlive_a_faulty_issuer(keys: JwksKeys, issuer: JwksServer, clock: FixedClock, fault: str) -> None:
    """Whatever the issuer answers instead of keys, those it gave before go on working, and it is not pestered."""
    assert keys.find("one") is not None
    _break(issuer, fault)
    clock.advance(timedelta(hours=2))
    assert all(keys.find("one") is not None for _ in range(10))
    assert all(keys.find("new") is None for _ in range(10))
    assert issuer.calls == (1 if fault == "down" else 2)


@pytest.mark.parametrize("fault", ["down", "error", "not json", "no keys", "a list", "huge", "moved"])
def test_issuer_that_never_answered_is_no_verdict_on_the_token(
    keys: JwksKeys, issuer: JwksServer, clock: FixedClock, fault: str
) -> None:
    """Without any keys a token is neither good nor bad: 503 with Retry-After, and a good answer heals it."""
    good = issuer.document
    _break(issuer, fault)
    for _ in range(5):
        with pytest.raises(KeysUnavailable) as failure:
            keys.find("one")
    assert (failure.value.status, failure.value.retry_after, failure.value.kind) == (503, 5, FailureKind.TRANSIENT)
    assert failure.value.code in {each.code for each in envelope_classes()}
    if fault != "down":
        issuer.document, issuer.raw, issuer.status = good, None, 200
        clock.advance(timedelta(seconds=5))
        assert keys.find("one") is not None


def _break(issuer: JwksServer, fault: str) -> None:
    if fault == "down":
        issuer._http.shutdown()
        issuer._http.server_close()
    issuer.status = {"error": 500, "moved": 302}.get(fault, 200)
    issuer.headers = {"Location": issuer.url} if fault == "moved" else {}
    bodies = {"not json": b"<html>", "no keys": b'{"keys": []}', "a list": b"[]", "huge": b" " * 1_100_000 + b"{}"}
    issuer.raw = bodies.get(fault)


def test_known_keys_do_not_wait_for_a_slow_issuer(keys: JwksKeys, issuer: JwksServer, clock: FixedClock) -> None:
    """While the issuer is slow to answer for an unknown id, people with known keys are let in at once."""
    assert keys.find("one") is not None
    clock.advance(timedelta(hours=2))
    issuer.hold.clear()
    slow = threading.Thread(target=keys.find, args=("unknown",))
    slow.start()
    while issuer.calls < 2:
        time.sleep(0.01)
    begun = time.monotonic()
    assert keys.find("one") is not None
    assert time.monotonic() - begun < 1
    issuer.hold.set()
    slow.join()


def test_silent_issuer_holds_nobody_for_long(issuer: JwksServer, clock: FixedClock) -> None:
    """An issuer that takes the request and says nothing holds a caller for the time-out, not for ever."""
    issuer.hold.clear()
    begun = time.monotonic()
    with pytest.raises(KeysUnavailable):
        JwksKeys(issuer.url, clock, timeout=timedelta(seconds=0.3)).find("one")
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("url", ["http://login.example/keys", "file:///etc/passwd", "ftp://127.0.0.1/keys", "keys", ""])
def test_keys_come_over_https_only(url: str, clock: FixedClock) -> None:
    """Keys that somebody on the way could replace are refused at the start; this machine is its own way."""
    with pytest.raises(SettingsError):
        JwksKeys(url, clock)
