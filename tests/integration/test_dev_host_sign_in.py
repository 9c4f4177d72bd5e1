"""The development sign-in: who gets a token, what the token holds, and who is turned away."""

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import httpx
import jwt
import pytest
from sqlalchemy import insert

from dev.sign_in import SignIn
from dev.sign_in_page import MOST_PER_GROUP
from dev.token_issuer import TokenIssuer, signing_key
from shared.access.token import subject_of
from shared.adapters.jwks import JwksKeys
from shared.clock import SystemClock
from shared.ports import Services
from shared.tables import banks, metadata, user_profiles
from shared.wiring import in_memory
from tests.integration.dev_host_server import anonymous_app, client_of

HOSTILE_NAME = "<img src=x onerror=alert(1)> & \"Ann\" 'O''Neil'"


def _profile(subject: str, name: str, role: str, bank: str | None = None, *, active: bool = True) -> dict[str, object]:
    return {
        "id": str(uuid4()),
        "subject": subject,
        "full_name": name,
        "role": role,
        "bank_id": bank,
        "active": active,
    }


@pytest.fixture(name="services", scope="module")
def _services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services, bank = in_memory(tmp_path_factory.mktemp("data")), str(uuid4())
    people = [
        _profile("eng-1", "Ed Engineer", "engineer"),
        _profile("adm-1", HOSTILE_NAME, "admin"),
        _profile("acc-1", "Ada Account", "account_manager"),
        _profile("bad-1", "Bo Bank", "bank_admin", bank),
        _profile("old-1", "Olga Old", "admin", active=False),
        *(_profile(f"eng-{number}", f"Engineer {number:03}", "engineer", bank) for number in range(100, 200)),
    ]
    with services.costar.transaction() as connection:
        metadata.create_all(connection)
        connection.execute(insert(banks).values(id=bank, name="Bank <A> & Sons", code="BA"))
        connection.execute(insert(user_profiles), people)
    yield services
    services.close()


@pytest.fixture(name="client", scope="module")
def _client(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("state")
    issuer = TokenIssuer(signing_key(folder / "key.pem"), services.settings, services.clock)
    with client_of(anonymous_app(), folder, before=SignIn(services.costar, issuer).routes()) as client:
        yield client


class _Page(HTMLParser):
    """The tags of a page, its subjects in order, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.subjects: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        fields = dict(attrs)
        if fields.get("name") == "subject":
            self.subjects.append(fields.get("value") or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_token_is_one_the_product_accepts(client: httpx.Client, services: Services) -> None:
    """A token verifies against the published keys and holds what the product asks of one, for eight hours."""
    answer = client.post("/dev/token", json={"subject": "acc-1"})
    token = answer.json()["access_token"]
    keys = JwksKeys(f"{client.base_url}/dev/jwks.json", SystemClock())
    key = jwt.PyJWKClient(f"{client.base_url}/dev/jwks.json").get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, ["RS256"], audience="reporting-dev", issuer="http://127.0.0.1/dev")
    assert answer.json() | {"access_token": ""} == {"access_token": "", "token_type": "Bearer", "expires_in": 28_800}
    assert subject_of(f"Bearer {token}", keys, services.settings) == "acc-1"
    assert (claims["oid"], claims["tid"], claims["name"]) == ("acc-1", "dev", "Ada Account")
    assert timedelta(seconds=claims["exp"] - claims["iat"]) == timedelta(hours=8)
    assert abs(datetime.fromtimestamp(claims["nbf"], UTC) - datetime.now(UTC)) < timedelta(seconds=10)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("subject", ["nobody", "old-1", ""])
def test_unknown_or_inactive_person_gets_no_token(client: httpx.Client, subject: str) -> None:
    """Only an active person can be chosen, whatever is posted."""
    answer = client.post("/dev/token", json={"subject": subject})
    assert answer.status_code == 404
    assert answer.json() == {"error": "There is no active person of this subject."}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"subject": 1}', b"\xff", b"x" * 20_000])
def test_odd_body_gets_no_token(client: httpx.Client, content: bytes) -> None:
    """A body that is neither form nor object is nobody's."""
    answer = client.post("/dev/token", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 404


def test_form_goes_back_with_the_token_in_the_fragment(client: httpx.Client) -> None:
    """The page's button leads to where the person came from, with the token where no server sees it."""
    answer = client.post("/dev/token", data={"subject": "adm-1", "return": "/history/rep_1?a=b"})
    place, _, fragment = answer.headers["location"].partition("#access_token=")
    assert (answer.status_code, place) == (303, "/history/rep_1?a=b")
    assert jwt.decode(fragment, options={"verify_signature": False})["oid"] == "adm-1"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "history", "/\t/evil.example",
     "javascript:alert(1)", "/a#access_token=x", "/\r\nX-Evil: 1", " /", "/ "],
)  # fmt: skip
def test_return_leads_nowhere_else(client: httpx.Client, target: str) -> None:
    """No value of `return` leads off this site or adds to the answer."""
    login = client.get("/dev/login", params={"return": target})
    token = client.post("/dev/token", data={"subject": "adm-1", "return": target})
    assert (login.status_code, token.status_code) == (400, 400)
    assert "location" not in token.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example", "Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Host": "127.0.0.1.evil.example"},
    ],
)
def test_other_page_gets_no_token(client: httpx.Client, headers: dict[str, str]) -> None:
    """A page of another site, or one whose name was pointed at this machine, gets no token."""
    answer = client.post("/dev/token", json={"subject": "adm-1"}, headers=headers)
    assert answer.status_code == 403
    assert "access_token" not in answer.text


