"""The code that a function's result depends on, as one hash.

From the function on, every name that a definition uses is followed to the definition, class or
constant that it means, through imports, as long as it is inside the followed packages. What is
hashed is the text of these definitions without comments, docstrings, annotations and layout.
Import lines and module names are not part of it: code that only moves keeps its hash.
A name that is made of a string at run time (``getattr``) cannot be followed.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["code_hash", "definitions"]

_Import = tuple[str, str | None]  # a module, and what is taken from it (None: the module itself)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def code_hash(function: Callable[..., Any], package: str = "lstm_lib") -> str:
    """A hash of everything that ``function`` reaches in its own module and in ``package``."""
    texts = {text for _, _, text in definitions(function, package)}
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()[:16]


def definitions(
    function: Callable[..., Any], package: str = "lstm_lib"
) -> list[tuple[str, str, str]]:
    """(module, name, bare text) of every definition that ``function`` reaches, itself included."""
    inside = (package, function.__module__)
    found: dict[tuple[str, str], list[str]] = {}
    waiting = [(function.__module__, function.__name__)]
    while waiting:
        module, name = waiting.pop()
        if (module, name) in found:
            continue
        statements = _module(module).statements.get(name, [])
        found[module, name] = [_bare(statement) for statement in statements]
        for statement in statements:
            waiting += _reached(module, statement, inside)
    return [(*place, text) for place, texts in sorted(found.items()) for text in texts]


class _Module:
    """The top level of a module's source: what each name is bound to."""

    def __init__(self, name: str) -> None:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None or not found.origin.endswith(".py"):
            raise ValueError(f"trial: expected a function of a Python module, got one of {name}")
        self.name = name
        self.package = name if found.submodule_search_locations else name.rpartition(".")[0]
        self.statements: dict[str, list[ast.stmt]] = {}
        self.imports: dict[str, _Import] = {}
        self._read(ast.parse(Path(found.origin).read_text(encoding="utf-8")).body)

    def _read(self, body: list[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                self.imports |= _imports(statement, self.package)
            elif isinstance(statement, _Definition):
                self.statements.setdefault(statement.name, []).append(statement)
            elif isinstance(statement, (ast.If, ast.Try)):  # e.g. imports that may fail
                for part in ("body", "handlers", "orelse", "finalbody"):
                    for inner in getattr(statement, part, []):
                        self._read(inner.body if isinstance(inner, ast.ExceptHandler) else [inner])
            else:
                for name in _written(statement):
                    self.statements.setdefault(name, []).append(statement)


@cache
def _module(name: str) -> _Module:
    return _Module(name)


def _imports(statement: ast.Import | ast.ImportFrom, package: str) -> dict[str, _Import]:
    """Local name → where it comes from."""
    if isinstance(statement, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: (
                alias.name if alias.asname else alias.name.split(".")[0],
                None,
            )
            for alias in statement.names
        }
    source = importlib.util.resolve_name("." * statement.level + (statement.module or ""), package)
    names = {alias.asname or alias.name: alias.name for alias in statement.names}
    if "*" in names:
        offered = getattr(importlib.import_module(source), "__all__", None)
        if offered is None:
            raise ValueError(f"trial: expected __all__ in {source}, from which * is imported")
        names = {name: name for name in offered}
    return {local: (source, name) for local, name in names.items()}


def _written(statement: ast.stmt) -> set[str]:
    """The names that a statement of a module's top level binds, or changes in place."""
    names = set()
    loops = {
        n
        for c in ast.walk(statement)
        if isinstance(c, ast.comprehension)
        for n in ast.walk(c.target)
    }  # bound inside only
    for node in ast.walk(statement):
        if node in loops:
            continue
        if isinstance(node, (ast.Name, ast.Subscript, ast.Attribute)) and isinstance(
            node.ctx, (ast.Store, ast.Del)
        ):
            names.add(_root(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            names |= {_root(node.value.func), *map(_root, node.value.args)}  # TABLE.update(...)
    return names - {""}


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _reached(
    module: str, statement: ast.stmt, inside: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    """(module, name) of what a statement's names mean."""
    here = _module(module)
    bare = _strip(statement)
    local: dict[str, _Import] = {}
    for node in ast.walk(bare):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            local |= _imports(node, here.package)
    for chain in _chains(bare):
        if chain[0] in local:
            yield from _meaning(local[chain[0]], chain[1:], inside)
        else:
            yield from _look_up(module, chain, inside)


def _look_up(module: str, chain: list[str], inside: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """What ``chain[0].chain[1]...`` means in a module; nothing, for a builtin or a local name."""
    here = _module(module)
    if chain[0] in here.statements:
        yield module, chain[0]
    elif chain[0] in here.imports:
        yield from _meaning(here.imports[chain[0]], chain[1:], inside)
    elif "__getattr__" in here.statements and hasattr(importlib.import_module(module), chain[0]):
        yield module, "__getattr__"  # made on demand: it is what the module's function says
        made = getattr(importlib.import_module(module), chain[0])
        home, name = getattr(made, "__module__", ""), getattr(made, "__qualname__", "")
        if _followed(home, inside) and name.split(".")[0] in _module(home).statements:
            yield home, name.split(".")[0]


def _meaning(
    source: _Import, rest: list[str], inside: tuple[str, str]
) -> Iterator[tuple[str, str]]:
    """What a name that was imported means."""
    module, name = source
    if not _followed(module, inside):
        return
    chain = ([name] if name else []) + rest
    while chain and _is_module(f"{module}.{chain[0]}") and not _binds(module, chain[0]):
        module, chain = f"{module}.{chain[0]}", chain[1:]
    if chain:
        yield from _look_up(module, chain, inside)
    else:  # the module itself is handed about: it could be anything in it
        here = _module(module)
        for name in [*here.statements, *here.imports]:
            yield from _look_up(module, [name], inside)


def _binds(module: str, name: str) -> bool:
    """Whether a package gives the name a meaning other than that of its own submodule."""
    here = _module(module)
    return name in here.statements or here.imports.get(name, (module, name)) != (module, name)


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the parent is a module, not a package
        return False


def _followed(module: str, inside: tuple[str, str]) -> bool:
    package, own = inside
    return module in (package, own) or module.startswith(package + ".")


def _chains(node: ast.AST) -> Iterator[list[str]]:
    """Every name that is used, with the attributes behind it: a.b.c as ["a", "b", "c"]."""
    attributes: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        attributes.insert(0, inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield [inner.id, *attributes]
    else:
        for child in ast.iter_child_nodes(inner):
            yield from _chains(child)


class _Stripper(ast.NodeTransformer):
    """Takes away docstrings and annotations; comments and layout are gone with the parser."""

    def _body(self, node: Any) -> Any:
        self.generic_visit(node)
        first = node.body[0]
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            node.body = node.body[1:] or [ast.Pass()]
        return node

    visit_ClassDef = _body

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self._body(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self._body(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = ast.Constant(None)  # a dataclass still has its field
        return node


class _NoImports(ast.NodeTransformer):
    def _gone(self, node: ast.AST) -> ast.AST:
        return ast.Pass()

    visit_Import = visit_ImportFrom = _gone


def _strip(statement: ast.stmt) -> ast.stmt:
    copy = ast.parse(ast.unparse(statement)).body[0]
    return ast.fix_missing_locations(_Stripper().visit(copy))


@cache
def _bare(statement: ast.stmt) -> str:
    return ast.unparse(_NoImports().visit(_strip(statement)))
