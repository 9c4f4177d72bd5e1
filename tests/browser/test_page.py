"""The web page in a real browser, against the running product."""

import re
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Route, expect

from tests.browser.visit import SUBMISSION, Visit
from tests.chaos.processes import eventually

_UNNAMED_CONTROLS = """
[...document.querySelectorAll("input, select, textarea, button, a")]
    .filter((control) => !control.labels?.length && !control.ariaLabel && !control.textContent.trim())
    .map((control) => control.outerHTML)
"""
_CONTRASTS = """
(pairs) => {
    const style = getComputedStyle(document.documentElement);
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const light = (name) => {
        canvas.fillStyle = name.startsWith("--") ? style.getPropertyValue(name) : name;
        canvas.fillRect(0, 0, 1, 1);
        const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
        const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        const [red, green, blue] = parts.map(linear);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
    };
    return pairs.map(([one, other]) => Math.max(light(one), light(other)) / Math.min(light(one), light(other)));
}
"""
_TEXTS = (
    *(("--ink", ground) for ground in ("--surface", "--ground", "--raised", "--tint", "--bad-tint")),
    *(("--soft", ground) for ground in ("--surface", "--ground", "--raised", "--tint", "--bad-tint")),
    *(("--link", ground) for ground in ("--surface", "--ground", "--tint")),
    *(("--bad", "--surface"), ("#fff", "--brand"), ("#fff", "--brand-strong")),
)
_SHAPES = (("--edge", "--surface"), ("--edge", "--ground"), ("--bad", "--bad-tint"), ("--good", "--tint"))


def test_an_administrator_gets_the_calls_of_30_days_as_csv(visit: Visit, tmp_path: Path) -> None:
    """Sign in, choose a report, get the file: its first line holds the headings."""
    visit.open_report()
    expect(visit.page.get_by_text("Asha Rangarajan")).to_be_visible()
    expect(visit.page.get_by_role("combobox", name="Period")).to_have_value("last_30_days")
    card = visit.create_file()
    file = visit.download(card, tmp_path)
    first_line = file.read_text("utf-8-sig").splitlines()[0]
    assert first_line.startswith("Call Number,Call Type,Status,Priority,Client Bank,")
    request = visit.sent()
    assert (request["reportId"], request["params"]) == ("call-details", {"period": "last_30_days"})
    assert request["output"]["format"] == "csv"
    expect(card).to_contain_text(file.name)
    expect(card).to_contain_text("rows")
    expect(card).to_contain_text("The link works until")


def test_photos_and_sheets_are_explained_choices(visit: Visit, tmp_path: Path) -> None:
    """Pictures in the file, and every sheet of a CSV, are asked for in the form, which says what they are."""
    visit.open_report()
    visit.page.get_by_text("More about the file").click()
    photos = visit.page.get_by_role("checkbox", name="Include photos")
    expect(photos).to_have_accessible_description(re.compile("pictures into the file"))
    photos.check()
    expect(visit.page.get_by_role("group", name="Photo format")).to_contain_text("small pictures")
    visit.choose("Embed")
    expect(visit.page.get_by_role("group", name="CSV sheets")).to_contain_text("zip with a manifest")
    visit.choose("All")
    file = visit.download(visit.create_file(), tmp_path)
    output = visit.sent()["output"]
    assert (output["includePhotos"], output["photoFormat"], output["csvSheets"]) == (True, "embed", "all")
    assert file.suffix == ".zip"
    with ZipFile(file) as archive:
        assert archive.namelist()[0] == "01 Call Details.csv"
        assert archive.namelist()[-1] == "manifest.json"


def test_a_file_in_the_background_shows_progress_and_survives_a_reload(visit: Visit, tmp_path: Path) -> None:
    """A job goes on without the page, and the page finds it again."""
    visit.open_report()
    assert "#" not in visit.page.url, "the token stayed in the address"
    visit.in_background()
    card = visit.create_file()
    expect(card.get_by_role("progressbar")).to_be_visible()
    eventually("the page keeps the job", lambda: "jobId" in str(visit.page.evaluate("sessionStorage.sessionFiles")))
    visit.page.reload()
    assert visit.download(card, tmp_path).stat().st_size > 1_000
    assert len(visit.submissions) == 1


def test_several_files_stand_newest_first(visit: Visit) -> None:
    """The list holds every file of the session, and one can be taken off it."""
    visit.open_report()
    cards = visit.page.get_by_role("complementary").get_by_role("listitem")
    for period in ("last_7_days", "last_90_days"):
        visit.page.get_by_role("combobox", name="Period").select_option(period)
        expect(visit.create_file().get_by_role("link", name="Download")).to_be_visible()
    expect(cards).to_have_count(2)
    newest = cards.first.get_by_role("heading").inner_text()
    visit.page.get_by_role("button", name=f"Remove {newest} from this list").click()
    expect(cards).to_have_count(1)
    expect(cards.first).not_to_contain_text(newest)


