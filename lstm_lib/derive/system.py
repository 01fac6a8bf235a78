"""A recurrent system, declared by its forward equations; everything else follows from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import preorder_traversal

from .nodes import Act, Equation, Equations, WindowSum
from .parse import DeclarationError, Parser, declared, lines, usable
from .plan import starts
from .rules import check_order, check_used
from .warping import KNOWN, Given
from .warping import warping as read_warping

if TYPE_CHECKING:
    from .check import Checked
    from .explain import Explanation
    from .prove import Proven
    from .reverse import Derivation

__all__ = ["System"]


@dataclass(frozen=True)
class Pass:
    """Equations computed in one sweep over the steps: ascending (+1) or descending (-1)."""

    direction: int
    equations: tuple[Equation, ...]


class System:
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

    def __init__(
        self,
        name: str,
        forward: str,
        *,
        inputs: str,
        sequences: str,
        parameters: str,
        outputs: str,
        adjoints: str = "",
        constants: str = "",
        warping: Mapping[str, Given] | None = None,
        source: str = "",
    ) -> None:
        self.name, self.source = name, source
        self.functions = {g: read_warping(g, given) for g, given in (warping or {}).items()}
        self.text = {
            "forward": "\n".join(lines(forward)),
            "inputs": inputs,
            "sequences": sequences,
            "parameters": parameters,
            "constants": constants,
            "outputs": outputs,
            "adjoints": adjoints,
        }
        self.inputs = self._declare(inputs, "input")
        self.sequences = self._declare(sequences, "sequence")
        self.parameters = self._declare(parameters, "parameter")
        self.constants = self._declare(constants, "constant")
        self.outputs = tuple(outputs.replace(",", " ").split())
        self.adjoints: dict[str, str] = {}
        for pair in filter(str.strip, adjoints.replace(";", ",").split(",")):
            name, colon, error = map(str.strip, pair.partition(":"))
            if not colon or name in self.adjoints:
                raise DeclarationError(f"adjoint {pair.strip()!r}: expected one 'sequence: error'")
            own = error == f"dE_d{name}" and name not in self.outputs
            self.adjoints[name] = error if own else usable(error, "adjoint")
        self._check_roles()
        self._read()
        self.direction = {e.name: p.direction for p in self.passes for e in p.equations}
        # how many steps before the first are read, and from which lag on a window may read
        self.depth, self.least = check_order(self)
        self._check_names()
        check_used(self)

    # -- declaration -------------------------------------------------------------------------

    def _declare(self, text: str, what: str) -> dict[str, tuple]:
        pairs = list(declared(text, what))
        for name, shape in pairs:
            if len(shape) == 2 and what in ("input", "sequence"):
                raise DeclarationError(f"{what} {name}: a sequence of vectors has one size")
        names = [name for name, _ in pairs]
        for name in names:
            if names.count(name) > 1:
                raise DeclarationError(f"{what} {name} is declared twice")
        return dict(pairs)

    def _check_names(self) -> None:
        """One name, one meaning, also for the names that are made from others."""
        groups = (self.inputs, self.sequences, self.parameters, self.constants)
        sizes = {str(size) for group in groups for shape in group.values() for size in shape}
        initial = [key for _, _, key in starts(self)]
        names = [name for group in groups for name in group]
        names += [*self.adjoints.values(), *sizes, *self.lag_sets, *initial]
        names += [prefix + usable(g, "warping") for g in self.warping for prefix in ("", "d")]
        for name in names:
            if names.count(name) > 1:
                raise DeclarationError(f"the name {name} is declared twice")
        for name in self.lag_sets:
            usable(name, "the set of lags")

    def _check_roles(self) -> None:
        for name in (*self.outputs, *self.adjoints):
            if name not in self.sequences:
                raise DeclarationError(f"{name} has a role but no equation: it is not a sequence")
        if not self.outputs:
            raise DeclarationError("no outputs: name the sequences that the loss reads")
        if len(set(self.outputs)) < len(self.outputs):
            raise DeclarationError(f"outputs {' '.join(self.outputs)!r}: one is named twice")
        if not self.inputs:
            raise DeclarationError("no inputs: the length of an input is the number of steps")

    def _read(self) -> None:
        parser = Parser(
            {**self.inputs, **self.sequences},
            {**self.parameters, **self.constants},
            {*self.functions, *KNOWN},
        )
        passes: list[tuple[int, list[Equation]]] = []
        self.lines: dict[str, str] = {}
        for line in self.text["forward"].splitlines():
            if header := re.fullmatch(r"for n (ascending|descending):", line):
                passes.append((1 if header[1] == "ascending" else -1, []))
                continue
            equation = parser.equation(line)
            if equation.name in self.inputs:
                raise parser.error(f"{equation.name} is an input, it has no equation")
            if equation.name in self.lines:
                raise parser.error(f"{equation.name} has an equation already")
            self.lines[equation.name] = line
            if not passes:
                passes.append((1, []))
            passes[-1][1].append(equation)
        for name in self.sequences:
            if name not in self.lines:
                raise DeclarationError(f"the sequence {name} is declared but has no equation")
        self.passes = tuple(Pass(d, tuple(e)) for d, e in passes if e)
        self.forward = Equations(e for p in self.passes for e in p.equations)
        used = {z.name for e in self.forward for z in e.rhs.atoms(Act)}
        self.functions |= {g: read_warping(g, g) for g in KNOWN if g in used - {*self.functions}}
        self.taps = {name: lags for name, lags in parser.taps.items() if lags}
        self.lag_sets = tuple(
            dict.fromkeys(
                w.lags
                for e in self.forward
                for w in preorder_traversal(e.rhs)  # in written order
                if isinstance(w, WindowSum)
            )
        )

    def change(
        self,
        equations: str,
        *,
        parameters: str = "",
        sequences: str = "",
        inputs: str = "",
        outputs: str = "",
        adjoints: str = "",
        warping: Mapping[str, Given] | None = None,
    ) -> System:
        """A new system with some equations replaced or added, for trying things out.

        A line whose left side exists replaces that equation; a new one is put before the first
        equation that reads it at the same step, else at the end. What is no longer used is
        dropped from the declaration. With ``outputs`` the loss reads other sequences: with
        ``"v s"`` also the state, at every step and so at the last. ``adjoints`` names further
        errors.
        """
        text = dict(self.text)
        new: dict[str, str] = {}
        for line in lines(equations):
            new[line.split("[")[0]] = line
        rows = [new.pop(old.split("[")[0], old) for old in text["forward"].splitlines()]
        for name, line in reversed(new.items()):
            read = re.compile(rf"\b{name}\[n\]")
            reads = [i for i, old in enumerate(rows) if read.search(old.partition("=")[2])]
            rows.insert(reads[0] if reads else len(rows), line)
        text |= {"forward": "\n".join(rows), "outputs": outputs or text["outputs"]}
        words = set(re.findall(r"\w+", text["forward"]))
        added = {"parameters": parameters, "sequences": sequences, "inputs": inputs}
        added["constants"] = ""
        for group, more in added.items():
            kept = [(k, s) for k, s in declared(text[group], group) if k in words]
            text[group] = "; ".join([f"{k}: {', '.join(map(str, s))}" for k, s in kept] + [more])
        pairs = {s: a for s, a in self.adjoints.items() if s in words}
        text["adjoints"] = ", ".join([f"{s}: {a}" for s, a in pairs.items()] + [adjoints])
        warpings = {g: f for g, f in self.warping.items() if g in words} | dict(warping or {})
        name = f"{self.name.removesuffix(', changed')}, changed"
        return System(name, warping=warpings, source=self.source, **text)

    @property
    def warping(self) -> dict[str, Given]:
        """What each warping function is: the name of a known one, or an expression in z."""
        return {g: made.given for g, made in self.functions.items()}

    # -- what follows from the declaration ---------------------------------------------------

    @cached_property
    def derivation(self) -> Derivation:
        """Backward equations, gradients, and the uses that each came from."""
        from .reverse import derive

        return derive(self)

    @property
    def backward(self) -> Equations:
        """The error signals, in the order in which they are computed."""
        return self.derivation.backward

    @property
    def gradients(self) -> Equations:
        """Gradients of the parameters, the inputs and the initial states."""
        return self.derivation.gradients

    def prove(self, d: int = 2, N: int | None = None, **options: Any) -> Proven:
        """Prove every derived equation component by component; see ``prove.Proof``."""
        from .prove import Proof

        return Proof(self, d, N, **options).all()

    def verify(self, equation: str, d: int = 2, N: int | None = None, **options: Any) -> int:
        """Prove a derived equation that somebody typed, ``"rho[n] = chi[n] * g_cr[n]"``.

        It may make use of the forward equations, and of a warping function's slope as a polynomial
        in its value: ``chi[n] * (1 - r[n] * r[n])`` where r is tanh of s.

        Returns the number of components in which it holds; raises ``ProofError`` with the first
        in which it does not, ``DeclarationError`` if it cannot be read or the system has no derived
        equation with this left side. Without N there are as many steps as the equation needs.
        """
        from .claim import claim
        from .prove import Proof

        typed = claim(self, equation)
        return Proof(self, d, N, **options, claims=(typed,)).verify(typed, on_a_run=True)

    def check(self, **options: Any) -> Checked:
        """Test every gradient exactly at random rational points; see ``check.check``."""
        from .check import check

        return check(self, **options)

    def explain(self, name: str | None = None) -> Explanation:
        """Say in words where each term of a backward equation comes from."""
        from .explain import explain

        return explain(self, name)

    def latex(self, part: str = "all", **options: Any) -> str:
        """LaTeX of "forward", "backward", "gradients" or "all"; options of ``latex.aligned``.

        The part "warping" has the warping functions and their derivatives.
        """
        from .latex import aligned, lined

        if part == "warping":
            return lined([row for made in self.functions.values() for row in made.latex()])
        parts = ("forward", "backward", "gradients") if part == "all" else (part,)
        return aligned([e for p in parts for e in getattr(self, p)], **options)

    def numpy_source(self) -> str:
        """A module with ``forward`` and ``backward`` in NumPy, any sizes, batched."""
        from .emit_numpy import numpy_source

        return numpy_source(self)

    def scalar_source(self) -> str:
        """The same for one neuron: every size is 1, plain Python numbers."""
        from .emit_numpy import scalar_source

        return scalar_source(self)

    def javascript_source(self, name: str | None = None) -> str:
        """A script with ``forward`` and ``backward`` in plain JavaScript."""
        from .emit_javascript import javascript_source

        return javascript_source(self, name)

    def _repr_latex_(self) -> str:
        return self.forward._repr_latex_()

    def __repr__(self) -> str:
        return f"{self.name}\n\n{self.forward!r}"
