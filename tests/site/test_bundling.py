"""One style and one script: all that a page can use is there, nothing else is, and scripts run in their order."""

import re

import pytest

from book.bundling import SCRIPT, SHEET, SOURCE, STYLE, bundle, joined_scripts, translations
from book.styling import Names, joined_styles, read
from tests.site import checks

NAMES = Names(frozenset({"p", "a"}), frozenset({"note", "tip"}), frozenset({"here"}), frozenset({"shown", "--asked"}))


@pytest.mark.parametrize(
    "selector",
    [
        *("p", "*", "p.note", ".note > a:hover", "#here", ".shown", "a.shown::before", "[data-x] p", "p:not(.gone)"),
        *(":root", "p:is(.gone, .tip)", ":where(a) p", "p:nth-child(2n + 1)", '[class*="gone"]', "p:has(> .note)"),
    ],
)
def test_a_rule_that_may_match_is_kept(selector):
    assert len(read(f"{selector} {{ color: red }}", NAMES)) == 1


@pytest.mark.parametrize(
    "selector", ["video", "p.gone", ".note .gone", "#gone", "p:is(.gone, video)", "a:has(.gone)", ":where(.gone) p"]
)
def test_a_rule_that_matches_nothing_is_left_out(selector):
    assert read(f"{selector} {{ color: red }}", NAMES) == []
    assert read(f"@media print {{ {selector} {{ color: red }} }}", NAMES) == []


def joined(folder, text):
    sheet = folder / "a.css"
    sheet.write_text(text, encoding="utf-8")
    return joined_styles([sheet], NAMES)


def test_of_several_selectors_those_that_may_match_are_kept(tmp_path):
    assert joined(tmp_path, ".gone, p, a.gone { color: red }") == "p{color:red}\n"


def test_importance_and_values_stay_as_they_are(tmp_path):
    text = 'p{margin:0 !important;content:"a,  b;}";background:url("data:image/svg+xml,<svg />")}\n'
    assert joined(tmp_path, text) == text


def test_a_custom_property_is_kept_while_something_asks_for_it(tmp_path):
    text = ":root { --a: var(--b); --b: 1; --c: var(--d); --d: 2; --asked: 3 } p { width: var(--a) }"
    assert joined(tmp_path, text) == ":root{--a:var(--b);--b:1;--asked:3}\np{width:var(--a)}\n"


def test_animations_and_licenses_are_kept_and_fonts_left_out(tmp_path):
    text = (
        "/*! MIT */ /* a note */ @font-face { font-family: x } @keyframes turn { to { rotate: 1turn } }"
        "@keyframes gone { to { rotate: 1turn } } p { animation: turn 1s }"
    )
    kept = "/*! MIT */\n@keyframes turn { to { rotate: 1turn } }\np{animation:turn 1s}\n"
    assert joined(tmp_path, text) == kept


def test_what_a_style_imports_stands_in_its_place(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "base.css").write_text("a { color: red }", encoding="utf-8")
    (tmp_path / "deep" / "a.css").write_text('@import "../base.css";\np { color: blue }', encoding="utf-8")
    assert joined_styles([tmp_path / "deep/a.css"], NAMES) == "a{color:red}\np{color:blue}\n"


def test_a_mistake_in_a_style_is_named(tmp_path):
    with pytest.raises(ValueError, match="mistake"):
        joined(tmp_path, "p { color: red } }")


def test_a_script_that_is_strict_leaves_the_next_one_as_it_is(tmp_path):
    for name, text in (("a.js", '"use strict";\nvar a = 1;'), ("b.js", "b = 2;\n//# sourceMappingURL=b.js.map")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    script = joined_scripts([tmp_path / "a.js", tmp_path / "b.js"])
    assert script.startswith(";") and script.endswith("b = 2;\n") and "Mapping" not in script


def test_of_the_translations_those_that_a_script_asks_for_are_kept():
    catalog = 'Documentation.addTranslations({"messages": {"Hide": "隐藏", "Search": "搜索"}, "plural_expr": "0"});'
    kept = 'self.sphinxTranslations = {"messages": {"Hide": "隐藏"}, "plural_expr": "0"};'
    assert translations(catalog, '_("Hide")') == kept


PAGE = """<html><head>
<link rel="stylesheet" href="{up}_static/a.css?v=1" />
<link href="{up}_static/b.css" rel="stylesheet">
<script src="_static/documentation_options.js"></script>
<script src="{up}_static/doctools.js"></script>
<script src="_static/translations.js"></script>
<script src="{up}_static/design-tabs.js"></script>
<script>own();</script>
<script src="{up}explorers/loader.js" defer></script>
</head><body class="note">{body}<script defer src="{up}_static/last.js"></script></body></html>
"""


@pytest.fixture
def small_site(tmp_path):
    for code in ("en", "zh"):
        (tmp_path / code / "_static").mkdir(parents=True)
        for name, text in (
            ("documentation_options.js", f'options = "{code}";'),
            ("translations.js", '({"messages": {}})'),
        ):
            (tmp_path / code / "_static" / name).write_text(text, encoding="utf-8")
        (tmp_path / code / "page.html").write_text(PAGE.replace("{up}", "../"), encoding="utf-8")
    (tmp_path / "_static").mkdir()
    for name in ("a.css", "b.css"):
        (tmp_path / "_static" / name).write_text(f'.note {{ content: "{name}" }} .gone {{ top: 0 }}', encoding="utf-8")
    for name in ("doctools.js", "design-tabs.js", "last.js"):
        (tmp_path / "_static" / name).write_text(f"run('{name}');", encoding="utf-8")
    return tmp_path


def test_pages_name_one_style_and_one_script_and_nothing_else_is_left(small_site):
    bundle(small_site, ["en", "zh"])
    assert sorted(path.name for path in (small_site / "_static").iterdir()) == ["site.css", "site.js"]
    assert (small_site / STYLE).read_text() == '.note{content:"a.css"}\n.note{content:"b.css"}\n'
    order = re.findall(r"run\('(.*)'\)|(addTranslations)", (small_site / SCRIPT).read_text())
    assert [name or other for name, other in order] == ["last.js", "doctools.js", "addTranslations"]
    page = (small_site / "zh/page.html").read_text("utf-8")
    assert [match["file"] for match in SHEET.finditer(page)] == ["../_static/site.css"]
    assert [match["file"] for match in SOURCE.finditer(page)] == ["../explorers/loader.js", "../_static/site.js"]
    assert 'options = "zh";' in page and "self.sphinxTranslations = " in page
    assert page.index("options") < page.index("own();") < page.index("site.js")
    assert not (small_site / "zh/_static").exists()


def test_a_script_for_tabs_is_joined_where_a_page_has_tabs(small_site):
    page = small_site / "zh/page.html"
    page.write_text(page.read_text("utf-8").replace("{body}", '<div class="sd-tab-set"></div>'), encoding="utf-8")
    bundle(small_site, ["en", "zh"])
    assert "run('design-tabs.js')" in (small_site / SCRIPT).read_text()


def test_no_page_waits_for_more_than_one_style(site):
    for path in checks.pages(site):
        page = checks.parse(path)
        assert [link["href"].partition("?")[0] for link in page.select("link[rel=stylesheet]")] == [f"../{STYLE}"], path
        *others, last = page.select("script[src]")
        assert last["src"].startswith(f"../{SCRIPT}?v=") and last.find_next(True) is None, path
        assert all(script.has_attr("defer") for script in others), path
