"""What forward equations say about their names: roles, sizes, the output, the names of errors.

A name with an equation is a sequence. One read at n, or at n-l by a window, without an equation is
an input, and x at any step. One left of @ is a matrix, any other a vector. Whatever is added or
multiplied element by element has one size: d_x where the input x is among it, d_s everywhere else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .grammar import DeclarationError, declared, lines, parsed, text_of, wrong
from .warping import Given

WARPING: dict[str, Given] = {"G_c": "logistic", "G_d": "tanh", "G": "tanh"}
ERRORS = {"r": "rho", "s": "psi", "a": "alpha"}
Size = tuple[str, int]  # the size of a name along its rows, 0, or its columns, 1


class Uses:
    """How each name is used in some equations: its role, its sizes, in order of appearance."""

    def __init__(self, forward: str) -> None:
        self.roles: dict[str, tuple[str, str]] = {}  # name -> how it is read first, and where
        self.at_n: set[str] = set()  # what is read as an input may be
        self.equal: dict[Size, Size] = {}  # a size -> one that it equals
        self.reads: dict[str, str] = {}  # matrix -> text of what it multiplies first, without steps
        self.sequences: list[str] = []
        for self.line in lines(forward):
            if not re.match(r"for\b", self.line):
                left, right = (parsed(side, self.line) for side in self.line.partition("=")[::2])
                if not self.indexed(left):
                    raise self.error("the left side must be a sequence at step n")
                try:
                    self.same(self.size(left), self.size(right))
                except RecursionError:
                    raise self.error("nested too deeply") from None
                self.sequences += [left.value.id] * (left.value.id not in self.sequences)
        if not self.sequences:
            raise DeclarationError("no equations: expected lines such as s[n] = W @ x[n] + b")

    def use(self, name: str, role: str) -> Size:
        first, where = self.roles.setdefault(name, (role, self.line))
        if first != role:
            step = f": write {name}[n]?" if "sequence" in (first, role) else ""
            raise self.error(f"{name} is a {role} here, and a {first} in  {where}{step}")
        return name, 0

    def error(self, why: str) -> DeclarationError:
        return wrong(self.line, why)

    def root(self, size: Size) -> Size:
        while size in self.equal:
            size = self.equal[size]
        return size

    def same(self, a: Size | None, b: Size | None) -> Size | None:
        """Two sizes are one; a number has none."""
        if a and b and (old := self.root(a)) != (new := self.root(b)):
            self.equal[old] = new
        return a or b

    @staticmethod
    def indexed(tree: Any) -> bool:
        """Whether a piece of syntax is a sequence at some step."""
        match tree:
            case ast.Subscript(value=ast.Name(), slice=index):
                return any(isinstance(z, ast.Name) and z.id == "n" for z in ast.walk(index))
        return False

    def size(self, tree: Any) -> Size | None:
        """The size of what an expression makes, none of a number."""
        match tree:
            case ast.Subscript(value=ast.Name(id=name)) if self.indexed(tree):
                if text_of(tree.slice) == "n" or len(names_in(tree.slice)) > 1:
                    self.at_n.add(name)
                return self.use(name, "sequence")
            case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
                return self.use(name, "vector")
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                while isinstance(left, ast.UnaryOp | ast.BinOp):  # -W, 2 * W
                    left = left.operand if isinstance(left, ast.UnaryOp) else left.right
                target = left.value if isinstance(left, ast.Subscript) else left
                inner = self.size(right)
                if not isinstance(target, ast.Name) or self.indexed(left):
                    return self.size(left)
                self.use(target.id, "matrix")
                self.same((target.id, 1), inner)
                self.reads.setdefault(target.id, " ".join(names_in(right)))
                return target.id, 0
            case ast.BinOp(left=a, right=b):
                return self.same(self.size(a), self.size(b))
            case ast.UnaryOp(operand=z) | ast.GeneratorExp(elt=z) | ast.Call(args=[z]):
                return self.size(z)
            case ast.Constant():
                return None
        raise self.error(f"cannot read {text_of(tree)!r}")


def names_in(tree: ast.AST) -> list[str]:
    return [z.id for z in ast.walk(tree) if isinstance(z, ast.Name)]


def inferred(
    forward: str, sizes: str, outputs: str, adjoints: str, warping: Mapping[str, Given] | None
) -> dict[str, Any]:
    """The other arguments of a declaration, from its forward equations.

    Raises:
        DeclarationError: a name that is a matrix here and a vector there, one without an equation
            that is read at other steps only, two sizes for one. The message names the equation.
    """
    uses = Uses(forward)
    inputs = [z for z, (role, _) in uses.roles.items() if role == "sequence"]
    inputs = [z for z in inputs if z not in uses.sequences]
    for name in inputs:
        if name != "x" and name not in uses.at_n:
            raise wrong(
                uses.roles[name][1],
                f"{name} has no equation, and an input would be read at n, too: is the equation "
                f"of {name} missing?",
            )
    outputs = outputs or ("v" if "v" in uses.sequences else uses.sequences[-1])
    named, order = _sizes(uses, sizes), list(dict.fromkeys(uses.reads.values()))
    shapes = {
        name: ", ".join(named.get(uses.root((name, axis)), "d_s") for axis in axes)
        for name in uses.roles
        for axes in [(0, 1) if name in uses.reads else (0,)]
    }

    def kind(name: str) -> tuple[str, str]:
        """Parameters of one kind stand together: matrices, or vectors of one stem."""
        return shapes[name], "" if name in uses.reads else name.partition("_")[0]

    parameters = [name for name, (role, _) in uses.roles.items() if role != "sequence"]
    kinds = list(dict.fromkeys(map(kind, parameters)))
    parameters.sort(  # in the order of what they multiply
        key=lambda z: (kinds.index(kind(z)), order.index(uses.reads[z]) if z in uses.reads else 0)
    )
    groups = {"inputs": inputs, "sequences": uses.sequences, "parameters": parameters}
    called = [name for name in WARPING if re.search(rf"\b{name}\(", forward)]
    warpings = {g: WARPING[g] for g in called} | dict(warping or {})
    return {
        **{key: "; ".join(f"{z}: {shapes[z]}" for z in names) for key, names in groups.items()},
        "outputs": outputs,
        "adjoints": ", ".join([*_errors(uses, outputs, adjoints, warpings), adjoints]),
        "warping": warpings,
    }


def _sizes(uses: Uses, sizes: str) -> dict[Size, str]:
    """The names of sizes: d_x for all that is as long as x, and what was asked for."""
    named: dict[Size, tuple[str, str]] = {}
    for name, (size, *columns) in declared(sizes, "size"):
        if name not in uses.roles or columns:
            raise DeclarationError(f"sizes: {name} is no name of the equations, or has one size")
        other, was = named.setdefault(uses.root((name, 0)), (name, str(size)))
        if was != str(size):
            raise DeclarationError(
                f"sizes: {name} is {size} and {other} is {was}, but the equations make them equal"
            )
    found = {size: name for size, (_, name) in named.items()}
    if "x" in uses.roles and "x" not in uses.sequences:
        found.setdefault(uses.root(("x", 0)), "d_x")
    return found


def _errors(uses: Uses, outputs: str, adjoints: str, warpings: Iterable[str]) -> Iterator[str]:
    """The errors that have a name on the page, where neither side is taken."""
    taken = {word.strip() for pair in adjoints.split(",") for word in pair.split(":")}
    taken |= {*uses.roles, *warpings}
    names = ERRORS | ({outputs: "chi"} if " " not in outputs else {})
    for z in uses.sequences:
        error = names.get(z) or (z.replace("a_", "alpha_", 1) if z.startswith("a_") else "")
        if error and error not in taken and not re.search(rf"\b{z} *:", adjoints):
            taken.add(error)
            yield f"{z}: {error}"
