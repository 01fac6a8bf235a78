// Vectors are arrays of numbers, matrices arrays of rows. add and mul take any number of vectors.
function add(a) {
  var z = a.slice();
  for (var k = 1; k < arguments.length; k++) addTo(z, arguments[k]);
  return z;
}
function mul(a) {
  var z = a.slice();
  for (var k = 1; k < arguments.length; k++) {
    for (var i = 0; i < z.length; i++) z[i] *= arguments[k][i];
  }
  return z;
}
function sub(a, b) { return a.map(function (z, i) { return z - b[i]; }); }
function scale(c, a) { return a.map(function (z) { return c * z; }); }
function filled(d, c) { var z = []; while (z.length < d) z.push(c); return z; }
function zeros(W) { return W.map(function (z) { return Array.isArray(z) ? zeros(z) : 0; }); }
function dot(W, z) {
  return W.map(function (row) {
    var total = 0;
    for (var j = 0; j < row.length; j++) total += row[j] * z[j];
    return total;
  });
}
function dotT(W, z) {  // the transpose of W times z
  var total = filled(W.length ? W[0].length : 0, 0);
  for (var i = 0; i < W.length; i++) {
    for (var j = 0; j < total.length; j++) total[j] += W[i][j] * z[i];
  }
  return total;
}
function addTo(total, a) { for (var i = 0; i < total.length; i++) total[i] += a[i]; }
function addOuter(total, a, b) {  // total += a b^T
  for (var i = 0; i < a.length; i++) {
    for (var j = 0; j < b.length; j++) total[i][j] += a[i] * b[j];
  }
}
// A sequence reaches K steps beyond both ends, where it is zero unless given an initial value.
function steps(N, K, d) {
  var z = [];
  for (var n = -K; n < N + K; n++) z[n] = filled(d, 0);
  return z;
}
function padded(given, N, K, d) {
  var z = steps(N, K, d);
  for (var n = 0; n < N; n++) z[n] = given[n];
  return z;
}
function taps(W) { return W.map(function (_, k) { return k; }); }
function byLag(lags, W) {
  var found = {};
  lags.forEach(function (l, k) { found[l] = W[k]; });
  return found;
}
function sumOver(lags, d, term) {
  var total = filled(d, 0);
  lags.forEach(function (l) { addTo(total, term(l)); });
  return total;
}
// Batches. What has kind "steps" is (N, B, d), "state" (B, d), "trace" an object of these; the
// rest is shared. Results of kind "steps" and "state" are put side by side, others are summed.
function each(z, f) {
  var out = {};
  Object.keys(z).forEach(function (k) { out[k] = f(z[k], k); });
  return out;
}
function total(a, b) {
  return Array.isArray(a) ? a.map(function (z, i) { return total(z, b[i]); }) : a + b;
}
function batched(one, kinds, given) {
  function pick(z, kind, b) {
    if (kind === "steps") return z && z.map(function (at) { return at[b]; });
    if (kind === "state") return z && z[b];
    return kind === "trace" ? each(z, function (part, k) { return pick(part, kinds[k], b); }) : z;
  }
  function merge(all, kind) {
    if (kind === "steps") {
      return all[0].map(function (_, n) { return all.map(function (z) { return z[n]; }); });
    }
    return kind === "state" ? all : kind === "shared" ? all[0] : all.reduce(total);
  }
  return function () {
    var values = Array.prototype.slice.call(arguments), found = values[given.indexOf("steps")];
    if (!found.length || !Array.isArray(found[0][0])) return one.apply(null, values);
    var all = found[0].map(function (_, b) {
      return one.apply(null, values.map(function (z, k) { return pick(z, given[k], b); }));
    });
    return each(all[0], function (_, k) {
      return merge(all.map(function (part) { return part[k]; }), kinds[k]);
    });
  };
}
