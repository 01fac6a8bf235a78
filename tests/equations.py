"""The forward equations once more, as slowly and plainly as they can be written.

One sequence, column vectors, one step after the other, nothing packed: the second, independent
account of every layer. It also runs in complex numbers, so that a step of 1e-30 along the
imaginary axis gives derivatives without rounding error.

``p`` holds the parameters, ``start`` the start values, ``x`` is ``(N, d_x)``. ``nudge(symbol, n)``
is added to a symbol where it is made; its derivative is the error signal at that symbol.
Each function returns the symbols as a mapping from names to ``(N, d)``.
"""

from collections import defaultdict

import numpy as np


def G_c(z):
    positive = 1 / (1 + np.exp(-np.where(z.real > 0, z, -z)))
    return np.where(z.real > 0, positive, 1 - positive)


G_d = np.tanh

ACTIVATIONS = {
    "tanh": np.tanh,
    "logistic": G_c,
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "identity": lambda z: z,
}


def no_nudge(symbol, n):
    return 0


def peep(W, s):
    return W @ s if W.ndim == 2 else W * s


def stacked(symbols):
    return {name: np.array(values) for name, values in symbols.items()}


def rnn(p, x, start, nudge=no_nudge, activation="tanh"):
    out = defaultdict(list)
    r, s = start["r0"], start.get("s0")
    for n in range(len(x)):
        net = p["W_r"] @ r + p["W_x"] @ x[n] + p["theta_s"]
        if "W_s" in p:
            net = net + p["W_s"] @ s
        s = net + nudge("s", n)
        r = ACTIVATIONS[activation](s) + nudge("r", n)
        out["s"].append(s)
        out["r"].append(r)
    return stacked(out)


def vanilla_lstm(p, x, start, nudge=no_nudge):
    out = defaultdict(list)
    s, v = start["s0"], start["v0"]

    def net(gate, n, s, v):
        a = p[f"W_x{gate}"] @ x[n] + p[f"W_v{gate}"] @ v + p[f"b_{gate}"]
        if f"W_s{gate}" in p:
            a = a + peep(p[f"W_s{gate}"], s)
        return a + nudge(f"a_{gate}", n)

    for n in range(len(x)):
        a_cu, a_cs, a_du = (net(gate, n, s, v) for gate in ("cu", "cs", "du"))
        g_cu, g_cs, u = G_c(a_cu), G_c(a_cs), G_d(a_du)
        s = g_cs * s + g_cu * u + nudge("s", n)
        r = G_d(s) + nudge("r", n)
        a_cr = net("cr", n, s, v)
        g_cr = G_c(a_cr)
        v = g_cr * r + nudge("v", n)
        for name in ("a_cu", "a_cs", "a_du", "a_cr", "g_cu", "g_cs", "g_cr", "u", "s", "r", "v"):
            out[name].append(locals()[name])
    return stacked(out)


def augmented_lstm(p, x, start, nudge=no_nudge, lags=None):
    out = defaultdict(list)
    s, v = start["s0"], start["v0"]
    N = len(x)

    def xi(gate, n):
        W = p[f"W_x{gate}"]
        total = 0 * (W[0] @ x[0])
        for W_l, lag in zip(W, lags[gate], strict=True):
            if 0 <= n - lag < N:
                total = total + W_l @ x[n - lag]
        return total + nudge(f"xi_{gate}", n)

    def recurrent(gate, s, v):
        a = p[f"W_v{gate}"] @ v + p[f"b_{gate}"]
        return a + peep(p[f"W_s{gate}"], s) if f"W_s{gate}" in p else a

    for n in range(N):
        xi_cu, xi_cs, xi_cr, xi_du = (xi(gate, n) for gate in ("cu", "cs", "cr", "du"))
        a_cu = xi_cu + recurrent("cu", s, v) + nudge("a_cu", n)
        a_cs = xi_cs + recurrent("cs", s, v) + nudge("a_cs", n)
        g_cu, g_cs = G_c(a_cu), G_c(a_cs)
        if "W_xcx" in p:
            xi_cx = xi("cx", n)
            a_cx = xi_cx + recurrent("cx", s, v) + nudge("a_cx", n)
            g_cx = G_c(a_cx)
            a_du = g_cx * xi_du + recurrent("du", s, v) + nudge("a_du", n)
            for name in ("xi_cx", "a_cx", "g_cx"):
                out[name].append(locals()[name])
        else:
            a_du = xi_du + recurrent("du", s, v) + nudge("a_du", n)
        u = G_d(a_du)
        s = g_cs * s + g_cu * u + nudge("s", n)
        r = G_d(s) + nudge("r", n)
        a_cr = xi_cr + recurrent("cr", s, v) + nudge("a_cr", n)
        g_cr = G_c(a_cr)
        q = g_cr * r + nudge("q", n)
        v = (p["W_qdr"] @ q if "W_qdr" in p else q) + nudge("v", n)
        for name in (
            *("xi_cu", "xi_cs", "xi_cr", "xi_du", "a_cu", "a_cs", "a_du", "a_cr"),
            *("g_cu", "g_cs", "g_cr", "u", "s", "r", "q", "v"),
        ):
            out[name].append(locals()[name])
    return stacked(out)


