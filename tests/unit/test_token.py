"""Hostile tokens (A1): what is not a token of ours is refused, always in the same words; a good one is taken."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from shared.access.token import MAX_LENGTH, subject_of
from shared.adapters.jwks import StaticKeys
from shared.errors import Unauthenticated
from shared.settings import Settings

SETTINGS = Settings.load(
    {
        "DATABASE_URL": "sqlite:///x.db",
        "BLOB_ACCOUNT_URL": "https://account.example.net",
        "ServiceBusConnection": "Endpoint=sb://127.0.0.1",
        "ENTRA_TENANT_ID": "tenant",
        "ENTRA_AUDIENCE": "audience",
    }
)
SUBJECT = "subject-1"
HUGE_NUMBER = b'{"alg": %s}' % (b"9" * 5_000)


@cache
def _key(name: str) -> RSAPrivateKey:
    del name
    return generate_private_key(public_exponent=65_537, key_size=2_048)


def _jwk(name: str) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(_key(name).public_key(), as_dict=True), "kid": "ours", "use": "sig"}


@cache
def _keys() -> StaticKeys:
    return StaticKeys({"keys": [_jwk("ours")]})


def _claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    claims = {
        "iss": SETTINGS.token_issuer,
        "aud": "audience",
        "tid": "tenant",
        "oid": SUBJECT,
        "iat": now,
        "nbf": now,
        "exp": now + timedelta(hours=1),
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _token(claims: dict[str, Any] | None = None, key: str = "ours", **header: Any) -> str:
    return jwt.encode(_claims() if claims is None else claims, _key(key), "RS256", {"kid": "ours", **header})


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _plain_claims() -> dict[str, Any]:
    later = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
    return {"iss": SETTINGS.token_issuer, "aud": "audience", "tid": "tenant", "oid": SUBJECT, "iat": 1, "exp": later}


def _signed_with_the_public_key(algorithm: str) -> str:
    public = _key("ours").public_key()
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = f"{_part({'alg': algorithm, 'typ': 'JWT', 'kid': 'ours'})}.{_part(_plain_claims())}"
    digest = hmac.new(public.public_bytes(*form), text.encode(), hashlib.sha256).digest()
    return f"{text}.{_part(digest)}"


def _tampered() -> str:
    header, _, signature = _token().split(".")
    return f"{header}.{_part({**_plain_claims(), 'oid': 'admin'})}.{signature}"


HOSTILE: dict[str, Callable[[], str]] = {
    "none": lambda: f"{_part({'alg': 'none', 'kid': 'ours'})}.{_part(_plain_claims())}.",
    "None in capitals": lambda: f"{_part({'alg': 'NONE', 'kid': 'ours'})}.{_part(_plain_claims())}.",
    "no algorithm": lambda: f"{_part({'kid': 'ours'})}.{_part(_plain_claims())}.",
    "a list of algorithms": lambda: f"{_part({'alg': ['RS256'], 'kid': 'ours'})}.{_part(_plain_claims())}.x",
    "HS256 with the public key": lambda: _signed_with_the_public_key("HS256"),
    "HS256 called RS256": lambda: _signed_with_the_public_key("RS256"),
    "PS256 of our key": lambda: jwt.encode(_claims(), _key("ours"), "PS256", {"kid": "ours"}),
    "RS512 of our key": lambda: jwt.encode(_claims(), _key("ours"), "RS512", {"kid": "ours"}),
    "foreign key": lambda: _token(key="foreign"),
    "foreign key in jwk": lambda: _token(key="foreign", jwk=_jwk("foreign")),
    "foreign key in jku": lambda: _token(key="foreign", jku="http://127.0.0.1:9/jwks.json"),
    "foreign key in x5u": lambda: _token(key="foreign", x5u="http://127.0.0.1:9/cert.pem"),
    "foreign key in x5c": lambda: _token(key="foreign", x5c=["MIIB"]),
    "unknown kid": lambda: _token(kid="other"),
    "kid as a path": lambda: _token(kid="../../dev/null"),
    "kid as SQL": lambda: _token(kid="' OR 1=1 --"),
    "empty kid": lambda: _token(kid=""),
    "kid as a number": lambda: f"{_part({'alg': 'RS256', 'kid': 7})}.{_part(_plain_claims())}.x",
    "kid as an object": lambda: f"{_part({'alg': 'RS256', 'kid': {'a': 1}})}.{_part(_plain_claims())}.x",
    "critical extension": lambda: _token(crit=["exp"]),
    "tampered claims": _tampered,
    "no signature": lambda: _token().rpartition(".")[0] + ".",
    "expired": lambda: _token(_claims(exp=datetime.now(UTC) - timedelta(minutes=2))),
    "no exp": lambda: _token(_claims(exp=None)),
    "exp as text": lambda: _token(_claims(exp="never")),
    "no iat": lambda: _token(_claims(iat=None)),
    "issued in the future": lambda: _token(_claims(iat=datetime.now(UTC) + timedelta(minutes=5))),
    "not valid yet": lambda: _token(_claims(nbf=datetime.now(UTC) + timedelta(minutes=5))),
    "other audience": lambda: _token(_claims(aud="other")),
    "no audience": lambda: _token(_claims(aud=None)),
    "audience beginning like ours": lambda: _token(_claims(aud="audience2")),
    "other issuer": lambda: _token(_claims(iss="https://login.microsoftonline.com/other/v2.0")),
    "no issuer": lambda: _token(_claims(iss=None)),
    "other tenant": lambda: _token(_claims(tid="other")),
    "no tenant": lambda: _token(_claims(tid=None)),
    "no subject": lambda: _token(_claims(oid=None)),
    "empty subject": lambda: _token(_claims(oid="")),
    "long subject": lambda: _token(_claims(oid="x" * 51)),
    "subject as a number": lambda: _token(_claims(oid=7)),
    "subject as a list": lambda: _token(_claims(oid=[SUBJECT])),
    "huge": lambda: _token(_claims(more="x" * MAX_LENGTH)),
    "huge and no token": lambda: "a." * 5_000_000,
    "deep header": lambda: f"{_part(b'[' * 10_000)}.{_part(_plain_claims())}.x",
    "deep claims": lambda: f"{_part({'alg': 'RS256', 'kid': 'ours'})}.{_part(b'[' * 10_000)}.x",
    "header is a list": lambda: f"{_part([])}.{_part(_plain_claims())}.x",
    "claims are a list": lambda: f"{_part({'alg': 'RS256', 'kid': 'ours'})}.{_part([])}.x",
    "header is no JSON": lambda: f"{_part(b'{')}.{_part(_plain_claims())}.x",
    "header is no UTF-8": lambda: f"{_part(bytes([255, 254]))}.{_part(_plain_claims())}.x",
    "huge number in the header": lambda: f"{_part(HUGE_NUMBER)}.{_part(_plain_claims())}.x",
    "no dots": lambda: "abc",
    "one dot": lambda: "a.b",
    "five parts": lambda: "a.b.c.d.e",
    "empty parts": lambda: "..",
    "not ASCII": lambda: "tökén.é.ü",
    "emoji": lambda: "😀.😀.😀",
    "lone surrogate": lambda: "\ud800.\ud800.\ud800",
    "NUL": lambda: "\0.\0.\0",
    "line end": lambda: _token() + "\n" + _token(),
    "blanks": lambda: " ",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_token_is_refused(name: str) -> None:
    """The token is refused, and the sentence is always the same: it never says what was wrong."""
    with pytest.raises(Unauthenticated) as caught:
        subject_of(f"Bearer {HOSTILE[name]()}", _keys(), SETTINGS)
    assert str(caught.value) == str(Unauthenticated())
    assert caught.value.details is None


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer{}", "Token {}", "Bearer  "]
)
def test_other_headers_are_refused(header: str | None) -> None:
    """Without a bearer token nobody is signed in."""
    with pytest.raises(Unauthenticated):
        subject_of(header and header.format(_token()), _keys(), SETTINGS)


@given(st.text(), st.text(), st.text())
def test_any_text_is_refused(header: str, claims: str, signature: str) -> None:
    """No text at all gets past, and none raises anything else."""
    with pytest.raises(Unauthenticated):
        subject_of(f"Bearer {header}.{claims}.{signature}", _keys(), SETTINGS)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_good_token_tells_its_subject(scheme: str) -> None:
    """A token of our issuer for us gives its subject; the scheme's case does not matter (RFC 9110)."""
    assert subject_of(f"{scheme} {_token()}", _keys(), SETTINGS) == SUBJECT


def test_clocks_may_differ_a_little() -> None:
    """A token that expired half a minute ago, or begins in half a minute, still counts."""
    half = timedelta(seconds=30)
    late = _claims(exp=datetime.now(UTC) - half)
    early = _claims(iat=datetime.now(UTC) + half, nbf=datetime.now(UTC) + half)
    assert {subject_of(f"Bearer {_token(each)}", _keys(), SETTINGS) for each in (late, early)} == {SUBJECT}


def test_claims_about_roles_count_for_nothing() -> None:
    """Nothing but the subject is taken from a token, whatever else it claims."""
    claims = _claims(roles=["admin"], bank_id=None, preferred_username="boss")
    assert subject_of(f"Bearer {_token(claims)}", _keys(), SETTINGS) == SUBJECT
