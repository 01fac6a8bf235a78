"""Programs in plain JavaScript, for a page's script tag and for Node.

A sequence is an array of vectors that reaches K steps to both sides, so that s[-1] is the initial
state and what lies outside reads as zero. Every line carries the equation that it computes.
"""

from __future__ import annotations

import json
import re
from textwrap import indent
from typing import TYPE_CHECKING, Any

from sympy import HadamardProduct, MatAdd, MatMul, MatrixExpr, OneMatrix, Transpose, ZeroMatrix

from .emit_numpy import WARPINGS
from .nodes import Equation, Tap, key_of, scale, split
from .plan import size_sources, starts, sums_and_values, sweeps_back
from .writer import Page, Writer

if TYPE_CHECKING:
    from .system import System

HELPERS = """
  // Vectors and matrices are arrays of numbers and of rows.
  // add and mul take any number of vectors and go element by element, as all the others do.
  function add(a) { var z = a.slice(); for (var k = 1; k < arguments.length; k++) addTo(z, arguments[k]); return z; }
  function sub(a, b) { return a.map(function (z, i) { return z - b[i]; }); }
  function mul(a) {
    var z = a.slice();
    for (var k = 1; k < arguments.length; k++) {
      for (var i = 0; i < z.length; i++) z[i] *= arguments[k][i];
    }
    return z;
  }
  function scale(c, a) { return a.map(function (z) { return c * z; }); }
  function filled(d, c) { var a = []; for (var i = 0; i < d; i++) a.push(c); return a; }
  function dot(W, z) {
    return W.map(function (row) {
      var total = 0;
      for (var j = 0; j < row.length; j++) total += row[j] * z[j];
      return total;
    });
  }
  function dotT(W, z) {  // the transpose of W times z
    var total = filled(W.length ? W[0].length : 0, 0);
    for (var i = 0; i < W.length; i++) {
      for (var j = 0; j < total.length; j++) total[j] += W[i][j] * z[i];
    }
    return total;
  }
  function addTo(total, a) { for (var i = 0; i < total.length; i++) total[i] += a[i]; }
  function addOuter(total, a, b) {  // total += a b^T
    for (var i = 0; i < a.length; i++) {
      for (var j = 0; j < b.length; j++) total[i][j] += a[i] * b[j];
    }
  }
  function sumOver(lags, d, term) {
    var total = filled(d, 0);
    lags.forEach(function (l) { addTo(total, term(l)); });
    return total;
  }
  function zeros(W) { return W.map(function (z) { return Array.isArray(z) ? zeros(z) : 0; }); }
  function byLag(lags, W) { var taps = {}; lags.forEach(function (l, k) { taps[l] = W[k]; }); return taps; }
  function steps(N, K, d) { var z = []; for (var n = -K; n < N + K; n++) z[n] = filled(d, 0); return z; }
  function padded(given, N, K, d) {
    var z = steps(N, K, d);
    for (var n = 0; n < N; n++) z[n] = given[n];
    return z;
  }
  function each(z, f) { var out = {}; Object.keys(z).forEach(function (k) { out[k] = f(k, z[k]); }); return out; }
  function sum(a, b) { return Array.isArray(a) ? a.map(function (z, i) { return sum(z, b[i]); }) : a + b; }
  // One sequence of a batch (kind "steps": N, B, d; "state": B, d), and the batch put together again.
  function pick(z, kind, b) { return kind === "steps" ? z.map(function (step) { return step[b]; }) : z && z[b]; }
  function merge(all, kind) {
    if (kind === "sum") return all.reduce(sum);
    if (kind === "state") return all;
    return all[0].map(function (_, n) { return all.map(function (z) { return z[n]; }); });
  }
""".strip("\n")


