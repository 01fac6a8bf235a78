// Wide equations and tables scroll inside their own box; a box that scrolls can be reached by key.
(() => {
  "use strict";
  const boxes = "div.math, .cell_output pre, div.highlight pre, .pst-scrollable-table-container, .cell_output .output, .rnd-figure";
  // A label that hides the visible words: the summary names itself.
  document.querySelectorAll('summary[aria-label="Toggle hidden content"]').forEach((summary) => {
    summary.removeAttribute("aria-label");
  });
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

  // Paper is white, and has nothing folded.
  let folded = [], theme;
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("article details:not([class]):not([open])")];
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
