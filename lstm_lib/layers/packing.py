r"""An LSTM's weights one below the other, so that one product makes all net inputs.

The rows of ``du`` come first, then those of the gates; the gates that look at the old state
stand together and ``cr``, which looks at the new one, comes last. Since
$G_c(a)=\tfrac12+\tfrac12\tanh(\tfrac12a)$, one tanh serves all rows if those of the gates are
halved beforehand; a half is exact in binary.

The windows $\xi_*[n]=\sum_{l\in\Lambda_*}W_{x*}[l]\,x[n-l]$ take part: the inputs that any of them
needs are stacked, ``X[n]`` = $(x[n-l])_{l\in\cup\Lambda}$, and the matrix of a row is zero where it
lacks a lag. ``lags`` says which lags every row has, the rows in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib.layers import initialise
from lstm_lib.layers.base import columns
from lstm_lib.parameters import Parameters

__all__ = [
    "Weights", "Work", "draw", "errors_at_inputs", "lag_range", "lagged", "peep", "peep_back",
    "peep_gradient", "peephole_kind", "shapes", "suited", "union",
]  # fmt: skip

Array = NDArray[np.floating]
Product = Callable[[Array, Array], Array]
Lags = Mapping[str, range]


@dataclass
class Weights:
    """Copies of the weights, or room for their gradients; K blocks of d_s rows."""

    x: Array  # (K d_s, L d_x) with L lags
    v: Array  # (K d_s, d_v)
    b: Array  # (K d_s, 1)
    s: Array  # ((K - 2) d_s, d_s), or (K - 2, d_s, 1) if diagonal, or empty
    scr: Array  # (d_s, d_s), or (1, d_s, 1) if diagonal, or empty
    qdr: Array  # (d_v, d_s), or empty

    @classmethod
    def of(cls, params: Parameters, lags: Lags) -> Weights:
        """The parameters as they are now."""
        rows, none = list(lags), np.empty(0, params.flat.dtype)
        peepholes = "W_scr" in params
        every = union(lags.values())
        wide = [_widen(params[f"W_x{row}"], lags[row], every) for row in rows]
        return cls(
            x=np.ascontiguousarray(np.concatenate(wide)),
            v=np.concatenate([params[f"W_v{row}"] for row in rows]),
            b=np.concatenate([params[f"b_{row}"] for row in rows])[:, None],
            s=_peepholes(*(params[f"W_s{row}"] for row in rows[1:-1])) if peepholes else none,
            scr=_peepholes(params["W_scr"]) if peepholes else none,
            qdr=params["W_qdr"].copy() if "W_qdr" in params else none,
        )

    def into(self, params: Parameters, lags: Lags) -> Parameters:
        """The reverse of :meth:`of`: copy the blocks into ``params``."""
        d_s, every = len(self.b) // len(lags), union(lags.values())
        for k, (row, own) in enumerate(lags.items()):
            block, W_x = slice(k * d_s, (k + 1) * d_s), params[f"W_x{row}"]
            if W_x.ndim == 2:
                W_x[...] = self.x[block]
            else:
                wide = self.x[block].reshape(d_s, len(every), -1)
                W_x[...] = wide[:, _own(own, every)].swapaxes(0, 1)
            params[f"W_v{row}"][...] = self.v[block]
            params[f"b_{row}"][...] = self.b[block, 0]
        if "W_scr" in params:
            shape = params["W_scr"].shape
            for row, w in zip([*lags][1:-1], self.s.reshape(-1, *shape), strict=True):
                params[f"W_s{row}"][...] = w
            params["W_scr"][...] = self.scr.reshape(shape)
        if "W_qdr" in params:
            params["W_qdr"][...] = self.qdr
        return params

    def halved(self, d_s: int) -> Weights:
        """With the rows of the gates halved."""
        half = np.where(np.arange(len(self.b)) < d_s, 1, 0.5).astype(self.b.dtype)[:, None]
        all_gates = self.b.dtype.type(0.5)
        return Weights(
            half * self.x, half * self.v, half * self.b,
            all_gates * self.s, all_gates * self.scr, self.qdr,
        )  # fmt: skip

    def zeros(self) -> Weights:
        """Room for the gradients."""
        return Weights(*(np.zeros_like(w) for w in vars(self).values()))


@dataclass(frozen=True)
class Work:
    """One pass in the working layout: ``w[n]`` is one column with all that step n is made of.

    Its rows are X[n], 1, v[n-1], then blocks of d_s rows: s[n-1], u[n], (g_cx[n],) g_cs[n],
    g_cu[n], g_cr[n], r[n], (q[n]). What a product needs stands together, and v[n], s[n] stand
    where the next step looks for them.
    """

    W: Weights
    x: Array  # (N, d_x, B)
    xi_du: Array  # (N, d_s, B) if there is an external gate, otherwise empty
    w: Array  # (N + 1, ..., B)
    d: int

    @property
    def X(self) -> Array:
        """The inputs at all lags, ``(N, L d_x, B)``."""
        return self.w[:-1, : self.W.x.shape[1]]

    @property
    def z(self) -> Array:
        """What $W_x$, b, $W_v$ multiply: X[n], 1, v[n-1] for all steps."""
        return self.w[:-1, : self.W.x.shape[1] + 1 + self.W.v.shape[1]]

    @property
    def v(self) -> Array:
        """v[-1] and all values, ``(N + 1, d_v, B)``."""
        begin = self.W.x.shape[1] + 1
        return self.w[:, begin : begin + self.W.v.shape[1]]

    def rows(self, first: int, last: int | None = None) -> Array:
        """Blocks of d_s rows at every step: 0 is s[n-1], 1 u, ..., K + 1 r, (K + 2 q)."""
        begin, last = self.W.x.shape[1] + 1 + self.W.v.shape[1], last or first + 1
        return self.w[:, begin + first * self.d : begin + last * self.d]

    def xi(self, k: int) -> Array:
        r"""$\xi_*[n]$ for all steps."""
        xi: Array = self.W.x[k * self.d : (k + 1) * self.d] @ self.X
        return xi

    def net_input(self, k: int) -> Array:
        r"""$a_*[n]$ for all steps, from what it is made of; the passes need no copy of it."""
        d, W = self.d, self.W
        K, block = len(W.b) // d, slice(k * d, (k + 1) * d)
        a = self.xi(k)
        if k == 0 and self.xi_du.size:
            a *= self.rows(2)[:-1]  # g_cx
        a += W.v[block] @ self.v[:-1]
        a += W.b[block]
        if k and W.s.size:
            s = self.rows(0)
            seen = s[1:] if k == K - 1 else s[:-1]
            peepholes = W.scr if k == K - 1 else np.split(W.s, K - 2)[k - 1]
            a += peepholes @ seen if W.s.ndim == 2 else peepholes[0] * seen
        return a

    def factors(self, part: slice, F: Array) -> None:
        r"""What the recursion multiplies with, for all steps of a stretch at once.

        $\alpha_{du},\alpha_{cx},\alpha_{cs},\alpha_{cu}$ and what step n - 1 receives are $\psi$
        times a factor, $\alpha_{cr}$ and what $\psi$ receives are $\partial E/\partial q$ times a
        factor.
        """
        K = F.shape[1] - 2
        w = self.rows(0, K + 2)[part].reshape(F.shape)  # s[n-1], u, (g_cx,) g_cs, g_cu, g_cr, r
        gates, F_gates = w[:, 2 : K + 1], F[:, 2 : K + 1]
        F[:, 0] = w[:, K - 2]
        np.subtract(1, gates, F_gates)
        F_gates *= gates  # G_c'
        F[:, K - 2 : K] *= w[:, :2]  # cs, cu: s[n-1], u
        F[:, K] *= w[:, K + 1]  # cr: r
        for k, gate in ((1, K - 1), (K + 1, K)):  # u with g_cu, r with g_cr
            h, f = w[:, k], F[:, k]
            np.multiply(h, h, f)
            np.subtract(1, f, f)  # G_d'
            f *= w[:, gate]
        if self.xi_du.size:
            F[:, 2] *= self.xi_du[part]
            F[:, 2] *= F[:, 1]

    def symbols(self, lags: Lags) -> dict[str, Any]:
        """The page's symbols; those that the passes do not need are computed when read."""
        K, s, v = len(lags), self.rows(0), self.v
        symbols: dict[str, Any] = {"x": self.x}
        for k, row in enumerate(lags):
            symbols[f"xi_{row}"] = partial(self.xi, k)
            symbols[f"a_{row}"] = partial(self.net_input, k)
            symbols[f"g_{row}"] = self.rows(k + 1)[:-1]
        symbols |= {"u": symbols.pop("g_du"), "r": self.rows(K + 1)[:-1], "s": s[1:]}
        symbols["q"] = self.rows(K + 2)[:-1] if self.W.qdr.size else v[1:].copy
        return symbols | {"v": v[1:], "s0": s[0], "v0": v[0]}


