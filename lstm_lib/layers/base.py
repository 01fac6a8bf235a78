r"""What all recurrent layers share: checks of sequences, traces and gradients.

Arrays come and go time-major, ``(N, B, d)``. Inside the layers the components come first and
the sequences last, ``(N, d, B)``: then $W x[n]$ on the page is ``W @ x[n]`` in the code, and the
gates lie side by side in memory.
"""

from __future__ import annotations

import copy
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.parameters import Parameters

__all__ = [
    "Exportable", "Gradients", "Layer", "Part", "Trace", "chunks", "columns", "in_range",
    "last_error", "of_start", "shifted", "times",
]  # fmt: skip

Array = NDArray[np.floating]

# A pass asks for a few large blocks and frees them at its end. The C library hands blocks above a
# threshold back to the system and fetches them anew, page by page, at the next pass, which took up
# to 40 % of a training step. It raises the threshold, to 32 MiB at most, when a block of that size
# is freed: mallopt(3), M_MMAP_THRESHOLD. The block is never touched and costs nothing.
if sys.platform == "linux":
    np.empty(2**25 - 2**16, np.uint8)

Symbol = Array | Callable[[], Array]


class _Symbols:
    """Arrays under the page's symbols, read as attributes; ``names`` lists them."""

    _writeable = True

    def __init__(self, symbols: Mapping[str, Symbol], single: bool) -> None:
        self._symbols = dict(symbols)
        self._single = single

    @property
    def names(self) -> tuple[str, ...]:
        """The symbols that can be read."""
        return tuple(self._symbols)

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._symbols:
            raise AttributeError(f"expected one of {', '.join(self._symbols)}, got {name!r}")
        symbol = self._symbols[name]
        with checks.quiet():
            work = symbol() if callable(symbol) else symbol
        seen = work[..., 0] if self._single else work.swapaxes(-1, -2)
        seen.flags.writeable = self._writeable
        return seen

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._symbols]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._symbols)})"


class Trace(_Symbols):
    """What a forward pass computed, under the page's symbols.

    Sequences are ``(N, B, d)``, or ``(N, d)`` for a single one; start values ``s0``, ``v0``, ...
    have no time axis. The arrays belong to this trace alone and are read-only: ``backward`` works
    with them.

    ``params`` are the weights that were used, under the layer's names: ``backward`` returns the
    gradient at *those* weights even after the layer has learned. A layer that keeps a copy of its
    own gives a function that makes them from it; otherwise they are copied here.
    """

    _writeable = False

    def __init__(
        self,
        layer: Layer,
        symbols: Mapping[str, Symbol],
        single: bool,
        work: Any = None,
        params: Callable[[], Parameters] | None = None,
    ) -> None:
        super().__init__(symbols, single)
        self._layer = layer
        self._work = work
        self._params = params or layer.params.copy().freeze()

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise AttributeError(f"{name}: expected nothing to be assigned to a trace, got it")
        super().__setattr__(name, value)

    @property
    def params(self) -> Parameters:
        """The weights that were used, read-only."""
        if callable(self._params):
            self._params = self._params().freeze()
        return self._params


class Gradients(_Symbols):
    r"""Derivatives of the loss $E$: the parameters', the inputs', and the page's error signals.

    ``params`` has the same names and shapes as the layer's; ``params.flat`` is the whole
    gradient as one vector, in the layer's order.
    """

    def __init__(self, params: Parameters, symbols: Mapping[str, Symbol], single: bool) -> None:
        super().__init__(symbols, single)
        self.params = params
        checks.in_range("gradient", params.flat, self.x)


class Exportable:
    """Which of PyTorch, Keras and ONNX have a layer, and why the others have not.

    >>> from lstm_lib import VanillaLSTM
    >>> VanillaLSTM(2, 4, "diagonal").exportable
    Exportable(torch: no, there are no peepholes; keras: no, there are no peepholes; onnx: yes)
    >>> "onnx" in VanillaLSTM(2, 4, "diagonal").exportable
    True
    >>> VanillaLSTM(2, 4).exportable.lacking["onnx"]
    'peepholes are diagonal there'

    Attributes
    ----------
    lacking
        A reason for every target that has no such layer; the conversions in
        :mod:`lstm_lib.exchange` refuse with it.
    """

    TARGETS = ("torch", "keras", "onnx")

    def __init__(self, lacking: Mapping[str, str]) -> None:
        self.lacking = {target: lacking[target] for target in self.TARGETS if target in lacking}

    def __contains__(self, target: object) -> bool:
        return checks.one_of("target", target, self.TARGETS) not in self.lacking

    def __iter__(self) -> Iterator[str]:
        return (target for target in self.TARGETS if target not in self.lacking)

    def __repr__(self) -> str:
        found = [
            f"{target}: no, {self.lacking[target]}" if target in self.lacking else f"{target}: yes"
            for target in self.TARGETS
        ]
        return f"Exportable({'; '.join(found)})"


