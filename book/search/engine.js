// The search engine: from a query to the sections that answer it. It touches neither the page nor the network.
//
// Each section of the index (see book/sphinx_search.py) is looked through for each word of the query. Chinese and
// Japanese mark no end of a word, so a query is found wherever it stands in a text, as it stands there; only one that
// stands nowhere is cut at known names, or taken for a misspelling.
var courseSearch = courseSearch || {};

(function () {
  "use strict";
  const CJK = "\\u3005\\u3041-\\u3096\\u30a1-\\u30fa\\u30fc\\u3400-\\u9fff\\uf900-\\ufaff";
  const IS_CJK = new RegExp(`[${CJK}]`);
  const RUNS = new RegExp(`[${CJK}]+|[^${CJK} ]+`, "g");
  const AROUND_CJK = new RegExp(` (?=[${CJK}])|(?<=[${CJK}]) `, "g");
  // Words of a question rather than of an answer.
  const IDLE = new Set(
    [
      "a an and are do does for how in is it of on or the to what why with",
      "什么 什么是 是什么 怎么 怎样 如何 为什么 的 和 与 是 在 了 吗 呢",
      "とは って の が は を に と で や も から まで について どう なに なぜ です ます する した して 方法",
    ].flatMap((line) => line.split(" "))
  );

  // Folding: what readers take for the same text becomes the same text -----------------------------------------------

  const folded = new Map(); // character -> what stands for it
  function foldCharacter(character) {
    const plain = character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    if (/[・·]/.test(character)) return "";
    if (character === "×") return "x";
    return IS_CJK.test(character) ? character : plain.replace(/[^\p{L}\p{N}]/gu, " ");
  }

  // Full and half width, upper and lower case, accents, × and x; punctuation becomes a space. The long vowel mark goes
  // where a word ends (フィルター is フィルタ), but not inside (プーリング is not in サンプリング).
  function fold(text) {
    return text.replace(/[^a-z0-9 ]/gu, (character, at) => {
      if (character === "ー") return isInside(text, at) ? "ー" : "";
      if (!folded.has(character)) folded.set(character, foldCharacter(character));
      return folded.get(character);
    });
  }
  const isInside = (text, at) => /^.ー[ァ-ヺ]|^[ぁ-ゖ]ー[ぁ-ゖ]/.test(text.slice(at - 1, at + 2));

  // A query may be typed in half-width katakana, two characters to a sound; the texts of the course are not.
  const foldQuery = (query) => fold(query.normalize("NFKC").replace(/(\d)\s*[*×x]\s*(?=\d)/gi, "$1x")).trim();

  const shift = (text, from, to, by) =>
    text.replace(new RegExp(`[${from}-${to}]`, "g"), (kana) => String.fromCharCode(kana.charCodeAt(0) + by));
  const toKatakana = (text) => shift(text, "ぁ", "ゖ", 96);
  const toHiragana = (text) => shift(text, "ァ", "ヶ", -96);

  function singular(word) {
    if (!/^[a-z]{4,}$/.test(word) || /(ss|us|is)$/.test(word)) return word;
    if (/ies$/.test(word)) return word.slice(0, -3) + "y";
    return /(ss|x|ch|sh)es$/.test(word) ? word.slice(0, -2) : word.replace(/s$/, "");
  }

  // What is equal for names that readers take for the same: "1×1 Convolutions", "1x1 convolution".
  const key = (text) => fold(text).split(" ").filter(Boolean).map(singular).join(" ").replace(AROUND_CJK, "");

  // The index, folded once -------------------------------------------------------------------------------------------

  let sections;
  let words; // every word of the course and every name, with how many sections have it

  function prepare() {
    sections = courseSearch.pages.flatMap((page) =>
      page.sections.map((section, number) => ({
        ...section,
        page: page.page,
        pageTitle: page.title,
        isPage: number === 0,
        isTerm: section.anchor.startsWith("term-"),
        keys: new Set([section.title, ...section.names].map(key)),
        codes: new Set(section.defines.map(key)),
        called: [section.title, ...section.names].map((name) => fold(name).trim()),
        inCode: fold(section.defines.join(" | ")),
        inText: fold(section.text),
        inPage: fold(page.title),
      }))
    );
    words = new Map();
    for (const section of sections) {
      const own = new Set(`${section.called.join(" ")} ${section.inText}`.match(/[a-z0-9]+/g));
      section.called.filter((name) => IS_CJK.test(name)).forEach((name) => own.add(name));
      own.forEach((word) => words.set(word, (words.get(word) || 0) + 1));
    }
  }

  // Finding ----------------------------------------------------------------------------------------------------------

  // Where a word stands in a folded text: a Latin one at the beginning of a word, others anywhere.
  function places(text, word) {
    const found = [];
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      if (IS_CJK.test(word[0]) || !/[a-z0-9]/.test(text[at - 1] || " ")) found.push(at);
    }
    return found;
  }

  // How well a section answers one word: 0, if it does not have it. A name counts the more, the more of it the word is.
  function weight(section, word) {
    const inNames = section.called
      .filter((name) => places(name, word).length)
      .map((name) => 4 + (6 * word.length) / name.length);
    const inCode = places(section.inCode, word).length && 6;
    const count = places(section.inText, word).length;
    const inText = count && 1 + Math.log2(count) + (20 * count) / (80 + section.inText.length / 8);
    return Math.max(0, ...inNames) + inCode + inText || (places(section.inPage, word).length && 0.5);
  }

  // A word as it stands in the course: in the singular (a plural begins with it), as typed, in the other kana; "" if it
  // stands nowhere. Who types hiragana alone has not yet turned it into katakana.
  function known(word) {
    const forms = [singular(word), word, toKatakana(word), toHiragana(word)];
    if (/^[ぁ-ゖー]+$/.test(word)) forms.unshift(toKatakana(word));
    return forms.find((form) => form && sections.some((section) => weight(section, form) > 0)) || "";
  }

  // Cut a run at the longest names that it begins with: 池化步幅 is 池化 and 步幅.
  function cut(run) {
    const parts = [];
    for (let rest = run; rest; ) {
      let length = rest.length;
      while (length > 1 && !words.has(rest.slice(0, length)) && !IDLE.has(rest.slice(0, length))) length -= 1;
      if (length > 1 || IDLE.has(rest[0]) || !parts.length || !parts.at(-1).isRest) parts.push({ text: "" });
      parts.at(-1).text += rest.slice(0, length);
      parts.at(-1).isRest = length === 1 && !IDLE.has(rest[0]);
      rest = rest.slice(length);
    }
    return parts.map((part) => part.text).filter((part) => !IDLE.has(part));
  }

  // Whether one edit (a character more, less, another, or two exchanged) makes one word of the other.
  function isOneEdit(a, b) {
    if (Math.abs(a.length - b.length) > 1 || a === b) return false;
    let start = 0;
    while (a[start] === b[start] && start < a.length) start += 1;
    const [restA, restB] = [a.slice(start), b.slice(start)];
    const swapped = restA[1] + restA[0] + restA.slice(2) === restB && restA.length > 1;
    const [shorter, longer] = restA.length < restB.length ? [restA, restB] : [restB, restA];
    return swapped || shorter.slice(longer.length > shorter.length ? 0 : 1) === longer.slice(1);
  }

  // The commonest word of the course that is one edit away; short words have too many neighbors.
  function corrected(word) {
    if (word.length < (IS_CJK.test(word) ? 3 : 4)) return "";
    const forms = new Set([word, singular(word), toKatakana(word)]);
    const near = [...words].filter(([other]) => [...forms].some((form) => isOneEdit(form, other)));
    return near.sort((a, b) => b[1] - a[1])[0]?.[0] || "";
  }

  // The words to look for, and what was put in place of which word. What stands nowhere is cut, where the script
  // changes and at known names; what cannot be cut is corrected.
  function understand(query) {
    const instead = [];
    function find(word) {
      const form = known(word);
      if (form) return [form];
      const runs = word.match(RUNS);
      if (runs.length > 1) return runs.flatMap(find);
      const better = corrected(word);
      const parts = better || !IS_CJK.test(word) ? [word] : cut(word);
      if (parts.length !== 1 || parts[0] !== word) return parts.flatMap(find);
      if (better) instead.push([word, better]);
      return [better || word];
    }
    const typed = query.split(" ").filter(Boolean);
    const meant = typed.filter((word) => !IDLE.has(word));
    return { found: (meant.length ? meant : typed).flatMap(find), instead };
  }

  // How rare a word is: sections that have a rare one answer better than those that have a common one.
  function rarity(word) {
    const having = sections.filter((section) => weight(section, word) >= 1).length;
    return Math.log(1 + sections.length / (1 + having));
  }

  // Sections that answer a query, best first: those that have all words, or else at least half of them.
  courseSearch.find = function (query) {
    if (!sections) prepare();
    const typed = foldQuery(query);
    if (!typed) return { results: [], instead: [], words: [] };
    const { found, instead } = understand(typed);
    const rarities = found.map(rarity);
    const asked = new Set([key(query), key(found.join(" ")), key(toKatakana(typed))]);
    const isAsked = (names) => [...asked].some((name) => names.has(name));
    const isCode = /[_.(]/.test(query.trim());

    function rate(section) {
      const weights = found.map((word) => weight(section, word));
      const having = weights.filter(Boolean).length;
      let score = weights.reduce((sum, each, i) => sum + each * rarities[i], 0);
      if (found.length > 1 && section.called.some((name) => places(name, typed).length)) score += 9; // in one piece
      if (found.length > 1 && places(section.inText, typed).length) score += 3;
      if (/-(exercises|references)$/.test(section.anchor)) score *= 0.4; // explanations before tasks
      if (isAsked(section.codes)) score += isCode ? 3000 : 800; // where a function is defined
      if (isAsked(section.keys)) score += section.isTerm ? 2000 : 1000; // what it is called
      if (asked.has(key(section.title))) score += 200;
      return { section, score, having: weights.some((each) => each >= 1) ? having : 0 };
    }

    const rated = sections.map(rate).filter((each) => each.having && each.having >= found.length / 2);
    const complete = rated.filter((each) => each.having === found.length);
    const results = (complete.length ? complete : rated).sort((a, b) => b.score - a.score).map((each) => each.section);
    return { results, instead, words: found };
  };

  // The part of a text that says most of the words: pieces, each with whether it is one of them.
  courseSearch.excerpt = function (text, found, length) {
    const from = []; // place in the folded text -> place in the text
    let plain = "";
    for (let at = 0; at < text.length; at += 1) {
      for (const character of text[at] === "ー" && isInside(text, at) ? "ー" : fold(text[at])) {
        from.push(at);
        plain += character;
      }
    }
    from.push(text.length);
    const hits = found
      .flatMap((word) => places(plain, word).map((at) => [from[at], from[at + word.length - 1] + 1]))
      .sort((a, b) => a[0] - b[0]);
    const richness = (first) => hits.filter(([start]) => start >= first && start < first + length * 0.8).length;
    const best = hits.reduce((most, [start]) => (richness(start) > richness(most) ? start : most), hits[0]?.[0] ?? 0);
    const start = best < length / 4 ? 0 : best - Math.floor(length / 5);
    const end = Math.min(text.length, start + length);
    const pieces = [[start ? "…" : "", false]];
    let at = start;
    for (const [first, last] of hits) {
      if (first < at || last > end) continue;
      pieces.push([text.slice(at, first), false], [text.slice(first, last), true]);
      at = last;
    }
    pieces.push([text.slice(at, end) + (end < text.length ? "…" : ""), false]);
    return pieces.filter(([piece]) => piece);
  };
})();
