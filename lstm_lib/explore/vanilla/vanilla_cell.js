// One unit, wired by hand, with a gate that the reader holds. CELL and held_lstm are generated.
const NAMES = { cs: "state gate", cu: "update gate", cr: "read-out gate" };
const LAST = CELL.patterns.two.length - 1;
const WHERE = { last: LAST, middle: 15 };

function compute({ pattern, gate, held, begin, hold, b_cs, error }) {
  const x = CELL.patterns[pattern], end = Math.min(LAST, begin + hold - 1);
  const inputs = ["cu", "cs", "cr"].flatMap((name) => [
    x.map((_, n) => [name === gate && begin <= n && n <= end ? 1 : 0]),
    x.map(() => [held]),
  ]);
  const params = { ...CELL.params, b_cs: [b_cs] };
  const trace = held_lstm.forward(params, x, ...inputs);
  const grads = held_lstm.backward(params, trace, x.map((_, n) => [error === "every" || n === WHERE[error] ? 1 : 0]));
  const only = (rows) => rows.map(([value]) => value);
  const out = { x, end };
  for (const name of ["g_cu", "g_cs", "g_cr", "u", "s", "v"]) out[name] = only(trace[name]);
  for (const name of ["chi", "psi", "alpha_cu", "alpha_cs", "alpha_cr", "alpha_du"]) out[name] = only(grads[name]);
  let sum = 0;
  out.wanted = x.map(([, marker], n) => (sum += marker === 1 ? out.u[n] : 0));
  return out;
}

const rows = (values) => values.map((value, n) => [n, value]);
const ALPHA = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 25, 50];
const half = { height: 185, flex: "1 1 300px" };
const axes = (yLabel, title, y) => ({ x: [-0.5, LAST + 0.5], y, xLabel: "step n", yLabel, title });
const even = (values, choices) => {
  const y = LiveFigures.scale(values, choices);
  return [Math.min(...values) < -0.02 * y ? -1.06 * y : -0.06 * y, 1.06 * y];
};
const window_ = (chart, data, { gate, begin }) => {
  if (gate !== "free") chart.rect(begin - 0.5, data.end + 0.5, chart.y[0], chart.y[1], "lf-stable");
};

LiveFigures.define("vanilla_cell", {
  compute,
  legend: [
    { style: "blue", mark: "line", label: "state s, state gate g_cs, errors ψ and α_cs" },
    { style: "orange", mark: "both", label: "value v, read-out gate g_cr, errors χ and α_cr" },
    { style: "green dash", mark: "line", label: "update gate g_cu, error α_cu" },
    { style: "purple thin", mark: "line", label: "error α_du; markers 1" },
    { style: "muted dash", mark: "line", label: "marked u, added up; markers −1" },
  ],
  panels: [
    {
      ...half,
      label: "Input values over time, with the marked ones",
      axes: () => axes("x", "input values, marked 1 or −1", [-1.15, 1.15]),
      draw(chart, data, values) {
        window_(chart, data, values);
        data.x.forEach(([value, marker], n) => {
          chart.path([[n, 0], [n, value]], marker === 1 ? "purple" : "muted thin");
          if (marker) chart.dots([[n, value]], marker === 1 ? "purple diamond" : "muted cross", 5);
        });
      },
    },
    {
      ...half,
      label: "The three gates over time",
      axes: () => axes("g", "gates", [-0.05, 1.05]),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.g_cs), "blue");
        chart.path(rows(data.g_cu), "green dash");
        chart.path(rows(data.g_cr), "orange");
        chart.dots(rows(data.g_cr), "orange", 2.5);
      },
    },
    {
      ...half,
      label: "State and value over time",
      axes: ({ s, v, wanted }) => axes("s, v", "state and value", even([...s, ...v, ...wanted], [0.6, 1.2, 2.5, 5, 10, 20])),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.wanted), "muted dash");
        chart.path(rows(data.s), "blue");
        chart.path(rows(data.v), "orange");
        chart.dots(rows(data.v), "orange", 2.5);
      },
    },
    {
      ...half,
      label: "Errors of the state and of the value over time",
      axes: ({ chi, psi }) => axes("error", "ψ and χ, errors of s and v", even([...chi, ...psi], [1.2, 2.5, 5, 10, 25, 50])),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.chi), "orange");
        chart.dots(rows(data.chi), "orange", 2.5);
        chart.path(rows(data.psi), "blue");
      },
    },
    {
      ...half,
      label: "Error of the net input of the update over time",
      axes: ({ alpha_du }) => axes("", "α_du, the update's net input", even(alpha_du, ALPHA)),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.alpha_du), "purple thin");
      },
    },
    {
      ...half,
      label: "Errors of the net inputs of the three gates over time",
      axes: (data) => axes("", "α_cu, α_cs, α_cr, the gates' net inputs",
        even([...data.alpha_cu, ...data.alpha_cs, ...data.alpha_cr], ALPHA)),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.alpha_cs), "blue");
        chart.path(rows(data.alpha_cu), "green dash");
        chart.path(rows(data.alpha_cr), "orange");
        chart.dots(rows(data.alpha_cr), "orange", 2.5);
      },
    },
  ],
  describe(data, { gate, held, begin, b_cs, error }) {
    const show = LiveFigures.format;
    const hand = gate === "free"
      ? "All gates are free."
      : `The ${NAMES[gate]} is held at ${show(held)} ${begin === data.end ? `at step ${begin}` : `from step ${begin} to ${data.end}`}.`;
    return `${hand} With b_cs = ${show(b_cs)} the free state gate keeps ${show(100 / (1 + Math.exp(-b_cs)), 1)} % a step. ` +
      `At the end s = ${show(data.s[LAST], 3)}, v = ${show(data.v[LAST], 3)}. ` +
      `An error of 1 at ${error === "every" ? "every step" : `step ${WHERE[error]}`} reaches s[0] as ψ[0] = ${show(data.psi[0], 3)}.`;
  },
});
