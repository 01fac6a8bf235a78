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
function mean(a) { return scale(1 / a.length, total(a)); }
function total(a) {
  return filled(a.length, a.reduce(function (sum, z) { return sum + z; }, 0));
}
// What comes in is checked. A shape names its axes; a size met for the first time may be anything.
function fitted(z, name, shape, sizes, finite) {
  if (!shape.length) {
    if (typeof z !== "number") throw new TypeError(name + ": expected a number, got " + z);
    if (finite && !isFinite(z)) throw new RangeError(name + ": expected a finite number, got " + z);
    return;
  }
  if (!z || typeof z !== "object" || typeof z.length !== "number") {
    throw new TypeError(name + ": expected an array, got " + z);
  }
  var size = shape[0];
  if (!(size in sizes)) sizes[size] = z.length;
  if (z.length !== sizes[size]) {
    throw new RangeError(name + ": expected " + sizes[size] + " entries, got " + z.length);
  }
  for (var k = 0; k < z.length; k++) {
    fitted(z[k], name + "[" + k + "]", shape.slice(1), sizes, finite);
  }
}
function matched(group, name, shapes, sizes, finite) {
  if (!group || typeof group !== "object") {
    throw new TypeError(name + ": expected arrays by name, got " + group);
  }
  Object.keys(shapes).forEach(function (key) {
    if (!(key in group)) throw new RangeError(name + ": " + key + " is missing");
    fitted(group[key], name + "." + key, shapes[key], sizes, finite);
  });
}
function windows(lags, least, sizes) {
  Object.keys(lags).forEach(function (name) {
    if (!(name in least)) throw new RangeError("lags: no window " + name);
    var values = lags[name], seen = {};
    sizes[name] = values.length;
    var right = values.length > 0 && values.every(function (l) {
      if (l in seen || Math.floor(l) !== l) return false;
      return seen[l] = true;
    });
    if (!right) {
      throw new RangeError("lags." + name + ": expected different whole numbers, got " + values);
    }
    if (least[name] !== null && Math.min.apply(null, values) < least[name]) {
      throw new RangeError("lags." + name + ": expected lags of at least " + least[name] +
        ", where all is computed already, got " + values);
    }
  });
}
function tapped(lags, least, sizes) {  // a window without lags has as many as there are taps
  var found = {};
  Object.keys(least).forEach(function (name) {
    if (!sizes[name]) {
      throw new RangeError("lags: " + name + (name in sizes ? " is empty" : " is missing"));
    }
    found[name] = lags[name] || filled(sizes[name], 0).map(function (_, k) {
      return k + (least[name] || 0);
    });
  });
  return found;
}
// Batches. What has kind "steps" is (N, B, d), "state" (B, d), "trace" an object of these; the
// rest is shared. Results of kind "steps" and "state" are put side by side, others are summed.
function each(z, f) {
  var out = {};
  Object.keys(z).forEach(function (k) { out[k] = f(z[k], k); });
  return out;
}
function merged(a, b) {
  return Array.isArray(a) ? a.map(function (z, i) { return merged(z, b[i]); }) : a + b;
}
function batched(one, kinds, given, names, tables) {
  function checked(values, found) {  // whether there is a single sequence
    if (!found || typeof found.length !== "number") {
      throw new TypeError(names[given.indexOf("steps")] + ": expected an array, got " + found);
    }
    var single = !found.length || !found[0] || !Array.isArray(found[0][0]), sizes = {}, lags;
    function own(shape) {
      return shape.filter(function (size) { return size !== "B" || !single; });
    }
    if (tables.LAGS) {
      lags = values[names.indexOf("lags")] || (values[names.indexOf("trace")] || {}).lags || {};
      windows(lags, tables.LAGS, sizes);
    }
    matched(values[0], "params", tables.PARAMS, sizes, true);
    if (tables.LAGS) {
      lags = tapped(lags, tables.LAGS, sizes);
      if (names.indexOf("lags") > 0) values[names.indexOf("lags")] = lags;
    }
    names.forEach(function (name, k) {
      if (given[k] === "trace") {
        matched(values[k], name, each(tables.TRACE, own), sizes, false);
      } else if (given[k] === "steps" || (given[k] === "state" && values[k])) {
        fitted(values[k], name, own(tables.TRACE[name.replace(/^dL_d/, "")]), sizes, true);
      }
    });
    return single;
  }
  function pick(z, kind, b) {
    if (kind === "steps") return z && z.map(function (at) { return at[b]; });
    if (kind === "state") return z && z[b];
    return kind === "trace" ? each(z, function (part, k) { return pick(part, kinds[k], b); }) : z;
  }
  function merge(all, kind) {
    if (kind === "steps") {
      return all[0].map(function (_, n) { return all.map(function (z) { return z[n]; }); });
    }
    return kind === "state" ? all : kind === "shared" ? all[0] : all.reduce(merged);
  }
  return function () {
    var values = Array.prototype.slice.call(arguments), found = values[given.indexOf("steps")];
    var single = checked(values, found);
    if (single) return one.apply(null, values);
    var all = found[0].map(function (_, b) {
      return one.apply(null, values.map(function (z, k) { return pick(z, given[k], b); }));
    });
    return each(all[0], function (_, k) {
      return merge(all.map(function (part) { return part[k]; }), kinds[k]);
    });
  };
}
