// A context window as a filter. context_window, shape_of_tap, turned and correlation are generated.
const STEPS = 120, MARGIN = 24, KAPPA = 0.9;

// The same noise in every browser: Lehmer's generator, and sums of 12 uniform numbers.
function normals(count, seed) {
  let state = seed;
  const uniform = () => { state = (state * 16807) % 2147483647; return state / 2147483647; };
  return Array.from({ length: count }, () => {
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += uniform();
    return sum;
  });
}
const fresh = normals(STEPS, 7), disturbance = normals(STEPS, 2026);
const clean = [];
fresh.forEach((w, n) => clean.push(n ? KAPPA * clean[n - 1] + Math.sqrt(1 - KAPPA * KAPPA) * w : w));

// Gaussian elimination; the matrix is symmetric and positive definite.
function solve(A, b) {
  const M = A.map((row, i) => [...row, b[i]]), size = b.length;
  for (let k = 0; k < size; k++) {
    for (let i = k + 1; i < size; i++) {
      const factor = M[i][k] / M[k][k];
      for (let j = k; j <= size; j++) M[i][j] -= factor * M[k][j];
    }
  }
  const h = new Array(size).fill(0);
  for (let k = size - 1; k >= 0; k--) {
    let rest = M[k][size];
    for (let j = k + 1; j < size; j++) rest -= M[k][j] * h[j];
    h[k] = rest / M[k][k];
  }
  return h;
}

function compute({ first, count, shape, noise }) {
  const lags = Array.from({ length: count }, (_, i) => first + i);
  const seen = lags.map((l) => correlation(l, KAPPA).c);
  const R = lags.map((l) => lags.map((k) => correlation(l - k, KAPPA).c + (l === k ? noise * noise : 0)));
  let taps;
  if (shape === "best") taps = solve(R, seen);
  else {
    taps = lags.map((l) => shape_of_tap(l, first, count)[shape]);
    const sum = taps.reduce((a, b) => a + b, 0);
    if (shape === "gaussian") taps = taps.map((h) => h / sum);
  }
  const response = [];
  for (let k = 0; k <= 120; k++) {
    const omega = (Math.PI * k) / 120;
    let re = 0, im = 0, later = 0, latter = 0; // H, and the sum with every tap times its lag
    lags.forEach((l, i) => {
      const z = turned(l, omega);
      re += taps[i] * z.re; im += taps[i] * z.im;
      later += l * taps[i] * z.re; latter += l * taps[i] * z.im;
    });
    const size = Math.hypot(re, im);
    response.push({ omega, re, im, size, delay: (later * re + latter * im) / (size * size) });
  }
  // Where next to nothing passes there is no delay to speak of.
  const most = Math.max(...response.map((z) => z.size));
  response.forEach((z) => { if (!(z.size > 0.03 * most && z.delay > -8 && z.delay < 22)) z.delay = null; });
  const x = clean.map((c, n) => c + noise * disturbance[n]);
  const xi = context_window.forward({ W_x: taps.map((h) => [[h]]) }, x.map((v) => [v]), { L: lags }).xi.map(([v]) => v);
  let error = 1;
  lags.forEach((_, i) => {
    error -= 2 * taps[i] * seen[i];
    lags.forEach((__, j) => { error += taps[i] * R[i][j] * taps[j]; });
  });
  const gain = taps.reduce((a, b) => a + b, 0);
  const delay = Math.abs(gain) < 1e-12 ? null : lags.reduce((a, l, i) => a + l * taps[i], 0) / gain;
  return { lags, taps, response, x, xi, error, gain, delay };
}

LiveFigures.define("window", {
  compute,
  legend: [
    { style: "muted", mark: "dot", label: "noisy input x[n]" },
    { style: "green dash", mark: "line", label: "clean signal" },
    { style: "blue", mark: "line", label: "window ξ[n]" },
  ],
  panels: [
    {
      label: "Taps of the window over the lag",
      height: 200, flex: "1 1 200px",
      axes({ taps }) {
        const y = LiveFigures.scale(taps, [0.3, 0.6, 1.05]);
        return { x: [-8, 22], y: [taps.some((h) => h < 0) ? -y : -0.08 * y, y * 1.04], xLabel: "lag (shaded: the future)", yLabel: "tap", title: "Taps" };
      },
      draw(chart, { lags, taps }) {
        chart.rect(-8, -0.5, -2, 2, "lf-inner");
        chart.path([[-8, 0], [22, 0]], "muted thin");
        lags.forEach((l, i) => chart.path([[l, 0], [l, taps[i]]], "blue thin"));
        chart.dots(lags.map((l, i) => [l, taps[i]]), "blue", 3.2);
      },
    },
    {
      label: "Size of the frequency response over the angular frequency",
      height: 200, flex: "1 1 200px",
      axes({ response }) {
        const y = LiveFigures.scale(response.map((z) => z.size), [1.05, 2.1]);
        return { x: [0, Math.PI], y: [0, y], xLabel: "frequency ω", yLabel: "size of H", title: "What passes" };
      },
      draw(chart, { response }) {
        chart.path(response.map((z) => [z.omega, z.size]), "blue");
      },
    },
    {
      label: "Delay in steps over the angular frequency",
      height: 200, flex: "1 1 200px",
      axes: () => ({ x: [0, Math.PI], y: [-8, 22], xLabel: "frequency ω", yLabel: "delay in steps", title: "How late" }),
      draw(chart, { response }) {
        chart.path([[0, 0], [Math.PI, 0]], "muted thin");
        chart.path(response.map((z) => [z.omega, z.delay === null ? NaN : z.delay]), "blue");
      },
    },
    {
      label: "Noisy input, clean signal and the window's output over steps",
      height: 250,
      axes({ x, xi }) {
        const y = LiveFigures.scale(x.concat(xi), [2.5, 4, 6, 8, 12]);
        return { x: [0, STEPS - 1], y: [-y, y], xLabel: "step n", yLabel: "signal", title: "What it makes of a noisy signal" };
      },
      draw(chart, { x, xi }) {
        chart.dots(LiveFigures.steps(x), "muted", 2);
        chart.path(LiveFigures.steps(clean), "green dash");
        chart.path(LiveFigures.steps(xi), "blue");
      },
    },
  ],
  describe({ lags, taps, error, delay }, { shape }) {
    const show = LiveFigures.format, sign = (l) => (l < 0 ? `−${-l}` : `${l}`);
    const mirrored = taps.every((h, i) => Math.abs(h - taps[taps.length - 1 - i]) < 1e-9);
    const late = delay === null
      ? "A constant gives 0: there is no delay to speak of."
      : Math.abs(delay) < 0.005
        ? "Slow changes come out without delay."
        : `Slow changes come out ${show(Math.abs(delay), 1)} steps ${delay > 0 ? "late" : "early"}.`;
    const phase = mirrored && delay !== null ? " The taps are symmetric: every frequency has that delay." : "";
    return `Lags ${sign(lags[0])} to ${sign(lags[lags.length - 1])}. ${late}${phase} ` +
      `Expected squared error against the clean signal: ${show(error, 3)} (the signal's variance is 1).`;
  },
});
