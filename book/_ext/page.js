// Wide equations and tables scroll inside their own box; a box that scrolls can be reached by key.
(() => {
  "use strict";
  const boxes = "div.math, .cell_output pre, div.highlight pre, .pst-scrollable-table-container, .cell_output .output";
  function reachable() {
    document.querySelectorAll(boxes).forEach((box) => {
      if (box.scrollWidth > box.clientWidth + 1) {
        if (!box.hasAttribute("tabindex")) {
          box.setAttribute("tabindex", "0");
          box.setAttribute("role", "region");
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
