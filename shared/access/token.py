"""Checks a bearer token's signature, issuer, audience, tenant and times; decides nothing but who the subject is."""

from datetime import timedelta
from typing import Any

from shared.errors import Unauthenticated
from shared.ports import TokenKeys
from shared.settings import Settings

ALGORITHMS = ("RS256",)  # Entra ID's; an allow-list, so that `none` and HS256 with a public key are refused
MAX_LENGTH = 16_384
_CLOCK_SKEW = timedelta(seconds=60)
_REQUIRED = ("exp", "iat", "iss", "aud", "oid", "tid")


def subject_of(authorization: str | None, keys: TokenKeys, settings: Settings) -> str:
    """The subject (`oid`) of an `Authorization: Bearer` header.

    Raises:
        Unauthenticated: the header is missing, or its token is not one of ours; the message never says why.

    """
    claims = _verified(_bearer(authorization), keys, settings)
    subject = claims["oid"]
    if claims["tid"] != settings.token_tenant or not isinstance(subject, str) or not 0 < len(subject) <= 50:  # noqa: PLR2004 key length
        raise Unauthenticated
    return subject


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= MAX_LENGTH:
        raise Unauthenticated
    return token.strip()


def _verified(token: str, keys: TokenKeys, settings: Settings) -> dict[str, Any]:
    """Only `kid` and `alg` are read from the header: keys that a token brings or links to count for nothing."""
    import jwt

    try:
        header = jwt.get_unverified_header(token)
        key = keys.find(str(header.get("kid", ""))) if header.get("alg") in ALGORITHMS else None
        if key is None:
            raise Unauthenticated
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            leeway=_CLOCK_SKEW,
            options={"require": list(_REQUIRED)},
        )
    except (jwt.PyJWTError, ValueError, RecursionError):  # the last two: hostile JSON inside
        raise Unauthenticated from None
    return claims
