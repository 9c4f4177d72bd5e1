"""A person at the web page: opens it, signs in, asks for files, and notes what the browser complains about."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Route

_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
SUBMISSION = "**/functions/v1/generate-report"


class Visit:
    """One person in one tab."""

    def __init__(self, url: str, page: Page) -> None:
        """Begins at `url`; a refusal of the server is an answer, anything else on the console a complaint."""
        self.url, self.page = url, page
        self.complaints: list[str] = []
        self.hosts: set[str | None] = set()
        self.submissions: list[Request] = []
        page.set_default_timeout(10_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)
        page.goto(url)

    def sign_in(self, name: str = "Asha Rangarajan") -> None:
        """Signs in through the development sign-in, and arrives where the visit began."""
        self.page.get_by_role("link", name="Sign in").click()
        self.page.get_by_role("button", name=name).click()
        self.page.get_by_role("navigation", name="Reports").wait_for()

    def open_report(self, name: str = "Call Details") -> None:
        """Signs in as the administrator and opens a report's form."""
        self.sign_in()
        self.page.get_by_role("link", name=name, exact=True).click()
        self.page.get_by_role("heading", name=name, level=1).wait_for()

    def choose(self, text: str) -> None:
        """Takes one of the choices that stand side by side."""
        self.page.locator(".segments").get_by_text(text, exact=True).click()

    def create_file(self, file_format: str = "CSV") -> Locator:
        """Asks for the file; the card in the list of this session's files."""
        self.choose(file_format)
        self.page.get_by_role("button", name="Create file").click()
        return self.page.get_by_role("complementary").get_by_role("listitem").first

    def download(self, card: Locator, folder: Path) -> Path:
        """Waits until the file is ready, and takes it."""
        with self.page.expect_download() as download:
            card.get_by_role("link", name="Download").click()
        target = folder / download.value.suggested_filename
        download.value.save_as(target)
        return target

    def in_background(self) -> None:
        """From now on the server answers at once and makes files in the background, small ones as well."""
        self.page.route(SUBMISSION, _without_waiting)

    def sent(self) -> Mapping[str, Any]:
        """The body of the last request for a file."""
        body = self.submissions[-1].post_data_json
        assert isinstance(body, dict)
        return body

    def keys(self) -> list[str]:
        """The idempotency keys of all requests for files, in order."""
        return [request.headers["idempotency-key"] for request in self.submissions]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _REFUSAL.match(message.text):
            self.complaints.append(message.text)

    def _see(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).hostname)
        if request.url.endswith("/generate-report"):
            self.submissions.append(request)


def _without_waiting(route: Route) -> None:
    route.continue_(headers={**route.request.headers, "prefer": "respond-async"})
