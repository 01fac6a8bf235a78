// The core path of a chapter as slides: page.html?slides, the slide's number in the address (#slide=7).
// What stands on the page is moved onto slides, and back when the reader leaves: figures stay live.
(() => {
  "use strict";
  const root = document.documentElement, article = document.querySelector("article.bd-article");
  const element = (tag, name, ...children) => {
    const node = document.createElement(tag);
    node.className = name;
    node.append(...children);
    return node;
  };
  const key = (name, text, label, act) => {
    const node = element("button", name, text);
    node.type = "button";
    node.setAttribute("aria-label", label);
    node.addEventListener("click", act);
    return node;
  };
  const stage = element("article", "bd-article"), counter = element("span", "slides-counter");
  const said = element("span", "visually-hidden"), all = element("div", "slides bd-content");
  said.setAttribute("aria-live", "polite");
  const back = key("slides-back", "‹", "Previous slide", () => go(at - 1));
  const next = key("slides-next", "›", "Next slide", () => go(at + 1));
  const bar = element("nav", "slides-bar", back, counter, next, key("slides-leave", "Leave slides", "Leave slides", () => leave()), said);
  bar.setAttribute("aria-label", "Slides");
  all.append(stage, bar);

  let places = [], slides = [], at = 1, origin = 0;

  // The blocks of the core in order, each with the heading that it stands under.
  function blocks(section, heading, out) {
    for (const node of [...section.children]) {
      if (node.matches("section")) {
        if (!node.querySelector(":scope > details.deeper")) blocks(node, null, out);
      } else if (node.matches("h1, h2, h3, h4")) {
        heading = node;
        out.push({ node, heading, opens: true });
      } else if (node.matches("div.cell") ? node.querySelector(":scope > .cell_output") : !node.matches("script, style")) {
        out.push({ node, heading });
      }
    }
    return out;
  }

  const live = (node) => Boolean(node.querySelector("[data-live-figure]"));
  // Words that lead to what follows, or an equation's own words.
  const leads = (node) => node.matches("p") && /[:,]$/.test(node.textContent.trim());
  const equation = (node) => node.matches("div.math") || Boolean(node.querySelector(":scope > .cell_output div.math"));

  function add(heading, again) {
    const body = element("div", "slide-body"), slide = element("section", "slide", body);
    slide.setAttribute("role", "group");
    slide.setAttribute("aria-roledescription", "slide");
    slides.forEach((other) => { other.slide.hidden = true; });
    stage.append(slide);
    slides.push({ slide, body, heading });
    if (again && heading) {
      const copy = element("p", "slide-again", ...[...heading.childNodes].filter((n) => !(n.matches && n.matches(".headerlink"))).map((n) => n.cloneNode(true)));
      body.append(copy);
    }
    return body;
  }
  const move = (node, body) => {
    const mark = document.createComment("");
    node.replaceWith(mark);
    places.push([node, mark]);
    body.append(node);
  };
  const over = (body) => body.scrollHeight > body.clientHeight + 1;

  function build() {
    let body = null, kept = [], alone = false; // kept: the blocks on this slide, without its heading
    for (const { node, heading, opens } of blocks(article.querySelector("section"), null, [])) {
      const lead = slides.length === 1 && live(node) && node.matches(".tag_lead") && innerWidth >= 1.25 * innerHeight;
      if (opens) {
        if (!(kept.length === 0 && body)) body = add(heading, false); // two headings share a slide
        kept = [];
        alone = false;
      } else if (alone || (live(node) && kept.length && !lead)) {
        body = add(heading, true);
        kept = [];
      }
      if (lead) { // the words beside their figure
        slides[0].slide.classList.add("slide-title");
        body.append(element("div", "slide-words", ...body.children));
      }
      move(node, body);
      if (!opens) kept.push(node);
      alone = live(node);
      fitEquations(body);
      if (alone || opens || kept.length < 2 || !over(body)) continue;
      // Too much: it goes on, with the words that belong to it.
      body = add(heading, true);
      const before = kept[kept.length - 2], along = kept.length > 2 && (leads(before) || (equation(node) && before.matches("p")));
      kept = along ? [before, node] : [node];
      body.append(...kept);
    }
    slides.forEach(({ slide, body: shown }) => {
      slides.forEach((other) => { other.slide.hidden = other.slide !== slide; });
      shrink(shown);
    });
    slides.forEach(({ slide }, i) => { slide.setAttribute("aria-label", `${i + 1} of ${slides.length}`); });
  }
  function fitEquations(body) {
    for (const box of body.querySelectorAll("div.math")) {
      const math = box.querySelector("mjx-container"), drawn = math && math.querySelector("mjx-math"), number = box.querySelector(".eqno");
      if (!drawn) continue;
      const space = box.clientWidth - (number ? number.offsetWidth : 0) - 8, taken = drawn.getBoundingClientRect().width;
      const size = parseFloat(getComputedStyle(math).fontSize);
      if (taken > space) math.style.setProperty("font-size", `${((size * space) / taken).toFixed(2)}px`, "important");
    }
  }
  // What is too tall for a slide is drawn smaller; a live figure takes what is left.
  function shrink(body) {
    const parts = [...body.children].filter((node) => !live(node));
    for (let size = 0.95; over(body) && size > 0.4; size -= 0.05) parts.forEach((node) => { node.style.zoom = size; });
  }
  function clear() {
    for (const [node, mark] of places.reverse()) {
      mark.replaceWith(node);
      node.style.removeProperty("zoom");
      node.querySelectorAll("mjx-container").forEach((math) => math.style.removeProperty("font-size"));
    }
    places = [];
    slides = [];
    stage.replaceChildren();
  }

  // Settings of figures stay in the address.
  function address(number) {
    const settings = location.hash.slice(1).split(";").filter((part) => part.includes("?"));
    root.dataset.slide = number;
    try { history.replaceState(history.state, "", "#" + [`slide=${number}`, ...settings].join(";")); } catch { /* not allowed here */ }
  }
  const asked = () => Number((location.hash.match(/^#slide=(\d+)/) || [])[1]) || 1;

  function go(number, quiet) {
    const focused = stage.contains(document.activeElement);
    at = Math.max(1, Math.min(slides.length, number));
    slides.forEach(({ slide }, i) => { slide.hidden = i + 1 !== at; });
    const { slide, heading } = slides[at - 1];
    counter.textContent = `${at} / ${slides.length}`;
    back.setAttribute("aria-disabled", String(at === 1));
    next.setAttribute("aria-disabled", String(at === slides.length));
    if (quiet) return;
    const title = heading ? heading.textContent.replace(/#$/, "") : "";
    said.textContent = `Slide ${at} of ${slides.length}: ${title}`;
    if (focused) {
      slide.tabIndex = -1;
      slide.focus();
    }
    address(at);
  }
  const slideOf = (node) => slides.findIndex(({ slide }) => slide.contains(node)) + 1;

  function leave(target) {
    const place = target || places.find(([node]) => slides[at - 1].slide.contains(node))[0];
    clear();
    all.remove();
    root.classList.remove("slides-on");
    delete root.dataset.slide;
    removeEventListener("keydown", keys, true);
    const settings = location.hash.slice(1).split(";").filter((part) => part.includes("?")).join(";");
    const anchor = target && target.id ? target.id : settings;
    history.replaceState(history.state, "", location.pathname + (anchor ? `#${anchor}` : ""));
    for (let fold = place && place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (place) place.scrollIntoView({ behavior: "instant" });
    const link = document.querySelector(".slides-link");
    if (link) link.focus({ preventScroll: true });
  }

  function keys(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || document.fullscreenElement) return;
    const busy = event.target.closest && event.target.closest("input, select, textarea, [contenteditable], [role=slider], [data-keys]");
    const where = { PageDown: at + 1, PageUp: at - 1, ...(busy ? {} : { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 1, End: slides.length }) };
    if (event.key in where) go(where[event.key]);
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // A finger that turns over: not on what is dragged itself.
  let touch = null;
  stage.addEventListener("touchstart", (event) => {
    const { target, touches } = event, held = target.closest("input, select, button, canvas, .lf-deck");
    touch = touches.length > 1 || held || getComputedStyle(target).touchAction === "none" ? null : touches[0];
  }, { passive: true });
  stage.addEventListener("touchend", (event) => {
    if (!touch) return;
    const end = event.changedTouches[0], across = end.clientX - touch.clientX, down = end.clientY - touch.clientY;
    if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(down)) go(at + (across < 0 ? 1 : -1));
    touch = null;
  });

  // Links lead to their slide; those into what goes deeper, to the page.
  stage.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (event.target.closest(".lf-leave") && origin) go(origin);
    if (!link) return;
    if (link.matches(".lf-set")) {
      const figure = stage.querySelector(`.lf[data-figure="${link.hash.slice(1).split("?")[0]}"]`);
      if (!figure || slideOf(figure) === at) return;
      origin = at;
      go(slideOf(figure));
      return;
    }
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    event.preventDefault();
    if (!target) return;
    const own = target.matches("section") ? target.querySelector("h1, h2, h3, h4") : target;
    const number = slideOf(target) || slides.findIndex(({ heading }) => target.contains(places.find(([node]) => node === heading)?.[1])) + 1;
    if (number) go(number);
    else leave(own && target.matches("section") ? target : own);
  });

  let wide = 0, pause = 0;
  function rebuild() {
    const first = slides.length ? slides[at - 1].body.lastElementChild : null, wanted = slides.length ? 0 : asked();
    clear();
    build();
    go(wanted || slideOf(first) || at, true);
    wide = `${innerWidth} ${innerHeight}`;
  }
  addEventListener("resize", () => {
    clearTimeout(pause);
    pause = setTimeout(() => { if (root.classList.contains("slides-on") && wide !== `${innerWidth} ${innerHeight}`) rebuild(); }, 200);
  });
  addEventListener("hashchange", () => { if (slides.length && /^#slide=\d+/.test(location.hash)) go(asked()); });

  const wanted = asked();
  document.body.append(all);
  root.classList.add("slides-on");
  addEventListener("keydown", keys, true);
  rebuild();
  address(at);
  // Equations and fonts change the sizes.
  const math = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
  const settled = () => Promise.all([math, document.fonts.ready]).then(() => {
    if (!root.classList.contains("slides-on")) return;
    const untouched = at === Math.min(wanted, slides.length);
    rebuild();
    go(untouched ? wanted : at);
    root.dataset.slides = "ready";
  });
  if (document.readyState === "complete") settled();
  else addEventListener("load", settled);
})();
