"""Compare a layer with the plain equations: values exactly, derivatives by complex steps."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from tests.equations import no_nudge

STEP = 1e-30


@dataclass
class Problem:
    """A layer, everything it needs for one forward and backward pass, and its plain equations.

    ``signals`` says which gradient is the derivative at which symbol, e.g. ``psi -> s``.
    ``last`` holds the errors that arrive at final values, e.g. ``dE_ds_last``.
    """

    layer: object
    equations: object
    x: np.ndarray
    dE_dout: np.ndarray
    start: dict = field(default_factory=dict)
    last: dict = field(default_factory=dict)
    signals: dict = field(default_factory=dict)

    def forward(self):
        return self.layer.forward(self.x, **self.start)

    def backward(self, trace=None):
        return self.layer.backward(trace or self.forward(), self.dE_dout, **self.last)

    def start_or_zero(self):
        zero = {
            name: np.zeros((*self.x.shape[1:-1], size)) for name, size in self.layer.states.items()
        }
        return zero | self.start

    def loss(self, p, x, start, nudges):
        """The scalar whose gradient ``backward`` claims to be, in plain equations."""
        if x.ndim == 2:
            x, start = x[:, None], {k: v[None] for k, v in start.items()}
        total = 0
        for b in range(x.shape[1]):
            nudge = partial(pick, nudges, b) if nudges else no_nudge
            symbols = self.equations(p, x[:, b], {k: v[b] for k, v in start.items()}, nudge)
            errors = self.dE_dout if self.dE_dout.ndim == 2 else self.dE_dout[:, b]
            total = total + (errors * symbols[self.layer.output]).sum()
            for name, error in self.last.items():
                part, dot, own = name.rpartition(".")
                values = symbols[part + dot + own.removeprefix("dE_d").removesuffix("_last")]
                value = values[0 if "backward." in name else -1]
                total = total + ((error if error.ndim == 1 else error[b]) * value).sum()
        return total


def pick(nudges, b, symbol, n):
    array = nudges.get(symbol)
    if array is None:
        return 0
    return array[n] if array.ndim == 2 else array[n, b]


def close(name, got, want, rtol=1e-9):
    """Equal up to rounding, relative to the largest entry; says both numbers if not."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"{name}: shape {got.shape}, expected {want.shape}"
    scale = np.abs(want).max(initial=0) + 1e-3
    worst = np.abs(got - want).max(initial=0)
    assert worst <= rtol * scale, f"{name}: off by {worst:.3e}\ngot  {got}\nwant {want}"


def check_forward(problem, rtol=1e-12):
    """Every symbol of the trace against the plain equations."""
    trace, start = problem.forward(), problem.start_or_zero()
    single = problem.x.ndim == 2
    x = problem.x[:, None] if single else problem.x
    for b in range(x.shape[1]):
        begin = {k: v if single else v[b] for k, v in start.items()}
        symbols = problem.equations(problem.layer.params, x[:, b], begin)
        for name, want in symbols.items():
            value = getattr(trace, name)
            assert value.dtype == problem.layer.dtype
            close(name, value if single else value[:, b], want, rtol)
    close("x", trace.x, problem.x, 0)
    for name, value in start.items():
        close(name, getattr(trace, name), value, 0)


def check_backward(problem, rng, rtol=1e-9):
    """Every gradient and error signal against a complex step along one random direction of all.

    Each is turned by about its own size, so that a wrong one shows whatever the sizes of the
    others; only then each is turned alone, to name it.
    """
    grads, params = problem.backward(), problem.layer.params
    start = problem.start_or_zero()
    assert list(grads.params) == list(params)
    got = {("params", name): grads.params[name] for name in params}
    got |= {("x", "x"): grads.x} | {("start", name): getattr(grads, name) for name in start}
    got |= {("nudge", symbol): getattr(grads, name) for name, symbol in problem.signals.items()}
    for name, value in params.items():
        assert grads.params[name].shape == value.shape
    along = {
        key: rng.normal(size=value.shape) / (np.linalg.norm(value) + 1e-3)
        for key, value in got.items()
    }

    def differ(keys):
        """Their gradients along their directions, and the complex step's."""
        step = {key: 1j * STEP * along[key] for key in keys}

        def turned(kind, values):
            return {k: np.asarray(v) + step.get((kind, k), 0) for k, v in values.items()}

        nudges = {name: d for (kind, name), d in step.items() if kind == "nudge"}
        x = problem.x + step.get(("x", "x"), 0)
        loss = problem.loss(turned("params", params), x, turned("start", start), nudges)
        have = sum(float((got[key] * along[key]).sum()) for key in keys)
        want = loss.imag / STEP
        wrong = abs(have - want) > rtol * (len(keys) ** 0.5 + abs(want))
        return f"backward {have!r}, complex step {want!r}" if wrong else ""

    if together := differ(list(got)):
        for key in got:
            if alone := differ([key]):
                raise AssertionError(f"{key[1]}: {alone}")
        raise AssertionError(f"all at once: {together}")
