"""Sphinx extension: search that finds Chinese and Japanese words inside longer ones.

Sphinx looks words up in an index, but nothing marks where a Chinese or Japanese word ends. So each run of
such characters is indexed as all its pairs of neighbors (and as single characters), and a query is cut into
pairs in the same way: a query is found wherever all its pairs are.
"""

import re
import unicodedata

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

# Hiragana, katakana with the long vowel mark, ideographs, and the mark that repeats one.
CJK = "\u3005\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUN = re.compile(f"[{CJK}]+|[^\\W{CJK}]+")


def index_words(text: str) -> list[str]:
    """Cut a text into the words to index.

    >>> index_words("ゼロパディング")[:4]
    ['ゼ', 'ロ', 'パ', 'デ']
    >>> index_words("ReLU 层")
    ['ReLU', '层']
    """
    words = []
    for run in RUN.findall(unicodedata.normalize("NFKC", text)):
        if re.match(f"[{CJK}]", run):
            words.extend(run)
            words.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            words.append(run)
    return words


class SearchCJK(SearchEnglish):
    """Pairs for Chinese and Japanese; Latin words are stemmed as in an English book.

    It replaces Sphinx's Chinese search, which indexes next to nothing unless `jieba` is installed, and its Japanese
    search, which cuts the index into words but not the query.
    """

    lang = "cjk"
    language_name = "Chinese and Japanese"
    js_splitter_code = f"""
var splitQuery = (query) => {{
  const words = query.normalize("NFKC").match(/[\\p{{Letter}}\\p{{Number}}_]+/gu) || [];
  const runs = words.flatMap((word) => word.match(/[{CJK}]+|[^{CJK}]+/g));
  return runs.flatMap((run) => {{
    if (!/[{CJK}]/.test(run) || run.length === 1) return [run];
    return Array.from({{ length: run.length - 1 }}, (_, i) => run.slice(i, i + 2));
  }});
}};
"""

    def split(self, input: str) -> list[str]:
        """Cut a text into the words to index."""
        return index_words(input)

    def word_filter(self, word: str) -> bool:
        """Keep every character and pair; Sphinx would drop short words of hiragana."""
        return bool(re.match(f"[{CJK}]", word)) or super().word_filter(word)


def drop_words_of_no_page(app: Sphinx) -> list:
    """Take words out of the index whose last page has gone or been rewritten, as if it had been made anew.

    Sphinx only empties their lists of pages, so that equal pages would have unequal indexes.
    """
    for words in (app.builder.indexer._mapping, app.builder.indexer._title_mapping):
        for word in [word for word, pages in words.items() if not pages]:
            del words[word]
    return []  # pages to add to the book: none


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the search; `book.languages` chooses it for each language whose script it cuts."""
    app.add_search_language(SearchCJK)
    app.connect("html-collect-pages", drop_words_of_no_page)  # all pages are indexed, the index is not yet written
    return {"parallel_read_safe": True, "parallel_write_safe": True}
