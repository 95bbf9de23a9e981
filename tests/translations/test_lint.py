"""Each rule of `book.lint` is shown a text that breaks it, and good text that looks as if it did."""

import nbformat
import pytest

from book import build, lint
from book.languages import load_languages
from tests.translations.trilingual import KOREAN, ROOT, make_course

GLOSSARY = """
- id: stride
  en: {term: stride, also: [strides], definition: How far the window moves.}
  zh: {term: 步幅, also: [步长], definition: 窗口每次移动多远。}
  ja: {term: ストライド, definition: 窓を1回に動かす幅。}
- id: loss
  en: {term: loss, definition: How wrong a network is.}
  zh: {term: 损失, definition: 网络错得有多远。}
  ja: {term: 損失, definition: ネットワークがどれだけ間違えたかを表す数。}
- id: random-seed
  en: {term: random seed, also: [seed, seeds], definition: Where random numbers begin.}
  zh: {term: 随机种子, definition: 随机数从哪里开始。}
  ja: {term: 乱数シード, definition: 乱数の始まり。}
"""
# A good text: one cell with much of what chapters contain.
GOOD = {
    "en": (
        "(end)=\n# The end\n\nWe train LeNet-5 on 1,000 digits, with a [stride](#term-stride) of 2 and `fit`; "
        "the *loss* falls by $y$.\n\n- [Pooling](#end): half of 28 is left.\n\n| a | b |\n|---|---|\n| `x` | no loss |"
    ),
    "zh": (
        "(end)=\n# 结尾\n\n我们用 1,000 个数字训练 LeNet-5，[步幅](#term-stride)为 2，调用 `fit`；"
        "**损失**降低 $y$。\n\n- [池化](#end)：28 只剩一半。\n\n| 甲 | 乙 |\n|---|---|\n| `x` | 没有损失 |"
    ),
    "ja": (
        "(end)=\n# 終わり\n\nLeNet-5を1,000枚の数字で学習し、[ストライド](#term-stride)は2、関数は`fit`とします。"
        "**損失**は$y$だけ下がります。\n\n- [プーリング](#end)：28の半分が残る。\n\n"
        "| 甲 | 乙 |\n|---|---|\n| `x` | 損失なし |"
    ),
}