def test_a_lost_request_is_sent_again_under_its_key(visit: Visit, tmp_path: Path) -> None:
    """A connection that breaks costs a pause, not a second job."""

    def lose_the_first(route: Route) -> None:
        if len(visit.submissions) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    visit.open_report()
    visit.page.route(SUBMISSION, lose_the_first)
    card = visit.create_file()
    expect(card).to_contain_text("The server cannot be reached; trying again")
    assert visit.download(card, tmp_path).exists()
    first, second = visit.keys()
    assert first == second
    visit.complaints.remove("Failed to load resource: net::ERR_CONNECTION_RESET")


def test_dates_in_the_wrong_order_are_told_at_the_dates(visit: Visit) -> None:
    """A problem stands at its field, which is moved to, and goes when the field is changed."""
    visit.open_report()
    visit.choose("Dates")
    visit.page.get_by_label("Date from").fill("2026-11-02")
    visit.page.get_by_label("Date to").fill("2026-11-01")
    visit.page.get_by_role("button", name="Create file").click()
    dates = visit.page.get_by_role("group", name="Dates")
    expect(dates).to_have_accessible_description("“Date from” must not be after “Date to”.")
    expect(visit.page.get_by_role("alert")).to_contain_text("INVALID_PARAMETERS")
    expect(visit.page.get_by_role("complementary").get_by_role("listitem")).to_have_count(0)
    expect(visit.page.get_by_label("Date from")).to_be_focused()
    visit.page.get_by_label("Date from").fill("2026-10-02")
    expect(dates).not_to_contain_text("must not be after")


def test_a_span_that_is_too_long_is_told_at_the_last_day(visit: Visit) -> None:
    """A problem of one of two dates stands at that one."""
    visit.open_report()
    visit.choose("Dates")
    visit.page.get_by_label("Date from").fill("2024-01-01")
    visit.page.get_by_label("Date to").fill("2026-01-01")
    visit.page.get_by_role("button", name="Create file").click()
    expect(visit.page.get_by_label("Date to")).to_have_accessible_description("The dates may span at most 366 days.")
    expect(visit.page.get_by_label("Date to")).to_be_focused()


def test_filters_send_what_is_ticked_and_nothing_else(visit: Visit) -> None:
    """A filter without a tick is left out of the request; a searched one sends ids."""
    visit.open_report()
    visit.page.get_by_role("button", name="Banks").click()
    visit.page.get_by_label("Search banks").fill("himal")
    visit.page.get_by_role("button", name="Select all: Banks").click()
    expect(visit.page.get_by_role("button", name="Banks: Himalaya Trust Bank")).to_be_visible()
    visit.page.get_by_label("Search banks").press("Escape")
    expect(visit.page.get_by_label("Search banks")).to_be_hidden()
    visit.page.get_by_role("checkbox", name="In progress").check()
    visit.page.get_by_role("button", name="Select all: Priority").click()
    visit.page.get_by_role("button", name="Select none: Priority").click()
    expect(visit.create_file().get_by_role("link", name="Download")).to_be_visible()
    params = visit.sent()["params"]
    assert set(params) == {"period", "banks", "status"}
    assert len(params["banks"]) == 1
    assert params["status"] == ["in_progress"]


def test_a_token_that_is_no_longer_taken_ends_the_session(visit: Visit) -> None:
    """A refused token leads to the sign-in card, and from there back to the same report."""
    visit.sign_in()
    visit.page.goto(f"{visit.url}/?report=call-details")
    visit.page.evaluate("sessionStorage.accessToken += 'x'")
    visit.page.reload()
    expect(visit.page.get_by_role("heading", name="Your session has ended")).to_be_focused()
    visit.sign_in()
    assert visit.page.url == f"{visit.url}/?report=call-details"


def test_signing_out_leaves_nothing_behind(visit: Visit) -> None:
    """After signing out the tab holds neither the token nor the list of files."""
    visit.open_report()
    expect(visit.create_file().get_by_role("link", name="Download")).to_be_visible()
    visit.page.get_by_role("button", name="Sign out").click()
    expect(visit.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert visit.page.evaluate("sessionStorage.length") == 0


def test_somebody_without_reports_is_told_so(visit: Visit) -> None:
    """An account manager signs in and reads why the list is empty."""
    visit.sign_in("Aarav Shah")
    expect(visit.page.get_by_text("There is no report that you may run.")).to_be_visible()


def test_the_page_fits_every_screen(visit: Visit) -> None:
    """Nothing is cut off sideways, and every control has a name, on a phone as on a wide screen."""
    visit.open_report()
    visit.page.get_by_role("button", name="Engineers").click()
    expect(visit.create_file().get_by_role("link", name="Download")).to_be_visible()
    for width in (360, 768, 1400):
        visit.page.set_viewport_size({"width": width, "height": 740})
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visit.page.evaluate(_UNNAMED_CONTROLS) == []


def test_texts_have_the_contrast_of_wcag_aa(visit: Visit) -> None:
    """4.5 to 1 for texts, 3 to 1 for edges and signs, in light and dark."""
    needed = [4.5] * len(_TEXTS) + [3.0] * len(_SHAPES)
    for dark in (False, True):
        visit.page.emulate_media(color_scheme="dark" if dark else "light")
        measured = visit.page.evaluate(_CONTRASTS, [*_TEXTS, *_SHAPES])
        pairs = zip((*_TEXTS, *_SHAPES), measured, needed, strict=True)
        assert [(pair, ratio) for pair, ratio, least in pairs if ratio < least] == []
