"""The development sign-in, below `/dev`: its page, its tokens and its keys; mounted by the development host only.

Whoever can ask here is anybody he likes, so it answers to names of this machine only (another name would be a page that
had its own name point here) and gives no token to another site's page.
"""

import asyncio
import json
import re
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dev.people import active_people, find_person
from dev.sign_in_page import sign_in_page
from dev.token_issuer import LIFETIME, TokenIssuer
from shared.ports import Database

_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "[::1]"})
_FORM = "application/x-www-form-urlencoded"
_LONGEST_BODY = 16_384
_PATH_OF_THIS_SITE = re.compile(r"/(?!/)[^\\\x00-\x20\x7f#]*")  # browsers read `\` as `/`, and drop tabs and line ends
# With `no-referrer` a browser sends its own page's form with `Origin: null`, which looks like another site's.
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"


class SignIn:
    """The sign-in over the people of one database and one issuer."""

    def __init__(self, people: Database, issuer: TokenIssuer) -> None:
        """Takes the CoSTAR database and what signs the tokens."""
        self._people, self._issuer = people, issuer

    def routes(self) -> list[Route]:
        """The routes, with their whole paths."""
        return [
            Route("/dev/login", self._login),
            Route("/dev/people", self._list),
            Route("/dev/token", self._token, methods=["POST"]),
            Route("/dev/jwks.json", self._keys),
        ]

    async def _login(self, request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        return_path = request.query_params.get("return", "/")
        if not _PATH_OF_THIS_SITE.fullmatch(return_path):
            return _problem(400, "The parameter return must be a path of this site, such as /history.")
        people = await asyncio.to_thread(active_people, self._people)
        page = sign_in_page(people, return_path, request.query_params.get("search", ""))
        return HTMLResponse(page, headers={**_PRIVATE, "Content-Security-Policy": _PAGE_POLICY})

    async def _list(self, request: Request) -> Response:
        if refusal := _refusal(request):
            return refusal
        people = await asyncio.to_thread(active_people, self._people)
        return JSONResponse({"people": [person.as_json() for person in people]}, headers=_PRIVATE)

    async def _token(self, request: Request) -> Response:
        """A token as JSON; as a redirect with the token in the fragment where the form says where to return."""
        if refusal := _refusal(request):
            return refusal
        wish = await _wish(request)
        return_path = wish.get("return", "")
        if return_path and not _PATH_OF_THIS_SITE.fullmatch(return_path):
            return _problem(400, "The field return must be a path of this site, such as /history.")
        person = await asyncio.to_thread(find_person, self._people, wish.get("subject", ""))
        if person is None:
            return _problem(404, "There is no active person of this subject.")
        token = self._issuer.token(person.subject, person.name)
        if return_path:
            return RedirectResponse(f"{return_path}#access_token={token}", 303, headers=_PRIVATE)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds())}
        return JSONResponse(answer, headers=_PRIVATE)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse(self._issuer.key_set())


def _refusal(request: Request) -> Response | None:
    """An answer to whoever must not ask, told by what only a browser can set and a page cannot."""
    host = request.headers.get("host", "")
    if host.rpartition(":")[0] not in _THIS_MACHINE and host not in _THIS_MACHINE:
        return _problem(403, "Open the sign-in under an address of this machine, such as http://127.0.0.1.")
    origin = request.headers.get("origin", f"{request.url.scheme}://{host}")
    site = request.headers.get("sec-fetch-site", "none")
    if request.method == "POST" and (origin != f"{request.url.scheme}://{host}" or site not in {"same-origin", "none"}):
        return _problem(403, "Only the sign-in's own page may ask for a token.")
    return None


async def _wish(request: Request) -> dict[str, str]:
    """The fields of a small form or JSON object; what is neither has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY:
            return {}
    try:
        if request.headers.get("content-type", "").startswith(_FORM):
            return {name: values[-1] for name, values in parse_qs(body.decode()).items()}
        fields: Any = json.loads(body)
    except ValueError:
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)} if isinstance(fields, dict) else {}


def _problem(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, headers=_PRIVATE)
