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
  window.addEventListener("load", ready);
  window.addEventListener("resize", reachable);
})();