# ---- parameters ----------------------------------------------------------------------------


def peephole_kind(value: str | bool | None) -> str | None:
    """``"full"``, ``"diagonal"``, or ``None`` for what ``None`` and ``False`` both mean."""
    if value is None or value is False:
        return None
    if not isinstance(value, str) or value not in ("full", "diagonal"):
        raise ValueError(f"peepholes: expected 'full', 'diagonal', None or False, got {value!r}")
    return value


def shapes(
    inputs: Mapping[str, tuple[int, ...]], d_s: int, d_v: int | None, peepholes: str | None
) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter of an LSTM, by path; ``inputs`` has the shapes of the $W_{x*}$."""
    found: dict[str, tuple[int, ...]] = {}
    for path, shape in inputs.items():
        found[f"W_x{path}"] = shape
        if peepholes and path != "du":
            found[f"W_s{path}"] = (d_s, d_s) if peepholes == "full" else (d_s,)
        found[f"W_v{path}"] = (d_s, d_v or d_s)
        found[f"b_{path}"] = (d_s,)
    return found | ({"W_qdr": (d_v, d_s)} if d_v else {})


def draw(params: Parameters, random: np.random.Generator) -> None:
    """The initial weights that the LSTM classes describe."""
    for name, W in params.items():
        if name.startswith("W_x"):
            d_s, d_x = W.shape[-2:]
            taps = W.size // (d_s * d_x)
            flat = initialise.normal((d_s, taps * d_x), random)
            W[...] = flat.reshape(d_s, taps, d_x).swapaxes(0, 1).reshape(W.shape)
        elif name.startswith(("W_v", "W_q")):
            W[...] = initialise.orthogonal(W.shape, random)
        elif name.startswith("W_s"):
            W[...] = random.normal(0, 0.1 / len(W) ** (W.ndim / 2 - 0.5), W.shape)
        elif name in ("b_cs", "b_cx"):
            W[...] = 1


# ---- lags ----------------------------------------------------------------------------------


def lag_range(name: str, value: Any) -> range:
    """A contiguous range of lags; a number ``L`` stands for ``range(L)``."""
    want = f"{name}: expected a range of lags with step 1, or a number of lags >= 1, got {value!r}"
    if isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_)):
        value = range(int(value))
    elif not isinstance(value, range):
        raise TypeError(want)
    if len(value) == 0 or value.step != 1:
        raise ValueError(want)
    return value


def union(lags: Iterable[range]) -> tuple[int, ...]:
    """Every lag that any row has, in order; a gap between two windows costs nothing."""
    return _union(tuple(lags))


@lru_cache(64)
def _union(lags: tuple[range, ...]) -> tuple[int, ...]:
    return tuple(sorted(set().union(*lags)))


def lagged(x: Array, lags: tuple[int, ...]) -> Array:
    r"""The inputs at all lags, zero outside: ``(N, d_x, B)`` becomes ``(N, len(lags)·d_x, B)``."""
    if lags == (0,):
        return x
    N, d_x, B = x.shape
    X = np.zeros((N, len(lags), d_x, B), x.dtype)
    for i, lag in enumerate(lags):
        here, there = _overlap(N, lag)
        X[here, i] = x[there]
    return X.reshape(N, -1, B)


def errors_at_inputs(dE_dX: Array, lags: tuple[int, ...]) -> Array:
    """The reverse of :func:`lagged`: errors at the inputs at all lags, summed at the inputs."""
    if lags == (0,):
        return dE_dX
    N, _, B = dE_dX.shape
    dE_dX = dE_dX.reshape(N, len(lags), -1, B)
    dE_dx = np.zeros_like(dE_dX[:, 0])
    for i, lag in enumerate(lags):
        here, there = _overlap(N, lag)
        dE_dx[there] += dE_dX[here, i]
    return dE_dx


def _widen(W: Array, own: range, lags: tuple[int, ...]) -> Array:
    r"""A row's taps, ``(len(own), d_s, d_x)``, as a matrix ``(d_s, len(lags)·d_x)``."""
    if W.ndim == 2:  # there is one, without an axis
        return W
    _, d_s, d_x = W.shape
    taps = W.swapaxes(0, 1)
    if len(own) < len(lags):
        wide = np.zeros((d_s, len(lags), d_x), W.dtype)
        wide[:, _own(own, lags)] = taps
        taps = wide
    return taps.reshape(d_s, -1)