def gru(p, x, start, nudge=no_nudge, form="published"):
    out = defaultdict(list)
    v = start["v0"]
    for n in range(len(x)):
        a_cs = p["W_xcs"] @ x[n] + p["W_vcs"] @ v + p["b_cs"] + nudge("a_cs", n)
        a_cr = p["W_xcr"] @ x[n] + p["W_vcr"] @ v + p["b_cr"] + nudge("a_cr", n)
        g_cs, g_cr = G_c(a_cs), G_c(a_cr)
        if form == "published":
            a_du = p["W_xdu"] @ x[n] + p["W_vdu"] @ (g_cr * v) + p["b_du"]
        else:
            a_du = p["W_xdu"] @ x[n] + g_cr * (p["W_vdu"] @ v + p["b_vdu"]) + p["b_du"]
        a_du = a_du + nudge("a_du", n)
        u = G_d(a_du)
        v = g_cs * v + (1 - g_cs) * u + nudge("v", n)
        for name in ("a_cs", "a_cr", "a_du", "g_cs", "g_cr", "u", "v"):
            out[name].append(locals()[name])
    return stacked(out)


def of(part, values):
    return {k.removeprefix(part + "."): v for k, v in values.items() if k.startswith(part + ".")}


def stack_of(p, x, start, nudge=no_nudge, layers=()):
    """``layers`` holds (equations, output symbol) from the lowest to the highest."""
    out = {}
    for k, (equation, output) in enumerate(layers):

        def own_nudge(symbol, n, k=k):
            return nudge(f"{k}.{symbol}", n)

        symbols = equation(of(str(k), p), x, of(str(k), start), own_nudge)
        out |= {f"{k}.{symbol}": value for symbol, value in symbols.items()}
        x = symbols[output]
    return out | {"v": x}


def both_directions(p, x, start, nudge=no_nudge, layers=()):
    """``layers`` holds (equations, output symbol) of the forward and the backward layer."""
    (there, v_there), (back, v_back) = layers
    ahead = there(of("forward", p), x, of("forward", start), lambda s, n: nudge(f"forward.{s}", n))
    behind = back(
        of("backward", p), x[::-1], of("backward", start),
        lambda s, n: nudge(f"backward.{s}", len(x) - 1 - n),
    )  # fmt: skip
    behind = {symbol: value[::-1] for symbol, value in behind.items()}
    out = {f"forward.{symbol}": value for symbol, value in ahead.items()}
    out |= {f"backward.{symbol}": value for symbol, value in behind.items()}
    return out | {"v": np.concatenate([ahead[v_there], behind[v_back]], axis=1)}


