"""The language switcher leads to the section where the reader is, from every language to every other."""

import pytest

from tests.browser.first_view import SITE
from tests.site import checks

CODES = list(checks.LANGUAGES)
PAGES = [f"{code}/{path.name}" for code in CODES for path in sorted((SITE / code).glob("*.html"))]
SETTINGS = "#try=matrix-a&stride=2&kernel=1,0_0,1"

# For each link of the contents: where the switcher leads from there, with the section in the address and without.
WALK = """() => {
  document.body.style.paddingBottom = '100vh'; // so that the last sections can be scrolled to the top, too
  const links = [...document.querySelectorAll('.language-switcher a:not([aria-current])')];
  const aims = () => links.map((link) => (link.dispatchEvent(new Event('pointerdown')), link.href));
  return [...document.querySelectorAll("#pst-page-toc-nav a[href^='#']")].flatMap(({ hash }) => {
    location.hash = hash;
    const found = aims();
    history.replaceState(null, '', location.pathname + location.search);
    return [...found, ...aims()].map((link) => [hash, link]);
  });
}"""


def leads_to(address, link):
    """Return the section of the site that a link leads to, by language and name; None if there is none."""
    page, _, anchor = link.removeprefix(f"{address}/").partition("#")
    return anchor if anchor in checks.sections(SITE / page) else None


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_the_contents_is_kept_in_every_direction(server, visit, name):
    with visit(f"{server}/{name}") as (page, problems):
        walked = page.evaluate(WALK)
        assert len(walked) == 4 * page.locator("#pst-page-toc-nav a[href^='#']").count()
        lost = [(hash, link) for hash, link in walked if leads_to(server, link) != hash.removeprefix("#")]
        assert lost == []
        assert not problems


@pytest.mark.parametrize("base", ["server", "folder"])
def test_a_reader_arrives_at_the_section_they_left(server, visit, base):
    address = server if base == "server" else SITE.as_uri()
    with visit(f"{address}/en/04a_learning.html", 390) as (page, problems):
        page.evaluate("document.querySelector('#learning-chain h2').scrollIntoView()")
        for code in ("zh", "ja", "en"):
            page.click(f".language-switcher [data-language={code}]")
            page.wait_for_url(f"{address}/{code}/04a_learning.html#learning-chain")
            top = page.locator("#learning-chain > h2").bounding_box()["y"]
            assert 0 <= top < 200
        assert not problems


@pytest.mark.parametrize(
    ("left", "kept"),
    [("#bigger-steps-wider-reach", "#convolution-stride"), (SETTINGS, SETTINGS), ("", ""), ("#no-such-place", "")],
)
def test_old_names_and_explorers_are_kept_and_the_top_of_a_page_stays_the_top(server, visit, left, kept):
    with visit(f"{server}/en/02_convolution.html{left}") as (page, _):
        page.click(".language-switcher [data-language=ja]")
        page.wait_for_url(f"{server}/ja/02_convolution.html{kept}")


def test_a_reader_who_scrolled_on_does_not_go_back_to_the_section_of_the_address(server, visit):
    with visit(f"{server}/en/02_convolution.html#convolution-by-hand") as (page, _):
        page.evaluate("document.querySelector('#convolution-padding h2').scrollIntoView()")
        page.click(".language-switcher [data-language=zh]")
        page.wait_for_url(f"{server}/zh/02_convolution.html#convolution-padding")


def test_the_page_stays_where_it_is_when_the_keyboard_goes_to_the_switcher(server, visit):
    with visit(f"{server}/en/04a_learning.html", 390) as (page, _):
        page.evaluate("document.querySelector('#learning-chain h2').scrollIntoView()")
        before = page.evaluate("scrollY")
        page.locator(".language-switcher [data-language=ja]").focus()
        assert page.evaluate("scrollY") == before
        page.keyboard.press("Enter")
        page.wait_for_url(f"{server}/ja/04a_learning.html#learning-chain")


def test_the_switch_keeps_the_query_of_a_search(server, visit):
    with visit(f"{server}/en/search.html?q=stride") as (page, _):
        page.click(".language-switcher [data-language=zh]")
        page.wait_for_url(f"{server}/zh/search.html?q=stride")
