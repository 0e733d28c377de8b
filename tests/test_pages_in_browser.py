"""The pages in a real browser: nothing is loaded, nothing overflows, the keyboard reaches everything."""

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from grader.batch.model import Student
from grader.publish import student_page
from grader.publish.told import tell
from tests import pretend

playwright = pytest.importorskip("playwright.sync_api", reason="playwright isn't installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("there is no Chromium on the PATH", allow_module_level=True)

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
WIDTHS = (320, 768, 1280)
OPEN = "for (const one of document.querySelectorAll('details')) one.open = true"
TOO_WIDE = """() => {
  const most = document.documentElement.clientWidth, scrolls = one => one.closest('.wide, pre, .unseen, td > i, .skip');
  return [...document.body.querySelectorAll('*:not(tr, th, td, td *, th *)')].filter(one =>
    !scrolls(one) && one.getBoundingClientRect().right > most + 1).map(one => one.outerHTML.slice(0, 90));
}"""


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        yield running
        running.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A class of 500 and the report of somebody in it whose name is too long for any page, as addresses."""
    folder = tmp_path_factory.mktemp("pages")
    students, results, unplaced, unknown = pretend.a_class(500)
    named = Student(students[38].id, "W" * 500)
    mine = [one for one in results if one.attempt.student == named.id]
    (row,) = pretend.graded([named], mine, [entry.number for entry in pretend.ENTRIES])
    texts = {
        "class": pretend.class_html(students, results, unplaced, unknown),
        "student": student_page.html(tell(row, mine, "full")),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in texts}


class Visit:
    """A page as it was opened, with whatever it asked for and complained about."""

    def __init__(self, browser, address, width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page = context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address, wait_until="load")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.page.context.close()


@pytest.mark.parametrize("which", ["class", "student"])
def test_nothing_but_the_file_is_loaded(browser, pages, which):
    with Visit(browser, pages[which]) as visit:
        visit.page.evaluate(OPEN)
        asked = [url for url in visit.requests if not url.startswith("data:image/png;base64,")]
        assert asked == [pages[which]] and visit.complaints == []
        assert visit.page.evaluate("document.styleSheets.length") == 1  # the policy lets the page's own style through
        pictures = "[...document.images].filter(one => one.loading !== 'lazy' && !one.naturalWidth).length"
        assert visit.page.evaluate(pictures) == 0


def test_the_policy_stops_what_would_get_in(browser, pages, tmp_path):
    """So that the test above can fail: a page with something foreign in it complains, and doesn't run it."""
    text = Path(pages["student"].removeprefix("file://")).read_text("utf-8")
    spoilt = tmp_path / "spoilt.html"
    foreign = '<script>document.title = "taken"</script><img src="http://127.0.0.1:9/x.png" alt="">'
    spoilt.write_text(text.replace("</main>", f"{foreign}</main>"), "utf-8")
    with Visit(browser, spoilt.as_uri()) as visit:
        assert visit.page.title() != "taken" and len(visit.complaints) >= 2


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", ["class", "student"])
def test_nothing_is_wider_than_the_page(browser, pages, which, width):
    with Visit(browser, pages[which], width) as visit:
        for opened in ("0", OPEN):
            visit.page.evaluate(opened)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.page.evaluate(TOO_WIDE) == []


def test_points_are_in_sight_on_a_phone(browser, pages):
    with Visit(browser, pages["student"], 320) as visit:
        assert visit.page.evaluate("document.querySelector('.overall').getBoundingClientRect().right") <= 320 - 16


@pytest.mark.parametrize("which", ["class", "student"])
def test_everything_has_a_name(browser, pages, which):
    with Visit(browser, pages[which]) as visit:
        count = visit.page.evaluate
        assert count("document.querySelectorAll('h1').length") == 1
        captions = count("[...document.querySelectorAll('table')].map(one => one.caption?.textContent.trim())")
        assert captions and all(captions)
        assert count("[...document.images].filter(one => !one.alt).length") == 0
        assert count("[...document.querySelectorAll('a')].filter(one => !one.textContent.trim()).length") == 0
        levels = count("[...document.querySelectorAll('h1, h2, h3, h4')].map(one => +one.tagName[1])")
        assert all(lower <= upper + 1 for upper, lower in pairwise(levels))


def focused(visit):
    return visit.page.evaluate("document.activeElement.tagName + ' ' + (document.activeElement.hash || '')").strip()


def test_the_keyboard_reaches_links_and_details(browser, pages):
    with Visit(browser, pages["class"]) as visit:
        stops = []
        while not stops or (stops[-1] != "SUMMARY" and len(stops) < 20):
            visit.page.keyboard.press("Tab")
            stops.append(focused(visit))
        assert stops[:3] == ["A #content", "A #scores", "A #attention"] and stops[-1] == "SUMMARY"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert visit.page.evaluate(outline) != "none"
        opened = "document.activeElement.parentElement.open"
        before = visit.page.evaluate(opened)
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate(opened) is not before
        visit.page.keyboard.press("Enter")
        assert visit.page.evaluate(opened) is before


def test_the_first_stop_skips_to_the_content(browser, pages):
    with Visit(browser, pages["student"]) as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0  # now it is seen
        visit.page.keyboard.press("Enter")
        assert focused(visit) == "MAIN"


@pytest.mark.parametrize("which", ["class", "student"])
def test_the_dark_scheme_is_dark(browser, pages, which):
    found = {}
    for scheme in ("light", "dark"):
        with Visit(browser, pages[which], scheme=scheme) as visit:
            colours = "(one => [one.color, one.backgroundColor])(getComputedStyle(document.body))"
            found[scheme] = [brightness(colour) for colour in visit.page.evaluate(colours)]
    (ink, paper), (light_ink, dark_paper) = found["light"], found["dark"]
    assert ink < 60 and paper > 230 and light_ink > 200 and dark_paper < 40


def brightness(colour):
    """The mean of `rgb(1, 2, 3)`."""
    numbers = [int(number) for number in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    return sum(numbers) / 3


def test_an_exercise_leads_to_its_cases(browser, pages):
    """A link to what lies in closed details opens them."""
    with Visit(browser, pages["class"]) as visit:
        visit.page.click("#exercises tbody a >> nth=0")
        assert visit.page.evaluate("document.querySelector('#cases details').open") is True
