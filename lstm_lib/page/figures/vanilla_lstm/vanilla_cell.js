// One unit, wired by hand, with a gate that the reader holds. CELL and held_lstm are generated.
const NAMES = { cs: "State gate", cu: "Update gate", cr: "Read-out gate" };
const x = CELL.x, LAST = x.length - 1;

function compute({ gate, held, begin, hold }) {
  const end = Math.min(LAST, begin + hold - 1);
  const inputs = ["cu", "cs", "cr"].flatMap((name) => [
    x.map((_, n) => [name === gate && begin <= n && n <= end ? 1 : 0]),
    x.map(() => [held]),
  ]);
  const trace = held_lstm.forward(CELL.params, x, ...inputs);
  const free = held_lstm.forward(CELL.params, x, ...inputs.map((rows, i) => (i % 2 ? rows : rows.map(() => [0]))));
  const grads = held_lstm.backward(CELL.params, trace, x.map((_, n) => [n === LAST ? 1 : 0]));
  const only = (rows) => rows.map(([value]) => value);
  const out = { end, free: free.v[LAST][0] };
  for (const name of ["g_cu", "g_cs", "g_cr", "u", "s", "v"]) out[name] = only(trace[name]);
  for (const name of ["chi", "psi", "alpha_cu", "alpha_cs", "alpha_cr", "alpha_du"]) out[name] = only(grads[name]);
  let sum = 0;
  out.values = LiveFigures.valuesAt(begin, trace, grads);
  out.wanted = x.map(([, marker], n) => (sum += marker === 1 ? out.u[n] : 0));
  return out;
}

const seen = (gate) => (gate === "free" ? "cs" : gate); // whose net input the last panel shows
const rows = LiveFigures.steps;
const ALPHA = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 25, 50];
const wide = { height: 135, flex: "1 1 100%" }, half = { height: 150, flex: "1 1 300px" };
const axes = (yLabel, title, y) => ({ x: [-0.5, LAST + 0.5], y, xLabel: "step n", yLabel, title });
const even = (values, choices) => {
  const y = LiveFigures.scale(values, choices);
  return [Math.min(...values) < -0.02 * y ? -1.06 * y : -0.06 * y, 1.06 * y];
};
const window_ = (chart, data, { gate, begin }) => {
  if (gate !== "free") chart.rect(begin - 0.5, data.end + 0.5, chart.y[0], chart.y[1], "lf-stable");
};

const OF = { cs: "blue", cu: "green dash", cr: "orange" };

const marks = (chart, y, dots) => x.forEach(([value, marker], n) => {
  if (marker) chart.dots([[n, dots ? value : y]], marker === 1 ? "purple diamond" : "muted cross", 5);
});

LiveFigures.define("vanilla_cell", {
  compute,
  legend: [
    { style: "blue", mark: "line", label: "the state: s, g_cs, ψ" },
    { style: "orange", mark: "both", label: "the value: v, g_cr, χ" },
    { style: "green dash", mark: "line", label: "the update: g_cu, α_du" },
    { style: "purple diamond", mark: "dot", label: "marked 1: write" },
    { style: "muted cross", mark: "dot", label: "marked −1: tell" },
    { style: "muted dash", mark: "line", label: "what was to be stored", more: true },
  ],
  panels: [
    {
      ...wide,
      label: "The three gates over time, and the marks",
      axes: () => axes("g", "1  gates: 1 is open", [-0.05, 1.05]),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.g_cs), "blue");
        chart.path(rows(data.g_cu), "green dash");
        chart.path(rows(data.g_cr), "orange");
        chart.dots(rows(data.g_cr), "orange", 2.5);
        marks(chart, 0.5, false);
      },
    },
    {
      ...half,
      label: "State and value over time",
      axes: ({ s, v, wanted }) => axes("s, v", "2  forward: state s and value v", even([...s, ...v, ...wanted], [0.6, 1.2, 2.5, 5, 10, 20])),
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
      axes: ({ chi, psi }) => axes("ψ, χ", "3  back: their errors ψ and χ", even([...chi, ...psi], [1.2, 2.5, 5, 10, 25, 50])),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.chi), "orange");
        chart.dots(rows(data.chi), "orange", 2.5);
        chart.path(rows(data.psi), "blue");
      },
    },
    {
      ...wide,
      more: "what is heard",
      label: "Input values over time, with the marked ones",
      axes: () => axes("x", "4  input: what is heard", [-1.15, 1.15]),
      draw(chart, data, values) {
        window_(chart, data, values);
        x.forEach(([value, marker], n) => chart.path([[n, 0], [n, value]], marker === 1 ? "purple" : "muted thin"));
        marks(chart, 0, true);
      },
    },
    {
      ...half,
      more: "what the update can learn",
      label: "Error of the net input of the update over time",
      axes: ({ alpha_du }) => axes("", "5  α_du: what the update can learn", even(alpha_du, ALPHA)),
      draw(chart, data, values) {
        window_(chart, data, values);
        chart.path(rows(data.alpha_du), "green dash");
        x.forEach(([, marker], n) => {
          if (marker === 1) chart.dots([[n, data.alpha_du[n]]], "purple diamond", 4);
        });
      },
    },
    {
      ...half,
      more: "what the gate in hand can learn",
      label: "Error of the net input of the gate in hand over time",
      axes: (data, { gate }) => axes("", `6  α_${seen(gate)}: what this gate can learn`,
        even(data[`alpha_${seen(gate)}`], ALPHA)),
      draw(chart, data, values) {
        const alpha = rows(data[`alpha_${seen(values.gate)}`]);
        window_(chart, data, values);
        chart.path(alpha, OF[seen(values.gate)]);
        if (seen(values.gate) === "cr") chart.dots(alpha, "orange", 2.5);
      },
    },
  ],
  describe(data, { gate, held, begin }) {
    const show = LiveFigures.format, v = show(data.v[LAST], 2);
    const when = begin === data.end ? `step ${begin}` : `steps ${begin} to ${data.end}`;
    const hand = gate === "free" ? `All gates free: told ${v}.`
      : `${NAMES[gate]} at ${show(held)}, ${when}: told ${v}, free ${show(data.free, 2)}.`;
    return `${hand} ψ[${LAST}] = ${show(data.psi[LAST], 2)} is ${show(data.psi[0], 2)} at step 0.`;
  },
});
