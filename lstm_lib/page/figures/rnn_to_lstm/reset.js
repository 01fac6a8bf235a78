// Trained networks of stage 3 on a stream with resets: NETS, what was measured, comes from models.reset().
const SHOWN = 40;

// The weights of a net, cut from one list in the order of the layer's.
function cut(flat, shapes, gate) {
  const params = {}; let at = 0;
  for (const [name, [rows, columns]] of Object.entries(shapes)) {
    const size = rows * (columns || 1), row = (i) => flat.slice(at + i * columns, at + (i + 1) * columns);
    params[name] = columns ? Array.from({ length: rows }, (_, i) => row(i)) : flat.slice(at, at + rows);
    at += size;
  }
  const d = params.b_du.length;
  if (gate !== "acts") Object.assign(params, {
    W_xcs: params.W_xcu.map((row) => row.map(() => 0)), W_rcs: params.W_rcu.map((row) => row.map(() => 0)), b_cs: Array(d).fill(40),
  });
  return params;
}

const resets = (n) => n === 0 || noise(3 * n + 500) > 0.8;

function compute({ gate, seed, N }) {
  const net = NETS[gate === "held" ? "acts" : gate], steps = Number(N), params = cut(net.weights[seed], net.shapes, gate);
  const x = Array.from({ length: steps }, (_, n) => [noise(n + 7), resets(n) ? 1 : 0]), target = [];
  for (const [z, reset] of x) target.push(z + (reset ? 0 : target[target.length - 1]));
  const { W_y, b_y, ...cell } = params, trace = program.forward(cell, x);
  const y = trace.r.map((r) => r.reduce((sum, value, i) => sum + W_y[0][i] * value, b_y[0]));
  let wrong = 0;
  for (let n = steps - SHOWN; n < steps; n++) wrong += (y[n] - target[n]) ** 2 / SHOWN;
  return { x, target, y, g_cs: trace.g_cs, error: wrong / VARIANCE[N], columns: DOTS.map((by) => by[N]), seed };
}

const { format: show } = LiveFigures;
const last = (values) => values.map((value, n) => [n, value]).slice(-SHOWN);
const when = ({ x }) => last(x.map(([, reset]) => reset)).filter(([, reset]) => reset).map(([n]) => n);
const span = ({ x }) => [x.length - SHOWN - 1, x.length + 1];

LiveFigures.define("reset", {
  compute,
  legend: [
    { style: "muted", mark: "both", label: "right answer" },
    { style: "blue", mark: "line", label: "net's answer" },
    { style: "purple thin dash", mark: "line", label: "reset" },
    { style: "orange diamond", mark: "dot", label: "this seed" },
  ],
  panels: [
    {
      label: "The last forty steps of the stream: right answer and the net's answer",
      height: 185,
      flex: "1 1 300px",
      axes(data) {
        const y = LiveFigures.scale(last(data.y.concat()).concat(last(data.target)).map(([, value]) => value), [2.5, 5, 10, 20, 40, 80, 200]);
        return { x: span(data), y: [-1.04 * y, 1.04 * y], xLabel: "step n", yLabel: "answer y[n]", title: "Sum since the last reset" };
      },
      draw(chart, data) {
        for (const n of when(data)) chart.path([[n, -1e3], [n, 1e3]].map(([a, b]) => [a, Math.max(chart.y[0], Math.min(chart.y[1], b))]), "purple thin dash");
        chart.path(last(data.target), "muted");
        chart.dots(last(data.target), "muted", 2.5);
        chart.path(last(data.y), "blue");
      },
    },
    {
      label: "Measured error on a logarithmic axis, a dot for each seed: gate acts, held after training, held in training",
      height: 185,
      flex: "1 1 300px",
      axes: () => ({
        x: [-0.6, DOTS.length - 0.4], y: [1e-3, 100], logY: true, xNames: COLUMNS,
        xLabel: "state gate (held in training: weights)", yLabel: "error / variance", title: "Twenty seeds, 100 streams each",
      }),
      draw: (chart, data) => columns(chart, data.columns, data.seed),
    },
    {
      more: "the state gates",
      label: "State gates of all units over the last forty steps",
      height: 180,
      axes: (data) => ({ x: span(data), y: [-0.04, 1.04], xLabel: "step n", yLabel: "g_cs[n]" }),
      draw(chart, data) {
        for (const n of when(data)) chart.path([[n, -0.04], [n, 1.04]], "purple thin dash");
        data.g_cs[0].forEach((_, i) => chart.path(last(data.g_cs.map((g) => g[i])), "blue thin"));
      },
    },
  ],
  describe({ error, columns: [acts, after, , never] }, { gate, seed }) {
    const what = { acts: "gate acts", held: "gate held at 1 now", never: "trained with the gate at 1" }[gate];
    const twenty = `${show(middle({ acts, held: after, never }[gate]), 3)} in the median of twenty seeds`;
    const beside = gate === "acts" ? "" : ` (${show(middle(acts), 3)} where the gate acts)`;
    return `Seed ${seed}, ${what}: error / variance ${show(error, 3)} here, ${twenty}${beside}.`;
  },
});
