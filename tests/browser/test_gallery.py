"""The photos of a call in a real browser: from the link in a file, by way of the sign-in, to the pictures."""

import csv
import io
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.product import Product
from tests.browser.test_page import _UNNAMED_CONTROLS
from tests.browser.visit import Visit
from tests.chaos.processes import eventually

_LEAST = 3  # photos of the call
_ALL_SHOWN = "document.images.length > 1 && [...document.images].every(each => each.naturalWidth > 0)"
_IS_SHOWN = "image => image.complete && image.naturalWidth > 0"


@dataclass(frozen=True)
class Evidence:
    """A call with several photos, and the link that a file has to them."""

    call: str
    bank: str
    photos: int
    link: str


@pytest.fixture(name="evidence", scope="module")
def _evidence(product: Product) -> Evidence:
    with product.person("admin") as admin:
        content = admin.file("call-details", {"period": "last_90_days"}, photoLinks="app").decode("utf-8-sig")
    row = next(row for row in csv.DictReader(io.StringIO(content)) if int(row["Photos Count"]) >= _LEAST)
    link = row["Photo URLs"].partition(";")[0]
    return Evidence(row["Call Number"], row["Client Bank"], int(row["Photos Count"]), link)


def _opened(visit: Visit, evidence: Evidence, person: str = "Asha Rangarajan") -> Page:
    visit.page.goto(evidence.link)
    visit.page.get_by_role("link", name="Sign in").click()
    visit.page.get_by_role("button", name=person).first.click()
    return visit.page


def _picture(page: Page) -> Locator:
    return page.locator(".picture img")


def test_a_link_in_a_file_leads_to_the_call_s_photos(visit: Visit, evidence: Evidence) -> None:
    """The link asks who it is, and then shows the first photo large and all of them beneath it."""
    page = _opened(visit, evidence)
    expect(page.get_by_role("heading", name=f"Photos of call {evidence.call}")).to_be_visible()
    expect(page.locator(".strip a")).to_have_count(evidence.photos)
    expect(page.locator(".caption")).to_contain_text(f"1 of {evidence.photos}")
    eventually("every picture is there", lambda: page.evaluate(_ALL_SHOWN))
    assert _picture(page).evaluate(_IS_SHOWN)
    assert page.url == evidence.link, "the token stayed in the address, or the page left it"


def test_buttons_keys_and_thumbnails_go_through_the_photos(visit: Visit, evidence: Evidence) -> None:
    """Each way of choosing shows that photo, names it in the address, and ends at the first and the last one."""
    page = _opened(visit, evidence)
    caption, last = page.locator(".caption"), evidence.photos
    page.get_by_role("button", name="Next photo").click()
    expect(caption).to_contain_text(f"2 of {last}")
    assert page.url != evidence.link
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(caption).to_contain_text(f"1 of {last}")
    assert page.url == evidence.link
    page.locator(".strip a").last.focus()
    page.keyboard.press("Enter")
    expect(caption).to_contain_text(f"{last} of {last}")
    expect(page.locator(".strip a[aria-current]")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text(f"{last} of {last}")
    page.reload()
    expect(caption).to_contain_text(f"{last} of {last}")


def test_a_picture_opens_alone(visit: Visit, evidence: Evidence) -> None:
    """The picture opens in a tab of its own, straight from storage, and knows nothing of the page."""
    page = _opened(visit, evidence)
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Open alone").click()
    alone = opening.value
    alone.wait_for_load_state()
    assert alone.evaluate("document.contentType") == "image/jpeg"
    assert alone.evaluate("[document.referrer, window.opener]") == ["", None]


def test_a_foreign_photo_is_told_like_one_that_is_not_there(visit: Visit, evidence: Evidence, product: Product) -> None:
    """Another bank's administrator reads the same sentence at this link and at one of nothing, and no call number."""
    with product.person("admin") as admin:
        people = admin.http.get("/dev/people").json()["people"]
    other = next(each["name"] for each in people if each["role"] == "bank_admin" and each["bank"] != evidence.bank)
    page = _opened(visit, evidence, other)
    expect(page.get_by_role("alert")).to_contain_text("There is no such photo, or it is not yours.")
    assert evidence.call not in page.content()
    page.goto(f"{visit.url}/photos/nothing")
    expect(page.get_by_role("alert")).to_contain_text("There is no such photo, or it is not yours.")


def test_a_missing_picture_is_told(visit: Visit, evidence: Evidence) -> None:
    """A picture that storage does not have leaves a sentence, and the gallery works."""
    visit.page.route(re.compile(r"\.jpg\?"), lambda route: route.fulfill(status=404))
    page = _opened(visit, evidence)
    expect(page.get_by_text("This picture is not in storage.")).to_be_visible()
    page.get_by_role("button", name="Next photo").click()
    expect(page.locator(".caption")).to_contain_text(f"2 of {evidence.photos}")


def test_links_that_ran_out_are_fetched_again(visit: Visit, evidence: Evidence) -> None:
    """A gallery left open for longer than its links work goes on when somebody comes back to it."""
    visit.page.clock.install()
    page = _opened(visit, evidence)
    expect(page.locator(".caption")).to_be_visible()
    page.clock.fast_forward("11:00")
    with page.expect_response("**/functions/v1/photos/*") as answer:
        page.keyboard.press("ArrowRight")
    assert answer.value.json()["url"]
    expect(page.locator(".caption")).to_contain_text(f"2 of {evidence.photos}")


def test_the_gallery_fits_every_screen(visit: Visit, evidence: Evidence) -> None:
    """Nothing is cut off sideways and every control has a name, on a phone as on a wide screen."""
    page = _opened(visit, evidence)
    expect(page.locator(".caption")).to_be_visible()
    for width in (360, 768, 1400):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_UNNAMED_CONTROLS) == []


def test_the_page_takes_pictures_from_storage_only(browser: Browser, product: Product) -> None:
    """The policy of the page names its own origin and storage's for pictures, and no other."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(product.url)
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content") or ""
    context.close()
    (pictures,) = (part.split() for part in policy.split("; ") if part.startswith("img-src"))
    own, storage = pictures[1:]
    assert own == "'self'"
    assert storage.startswith("http://127.0.0.1:")
    assert storage != product.url
