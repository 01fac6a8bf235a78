// The search page: whole words, sections first, no server. Needs MiniSearch and Sphinx's stemmer.
(() => {
  "use strict";
  const GREEK = Object.fromEntries(
    "αalpha βbeta γgamma δdelta εepsilon ϵepsilon ζzeta ηeta θtheta ιiota κkappa λlambda μmu νnu ξxi πpi ρrho σsigma τtau υupsilon φphi ϕphi χchi ψpsi ωomega"
      .split(" ").map((pair) => [pair[0], pair.slice(1)]));
  const IDLE = new Set([...stopwords, ..."how do does i we you what which when where why can could should my one get use used using mean means meaning there from its than so out about me".split(" ")]);
  const stemmer = new Stemmer();
  const plain = (word) => [...word.toLowerCase()].map((letter) => GREEK[letter] || letter).join("");
  const stem = (word) => {
    const low = plain(word);
    return /[_\d]/.test(low) ? low : stemmer.stemWord(low);
  };
  const split = (text) => text.match(/[\p{L}\p{N}_]+/gu) || [];
  const term = (word) => (IDLE.has(word.toLowerCase()) ? null : stem(word));

  const index = new MiniSearch({
    fields: ["t", "p", "x", "c"],
    storeFields: ["u", "t", "p", "x", "k"],
    tokenize: split,
    processTerm: term,
    searchOptions: {
      boost: { t: 5, p: 1.5, x: 1, c: 0.3 },
      boostDocument: (id, word, stored) => ({ howto: 1.6, symbol: 1.4, section: 1, name: 0.7, list: 0.4 })[stored.k],
    },
  });
  index.addAll(window.BOOK_SECTIONS.map((section, id) => ({ id, ...section })));

  const said = document.getElementById("search-said");
  const list = document.getElementById("search-results");
  const field = document.querySelector(".book-search input[name=q]");

  function find(query) {
    const words = split(query).filter((word) => term(word));
    if (!words.length) return { words, hits: [], note: query.trim() ? "Only words that stand on every page: add one that says what you look for." : "" };
    let hits = index.search(query, { combineWith: "AND" });
    if (hits.length) return { words, hits, note: "" };
    hits = index.search(query);
    if (hits.length) return { words, hits, note: words.length > 1 ? "No section has all of these words; these have some." : "" };
    hits = index.search(query, { prefix: true, fuzzy: 0.25 });
    return { words, hits, note: hits.length ? "No section has these words; the nearest:" : "Nothing found. Try a symbol of the page, or one word less." };
  }

  // The words around the first hit, with every hit marked as a whole word.
  function excerpt(text, wanted) {
    const parts = text.match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_]+/gu) || [];
    const hit = (part) => wanted.has(stem(part));
    const at = Math.max(0, parts.findIndex(hit));
    const from = Math.max(0, at - 16), shown = parts.slice(from, from + 76);
    const out = document.createElement("p");
    if (from) out.append("… ");
    for (const part of shown) {
      if (!hit(part)) { out.append(part); continue; }
      const mark = document.createElement("mark");
      mark.textContent = part;
      out.append(mark);
    }
    if (from + 76 < parts.length) out.append(" …");
    return out;
  }

  function show(query) {
    list.replaceChildren();
    const { words, hits, note } = find(query);
    const wanted = new Set(hits.flatMap((hit) => hit.terms));
    const some = hits.slice(0, 30);
    const count = hits.length === 1 ? "1 place." : `${hits.length} places${hits.length > 30 ? ", the best 30" : ""}.`;
    said.textContent = [note, hits.length ? count : ""].filter(Boolean).join(" ") || said.textContent;
    document.title = words.length ? `${query} - Search` : document.title;
    for (const hit of some) {
      const item = document.createElement("li"), link = document.createElement("a"), where = document.createElement("span");
      link.href = hit.u;
      link.textContent = hit.t || hit.p;
      where.textContent = hit.k === "howto" ? "How-to" : hit.k === "name" ? "The library" : hit.t === hit.p.replace(/^[\d.]+ /, "") ? "" : hit.p;
      item.append(link, " ", where, excerpt(hit.x, wanted));
      list.append(item);
    }
  }

  const query = new URLSearchParams(location.search).get("q") || "";
  field.value = query;
  if (query) show(query);
  else field.focus();
  document.querySelector(".book-search form").addEventListener("submit", (event) => {
    event.preventDefault();
    history.pushState(null, "", `?q=${encodeURIComponent(field.value)}`);
    show(field.value);
  });
  addEventListener("popstate", () => {
    field.value = new URLSearchParams(location.search).get("q") || "";
    show(field.value);
  });
})();
