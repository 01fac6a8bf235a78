// How an error travels back through an RNN and through an LSTM; see shared.js for the networks.
const D = FIXED.error.length;

// A factorisation A = Q R of D columns by the modified Gram-Schmidt rule, applied twice. A direction
// that is lost (a unit that is off) gets a zero column.
function orthonormal(columns) {
  const Q = [], R = columns.map(() => new Float64Array(D));
  for (let j = 0; j < D; j++) {
    const v = columns[j], size = Math.sqrt(dot(v, v));
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < j; i++) {
        const q = Q[i], along = dot(q, v);
        for (let k = 0; k < D; k++) v[k] -= along * q[k];
        R[i][j] += along;
      }
    }
    const rest = Math.sqrt(dot(v, v)), keep = rest > 1e-13 * size;
    R[j][j] = keep ? rest : 0;
    for (let k = 0; k < D; k++) v[k] = keep ? v[k] / rest : 0;
    Q.push(v);
  }
  return { Q, R };
}
function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < D; k++) sum += a[k] * b[k];
  return sum;
}

// Singular values by one-sided Jacobi rotations of the rows. Where the rows differ in size, as those
// of a product of triangles do, small singular values come out as exact as large ones. Rows below
// 1e-140 are left alone: their squares leave the range of numbers.
function singularValues(T) {
  const rows = T.map((row) => Float64Array.from(row));
  for (let sweep = 0, turned = true; turned && sweep < 30; sweep++) {
    turned = false;
    for (let p = 0; p < D - 1; p++) {
      for (let q = p + 1; q < D; q++) {
        const a = rows[p], b = rows[q], aa = dot(a, a), bb = dot(b, b), sizes = Math.sqrt(aa) * Math.sqrt(bb);
        if (aa < 1e-280 || bb < 1e-280) continue;
        const ab = dot(a, b);
        if (Math.abs(ab) <= 1e-14 * sizes) continue;
        turned = true;
        const zeta = (Math.sqrt(bb) / Math.sqrt(aa) - Math.sqrt(aa) / Math.sqrt(bb)) / 2 / (ab / sizes), far = Math.abs(zeta);
        const t = (zeta < 0 ? -1 : 1) / (far > 1e150 ? 2 * far : far + Math.sqrt(1 + far * far));
        const c = 1 / Math.sqrt(1 + t * t), s = c * t;
        for (let k = 0; k < D; k++) {
          const x = a[k], y = b[k];
          a[k] = c * x - s * y;
          b[k] = s * x + c * y;
        }
      }
    }
  }
  return rows.map(norm).sort((a, b) => b - a);
}

// Singular values of ∂ψ[n]/∂ψ[N-1] for every n, the product of the steps diag(G′(s[n])) W_rᵀ. It is
// carried as Q T with T a product of triangles, so that no direction drowns in a larger one.
function spectra(W_r, slopes) {
  const unit = () => FIXED.error.map((_, j) => Float64Array.from(FIXED.error, (_, i) => (i === j ? 1 : 0)));
  let Q = unit(), T = unit();
  const out = [FIXED.error.map(() => 1)];
  for (let n = slopes.length - 2; n >= 0; n--) {
    const moved = Q.map((v) => {
      const to = new Float64Array(D);
      for (let k = 0; k < D; k++) {
        const row = W_r[k], by = v[k];
        for (let i = 0; i < D; i++) to[i] += row[i] * by;
      }
      for (let i = 0; i < D; i++) to[i] *= slopes[n][i];
      return to;
    });
    const step = orthonormal(moved);
    Q = step.Q;
    for (let i = 0; i < D; i++) { // row i of R T needs the rows from i on only
      const row = step.R[i], to = new Float64Array(D);
      for (let k = i; k < D; k++) for (let j = k; j < D; j++) to[j] += row[k] * T[k][j];
      T[i] = to;
    }
    out.push(singularValues(T));
  }
  return out.reverse();
}

function compute(values) {
  const run = both(values), { W_r, slopes, steepest } = run;
  const normOf = singularValues(W_r)[0];
  let square = 0;
  for (const row of slopes) for (const g of row) square += g * g;
  const slope = Math.sqrt(square / (slopes.length * D));
  const eigenvalues = [];
  for (let k = 0; k < D; k += 2) {
    const re = values.radius * FIXED.spectrum[k][k], im = values.radius * FIXED.spectrum[k + 1][k];
    eigenvalues.push([re, im], [re, -im]);
  }
  return { ...run, norm: normOf, slope, eigenvalues, singular: spectra(W_r, slopes) };
}

const { steps: curve, within, decades } = LiveFigures;
const range = ({ psi, psi_lstm }) => decades([...psi, ...psi_lstm], FLOORS, TOPS);
const spread = ({ singular }) => decades(singular.flat(), FLOORS, TOPS);

