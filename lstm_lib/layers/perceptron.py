r"""The perceptron and the linear unit with the delta rule."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks

__all__ = ["LinearUnit", "Perceptron"]

Array = NDArray[np.floating]


class _Unit:
    """Weights ``w`` with the bias as $w_0$, for an $x_0=1$ that is put before every input."""

    def __init__(self, d_x: int, w: Any = None) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.w: Array = (
            np.zeros(d_x + 1) if w is None else checks.array("w", w, (d_x + 1,), copy=True)
        )

    def _inputs(self, x: Any) -> Array:
        """Examples ``(D, d_x)``, or one ``(d_x,)``, with $x_0=1$ before them."""
        lead = ("D",) if checks.ndim("x", x) == 2 else ()
        x = checks.array("x", x, (*lead, self.d_x))
        return np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1)

    def _examples(self, x: Any, t: Any) -> tuple[Array, Array]:
        X = self._inputs(x)
        if X.ndim != 2:
            raise ValueError(f"x: expected shape (D, {self.d_x}), got {(*X.shape[:-1], self.d_x)}")
        return X, checks.array("t", t, (len(X),))

    def _net(self, X: Array) -> Array:
        r"""$\sum_i w_ix_i$."""
        with checks.quiet():
            net: Array = X @ self.w
        checks.in_range("net", net)
        return net

    def __repr__(self) -> str:
        return f"{type(self).__name__}(d_x={self.d_x}): {self.w.size} parameters"


class Perceptron(_Unit):
    r"""Rosenblatt's perceptron.

    .. math:: y = 1 \text{ if } \textstyle\sum_i w_ix_i \ge 0, \text{ else } 0, \qquad x_0=1

    learning with $\Delta w_i=\eta\,(t-y)\,x_i$. If a hyperplane separates the two classes it
    makes at most $(R/\gamma)^2$ mistakes, $R$ the largest $\lVert x\rVert$ and $\gamma$ the margin
    (Novikoff 1962); if none does, it never stops.

    Parameters
    ----------
    d_x
        Number of inputs.
    w
        Weights ``(d_x + 1,)``, the bias first; 0 unless given.
    """

    def __call__(self, x: Any) -> NDArray[np.int_]:
        """0 or 1 for every example."""
        out: NDArray[np.int_] = (self._net(self._inputs(x)) >= 0).astype(int)
        return out

    def learn(self, x: Any, t: Any, *, eta: float = 1.0, passes: int = 100) -> list[int]:
        """Present the examples one after the other, again and again; mistakes in every pass.

        Stops after the first pass without a mistake, or after ``passes``.
        """
        X, t = self._examples(x, t)
        if not np.isin(t, (0, 1)).all():
            raise ValueError(f"t: expected 0 and 1 only, got {t.tolist()}")
        eta, passes = checks.number("eta", eta, above=0), checks.size("passes", passes)
        w, mistakes = self.w.copy(), []
        with checks.quiet():
            for _ in range(passes):
                wrong = 0
                for x_d, t_d in zip(X, t, strict=True):
                    net = x_d @ w
                    checks.in_range("net", net)
                    y = float(net >= 0)
                    w += eta * (t_d - y) * x_d
                    wrong += y != t_d
                mistakes.append(wrong)
                if wrong == 0:
                    break
        checks.in_range("w", w)
        self.w[:] = w
        return mistakes


class LinearUnit(_Unit):
    r"""The linear unit, trained with the delta rule (Widrow and Hoff 1960).

    .. math::

        o = w^\top x, \qquad E=\tfrac12\sum_d(t_d-o_d)^2, \qquad
        \Delta w_i=\eta\sum_d(t_d-o_d)\,x_{id}

    The error surface is a paraboloid with Hessian $H=\sum_d x_dx_d^\top$; the batch form
    converges for $0<\eta<2/\lambda_{\max}(H)$.

    Parameters
    ----------
    d_x
        Number of inputs.
    w
        Weights ``(d_x + 1,)``, the bias first; 0 unless given.
    """

    def __call__(self, x: Any) -> Array:
        """The output for every example."""
        return self._net(self._inputs(x))

    def error(self, x: Any, t: Any) -> float:
        """$E$ over the examples."""
        X, t = self._examples(x, t)
        with checks.quiet():
            E = float(0.5 * ((t - self._net(X)) ** 2).sum())
        checks.in_range("E", E)
        return E

    def learn(
        self, x: Any, t: Any, *, eta: float, passes: int = 1, incremental: bool = False
    ) -> list[float]:
        """The delta rule for some passes, in batch or incremental form; $E$ after every pass."""
        X, t = self._examples(x, t)
        eta, passes = checks.number("eta", eta, above=0), checks.size("passes", passes)
        incremental = checks.flag("incremental", incremental)
        w, errors = self.w.copy(), []
        with checks.quiet():
            for _ in range(passes):
                for part in np.arange(len(t))[:, None] if incremental else [slice(None)]:
                    w += eta * (t[part] - X[part] @ w) @ X[part]
                errors.append(float(0.5 * ((t - X @ w) ** 2).sum()))
        if not np.isfinite(errors).all():
            raise OverflowError(f"eta: expected a step that stays in range, got {eta}; w unchanged")
        self.w[:] = w
        return errors

    def largest_eta(self, x: Any) -> float:
        r"""$2/\lambda_{\max}$ of the Hessian: beyond it the batch form diverges."""
        X = np.atleast_2d(self._inputs(x))
        largest = float(np.abs(X).max())  # at least 1, for the bias; the squares may overflow
        with checks.quiet():
            X = X / largest
            eta = float(2 / np.linalg.eigvalsh(X.T @ X)[-1]) / largest / largest
        if eta == 0:
            raise OverflowError(f"x: expected inputs whose squares stay in range, got {largest:g}")
        return eta
