r"""A declared system as a trainable layer: forward equations in, a layer out.

>>> import numpy as np
>>> from lstm_lib.derive import System
>>> cell = System.from_equations('''
...     g[n] = logistic(W_xg @ x[n] + W_vg @ v[n-1] + b_g)
...     v[n] = g[n] * v[n-1] + (1 - g[n]) * tanh(W_xv @ x[n] + b_v)
... ''')
>>> layer = DerivedLayer(cell, d_x=3, d_s=5, rng=0)
>>> layer
DerivedLayer('Cell', d_x=3, d_s=5, dtype=float64): 65 parameters
>>> trace = layer.forward(np.ones((7, 3)))  # 7 steps of a single sequence
>>> trace.g.shape
(7, 5)
>>> grads = layer.backward(trace, dE_dv=trace.v)  # of E = 1/2 sum of |v[n]|^2
>>> grads.params["W_vg"].shape, grads.x.shape, grads.v0.shape
((5, 5), (7, 3), (5,))

What runs is not the text that ``system.numpy_source()`` prints, but another program of the same
derived equations, which :mod:`lstm_lib.derive.fast` sorts for speed; tests hold the numbers of both
together. So no gradient equation of such a layer was ever typed in. It still costs more time than
a layer written by hand; ``benchmarks/README.md`` says how much.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from inspect import signature
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.derive import System
from lstm_lib.derive.declare import starts
from lstm_lib.derive.fast import fast_source
from lstm_lib.derive.frame import size_names
from lstm_lib.derive.plain import arguments, values
from lstm_lib.derive.roles import factors, feedback
from lstm_lib.layers import initialise
from lstm_lib.layers.base import Gradients, Layer, Trace, in_range
from lstm_lib.parameters import Parameters

__all__ = ["DerivedLayer", "Passes", "passes"]

Array = NDArray[np.floating]

OPTIONS = ("system", "rng", "dtype", "lags", "weights")  # so not names of sizes or constants


@dataclass(frozen=True)
class _State:
    """A start value: the sequence that begins with it, how many steps before, which way it runs."""

    sequence: str
    depth: int  # 1 for s[-1], 2 for s[-2]
    size: int
    direction: int  # -1: the sweep runs from the last step to the first

    @property
    def last(self) -> str:
        """The name of the error that arrives at the end from beyond."""
        return f"dE_d{self.sequence}_last" + (f"_{self.depth}" if self.depth > 1 else "")

    def step(self, steps: int) -> int:
        """The step of a segment whose value the next one has as this start value."""
        return steps - self.depth if self.direction > 0 else self.depth - 1


@dataclass(frozen=True)
class _Work:
    """One pass: the weights that it used, with the constants, and what the program returned."""

    weights: dict[str, Array]
    trace: dict[str, Any]  # sequences (N, B, d), start values (B, d)
    steps: int
    batch: int


class Passes(NamedTuple):
    """A printed program, ready to be called."""

    forward: Callable[..., dict[str, Any]]
    backward: Callable[..., dict[str, Any]]


def passes(program: System | str, **names: Any) -> Passes:
    """The two functions of a system's NumPy program, or of a program's text, as they stand there.

    They take and return plain arrays, complex ones too; ``system.numpy_source()`` is their text.
    Text may use further ``names``. It is run as any Python module is: run what you would import.
    """
    if isinstance(program, System) and not names:
        return _passes(program)
    text = program if isinstance(program, str) else program.numpy_source()
    exec(compile(text, "<program>", "exec"), names)
    return Passes(names["forward"], names["backward"])


@lru_cache(64)
def _passes(system: System) -> Passes:
    return passes(system.numpy_source())


@lru_cache(64)
def _fast(system: System) -> Passes:
    """The same two functions, computed as fast as passes over the program can make them."""
    return passes(fast_source(system))


class DerivedLayer(Layer):
    r"""A layer that runs the forward and the backward pass which the engine derives.

    Parameters
    ----------
    system
        A :class:`~lstm_lib.derive.system.System`; or the arguments of one as a mapping, or its
        forward equations alone as text, for :meth:`System.from_equations`. Its first input is the
        layer's input, its first output the layer's value, on which a read-out stands.
    lags
        The lags of each window by its name in the declaration (``L_du``, or ``du`` for short): a
        range or list of lags l in $x[n-l]$, negative ones in the future, or a number L for
        ``range(L)``.
    weights
        Initial values of parameters by name; the others are drawn.
    rng
        Seed or ``numpy.random.Generator`` for the initial weights. A matrix that multiplies what
        an earlier step has computed is random orthogonal, any other normal with variance one over
        the number of its columns (with T taps, the taps together count as one such matrix). A
        vector that multiplies component by component is uniform between 0 and 1; one that is only
        added is 0.
    dtype
        float64 or float32; everything that the layer returns has it.
    **sizes_and_constants
        Every size of the declaration, ``d_x=3, d_s=5``, and every constant, ``P=np.eye(5)``.

    Attributes
    ----------
    params
        The parameters by their names in the declaration; with a tap axis in front for a window.
    sizes, constants, lags
        As given. ``d_x`` and ``d_out`` are the sizes of the layer's input and value.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument; the message names it, what was expected and what came.
    OverflowError
        If finite arguments lead beyond the range of ``dtype``; the message names the step.
    """

    def __init__(
        self,
        system: System | Mapping[str, Any] | str,
        *,
        lags: Mapping[str, Any] | None = None,
        weights: Mapping[str, Any] | None = None,
        rng: int | np.random.Generator = 0,
        dtype: Any = np.float64,
        **sizes_and_constants: Any,
    ) -> None:
        self.system = _system(system)
        self.dtype = checks.float_dtype("dtype", dtype)
        random = checks.generator("rng", rng)
        self.sizes, given = _sizes(self.system, sizes_and_constants)
        self.lags = _lags(self.system, {} if lags is None else lags)
        self.constants = {
            name: checks.array(name, given[name], self._shape(name), self.dtype, copy=True)
            for name in self.system.constants
        }
        for constant in self.constants.values():  # traces share them
            constant.flags.writeable = False
        self.params = Parameters(
            {name: self._shape(name) for name in self.system.parameters}, self.dtype
        )
        self._states = {
            key: _State(name, k, self._size(name), self.system.direction[name])
            for name, depth in self.system.depth.items()
            for k, (_, _, key) in enumerate(
                [start for start in starts(self.system) if start[0] == name][:depth], start=1
            )
        }
        self._input_name, *self._more_inputs = self.system.inputs
        self.output = self.system.outputs[0]
        self.d_x, self.d_out = self._size(self._input_name), self._size(self.output)
        _draw(self.system, self.params, random)
        for name, value in _named("weights", weights or {}, self.params).items():
            W = self.params[name]
            W[...] = checks.array(f"weights[{name!r}]", value, W.shape, self.dtype)

    def _size(self, name: str) -> int:
        """The number of components of an input or a sequence."""
        (size,) = (self.system.inputs | self.system.sequences)[name]
        return self.sizes[str(size)]

    def _shape(self, name: str) -> tuple[int, ...]:
        """The shape of a parameter or constant."""
        system = self.system
        taps = (len(self.lags[system.taps[name]]),) if name in system.taps else ()
        shape = (system.parameters | system.constants)[name]
        return *taps, *(self.sizes[str(size)] for size in shape)

    @property
    def states(self) -> dict[str, int]:
        """The start values, ``s0`` for $s[-1]$, ``s0_2`` for $s[-2]$, with their sizes."""
        return {key: state.size for key, state in self._states.items()}

    def forward(self, x: Any, **given: Any) -> Trace:
        r"""Run the system over a sequence.

        Parameters
        ----------
        x
            Inputs, ``(N, B, d_x)``, or ``(N, d_x)`` for a single sequence.
        **given
            Further inputs by name, of as many steps; start values ``s0``, ... by name, ``(B, d_s)``
            or ``(d_s,)``, zero unless given.

        Returns
        -------
        Trace
            Every sequence of the declaration, by its name.
        """
        x, single = self._input(x)
        steps, _, batch = x.shape
        known = (*self._more_inputs, *self._states)
        for name in given:
            if name not in known:
                want = ", ".join(known) or "nothing"
                raise TypeError(f"forward: expected {want} by name, got {name!r}")
        inputs = {self._input_name: x.swapaxes(1, 2)}
        for name in self._more_inputs:
            if name not in given:
                raise TypeError(
                    f"{name} has no equation, so it is an input: expected by name, got nothing"
                )
            inputs[name] = self._sequence(name, given[name], name, steps, batch, single)
        for key, state in self._states.items():
            inputs[key] = self._start(key, given.get(key), state.size, batch, single).T
        weights = {name: W.copy() for name, W in self.params.items()} | self.constants
        options = {"lags": dict(self.lags)} if self.lags else {}
        with np.errstate(all="ignore"):
            out = _fast(self.system).forward(weights, **inputs, **options)
        symbols = {name: z.swapaxes(-1, -2) for name, z in out.items() if name != "lags"}
        for name in self.system.sequences:
            in_range(name, symbols[name])
        symbols.setdefault("x", symbols[self._input_name])
        return Trace(self, symbols, single, _Work(weights, out, steps, batch))

    def backward(self, trace: Trace, dE_dout: Any = None, **errors: Any) -> Gradients:
        r"""Send the loss's gradient back through a trace.

        The equations are ``layer.system.backward`` and ``layer.system.gradients``.

        Parameters
        ----------
        trace
            What :meth:`forward` returned.
        dE_dout
            The loss's own gradient at the layer's value at every step, without what comes back
            through later steps; also by its name, ``dE_dv``.
        **errors
            Gradients at further outputs of the system by name, 0 unless given; and those that
            arrive at the end from beyond the sequence, ``dE_ds_last``, ``dE_dv_last``, ...

        Returns
        -------
        Gradients
            ``params``; inputs and start values by their names; every error that has a name.
        """
        work: _Work = self._check_trace(trace)
        N, B, single = work.steps, work.batch, trace._single
        at_output = {f"dE_d{name}": name for name in self.system.outputs}
        at_end = {state.last: key for key, state in self._states.items()}
        if dE_dout is not None:
            if (name := f"dE_d{self.output}") in errors:
                raise TypeError(f"{name}: expected it once, got it by name and by place")
            errors[name] = dE_dout
        for name in errors:
            if name not in at_output and name not in at_end:
                want = ", ".join([*at_output, *at_end])
                raise TypeError(f"backward: expected {want} by name, got {name!r}")
        if not any(name in errors for name in at_output):
            raise TypeError(f"dE_d{self.output}: expected the loss's gradient, got nothing")
        losses = {
            out: self._sequence(name, errors.get(name), out, N, B, single)
            for name, out in at_output.items()
        }
        late = {
            at_end[name]: self._start(name, value, self.states[at_end[name]], B, single).T
            for name, value in errors.items()
            if name in at_end and value is not None
        }
        system = self.system
        if any(self._states[key].sequence not in losses for key in late):
            system = _open(self.system)
            for name in system.outputs:
                shape = (N, B, self._size(name))
                losses.setdefault(name, np.zeros(shape, self.dtype))
        with np.errstate(all="ignore"):
            for key, error in late.items():
                state = self._states[key]
                if not self._beyond(key, N):
                    losses[state.sequence][state.step(N)] += error
            for name, loss in losses.items():
                checks.in_range(f"dE_d{name}", loss)
            out = _fast(system).backward(
                work.weights, work.trace, *(losses[name] for name in system.outputs)
            )
        own, theirs = self.system.derivation.named, system.derivation.named
        names = {own[sequence]: theirs[sequence] for sequence in own}
        symbols = {name: out[name] for name in (*self.system.inputs, *self._states)}
        for key, error in late.items():
            if earlier := self._beyond(key, N):
                symbols[earlier] = symbols[earlier] + error
        symbols |= {name: out[made] for name, made in names.items()}
        symbols = {name: z.swapaxes(-1, -2) for name, z in symbols.items()}
        for name in names:
            in_range(name, symbols[name], backward=True)
        symbols.setdefault("x", symbols[self._input_name])
        grads = self.params.zeros()
        for name, gradient in grads.items():
            gradient[...] = out[name]
        return Gradients(grads, symbols, single)

    def final(self, trace: Trace) -> dict[str, Array]:
        """The start values of a next segment; sweeps that run backward in time start anew."""
        N = self._check_trace(trace).steps
        found = {}
        for key, state in self._states.items():
            if state.direction > 0:
                earlier = self._beyond(key, N)
                value = getattr(trace, earlier or state.sequence)
                found[key] = np.array(value if earlier else value[state.step(N)])
        return found

    def _beyond(self, key: str, steps: int) -> str:
        """The start value that stands where a next segment looks for this one, or nothing.

        A segment of one step leaves s[-1] where the next one reads s[-2].
        """
        state = self._states[key]
        return next(
            (
                other
                for other, its in self._states.items()
                if (its.sequence, its.depth) == (state.sequence, state.depth - steps)
            ),
            "",
        )

    def _sequence(
        self, name: str, value: Any, of: str, steps: int, batch: int, single: bool
    ) -> Array:
        """An input, or errors at a sequence, as ``(N, B, d)``, a copy; ``None`` is 0."""
        size = self._size(of)
        if value is None:
            return np.zeros((steps, batch, size), self.dtype)
        shape = (steps, size) if single else (steps, batch, size)
        given = checks.array(name, value, shape, self.dtype, copy=True)
        return given.reshape(steps, batch, size)

    def __deepcopy__(self, memo: dict[int, Any]) -> DerivedLayer:
        """A layer with weights of its own; the declaration is the same."""
        twin = memo[id(self)] = copy.copy(self)
        twin._params = copy.deepcopy(self.params, memo)
        return twin

    @property
    def options(self) -> dict[str, Any]:
        """What the layer is made of, in values that JSON can hold: ``DerivedLayer(**options)``."""
        constants = {name: value.tolist() for name, value in self.constants.items()}
        lags = {name: list(lags) for name, lags in self.lags.items()}
        made = {"system": values(self.system), "lags": lags, **self.sizes, **constants}
        return made | {"dtype": self.dtype}

    @property
    def causal(self) -> bool:
        """Whether it goes from state to state: nothing runs backward, no window looks elsewhere."""
        forward = all(state.direction > 0 for state in self._states.values())
        return forward and bool(self._states) and all(own == (0,) for own in self.lags.values())

    def _describe(self) -> str:
        sizes = ", ".join(f"{name}={size}" for name, size in self.sizes.items())
        inputs = f"inputs {', '.join(self.system.inputs)}, " if self._more_inputs else ""
        return f"{self.system.name!r}, {inputs}{sizes}"


@lru_cache(64)
def _open(system: System) -> System:
    """The same system with a loss that reads every sequence with a start value, too."""
    states = [name for name, depth in system.depth.items() if depth]
    outputs = dict.fromkeys([*system.outputs, *states])
    named = [  # the engine names the error of an output differently, and so must a declaration
        f"{z}: {error}"
        for z, error in system.adjoints.items()
        if z not in outputs or error != f"dE_d{z}"
    ]
    text = system.text | {"outputs": " ".join(outputs), "adjoints": ", ".join(named)}
    return System(system.name, warping=system.warping, source=system.source, **text)


def _system(given: Any) -> System:
    """The system itself, or one from its declaration."""
    if isinstance(given, str):
        given = System.from_equations(given)
    elif isinstance(given, Mapping):
        given = System(**arguments(_declaration(given)))
    if not isinstance(given, System):
        raise TypeError(
            f"system: expected a System, its declaration or its equations, got {given!r}"
        )
    if not given.name.isprintable() or set(given.name) & set('"\\'):
        raise ValueError(f"system: expected a name without quotes, in one line, got {given.name!r}")
    for name in (*size_names(given), *given.constants):
        if name in OPTIONS:
            raise ValueError(f"system: expected no size or constant called {name}, got one")
    first, *more = given.inputs
    symbols = (*given.sequences, *given.adjoints.values(), *more)
    for name in (*symbols, *([first] if first != "x" else [])):
        if name in ("x", "names", "self") or name.startswith("_"):  # the trace's or a call's own
            raise ValueError(f"system: expected no sequence, input or error called {name}, got one")
    return given


def _declaration(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments of a ``System``: none is missing, and texts are texts."""
    known = signature(System).parameters
    for name in given:
        if name not in known:
            raise TypeError(f"system: expected names among {', '.join(known)}, got {name!r}")
    for name, argument in known.items():
        if name not in given and argument.default is argument.empty:
            raise TypeError(f"system: expected {name}, too, got {', '.join(given) or 'nothing'}")
        if name != "warping" and not isinstance(given.get(name, ""), str):
            raise TypeError(f"system[{name!r}]: expected text, got {given[name]!r}")
    return given


