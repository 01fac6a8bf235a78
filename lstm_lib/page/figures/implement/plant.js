// The Augmented LSTM with one mistake, beside the test vectors; FILE, planted and cell are generated.
const STEPS = FILE.sizes.N, TOLERANCE = 1e-12, FLOOR = 1e-17, TOP = 1e4;
const forwardNames = Object.keys(FILE.forward).filter((name) => name !== "E"), errorNames = Object.keys(FILE.errors);
const lags = Object.fromEntries(Object.entries(FILE.lags).map(([reader, window]) => ["L_" + reader, window]));
const numbers = (value) => [value].flat(Infinity);

function run(mistake) {
  planted = mistake;
  const { parameters, inputs: { x, s0, v0 }, loss: { C, C_v: last, C_s } } = FILE;
  const trace = cell.forward(parameters, x, s0, v0, lags);
  const at_v = C.map((c, n) => c.map((z, i) => z + (n === STEPS - 1 ? last[i] : 0)));
  const at_s = C.map((_, n) => C_s.map((z) => (n === STEPS - 1 ? z : 0)));
  const grads = cell.backward(parameters, trace, at_v, at_s);
  planted = "";
  const inner = (a, b) => a.reduce((sum, z, i) => sum + z * b[i], 0);
  const end = STEPS - 1;
  const E = C.reduce((sum, c, n) => sum + inner(c, trace.v[n]), 0) + inner(last, trace.v[end]) + inner(C_s, trace.s[end]);
  return { forward: { ...trace, E }, errors: grads, gradients: grads };
}

// What is compared, in the order of computing or array by array.
function sequence(order) {
  const up = Array.from({ length: STEPS }, (_, n) => n), down = [...up].reverse(), out = [];
  const block = (part, names, steps) => {
    if (order === "steps") steps.forEach((n) => names.forEach((name) => out.push({ part, name, n })));
    else names.forEach((name) => steps.forEach((n) => out.push({ part, name, n })));
  };
  block("forward", forwardNames, up);
  out.push({ part: "forward", name: "E" });
  block("errors", errorNames, down);
  Object.keys(FILE.gradients).forEach((name) => out.push({ part: "gradients", name }));
  return out;
}

function compute({ mistake, order }) {
  const got = run(mistake);
  const rows = sequence(order).map(({ part, name, n }) => {
    const at = (z) => numbers(n === undefined ? z : z[n]);
    const mine = at(got[part][name]), want = at(FILE[part][name]);
    const off = want.map((z, i) => Math.abs(z - mine[i]));
    const worst = Math.max(...off), which = off.findIndex((z) => z > TOLERANCE);
    const label = (part === "gradients" ? "gradient of " : "") + name + (n === undefined ? "" : `[${n}]`);
    return { part, name, n: n === undefined ? null : n, label, off: worst, which, count: want.length };
  });
  const first = rows.findIndex((row) => row.which >= 0);
  const before = rows.slice(0, first < 0 ? rows.length : first).reduce((sum, row) => sum + row.count, 0);
  return { rows, first, before };
}

const PARTS = [["forward", "forward"], ["errors", "errors"], ["gradients", "gradients"]];

LiveFigures.define("plant", {
  compute,
  legend: [
    { style: "blue", mark: "dot", label: "agrees with the file" },
    { style: "orange diamond", mark: "dot", label: "differs" },
  ],
  panels: [
    {
      label: "Difference from the test vectors, logarithmic, over everything that is compared, in order",
      height: 250,
      axes: ({ rows }) => ({
        x: [-1, rows.length], y: [FLOOR, TOP], logY: true, xLabel: "comparisons, in order", yLabel: "", title: "Largest difference from the file",
      }),
      draw(chart, { rows, first }) {
        let from = 0;
        for (const [part, name] of PARTS) {
          const count = rows.filter((row) => row.part === part).length;
          if (from) chart.path([[from - 0.5, FLOOR], [from - 0.5, TOP]], "muted thin");
          const last = part === "gradients"; // its word is wider than its place on a phone
          chart.text(last ? rows.length - 0.5 : from + count / 2, 300, name, "", last ? "end" : "middle");
          from += count;
        }
        chart.path([[-1, TOLERANCE], [rows.length, TOLERANCE]], "muted thin dash");
        const dots = (keep, style, size) => chart.dots(rows.flatMap((row, k) => (keep(row) ? [[k, Math.max(row.off, 2 * FLOOR)]] : [])), style, size);
        dots((row) => row.which < 0, "blue", 1.8);
        dots((row) => row.which >= 0, "orange diamond", 2.6);
        if (first >= 0) chart.pointer(first, rows[first].off, "orange diamond", rows[first].label);
      },
    },
  ],
  describe({ rows, first, before }, { mistake, order }) {
    if (first < 0) return `All ${before} numbers agree with the file: the dots are rounding.`;
    const { label } = rows[first];
    return order === "steps"
      ? `First wrong: ${label}. The ${before} numbers before it agree, so the mistake is in the equation of ${rows[first].name}.`
      : `First wrong array by array: ${label}; ${before} numbers before it agree. An array mixes all steps: its name may mislead.`;
  },
});