def test_own_page_gets_a_token(client: httpx.Client) -> None:
    """The sign-in's own page is served, under each name of this machine."""
    host = f"localhost:{client.base_url.port}"
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/dev/token", data={"subject": "adm-1"}, headers=headers).status_code == 200
    # Browsers tell the page's origin with its form only under a policy that lets them.
    assert client.get("/dev/login").headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/dev/login", "/dev/people"])
def test_names_are_shown_on_this_machine_only(client: httpx.Client, path: str) -> None:
    """Under a foreign name nobody's name is shown."""
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 403


def test_page_lists_people_by_role_and_escapes_them(client: httpx.Client) -> None:
    """Administrators first, then account managers, engineers last and cut; a name is text, whatever is in it."""
    answer = client.get("/dev/login", params={"return": "/history"})
    page = _Page(answer.text)
    assert page.subjects[:3] == ["adm-1", "acc-1", "bad-1"]
    assert len(page.subjects) == 3 + MOST_PER_GROUP
    assert "and 61 more" in page.text
    assert HOSTILE_NAME in page.text
    assert "Bank <A> & Sons" in page.text
    assert page.tags.isdisjoint({"img", "script"})
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_search_finds_by_name_bank_or_subject(client: httpx.Client) -> None:
    """Every word of the search must be found, in any case; what was searched is text too."""
    by_name = _Page(client.get("/dev/login", params={"search": "ENGINEER 150"}).text)
    by_bank = _Page(client.get("/dev/login", params={"search": "sons bo"}).text)
    hostile = _Page(client.get("/dev/login", params={"search": '"><script>'}).text)
    assert by_name.subjects == ["eng-150"]
    assert by_bank.subjects == ["bad-1"]
    assert hostile.subjects == []
    assert "script" not in hostile.tags


def test_people_as_json(client: httpx.Client) -> None:
    """All active people, for programs."""
    people = client.get("/dev/people").json()["people"]
    assert len(people) == 104
    assert people[2] == {"subject": "bad-1", "name": "Bo Bank", "role": "bank_admin", "bank": "Bank <A> & Sons"}


def test_key_is_kept_and_private(tmp_path: Path) -> None:
    """The key outlives the host, so that a token does too, and only its owner can read it."""
    path = tmp_path / "state" / "key.pem"
    first, second = signing_key(path), signing_key(path)
    assert first.private_numbers() == second.private_numbers()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