def grid_lstm(p, x, start, nudge=no_nudge, dimensions=("time", "depth"), depth=1):
    """Recursion over points with a memory of what is known: no padding, no order of visits."""
    D, d_s = len(dimensions), len(p["b_v"])
    sizes = (*x.shape[:-1], depth)
    known = {}

    def leaves(point):
        """(s, v) along each dimension of one point."""
        if point not in known:
            arriving = []
            for k in range(D):
                before = tuple(i - (j == k) for j, i in enumerate(point))
                if before[k] >= 0:
                    arriving.append(leaves(before)[k])
                elif k == D - 1:
                    arriving.append((np.zeros(d_s), p["W_xv"] @ x[point[:-1]] + p["b_v"]))
                elif k == 0 and "time_s0" in start:
                    own = slice(point[-1] * d_s, (point[-1] + 1) * d_s)
                    arriving.append((start["time_s0"][own], start["time_v0"][own]))
                else:
                    arriving.append((np.zeros(d_s), np.zeros(d_s)))
            H = np.concatenate([v for _, v in arriving])
            known[point] = []
            for along, (s, _) in zip(dimensions, arriving, strict=True):
                a = {g: p[f"{along}.W_v{g}"] @ H + p[f"{along}.b_{g}"] for g in ROWS}
                s = G_c(a["cs"]) * s + G_c(a["cu"]) * G_d(a["du"])
                known[point].append((s, G_c(a["cr"]) * G_d(s)))
        return known[point]

    for point in np.ndindex(sizes):
        leaves(point)
    out = [leaves((*n, depth - 1))[-1] for n in np.ndindex(sizes[:-1])]
    shape = (*sizes[:-1], d_s)
    symbols = {"s": [s for s, _ in out], "v": [v for _, v in out]}
    symbols = {name: np.array(values).reshape(shape) for name, values in symbols.items()}
    if D == 2:
        along_time = [[leaves((n, k))[0] for k in range(depth)] for n in range(len(x))]
        for i, name in enumerate(("time_s", "time_v")):
            symbols[name] = np.array([np.concatenate([at[i] for at in n]) for n in along_time])
    return symbols


ROWS = ("cu", "cs", "cr", "du")


def lstm_1997(p, x, start, nudge=no_nudge, blocks=1, size=1, frozen=None):
    """``frozen``, values and gates of an earlier run, are read in place of this run's own."""
    out = defaultdict(list)
    s, v, g = start["s0"], start["v0"], start["g0"]
    gates = ["cu", "cs", "cr"] if "b_cs" in p or "W_xcs" in p else ["cu", "cr"]

    def net(path, n, s, v, g):
        a = p[f"W_x{path}"] @ x[n] + p[f"W_v{path}"] @ v
        if f"W_g{path}" in p:
            a = a + p[f"W_g{path}"] @ g
        if f"b_{path}" in p:
            a = a + p[f"b_{path}"]
        if f"W_s{path}" in p:
            seen = (
                s if frozen is None else (frozen["s"][n] if path == "cr" else frozen["s_prev"][n])
            )
            a = a + np.array([p[f"W_s{path}"][j] @ seen[j * size : j * size + size]
                              for j in range(blocks)])  # fmt: skip
        return a + nudge(f"a_{path}", n)

    for n in range(len(x)):
        if frozen is not None:
            v, g = frozen["v_prev"][n], frozen["g_prev"][n]
        a_cu, a_du = net("cu", n, s, v, g), net("du", n, s, v, g)
        g_cu = G_c(a_cu) + nudge("g_cu", n)
        u = 4 * G_c(a_du) - 2
        kept = s
        if "cs" in gates:
            a_cs = net("cs", n, s, v, g)
            g_cs = G_c(a_cs) + nudge("g_cs", n)
            kept = np.repeat(g_cs, size) * s
            out["a_cs"].append(a_cs)
            out["g_cs"].append(g_cs)
        s = kept + np.repeat(g_cu, size) * u + nudge("s", n)
        r = 2 * G_c(s) - 1
        a_cr = net("cr", n, s, v, g)
        g_cr = G_c(a_cr) + nudge("g_cr", n)
        v = np.repeat(g_cr, size) * r + nudge("v", n)
        g = np.concatenate([g_cu, g_cs, g_cr] if "cs" in gates else [g_cu, g_cr])
        for name in ("a_cu", "a_du", "a_cr", "g_cu", "g_cr", "u", "s", "r", "v", "g"):
            out[name].append(locals()[name])
    return stacked(out)
