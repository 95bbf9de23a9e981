"""What every page of the site must keep to. Each check takes the site's folder and returns what is wrong."""

import re
import struct
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from book import shared_files
from book.languages import Language, load_languages
from book.rules import CSS_URL, FETCHED

LANGUAGES = {language.code: language for language in load_languages(Path(__file__).parents[2])}
LABELS = ("title", "aria-label", "placeholder", "data-bs-title")
# Outside the article, the words of the page itself: titles of chapters and sections, names of languages, keys.
PAGE_WORDS = "article, nav.bd-links, #pst-page-toc-nav, .prev-next-title, .language-switcher, kbd, script, style, title"


@cache
def parse(path: Path) -> BeautifulSoup:
    """Parse a page once for all checks; tests that damage a page write it under another name."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path: Path) -> frozenset[str]:
    """Return the ids in a page, found once for all links to it."""
    return frozenset(element["id"] for element in parse(path).find_all(id=True))


def pages(site: Path) -> list[Path]:
    """Return every page of every language, without the root page."""
    return [path for code in LANGUAGES for path in sorted((site / code).rglob("*.html")) if "_static" not in path.parts]


def missing_pages(site: Path) -> list[str]:
    """Every page is there in all languages."""
    names = {path.relative_to(site).parts[1:] for path in pages(site)} | {("index.html",), ("glossary.html",)}
    wanted = [Path("index.html"), *(Path(code, *name) for code in LANGUAGES for name in sorted(names))]
    return [f"{path} is missing" for path in wanted if not (site / path).is_file()]


def dead_links(site: Path) -> list[str]:
    """Every link of a page leads to a file of the site and to an anchor in it."""
    problems = []
    for page in [site / "index.html", *pages(site)]:
        for element in parse(page).find_all(href=True) + parse(page).find_all(src=True):
            link = element.get("href") or element.get("src")
            if not leads_somewhere(page, link):
                problems.append(f"{page.relative_to(site)}: {link} leads nowhere")
    for sheet in site.rglob("*.css"):
        for link in css_links(sheet):
            if not leads_somewhere(sheet, link):
                problems.append(f"{sheet.relative_to(site)}: {link} leads nowhere")
    return problems


def leads_somewhere(page: Path, link: str) -> bool:
    """Tell whether a link within the site finds its target; links that leave the site are not followed."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return False
    if not parts.fragment or target.suffix != ".html" or parts.fragment == "choose":
        return True
    return unquote(parts.fragment) in anchors(target)


def css_links(sheet: Path) -> list[str]:
    """Return what a style sheet fetches, without what it contains."""
    found = [url or sheet for url, sheet in CSS_URL.findall(sheet.read_text(encoding="utf-8"))]
    return [link for link in found if not link.startswith("data:")]


def external_requests(site: Path) -> list[str]:
    """No page fetches anything from elsewhere; links for the reader to follow may lead anywhere."""
    problems = []
    for page in [site / "index.html", *pages(site)]:
        document = parse(page)
        fetched = [element[name] for tag, name in FETCHED.items() for element in document.find_all(tag, **{name: True})]
        fetched += [url for style in document.find_all("style") for url, _ in CSS_URL.findall(style.text)]
        problems += [f"{page.relative_to(site)} fetches {url}" for url in fetched if is_external(url)]
    for sheet in site.rglob("*.css"):
        problems += [f"{sheet.relative_to(site)} fetches {url}" for url in css_links(sheet) if is_external(url)]
    return problems


def is_external(url: str) -> bool:
    """Tell whether a browser would leave the site to fetch this."""
    parts = urlsplit(url)
    return bool(parts.netloc) or parts.scheme not in ("", "data")


def language_links(site: Path) -> list[str]:
    """Every page links to itself in every language, for readers and in its head, and marks its own language."""
    problems = []
    for page in pages(site):
        code, *rest = page.relative_to(site).parts
        wanted = {language.html_lang: site.joinpath(other, *rest) for other, language in LANGUAGES.items()}
        for selector in ("link[rel=alternate]:not([hreflang=x-default])", ".language-switcher a"):
            found = {a["hreflang"]: (page.parent / a["href"]).resolve() for a in parse(page).select(selector)}
            if found != wanted:
                problems.append(f"{page.relative_to(site)}: `{selector}` leads to {found or 'nothing'}")
        current = [a["data-language"] for a in parse(page).select(".language-switcher [aria-current]")]
        if current != [code]:
            problems.append(f"{page.relative_to(site)}: the current language is marked as {current}")
    return problems