class JavaScript(Writer):
    """Expressions as calls on vectors."""

    def statement(self, equation: Equation) -> str:
        left = f"{equation.name}[{self.index(equation.lhs.index)}]"
        return f"{left} = {self.at(equation.rhs)};"

    def spell(self, z: Any) -> tuple[str, int]:
        match z:
            case MatAdd():
                return self.total(z), 2
            case HadamardProduct():
                return self.call("mul", *map(self.at, z.args)), 2
            case MatMul(args=(Transpose() as a, b)):
                return self.call("dotT", self.at(a.args[0]), self.at(b)), 2
            case MatMul(args=(a, b)) if isinstance(a, MatrixExpr):
                return self.call("dot", self.at(a), self.at(b)), 2
            case MatMul(args=(number, rest)):
                return self.call("scale", self.number(number), self.at(rest)), 2
            case OneMatrix() | ZeroMatrix():
                value = "1" if isinstance(z, OneMatrix) else "0"
                return self.call("filled", str(z.shape[0]), value), 2
        return super().spell(z)

    @staticmethod
    def call(name: str, *arguments: str) -> str:
        return f"{name}({', '.join(arguments)})"

    def total(self, z: MatAdd) -> str:
        """A sum as one ``add``, or as ``sub`` where a term is negative."""
        terms = [split(term) for term in z.args]
        positive = [
            self.at(term) for term, (number, _) in zip(z.args, terms, strict=True) if number > 0
        ]
        text = self.call("add", *positive) if len(positive) > 1 else "".join(positive)
        for number, term in terms:
            if number < 0:
                text = self.call(
                    "sub", text or f"filled({z.shape[0]}, 0)", self.at(scale(-number, term))
                )
        return text

    def window(self, z: Any) -> str:
        body = self.at(z.args[0])
        return f"sumOver({z.lags}, {z.shape[0]}, function (l) {{ return {body}; }})"


def javascript_source(system: System, name: str | None = None) -> str:
    """A script that defines one object with ``forward`` and ``backward``.

    ``forward(params, x, s0, v0)`` takes x as (N, B, d) or, for one sequence, (N, d) and returns
    the trace in the same form; ``backward(params, trace, dL_dv)`` an object with every gradient
    and every named error. Initial states may be left out. A system with windows takes its lags
    last, ``{L_cu: [-1, 0, 1]}``. The object is a global variable in a page and the export in Node;
    it is called ``name``, by default the name of the system in lower case.
    """
    name = name or re.sub(r"\W+", "_", system.name).strip("_").lower()
    if not name.isidentifier():
        raise ValueError(f"name: expected an identifier, got {name!r}")
    losses = [f"dL_d{z}" for z in system.outputs]
    initial = [key for _, _, key in starts(system)]
    kinds = {z: "steps" for z in (*system.inputs, *system.sequences)}
    kinds |= {e.name: "steps" for e in system.backward}
    kinds |= {key: "state" for key in initial}
    lines = [
        f"// {system.name}: forward and backward pass.",
        "// Written by lstm_lib.derive from the forward equations.",
        f"var {name} = (function () {{",
        '  "use strict";',
        HELPERS,
        *(f"  {line}" for line in _warpings(system)),
        indent(_forward(system), "  "),
        indent(_backward(system), "  "),
        f"  var kinds = {json.dumps(kinds)};",
        indent(_public(system, losses, initial), "  "),
        "  return { forward: forward, backward: backward };",
        "})();",
        f'if (typeof module !== "undefined" && module.exports) module.exports = {name};',
    ]
    return "\n".join(lines) + "\n"


def _warpings(system: System) -> list[str]:
    lines = []
    for name, kind in system.warping.items():
        if kind not in WARPINGS:
            raise ValueError(f"warping {name}: expected one of {', '.join(WARPINGS)}, got {kind!r}")
        for prefix, body in zip(("", "d"), WARPINGS[kind], strict=True):
            body = body.replace("tanh(0.5 * z) ** 2", "Math.pow(Math.tanh(0.5 * z), 2)")
            body = body.replace("tanh(z) ** 2", "Math.pow(Math.tanh(z), 2)")
            body = re.sub(r"(?<!Math\.)tanh", "Math.tanh", body)
            inner = f"function (z) {{ return {body}; }}"
            lines.append(f"function {prefix}{name}(a) {{ return a.map({inner}); }}")
    if "cut(" in system.text["forward"]:
        lines.append("function cut(z) { return z; }  // the value passes, no error comes back")
    return lines


