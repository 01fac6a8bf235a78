r"""The Grid LSTM in two and three dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers import initialise
from lstm_lib.layers.activations import logistic
from lstm_lib.layers.base import Gradients, Layer, Trace, columns
from lstm_lib.parameters import Parameters

__all__ = ["GridLSTM"]

Array = NDArray[np.floating]

ROWS = ("du", "cs", "cu", "cr")
DIMENSIONS = {2: ("time", "depth"), 3: ("time", "space", "depth")}


@dataclass(frozen=True)
class _Work:
    """One pass; every point of the grid has D transforms, ``(*grid, D, d_s, B)``.

    ``s`` and ``v`` are padded: index 0 along a dimension is what enters the grid there, and
    ``[p + 1, k]`` is what leaves point p along dimension k.
    """

    x: Array  # (*N, d_x, B)
    s: Array
    v: Array
    g: Array  # (*grid, D, 4, d_s, B): u, g_cs, g_cu, g_cr


class GridLSTM(Layer):
    r"""A grid of LSTM blocks with a transform, a state and a value along every dimension.

    A point $p$ of the grid receives, along each dimension $k$, the state $s_k$ and the value
    $v_k$ of its predecessor $p-e_k$. With $H=(v_1,\dots,v_D)$ all values that arrive,

    .. math::

        a_{*}^k[p] &= W_{v*}^k H[p]+b_{*}^k, \quad *\in\{cu,cs,cr,du\}\\
        g_{*}^k[p] &= G_c(a_{*}^k[p]), \qquad u^k[p]=G_d(a_{du}^k[p])\\
        s^k[p] &= g_{cs}^k[p]\odot s^k[p-e_k]+g_{cu}^k[p]\odot u^k[p]\\
        v^k[p] &= g_{cr}^k[p]\odot G_d(s^k[p])

    The last dimension is the depth: there the input enters as $v=W_{xv}x+b_{v}$ with $s=0$, and
    what leaves it is the layer's value. Along the others (time; time and space) the grid begins
    with zeros unless start values are given. The weights are shared by all points.

    Parameters
    ----------
    d_x, d_s
        Number of input and of state components.
    dimensions
        2: time and depth, inputs ``(N, B, d_x)``. 3: time, space and depth, inputs
        ``(N, M, B, d_x)``. Without ``B`` for a single grid.
    depth
        Number of points along the depth.
    rng
        Seed or ``numpy.random.Generator`` for the initial weights: normal with variance one over
        the number of columns, biases 0 except $b_{cs}=1$.
    dtype
        float64 or float32; everything that the layer returns has it.

    Attributes
    ----------
    params
        ``time.W_vcu``, ... of shape ``(d_s, D d_s)``, ``time.b_cu``, ... ``(d_s,)``, the same for
        ``space`` (3-D) and ``depth``; ``W_xv`` ``(d_s, d_x)`` and ``b_v`` ``(d_s,)``.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.

    Notes
    -----
    Source: Kalchbrenner, Danihelka and Graves (2015), whose blocks compute
    $\tanh(g_{cr}\odot s)$ where this book's LSTM has $g_{cr}\odot\tanh(s)$; Staudemeyer and
    Morris (2019), the section on variants.
    """

    def __init__(
        self,
        d_x: int,
        d_s: int,
        dimensions: int = 2,
        depth: int = 1,
        *,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.d_s = self.d_out = checks.size("d_s", d_s)
        if checks.size("dimensions", dimensions) not in DIMENSIONS:
            raise ValueError(f"dimensions: expected 2 or 3, got {dimensions}")
        self.dimensions, self._along = dimensions, DIMENSIONS[dimensions]
        self.depth = checks.size("depth", depth)
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        shapes: dict[str, tuple[int, ...]] = {"W_xv": (d_s, d_x), "b_v": (d_s,)}
        for along in self._along:
            for row in ROWS:
                shapes[f"{along}.W_v{row}"] = (d_s, dimensions * d_s)
                shapes[f"{along}.b_{row}"] = (d_s,)
        self.params = Parameters(shapes, self.dtype)
        for name, W in self.params.items():
            if W.ndim == 2:
                W[...] = initialise.normal(W.shape, random)
            elif name.endswith("b_cs"):
                W[...] = 1

    @property
    def states(self) -> dict[str, int]:
        """In 2-D what enters along time, ``time_s0`` and ``time_v0``, ``depth * d_s`` components.

        In 3-D there are none: the grid begins with zeros.
        """
        size = self.depth * self.d_s
        return {"time_s0": size, "time_v0": size} if self.dimensions == 2 else {}

    def forward(self, x: Any, **start: Any) -> Trace:
        r"""Run the grid, point after point.

        Parameters
        ----------
        x
            Inputs, ``(N, B, d_x)`` or ``(N, M, B, d_x)``; without ``B`` for a single grid.
        time_s0, time_v0
            In 2-D, what enters along time before step 0, ``(B, depth * d_s)``; zero unless given.

        Returns
        -------
        Trace
            ``x``; ``v`` and ``s``, what leaves the depth; ``grid_s`` and ``grid_v``, what leaves
            every point along every dimension, ``(*N, depth, D, B, d_s)``; in 2-D also what leaves
            along time, ``time_s`` and ``time_v``, and ``time_s0``, ``time_v0``.
        """
        self.params.check()
        D, d = self.dimensions, self.d_s
        single = checks.ndim("x", x) == D
        want = ("N", "M")[: D - 1] if single else (*("N", "M")[: D - 1], "B")
        x = checks.array("x", x, (*want, self.d_x), self.dtype)
        x = np.array(x[..., None] if single else x.swapaxes(-1, -2), order="C")  # (*N, d_x, B)
        B = x.shape[-1]
        grid = (*x.shape[: D - 1], self.depth)
        for name in start:
            checks.one_of("start value", name, self.states)
        entering = {
            name: self._start(name, start.get(name), size, B, single)
            for name, size in self.states.items()
        }
        p = self.params
        W, b = self._transforms(p)

        s, v = np.zeros((2, *(n + 1 for n in grid), D, d, B), self.dtype)
        g = np.empty((*grid, D, 4, d, B), self.dtype)
        with checks.quiet():
            entrance = (*(slice(1, None),) * (D - 1), 0, D - 1)
            v[entrance] = p["W_xv"] @ x + p["b_v"][:, None]
            for values, name in ((s, "time_s0"), (v, "time_v0")) if entering else ():
                values[0, 1:, 0] = entering[name].reshape(-1, d, B)
            for point in np.ndindex(grid):
                before, here = _predecessors(point)
                H = np.concatenate([v[before[k]] for k in range(D)])
                a = (W @ H + b).reshape(D, 4, d, B)
                u, g_cs, g_cu, g_cr = g[point].swapaxes(0, 1)
                np.tanh(a[:, 0], out=u)
                g[point][:, 1:] = logistic(a[:, 1:])
                s_prev = np.stack([s[before[k]] for k in range(D)])
                s[here] = g_cs * s_prev + g_cu * u
                v[here] = g_cr * np.tanh(s[here])
        checks.in_range("s", s)
        inside, leaving = (slice(1, None),) * D, (*(slice(1, None),) * (D - 1), -1, D - 1)
        symbols = {"x": x, "s": s[leaving], "v": v[leaving]}
        symbols |= {"grid_s": s[inside], "grid_v": v[inside]} | entering
        for values, name in ((s, "time_s"), (v, "time_v")) if entering else ():
            symbols[name] = values[1:, 1:, 0].reshape(len(x), -1, B)
        return Trace(self, symbols, single, _Work(x, s, v, g))

    def backward(  # type: ignore[override]
        self, trace: Trace, dE_dv: Any, dE_dtime_s_last: Any = None, dE_dtime_v_last: Any = None
    ) -> Gradients:
        r"""Send the loss's gradient back through the grid, from the last point to the first.

        Backward equations, one point of the two-dimensional grid: derived by
        ``lstm_lib.derive.grid_lstm``.
        To see them: ``print(lstm_lib.derive.grid_lstm.backward)``, then ``.gradients``.

        There $s_1$, $v_1$ go along time, $m$ and $h$ are what arrives along the depth. The errors
        at $m$ and $h$ are those at $s_2$ and $v_2$ of the point below. At the exit of the depth
        the loss's own gradient arrives, at the other ends nothing.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dv
            The loss's own gradient $\nabla_v\mathcal L$ at every step, without what comes back
            through later points; of the shape of ``trace.v``.
        dE_dtime_s_last, dE_dtime_v_last
            In 2-D, gradients that arrive at the final ``time_s`` and ``time_v``.

        Returns
        -------
        Gradients
            ``params, x`` and, in 2-D, ``time_s0, time_v0``.
        """
        work: _Work = self._check_trace(trace)
        D, d = self.dimensions, self.d_s
        W, _ = self._transforms(trace.params)
        error = checks.array("dE_dv", dE_dv, trace.v.shape, self.dtype)
        B = work.x.shape[-1]
        grid = work.g.shape[:D]
        chi, psi = np.zeros((2, *work.s.shape), self.dtype)
        leaving = (*(slice(1, None),) * (D - 1), -1, D - 1)
        chi[leaving] = error[..., None] if trace._single else error.swapaxes(-1, -2)
        last = {"dE_dtime_s_last": dE_dtime_s_last, "dE_dtime_v_last": dE_dtime_v_last}
        for (name, value), errors in zip(last.items(), (psi, chi), strict=True):
            if self.states:
                size = self.depth * d
                given_error = self._start(name, value, size, B, trace._single)
                errors[-1, 1:, 0] = given_error.reshape(-1, d, B)
            elif value is not None:
                raise ValueError(f"{name}: expected none in three dimensions, got one")
        alpha_ = np.empty_like(work.g)
        H_ = np.empty((*grid, D * d, B), self.dtype)
        with checks.quiet():
            for point in reversed(list(np.ndindex(grid))):
                before, here = _predecessors(point)
                u, g_cs, g_cu, g_cr = work.g[point].swapaxes(0, 1)
                s_prev = np.stack([work.s[before[k]] for k in range(D)])
                r = np.tanh(work.s[here])
                alpha_du, alpha_cs, alpha_cu, alpha_cr = alpha_[point].swapaxes(0, 1)
                alpha_cr[...] = chi[here] * r * g_cr * (1 - g_cr)
                psi[here] += chi[here] * g_cr * (1 - r * r)
                alpha_cs[...] = psi[here] * s_prev * g_cs * (1 - g_cs)
                alpha_cu[...] = psi[here] * u * g_cu * (1 - g_cu)
                alpha_du[...] = psi[here] * g_cu * (1 - u * u)
                dE_dH = (W.T @ alpha_[point].reshape(-1, B)).reshape(D, d, B)
                for k in range(D):
                    chi[before[k]] += dE_dH[k]
                    psi[before[k]] += (g_cs * psi[here])[k]
                H_[point] = np.concatenate([work.v[before[k]] for k in range(D)])
            alpha_columns = columns(alpha_.reshape(-1, D * 4 * d, B))
            dE_dW = alpha_columns @ columns(H_.reshape(-1, D * d, B)).T
            entered = chi[(*(slice(1, None),) * (D - 1), 0, D - 1)]  # error at W_xv x + b_v
            dE_dx = trace.params["W_xv"].T @ entered
            entered = entered.reshape(-1, d, B)
            dE_dW_xv = columns(entered) @ columns(work.x.reshape(-1, self.d_x, B)).T
            dE_db_v = entered.sum(axis=(0, 2))
            dE_db = alpha_columns.sum(1).reshape(-1, d)
        checks.in_range("psi", psi)
        grads = self.params.zeros()
        grads["W_xv"][...] = dE_dW_xv
        grads["b_v"][...] = dE_db_v
        blocks = zip(dE_dW.reshape(-1, d, D * d), dE_db, strict=True)
        for (along, row), (W, b) in zip(
            ((along, row) for along in self._along for row in ROWS), blocks, strict=True
        ):
            grads[f"{along}.W_v{row}"][...] = W
            grads[f"{along}.b_{row}"][...] = b
        symbols = {"x": dE_dx}
        for errors, name in ((psi, "time_s0"), (chi, "time_v0")) if self.states else ():
            symbols[name] = errors[0, 1:, 0].reshape(-1, B)
        return Gradients(grads, symbols, trace._single)

    def _transforms(self, p: Parameters) -> tuple[Array, Array]:
        """A point's transforms, one below the other: ``(D 4 d_s, D d_s)``, ``(D 4 d_s, 1)``."""
        names = [(along, row) for along in self._along for row in ROWS]
        W = np.concatenate([p[f"{along}.W_v{row}"] for along, row in names])
        return W, np.concatenate([p[f"{along}.b_{row}"] for along, row in names])[:, None]


def _predecessors(point: tuple[int, ...]) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """Where a point's states and values come from, by dimension, and where they go (padded)."""
    here = tuple(i + 1 for i in point)
    before = [(*(i - (j == k) for j, i in enumerate(here)), k) for k in range(len(point))]
    return before, here