class Part:
    """What a network is made of, described by the arguments of its constructor.

    A subclass keeps every argument under its own name, all but ``rng``; one that is made of other
    parts keeps them in ``parts``, in the order in which its constructor takes them. ``repr``,
    :mod:`~lstm_lib.learning.files` and the tests need nothing else. ``Part.kinds`` has all
    subclasses by module and name.
    """

    kinds: ClassVar[dict[tuple[str, str], type[Part]]] = {}
    parts: Mapping[str, Part] = MappingProxyType({})
    dtype: np.dtype[Any]
    _params: Parameters

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        Part.kinds[cls.__module__, cls.__name__] = cls

    @property
    def params(self) -> Parameters:
        """The parameters; a mapping that is assigned is copied into them, all of it or nothing."""
        return self._params

    @params.setter
    def params(self, value: Parameters) -> None:
        if "_params" in vars(self):
            self._params.take(value)
        elif isinstance(value, Parameters):
            self._params = value
        else:
            raise TypeError(f"params: expected Parameters, got {type(value).__name__}")

    @property
    def options(self) -> dict[str, Any]:
        """The arguments with which the constructor makes one like this, without parts and rng."""
        if self.parts:
            return {}
        arguments = inspect.signature(type(self)).parameters
        return {name: getattr(self, name) for name in arguments if name != "rng"}

    @property
    def exportable(self) -> Exportable:
        """Which frameworks have this part, and what the others lack; known before training."""
        return Exportable(self._lacking())

    def _lacking(self) -> dict[str, str]:
        """A reason for every framework without this part; one of our own has no peer."""
        return dict.fromkeys(Exportable.TARGETS, f"there is no {type(self).__name__}")

    def _describe(self) -> str:
        """Parts and options in words, all but the dtype."""
        held = [f"{name}: {part!r}" for name, part in self.parts.items()]
        options = self.options
        return ", ".join(held + [f"{k}={_shown(options[k])}" for k in options if k != "dtype"])

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self._describe()}, dtype={self.dtype.name}): "
            f"{self.params.flat.size} parameters"
        )


def _shown(value: Any) -> str:
    """An option in a ``repr``: a range by its ends."""
    if isinstance(value, range):
        return f"{value.start}..{value.stop - 1}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_shown(part)}" for key, part in value.items()) + "}"
    return repr(value)