def _leaves(system: System, first: str) -> list[str]:
    """Lines that take the parameters and sizes apart."""
    lines = [f"var {lags} = lags.{lags};" for lags in system.lag_sets]
    for name in (*system.parameters, *system.constants):
        lags = system.taps.get(name)
        value = f"byLag({lags}, params.{name})" if lags else f"params.{name}"
        lines.append(f"var {name} = {value};")
    depth = str(max(system.depth.values()))
    if system.lag_sets:
        every = ", ".join(system.lag_sets)
        depth = f"Math.max.apply(null, [{depth}].concat({every}).map(Math.abs))"
    lines.append(f"var N = {first}.length, K = {depth};")
    for size, (name, axis) in size_sources(system).items():
        if name in system.inputs:
            lines.append(
                f"var {size} = N ? {first.replace(next(iter(system.inputs)), name)}[0].length : 0;"
            )
            continue
        leaf = f"params.{name}" + "[0]" * (name in system.taps)
        shape = {**system.parameters, **system.constants}[name]
        lines.append(f"var {size} = {leaf}{'[0]' * (len(shape) + axis)}.length;")
    return lines


def _block(equations: list[Equation], head: str) -> list[str]:
    body = []
    for e in equations:
        page, line = Page().equation(e), JavaScript().statement(e)
        body += [f"  {line}"] if line == page + ";" else [f"  // {page}", f"  {line}"]
    return [head, *body, "}"]


def _loop(direction: int) -> str:
    up = direction > 0
    return "for (var n = 0; n < N; n++) {" if up else "for (var n = N - 1; n >= 0; n--) {"


def _forward(system: System) -> str:
    initial = starts(system)
    lines = _leaves(system, next(iter(system.inputs)))
    lines += [f"{x} = padded({x}, N, K, {size});" for x, (size,) in system.inputs.items()]
    lines += [f"var {e.name} = steps(N, K, {e.lhs.shape[0]});" for e in system.forward]
    lines += [f"if ({key}) {name}[{index}] = {key};" for name, index, key in initial]
    for sweep in system.passes:
        lines += _block(list(sweep.equations), _loop(sweep.direction))
    names = [*system.inputs, *(e.name for e in system.forward)]
    items = [f"{z}: {z}.slice(0, N)" for z in names]
    items += [f"{key}: {name}[{index}]" for name, index, key in initial]
    arguments = ["params", *system.inputs, *(key for _, _, key in initial), "lags"]
    return _function("forwardOne", arguments, lines, items)


def _backward(system: System) -> str:
    sums, values, initial = sums_and_values(system)
    losses = [f"dL_d{z}" for z in system.outputs]
    lines = _leaves(system, f"trace.{next(iter(system.inputs))}")
    read = {z: shape[0] for z, shape in {**system.inputs, **system.sequences}.items()}
    lines += [f"var {z} = padded(trace.{z}, N, K, {size});" for z, size in read.items()]
    lines += [f"{name}[{index}] = trace.{key};" for name, index, key in starts(system)]
    lines += [f"{e} = padded({e}, N, K, {read[e[4:]]});" for e in losses]
    lines += [f"var {e.name} = steps(N, K, {e.lhs.shape[0]});" for e in (*system.backward, *values)]
    for direction, equations in sweeps_back(system, system.backward):
        lines += _block(equations, _loop(direction))
    for e in sums:
        key = key_of(e)
        tapped = f"each({key}, function (l, W) {{ return zeros(W); }})"
        lines.append(f"var {e.name} = {tapped if isinstance(e.lhs, Tap) else f'zeros({key})'};")
    block = _block(values, _loop(1))[:-1]
    for e in sums:
        block += [f"  // {Page().equation(e)}", *(f"  {row}" for row in _accumulate(system, e))]
    lines += [*block, "}"]
    for e in initial:
        lines += [f"// {Page().equation(e)}", f"var dE_d{key_of(e)} = {JavaScript().at(e.rhs)};"]
    items = []
    for e in sums:
        lags = system.taps.get(key_of(e))
        taps = f"{lags}.map(function (l) {{ return {e.name}[l]; }})"
        items.append(f"{key_of(e)}: {taps if lags else e.name}")
    items += [f"{key_of(e)}: {e.name}.slice(0, N)" for e in values]
    items += [f"{key_of(e)}: dE_d{key_of(e)}" for e in initial]
    items += [f"{e.name}: {e.name}.slice(0, N)" for e in system.backward]
    return _function("backwardOne", ["params", "trace", *losses, "lags"], lines, items)


