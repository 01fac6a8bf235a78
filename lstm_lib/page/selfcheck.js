// The host of the self-checks: draws questions anew, reads and judges answers, keeps what was reached.
// What a question is: see lstm_lib/page/selfcheck.py.
const SelfChecks = (() => {
  "use strict";
  const checks = {}, trainers = new Set(), SHELF = "self-check:";
  let serial = 0;

  // The same numbers in every browser: mulberry32.
  function generator(seed) {
    let state = Math.imul(seed, 0x9e3779b1) >>> 0;
    const random = () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    random.integer = (low, high) => low + Math.floor(random() * (high - low + 1));
    random.pick = (list) => list[random.integer(0, list.length - 1)];
    random.shuffle = (list) => {
      const out = [...list];
      for (let i = out.length - 1; i > 0; i--) {
        const j = random.integer(0, i);
        [out[i], out[j]] = [out[j], out[i]];
      }
      return out;
    };
    // The first of what `make` draws that is as wanted.
    random.until = (make, good) => {
      for (let tries = 0; tries < 1000; tries++) {
        const made = make();
        if (good(made)) return made;
      }
      throw new Error("a thousand drawings, none as wanted");
    };
    return random;
  }

  // A number as readers write it: 0.5, 0,5, 1/2, 1e-3, 3·10^-4, 12 %, 0.5*(1-0.3^2). A comma that
  // may stand for thousands is not guessed at.
  function read(text, unit = "") {
    let rest = text.trim().replace(/[−–]/g, "-").replace(/[·×]/g, "*").replace(/[:÷]/g, "/");
    if (unit && rest.endsWith(unit)) rest = rest.slice(0, -unit.length);
    if (unit === "%") rest = rest.replace(/%$/, "");
    rest = rest.replace(/\s+/g, "");
    if (!rest) throw new Error("Write a number first.");
    const two = rest.match(/(?<![\d.,])[1-9]\d{0,2},\d{3}(?![\d.,])/);
    if (two) throw new Error(`${two[0]} can be read in two ways: write ${two[0].replace(",", ".")} or ${two[0].replace(",", "")}.`);
    rest = rest.replace(/(?<![\d.,])\d{1,3}(,\d{3}){2,}(?![\d,])/g, (many) => many.replace(/,/g, ""));
    const take = (pattern) => {
      const found = rest.match(pattern);
      if (found) rest = rest.slice(found[0].length);
      return found && found[0];
    };
    const fail = () => { throw new Error(`I cannot read “${text.trim()}” as a number. Write it like 0.25, 1/4, 2.5e-1 or 25 %.`); };
    function atom() {
      if (take(/^\(/)) {
        const value = sum();
        if (!take(/^\)/)) fail();
        return value;
      }
      const digits = take(/^(\d+([.,]\d*)?|[.,]\d+)(e[-+]?\d+)?/i);
      return digits ? Number(digits.replace(",", ".")) : fail();
    }
    function power() {
      const base = atom(), value = take(/^(\^|\*\*)/) ? base ** signed() : base;
      return take(/^%/) ? value / 100 : value;
    }
    function signed() {
      if (take(/^-/)) return -signed();
      take(/^\+/);
      return power();
    }
    function product() {
      let value = signed(), sign;
      while ((sign = take(/^[*/]/))) value = sign === "*" ? value * signed() : value / signed();
      return value;
    }
    function sum() {
      let value = product(), sign;
      while ((sign = take(/^[-+]/))) value += sign === "+" ? product() : -product();
      return value;
    }
    const value = sum();
    if (rest || !Number.isFinite(value)) fail();
    return value;
  }

  // Two per cent, unless the question says otherwise.
  const tolerance = (question) => question.tolerance ?? 0.02 * Math.abs(question.answer);
  const meets = (value, wanted, within) => Math.abs(value - wanted) <= within + 1e-9 * Math.abs(wanted);

  // Whether an answer (a number, or the place of an option) is right, and why it is not.
  function judge(question, answer) {
    if (question.kind === "choice") return { right: Boolean(question.options[answer].right), reason: question.options[answer].reason || "" };
    if (meets(answer, question.answer, tolerance(question))) return { right: true, reason: "" };
    const far = ({ value }) => Math.abs(answer - value);
    const [near] = [...(question.near || [])].sort((a, b) => far(a) - far(b));
    if (near && meets(answer, near.value, question.tolerance ?? 0.02 * Math.abs(near.value))) return { right: false, reason: near.reason };
    if (question.answer && meets(-answer, question.answer, tolerance(question))) return { right: false, reason: "The size is right, the sign is not." };
    return { right: false, reason: "" };
  }

  // Whether the answer and what mistakes give are all told apart.
  function clear({ answer, near, ...question }) {
    const values = [answer, ...near.map(({ value }) => value)], apart = (value) => 2 * Math.max(tolerance({ answer, ...question }), 0.02 * Math.abs(value));
    return values.every((a, i) => Number.isFinite(a) && values.every((b, j) => i === j || Math.abs(a - b) > apart(a)));
  }

  function drawn(name, id, seed) {
    const random = generator(seed), question = checks[name].find((one) => one.id === id).draw(random, seed);
    return question.kind === "choice" && !question.ordered ? { ...question, options: random.shuffle(question.options) } : question;
  }

  // A true minus sign, and as many digits as a reader wants to see.
  const format = (value, digits = 3) => {
    const text = value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)
      ? value.toExponential(digits - 1).replace(/e\+?(-?\d+)/, "·10^{$1}")
      : String(Number(value.toPrecision(digits)));
    return text.replace(/-/g, "−");
  };

  // Text of a question as HTML: W_{r}, 2^{n}, *stress*, line breaks, [words](#eq-name or #figure?setting).
  const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const marked = (text) => escape(text)
    .replace(/\[([^\]]+)\]\(#([^)]+)\)/g, (_, words, to) => (to.includes("?")
      ? `<a class="lf-set" role="button" href="#${to}">${words}</a>`
      : `<a data-equation="${to}" href="#${to}">${words}</a>`))
    .replace(/_\{([^}]*)\}/g, "<sub>$1</sub>").replace(/\^\{([^}]*)\}/g, "<sup>$1</sup>")
    .replace(/\*([^*\s][^*]*)\*/g, "<em>$1</em>").replace(/\n/g, "<br>").replace(/ = (?=[−\d])/g, "\u00a0=\u00a0");

  // The number of an equation stands in the page; where there is none, words are enough.
  function link(root) {
    for (const one of root.querySelectorAll("a[data-equation]")) {
      const there = document.getElementById(one.dataset.equation) || document.getElementById(`equation-${one.dataset.equation}`);
      const number = there && (there.closest("div.math") || there).querySelector(".eqno");
      if (!there) one.replaceWith(...one.childNodes);
      else {
        one.setAttribute("href", `#${there.id}`);
        if (number) one.append(` ${number.textContent.match(/\([^)]*\)/)[0]}`);
      }
    }
  }

  // What was reached, in this browser only; where nothing may be stored, until the page is left.
  const memory = {};
  function kept(name) {
    try { return JSON.parse(localStorage.getItem(SHELF + name)) || memory[name] || { tally: {} }; } catch { return memory[name] || { tally: {} }; }
  }
  function keep(name, state) {
    memory[name] = state;
    try { localStorage.setItem(SHELF + name, JSON.stringify(state)); } catch { /* not allowed here */ }
    contents();
  }
  function forget(name) {
    delete memory[name];
    try { localStorage.removeItem(SHELF + name); } catch { /* not allowed here */ }
    contents();
  }
  const reached = ({ tally }, ids) => ids.filter((id) => tally[id] && tally[id].right > 0).length;

  // Beside the chapters' names in the contents of a static page.
  function contents() {
    document.querySelectorAll(".sc-mark").forEach((mark) => mark.remove());
    const all = { ...memory };
    try {
      for (const key of Object.keys(localStorage)) if (key.startsWith(SHELF)) all[key.slice(SHELF.length)] = JSON.parse(localStorage.getItem(key));
    } catch { /* not allowed here */ }
    for (const { page, of, tally } of Object.values(all)) {
      const done = Object.values(tally || {}).filter(({ right }) => right > 0).length;
      if (!page || !done) continue;
      for (const entry of document.querySelectorAll(".bd-sidebar-primary a.reference")) {
        const here = entry.getAttribute("href") === "#" ? location.pathname : entry.pathname;
        if (!here.endsWith(`/${page}`)) continue;
        const mark = element("span", { class: "sc-mark" }, `${done}/${of}`);
        mark.setAttribute("aria-label", `, self-check: ${done} of ${of} right`);
        mark.setAttribute("role", "img");
        entry.append(" ", mark);
      }
    }
  }

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children);
    return node;
  }
  const button = (text, act) => {
    const node = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, text);
    node.addEventListener("click", act);
    return node;
  };

  // One question with its answer, verdict and reason. `counted` is told the first answer to each drawing.
  function panel(name, id, place, state, counted, onward) {
    const key = `sc${++serial}`, form = element("form", { class: "sc-question", novalidate: true });
    const legend = element("legend"), answer = element("div", { class: "sc-answer" });
    const said = element("div", { class: "sc-said", "aria-live": "polite" });
    const mark = element("span", { class: "sc-tally" });
    let question, answered, input;

    function show(seed) {
      form.dataset.seed = seed;
      question = drawn(name, id, seed);
      answered = false;
      legend.innerHTML = `${trainers.has(name) ? "" : `<span class="sc-place">Question ${place}</span> `}${marked(question.text)}`;
      link(legend);
      said.replaceChildren();
      form.classList.remove("sc-right", "sc-wrong");
      if (question.kind === "choice") {
        input = null;
        answer.replaceChildren(...question.options.map(({ text }, i) => {
          const radio = element("input", { type: "radio", name: key, value: i, "data-lm-suppress-shortcuts": "true" });
          const words = element("span");
          words.innerHTML = marked(text);
          return element("label", { class: "sc-option" }, radio, words);
        }));
      } else {
        input = element("input", {
          id: key, type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", size: 12,
          "data-lm-suppress-shortcuts": "true",
        });
        answer.replaceChildren(element("label", { for: key }, "Your answer"), input, question.unit || "");
      }
      tally();
    }
    function tally() {
      const { right = 0, answered: count = 0 } = state().tally[id] || {};
      mark.textContent = trainers.has(name) ? "" : count > 1 ? `${right} of ${count} right so far` : right ? "answered right" : "";
      form.classList.toggle("sc-done", right > 0);
    }
    function refuse(words) {
      form.classList.remove("sc-right", "sc-wrong");
      said.replaceChildren(element("p", {}, words));
      if (input) { input.setAttribute("aria-invalid", "true"); input.focus(); }
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      let given;
      if (input) {
        input.removeAttribute("aria-invalid");
        try { given = read(input.value, question.unit); } catch (error) { return refuse(error.message); }
      } else {
        const chosen = answer.querySelector(":checked");
        if (!chosen) return refuse("Choose an answer first.");
        given = Number(chosen.value);
      }
      const { right, reason } = judge(question, given);
      const verdict = element("p", { class: "sc-verdict" }, element("strong", {}, right ? "Right." : "Not right."));
      if (reason) verdict.insertAdjacentHTML("beforeend", ` ${marked(reason)}`);
      if (onward) next.hidden = false;
      if (answered && right) verdict.append(" Only the first answer counts: try another one.");
      const why = element("p", { class: "sc-why" });
      why.innerHTML = marked((question.kind === "choice" ? "" : `The answer is ${format(question.answer)}${question.unit ? (question.unit === "%" ? " %" : ` ${question.unit}`) : ""}. `) + question.because);
      link(why);
      said.replaceChildren(verdict, why);
      link(verdict);
      form.classList.toggle("sc-right", right);
      form.classList.toggle("sc-wrong", !right);
      if (!answered) counted(id, right);
      answered = true;
      tally();
    });
    const check = element("button", { type: "submit", "data-lm-suppress-shortcuts": "true" }, "Check");
    const another = button("Another one", () => {
      const now = state(), mine = now.tally[id] || { right: 0, answered: 0, seed: 1 };
      let seed = mine.seed + 1;
      for (let tries = 0; tries < 20 && drawn(name, id, seed).text === question.text; tries++) seed++; // another one
      now.tally[id] = { ...mine, seed };
      keep(name, now);
      show(seed);
      legend.tabIndex = -1;
      legend.focus({ preventScroll: true });
    });
    another.setAttribute("aria-label", trainers.has(name) ? "Another one: a new setting" : `Another one: question ${place} with new numbers`);
    const next = button("Next question", () => onward());
    form.append(element("fieldset", {}, legend, answer, element("div", { class: "sc-buttons" }, check, another, next, mark), said));
    next.hidden = true;
    show((state().tally[id] || { seed: 1 }).seed);
    return { form, tally, legend };
  }

  function mount(host, name) {
    const ids = checks[name].map(({ id }) => id), state = () => kept(name);
    const root = element("div", { class: "sc", role: "group", "aria-label": trainers.has(name) ? "Trainer" : "Check yourself", "data-check": name });
    const progress = element("p", { class: "sc-progress" }), words = element("span", { role: "status" });
    const erase = button("Forget my answers", () => {
      forget(name);
      tell();
      panels.forEach(({ tally }) => tally());
    });
    function tell() {
      const now = state(), done = reached(now, ids), some = Object.values(now.tally).some(({ answered }) => answered);
      if (trainers.has(name)) {
        const { right = 0, answered = 0, streak = 0, best = 0 } = now.tally[ids[0]] || {};
        words.textContent = some ? `${right} of ${answered} right, ${streak} in a row; the longest row ${best}.` : "The first answer to each counts. How long a row can you make?";
      } else words.textContent = some ? `${done} of ${ids.length} right.` : `${ids.length} questions; the first answer to each drawing counts.`;
      erase.hidden = !some;
      ids.forEach((id, i) => {
        const right = Boolean(now.tally[id] && now.tally[id].right);
        tabs[i].textContent = right ? `${i + 1} ✓` : String(i + 1);
        tabs[i].setAttribute("aria-label", `Question ${i + 1}${right ? ", answered right" : ""}`);
      });
    }
    const counted = (id, right) => {
      const now = state(), mine = now.tally[id] || { right: 0, answered: 0, seed: 1 };
      now.tally[id] = { ...mine, right: mine.right + Number(right), answered: mine.answered + 1 };
      if (trainers.has(name)) {
        const { streak = 0, best = 0 } = mine, row = right ? streak + 1 : 0;
        now.tally[id] = { ...now.tally[id], streak: row, best: Math.max(best, row) };
      }
      const page = !trainers.has(name) && location.pathname.match(/[^/]+\.html$/);
      keep(name, { ...now, of: ids.length, ...(page && { page: page[0] }) });
      tell();
    };
    // One question at a time; all of them on paper.
    const turn = (i, go = true) => {
      panels.forEach(({ form }, k) => { form.hidden = k !== i; });
      tabs.forEach((tab, k) => (k === i ? tab.setAttribute("aria-current", "true") : tab.removeAttribute("aria-current")));
      if (!go) return;
      panels[i].legend.tabIndex = -1;
      panels[i].legend.focus({ preventScroll: true });
    };
    const tabs = ids.map((_, i) => button(String(i + 1), () => turn(i)));
    const panels = ids.map((id, i) => panel(name, id, i + 1, state, counted, i + 1 < ids.length ? () => turn(i + 1) : null));
    progress.append(words, " ", erase);
    root.append(progress, element("nav", { class: "sc-tabs", "aria-label": "Questions", hidden: ids.length < 2 }, ...tabs), ...panels.map(({ form }) => form));
    host.replaceChildren(root);
    turn(0, false);
    tell();
  }

  // The questions as they are first drawn, for paper; the answers at the end.
  function still(name) {
    const first = checks[name].map(({ id }) => drawn(name, id, 1));
    const plain = (text) => marked(text).replace(/<\/?a\b[^>]*>/g, "");
    const asked = first.map(({ text, kind, options, unit }) => `<li>${plain(text)}${kind === "choice"
      ? `<ul>${options.map((one) => `<li>${plain(one.text)}</li>`).join("")}</ul>` : unit ? ` (in ${escape(unit)})` : ""}</li>`);
    const told = first.map(({ kind, options, answer, unit, because }) => `<li>${plain(kind === "choice"
      ? options.find(({ right }) => right).text : `${format(answer)} ${unit || ""}`)}. ${plain(because)}</li>`);
    return `<ol>${asked.join("")}</ol><details><summary>Answers</summary><ol>${told.join("")}</ol></details>`;
  }

  // Bring to life what has been defined so far and waits in the page.
  function mountAll() {
    document.querySelectorAll("[data-self-check]:not([data-mounted])").forEach((host) => {
      if (!(host.dataset.selfCheck in checks)) return;
      host.dataset.mounted = "";
      mount(host, host.dataset.selfCheck);
    });
    contents();
  }

  return { generator, define: (name, questions, { trainer = false } = {}) => { checks[name] = questions; if (trainer) trainers.add(name); }, mount, mountAll, still, drawn, judge, read, format, clear, tolerance, marked, checks };
})();
