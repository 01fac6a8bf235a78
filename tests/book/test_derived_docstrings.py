"""No gradient equation is typed in: the library names a derived system, and the book prints it."""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from pathlib import Path

import pytest

import lstm_lib
from book._ext import reference
from lstm_lib.derive.system import System
from lstm_lib.layers.base import Layer

ROOT = Path(lstm_lib.__file__).parent
FILES = [p for p in sorted(ROOT.rglob("*.py")) if ROOT / "derive" not in p.parents]

MARK = r"(?:[_^](?:\{[^{}]*\}|\\?\w+|\*)|\[[^\]]*\])"
MARKS = rf"{MARK}*"
# psi and chi are errors wherever they stand; the others have more than one meaning without a mark.
SIGNAL = (
    r"\\?(?<![A-Za-z_])(?:"
    rf"(?:psi|chi|vartheta|ψ|χ|ϑ)(?![A-Za-z]){MARKS}|"
    rf"(?:rho|alpha|epsilon|ρ|α|ε|ϵ|δ)(?![A-Za-z]){MARK}+)"
)
BECOMES = r"\s*&?\s*(?:[-+]?=(?!=)|←|\\leftarrow|\\gets)\s*(?!0\b)\S"  # zero is a case, no equation
ERROR = r"(?:E|L|ℒ|\\mathcal\s*\{?L\}?)(?:\[[^\]]*\])?"
WEIGHT = rf"[^=\s{{}}]+{MARKS}\}}?{MARKS}"
TYPED = [
    re.compile(rf"{SIGNAL}{BECOMES}"),
    re.compile(rf"(?<![A-Za-z_])d[EL]_d\w+{MARKS}{BECOMES}"),
    re.compile(rf"\\partial\s*{ERROR}\}}?\s*/?\s*\{{?\\partial\s*{WEIGHT}{BECOMES}"),
    re.compile(rf"\\frac\{{\\partial[^=]*?\}}\s*\{{\\partial[^=]*?\}}{BECOMES}"),
    re.compile(rf"∂\s*{ERROR}\s*/\s*∂\s*{WEIGHT}{BECOMES}"),
    re.compile(rf"\\nabla_?(?:\{{[^{{}}]*\}}|\w)?\s*{ERROR}{BECOMES}"),
]


def prose(source: str) -> list[str]:
    """The lines of a program that are not run: docstrings without their examples, and comments."""
    nodes = ast.walk(ast.parse(source))
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(node) or "" for node in nodes if isinstance(node, owners)]
    lines = [line for text in texts for line in text.split("\n")]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return [line for line in lines if not line.lstrip().startswith((">>>", "..."))]


def typed(source: str) -> list[str]:
    """The gradient equations that somebody typed."""
    return [line for line in prose(source) if any(p.search(line) for p in TYPED)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_gradient_equation_is_typed(path):
    assert typed(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        r"\psi[n] &= \chi[n]\odot G'(s[n]) + W_s^\top\psi[n+1]",
        r"with $\alpha_{cr}[n]=\chi[n]\odot r[n]\odot G_c'(a_{cr}[n])$",
        r"\rho^k[p] &= \chi^k[p]\odot g_{cr}^k[p],\qquad",
        r"then $\epsilon_*=\alpha_*$",
        r"and $\partial E/\partial W_{x*}[l]=\sum_n\epsilon_*[n]x[n-l]^\top$",
        r"$\frac{\partial E}{\partial W_r} = \sum_n \psi[n]\,r[n-1]^\top$",
        r"\frac{\partial s_c[n]}{\partial W_{du}} &= g_{cs}\frac{\partial s_c[n-1]}{\partial W}",
        "dE_dx = W_x.T @ psi",
        "psi[n] = chi[n] * slope[n]",
        "chi += W_v.T @ alpha_cu[n+1]",
        "χ = ∇L + Σ W_v^T α[n+1]",
        "α_cr = χ ⊙ r ⊙ G_c'",
        "∂E/∂W_r = Σ ψ[n] r[n-1]^T",
    ],
)
def test_a_typed_one_would_be_found(planted):
    assert typed(f'def backward():\n    r"""Send it back.\n\n    {planted}\n    """\n')
    assert typed(f"x = 1  # {planted}\n")
    assert not typed(f'x = r"{planted}"\n')


@pytest.mark.parametrize(
    "harmless",
    [
        r"The Jacobian $J[n]=\partial s[n]/\partial s[n-1]$.",
        r"a gradient $\nabla_{v[n]}\mathcal L$ at every step",
        "``dE_dv`` is the loss's own gradient",
        r"$s[n]=g_{cs}[n]\odot s[n-1]$ and $\psi[n]$",
        ">>> E, dE_dy = squared_error(y, t)",
        r"w \leftarrow w-\eta\,\nabla E",
        r"normal exactly if $\alpha=0$",
        r"Where $\psi[n]=0$ the share is ``nan``",
    ],
)
def test_other_lines_are_let_through(harmless):
    assert not typed(f'def f():\n    r"""One.\n\n    {harmless}\n    """\n')


def layers() -> list[type]:
    """The layers of the library whose backward pass is written by hand."""
    found, waiting = [], [Layer]
    while waiting:
        waiting += (subclasses := waiting.pop().__subclasses__())
        found += [
            c for c in subclasses if "backward" in vars(c) and "lstm_lib.layers." in c.__module__
        ]
    return found


@pytest.mark.parametrize("layer", layers(), ids=lambda layer: layer.__name__)
def test_every_backward_names_a_derived_system_and_how_to_print_it(layer):
    text = inspect.getdoc(layer.backward) or ""
    assert reference.derived(text)
    assert "To see them: ``print(lstm_lib.derive." in text


TEXTS = [path.read_text(encoding="utf-8") for path in FILES]


def test_every_named_system_exists_and_is_derived():
    names = [name for text in TEXTS for _, name in reference.derived(text)]
    printed = [n for text in TEXTS for n in re.findall(r"``print\((.*?)\)``", text)]
    assert len(names) > 12
    for name in names:
        assert isinstance(reference.resolve(name), System)
    for name in printed:
        assert str(reference.resolve(name))


def test_a_name_outside_the_grammar_is_noticed():
    for text in TEXTS:
        assert text.count("Backward equations") == len(reference.derived(text))


def test_the_book_prints_what_is_derived():
    lines = ["One.", "", "Backward equations: derived by ``lstm_lib.derive.standard_rnn``.", ""]
    out = "\n".join(reference.expand(lines))
    system = reference.resolve("lstm_lib.derive.standard_rnn")
    for equations in (system.backward, system.gradients):
        for equation in equations:
            assert equation.rows()[0] in out
    assert "derived by ``" not in out
