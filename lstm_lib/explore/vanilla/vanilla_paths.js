// The five terms of the state's error, step by step. NET and paths_lstm are generated.
const PATHS = [
  ["s", "blue", "carousel"],
  ["r", "orange", "read-out r"],
  ["cr", "green", "peephole of the read-out gate"],
  ["cu", "purple", "peephole of the update gate"],
  ["cs", "muted", "peephole of the state gate"],
];

function compute({ b_cs, b_cr, peep, recurrent }) {
  const params = {};
  for (const [name, W] of Object.entries(NET.params)) {
    const factor = name.startsWith("W_s") ? peep : name.startsWith("W_v") ? recurrent : 1;
    params[name] = W.map((row) => (Array.isArray(row) ? row.map((w) => factor * w) : row));
  }
  params.b_cs = NET.params.b_cs.map((b) => b + b_cs);
  params.b_cr = NET.params.b_cr.map((b) => b + b_cr);
  const trace = paths_lstm.forward(params, NET.x), last = NET.x.length - 1;
  const grads = paths_lstm.backward(params, trace, trace.v.map((v, n) => v.map(() => (n === last ? 1 : 0))));
  const norm = (z) => Math.hypot(...z);
  const terms = {};
  for (const [name] of PATHS) terms[name] = grads[`psi_${name}`].map(norm);
  const share = {}; // of the norms, step by step
  for (const [name] of PATHS) {
    share[name] = terms[name].map((size, n) => size / PATHS.reduce((sum, [other]) => sum + terms[other][n], 0));
  }
  let kept = 0;
  trace.g_cs.forEach((g) => g.forEach((value) => { kept += value; }));
  return { terms, share, psi: grads.psi.map(norm), kept: kept / (trace.g_cs.length * trace.g_cs[0].length) };
}

LiveFigures.define("vanilla_paths", {
  compute,
  legend: PATHS.map(([name, style, label]) => ({ style: name === "cs" ? `${style} dash` : style, mark: "line", label })),
  panels: [
    {
      label: "Size of each term of the state's error over time, logarithmic",
      height: 280,
      axes({ psi, terms }) {
        const all = [...psi, ...PATHS.flatMap(([name]) => terms[name])].filter((size) => size > 0);
        const high = Math.ceil(Math.log10(Math.max(...all)) + 1e-9), low = Math.floor(Math.log10(Math.min(...psi)));
        return { x: [-0.5, psi.length - 0.5], y: [10 ** Math.min(low - 1, high - 4), 10 ** high], logY: true, xLabel: "step n", yLabel: "", title: "Euclidean norm of each term of ψ[n]" };
      },
      draw(chart, { terms }) {
        for (const [name, style] of PATHS) {
          chart.path(LiveFigures.within(LiveFigures.steps(terms[name]), [10 ** chart.y[0], Infinity]), name === "cs" ? `${style} dash` : style);
        }
      },
    },
    {
      label: "Share of each term of the state's error, step by step",
      height: 200,
      axes: ({ psi }) => ({ x: [-0.5, psi.length - 0.5], y: [0, 1], xLabel: "step n", yLabel: "share", title: "share of each path" }),
      draw(chart, { share, psi }) {
        psi.forEach((_, n) => {
          let base = 0;
          for (const [name, style] of PATHS) {
            const size = share[name][n];
            chart.rect(n - 0.5, n + 0.5, base, base + size, `lf-dot ${style}`);
            base += size;
          }
        });
      },
    },
  ],
  describe({ share, psi, kept }) {
    const show = LiveFigures.format, last = psi.length - 1;
    const mean = (name) => Math.round((100 * share[name].slice(0, last).reduce((a, b) => a + b, 0)) / last);
    return `Before the last step the carousel brings ${mean("s")} %, the read-out ${mean("r")} %, ` +
      `the peepholes ${mean("cr")}, ${mean("cu")} and ${mean("cs")} % (read-out, update, state gate). ` +
      `The state gate keeps ${show(100 * kept, 1)} % a step on average. At step 0 the error is ${show(psi[0] / psi[last], 2)} times as large as at step ${last}.`;
  },
});