def _own(own: range, lags: tuple[int, ...]) -> slice:
    """Where a row's lags stand; they are contiguous whole numbers, so they stand together."""
    begin = lags.index(own.start)
    return slice(begin, begin + len(own))


def _overlap(N: int, lag: int) -> tuple[slice, slice]:
    """The steps n at which x[n - lag] exists, and the steps n - lag."""
    begin, end = max(lag, 0), min(N + lag, N)
    end = max(begin, end)
    return slice(begin, end), slice(begin - lag, end - lag)


# ---- products ------------------------------------------------------------------------------


def _peepholes(*weights: Array) -> Array:
    if weights[0].ndim == 2:
        return np.concatenate(weights)
    return np.stack(weights)[:, :, None]


def suited(W: Array, B: int) -> Array:
    """A copy laid out for products with ``(d, B)``; for a single sequence with long columns.

    That one begins at a cache line: elsewhere OpenBLAS takes up to 1.6 times as long for it.
    """
    if B > 1:
        return np.array(W, order="C")
    room = np.empty(W.nbytes + 64, np.uint8)
    begin = -room.ctypes.data % 64
    out: Array = room[begin : begin + W.nbytes].view(W.dtype).reshape(W.shape, order="F")
    out[...] = W
    return out


def peep(W: Array, B: int) -> Product:
    r"""The function ``(s, out)`` for $W s$, ``(k d_s, B)``, with peepholes as in ``Weights``."""
    if W.ndim == 2:
        return suited(W, B).dot

    def product(s: Array, out: Array) -> Array:
        np.multiply(W, s, out=out.reshape(-1, *s.shape))
        return out

    return product


def peep_back(W: Array) -> Product:
    r"""The function ``(alpha, out)`` for $W^\top\alpha$, ``(d_s, B)``, from ``(k d_s, B)``."""
    if W.ndim == 2:
        return np.ascontiguousarray(W.T).dot

    def product(alpha: Array, out: Array) -> Array:
        return np.sum(W * alpha.reshape(-1, *out.shape), axis=0, out=out)

    return product


def peep_gradient(W: Array, alpha: Array, s: Array) -> Array:
    r"""$\sum_n\alpha[n]s[n]^\top$ in the shape of ``W``, for ``alpha (N, k d_s, B)``."""
    if W.ndim == 2:
        return columns(alpha) @ columns(s).T
    N, d, B = s.shape
    return np.einsum("nkdb,ndb->kd", alpha.reshape(N, -1, d, B), s)[:, :, None]
