// The small network of both figures on ways, and its error divided by where it has been. NET and
// the programs are generated.
const norms = (z) => z.map((row) => Math.hypot(...row));
const less = (a, b) => a.map((row, n) => row.map((value, i) => value - b[n][i]));
const mean = (z) => z.reduce((a, b) => a + b, 0) / z.length;

// psi of the whole cell, the terms of each of its hops, and the three parts of the whole way.
function ways({ b_cs, b_cr, peep, recurrent, steps }) {
  const params = {}, x = NET.x.slice(0, steps);
  for (const [name, W] of Object.entries(NET.params)) {
    const factor = name.startsWith("W_s") ? peep : name.startsWith("W_v") ? recurrent : 1;
    params[name] = W.map((row) => (Array.isArray(row) ? row.map((w) => factor * w) : row));
  }
  params.b_cs = NET.params.b_cs.map((b) => b + b_cs);
  params.b_cr = NET.params.b_cr.map((b) => b + b_cr);
  const trace = paths_lstm.forward(params, x), last = steps - 1;
  const error = trace.v.map((v, n) => v.map(() => (n === last ? 1 : 0)));
  const grads = paths_lstm.backward(params, trace, error);
  // The cut programs read a record in place of s[n-1] and v[n-1]. Their forward pass is the run
  // above once more, so its trace is theirs.
  const before = (z) => z.map((row, n) => (n ? z[n - 1] : row.map(() => 0)));
  const [seen, heard] = [before(trace.s), before(trace.v)];
  const record = { ...trace, seen, heard, s0: seen[0] };
  const cut = (program) => program.backward(params, record, error).psi;
  const alone = cut(carousel_lstm), unheard = cut(unheard_lstm);
  const parts = { alone: norms(alone), peepholes: norms(less(unheard, alone)), value: norms(less(grads.psi, unheard)) };
  const terms = {}, hop = {}, part = {};
  for (const name of ["s", "r", "cr", "cu", "cs"]) terms[name] = norms(grads[`psi_${name}`]);
  const shares = (sizes, out) => {
    for (const name of Object.keys(sizes)) {
      out[name] = sizes[name].map((size, n) => size / Object.values(sizes).reduce((sum, other) => sum + other[n], 0));
    }
  };
  shares(terms, hop);
  shares(parts, part);
  return { cut, psi: norms(grads.psi), terms, hop, parts, part };
}

function percent(share) {
  if (share > 1e-12 && share < 0.0005) return "below 0.1 %";
  return share < 1e-12 ? "0 %" : `${LiveFigures.format(100 * share, share < 0.0995 ? 1 : 0)} %`;
}
const grown = (psi) => {
  const factor = psi[0] / psi[psi.length - 1];
  return factor >= 1 ? `grows ${LiveFigures.format(factor, 1)}-fold` : `shrinks to ${LiveFigures.format(factor, 2)} of its size`;
};
