"""Where each term of a derived equation comes from, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sympy import HadamardProduct, MatAdd
from sympy.core.symbol import Str

from .declare import starts
from .latex import Latex, aligned
from .reverse import Derived, Use
from .words import Equation, N, TimeSum, l, n, shifted
from .writer import Page, Writer

__all__ = ["Explanation"]

NUMBERS = re.findall(r"\w+", "no one two three four five six seven eight nine ten eleven twelve")


@dataclass(frozen=True)
class Origin:
    """One derived equation with the places that its terms come from.

    ``leaf`` is what is read (s[n]), ``uses`` the reads, ``inlined`` for each use the errors
    without a name on the way, and ``equation`` the result.
    """

    leaf: Any
    uses: tuple[Use, ...]
    inlined: tuple[dict[Any, Any], ...]
    equation: Equation


@dataclass(frozen=True)
class Explanation:
    """The derivation of some equations: Markdown with LaTeX in a notebook, plain text in print."""

    steps: tuple[Origin, ...]

    def _repr_markdown_(self) -> str:
        return "\n\n".join(Teller(step, page=True).tell() for step in self.steps)

    def __str__(self) -> str:
        return "\n\n".join(Teller(step, page=False).tell() for step in self.steps)

    __repr__ = __str__


def explain(system: Derived, name: str | None = None) -> Explanation:
    """Explain one derived equation, or all backward equations in order.

    Args:
        system: the declared system.
        name: a sequence or the name of its error, a parameter, an input, or an initial state: "s",
            "psi", "W_scu", "x", "s0".

    Raises:
        KeyError: if the system has no such name, or the error of the sequence is inlined.
    """
    of = {error: z for z, error in system.derivation.named.items()}
    names = [e.name for e in system.backward] if name is None else [name]
    return Explanation(tuple(_step(system, of.get(z, z)) for z in names))


def _step(system: Derived, name: str) -> Origin:
    derivation = system.derivation
    initial = {key: z for z, _, key in starts(system)}
    known = [*derivation.named, *derivation.named.values(), *derivation.gradients.names()]
    if name not in known:
        raise KeyError(f"no derived equation for {name!r}; there are {', '.join(known)}")
    equation = (derivation.gradients if name not in derivation.named else derivation.backward)[
        derivation.named.get(name, name)
    ]
    uses = derivation.uses[initial.get(name, name)]
    leaf = equation.lhs.xreplace({Str(equation.name): Str(initial.get(name, name))})
    if name in initial:
        way = system.direction[initial[name]]
        depth = -leaf.index if way > 0 else leaf.index - N + 1
        uses = tuple(u for u in uses if (u.shift - n) * way >= depth)
    return Origin(leaf, uses, tuple(_unnamed(system, use) for use in uses), equation)


def _unnamed(system: Derived, use: Use) -> dict[Any, Any]:
    """The inlined errors that a use passes through: whose they are, and what they are."""
    found: dict[Any, Any] = {}
    todo = [use.equation]
    for equation in todo:
        if equation is not None and equation.name not in system.derivation.named:
            found[equation.lhs] = system.derivation.errors[equation.name]
            todo += [further.equation for further in system.derivation.uses[equation.name]]
    return found


def _word(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


class Teller:
    """The sentences of one step, with its equations spelled for print or for a page."""

    def __init__(self, step: Origin, page: bool) -> None:
        self.step, self.page = step, page
        self.write: Writer = Latex() if page else Page()
        at = getattr(step.leaf, "index", n)
        self.start = n if at.has(n) else at  # an initial value stands at a fixed step

    def quoted(self, text: str) -> str:
        return f"${text}$" if self.page else text

    def show(self, z: Any) -> str:
        return self.quoted(self.write.at(z))

    def whole(self, e: Equation, index: Any = n) -> str:
        return self.quoted(" = ".join(self.write.at(shifted(z, index)) for z in (e.lhs, e.rhs)))

    def place(self, use: Use, index: Any = n) -> str:
        """The equation that reads the leaf; a page shows of its terms only those that do."""
        e: Any = use.equation
        if not self.page or not isinstance(e.rhs, MatAdd):
            return self.whole(e, index)
        reads = [z.has(use.leaf) for z in e.rhs.args]
        first, last = reads.index(True), len(reads) - 1 - reads[::-1].index(True)
        terms = [self.write.at(shifted(z, index)) for z in e.rhs.args[first : last + 1]]
        dots = r"\cdots"
        terms = [dots] * (first > 0) + terms + [dots] * (last < len(reads) - 1)
        total = " + ".join(terms).replace("+ -", "- ")
        return self.quoted(f"{self.write.at(shifted(e.lhs, index))} = {total}")

    def twin(self, k: int) -> str:
        """Which factor or term is meant, if the same is read twice with the same contribution."""
        use = self.step.uses[k]
        same = [j for j, other in enumerate(self.step.uses) if other == use]
        if len(same) < 2 or use.equation is None:
            return ""
        for node, kind in ((HadamardProduct, "factor"), (MatAdd, "term")):
            for z in use.equation.rhs.atoms(node):
                spots = [j for j, part in enumerate(z.args) if part.has(use.leaf)]
                if len(spots) == len(same):
                    return f" as {kind} {spots[same.index(k)] + 1}"
        return ""

    def item(self, k: int) -> str:
        """One place where the leaf is used, and what it contributes."""
        use, inlined, start = self.step.uses[k], self.step.inlined[k], self.start
        gives = f"{self.twin(k)}, which contributes {self.show(shifted(use.term, start))}"
        if use.equation is None:
            return f"By the loss itself{gives}."
        where = f"In {self.place(use, start)}"
        arrow = r"\to" if self.page else "→"
        moved = self.quoted(f"n {arrow} {self.write.index(use.shift)}")
        if use.shift.has(l):
            where = f"In {self.place(use)}, at each lag one other step: shift {moved}"
        elif use.shift != n:
            steps = int(abs(use.shift - n))
            far = f"{_word(steps)} step{'s' if steps > 1 else ''}"
            side = "later" if (use.shift - n) > 0 else "earlier"
            where = f"{far.capitalize()} {side}, in {self.place(use, shifted(use.shift, start))}"
            where += f" (shift {moved})" if start == n else ""
        errors = [
            f"the error of {self.show(of)} is {self.show(error)}" for of, error in inlined.items()
        ]
        gives += f" ({', '.join(errors)})" if errors else ""
        return f"{where}{gives}."

    def tell(self) -> str:
        step, count = self.step, len(self.step.uses)
        summed = isinstance(step.equation.rhs, TimeSum)
        places = f"{_word(count)} place{'s' if count != 1 else ''}"
        title = f"{self.show(step.leaf)} is used in {places}{', at every step' if summed else ''}."
        items = [f"{k + 1}. {self.item(k)}" for k in range(count)]
        result = "Summed over all steps" if summed else "Together" if count > 1 else "So"
        if not self.page:
            return "\n".join([title, "", *items, "", f"{result}: {self.whole(step.equation)}"])
        end = ["", f"{result}:", "", "$$", aligned([step.equation]), "$$"]
        return "\n".join([f"**{title}**", "", *items, *end])