@pytest.fixture
def course(tmp_path):
    """The sample course, with the good text in its last cell."""
    sample = make_course(tmp_path)
    (tmp_path / "book" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    for language, source in GOOD.items():
        write(sample, language, source)
    sample.edit("ja", "draw", lambda cell: cell.metadata.mystnb.image.update(alt="灰色の正方形。"))
    return sample


def write(course, language, source):
    course.edit(language, "closing", lambda cell: cell.update(source=source))


def problems(course, language, cell="closing"):
    """Return what is wrong with one cell of the sample; nothing may be wrong with others."""
    start = f"chapters/{language}/01_sample.ipynb: cell {cell}: "
    found = lint.check(course.root)
    assert all(line.startswith(start) and "\n" not in line for line in found), found
    return [line.removeprefix(start) for line in found]


def test_the_course_reads_well():
    """The real chapters."""
    found = lint.check()
    assert not found, "\n".join(["", *found])


def test_good_text_has_no_problems(course):
    assert lint.check(course.root) == []


# The rule that is broken, the language, what is replaced in the good text and by what, and what the message says.
MUTATIONS = [
    ("rule_emphasis", "en", "*loss*", "*loss *", "*loss *"),
    ("rule_emphasis", "zh", "**损失**降低", "**损失：**降低", "put the punctuation outside"),
    ("rule_emphasis", "ja", "**損失**は", "**「損失」**は", "put the punctuation outside"),
    ("rule_emphasis", "ja", "**損失**は", "**損失*は", "asterisks"),
    ("rule_linked_terms", "zh", "[步幅]", "[跨度]", "shows '跨度', the glossary has 步幅 / 步长"),
    ("rule_linked_terms", "ja", "[ストライド]", "[歩幅]", "shows '歩幅', the glossary has ストライド"),
    ("rule_terms", "zh", "损失", "误差", "English says 'loss', which is 损失 here"),
    ("rule_terms", "ja", "損失", "誤差", "English says 'loss', which is 損失 here"),
    ("rule_numbers", "zh", "1,000", "10,000", "1000 is missing, or there less often"),
    ("rule_numbers", "zh", "1,000", "1,000 至 1,500", "1500 is nowhere on the English page"),
    ("rule_numbers", "ja", "1,000枚", "多く", "1000 is missing, or there less often"),
    ("rule_numbers", "zh", "一半", "15 个", "15 is nowhere on the English page"),
    ("rule_numbers", "ja", "28", "2.8", "2.8 is nowhere on the English page"),
    ("rule_line_breaks", "zh", "，[步幅]", "，\n[步幅]", "LeNet-5，⏎步幅"),
    ("rule_line_breaks", "ja", "。**損失**", "。\n**損失**", "in one line"),
    ("rule_full_width", "zh", "，调用", ", 调用", "half-width ','"),
    ("rule_full_width", "zh", "：28", ":28", "write ："),
    ("rule_full_width", "zh", "训练 LeNet-5", "训练(LeNet-5)", "write （"),
    ("rule_full_width", "zh", "训练 LeNet-5", "“训练\" LeNet-5", "half-width '\"'"),
    ("rule_full_width", "zh", "没有损失 |", "没有损失? |", "write ？"),
    ("rule_full_width", "zh", "降低 $y$。", "降低 $y$.", "half-width '.'"),
    ("rule_full_width", "ja", "LeNet-5を", "LeNet-5(1998)を", "write （"),
    ("rule_full_width", "ja", "28の", "28（幅）,", "write 、"),
    ("rule_full_width", "ja", "、関数は", ",関数は", "write 、"),
    ("rule_full_width", "ja", "下がります。", "下がります.", "write 。"),
    ("rule_full_width_latin", "zh", "28 只剩", "２８ 只剩", "write 28"),
    ("rule_full_width_latin", "ja", "LeNet-5", "ＬｅNet-5", "write Le"),
    ("rule_spaces", "zh", "只剩一半", "只剩 一半", "a space in"),
    ("rule_spaces", "zh", "，[步幅]", "， [步幅]", "a space in"),
    ("rule_spaces", "zh", "LeNet-5，", "LeNet-5 ，", "a space in"),
    ("rule_spaces", "ja", "数字で学習", "数字で 学習", "a space in"),
    ("rule_untranslated", "zh", "# 结尾", "# 结尾\n\nThis is left as it was.", "'This is left as it was'"),
    ("rule_untranslated", "ja", "28の", "28の（what is left of the width）", "'what is left of the width'"),
    ("rule_simplified", "zh", "训练", "訓练", "訓 in"),
    ("rule_simplified", "zh", "只剩一半", "然後只剩一半", "後 in"),
    ("rule_simplified", "zh", "只剩一半", "只剩一半の", "Japanese 'の'"),
    ("rule_japanese_characters", "ja", "終わり", "终わり", "终 in"),
    ("rule_japanese_characters", "ja", "半分が", "气分が", "气 in"),
    ("rule_japanese_characters", "ja", "関数は", "ﾃﾞｰﾀは", "half-width 'ﾃﾞｰﾀ'"),
    ("rule_chinese_latin", "zh", "用 1,000 个", "用1,000 个", "no space between Chinese and Latin"),
    ("rule_chinese_latin", "zh", "训练 LeNet-5", "训练LeNet-5", "no space between"),
    ("rule_chinese_latin", "zh", "调用 `fit`", "调用`fit`", "no space between"),
    ("rule_chinese_latin", "zh", "降低 $y$", "降低$y$", "no space between"),
    ("rule_chinese_quotes", "zh", "# 结尾", "# 「结尾」", "write “ and ”"),
    ("rule_japanese_latin", "ja", "LeNet-5を", "LeNet-5 を", "a space between Japanese and Latin"),
    ("rule_japanese_latin", "ja", "は`fit`", "は `fit`", "a space between"),
    ("rule_japanese_punctuation", "ja", "学習し、", "学習し，", "write 、"),
    ("rule_japanese_punctuation", "ja", "下がります。", "下がります．", "write 。"),
    ("rule_japanese_punctuation", "ja", "# 終わり", "# “終わり”", "write 「"),
    ("rule_polite", "ja", "下がります", "下がる", "does not end in です or ます"),
    ("rule_polite", "ja", "とします", "である", "does not end in です or ます"),
    ("rule_polite", "ja", "半分が残る。", "残りは半分だ。", "ends in plain style"),
    ("rule_polite", "ja", "損失なし |", "損失である。 |", "ends in plain style"),
]  # fmt: skip


def mutate(course, mutation):
    _, language, old, new, _ = mutation
    assert old in GOOD[language]
    write(course, language, GOOD[language].replace(old, new))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: f"{mutation[0]}-{mutation[3]!a}")
