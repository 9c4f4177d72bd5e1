"""What every source of token keys promises: the issuer's public signing keys by their id, and nothing else."""

from typing import Any

import jwt
import pytest

from shared.adapters.jwks import JwksKeys, StaticKeys
from shared.clock import SystemClock
from shared.ports import TokenKeys
from tests.conformance.jwks_server import JwksServer, ec_jwk, private_key, rsa_jwk

SECRET = {"kty": "oct", "kid": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "alg": "HS256"}
UNUSABLE: list[Any] = [
    SECRET,
    rsa_jwk("encryption", use="enc"),
    rsa_jwk("oaep", alg="RSA-OAEP"),
    rsa_jwk("hs", alg="HS256"),
    rsa_jwk("weak", of="weak"),
    rsa_jwk("private", d="AQAB"),
    rsa_jwk("broken", n="!"),
    rsa_jwk("number", kid=7),
    rsa_jwk("list-alg", alg=["RS256"]),
    {"kty": "RSA", "kid": "empty"},
    {"kty": ["RSA"], "kid": "list"},
    {"kty": "OKP", "crv": "Ed25519", "kid": "okp", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    "text",
    None,
]
DOCUMENT = {"keys": [*UNUSABLE, rsa_jwk("one"), rsa_jwk("two", of="two"), ec_jwk("curve")]}


@pytest.fixture(params=["static", "fetched"])
def keys(request: pytest.FixtureRequest, issuer: JwksServer) -> TokenKeys:
    """Every source of token keys, with the same document."""
    issuer.document = DOCUMENT
    return StaticKeys(DOCUMENT) if request.param == "static" else JwksKeys(issuer.url, SystemClock())


def _decoded(token: str, key: jwt.PyJWK | None, *algorithms: str) -> Any:
    assert key is not None
    return jwt.decode(token, key, algorithms)


def test_token_of_the_issuer_is_verified(keys: TokenKeys) -> None:
    """The key found by a token's key id checks that token, and refuses one signed by another key."""
    token = jwt.encode({"sub": "someone"}, private_key("one"), "RS256", {"kid": "one"})
    assert _decoded(token, keys.find("one"), "RS256") == {"sub": "someone"}
    with pytest.raises(jwt.InvalidSignatureError):
        _decoded(token, keys.find("two"), "RS256")


def test_key_is_bound_to_its_algorithm(keys: TokenKeys) -> None:
    """A token that names another algorithm than the key's is refused, even where that one is allowed."""
    token = jwt.encode({"sub": "someone"}, private_key("one"), "PS256", {"kid": "one"})
    with pytest.raises(jwt.InvalidAlgorithmError):
        _decoded(token, keys.find("one"), "RS256", "PS256", "ES256")


@pytest.mark.parametrize("key_id", ["unknown", "", "ONE", "one ", "x" * 10_000, "../jwks", "\x00"])
def test_unknown_key_id_finds_nothing(keys: TokenKeys, key_id: str) -> None:
    """An id the issuer does not publish has no key."""
    assert keys.find(key_id) is None


def test_only_public_signing_keys_count(keys: TokenKeys) -> None:
    """Secrets, encryption keys, private, weak, foreign and broken keys are passed over; good ones beside them work."""
    ids = [str(entry.get("kid")) for entry in UNUSABLE if isinstance(entry, dict)]
    assert [key_id for key_id in [*ids, "7"] if keys.find(key_id) is not None] == []
    assert keys.find("curve") is not None
