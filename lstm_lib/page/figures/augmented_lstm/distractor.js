// One cell with an external gate and the same cell without, generated from the declared equations.
const N = 44, PULSES = { 2: 1, 14: -1, 27: 1 };
const GARBAGE = [[6, 11], [17, 24], [30, 38]];
const noise = Array.from({ length: N }, (_, n) => Math.sin(12.9898 * (n + 1)) + 0.6 * Math.cos(4.1 * n));
const counts = Array.from({ length: N }, (_, n) => (GARBAGE.some(([a, b]) => n >= a && n <= b) ? 0 : 1));

const value = (n, strength) => (counts[n] ? PULSES[n] || 0 : strength * noise[n]);

function compute({ weight, bias, strength, recurrent }) {
  const shared = {
    W_xdu: [[1, 0]], W_vdu: [[recurrent]], b_du: [0],
    W_xcu: [[0, 0]], W_vcu: [[0]], b_cu: [4],
    W_xcs: [[0, 0]], W_vcs: [[0]], b_cs: [2.5],
    W_xcr: [[0, 0]], W_vcr: [[0]], b_cr: [4],
  };
  const params = { ...shared, W_xcx: [[0, weight]], W_vcx: [[0]], b_cx: [bias] };
  const input = (k) => counts.map((i, n) => [value(n, k), i]);
  const x = input(strength), column = (rows) => rows.map(([z]) => z);
  const with_gate = gated.forward(params, x), without = plain.forward(shared, x);
  const undisturbed = plain.forward(shared, input(0));
  // E = ½ Σ (v[n] - target)², the target being the value without distractors
  const missed = (trace) => trace.v.map(([v], n) => [v - undisturbed.v[n][0]]);
  const loss = (trace) => 0.5 * missed(trace).reduce((sum, [d]) => sum + d * d, 0);
  const errors = gated.backward(params, with_gate, missed(with_gate));
  const bare = plain.backward(shared, without, missed(without));
  const far = (trace) => Math.max(...column(trace.s).map((s, n) => Math.abs(s - undisturbed.s[n][0])));
  return {
    x: x.map(([z]) => z),
    g_cx: column(with_gate.g_cx),
    s: { gated: column(with_gate.s), plain: column(without.s), undisturbed: column(undisturbed.s) },
    alpha_cx: column(errors.alpha_cx), epsilon: column(errors.epsilon_du),
    bare: column(bare.alpha_du),
    far: { gated: far(with_gate), plain: far(without) },
    E: { gated: loss(with_gate), plain: loss(without) },
    dE_db_cx: errors.b_cx[0],
    values: LiveFigures.valuesAt(GARBAGE[0][0], with_gate, errors), // at the first distractor
  };
}

const points = LiveFigures.steps;
const shade = (chart, low, high) => GARBAGE.forEach(([a, b]) => chart.rect(a - 0.5, b + 0.5, low, high, "lf-inner"));

LiveFigures.define("distractor", {
  compute,
  legend: [
    { style: "blue", mark: "line", label: "with the external gate" },
    { style: "orange dash", mark: "line", label: "without" },
    { style: "green", mark: "line", label: "no distractors at all" },
    { style: "purple", mark: "both", label: "gate: opening, and its error" },
  ],
  panels: [
    {
      label: "Input value over steps, distractors shaded, with the gate's opening",
      height: 125,
      axes({ x }) {
        const y = LiveFigures.scale(x, [1.1, 2, 4, 7]);
        return { x: [-0.5, N - 0.5], y: [-y, y], xLabel: "step n", yLabel: "input, gate", title: "Input (lines), gate (dots)" };
      },
      draw(chart, { x, g_cx }) {
        shade(chart, -10, 10);
        chart.path([[-1, 0], [N, 0]], "muted thin");
        x.forEach((z, n) => chart.path([[n, 0], [n, z]], counts[n] ? "blue" : "orange"));
        chart.path(points(g_cx), "purple thin");
        chart.dots(points(g_cx), "purple", 2.6);
      },
    },
    {
      label: "State over steps with and without the gate, and without distractors",
      height: 145,
      axes({ s }) {
        const y = LiveFigures.scale(s.gated.concat(s.plain, s.undisturbed), [1.2, 2.5, 5, 10, 20]);
        return { x: [-0.5, N - 0.5], y: [-y, y], xLabel: "step n", yLabel: "state s[n]", title: "State" };
      },
      draw(chart, { s }) {
        shade(chart, -30, 30);
        chart.path(points(s.undisturbed), "green");
        chart.path(points(s.gated), "blue");
        chart.path(points(s.plain), "orange dash");
      },
    },
    {
      label: "Error at the window with and without the gate, and error of the gate's net input",
      height: 210, more: "the errors",
      axes({ epsilon, alpha_cx, bare }) {
        const y = LiveFigures.scale(epsilon.concat(alpha_cx, bare), [0.05, 0.2, 0.5, 1, 2, 5, 20, 100, 1000]);
        return { x: [-0.5, N - 0.5], y: [-y, y], xLabel: "step n", yLabel: "error", title: "Errors: ε_du (lines), α_cx (dots)" };
      },
      draw(chart, { epsilon, alpha_cx, bare }) {
        shade(chart, -2000, 2000);
        chart.path(points(epsilon), "blue");
        chart.path(points(bare), "orange dash");
        chart.dots(points(alpha_cx), "purple", 2.6);
      },
    },
  ],
  describe({ g_cx, far, E, dE_db_cx }) {
    const show = LiveFigures.format;
    const mean = (which) => { const at = g_cx.filter((_, n) => counts[n] === which); return at.reduce((a, b) => a + b, 0) / at.length; };
    const step = Math.abs(dE_db_cx) < 5e-5 ? "there is nearly no gradient" : dE_db_cx > 0 ? "a gradient step closes the gate" : "a gradient step opens the gate";
    return `The gate is ${Math.round(100 * mean(1))} % open where the input counts and ${Math.round(100 * mean(0))} % at distractors. ` +
      `The state strays by at most ${show(far.gated)} with the gate and ${show(far.plain)} without; E = ${show(E.gated, 3)} and ${show(E.plain, 3)}. ` +
      `∂E/∂b_cx = ${show(dE_db_cx, 3)}: ${step}.`;
  },
});