def test_a_rule_names_the_cell_and_the_fix(course, mutation, monkeypatch):
    rule, language, _, _, message = mutation
    mutate(course, mutation)
    assert any(message in line for line in problems(course, language))
    switch_off(monkeypatch, rule)
    assert not any(message in line for line in lint.check(course.root)), "another rule says the same"


def switch_off(monkeypatch, name):
    rules = lint.rules
    disabled = getattr(lint, name)
    monkeypatch.setattr(lint, "rules", lambda language: [rule for rule in rules(language) if rule is not disabled])


FIGURES = [
    ("rule_figure_language", "zh", "alt", "Gray square", "the alt has no word of this language"),
    ("rule_figure_language", "ja", "caption", "Gray square", "the caption has no word of this language"),
    ("rule_figure_style", "ja", "caption", "正方形です。", "captions and alt texts without です"),
    ("rule_polite", "ja", "alt", "灰色の正方形だ。", "ends in plain style"),
    ("rule_simplified", "zh", "alt", "一個灰色方块。", "個 in"),
    ("rule_emphasis", "zh", "caption", "**方块：**灰色", "asterisks"),
]  # fmt: skip


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure[0]}-{figure[1]}-{figure[2]}")
def test_a_rule_reads_the_words_of_figures(course, figure, monkeypatch):
    rule, language, name, words, message = figure
    group = {"alt": "image", "caption": "figure"}[name]
    course.edit(language, "draw", lambda cell: cell.metadata.mystnb[group].update({name: words}))
    assert any(message in line for line in problems(course, language, "draw"))
    switch_off(monkeypatch, rule)
    assert not any(message in line for line in lint.check(course.root))


def test_every_rule_is_broken_by_a_mutation():
    rules = {name for name in vars(lint) if name.startswith("rule_")}
    assert rules == {mutation[0] for mutation in (*MUTATIONS, *FIGURES)}
    assert rules == {rule.__name__ for language in load_languages(ROOT) for rule in lint.rules(language)}


