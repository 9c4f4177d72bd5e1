"""Fixtures of the browser tests: the running product, Debian's Chromium, and a visit that is watched for complaints."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.product import Product
from tests.browser.visit import Visit

CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The development host with 2,000 sample calls."""
    folder = tmp_path_factory.mktemp("browser")
    with Product(folder / "state", arguments=("--calls", "2000")) as running:
        yield running


@pytest.fixture(scope="package")  # while Playwright runs, no other test could run an event loop
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each test has a profile of its own in it."""
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"no browser at {CHROMIUM}; found: {shutil.which('chromium')}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(product: Product, browser: Browser) -> Iterator[Visit]:
    """A visit to the page, not signed in, on a wide screen; at its end nobody may have complained."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, timezone_id="Asia/Kolkata")
    watched = Visit(product.url, context.new_page())
    yield watched
    context.close()
    assert watched.complaints == []
    assert watched.hosts <= {"127.0.0.1"}
