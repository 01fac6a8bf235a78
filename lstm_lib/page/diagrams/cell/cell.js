// A part of a diagram lights its symbols in the equations, and a symbol in an equation its parts.
// Where a live figure on the page computes the cell, the lit part shows its value (see runtime.js).
(() => {
  "use strict";
  const HINT = "Choose a part: its symbols light up in the equations, and a symbol there its parts here.";
  const SYMBOL = "mjx-mi, mjx-msub, mjx-msubsup", SVG = "http://www.w3.org/2000/svg";
  const drawings = [...document.querySelectorAll("svg.cell")];
  const parts = drawings.flatMap((svg) => [...svg.querySelectorAll(".part")]);
  const list = (text) => (text || "").split(" ").filter(Boolean);
  const parted = new Map(); // the parts of a symbol
  for (const part of parts) {
    part.dataset.words = part.getAttribute("aria-label");
    for (const symbol of list(part.dataset.symbols)) parted.set(symbol, [...(parted.get(symbol) || []), part]);
  }

  // MathJax writes letters as classes: mjx-c1D454 is a g.
  const letters = (node) => [...node.querySelectorAll("mjx-c")]
    .map((c) => String.fromCodePoint(parseInt((/mjx-c([0-9A-F]+)/.exec(c.className) || [0, "20"])[1], 16)))
    .join("").normalize("NFKD");

  // The diagrams' symbol that an element of an equation is: g_cs, or s[n−1] if they tell it from s.
  function read(node) {
    let name = letters(node.firstElementChild && node.localName !== "mjx-mi" ? node.firstElementChild : node);
    if (node.localName === "mjx-mi") {
      const script = node.closest("mjx-script");
      if (script && !letters(script).includes("[")) return ""; // an index
    } else name += "_" + letters(node.lastElementChild.lastElementChild);
    let step = "";
    for (let next = node.nextElementSibling; next && step.length < 5; next = next.nextElementSibling) step += letters(next);
    return [name + step.slice(0, 5), name].find((symbol) => parted.has(symbol)) || "";
  }
  function symbolAt(node) {
    let found = null;
    for (let at = node.closest(SYMBOL); at; at = at.parentElement.closest(SYMBOL)) {
      const symbol = read(at);
      if (symbol) found = { symbol, at };
    }
    return found;
  }
  const inside = (equation) => [...equation.querySelectorAll(SYMBOL)].map(symbolAt)
    .filter((found, i, all) => found && all.findIndex((other) => other && other.at === found.at) === i);

  let index = null; // where the equations have a symbol
  function written(symbol) {
    if (!index) {
      index = new Map();
      for (const equation of document.querySelectorAll("mjx-container")) {
        for (const { symbol: s, at } of inside(equation)) index.set(s, [...(index.get(s) || []), at]);
      }
    }
    return index.get(symbol) || [];
  }

  // What is lit: by the pointer or the focus, else what a click has fixed.
  let lit = [], fixed = null, shown = null, values = {};
  for (const figure of document.querySelectorAll(".lf")) if (figure.values) { values = figure.values; break; }
  const number = (z) => String(Number(z.toPrecision(3))).replace("-", "−");
  const when = () => ("step" in values ? ` at step ${values.step}` : "");

  function light(given) {
    shown = given || fixed;
    for (const node of lit) node.classList.remove("lit");
    for (const tag of document.querySelectorAll(".cell .value")) tag.remove();
    const wanted = shown ? shown.symbols : [];
    lit = shown ? [...new Set([...shown.parts, ...wanted.flatMap((s) => [...parted.get(s), ...written(s)])])] : [];
    for (const node of lit) node.classList.add("lit");
    const valued = wanted.filter((s) => Number.isFinite(values[s]));
    const said = valued.map((s) => `${s} = ${number(values[s])}`).join(", ");
    const words = shown && (shown.parts[0] || parted.get(wanted[0])[0]).dataset.words;
    for (const note of notes) note.textContent = words ? words[0].toUpperCase() + words.slice(1) + (said && `: now ${said}${when()}`) : HINT;
    if (!shown) return;
    for (const part of shown.parts) part.setAttribute("aria-label", words + (said && `, now ${said}${when()}`));
    if (valued.length === 1) for (const svg of drawings) tell(svg, number(values[valued[0]]));
  }
  // The value beside the first lit part of a drawing.
  function tell(svg, said) {
    const part = shown.parts.find((p) => svg.contains(p)) || svg.querySelector(".part.lit");
    if (!part || !svg.clientWidth) return;
    const text = document.createElementNS(SVG, "text"), { x, width } = svg.viewBox.baseVal;
    const box = (part.querySelector("text") || part).getBBox();
    text.setAttribute("class", "value");
    text.setAttribute("aria-hidden", "true");
    text.textContent = said;
    svg.append(text);
    const room = text.getBBox().width / 2 + 2, middle = box.x + box.width / 2, low = box.y + box.height;
    const solid = [...svg.querySelectorAll(".box, .ring, .name")].map((other) => other.getBBox());
    const free = ([u, v]) => u - room > x && u + room < x + width &&
      !solid.some((o) => u + room > o.x && u - room < o.x + o.width && v + 3 > o.y && v - 11 < o.y + o.height);
    // above it, left, right, or below it, where nothing stands
    const places = [[middle, box.y - 5], [box.x - room - 2, low - 3], [box.x + box.width + room + 2, low - 3], [middle, low + 14]];
    const [u, v] = places.find(free) || [Math.max(x + room, Math.min(x + width - room, middle)), Math.max(12, box.y - 5)];
    text.setAttribute("x", u);
    text.setAttribute("y", v);
  }
  const ofPart = (part) => ({ parts: [part], symbols: list(part.dataset.symbols + " " + (part.dataset.reads || "")) });
  const fix = (given) => { fixed = given; light(); };

  const notes = drawings.map((svg) => {
    const figure = svg.closest("figure");
    if (figure.querySelector(".cell-note")) return null;
    const note = document.createElement("p");
    note.className = "cell-note";
    note.textContent = HINT;
    figure.append(note);
    return note;
  }).filter(Boolean);

  for (const svg of drawings) {
    const own = [...svg.querySelectorAll(".part")];
    own[0].setAttribute("tabindex", "0"); // one stop for the tabulator; arrows go on from there
    const choose = (part) => own.forEach((other) => {
      other.setAttribute("tabindex", other === part ? "0" : "-1");
      other.setAttribute("aria-selected", String(other === part));
    });
    svg.addEventListener("keydown", (event) => {
      const at = own.indexOf(event.target.closest(".part")), last = own.length - 1;
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
      if (to !== undefined) own[Math.max(0, Math.min(last, to))].focus();
      else if (event.key === "Enter" || event.key === " ") fix(ofPart(own[at]));
      else return;
      event.preventDefault();
    });
    svg.addEventListener("focusin", (event) => {
      const part = event.target.closest(".part");
      choose(part);
      light(ofPart(part));
    });
    svg.addEventListener("focusout", () => light());
  }
  document.addEventListener("pointerover", (event) => {
    const part = event.target.closest(".part");
    const found = !part && event.target.closest("mjx-container") && symbolAt(event.target);
    const now = part ? ofPart(part) : found && { parts: [], symbols: [found.symbol] };
    if (now || (shown && shown !== fixed && !document.activeElement.matches(".part, mjx-container"))) light(now);
  });
  document.addEventListener("click", (event) => {
    const part = event.target.closest(".part"), found = !part && event.target.closest("mjx-container") && symbolAt(event.target);
    if (part || found || fixed) fix(part ? ofPart(part) : found ? { parts: [], symbols: [found.symbol] } : null);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && shown) fix(null); });
  // A numbered equation in focus lights all its parts; arrows go through its symbols.
  function attend(equation) {
    const all = inside(equation), number = equation.closest("[id^=equation-]").querySelector(".eqno");
    if (!all.length || !number) return;
    let at = -1;
    equation.setAttribute("tabindex", "0");
    equation.setAttribute("role", "group");
    equation.setAttribute("aria-label", `Equation ${number.firstChild.data}: arrow keys light its symbols in the diagram`);
    equation.addEventListener("focus", () => {
      at = -1;
      light({ parts: [], symbols: [...new Set(all.map(({ symbol }) => symbol))] });
    });
    equation.addEventListener("blur", () => light());
    equation.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      at = Math.max(0, Math.min(all.length - 1, at + step));
      light({ parts: [], symbols: [all[at].symbol] });
      spoken.textContent = notes[0].textContent;
    });
  }
  const spoken = document.createElement("span");
  spoken.className = "visually-hidden";
  spoken.setAttribute("aria-live", "polite");
  drawings[0].closest("figure").append(spoken);
  addEventListener("load", () => {
    const set = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
    Promise.resolve(set).then(() => document.querySelectorAll("[id^=equation-] mjx-container").forEach(attend));
  });
  document.addEventListener("figure-values", (event) => {
    values = event.target.values;
    if (shown) light(shown);
  });
})();