def same_sections(site: Path) -> list[str]:
    """Every link of a page's contents leads to a section that has the same id in every language."""
    problems = []
    for page in pages(site):
        _, *rest = page.relative_to(site).parts
        for link in parse(page).select("#pst-page-toc-nav a[href^='#']"):
            for code in LANGUAGES:
                other = site.joinpath(code, *rest)
                if other.is_file() and unquote(link["href"][1:]) not in sections(other):
                    problems.append(f"{page.relative_to(site)}: the section {link['href']} has another id in {code}")
    return problems


@cache
def sections(path: Path) -> tuple[str, ...]:
    """Return the ids of the sections of a page, in their order."""
    return tuple(section["id"] for section in parse(path).select("article section[id]"))


def stored_once(site: Path) -> list[str]:
    """What all languages have alike stands once, at the root."""
    names = shared_files.equal_files([site / code for code in LANGUAGES])
    return [f"every language has its own {name}, and all are equal" for name in sorted(names)]


def page_language(site: Path) -> list[str]:
    """Every page says which language it is in."""
    return [
        f"{page.relative_to(site)} has lang={parse(page).html.get('lang')!r}"
        for page in pages(site)
        if parse(page).html.get("lang") != LANGUAGES[page.relative_to(site).parts[0]].html_lang
    ]


def alt_texts(site: Path) -> list[str]:
    """Every picture has a text that says what it shows (a file's path, the default, does not), or is an ornament."""
    return [
        f"{page.relative_to(site)}: {image.get('src')} has alt={image.get('alt')!r}"
        for page in pages(site)
        for image in parse(page).find_all("img")
        if image.get("role") != "presentation"
        and (not (image.get("alt") or "").strip() or re.search(r"\.(png|svg|jpe?g|gif)$", image["alt"]))
    ]


def picture_sizes(site: Path) -> list[str]:
    """Every picture says how large it is, so that the text below does not jump when it arrives."""
    return [
        f"{page.relative_to(site)}: {image.get('src')} has width={image.get('width')}, height={image.get('height')}"
        for page in pages(site)
        for image in parse(page).find_all("img")
        if (image.get("width"), image.get("height")) != png_size(page.parent / unquote(image["src"]))
    ]


def png_size(path: Path) -> tuple[str, str]:
    """Return width and height from the header of a PNG file."""
    with path.open("rb") as file:
        width, height = struct.unpack(">16x2I", file.read(24))
    return str(width), str(height)


def raw_markup(site: Path) -> list[str]:
    """No formula, role, fence or block break is left as it was typed."""
    typed = re.compile(r"\$|\\[A-Za-z(\[]{2,}|\{[a-z]+\}`|^:{3,}|`{3,}|^\+{3}|\*\*", re.MULTILINE)
    problems = []
    for page in pages(site):
        for text in parse(page).body.find_all(string=typed):
            if not text.find_parent(["pre", "code", "script", "style"]):
                problems.append(f"{page.relative_to(site)}: {text.strip()[:60]!r} is shown as it was typed")
    return problems


def english_leftovers(site: Path) -> list[str]:
    """What the theme adds to a page is in the page's language."""
    problems = []
    first, *others = LANGUAGES
    for page in pages(site):
        code, *rest = page.relative_to(site).parts
        if code in others:
            english = set(theme_texts(site.joinpath(first, *rest))) if LANGUAGES[code].is_latin else set()
            found = [text for text in theme_texts(page) if is_english(text, LANGUAGES[code], english)]
            problems += [f"{page.relative_to(site)}: {text!r} is in English" for text in found]
    return problems


def theme_texts(page: Path) -> list[str]:
    """Return the texts of a page that the theme wrote."""
    body = parse(page).body
    texts = [element[name] for name in LABELS for element in body.find_all(attrs={name: True})]
    own_words = set(map(id, body.select(PAGE_WORDS)))
    texts += [
        str(text) for text in body.find_all(string=True) if not any(id(parent) in own_words for parent in text.parents)
    ]
    return [text.strip() for text in texts]


def is_english(text: str, language: Language, english: set[str]) -> bool:
    """Tell whether a text has words in Latin letters and nothing of the language's own script.

    Of a language in Latin letters, the texts that stand on the English page, too, are English.
    """
    if not re.search(r"[A-Za-z]{3}", text):
        return False
    return text in english if language.is_latin else not any(map(language.writes, text))


ALL = [
    missing_pages,
    dead_links,
    external_requests,
    language_links,
    same_sections,
    stored_once,
    page_language,
    alt_texts,
    picture_sizes,
    raw_markup,
    english_leftovers,
]
