// Both networks of the figures, for one input: rnn, lstm and FIXED come from models.py.
const product = (A, B) => A.map((row) => B[0].map((_, j) => row.reduce((sum, a, k) => sum + a * B[k][j], 0)));
const transpose = (A) => A[0].map((_, j) => A.map((row) => row[j]));
const times = (c, A) => A.map((row) => row.map((a) => c * a));

// A norm that neither overflows nor underflows on the way.
function norm(v) {
  let most = 0, sum = 0;
  for (const a of v) most = Math.max(most, Math.abs(a));
  if (most === 0) return 0;
  for (const a of v) sum += (a / most) ** 2;
  return most * Math.sqrt(sum);
}

// W_r = Q (radius Λ + nonnormal N) Qᵀ
function recurrent(radius, nonnormal) {
  const schur = FIXED.spectrum.map((row, i) => row.map((a, j) => radius * a + nonnormal * FIXED.coupling[i][j]));
  return product(product(FIXED.Q, schur), transpose(FIXED.Q));
}

// Norms of ψ[n] when an error enters at the last step only, in units of the last.
function relative(psi) {
  const sizes = psi.map(norm), last = sizes[sizes.length - 1];
  return last > 0 ? sizes.map((size) => size / last) : sizes;
}
const atTheEnd = (N) => Array.from({ length: N }, (_, n) => (n === N - 1 ? FIXED.error : FIXED.error.map(() => 0)));

const silence = FIXED.error.map(() => 0);
const begun = ({ input, steps, start, radius, nonnormal }) => ({
  x: FIXED.signal.slice(0, steps).map((value) => [input * value]), loss: atTheEnd(steps),
  begin: FIXED.start.map((s) => start * s), W_r: recurrent(radius, nonnormal),
});

function runRNN(values) {
  const { program, warp, steepest } = rnn[values.activation], { x, loss, begin, W_r } = begun(values);
  const params = { W_r, W_x: FIXED.W_x, theta_s: silence };
  const trace = program.forward(params, x, begin.map((s) => warp(s).r));
  const psi = relative(program.backward(params, trace, loss).psi);
  return { W_r, s: trace.s, slopes: trace.s.map((s) => s.map((value) => warp(value).slope)), steepest, psi };
}

function runLSTM(values) {
  const { x, loss, begin, W_r } = begun(values), bias = silence.map(() => values.bias);
  const gates = { W_xdu: FIXED.W_x, W_vdu: W_r, b_cs: bias, b_cu: FIXED.b_cu, b_cr: silence, b_du: silence };
  for (const name of ["W_xcu", "W_xcs", "W_xcr", "W_vcu", "W_vcs", "W_vcr"]) gates[name] = FIXED[name];
  const cell = lstm.forward(gates, x, begin, silence);
  return { v: cell.v, state: cell.s, psi_lstm: relative(lstm.backward(gates, cell, loss).psi) };
}

const both = (values) => ({ ...runRNN(values), ...runLSTM(values) });

// What the checklist of 04_vanishing leaves open for an RNN; radius + nonnormal is the most that ‖W_r‖ can be.
function leftOpen({ activation, radius, nonnormal, input, start }) {
  const most = radius + nonnormal;
  if (activation === "relu") return most >= 1.5 && most <= 2.6; // all units may go off, and the error with them
  if (activation !== "tanh" || most <= 1 || (input === 0 && start === 0)) return false;
  return most > 2 ? input < 0.75 * most : input > 0.25 * most && input < 0.5 * most;
}
// And for the LSTM: away from rest a large matrix beside a gate half open.
const leftOpenLSTM = ({ radius, bias, input, start }) => radius > 3 && bias > 0 && bias < 3.5 && (input > 0 || start > 0);

// What became of an error on its way back: in words, with the numbers behind them.
function fate(psi) {
  const N = psi.length, first = psi[0];
  let peak = N - 1;
  for (let n = N - 1; n >= 0; n--) if (psi[n] > psi[peak]) peak = n;
  const small = psi.findLastIndex((size) => size < 0.01);
  return {
    first, back: N - 1, peak: psi[peak], peakAt: N - 1 - peak, onePercent: small < 0 ? null : N - 1 - small,
    factor: first > 0 ? first ** (1 / (N - 1)) : 0, zeroAt: N - 1 - psi.findLastIndex((size) => size === 0),
  };
}

function words(psi) {
  const f = fate(psi), show = LiveFigures.format;
  const steps = (k) => `${k} step${k === 1 ? "" : "s"}`;
  if (psi[psi.length - 1] === 0) return "no unit passes the error on: there is no gradient at all";
  const grew = f.peak > 3 && f.first < f.peak / 3 ? `first grows ×${show(f.peak, 0)} within ${steps(f.peakAt)}, then ` : "";
  if (f.first === 0) return `the error ${grew}is exactly zero from ${steps(f.zeroAt)} back`;
  const rate = `×${show(f.factor, f.factor < 0.1 ? 3 : 2)} per step on average over all ${f.back}`;
  if (f.first > 100) return `the error explodes, ${rate}`;
  const share = f.first >= 2 ? `${show(f.first, 1)} times as large` : `with ${show(100 * f.first, f.first < 0.1 ? 1 : 0)} % of its size`;
  if (f.first >= 0.01) return `the error ${grew ? grew + "shrinks; it " : ""}arrives ${steps(f.back)} back ${share}`;
  return `the error ${grew}vanishes, ${rate}; 1 % is left after ${steps(f.onePercent)}`;
}

// Of the logarithmic axes.
const FLOORS = [1e-3, 1e-6, 1e-9, 1e-12, 1e-18, 1e-24], TOPS = [10, 1e3, 1e6, 1e9, 1e12, 1e24, 1e40, 1e80, 1e120];

// The name of a curve beside the first of its points on the chart: above it, or below.
function tag(chart, sizes, [low, high], name, style, below = false) {
  const N = sizes.length, n = sizes.findIndex((v, k) => k >= 0.02 * N && v >= low && v <= high);
  if (n < 0 || n > 0.9 * N) return;
  const before = n > 0.15 * N; // the curve comes from below: the name stands to its left
  const near = before ? [sizes[n]] : sizes.slice(n, n + Math.ceil(0.14 * N)).filter((v) => v > 0);
  const lift = (high / low) ** 0.04, above = Math.max(...near) * lift;
  const y = below || above * lift ** 2 > high ? Math.min(...near) / lift ** 2.2 : above;
  chart.text(n, Math.max(low * lift, y), name, style, before ? "end" : "start");
}
