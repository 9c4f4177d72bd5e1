"""The development issuer: a key pair kept in the state folder, the tokens it signs and the key set it publishes.

Never part of a deployment: production refuses its issuer, and nothing outside `dev` imports it.
"""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from shared.clock import Clock
from shared.settings import Settings

LIFETIME = timedelta(hours=8)
_ALGORITHM = "RS256"
_OWNER_ONLY = 0o600


class TokenIssuer:
    """Signs tokens for the subject it is asked for; whether that person may sign in is the caller's matter."""

    def __init__(self, key: RSAPrivateKey, settings: Settings, clock: Clock) -> None:
        """Takes the private key, and the settings that say what a token must hold to be accepted."""
        self._key, self._settings, self._clock = key, settings, clock
        self._public: dict[str, Any] = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        self._key_id = sha256(self._public["n"].encode()).hexdigest()[:16]

    def token(self, subject: str, name: str) -> str:
        """A signed token of `LIFETIME` for a subject, with the name for show."""
        now = self._clock.now()
        claims = {
            "iss": self._settings.token_issuer,
            "aud": self._settings.token_audience,
            "tid": self._settings.token_tenant,
            "oid": subject,
            "name": name,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"kid": self._key_id})

    def key_set(self) -> dict[str, Any]:
        """The public key as a JWK set."""
        public = {name: self._public[name] for name in ("kty", "n", "e")}
        return {"keys": [{**public, "use": "sig", "alg": _ALGORITHM, "kid": self._key_id}]}


def signing_key(path: Path) -> RSAPrivateKey:
    """The key in the file, which is made at the first call and readable by its owner only."""
    if not path.exists():
        _write_new(path, generate_private_key(public_exponent=65_537, key_size=2_048))
    return cast("RSAPrivateKey", serialization.load_pem_private_key(path.read_bytes(), password=None))


def _write_new(path: Path, key: RSAPrivateKey) -> None:
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(_OWNER_ONLY, exist_ok=False)
    path.write_bytes(text)
