// What the pages do beside their figures: boxes that scroll, two depths, downloads, paper.
(() => {
  "use strict";
  const here = document.currentScript.src;
  // The figures have been drawn: now the equations.
  if (document.currentScript.dataset.math) {
    const script = document.createElement("script");
    script.src = document.currentScript.dataset.math;
    document.head.append(script);
  }
  // Wide equations and tables scroll inside their own box; a box that scrolls can be reached by key.
  const boxes = "div.math, .cell_output pre, div.highlight pre, .pst-scrollable-table-container, .cell_output .output, .rnd-figure";
  // The entries have a role of their own, which a list may not contain.
  document.querySelectorAll(".citation-list[role=list]").forEach((list) => list.removeAttribute("role"));

  function reachable() {
    document.querySelectorAll(boxes).forEach((box) => {
      if (box.scrollWidth > box.clientWidth + 1) {
        if (!box.hasAttribute("tabindex")) {
          box.setAttribute("tabindex", "0");
          if (!box.matches("figure")) box.setAttribute("role", "region");
          box.setAttribute("aria-label", box.matches("div.math") ? "Equation, scrolls sideways" : "Scrolls sideways");
        }
      }
    });
  }
  const ready = () => {
    const math = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
    (math || Promise.resolve()).then(reachable);
  };
  // The notebook is saved, not shown. From a file, where a page may not read another, a script has it.
  window.saveNotebook = (name, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  document.querySelectorAll('a[href*="_sources/"][href$=".ipynb"]').forEach((link) => {
    const name = link.href.split("/").pop();
    link.download = name;
    link.removeAttribute("target");
    if (location.protocol !== "file:") return;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const script = document.createElement("script");
      script.src = link.href.replace("/_sources/book/", "/_static/notebooks/") + ".js";
      document.head.append(script);
    });
  });

  // Two depths: a switch for all folds of the page, remembered; a link into a fold opens it.
  const DEEP = "article details:is(.deeper, .code)";
  const buttons = [...document.querySelectorAll(".depth-switch button")];
  const stored = (value) => {
    try {
      if (value) localStorage.setItem("rnd-depth", value);
      return localStorage.getItem("rnd-depth");
    } catch { return null; } // not allowed here
  };
  function setDepth(depth) {
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.depth === depth)));
    document.querySelectorAll(DEEP).forEach((details) => { details.open = depth === "everything"; });
  }
  // What the reader looks at stays where it is.
  function keepingPlace(change) {
    const root = document.documentElement, article = document.querySelector("article"), box = article.getBoundingClientRect();
    const seen = document.elementFromPoint(box.left + box.width / 2, innerHeight / 3);
    let mark = seen && article.contains(seen) ? seen : null;
    if (mark) mark = mark.closest(DEEP) || mark.closest("p, h1, h2, h3, h4, li, div.math, .lf-host, .rnd-figure, .cell") || mark;
    const before = mark && mark.getBoundingClientRect().top;
    root.style.overflowAnchor = "none";
    change();
    if (mark) scrollBy({ top: mark.getBoundingClientRect().top - before, behavior: "instant" });
    root.style.overflowAnchor = "";
  }
  buttons.forEach((button) => button.addEventListener("click", () => {
    keepingPlace(() => setDepth(stored(button.dataset.depth) || button.dataset.depth));
  }));
  // Open what holds a place of the page, and what begins there.
  function reveal(hash, show = (target) => target.scrollIntoView()) {
    let name = hash.slice(1);
    try { name = decodeURIComponent(name); } catch { /* as it stands */ }
    const target = name && document.getElementById(name);
    if (!target) return;
    const closed = [];
    const own = target.querySelector(":scope > details.deeper");
    for (let node = own || target; node; node = node.parentElement) {
      if (node.matches("details:not([open])")) closed.push(node);
    }
    closed.forEach((details) => { details.open = true; });
    if (closed.length) show(target);
  }
  if (stored() === "everything" && buttons.length) setDepth("everything");
  // Figures and equations move the page while they come: on arrival look again after that.
  reveal(location.hash, (target) => {
    let touched = false;
    for (const event of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      addEventListener(event, () => { touched = true; }, { once: true, passive: true });
    }
    const look = () => { if (!touched) target.scrollIntoView({ behavior: "instant" }); };
    look();
    addEventListener("load", () => {
      const math = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
      Promise.resolve(math).then(look);
    });
  });
  window.addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("click", (event) => { // also a second time
    const link = event.target.closest && event.target.closest('a[href^="#"]');
    if (link) reveal(link.hash);
  });

  // `?slides` shows the chapter as slides.
  if (new URLSearchParams(location.search).has("slides") && document.querySelector(".slides-link")) {
    const style = document.createElement("link"), script = document.createElement("script");
    style.rel = "stylesheet";
    style.href = here.replace("page.js", "slides.css");
    script.src = here.replace("page.js", "slides.js");
    style.addEventListener("load", () => document.head.append(script));
    document.head.append(style);
  }

  // Paper is white, and has nothing folded but the code of figures.
  let folded = [], theme;
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("article details:is(:not([class]), .deeper, .code:not(.quiet)):not([open])")];
    folded.forEach((details) => { details.open = true; });
    theme = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    folded.forEach((details) => { details.open = false; });
    document.documentElement.dataset.theme = theme;
  });

  window.addEventListener("load", ready);
  window.addEventListener("resize", reachable);
})();