def _sizes(system: System, given: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, Any]]:
    """The sizes, checked, and the constants that stand among them."""
    sizes = size_names(system)
    for name in given:
        if name not in sizes and name not in system.constants:
            want = ", ".join([*sizes, *system.constants])
            raise TypeError(f"system {system.name!r}: expected {want} by name, got {name!r}")
    missing = []
    for names, one, several in (
        (sizes, "a whole number >= 1", "whole numbers >= 1"),
        (system.constants, "an array", "arrays"),
    ):
        if lack := [name for name in names if name not in given]:
            want = one if len(lack) == 1 else several
            missing.append(f"{', '.join(lack)}: expected {want} by name, got nothing")
    if missing:
        raise TypeError("; ".join(missing))
    return {name: checks.size(name, given[name]) for name in sizes}, dict(given)


def _lags(system: System, given: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The lags of every window."""
    short = {name.removeprefix("L_"): name for name in system.lag_sets}
    known = dict.fromkeys(system.lag_sets, None) | short
    named = {known[name] or name: value for name, value in _named("lags", given, known).items()}
    found = {}
    for name in system.lag_sets:
        if name not in named:
            raise TypeError(f"lags: expected the lags of {name}, got nothing")
        value, least = named[name], system.least.get(name)
        want = f"lags[{name!r}]: expected different whole numbers, or a number of lags >= 1"
        whole = (int, np.integer)
        if isinstance(value, whole) and not isinstance(value, (bool, np.bool_)):
            value = range(int(value))
        if not isinstance(value, Iterable) or not all(isinstance(l, whole) for l in value):
            raise TypeError(f"{want}, got {value!r}")
        lags = tuple(int(l) for l in value)
        if not lags or len(set(lags)) < len(lags):
            raise ValueError(f"{want}, got {value!r}")
        if least is not None and min(lags) < least:
            raise ValueError(
                f"lags[{name!r}]: expected lags of at least {least}, where all is computed "
                f"already, got {value!r}"
            )
        found[name] = lags
    return found


def _named(what: str, given: Any, known: Iterable[str]) -> dict[str, Any]:
    """A mapping all of whose names are known."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{what}: expected a mapping from names, got {given!r}")
    for name in given:
        if name not in (names := list(known)):
            want = ", ".join(map(repr, names)) or "nothing"
            raise ValueError(f"{what}: expected one of {want}, got {name!r}")
    return dict(given)


def _draw(system: System, params: Parameters, random: np.random.Generator) -> None:
    """The initial weights that the class describes."""
    back, scales = feedback(system), factors(system)
    for name, W in params.items():
        taps = len(W) if name in system.taps else 1
        if len(system.parameters[name]) == 1:
            if name in scales:
                W[...] = random.uniform(size=W.shape)
            continue
        each = W.reshape(taps, *W.shape[-2:])
        for tap in each:
            draw = initialise.orthogonal if name in back else initialise.normal
            tap[...] = draw(tap.shape, random, taps**-0.5)
