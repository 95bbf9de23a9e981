"""What lets the site be found: a description of each page, full addresses, a sitemap, a page for wrong addresses.

Full addresses need the site's own, ``address`` in ``course.yml``. Without it they are left out, and nothing that
is written is wrong.
"""

import json
from html import escape

from nbformat import NotebookNode

from book.course import INDEX, Course
from book.languages import Language
from book.pages import MADE
from book.prose import CODE, ROLE, blocks

LONGEST = 160  # characters of a description that search engines show


def description(page: NotebookNode) -> str:
    r"""Return the beginning of a page's text, as far as its sentences fit.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> description(new_notebook(cells=[new_markdown_cell("# Title\n\nOne *short* sentence. And another.")]))
    'One short sentence. And another.'
    """
    paragraphs = (block.text for cell in page.cells for block in blocks(cell) if block.kind == "paragraph")
    text = next((text for text in paragraphs if text.strip() and CODE not in text and ROLE not in text), "")
    return shortened(" ".join(text.split()))


def shortened(text: str) -> str:
    """Return whole sentences of at most `LONGEST` characters; of a first one that is longer, its beginning."""
    if len(text) <= LONGEST:
        return text
    ends = [place + 1 for place, character in enumerate(text[:LONGEST]) if character in ".?!。？！"]
    ends = [place for place in ends if text[place - 1] in "。？！" or text[place : place + 1] == " "]
    return text[: ends[-1]] if ends else text[: LONGEST - 1].rstrip() + "…"


def descriptions(pages: dict[str, NotebookNode], language: Language, words: dict[str, str]) -> dict[str, str]:
    """Return a description of each page of a language, by its name; `words` are those of `book.reading_files`."""
    own = {name: description(page) or language.tagline for name, page in pages.items()}
    search = words.get("about-search", language.tagline)
    return own | dict.fromkeys(MADE, language.glossary["intro"]) | {"search": search}


def found_files(course: Course, date: str) -> dict[str, bytes]:
    """Return the files at the site's root that only browsers and search engines ask for, by their name."""
    base = course.address
    files = {"404.html": not_found(course.languages, base), "robots.txt": "User-agent: *\nAllow: /\n"}
    if base:
        files["robots.txt"] += f"Sitemap: {base}sitemap.xml\n"
        files["sitemap.xml"] = sitemap(course, date)
    return {name: text.encode() for name, text in files.items()}


def sitemap(course: Course, date: str) -> str:
    """Return the list of all pages, each with its alternates in the other languages that have it."""
    entries, base = [], course.address
    for name in (INDEX, *(chapter.name for chapter in course.chapters), *MADE):
        there = [each for each in course.languages if each.code in course.languages_of(name)]
        alternates = "".join(
            f'<xhtml:link rel="alternate" hreflang="{each.html_lang}" href="{base}{each.code}/{name}.html"/>'
            for each in there
        )
        changed = f"<lastmod>{date}</lastmod>" if date else ""
        entries += [f"<url><loc>{base}{each.code}/{name}.html</loc>{changed}{alternates}</url>" for each in there]
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>\n' + "\n".join(entries) + "\n</urlset>\n"


def not_found(languages: list[Language], base: str) -> str:
    """Return the page for a wrong address: shown at any depth, so its links are full, or found by a script."""
    codes = "|".join(each.code for each in languages)
    links = "\n".join(
        f'<li lang="{each.html_lang}"><a href="{base}{each.code}/index.html" data-language="{each.code}">'
        f"404 · {escape(each.title)} →</a></li>"
        for each in languages
    )
    script = (
        f"const root = location.pathname.replace(/\\/({codes})\\/.*|\\/[^/]*$/, '/');\n"
        "for (const link of document.querySelectorAll('a')) link.href = `${root}${link.dataset.language}/index.html`;"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{languages[0].html_lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        "<title>404</title>\n<style>:root { color-scheme: light dark; font: 1.1rem/2 system-ui, sans-serif; }\n"
        "body { max-width: 40rem; margin: 15vh auto; padding: 0 1rem; }\nul { list-style: none; padding: 0; }</style>\n"
        f"</head>\n<body>\n<main><h1>404</h1>\n<ul>\n{links}\n</ul></main>\n"
        + ("" if base else f"<script>\n{script}\n</script>\n")
        + "</body>\n</html>\n"
    )


def course_data(languages: list[Language], base: str) -> str:
    """Return what the first page of the site says to search engines: a course, in these languages."""
    first = languages[0]
    data = {
        "@context": "https://schema.org",
        "@type": "Course",
        "name": first.title,
        "description": first.tagline,
        "inLanguage": [each.html_lang for each in languages],
        "url": base,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "provider": {"@type": "Organization", "name": first.title, "url": base},
        "isAccessibleForFree": True,
    }
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
