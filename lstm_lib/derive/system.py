"""A recurrent system, declared by its forward equations; everything else follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Integer

from .check import Checked, check
from .declare import starts
from .explain import Explanation, explain
from .grammar import DeclarationError, Parser
from .infer import inferred
from .javascript import javascript_source
from .latex import aligned, lined
from .prove import Proof, Proven
from .python import numpy_source, scalar_source
from .reverse import Derived
from .warping import Given
from .words import Equation, Seq, Tap, WindowSum, key_of, n

__all__ = ["System"]


class System(Derived):
    """Forward equations in; backward equations, gradients, proofs and programs out.

    Args:
        name: what the book calls it.
        forward: one equation per line, in the order in which they are computed and printed:
            ``s[n] = g[n] * s[n-1] + W @ x[n] + b`` with ``@`` for the matrix product and ``*`` for
            the element-wise one; ``G(a[n])``; ``mean(a[n])`` and ``total(a[n])``, the mean and the
            sum of all components in each of them; a window ``sum(W[l] @ x[n-l] for l in L)`` over
            an input or over what is computed by then; ``cut(v[n-1])``, printed with a bar, through
            which no error flows back. Sweeps are ascending; after a line ``for n descending:``
            they run from the last step to the first, after ``for n ascending:`` forwards again. A
            sweep may read every step of the sweeps before it. Brackets may span lines, ``#``
            begins a comment.
        inputs, sequences: ``"x: d_x"``; sequences have an equation each, inputs have none.
        parameters, constants: ``"W_x: d_s, d_x; b: d_s"``; constants get no gradient.
        outputs: names of the sequences that the loss reads.
        adjoints: ``"s: psi, v: chi"``: sequences whose error has a name. Other errors are inlined
            where possible; where it is not, the error of q is called dE_dq, and that of an output
            v error_v, because dE_dv is what the loss itself says about v.
        warping: what each warping function is: the name of a known one (``warping.KNOWN``), a SymPy
            expression in one symbol, or a callable that makes one: ``{"G_d": "tanh", "G_e":
            lambda z: z / (1 + abs(z))}``. ``tanh(a[n])``, ``exp(...)``, ``rsqrt(...)`` and the
            other known names need no entry.
        source: where the forward equations come from.

    Raises:
        DeclarationError: an undeclared, unused or doubly declared name, inconsistent shapes, a
            use of a future state, a cycle within one step, a warping function that the programs
            cannot compute. The message names the equation.

    Before the first step a state has its initial value (``s0`` in programs); inputs are zero
    outside the sequence, and so is every error, and what a window reads beyond initial values.
    """

    @classmethod
    def from_equations(
        cls,
        forward: str,
        *,
        name: str = "Cell",
        sizes: str = "",
        outputs: str = "",
        adjoints: str = "",
        warping: Mapping[str, Given] | None = None,
        source: str = "",
    ) -> System:
        """A system from its forward equations alone.

        A name with an equation is a sequence; one read at n, or in a window, without an equation is
        an input. One left of ``@`` is a matrix, any other a vector. What is added or multiplied
        element by element has one size: d_x where the input x is among it, else d_s. The loss reads
        v, or else the sequence of the last equation. The errors of s, r and the net inputs a_cu,
        a_cs, ... are called psi, rho, alpha_cu, alpha_cs, ..., that of the output chi, unless the
        equations use these names. G_c is the logistic function, G_d and G are tanh.

        Args:
            forward: the equations, as in ``System``.
            name: what the system is called.
            sizes: other sizes, ``"v: d_v"``; what the equations make equal follows.
            outputs, adjoints, warping, source: as in ``System``, in place of the above.

        Raises:
            DeclarationError: as ``System`` does; and if a name is used as a matrix and as a
                vector, or one without an equation is read at other steps only. The message names
                the equation.

        Examples:
            >>> cell = System.from_equations('''
            ...     f[n] = logistic(W_f @ x[n] + U_f @ v[n-1] + b_f)
            ...     v[n] = f[n] * v[n-1] + (1 - f[n]) * tanh(W @ x[n] + b)
            ... ''')
            >>> cell.parameters
            {'W_f': (d_s, d_x), 'W': (d_s, d_x), 'U_f': (d_s, d_s), 'b_f': (d_s,), 'b': (d_s,)}
            >>> cell.prove().identities
            30
        """
        found = inferred(forward, sizes, outputs, adjoints, warping)
        return cls(name, forward, source=source, **found)

    def prove(self, d: int = 2, N: int | None = None, **options: Any) -> Proven:
        """Prove every derived equation component by component; see ``prove.Proof``."""
        return Proof(self, d, N, **options).all()

    def verify(self, equation: str, d: int = 2, N: int | None = None, **options: Any) -> int:
        """Prove a derived equation that somebody typed, ``"rho[n] = chi[n] * g_cr[n]"``.

        It may make use of the forward equations, and of a warping function's slope as a polynomial
        in its value: ``chi[n] * (1 - r[n] * r[n])`` where r is tanh of s.

        Returns the number of components in which it holds; raises ``ProofError`` with the first
        in which it does not, ``DeclarationError`` if it cannot be read or the system has no derived
        equation with this left side. Without N there are as many steps as the equation needs.
        """
        typed = self.claim(equation)
        return Proof(self, d, N, **options, claims=(typed,)).verify(typed, on_a_run=True)

    def claim(self, text: str) -> Equation:
        """The equation that a text claims, with the left side of the derived one.

        Raises:
            DeclarationError: if the text cannot be read, its shapes do not fit, or the system has
                no derived equation with this left side.
        """
        left, _, right = text.partition("=")
        derived = {str(e.lhs): e for e in (*self.backward, *self.gradients)}
        known = derived.get(left.replace(" ", ""))
        if known is None:
            raise DeclarationError(
                f"no derived equation for {left.strip()!r}; there are {', '.join(derived)}"
            )
        errors = {e.name: (e.lhs.shape[0],) for e in self.backward}
        losses = {f"dL_d{name}": self.sequences[name] for name in self.outputs}
        matrices = {**self.parameters, **self.constants}
        at = known.lhs.index if isinstance(known.lhs, Seq) else Integer(0)
        fixed = isinstance(known.lhs, Seq) and not at.has(n)
        parser = Parser(
            {**self.inputs, **self.sequences, **errors, **losses},
            matrices,
            self.functions,
            taps={name: self.taps.get(name, "") for name in matrices},
            at=at,
            initial={f"{name}[{index}]" for name, index, _ in starts(self) if fixed},
            direction=self.direction,
        )
        lags = {"l": self.taps[key_of(known)]} if isinstance(known.lhs, Tap) else {}
        rhs = parser.side(right, text, known.lhs, **lags)
        for window in rhs.atoms(WindowSum):
            if window.lags not in self.lag_sets:
                raise parser.error(f"there is no set of lags {window.lags}")
        return Equation(known.lhs, rhs)

    def check(self, **options: Any) -> Checked:
        """Test every gradient exactly at random rational points; see ``check.check``."""
        return check(self, **options)

    def explain(self, name: str | None = None) -> Explanation:
        """Say in words where each term of a backward equation comes from."""
        return explain(self, name)

    def latex(self, part: str = "all", **options: Any) -> str:
        """LaTeX of "forward", "backward", "gradients" or "all"; options of ``latex.aligned``.

        The part "warping" has the warping functions and their derivatives.
        """
        if part == "warping":
            return lined([row for made in self.functions.values() for row in made.latex()])
        parts = ("forward", "backward", "gradients") if part == "all" else (part,)
        return aligned([e for p in parts for e in getattr(self, p)], **options)

    def numpy_source(self) -> str:
        """A module with ``forward`` and ``backward`` in NumPy, any sizes, batched."""
        return numpy_source(self)

    def scalar_source(self) -> str:
        """The same for one neuron: every size is 1, plain Python numbers."""
        return scalar_source(self)

    def javascript_source(self, name: str | None = None) -> str:
        """A script with ``forward`` and ``backward`` in plain JavaScript."""
        return javascript_source(self, name)

    def _repr_latex_(self) -> str:
        return self.forward._repr_latex_()

    def __repr__(self) -> str:
        return f"{self.name}\n\n{self.forward!r}"