class Layer(Part):
    """A recurrent layer: sequences in, sequences out, start values and final errors explicit.

    A subclass sets ``d_x``, ``d_out``, ``dtype`` and ``params``, names what it returns in
    ``output`` and its start values, with their sizes, in ``states``.
    """

    output: str = "v"
    d_x: int
    d_out: int
    _more_inputs: Sequence[str] = ()  # names of what it reads besides x

    @property
    def states(self) -> dict[str, int]:
        """The start values that ``forward`` takes, with their number of components."""
        raise NotImplementedError

    @property
    def causal(self) -> bool:
        """Whether it goes from state to state: the next follows from the last and the input."""
        return bool(self.states)

    def forward(self, x: Any, **start: Any) -> Trace:
        """Run the layer over a sequence."""
        raise NotImplementedError

    def backward(self, trace: Trace, dE_dout: Any, **last: Any) -> Gradients:
        """Send the loss's own gradient at every step, ``dE_dout``, back through a trace."""
        raise NotImplementedError

    def final(self, trace: Trace) -> dict[str, Array]:
        """The start values with which a next segment goes on where ``trace`` ended."""
        self._check_trace(trace)
        return {start: np.array(getattr(trace, of_start(start))[-1]) for start in self.states}

    def _check_one_input(self, name: str) -> None:
        """Refuse a layer that reads more than x, where nothing can give it more."""
        if self._more_inputs:
            more = ", ".join(self._more_inputs)
            raise ValueError(
                f"{name}: expected a layer with one input, got {self!r}, which reads {more} too"
            )

    def as_it_was(self, trace: Trace) -> Self:
        """A copy of the layer with the weights that a trace has used."""
        self._check_trace(trace)
        twin = copy.deepcopy(self)
        twin.params.flat = trace.params.flat
        return twin

    # ---- arguments, checked and in the working layout -------------------------------------

    def _input(self, x: Any) -> tuple[Array, bool]:
        """The input as ``(N, d_x, B)``, a copy, and whether it was a single sequence."""
        self.params.check()
        axes = checks.ndim("x", x)
        if axes not in (2, 3) and np.asarray(x).dtype.kind in "biuf":
            want_either = f"(N, {self.d_x}) or (N, B, {self.d_x})"
            raise ValueError(f"x: expected shape {want_either}, got {np.shape(x)}")
        single = axes == 2
        want = ("N", self.d_x) if single else ("N", "B", self.d_x)
        return _work(checks.array("x", x, want, self.dtype), single), single

    def _start(self, name: str, value: Any, size: int, batch: int, single: bool) -> Array:
        """A start value, or an error that arrives at the end, as ``(size, B)``, a copy."""
        if value is None:
            return np.zeros((size, batch), self.dtype)
        shape = (size,) if single else (batch, size)
        given = checks.array(name, value, shape, self.dtype)
        return np.array(given.reshape(batch, size).T, order="C")

    def _error(self, name: str, value: Any, trace: Trace, steps: int, batch: int) -> Array:
        """The loss's own gradient at every step, as ``(N, d_out, B)``, a copy."""
        single = trace._single
        shape = (steps, self.d_out) if single else (steps, batch, self.d_out)
        return _work(checks.array(name, value, shape, self.dtype), single)

    def _errors(
        self, name: str, value: Any, last_name: str, last: Any, trace: Trace, shape: tuple[int, ...]
    ) -> Array:
        """The loss's own gradient, and at the last step also what arrives from beyond it."""
        steps, _, batch = shape
        errors = self._error(name, value, trace, steps, batch)
        from_beyond = self._start(last_name, last, self.d_out, batch, trace._single)
        with checks.quiet():  # in_range will find it
            errors[-1] += from_beyond
        return errors

    def _check_trace(self, trace: Any) -> Any:
        """The working arrays of a trace of this very layer."""
        if not isinstance(trace, Trace):
            raise TypeError(f"trace: expected a trace of this layer, got {type(trace).__name__}")
        if trace._layer is not self:
            raise ValueError(f"trace: expected a trace of this layer, got one of {trace._layer!r}")
        return trace._work


def _work(array: Array, single: bool) -> Array:
    """``(N, B, d)`` or ``(N, d)`` as a new contiguous ``(N, d, B)``."""
    return np.array(array[..., None] if single else array.swapaxes(1, 2), order="C")


def columns(work: Array) -> Array:
    r"""All steps of ``(N, d, B)`` side by side, ``(d, N·B)``.

    $\sum_n \alpha[n]x[n]^\top$, over steps and sequences, is then one product of two matrices.
    """
    return work.transpose(1, 0, 2).reshape(work.shape[1], -1)


def times(W: Array, work: Array, out: Array) -> None:
    """``W @ work[n]`` for all steps; with a single sequence in one product."""
    if work.shape[2] == 1:
        out[..., 0] = work[..., 0] @ W.T
    else:
        np.matmul(W, work, out=out)


def shifted(start: Array, work: Array) -> Array:
    r"""What was there one step before: ``work[n-1]``, and ``start`` at 0."""
    return np.concatenate([start[None], work[:-1]])


def last_error(state: str) -> str:
    """The final error that belongs to a start value: ``s0`` -> ``dE_ds_last``, with its part."""
    part, dot, name = state.rpartition(".")
    return f"{part}{dot}dE_d{of_start(name)}_last"


def of_start(state: str) -> str:
    """The symbol that begins with a start value: ``s0`` -> ``s``, ``s_c_0`` -> ``s_c``."""
    return state.removesuffix("0").removesuffix("_")


def in_range(name: str, work: Array, backward: bool = False) -> None:
    """Raise ``OverflowError`` naming the step at which a recurrence left the dtype's range.

    The arguments were finite; what they led to is not.
    """
    if not np.isfinite(work).all():
        bad = np.flatnonzero(~np.isfinite(work).all(axis=(1, 2)))
        raise OverflowError(
            f"{name}: expected numbers within the range of {work.dtype}, "
            f"got an overflow at step {bad[-1 if backward else 0]}"
        )


def chunks(steps: int, numbers_per_step: int, itemsize: int) -> Iterator[slice]:
    """Stretches of time, last first, over which factors are precomputed and gradients summed.

    Long enough to make large matrix products, short enough to stay in the processor's cache.
    """
    length = max(8, 2**19 // (numbers_per_step * itemsize))
    for begin in reversed(range(0, steps, length)):
        yield slice(begin, min(begin + length, steps))