def _accumulate(system: System, e: Equation) -> list[str]:
    """The terms of a sum over time, each added to what is there."""
    js, body, target = JavaScript(), e.rhs.args[0], e.name + "[l]" * isinstance(e.lhs, Tap)
    rows = []
    for term in body.args if isinstance(body, MatAdd) else (body,):
        number, z = split(term)
        if isinstance(z, MatMul) and e.lhs.shape[1] != 1:
            a, b = z.args
            rows.append(f"addOuter({target}, {js.at(scale(number, a))}, {js.at(b.args[0])});")
        elif e.lhs.shape[1] == 1:
            rows.append(f"addTo({target}, {js.at(term)});")
    if isinstance(e.lhs, Tap):
        loop = f"{system.taps[key_of(e)]}.forEach(function (l) {{"
        return [loop, *(f"  {row}" for row in rows), "});"]
    return rows


def _function(name: str, arguments: list[str], lines: list[str], items: list[str]) -> str:
    body = [*lines, "return {", ",\n".join(f"  {item}" for item in items), "};"]
    return f"function {name}({', '.join(arguments)}) {{\n" + indent("\n".join(body), "  ") + "\n}"


def _public(system: System, losses: list[str], initial: list[str]) -> str:
    """The two functions for a batch or a single sequence."""
    x = next(iter(system.inputs))
    arguments = ["params", *system.inputs, *initial, *(["lags"] if system.lag_sets else [])]
    lags = "null"
    head = ""
    if system.lag_sets:
        first = {lag_set: name for name, lag_set in reversed(system.taps.items())}
        defaults = ", ".join(
            f"{k}: params.{v}.map(function (_, k) {{ return k; }})" for k, v in first.items()
        )
        head = f"  lags = Object.assign({{ {defaults} }}, lags);\n"
        lags = "lags"
    picked = [f'pick({z}, "steps", at)' for z in system.inputs]
    picked += [f'pick({z}, "state", at)' for z in initial]
    own = ", ".join([*system.inputs, *initial, lags])
    keep = "trace.lags = lags;" if system.lag_sets else ""
    trace_lags = "trace.lags" if system.lag_sets else "null"
    chosen = ", ".join(f'pick({z}, "steps", at)' for z in losses)
    return f"""\
function forward({", ".join(arguments)}) {{
{head}  var trace;
  if (!{x}.length || !Array.isArray({x}[0][0])) {{
    trace = forwardOne(params, {own});
  }} else {{
    var all = {x}[0].map(function (_, at) {{ return forwardOne(params, {", ".join([*picked, lags])}); }});
    trace = each(all[0], function (k) {{ return merge(all.map(function (t) {{ return t[k]; }}), kinds[k]); }});
  }}
  {keep}
  return trace;
}}
function backward(params, trace, {", ".join(losses)}) {{
  if (!trace.{x}.length || !Array.isArray(trace.{x}[0][0])) {{
    return backwardOne(params, trace, {", ".join([*losses, trace_lags])});
  }}
  var all = trace.{x}[0].map(function (_, at) {{
    var one = each(kinds, function (k, kind) {{ return trace[k] && pick(trace[k], kind, at); }});
    return backwardOne(params, one, {chosen}, {trace_lags});
  }});
  return each(all[0], function (k) {{
    return merge(all.map(function (g) {{ return g[k]; }}), kinds[k] || "sum");
  }});
}}"""
