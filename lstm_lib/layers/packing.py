r"""The weights of an LSTM, one below the other, so that one product makes all net inputs.

The rows of ``du`` come first, then those of the gates; the gates that look at the old state
stand together and ``cr``, which looks at the new one, comes last. Since
$G_c(a)=\tfrac12+\tfrac12\tanh(\tfrac12a)$, one tanh serves all rows if those of the gates are
halved beforehand; a half is exact in binary.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstm_lib.layers import initialise
from lstm_lib.layers.base import columns
from lstm_lib.parameters import Parameters

__all__ = [
    "Weights",
    "draw",
    "lacking",
    "peep",
    "peep_back",
    "peep_gradient",
    "peephole_kind",
    "shapes",
    "stack",
    "suited",
    "unstack",
]

Array = NDArray[np.floating]
Product = Callable[[Array, Array], Array]


@dataclass
class Weights:
    """Copies of the weights, or room for their gradients; K blocks of d_s rows."""

    x: Array  # (K d_s, d_x), or (K d_s, L d_x) with L lags
    v: Array  # (K d_s, d_v)
    b: Array  # (K d_s, 1)
    s: Array  # ((K - 2) d_s, d_s), or (K - 2, d_s, 1) if diagonal, or empty
    scr: Array  # (d_s, d_s), or (1, d_s, 1) if diagonal, or empty
    qdr: Array  # (d_v, d_s), or empty

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


def peephole_kind(value: str | bool | None) -> str | None:
    """``"full"``, ``"diagonal"``, or ``None`` for what ``None`` and ``False`` both mean."""
    if value is None or value is False:
        return None
    if not isinstance(value, str) or value not in ("full", "diagonal"):
        raise ValueError(f"peepholes: expected 'full', 'diagonal', None or False, got {value!r}")
    return value


def lacking(peepholes: str | None) -> dict[str, str]:
    """What other frameworks lack for an LSTM with such peepholes."""
    if not peepholes:
        return {}
    reasons = dict.fromkeys(("torch", "keras"), "there are no peepholes")
    return reasons | ({"onnx": "peepholes are diagonal there"} if peepholes == "full" else {})


def shapes(
    inputs: Mapping[str, tuple[int, ...]], d_s: int, d_v: int, peepholes: str | None
) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter of an LSTM, by path; ``inputs`` has the shapes of the $W_{x*}$."""
    found: dict[str, tuple[int, ...]] = {}
    for path, shape in inputs.items():
        found[f"W_x{path}"] = shape
        if peepholes and path != "du":
            found[f"W_s{path}"] = (d_s, d_s) if peepholes == "full" else (d_s,)
        found[f"W_v{path}"] = (d_s, d_v)
        found[f"b_{path}"] = (d_s,)
    return found


def stack(params: Parameters, rows: Sequence[str], widen: Callable[[str, Array], Array]) -> Weights:
    """The parameters as they are now; ``widen(row, W_x)`` makes matrices of the input weights."""
    none = np.empty(0, params.flat.dtype)
    peepholes = "W_scr" in params
    return Weights(
        x=np.concatenate([widen(row, params[f"W_x{row}"]) for row in rows]),
        v=np.concatenate([params[f"W_v{row}"] for row in rows]),
        b=np.concatenate([params[f"b_{row}"] for row in rows])[:, None],
        s=_stack_peepholes(*(params[f"W_s{row}"] for row in rows[1:-1])) if peepholes else none,
        scr=_stack_peepholes(params["W_scr"]) if peepholes else none,
        qdr=params["W_qdr"].copy() if "W_qdr" in params else none,
    )


def unstack(
    W: Weights, params: Parameters, rows: Sequence[str], narrow: Callable[[str, Array], Array]
) -> Parameters:
    """The reverse of :func:`stack`: copy the blocks into ``params``."""
    d_s = len(W.b) // len(rows)
    for k, row in enumerate(rows):
        block = slice(k * d_s, (k + 1) * d_s)
        params[f"W_x{row}"][...] = narrow(row, W.x[block])
        params[f"W_v{row}"][...] = W.v[block]
        params[f"b_{row}"][...] = W.b[block, 0]
    if "W_scr" in params:
        shape = params["W_scr"].shape
        for row, w in zip(rows[1:-1], W.s.reshape(-1, *shape), strict=True):
            params[f"W_s{row}"][...] = w
        params["W_scr"][...] = W.scr.reshape(shape)
    if "W_qdr" in params:
        params["W_qdr"][...] = W.qdr
    return params


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


def _stack_peepholes(*weights: Array) -> Array:
    if weights[0].ndim == 2:
        return np.concatenate(weights)
    return np.stack(weights)[:, :, None]


def suited(W: Array, B: int) -> Array:
    """A copy laid out for products with ``(d, B)``: long columns for a single sequence."""
    return np.array(W, order="F" if B == 1 else "C")


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
