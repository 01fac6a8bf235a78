// The state's error, by all ways and by some only. NET and the three programs are generated.
const PATHS = [
  ["s", "blue", "carousel"],
  ["r", "orange", "read-out r"],
  ["cr", "green", "peephole of the read-out gate"],
  ["cu", "purple", "peephole of the update gate"],
  ["cs", "muted", "peephole of the state gate"],
];
const WAYS = [ // drawn in this order
  ["psi", "muted", "ψ[n], by all ways"],
  ["never", "orange dash", "never by the carousel"],
  ["alone", "blue", "by the carousel all the way"],
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
  const error = trace.v.map((v, n) => v.map(() => (n === last ? 1 : 0)));
  const norms = (z) => z.map((row) => Math.hypot(...row));
  const grads = paths_lstm.backward(params, trace, error);
  // What the cut programs read in place of s[n-1] and v[n-1]: the record of the run above.
  const before = (z) => z.map((row, n) => (n ? z[n - 1] : row.map(() => 0)));
  const cut = (program, ...record) => norms(program.backward(params, program.forward(params, NET.x, ...record), error).psi);
  const terms = {}, share = {}; // of the last hop: the norms, step by step
  for (const [name] of PATHS) terms[name] = norms(grads[`psi_${name}`]);
  for (const [name] of PATHS) {
    share[name] = terms[name].map((size, n) => size / PATHS.reduce((sum, [other]) => sum + terms[other][n], 0));
  }
  let kept = 0;
  trace.g_cs.forEach((g) => g.forEach((value) => { kept += value; }));
  return {
    share, terms, psi: norms(grads.psi),
    alone: cut(carousel_lstm, before(trace.s), before(trace.v)),
    never: cut(detour_lstm, before(trace.s)),
    kept: kept / (trace.g_cs.length * trace.g_cs[0].length),
  };
}

LiveFigures.define("vanilla_paths", {
  compute,
  legend: [
    ...WAYS.map(([, style, label]) => ({ style, mark: "line", label })).reverse(),
    ...PATHS.map(([, style, label]) => ({ style, mark: "dot", label: `last hop: ${label}` })),
  ],
  panels: [
    {
      label: "Size of the state's error over time, by all ways, by the carousel alone and without it, logarithmic",
      height: 280,
      axes({ psi, alone }) {
        const high = Math.ceil(Math.log10(Math.max(...psi, ...alone)) + 1e-9), low = Math.floor(Math.log10(Math.min(...psi, ...alone)));
        return { x: [-0.5, psi.length - 0.5], y: [10 ** Math.min(low, high - 4), 10 ** high], logY: true, xLabel: "step n", yLabel: "", title: "Euclidean norm: the whole way from the last step" };
      },
      draw(chart, data) {
        for (const [name, style] of WAYS) {
          chart.path(LiveFigures.within(LiveFigures.steps(data[name]), [10 ** chart.y[0], Infinity]), style);
        }
      },
    },
    {
      label: "Share of each wire in the last hop, step by step",
      height: 180,
      axes: ({ psi }) => ({ x: [-0.5, psi.length - 0.5], y: [0, 1], xLabel: "step n", yLabel: "share", title: "Only the last hop: share of each wire" }),
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
  describe({ share, psi, alone, never, kept }) {
    const show = LiveFigures.format, last = psi.length - 1;
    const hop = share.s.slice(0, last).reduce((a, b) => a + b, 0) / last;
    const part = (z) => `${show((100 * z[0]) / psi[0], 1)} %`;
    return `At step 0 the error is ${show(psi[0] / psi[last], 2)} times as large as at step ${last}. ` +
      `The way that never leaves the carousel brings ${part(alone)} of it, the ways that never use it ${part(never)}; the rest leaves it and comes back. ` +
      `In a single hop the carousel's share is ${Math.round(100 * hop)} % on average. The state gate keeps ${show(100 * kept, 1)} % a step.`;
  },
});
