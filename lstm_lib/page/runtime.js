// The host of the live figures: controls, charts and accessibility, no figure of its own.
// A figure is {panels, compute, draw, describe}; see lstm_lib/page/figure.py for the contract.
const LiveFigures = (() => {
  "use strict";
  const figures = {};
  let serial = 0;

  const escape = (text) =>
    String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  // Numbers for readers: a true minus sign, and no digits that the step cannot set.
  function format(value, digits = 2) {
    if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "not a number";
    const size = Math.abs(value);
    const text = size >= 1e4 || (size > 0 && size < 0.5 * 10 ** -digits)
      ? value.toExponential(1).replace(/e([+-])(\d+)/, (_, sign, power) => "·10" + superscript((sign === "-" ? "-" : "") + power))
      : value.toFixed(digits);
    return text.replace(/^-(?=0(\.0*)?$)/, "").replace("-", "−");
  }
  const superscript = (text) => text.replace(/[-0-9]/g, (c) => ({ "-": "⁻" })[c] || "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);

  function ticks(low, high, count) {
    const raw = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = power * [1, 2, 5, 10].find((m) => m * power >= raw);
    const out = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) out.push(k * step);
    return { values: out, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
  }

  // The smallest of a few scales that holds all values, so that axes change rarely and nothing leaves.
  function scale(values, choices) {
    let most = 0;
    for (const v of values) most = Math.max(most, Math.abs(v));
    return choices.find((choice) => most <= choice) || choices[choices.length - 1];
  }

  // The same for a logarithmic axis: a floor and a top that hold all positive values.
  function decades(values, floors, tops) {
    let least = 1, most = 1;
    for (const v of values) {
      if (v > 0) least = Math.min(least, v);
      most = Math.max(most, v);
    }
    return [floors.find((floor) => least >= floor) || floors[floors.length - 1], tops.find((top) => most <= top) || tops[tops.length - 1]];
  }

  // Values over steps, as points.
  const steps = (values) => values.map((value, n) => [n, value]);

  // The part of a curve that lies between two values; the rest is a gap.
  const within = (points, [low, high]) => points.map(([x, y]) => [x, y >= low && y <= high ? y : NaN]);

  // At most `count` of the rows, evenly spread: dots stay dots however fine the step is.
  const thin = (rows, count = 90) => {
    const stride = Math.ceil(rows.length / count);
    return rows.filter((_, i) => i % stride === 0);
  };

  // A chart collects marks in data coordinates and returns SVG text, in CSS pixels.
  class Chart {
    constructor({ id, width, height, x, y, xLabel, yLabel, logY = false, equal = false, bare = false, xNames = null, title = "" }) {
      Object.assign(this, { id, width, height, xLabel, yLabel, logY, bare, xNames, title });
      this.box = bare ? { left: 0, right: width, top: title ? 26 : 0, bottom: height } : { left: 52, right: width - 10, top: title ? 26 : 10, bottom: height - 40 };
      this.x = x;
      this.y = logY ? y.map(Math.log10) : y;
      if (equal) this.equalise();
      this.under = [];
      this.marks = [];
      this.labels = [];
    }
    equalise() { // one unit is as long on both axes: widen the axis that has room
      const { left, right, top, bottom } = this.box;
      const scale = Math.min((right - left) / (this.x[1] - this.x[0]), (bottom - top) / (this.y[1] - this.y[0]));
      const widen = (range, pixels) => {
        const middle = (range[0] + range[1]) / 2, half = pixels / scale / 2;
        return [middle - half, middle + half];
      };
      this.x = widen(this.x, right - left);
      this.y = widen(this.y, bottom - top);
    }
    px(value) {
      const { left, right } = this.box;
      return left + ((value - this.x[0]) / (this.x[1] - this.x[0])) * (right - left);
    }
    py(value) {
      const { top, bottom } = this.box, v = this.logY ? Math.log10(Math.max(value, 1e-300)) : value;
      const out = bottom - ((v - this.y[0]) / (this.y[1] - this.y[0])) * (bottom - top);
      return Math.max(-1e5, Math.min(1e5, out)); // far off the chart, but a number
    }
    path(points, style) {
      let d = "", pen = "M";
      for (const [x, y] of points) {
        if (!Number.isFinite(y)) { pen = "M"; continue; }
        d += `${pen}${this.px(x).toFixed(1)} ${this.py(y).toFixed(1)}`;
        pen = "L";
      }
      this.marks.push(`<path class="lf-line ${style}" d="${d}"/>`);
    }
    // A point may carry a name, which shows when it is pointed at.
    dots(points, style, radius = 3.5) {
      for (const [x, y, name] of points) {
        if (!Number.isFinite(y)) continue;
        const mark = this.symbol(this.px(x), this.py(y), style, radius);
        this.marks.push(name ? `<g><title>${escape(name)}</title>${mark}</g>` : mark);
      }
    }
    symbol(x, y, style, r) {
      const at = (dx, dy) => `${(x + dx).toFixed(1)} ${(y + dy).toFixed(1)}`;
      if (/cross/.test(style)) return `<path class="lf-cross ${style}" d="M${at(-r, -r)}L${at(r, r)}M${at(-r, r)}L${at(r, -r)}"/>`;
      if (/diamond/.test(style)) return `<path class="lf-dot ${style}" d="M${at(0, -1.3 * r)}L${at(1.3 * r, 0)}L${at(0, 1.3 * r)}L${at(-1.3 * r, 0)}Z"/>`;
      return `<circle class="lf-dot ${style}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${r}"/>`;
    }
    // A point that stays visible: past the border it becomes an arrow at the edge.
    pointer(x, y, style, label) {
      const { left, right, top, bottom } = this.box, px = this.px(x), py = this.py(y);
      const cx = Math.max(left + 7, Math.min(right - 7, px)), cy = Math.max(top + 7, Math.min(bottom - 7, py));
      if (cx === px && cy === py) {
        this.marks.push(this.symbol(px, py, style, 5));
      } else {
        const angle = (Math.atan2(py - cy, px - cx) * 180) / Math.PI;
        this.marks.push(`<path class="lf-dot ${style}" transform="translate(${cx.toFixed(1)} ${cy.toFixed(1)}) rotate(${angle.toFixed(0)})" d="M7 0L-6 -6L-6 6Z"/>`);
      }
      if (label) {
        const end = cx > right - 70;
        this.labels.push(`<text class="lf-label ${style}" x="${(cx + (end ? -10 : 10)).toFixed(1)}" y="${(cy + (cy < top + 20 ? 16 : -8)).toFixed(1)}" text-anchor="${end ? "end" : "start"}">${escape(label)}</text>`);
      }
    }
    circle(x, y, r, style) {
      const k = (this.box.right - this.box.left) / (this.x[1] - this.x[0]);
      this.under.push(`<circle class="${style}" cx="${this.px(x).toFixed(1)}" cy="${this.py(y).toFixed(1)}" r="${(k * r).toFixed(1)}"/>`);
    }
    rect(x0, x1, y0, y1, style) {
      const left = this.px(x0), top = this.py(y1);
      this.under.push(`<rect class="${style}" x="${left.toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(0, this.px(x1) - left).toFixed(1)}" height="${Math.max(0, this.py(y0) - top).toFixed(1)}"/>`);
    }
    text(x, y, content, style = "", anchor = "start") {
      this.labels.push(`<text class="lf-label ${style}" x="${this.px(x).toFixed(1)}" y="${this.py(y).toFixed(1)}" text-anchor="${anchor}">${escape(content)}</text>`);
    }
    svg() {
      const { left, right, top, bottom } = this.box, out = [];
      const across = ticks(this.x[0], this.x[1], Math.max(4, Math.floor((right - left) / 70)));
      const up = ticks(this.y[0], this.y[1], Math.max(2, Math.floor((bottom - top) / 38)));
      const upValues = this.logY ? up.values.filter(Number.isInteger) : up.values;
      const stands = this.xNames ? this.xNames.map((name, k) => [k, name]) : across.values.map((v) => [v, format(v, across.digits)]);
      for (const [v, name] of stands) { // columns 0, 1, ... may have names in place of numbers
        const x = this.px(v).toFixed(1), leaves = this.px(v) + 4 * name.length > this.width; // half of it, at 12 pixels
        const stand = leaves ? `x="${this.width}" y="${bottom + 16}" text-anchor="end"` : `x="${x}" y="${bottom + 16}" text-anchor="middle"`;
        out.push(`<path class="lf-grid" d="M${x} ${top}V${bottom}"/><text class="lf-tick" ${stand}>${escape(name)}</text>`);
      }
      for (const v of upValues) {
        const y = (bottom - ((v - this.y[0]) / (this.y[1] - this.y[0])) * (bottom - top)).toFixed(1);
        const name = this.logY ? "10" + superscript(String(v)) : format(v, up.digits);
        out.push(`<path class="lf-grid" d="M${left} ${y}H${right}"/><text class="lf-tick" x="${left - 6}" y="${y}" dy="0.34em" text-anchor="end">${name}</text>`);
      }
      const clip = `${this.id}-clip`;
      out.push(`<clipPath id="${clip}"><rect x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/></clipPath>`);
      if (this.bare) { // a picture without axes
        const name = this.title ? `<text class="lf-panel-title" x="${left}" y="16">${escape(this.title)}</text>` : "";
        return `${out[out.length - 1]}<g clip-path="url(#${clip})">${this.under.join("")}${this.marks.join("")}${this.labels.join("")}</g>${name}`;
      }
      const frame = `<rect class="lf-frame" x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"/>`;
      const names =
        (this.title ? `<text class="lf-panel-title" x="${left}" y="16">${escape(this.title)}</text>` : "") +
        `<text class="lf-axis" x="${(left + right) / 2}" y="${this.height - 6}" text-anchor="middle">${escape(this.xLabel)}</text>` +
        `<text class="lf-axis" transform="translate(10 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(this.yLabel)}</text>`;
      return `<g clip-path="url(#${clip})">${this.under.join("")}</g>${out.join("")}${frame}<g clip-path="url(#${clip})">${this.marks.join("")}</g>${this.labels.join("")}${names}`;
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

  function legend(entries) {
    return entries
      .map((entry) => `<span class="lf-key"><svg width="26" height="14" aria-hidden="true">${key(entry)}</svg>${escape(entry.label)}</span>`)
      .join("");
  }
  const key = ({ style, mark }) =>
    (mark === "line" || mark === "both" ? `<path class="lf-line ${style}" d="M1 7H25"/>` : "") +
    (mark === "line" ? "" : Chart.prototype.symbol(13, 7, style, mark === "both" ? 3.5 : 4));

  // The value of a control as text: no digits that the step cannot set, the name of a choice.
  function shown(spec, value) {
    if (spec.kind === "choice") return spec.options.find(([key]) => key === value)[1];
    const digits = (String(spec.step).split(".")[1] || "").length;
    return format(value, digits) + (spec.unit ? " " + spec.unit : "");
  }

  // The nearest values that the sliders can show.
  const onSteps = (controls, wanted) => Object.fromEntries(Object.entries(wanted).map(([name, value]) => {
    const { min, max, step } = controls.find((c) => c.name === name);
    return [name, Number((min + Math.round((Math.max(min, Math.min(max, value)) - min) / step) * step).toFixed(10))];
  }));

  function control(spec, id, model, changed) {
    const common = { id, "data-lm-suppress-shortcuts": "true", "data-control": spec.name };
    const label = element("label", { for: id }, spec.label);
    const row = element("div", { class: "lf-control" }, label);
    if (spec.kind === "choice") {
      const select = element("select", common);
      for (const [value, name] of spec.options) select.append(element("option", { value }, name));
      select.addEventListener("change", () => changed(select.value));
      row.append(select);
      return { row, show: (value) => { select.value = value; } };
    }
    const input = element("input", { ...common, type: "range", min: spec.min, max: spec.max, step: spec.step });
    const output = element("output", { for: id });
    row.append(input, output);
    input.addEventListener("input", () => changed(Number(input.value)));
    return {
      row,
      show(value) {
        const text = shown(spec, value);
        if (Number(input.value) !== value) input.value = value;
        input.setAttribute("aria-valuetext", text);
        output.textContent = text;
      },
    };
  }

  const button = (name, text, act) => {
    const node = element("button", { type: "button", class: `lf-${name}`, "data-lm-suppress-shortcuts": "true" }, text);
    node.addEventListener("click", act);
    return node;
  };

  const LEAST = 160; // pixels: a lower chart cannot be read

  // Most of it is on the screen.
  function seen(node) {
    const { top, bottom } = node.getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0) >= 0.6 * Math.min(bottom - top, innerHeight);
  }
  const glide = (node, block) =>
    node.scrollIntoView({ block, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });

  // A link whose address is a setting sets the figure, wherever in the document it stands.
  const live = new Set();
  function follow(event) {
    const link = event.target.closest && event.target.closest('a[href*="#"]');
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.href.split("#")[0] !== location.href.split("#")[0] && !link.getAttribute("href").startsWith("#")) return;
    for (const { figure, given } of FigureSettings.parse(link.hash)) {
      for (const one of live) {
        if (one.figure !== figure) continue;
        event.preventDefault();
        one.take(given, link);
      }
    }
  }

  // Build one figure inside `host`. `model` has get, set, on and save_changes. `page` is the address of
  // a static page; a notebook has none to give away.
  function mount(host, model, page) {
    const spec = model.get("spec"), figure = figures[spec.figure], id = `lf${++serial}`;
    const root = element("figure", { class: "lf", role: "group", "aria-labelledby": `${id}-title`, "data-figure": spec.figure });
    const controls = element("div", { class: "lf-controls" });
    const panels = element("div", { class: "lf-panels" });
    const keysOf = (waits) => {
      const box = element("div", { class: "lf-legend" });
      box.innerHTML = legend(figure.legend.filter((entry) => Boolean(entry.more) === waits));
      return box;
    };
    const readout = element("p", { class: "lf-readout" });
    const spoken = element("p", { class: "lf-spoken", "aria-live": "polite" });
    const note = element("p", { class: "lf-note", hidden: true });
    const values = () => Object.fromEntries(spec.controls.map((c) => [c.name, model.get(c.name)]));
    const set = (wanted) => {
      Object.entries(wanted).forEach(([name, value]) => model.set(name, value));
      model.save_changes();
    };
    const rows = spec.controls.map((c, i) => control(c, `${id}-c${i}`, model, (value) => set({ [c.name]: value })));
    // A control marked `more` is folded.
    const seldom = spec.controls.filter((c) => c.more), fine = element("div", { class: "lf-controls" });
    const fold = element("details", { class: "lf-fine" }, element("summary", { "data-lm-suppress-shortcuts": "true" }, `More controls: ${seldom.map((c) => c.label).join(", ")}`), fine);
    rows.forEach(({ row }, i) => (spec.controls[i].more ? fine : controls).append(row));

    // A step back leads to where the reader last paused.
    const initial = values(), past = [];
    let settled = initial, pause = 0;
    function remember() {
      clearTimeout(pause);
      const now = values();
      if (!Object.keys(FigureSettings.changed(spec.controls, now, settled)).length) return;
      past.push(settled);
      settled = now;
    }
    // The reader pauses: what the figure says is spoken, its state goes into the address.
    function settle(opening = "") {
      remember();
      const now = values();
      undo.setAttribute("aria-disabled", String(past.length === 0));
      spoken.textContent = opening + readout.textContent;
      reach();
      if (!page) return;
      page.keep(spec.figure, FigureSettings.changed(spec.controls, now, initial));
      page.mark(spec, now);
      alone.href = page.alone ? page.whole() : page.wall(spec.figure);
    }
    // On a phone a long result scrolls; what scrolls can be reached by key.
    const reach = () => {
      if (readout.scrollHeight > readout.clientHeight + 1) readout.tabIndex = 0;
      else readout.removeAttribute("tabindex");
    };
    function stepBack() {
      remember();
      if (!past.length) return;
      settled = past.pop();
      set(settled);
      queueMicrotask(() => settle("Undone. "));
    }
    const undo = button("undo", "Undo", stepBack);
    undo.setAttribute("aria-disabled", "true");
    const reset = button("reset", "Reset", () => {
      remember();
      set(Object.fromEntries(spec.controls.map((c) => [c.name, c.value])));
    });
    root.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        event.stopPropagation();
        stepBack();
      } else if (event.key === "Escape" && !leave.hidden) leave.click();
    });

    // Set what a link or the address asks for, and show it: beside the text where there is room.
    let origin = null, watch = null;
    function take(given, link = null) {
      const { values: wanted, refused } = FigureSettings.sort(spec.controls, given);
      remember();
      const news = spec.controls.filter(({ name: n }) => n in wanted && (wanted[n] !== initial[n] || wanted[n] !== settled[n]));
      set(wanted);
      if (news.some((c) => c.more)) fold.open = true;
      note.hidden = refused.length === 0;
      note.textContent = `This figure cannot show ${refused.join(", ")}.`;
      const told = news.map((c) => `${c.label} ${shown(c, wanted[c.name])}`);
      queueMicrotask(() => {
        rows.forEach(({ row }, i) => row.classList.toggle("lf-told", news.includes(spec.controls[i])));
        settle(`${refused.length ? note.textContent + " " : ""}${told.length ? `Set: ${told.join(", ")}. ` : ""}`);
      });
      origin = link || origin;
      for (let fold = root.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      if (!root.isConnected || large() || seen(root)) return;
      if (link && page && room() >= 340) return aside();
      leave.textContent = "Back to the text";
      leave.hidden = !link;
      glide(root, root.offsetHeight < 0.9 * innerHeight ? "nearest" : "start");
    }
    const room = () => {
      const text = host.closest("article");
      return text ? innerWidth - text.getBoundingClientRect().right - 24 : 0;
    };
    function aside() {
      host.style.height = `${host.offsetHeight}px`; // its place in the text stays, its margins too
      host.style.margin = getComputedStyle(root).margin;
      root.style.width = `${Math.min(room(), 640)}px`;
      root.classList.add("lf-aside");
      leave.textContent = "Put it back";
      leave.hidden = false;
      watch = new IntersectionObserver(() => { if (seen(host)) putBack(); }, { threshold: [0, 0.2, 0.4, 0.6, 0.8, 1] });
      watch.observe(host);
      addEventListener("resize", putBack);
    }
    function putBack() {
      if (!watch) return;
      watch.disconnect();
      watch = null;
      removeEventListener("resize", putBack);
      root.classList.remove("lf-aside");
      host.style.height = host.style.margin = root.style.width = "";
      leave.hidden = true;
    }
    const leave = button("leave", "", () => {
      if (watch) putBack();
      else if (origin) glide(origin, "center");
      leave.hidden = true;
      if (origin) origin.focus({ preventScroll: true });
    });
    leave.hidden = true;
    controls.append(element("div", { class: "lf-buttons" }, reset, undo, leave));

    // For sharing, for a wall, or for a small screen.
    const tools = element("div", { class: "lf-tools" }), alone = element("a", { class: "lf-open" });
    if (page) {
      const share = button("share", "Copy link", async () => {
        const address = page.share(spec.figure, FigureSettings.changed(spec.controls, values(), initial));
        try {
          await navigator.clipboard.writeText(address);
          share.textContent = spoken.textContent = "Link copied";
        } catch { // not allowed here
          share.textContent = spoken.textContent = "Copy it from the address bar";
        }
        setTimeout(() => { share.textContent = "Copy link"; }, 3000);
      });
      alone.textContent = page.alone ? "Back to the page" : "Open alone";
      tools.append(share, alone);
    }
    const full = () => document.fullscreenElement === root, large = () => full() || Boolean(page && (page.alone || root.closest(".slide")));
    if (document.fullscreenEnabled) {
      const enlarge = button("enlarge", "Full screen", () => { if (full()) document.exitFullscreen(); else root.requestFullscreen(); });
      root.addEventListener("fullscreenchange", () => { enlarge.textContent = full() ? "Leave full screen" : "Full screen"; });
      tools.append(enlarge);
    }

    // The charts come first; a panel marked `more` waits until the reader asks for it.
    const more = element("details", { class: "lf-more" }), rest = element("div", { class: "lf-rest" });
    const svgs = figure.panels.map((panel) => {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("role", "img");
      svg.setAttribute("aria-label", panel.label);
      svg.setAttribute("class", "lf-panel");
      svg.style.flex = panel.flex || "1 1 100%";
      (panel.more ? rest : panels).append(svg);
      if (panel.grab) {
        svg.style.touchAction = "pan-y"; // across it is pulled, up and down the page still scrolls
        svg.addEventListener("pointerdown", (event) => pull(event, svg, panel));
      }
      return svg;
    });
    // A panel can be pulled: grab(chart, x, y, values) returns what a way of (dx, dy) pixels sets, or nothing.
    const charts = new Map();
    function pull(down, svg, panel) {
      const chart = charts.get(panel), at = svg.getBoundingClientRect(), unit = at.width / chart.width;
      const moved = down.button ? null : panel.grab(chart, (down.clientX - at.left) / unit, (down.clientY - at.top) / unit, values());
      if (!moved) return;
      down.preventDefault();
      svg.setPointerCapture(down.pointerId);
      const stop = new AbortController(), until = { signal: stop.signal };
      svg.addEventListener("pointermove", (event) => set(onSteps(spec.controls, moved((event.clientX - down.clientX) / unit, (event.clientY - down.clientY) / unit))), until);
      for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => stop.abort(), until);
    }
    if (rest.children.length) {
      const names = figure.panels.filter((panel) => panel.more).map((panel) => panel.more);
      more.append(element("summary", { "data-lm-suppress-shortcuts": "true" }, `More: ${names.join(", ")}`), keysOf(true), rest);
      more.addEventListener("toggle", () => { if (more.open) fit(); });
      panels.append(more);
    }
    const deck = element("div", { class: "lf-deck" }, readout, note, controls, ...(seldom.length ? [fold] : []));
    root.append(element("figcaption", { id: `${id}-title`, class: "lf-title" }, spec.title), keysOf(false), panels, deck, tools, spoken);
    host.replaceChildren(root);

    // The figure that opens a chapter: its first chart and its deck end with the first screen.
    const lead = Boolean(page && !page.alone && host.closest(".tag_lead"));
    let first = true, stretch = 1, most = Infinity;
    function fitLead() {
      const top = svgs[0].getBoundingClientRect().top + scrollY;
      most = Math.max(LEAST, document.documentElement.clientHeight - top - deck.offsetHeight - 8);
    }
    function render() {
      const now = values();
      const idle = figure.idle ? figure.idle(now) : []; // they have nothing to set in this state
      spec.controls.forEach((c, i) => {
        rows[i].show(now[c.name]);
        rows[i].row.querySelector("[data-control]").disabled = idle.includes(c.name);
      });
      const data = figure.compute(now);
      // On a wall everything is drawn larger, letters and lines, too.
      const letters = root.closest(".slide") ? parseFloat(getComputedStyle(root).fontSize) / 14 : root.clientWidth / 900;
      const zoom = large() ? Math.max(1, Math.min(2, letters)) : 1;
      const widths = svgs.map((svg) => svg.clientWidth); // all before the first is changed: one layout
      figure.panels.forEach((panel, i) => {
        if (panel.more && !more.open) return;
        const svg = svgs[i], width = Math.max(240, (widths[i] || 320) / zoom);
        const tall = large() ? panel.height * stretch : Math.min(panel.height, most);
        const height = Math.max(90, Math.round(panel.square ? Math.min(tall, width * 0.98) : tall)); // axes need some
        svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
        svg.style.height = `${height * zoom}px`;
        const chart = new Chart({ id: `${id}-p${i}`, width, height, ...panel.axes(data, now) });
        charts.set(panel, chart);
        panel.draw(chart, data, now);
        svg.innerHTML = chart.svg();
      });
      readout.textContent = figure.describe(data, now);
      if (data.values) { // the cell's, for its diagram
        root.values = data.values;
        root.dispatchEvent(new CustomEvent("figure-values", { bubbles: true }));
      }
      if (first) performance.mark("live-figure-drawn");
      root.dataset.ready = "true";
      first = false;
    }
    // On a wall the charts take the height that all else leaves.
    function fit() {
      root.classList.toggle("lf-large", large());
      root.classList.toggle("lf-lead", lead && !large());
      stretch = 1;
      most = Infinity;
      render();
      if (lead && !large() && !watch) {
        fitLead();
        render();
      }
      for (let pass = 0; large() && pass < 3; pass++) {
        const taken = tools.getBoundingClientRect().bottom - root.getBoundingClientRect().top + root.scrollTop;
        const charts = panels.offsetHeight, spare = root.offsetHeight - taken - 20; // and the figure's lower edge
        stretch = Math.max(0.4, Math.min(4, stretch * (charts + spare) / charts));
        render();
      }
      reach();
    }
    // Several traits may change at once (reset): draw once for each frame's worth of changes.
    let pending = false;
    const schedule = () => {
      if (pending) return;
      pending = true;
      queueMicrotask(() => {
        pending = false;
        render();
        rows.forEach(({ row }) => row.classList.remove("lf-told"));
        clearTimeout(pause);
        pause = setTimeout(settle, 600); // once the reader pauses
      });
    };
    const events = spec.controls.map((c) => `change:${c.name}`);
    events.forEach((event) => model.on(event, schedule));
    let size = "";
    const observer = new ResizeObserver(() => {
      const now = `${root.clientWidth} ${large() && innerHeight}`;
      if (now !== size) { size = now; fit(); }
    });
    observer.observe(root);
    const paper = () => { more.open = fold.open = true; render(); };
    addEventListener("beforeprint", paper);
    size = `${root.clientWidth} ${large() && innerHeight}`;
    fit();
    if (lead) page.settled(() => { if (root.isConnected && scrollY < 80) fit(); }); // the words above have moved
    if (!live.size) document.addEventListener("click", follow);
    const self = { figure: spec.figure, take };
    live.add(self);
    if (page) {
      alone.href = page.alone ? page.whole() : page.wall(spec.figure);
      const asked = page.asked.find(({ figure: name }) => name === spec.figure);
      if (asked) take(asked.given);
      if (asked && asked === page.asked[0]) page.arrive(root);
      if (page.alone) root.querySelector("[data-control]").focus();
    }
    return () => {
      observer.disconnect();
      putBack();
      clearTimeout(pause);
      removeEventListener("beforeprint", paper);
      live.delete(self);
      if (!live.size) document.removeEventListener("click", follow);
      if (model.off) events.forEach((event) => model.off(event, schedule));
    };
  }

  // What the diagram of a cell shows (see compute's `values`): its first unit at a step, and the errors there.
  const ERRORS = { chi: "χ", rho: "ρ", psi: "ψ", alpha: "α", epsilon: "ε" };
  function valuesAt(step, trace, grads = {}) {
    const out = { step };
    for (const [name, rows] of Object.entries(trace)) {
      const symbol = name.replace(/^xi/, "ξ");
      if (Array.isArray(rows[step])) out[symbol] = rows[step][0];
      if (step && Array.isArray(rows[step])) out[`${symbol}[n−1]`] = rows[step - 1][0];
    }
    for (const [name, rows] of Object.entries(grads)) {
      const [base] = name.split("_");
      if (base in ERRORS) out[name.replace(base, ERRORS[base])] = rows[step][0];
    }
    return out;
  }

  // A figure in one state as one SVG, for paper and for hosts that run no script.
  function still(spec, values, style) {
    const figure = figures[spec.figure], data = figure.compute(values), width = 720, margin = 12, out = [];
    let y = margin;
    const room = (size) => (width - 2 * margin) / (0.53 * size); // letters, by a guess at their width
    // Whole words in lines.
    const prose = (text, size, weight = "") => {
      const lines = [""];
      for (const word of text.split(" ")) {
        if ((lines[lines.length - 1] + word).length > room(size)) lines.push("");
        lines[lines.length - 1] += word + " ";
      }
      for (const line of lines) {
        out.push(`<text x="${margin}" y="${(y + size).toFixed(1)}" font-size="${size}"${weight}>${escape(line.trim())}</text>`);
        y += size * 1.5;
      }
      y += size * 0.4;
    };
    // Items side by side, each behind its mark.
    const items = (texts, marks) => {
      const size = 13, gap = marks ? 52 : 20, before = marks ? 32 : 0;
      let x = 0;
      texts.forEach((text, i) => {
        const wide = gap + text.length * size * 0.53;
        if (x > 0 && x + wide > width - 2 * margin) { x = 0; y += size * 1.5; }
        if (marks) out.push(`<svg x="${(margin + x).toFixed(1)}" y="${(y + 2).toFixed(1)}" width="26" height="14">${marks[i]}</svg>`);
        out.push(`<text x="${(margin + x + before).toFixed(1)}" y="${(y + size).toFixed(1)}" font-size="${size}">${escape(text)}</text>`);
        x += wide;
      });
      y += size * 1.9;
    };
    prose(spec.title, 16, ' font-weight="600"');
    items(spec.controls.map((c) => `${c.label}: ${shown(c, values[c.name])}`));
    items(figure.legend.map((entry) => entry.label), figure.legend.map(key));
    const rows = [];
    let left = 0; // panels share a row as they do on the page
    figure.panels.forEach((panel) => {
      const basis = parseFloat((panel.flex || "1 1 700px").split(" ")[2]);
      if (!rows.length || left < basis) { rows.push([]); left = width - 2 * margin; }
      rows[rows.length - 1].push(panel);
      left -= basis;
    });
    let serial = 0;
    for (const row of rows) {
      const wide = (width - 2 * margin) / row.length;
      const heights = row.map((panel) => Math.round(Math.min(panel.height, panel.square ? wide * 0.98 : panel.height)));
      row.forEach((panel, i) => {
        const chart = new Chart({ id: `${spec.figure}-still${serial++}`, width: wide, height: heights[i], ...panel.axes(data, values) });
        panel.draw(chart, data, values);
        out.push(`<svg x="${(margin + i * wide).toFixed(1)}" y="${y.toFixed(1)}" width="${wide.toFixed(1)}" height="${heights[i]}">${chart.svg()}</svg>`);
      });
      y += Math.max(...heights) + 6;
    }
    prose(figure.describe(data, values), 13);
    const height = Math.ceil(y);
    return `<svg xmlns="http://www.w3.org/2000/svg" class="lf" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" role="img" aria-label="${escape(spec.title)}">` +
      `<style>${style}</style><rect class="lf-paper" width="${width}" height="${height}"/><svg>${out.join("")}</svg></svg>`;
  }

  // The static page's stand-in for the kernel's model.
  function localModel(state) {
    const values = { ...state }, listeners = {};
    return {
      get: (name) => values[name],
      set(name, value) {
        if (values[name] === value) return;
        values[name] = value;
        (listeners[`change:${name}`] || []).forEach((f) => f());
      },
      on: (event, f) => { (listeners[event] = listeners[event] || []).push(f); },
      off: (event, f) => { listeners[event] = (listeners[event] || []).filter((g) => g !== f); },
      save_changes() {},
    };
  }

  // The address of a static page. Behind "#" stands what the reader has changed, the latest first, or an
  // ordinary anchor; `?figure=name` shows that figure alone.
  function staticPage() {
    const changed = new Map(), here = location.href.split(/[?#]/)[0];
    const name = new URLSearchParams(location.search).get("figure");
    const alone = /^\w+$/.test(name) && document.querySelector(`[data-live-figure*='"figure": "${name}"']`) ? name : "";
    let anchor = location.hash, touched = false;
    const asked = FigureSettings.parse(anchor);
    if (asked.length) anchor = "";
    document.documentElement.classList.add("lf-here", ...(alone ? ["lf-alone"] : []));
    if (alone && window.MathJax) window.MathJax.startup = { ...window.MathJax.startup, typeset: false }; // nothing to see
    addEventListener("hashchange", () => {
      const now = FigureSettings.parse(location.hash);
      if (!now.length) anchor = location.hash;
      for (const { figure, given } of now) live.forEach((one) => { if (one.figure === figure) one.take(given); });
    });
    for (const event of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      addEventListener(event, () => { touched = true; }, { once: true, passive: true });
    }
    const links = [...document.querySelectorAll("a.lf-set")].map((link) => [link, FigureSettings.parse(link.hash)]);
    document.addEventListener("keydown", (event) => { // they are buttons
      if (event.key !== " " || !event.target.matches("a.lf-set")) return;
      event.preventDefault();
      event.target.click();
    });
    const hash = () => (changed.size ? "#" + [...changed.values()].reverse().join(";") : anchor);
    const write = (text) => {
      const slide = document.documentElement.dataset.slide;
      if (slide) text = "#" + [`slide=${slide}`, ...(text.includes("?") ? [text.slice(1)] : [])].join(";");
      if (text === location.hash) return;
      try { history.replaceState(history.state, "", location.href.split("#")[0] + text); } catch { /* not allowed here */ }
    };
    return {
      alone,
      asked,
      keep(figure, values) {
        const text = FigureSettings.write(figure, values);
        if (changed.get(figure) === text) return;
        changed.delete(figure);
        if (Object.keys(values).length) changed.set(figure, text);
        write(hash());
      },
      share(figure, values) {
        const text = "#" + FigureSettings.write(figure, values);
        write(text);
        return here + text;
      },
      wall: (figure) => `${here}?figure=${figure}${hash()}`,
      whole: () => here + hash(),
      // Links whose setting the figure has say so.
      mark(spec, now) {
        for (const [link, wanted] of links) {
          const mine = wanted.find(({ figure }) => figure === spec.figure);
          if (!mine) continue;
          const { values } = FigureSettings.sort(spec.controls, mine.given);
          if (Object.entries(values).every(([name, value]) => now[name] === value)) link.setAttribute("aria-current", "true");
          else link.removeAttribute("aria-current");
        }
      },
      // Equations move the page while they are typeset: look again after that.
      arrive(root) {
        const look = () => { if (!touched && !alone) root.scrollIntoView({ block: "nearest" }); };
        look();
        this.settled(look);
      },
      settled(then) {
        const loaded = () => Promise.all([document.fonts.ready, window.MathJax && window.MathJax.startup && window.MathJax.startup.promise]).then(then);
        if (document.readyState === "complete") loaded();
        else addEventListener("load", loaded);
      },
    };
  }

  // Bring to life what has been defined so far and waits in the page.
  let page = null;
  function mountAll() {
    page = page || staticPage();
    document.querySelectorAll("[data-live-figure]:not([data-mounted])").forEach((host) => {
      const state = JSON.parse(host.dataset.liveFigure), name = state.spec.figure;
      if (!(name in figures) || (page.alone && page.alone !== name)) return;
      host.dataset.mounted = "";
      if (page.alone) {
        document.body.append(element("main", { class: "lf-wall" }, host));
        document.title = state.spec.title;
      }
      mount(host, localModel(state), page);
    });
  }

  return { define: (name, figure) => { figures[name] = figure; }, mount, mountAll, still, valuesAt, format, scale, decades, steps, within, thin, figures, Chart };
})();
