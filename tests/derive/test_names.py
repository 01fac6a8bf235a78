"""Any name that a declaration may use is a name of its own in every program made from it."""

from __future__ import annotations

import ast
import random
import re
import symtable

import numpy as np
import pytest

from lstm_lib.derive import System
from lstm_lib.derive.declare import starts
from lstm_lib.derive.fast import fast_source
from lstm_lib.derive.grammar import DeclarationError, usable
from lstm_lib.derive.words import initial_name

from .programs import both, differentiated, point, run, system
from .test_fast import same
from .test_random_cells import cell_of, open_cell_of

# Together they use all that a program can: windows, pools, cuts, constants, both directions.
CELLS = [
    *map(system, ("vanilla_lstm", "augmented_lstm", "layer_norm_lstm", "bidirectional_lstm")),
    *map(system, ("lstm1997_forget_truncated", "attention")),
    *map(cell_of, (1, 13)),
    *map(open_cell_of, (1, 13)),
]
PYTHON = {
    "numpy": lambda cell: cell.numpy_source(),
    "scalar": lambda cell: cell.scalar_source(),
    "fast": fast_source,
}


def refused(name):
    try:
        usable(name, "name")
    except DeclarationError:
        return True
    return False


def declared(cell):
    """The names that a declaration has."""
    groups = (cell.inputs, cell.sequences, cell.parameters, cell.constants)
    names = {name for group in groups for name in group} | {*cell.adjoints.values()}
    names |= {str(size) for group in groups for shape in group.values() for size in shape}
    names |= {*cell.lag_sets} | {key for _, _, key in starts(cell)}
    return names | {prefix + g for g in cell.functions for prefix in ("", "d")}


def inner(table):
    """The scopes inside a scope, and theirs."""
    for child in table.get_children():
        yield child
        yield from inner(child)


def names_in(source, own):
    """What a declared name could be taken for: module-wide names, and those of both passes."""
    module = symtable.symtable(source, "<program>", "exec")
    found = {symbol.get_name() for symbol in module.get_symbols()}
    for scope in inner(module):  # of a function that is no pass, only what it reads from outside
        found |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global()}
    for name in ("forward", "backward"):
        scope = module.lookup(name).get_namespace()
        found |= {symbol.get_name() for symbol in scope.get_symbols()}
        for run_over in inner(scope):  # its names count where it reads declared ones
            symbols = [s for s in run_over.get_symbols() if not s.get_name().startswith(".")]
            if own & {s.get_name() for s in symbols if not s.is_local()}:
                found |= {s.get_name() for s in symbols}
    return found


@pytest.mark.parametrize("kind", PYTHON)
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_python_program_uses_no_name_that_a_declaration_may_use(cell, kind):
    own = declared(cell)
    found = names_in(PYTHON[kind](cell), own)
    assert {"forward", "backward", "matched", "range", "params", "n", "N"} <= found
    assert own & found
    assert {name for name in found - own if not refused(name)} == set()


WORD = re.compile(r"(?<![\w.$])[A-Za-z_$][\w$]*\b(?!\s*:)")  # no attribute, and no key


def javascript_words(text):
    text = re.sub(r'//.*|"(\\.|[^"\\])*"', "", text)
    return set(WORD.findall(text))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_a_script_uses_no_name_that_a_declaration_may_use(cell):
    source = cell.javascript_source("cell")
    body, own = source.partition('"use strict";')[2], declared(cell)
    begin, end = body.index("  function forward("), body.index("  var kinds = ")
    helpers, passes, rest = body[:begin], body[begin:end], body[end:]
    at_top = set(re.findall(r"(?m)^  (?:function|var) (\w+)", body))
    heads = re.findall(r"function \w*\((.*?)\)", helpers)
    local = {word for head in heads for word in head.split(", ")}
    local |= set(re.findall(r"(?:var |, )(\w+)(?= =|, lags;|;)", helpers))
    local |= set(re.findall(r"(?m)^ {3,}function (\w+)", helpers))
    found = at_top | javascript_words(passes) | (javascript_words(helpers) - local)
    assert {"isFinite", "addTo", "dot", "params", "n", "batched"} <= found
    assert own & found
    assert "kinds" in rest
    # "cell" is the name that was asked for
    assert {w for w in found - own - {"cell"} if not refused(w)} == set()


# ---- names that stand in some program, and any others ---------------------------------------