LiveFigures.define("vanishing", {
  compute,
  legend: [
    { style: "orange", mark: "line", label: "RNN: ‖ψ[n]‖" },
    { style: "muted thin dash", mark: "line", label: "bound (max G′ · ‖Wᵣ‖)ᵏ" },
    { style: "purple dash", mark: "line", label: "rule (rad Wᵣ · rms slope)ᵏ" },
    { style: "blue", mark: "line", label: "LSTM: ‖ψ[n]‖" },
    { style: "orange", mark: "dot", label: "eigenvalue of Wᵣ · max G′", more: true },
    { style: "purple cross", mark: "dot", label: "eigenvalue of Wᵣ · rms slope", more: true },
  ],
  panels: [
    {
      label: "Norm of the error ψ[n] over steps, logarithmic, for the RNN, its bound, its rule of thumb and the LSTM",
      height: 235,
      axes: (data, { steps }) => ({
        x: [0, steps - 1], y: range(data), logY: true, xLabel: "step n  (← the error travels left)",
        yLabel: "‖ψ[n]‖ / ‖ψ[N−1]‖", title: "The error on its way back",
      }),
      draw(chart, data, { steps, radius }) {
        const limits = range(data), powers = (base) => within(curve(data.psi.map((_, n) => base ** (steps - 1 - n))), limits);
        chart.path([[0, 1], [steps - 1, 1]], "muted thin");
        chart.path(powers(data.norm * data.steepest), "muted thin dash");
        chart.path(powers(radius * data.slope), "purple dash thin");
        chart.path(within(curve(data.psi_lstm), limits), "blue");
        chart.path(within(curve(data.psi), limits), "orange");
        tag(chart, data.psi_lstm, limits, "LSTM", "blue");
        tag(chart, data.psi, limits, "RNN", "orange");
      },
    },
    {
      more: "all directions",
      label: "Singular values of the Jacobian product from the last step back to step n, logarithmic",
      height: 250,
      flex: "1 1 300px",
      axes: (data, { steps }) => ({
        x: [0, steps - 1], y: spread(data), logY: true, xLabel: "step n", yLabel: "singular value",
        title: "∂ψ[n]/∂ψ[N−1]: all directions",
      }),
      draw(chart, data, { steps }) {
        const limits = spread(data);
        chart.path([[0, 1], [steps - 1, 1]], "muted thin");
        for (let k = D - 1; k >= 0; k--) {
          chart.path(within(curve(data.singular.map((values) => values[k])), limits), k === 0 ? "orange" : k === D - 1 ? "green" : "muted thin");
        }
        tag(chart, data.singular.map((values) => values[0]), limits, "largest", "orange");
        tag(chart, data.singular.map((values) => values[D - 1]), limits, "smallest", "green", true);
      },
    },
    {
      more: "eigenvalues",
      label: "Eigenvalues of the recurrent matrix in the complex plane, times the steepest slope and times the typical slope",
      height: 250,
      square: true,
      flex: "1 1 230px",
      axes(data) {
        const most = LiveFigures.scale([1, data.norm * data.steepest], [1.25, 2, 3, 4.5, 7, 10]);
        return { x: [-most, most], y: [-most, most], equal: true, xLabel: "Re", yLabel: "Im", title: "Eigenvalues × slope" };
      },
      draw(chart, data) {
        chart.circle(0, 0, 1, "lf-unit");
        chart.path(Array.from({ length: 97 }, (_, k) => {
          const angle = (k / 48) * Math.PI, size = data.norm * data.steepest;
          return [size * Math.cos(angle), size * Math.sin(angle)];
        }), "muted thin dash");
        const at = (c) => data.eigenvalues.map(([re, im]) => [c * re, c * im]);
        chart.dots(at(data.steepest), "orange", 4.5);
        chart.dots(at(data.slope), "purple cross", 3.5);
      },
    },
  ],
  describe({ norm: size, slope, steepest, psi, psi_lstm }, values) {
    const { radius, nonnormal } = values;
    const open = [...(leftOpen(values) ? ["RNN"] : []), ...(leftOpenLSTM(values) ? ["LSTM"] : [])];
    const show = LiveFigures.format, bound = size * steepest;
    const promise = bound < 1
      ? `Bound ${show(bound)}: it must vanish.`
      : `Bound ${show(bound)}: it need not.`;
    return `RNN: ${words(psi)}. LSTM: ${words(psi_lstm)}. ${promise} ` +
      `Rule ${show(radius)} · ${show(slope)} = ${show(radius * slope)}` +
      (nonnormal > 0 ? ", at best in the end: Wᵣ is not normal." : ".") +
      (open.length ? ` The checklist leaves the ${open.join(" and the ")} open: measure.` : "");
  },
});
