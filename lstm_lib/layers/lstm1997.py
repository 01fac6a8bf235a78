r"""The LSTM of 1997: memory blocks of cells that share their gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.activations import logistic
from lstm_lib.layers.base import Gradients, Layer, Trace, columns, in_range, shifted
from lstm_lib.parameters import Parameters

__all__ = ["LSTM1997"]

Array = NDArray[np.floating]


@dataclass(frozen=True)
class _Work:
    """One pass in the working layout."""

    z: Array  # (N, sources, B): x[n], v[n-1], g[n-1], 1
    s: Array  # (N, C, B)
    u: Array
    r: Array
    g: Array  # (N, G, B)
    s0: Array


class LSTM1997(Layer):
    r"""Memory blocks of several cells that share their gates.

    With $z[n]$ everything that a net input reads, the inputs $x[n]$, the cells' outputs $v[n-1]$,
    and the gates' outputs $g[n-1]$, and with the gates of block $j$ applied to each of its cells,

    .. math::

        a_*[n] &= W_{x*}x[n]+W_{v*}v[n-1]+W_{g*}g[n-1]+b_*, \quad *\in\{cu,cs,cr,du\}\\
        g_*[n] &= \sigma(a_*[n]), \qquad u[n]=4\sigma(a_{du}[n])-2\\
        s[n] &= g_{cs}[n]\odot s[n-1]+g_{cu}[n]\odot u[n]\\
        v[n] &= g_{cr}[n]\odot r[n], \qquad r[n]=2\sigma(s[n])-1

    Without the forget gate, as in 1997, $g_{cs}=1$: the constant error carousel. With peepholes
    $W_{s*}$ each gate also sees the states of its own block's cells, at $n-1$, and $g_{cr}$ at
    $n$.

    Parameters
    ----------
    d_x
        Number of input components.
    blocks, size
        Number of memory blocks and of cells in each; there are $C$ = ``blocks * size`` cells.
    forget_gate
        Whether there is a $g_{cs}$ (Gers et al. 2000).
    peepholes
        Whether gates see their block's states (Gers et al. 2002).
    gate_recurrence
        Whether net inputs read the gates' outputs $g[n-1]$.
    cell_bias, gate_bias
        Whether $a_{du}$ and the gates' net inputs have biases.
    rng
        Seed or ``numpy.random.Generator`` for the initial weights, uniform in [−0.1, 0.1);
        biases are 0. The papers' biases belong to their tasks: set them.
    dtype
        float64 or float32; everything that the layer returns has it.

    Attributes
    ----------
    params
        ``W_xcu, W_xcr`` (and ``W_xcs``) of shape ``(blocks, d_x)``, ``W_v*`` ``(blocks, C)``,
        ``W_g*`` ``(blocks, G)`` with $G$ the number of gates, ``W_s*`` ``(blocks, size)``, ``b_*``
        ``(blocks,)``; for ``du`` the same with ``C`` rows and without ``W_s``.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``; the message names the step.

    Notes
    -----
    Source: Hochreiter and Schmidhuber (1997), Gers, Schmidhuber and Cummins (2000), Gers,
    Schraudolph and Schmidhuber (2002); Staudemeyer and Morris (2019), the section on the LSTM.
    There $g_{cu}$ is $y^{in}$, $g_{cs}$ $y^{\varphi}$, $g_{cr}$ $y^{out}$, and $u$, $r$ are the
    squashing functions $g$ and $h$. Their learning algorithm is
    :class:`~lstm_lib.online.truncated.TruncatedGradient`; :meth:`backward` is the whole
    gradient, for comparison.
    """

    def __init__(
        self,
        d_x: int,
        blocks: int,
        size: int = 1,
        *,
        forget_gate: bool = False,
        peepholes: bool = False,
        gate_recurrence: bool = True,
        cell_bias: bool = True,
        gate_bias: bool = True,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
    ) -> None:
        self.d_x = checks.size("d_x", d_x)
        self.blocks, self.size = checks.size("blocks", blocks), checks.size("size", size)
        self.d_s = self.d_out = blocks * size
        self.forget_gate = checks.flag("forget_gate", forget_gate)
        self.peepholes = checks.flag("peepholes", peepholes)
        self.gate_recurrence = checks.flag("gate_recurrence", gate_recurrence)
        self.cell_bias = checks.flag("cell_bias", cell_bias)
        self.gate_bias = checks.flag("gate_bias", gate_bias)
        self.gates = ("cu", "cs", "cr") if forget_gate else ("cu", "cr")
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        self._rows = {"du": self.d_s} | dict.fromkeys(self.gates, blocks)
        shapes: dict[str, tuple[int, ...]] = {}
        for path, rows in self._rows.items():
            shapes |= {f"W_x{path}": (rows, d_x), f"W_v{path}": (rows, self.d_s)}
            if gate_recurrence:
                shapes[f"W_g{path}"] = (rows, len(self.gates) * blocks)
            if peepholes and path != "du":
                shapes[f"W_s{path}"] = (blocks, size)
            if cell_bias if path == "du" else gate_bias:
                shapes[f"b_{path}"] = (rows,)
        self.params = Parameters(shapes, self.dtype)
        for W in self.params.values():
            if W.ndim == 2:
                W[...] = random.uniform(-0.1, 0.1, W.shape)

    @property
    def states(self) -> dict[str, int]:
        """``s0`` and ``v0`` of ``C`` components, and the gates' outputs ``g0``."""
        return {"s0": self.d_s, "v0": self.d_s, "g0": len(self.gates) * self.blocks}

    def forward(  # type: ignore[override]
        self, x: Any, s0: Any = None, v0: Any = None, g0: Any = None
    ) -> Trace:
        r"""Run the recurrence over a sequence.

        Parameters
        ----------
        x
            Inputs $x[0],\dots,x[N-1]$, ``(N, B, d_x)``, or ``(N, d_x)`` for a single sequence.
        s0, v0, g0
            $s[-1]$, $v[-1]$ and $g[-1]$, ``(B, C)`` and ``(B, G)``; zero unless given.

        Returns
        -------
        Trace
            ``x, a_*, g_*, g, u, s, r, v, s0, v0, g0``; ``g`` holds all gates, in the order cu,
            cs, cr.
        """
        x, single = self._input(x)
        N, _, B = x.shape
        s0, v0, g0 = (
            self._start(name, value, size, B, single)
            for (name, size), value in zip(self.states.items(), (s0, v0, g0), strict=True)
        )
        W, peepholes = self._weights(self.params), self._peepholes(self.params)
        z = np.ones((N, W.shape[1], B), self.dtype)
        z[:, : self.d_x] = x
        from_v, from_g = self._sources()
        a = np.empty((N, len(W), B), self.dtype)
        s, u, r, v = np.empty((4, N, self.d_s, B), self.dtype)
        g = np.empty((N, len(g0), B), self.dtype)
        s_prev, v_prev, g_prev = s0, v0, g0
        at = self._blocks_of_rows()
        with checks.quiet():
            for n in range(N):
                z[n, from_v] = v_prev
                z[n, from_g] = g_prev[: from_g.stop - from_g.start]
                a[n] = W @ z[n]
                for gate in self.gates[:-1] if self.peepholes else ():
                    a[n, at[gate]] += (peepholes[gate] * self._by_block(s_prev)).sum(axis=1)
                u[n] = 2 * np.tanh(0.5 * a[n, at["du"]])  # 4σ - 2
                g_n = dict(zip(self.gates, g[n].reshape(-1, self.blocks, B), strict=True))
                g_n["cu"][...] = logistic(a[n, at["cu"]])
                s[n] = self._to_cells(g_n["cu"]) * u[n]
                if self.forget_gate:
                    g_n["cs"][...] = logistic(a[n, at["cs"]])
                    s[n] += self._to_cells(g_n["cs"]) * s_prev
                else:
                    s[n] += s_prev
                r[n] = np.tanh(0.5 * s[n])  # 2σ - 1
                if self.peepholes:
                    a[n, at["cr"]] += (peepholes["cr"] * self._by_block(s[n])).sum(axis=1)
                g_n["cr"][...] = logistic(a[n, at["cr"]])
                v[n] = self._to_cells(g_n["cr"]) * r[n]
                s_prev, v_prev, g_prev = s[n], v[n], g[n]
        in_range("s", s)
        in_range("v", v)
        symbols = {"x": x, "s": s, "u": u, "r": r, "v": v, "g": g, "s0": s0, "v0": v0, "g0": g0}
        symbols |= {f"a_{path}": a[:, block] for path, block in at.items()}
        for k, gate in enumerate(self.gates):
            symbols[f"g_{gate}"] = g[:, k * self.blocks : (k + 1) * self.blocks]
        return Trace(self, symbols, single, _Work(z, s, u, r, g, s0))

    def backward(  # type: ignore[override]
        self,
        trace: Trace,
        dE_dv: Any,
        dE_ds_last: Any = None,
        dE_dv_last: Any = None,
        dE_dg_last: Any = None,
    ) -> Gradients:
        r"""The whole gradient by back-propagation through time; nothing is truncated.

        Backward equations: derived by ``lstm_lib.derive.lstm1997_variant(gate_recurrence=True)``.
        Backward equations, forget gate and peepholes: derived by
        ``lstm_lib.derive.lstm1997_variant(True, gate_recurrence=True, peepholes=True)``.
        Backward equations, no gate recurrence: derived by ``lstm_lib.derive.lstm1997``.
        To see them: ``print(lstm_lib.derive.lstm1997.backward)``, then ``.gradients``.

        The names there are the paper's: in, φ, out for $cu$, $cs$, $cr$, c for $du$, net for $a$,
        y for $g$ and $v$. P repeats a block's gates for its cells, Q adds its cells up.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dv
            The loss's own gradient $\nabla_{v[n]}\mathcal L$ at every step, without what comes back
            through later steps; of the shape of ``trace.v``.
        dE_ds_last, dE_dv_last, dE_dg_last
            Gradients that arrive at the final $s$, $v$ and $g$ from beyond the sequence.

        Returns
        -------
        Gradients
            ``params, x, s0, v0, g0, chi, psi, alpha_*``.
        """
        work: _Work = self._check_trace(trace)
        W, peepholes = self._weights(trace.params), self._peepholes(trace.params)
        s, g_ = work.s, work.g
        N, _, B = s.shape
        chi = self._error("dE_dv", dE_dv, trace, N, B)
        given = zip(
            self.states, self.states.values(), (dE_ds_last, dE_dv_last, dE_dg_last), strict=True
        )
        from_beyond, chi_next, gamma = (
            self._start(f"dE_d{name[0]}_last", value, size, B, trace._single)
            for name, size, value in given
        )
        s_prev = shifted(work.s0, s)
        psi, alpha_ = np.empty_like(s), np.empty((N, len(W), B), self.dtype)
        at, (from_v, from_g) = self._blocks_of_rows(), self._sources()
        dE_dx = np.empty((N, self.d_x, B), self.dtype)
        with checks.quiet():
            for n in reversed(range(N)):
                alpha = {path: alpha_[n, block] for path, block in at.items()}
                g = dict(zip(self.gates, g_[n].reshape(-1, self.blocks, B), strict=True))
                error = dict(zip(self.gates, gamma.reshape(-1, self.blocks, B), strict=True))
                r, u = work.r[n], work.u[n]
                chi[n] += chi_next
                error["cr"] = error["cr"] + self._by_block(chi[n] * r).sum(axis=1)
                alpha["cr"][...] = error["cr"] * g["cr"] * (1 - g["cr"])
                psi[n] = chi[n] * self._to_cells(g["cr"]) * 0.5 * (1 - r * r) + from_beyond
                if self.peepholes:
                    psi[n] += self._from_gate(peepholes["cr"], alpha["cr"])
                alpha["du"][...] = psi[n] * self._to_cells(g["cu"]) * (1 - 0.25 * u * u)
                error["cu"] = error["cu"] + self._by_block(psi[n] * u).sum(axis=1)
                alpha["cu"][...] = error["cu"] * g["cu"] * (1 - g["cu"])
                from_beyond = psi[n].copy()
                if self.forget_gate:
                    error["cs"] = error["cs"] + self._by_block(psi[n] * s_prev[n]).sum(axis=1)
                    alpha["cs"][...] = error["cs"] * g["cs"] * (1 - g["cs"])
                    from_beyond *= self._to_cells(g["cs"])
                for gate in self.gates[:-1] if self.peepholes else ():
                    from_beyond += self._from_gate(peepholes[gate], alpha[gate])
                dE_dz = W.T @ alpha_[n]
                dE_dx[n], chi_next = dE_dz[: self.d_x], dE_dz[from_v]
                gamma = dE_dz[from_g] if self.gate_recurrence else np.zeros_like(gamma)
        in_range("psi", psi, backward=True)
        with checks.quiet():
            grads = self._unstack(columns(alpha_) @ columns(work.z).T)
            for gate in self.gates if self.peepholes else ():
                seen = (s if gate == "cr" else s_prev).reshape(N, self.blocks, self.size, B)
                grads[f"W_s{gate}"][...] = np.einsum("njb,njcb->jc", alpha_[:, at[gate]], seen)
        symbols = {"x": dE_dx, "s0": from_beyond, "v0": chi_next, "g0": gamma}
        symbols |= {"chi": chi, "psi": psi}
        symbols |= {f"alpha_{path}": alpha_[:, block] for path, block in at.items()}
        return Gradients(grads, symbols, trace._single)

    # ---- packing ---------------------------------------------------------------------------

    def _weights(self, p: Parameters) -> Array:
        """All weights but the peepholes as one matrix; columns x, v, g, 1."""
        packed = []
        for path, rows in self._rows.items():
            parts = [
                p[f"W_{source}{path}"] for source in ("x", "v", "g") if f"W_{source}{path}" in p
            ]
            bias = p[f"b_{path}"] if f"b_{path}" in p else np.zeros(rows, self.dtype)
            packed.append(np.hstack([*parts, bias[:, None]]))
        return np.vstack(packed)

    def _unstack(self, W: Array) -> Parameters:
        """The reverse of :meth:`_weights`."""
        out = self.params.zeros()
        from_v, from_g = self._sources()
        sources = {"x": slice(self.d_x), "v": from_v, "g": from_g}
        for path, block in self._blocks_of_rows().items():
            for source, where in sources.items():
                if f"W_{source}{path}" in out:
                    out[f"W_{source}{path}"][...] = W[block, where]
            if f"b_{path}" in out:
                out[f"b_{path}"][...] = W[block, -1]
        return out

    def _peepholes(self, p: Parameters) -> dict[str, Array]:
        """By gate, ``(blocks, size, 1)``."""
        return {gate: p[f"W_s{gate}"][:, :, None] for gate in self.gates if self.peepholes}

    def _blocks_of_rows(self) -> dict[str, slice]:
        ends = np.cumsum(list(self._rows.values())).tolist()
        return {
            path: slice(end - rows, end)
            for (path, rows), end in zip(self._rows.items(), ends, strict=True)
        }

    def _sources(self) -> tuple[slice, slice]:
        """Where v and g stand among the sources."""
        end_v = self.d_x + self.d_s
        end_g = end_v + len(self.gates) * self.blocks * self.gate_recurrence
        return slice(self.d_x, end_v), slice(end_v, end_g)

    def _to_cells(self, gate: Array) -> Array:
        """A gate's output at each of its block's cells: ``(blocks, ...)`` to ``(C, ...)``."""
        return np.repeat(gate, self.size, axis=0)

    def _by_block(self, cells: Array) -> Array:
        """``(C, ...)`` as ``(blocks, size, ...)``."""
        return cells.reshape(self.blocks, self.size, *cells.shape[1:])

    def _from_gate(self, W: Array, alpha: Array) -> Array:
        r"""A gate's error at the states that it sees, $W_s^\top\alpha$."""
        return (W * alpha[:, None]).reshape(self.d_s, -1)