EQUATIONS = """
    {0}[n] = {1} @ x[n] + {2} @ {3}[n-1] + {4}
    {5}[n] = {6}({0}[n]) + {7} * {5}[n-1]
    {3}[n] = {5}[n] * logistic({8} @ x[n] + {9} @ {3}[n-1] + {10} @ {5}[n-1])
"""
SLOTS = 11


def identifiers(source):
    """Every identifier in a module's text."""
    tree = list(ast.walk(ast.parse(source)))
    names = {z.id for z in tree if isinstance(z, ast.Name)}
    names |= {z.arg for z in tree if isinstance(z, ast.arg)}
    return names | {z.name for z in tree if isinstance(z, ast.FunctionDef)}


def cells_of(names):
    """Cells all of whose own names are these."""
    names = list(names)
    names += names[: -len(names) % SLOTS]
    for k in range(0, len(names), SLOTS):
        these = names[k : k + SLOTS]
        warping = {these[6]: "tanh"}
        yield System.from_equations(EQUATIONS.format(*these), warping=warping)


def ordinary():
    """Names of the fast programs, without what marks them as theirs, and earlier ones."""
    found = set().union(*(identifiers(fast_source(cell)) for cell in CELLS))
    found |= {name.lstrip("_") for name in found} | {f"{stem}{k}_" for stem in "fhpW" for k in "12"}
    taken = {"x", "d_s", "d_x", "logistic", "dlogistic", "tanh"}  # by the equations above
    return sorted(name for name in found - taken if name.isidentifier() and not refused(name))


def random_names(seed):
    draw, letters = random.Random(seed), "abcdefghijkmopqrstuvwyzABCDEFGHWXYZ_0123456789"
    while True:
        name = draw.choice(letters[:-10]) + "".join(draw.choices(letters, k=draw.randrange(4)))
        if not refused(name):
            yield name


def shuffled(names, seed):
    names = [*names]
    random.Random(seed).shuffle(names)
    return names


def made_from(name):
    return {name, initial_name(name), f"d{name}"}


def distinct(names):
    """Without names that two others make: the start value z0 of z, the slope dG of G."""
    kept = []
    for name in names:
        if not any(made_from(name) & made_from(other) for other in kept):
            kept.append(name)
    return kept


@pytest.mark.parametrize("seed", range(3))
def test_the_fast_program_has_no_name_of_its_own(seed):
    names = distinct(shuffled(ordinary(), seed))
    assert {"shift", "flat", "h2_", "G_c_by_value", "z"} <= {*names}
    for cell in cells_of(names):
        same(cell, N=4, B=2)


@pytest.mark.parametrize("seed", range(3))
def test_random_names(seed):
    draw = random_names(seed)
    names = distinct(dict.fromkeys(next(draw) for _ in range(30)))[:SLOTS]
    (cell,) = cells_of(names)
    same(cell)
    differentiated(cell, point(cell, N=4, B=2))
    trace, grads, *scripted = both(cell, point(cell, N=3, B=2))
    for ours, theirs in zip((trace, grads), scripted, strict=True):
        for key, value in ours.items():
            np.testing.assert_allclose(theirs[key], value, rtol=1e-10, atol=1e-11)


# ---- names that are made from others --------------------------------------------------------


@pytest.mark.parametrize("name", ["type", "ot", "all", "let", "isFinite", "toString"])
def test_a_warping_whose_name_or_slope_is_taken_is_refused(name):
    with pytest.raises(DeclarationError, match="not a name that an equation can use"):
        System.from_equations(f"v[n] = {name}(W @ x[n])", warping={name: "tanh"})


def test_a_size_called_like_the_axis_of_the_batch_is_refused():
    with pytest.raises(DeclarationError, match="'B': not a name that an equation can use"):
        System("cell", "v[n] = W @ x[n]", inputs="x: d_x", sequences="v: B",
               parameters="W: B, d_x", outputs="v")  # fmt: skip


@pytest.mark.parametrize("name", ["Math", "module", "class", "let"])
def test_a_script_takes_no_name_of_the_language(name):
    cell = System.from_equations("v[n] = W @ x[n]", name=name)
    assert f"var system_{name.lower()} = " in cell.javascript_source()
    with pytest.raises(ValueError, match=f"name: expected an identifier.*, got '{name}'"):
        cell.javascript_source(name)


def test_the_tests_see_a_name_that_is_taken():
    source = system("vanilla_lstm").numpy_source().replace("matched(", "some_helper(")
    found = names_in(source, declared(system("vanilla_lstm")))
    assert [name for name in found if name == "some_helper" and not refused(name)]
    run(source)