# Good text that a hasty rule would report: the language, the English, and the translation.
COUNTEREXAMPLES = [
    # Emphasis, code and formulas
    ("zh", "*Mind* this: `a ** b`.", "**注意**：`a ** b`。"),
    ("zh", "Two times $a * b$.", "两倍的 $a * b$。"),
    ("en", "4 * 5 is 20.", "4 * 5 is 20."),
    # Terms: everyday words, other names, capitals, parts of words
    ("zh", "It seeds Python only.", "只管 Python。"),
    ("zh", "The strides are 2.", "步长为 2。"),
    ("zh", "It was strided, and lossless.", "跨着走，毫无损耗。"),
    ("ja", "A Stride of 2.", "ストライドは2です。"),
    # Links outside the course differ
    ("zh", "See [the site](https://example.org/en).", "见[网站](https://example.org/zh)。"),
    # Punctuation and spaces
    ("zh", "**1.** Write it.", "**1.** 请写出来。"),
    ("zh", "Between −1 and 1: 3.5% of “it”, at 4:3.", "在 −1 和 1 之间：“它”的 3.5%，4:3 时。"),
    ("zh", "Python, NumPy (and `x`): yes!", "Python、NumPy（还有 `x`）：是！"),
    ("zh", "See [chapter 4](#end) (LeNet).", "见[第 4 章](#end)（LeNet）。"),
    ("zh", "a\n\n```python\nx = 1, 2  # 注意,x\n```", "甲\n\n```python\nx = 1, 2  # 注意,x\n```"),
    ("zh", "See {doc}`02` and {math}`x`.", "见{doc}`02`和 {math}`x`。"),
    ("zh", "a\n\n$$\nx, y\n$$", "甲\n\n$$\nx, y\n$$"),
    ("ja", "**1.** Write it.", "**問1**　書いてください。"),
    ("ja", "From TensorFlow 1 to Python 3.11.", "TensorFlow 1からPython 3.11までです。"),
    ("ja", "From *a* to *b*.", "aからbへ（a〜b）移ります。"),
    ("zh", "Seen as `a (%)`.", "标着“accuracy (%)”。"),
    # Numbers: in words, with other separators, in ten thousands, in names
    ("zh", "Ten digits in a hundred, 70,000 in all.", "100 个数字里有 10 个，一共 7 万个。"),
    ("ja", "Sixteen maps, half of them; 95 percent.", "16枚のマップの50%です（95%）。"),
    ("ja", "70,000 digits", "7万枚の数字"),
    ("ja", "3.2 million more parameters", "320万個多いパラメータ"),
    ("zh", "Twenty-four of five hundred; a dozen.", "500 个里的 24 个；12 个。"),
    ("ja", "Three quarters, one and a half.", "0.75と1.5です。"),
    ("zh", "In conv12 and LeNet-50, 3 by 3.", "在 conv12 和 LeNet-50 里，3×3。"),
    # Characters
    ("zh", "A book of 2016.", "2016 年的书《實作》。"),
    ("zh", "實作 TensorFlow is a tutorial.", "實作 TensorFlow 是一篇教程。"),
    ("ja", "實作 TensorFlow is a tutorial.", "實作 TensorFlowはチュートリアルです。"),
    ("ja", "A translation.", "邦訳『图像』があります。"),
    ("zh", "A minus, an arrow and a dot: − → ·", "减号、箭头和点：− → ·"),
    ("ja", "Repeated, at once: the past.", "繰り返し、剥がし、時々、昔です。"),
    # Names in English
    ("zh", "The figure shows max pooling.", "图里的“every second pixel”（隔一个取一个）。"),
    # Japanese style
    ("ja", "How do we know?", "どうしてそう言えるのか。"),
    ("ja", "Why? It saves work.", "なぜでしょうか。計算が減るから。"),
    ("ja", "It is big (so is that).", "大きいです（あれもそうだ。）。"),
    ("ja", 'They say "it is so".", we say.', "「そうである。だからよい」と言います。"),
    ("ja", "The same holds here:", "ここでも同じ："),
    ("ja", "- It is framed.\n- It was read.", "- 囲んである。\n- 読んだ。"),
    ("ja", "| a |\n|---|\n| it is there |", "| 甲 |\n|---|\n| 得られる。 |"),
    ("ja", "## It is so", "## そのとおり"),
    ("ja", "```{note}\nMind it.\n```", "```{note}\n:class: tip\n注意してください。\n```"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "english", "translation"), COUNTEREXAMPLES)
def test_good_text_is_left_alone(course, language, english, translation):
    write(course, "en", english)
    write(course, "zh", "略。")
    write(course, "ja", "略します。")
    write(course, language, translation)
    assert [line for line in lint.check(course.root) if line.startswith(f"chapters/{language}/")] == []


def test_references_keep_their_titles_and_may_name_translations(course):
    def lists_literature(cell):
        cell.id = "references"

    for language in GOOD:
        course.edit(language, "closing", lists_literature)
    texts = {
        "en": "- A. Author, *How to move a window by a stride*, 2016.\n- B. Writer, 1998: the loss.",
        "zh": "- A. Author, *How to move a window by a stride*, 2016（中译本《窗口》，2017 年）。\n- B. Writer, 1998.",
        "ja": "- A. Author, *How to move a window by a stride*, 2016. 窓の本です。\n- B. Writer, 1998. 損失です。",
    }
    for language, source in texts.items():
        course.edit(language, "references", lambda cell, source=source: cell.update(source=source))
    assert lint.check(course.root) == []
    course.edit("zh", "references", lambda cell: cell.update(source=texts["zh"].replace("1998", "1989")))
    course.edit("ja", "references", lambda cell: cell.update(source=texts["ja"].replace("窓の本です", "窓の本だ")))
    found = lint.check(course.root)
    assert [line[: line.index("/01")] for line in found] == ["chapters/zh", "chapters/ja"]
    assert "1998 is missing" in found[0]
    assert "ends in plain style" in found[1]


