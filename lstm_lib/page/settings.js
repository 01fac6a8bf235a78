// Settings of live figures as text: "vanishing?radius=1.1&bias=2", of several figures with ";" between.
// The text stands behind "#" in a link of the prose, and in the address of a page that a reader has changed.
const FigureSettings = (() => {
  "use strict";

  const plain = (text) => { try { return decodeURIComponent(text); } catch { return text; } };

  // [{figure, given: {control: text}}]; none where the text is an ordinary anchor.
  function parse(text) {
    const parts = text.replace(/^#/, "").split(";").filter((part) => !/^slide=\d+$/.test(part));
    const found = parts.map((part) => part.match(/^(\w+)\?(.*)$/));
    if (!found.every(Boolean)) return [];
    return found.map(([, figure, list]) => ({
      figure,
      given: Object.fromEntries(list.split("&").filter(Boolean).map((pair) => {
        const [name, ...rest] = pair.split("=");
        return [plain(name), plain(rest.join("="))];
      })),
    }));
  }

  const write = (figure, values) =>
    `${figure}?${Object.entries(values).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;

  // The value that a control shows for a text; undefined where it can show none.
  function read(control, text) {
    if (control.kind === "choice") return control.options.some(([key]) => key === text) ? text : undefined;
    const value = text.trim() === "" ? NaN : Number(text), steps = (value - control.min) / control.step;
    const fits = value >= control.min && value <= control.max && Math.abs(steps - Math.round(steps)) < 1e-6;
    return fits ? value : undefined;
  }

  // What is given, as values, and what the controls cannot show, as text.
  function sort(controls, given) {
    const values = {}, refused = [];
    for (const [name, text] of Object.entries(given)) {
      const control = controls.find((c) => c.name === name), value = control && read(control, text);
      if (value === undefined) refused.push(`${name}=${text}`);
      else values[name] = value;
    }
    return { values, refused };
  }

  // What differs between two states of a figure, as it is in the first.
  const changed = (controls, now, before) =>
    Object.fromEntries(controls.filter((c) => now[c.name] !== before[c.name]).map((c) => [c.name, now[c.name]]));

  return { parse, write, sort, changed };
})();
