// The state's error over the whole way: its size, and where it has been; see shared.js.
const HOP = [ // the wires of the last hop
  ["s", "blue", "carousel"],
  ["r", "orange", "read-out r"],
  ["cr", "green", "peephole of the read-out gate"],
  ["cu", "purple", "peephole of the update gate"],
  ["cs", "muted", "peephole of the state gate"],
];
const PARTS = [
  ["alone", "blue", "only in the carousel (also as a line: its size)"],
  ["peepholes", "purple", "also in peepholes, never in the value"],
  ["value", "orange", "in the value v at least once"],
];
const WAYS = [ // drawn in this order
  ["psi", "muted", "size, by all ways"],
  ["never", "orange dash", "size, never by the carousel"],
  ["alone", "blue", "size, by the carousel all the way"],
];

function compute(values) {
  const { cut, psi, terms, hop, parts, part } = ways({ ...values, steps: NET.x.length });
  return { psi, terms, hop, part, alone: parts.alone, never: norms(cut(detour_lstm)) };
}

// All bars of a part are one mark: the picture is the same, and quick to draw.
function stacked(chart, rows, share) {
  const base = share[rows[0][0]].map(() => 0);
  for (const [name, style] of rows) {
    const bars = share[name].map((part, n) => {
      const left = chart.px(n - 0.5).toFixed(1), low = chart.py(base[n]).toFixed(1);
      const high = chart.py((base[n] += 100 * part)).toFixed(1);
      return high === low ? "" : `M${left} ${low}H${chart.px(n + 0.5).toFixed(1)}V${high}H${left}Z`;
    });
    chart.under.push(`<path class="lf-dot ${style}" d="${bars.join("")}"/>`);
  }
}
const shareAxes = (title, steps) => ({ x: [-0.5, steps - 0.5], y: [0, 100], xLabel: "step n", yLabel: "share (%)", title });

LiveFigures.define("vanilla_paths", {
  compute,
  legend: [
    ...PARTS.map(([, style, label]) => ({ style, mark: "dot", label })),
    ...WAYS.slice(0, 2).map(([, style, label]) => ({ style, mark: "line", label })),
    ...HOP.map(([, style, label]) => ({ style, mark: "dot", label: `last hop: ${label}`, more: true })),
  ],
  panels: [
    {
      label: "Where the error that arrives at each step has been on its whole way, as shares",
      height: 150,
      axes: ({ psi }) => shareAxes("Where it has been, on the whole way", psi.length),
      draw: (chart, { part }) => stacked(chart, PARTS, part),
    },
    {
      label: "Size of the state's error over time, by all ways, by the carousel alone and without it, logarithmic",
      height: 180,
      axes({ psi, alone }) {
        const high = Math.max(0, Math.ceil(Math.log10(Math.max(...psi, ...alone)) + 1e-9)), low = Math.floor(Math.log10(Math.min(...psi, ...alone)));
        return { x: [-0.5, psi.length - 0.5], y: [10 ** Math.min(low, high - 4), 10 ** high], logY: true, xLabel: "step n", yLabel: "size of ψ[n]", title: "How large it is" };
      },
      draw(chart, data) {
        for (const [name, style] of WAYS) {
          chart.path(LiveFigures.within(LiveFigures.steps(data[name]), [10 ** chart.y[0], Infinity]), style);
        }
      },
    },
    {
      label: "Share of each wire in the last hop, step by step",
      height: 170,
      more: "the last hop, wire by wire",
      axes: ({ psi }) => shareAxes("The last hop alone: by which wire", psi.length),
      draw: (chart, { hop }) => stacked(chart, HOP, hop),
    },
  ],
  describe: ({ psi, part }) =>
    `Step 0: ${percent(part.alone[0])} only carousel, ${percent(part.peepholes[0])} also peepholes, ${percent(part.value[0])} through v. The error ${grown(psi)}.`,
});