def test_a_number_may_come_from_elsewhere_on_the_page(course):
    """English rounds what an output shows; a translation may say it in full."""
    stream = {"output_type": "stream", "name": "stdout", "text": "a share of 0.27\n"}
    for language in GOOD:
        course.edit(language, "add", lambda cell: cell.update(outputs=[nbformat.from_dict(stream)]))
    write(course, "en", "About a quarter.\n\nIn 1998.")
    write(course, "zh", "0.27。\n\n1998 年。")
    write(course, "ja", "0.27です。\n\n1998年のことです。")
    assert lint.check(course.root) == []


def test_text_in_directives_is_read(course):
    write(course, "en", "```{note} Mind\nSo it is.\n```\n\n:::{tip}\nYes.\n:::")
    write(course, "zh", "```{note} 注意,看\n:class: tip\n确实 如此。\n```\n\n:::{tip}\n對。\n:::")
    write(course, "ja", "略します。")
    found = problems(course, "zh")
    assert [line.partition(" ")[0] for line in found] == ["half-width", "a", "對"]


def test_a_markdown_page_is_read(course):
    course.replace("zh", "边做边学。", "边做边学.")
    assert lint.check(course.root) == ["chapters/zh/index.md: cell welcome: half-width '.' in '边做边学.'; write 。"]


def test_the_glossary_is_read(course):
    path = course.root / "book" / "glossary.yml"
    path.write_text(GLOSSARY.replace("窗口每次移动多远。", "窗口每次移動多远."), encoding="utf-8")
    found = lint.check(course.root)
    assert [line.partition(": zh: ")[0] for line in found] == ["book/glossary.yml: row stride"] * 2


def test_text_that_is_not_translated_is_left_to_the_gate(course):
    write(course, "zh", GOOD["en"])
    assert lint.check(course.root) == []


def test_a_language_without_rules_of_its_own_is_compared_with_the_english(course):
    english = (ROOT / "book" / "languages.yml").read_text(encoding="utf-8").partition("\nzh:")[0]
    german = KOREAN.replace("ko", "de").replace("HANGUL", "LATIN")
    course.write("book/languages.yml", english + german)
    german = course.path("de")
    german.parent.mkdir()
    text = (
        course.path("en")
        .read_text(encoding="utf-8")
        .replace("1,000 digits", "999 Ziffern, alle auf einem einzigen Blatt")
    )
    german.write_text(text, encoding="utf-8")
    assert {line.partition(": ")[2] for line in lint.check(course.root)} == {
        "cell closing: 1000 is missing, or there less often than in English; compare the two",
        "cell closing: 999 is nowhere on the English page; compare the two",
    }


def test_the_build_asks_all_gates(course, monkeypatch):
    monkeypatch.setattr("book.translations.check", lambda root: ["stale", "unreadable"])
    monkeypatch.setattr("book.rules.check", lambda root: ["unreadable", "long"])
    monkeypatch.setattr("book.lint.check", lambda root: ["unreadable", "wrong"])
    monkeypatch.setattr("book.evidence.check", lambda root: ["unreadable", "measured"])
    assert build.gate_problems(course.root) == ["stale", "unreadable", "long", "wrong", "measured"]


def test_the_build_names_what_cannot_be_read_once(course):
    course.path("en", "index.md").write_text("", encoding="utf-8")
    found = [line for line in build.gate_problems(course.root) if "the file is empty" in line]
    assert len(found) == 1


def test_command_line(course, capsys):
    assert lint.main(course.root) == 0
    assert capsys.readouterr() == ("", "0 to put right\n")
    write(course, "zh", GOOD["zh"].replace("用 1,000", "用1,000"))
    assert lint.main(course.root) == 1
    assert "cell closing: no space between Chinese and Latin" in capsys.readouterr().out
