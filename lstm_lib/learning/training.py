"""The training loop: segments, validation, early stopping, progress, files."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checks
from lstm_lib.layers.base import Part
from lstm_lib.layers.rnn import CanonicalRNN
from lstm_lib.learning import files
from lstm_lib.learning.history import History
from lstm_lib.learning.network import Loss, Network
from lstm_lib.learning.optimisers import Optimiser, clip_by_norm, gradient_norm
from lstm_lib.online.rtrl import RTRL

__all__ = ["History", "Training"]

Batches = Callable[[np.random.Generator], tuple[Any, ...]]


class Training:
    """A training run that can be stopped at any moment and continued bit for bit.

    Everything that decides how the run goes on is in this object, and in its checkpoint: the
    parameters, the optimiser's memory, the random generator that draws the batches, the history
    and the best parameters so far. A batch that fails, or that Ctrl-C interrupts, is taken back
    whole: the run stands where it stood before it.

    Parameters
    ----------
    network
        What learns, in place.
    optimiser
        How it moves; one of :mod:`lstm_lib.learning.optimisers`.
    loss
        ``loss(y, target, mask)`` returns $E$ and its gradient; from
        :mod:`lstm_lib.learning.losses`.
        It is not asked about a segment in which nothing counts, where $E$ is 0.
    batches
        ``batches(random)`` returns ``(x, target)`` or ``(x, target, mask)``; whatever is random
        about a batch must come from ``random``.
    rng
        Seed or ``numpy.random.Generator`` of the run.
    clip
        Largest norm of a gradient; no clipping unless given.
    segment
        Cut every batch into segments of that many steps, with an update after each; the whole
        sequence unless given.
    stateful
        Whether a segment begins with the state in which the one before ended, or with zero.
    by
        ``"bptt"``: back-propagation through time within every segment. ``"rtrl"``: real-time
        recurrent learning, for a standard or canonical RNN; with ``stateful=True`` the gradient
        reaches over all segments of a batch, with ``segment=1`` there is an update at every step.
    horizon, every
        BPTT(h; h') within every segment, as in :meth:`Network.backward
        <lstm_lib.learning.network.Network.backward>`; the whole gradient unless given.
    validate
        ``validate(network)`` returns the loss to minimise, without changing the network.
    patience
        Stop after that many looks without a better validation loss; never unless given.

    Raises
    ------
    TypeError, ValueError
        For a wrong argument, or a wrong answer of one of the functions; the message names it.
    OverflowError
        If finite numbers lead beyond the range of the network's dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from lstm_lib.learning.losses import squared_error
    >>> from lstm_lib.layers.lstm import VanillaLSTM
    >>> from lstm_lib.learning.network import Network
    >>> from lstm_lib.learning.optimisers import Adam
    >>> from lstm_lib.layers.readout import Dense
    >>> def sums(random):  # 5 steps of 8 sequences, and what they add up to
    ...     x = random.normal(size=(5, 8, 1))
    ...     return x, x.cumsum(axis=0)
    >>> network = Network(VanillaLSTM(1, 6, rng=0), Dense(6, 1, rng=1))
    >>> training = Training(network, Adam(0.02), squared_error, sums, rng=2, clip=1.0)
    >>> history = training.run(100)
    >>> len(history.loss), history.loss[-1] < 0.5 * history.loss[0]
    (100, True)
    """

    def __init__(
        self,
        network: Network,
        optimiser: Optimiser,
        loss: Loss,
        batches: Batches,
        *,
        rng: int | np.random.Generator = 0,
        clip: float | None = None,
        segment: int | None = None,
        stateful: bool = False,
        by: str = "bptt",
        horizon: int | None = None,
        every: int = 1,
        validate: Callable[[Network], float] | None = None,
        patience: int | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise TypeError(f"network: expected a Network, got {network!r}")
        if not isinstance(optimiser, Optimiser):
            raise TypeError(f"optimiser: expected an Optimiser, got {optimiser!r}")
        for name, value in (("loss", loss), ("batches", batches), ("validate", validate)):
            if not (callable(value) or (name == "validate" and value is None)):
                raise TypeError(f"{name}: expected a function, got {checks.told(value)}")
        if isinstance(batches, type):
            raise TypeError(
                f"batches: expected a task such as Recall(N=10), got {checks.told(batches)}"
            )
        self.network, self.optimiser, self.loss, self.batches = network, optimiser, loss, batches
        self.random = checks.generator("rng", rng)
        self.clip = math.inf if clip is None else checks.number("clip", clip, above=0)
        self.segment = None if segment is None else checks.size("segment", segment)
        self.stateful = checks.flag("stateful", stateful)
        self.by = checks.one_of("by", by, ("bptt", "rtrl"))
        if by == "rtrl":
            RTRL(cast(CanonicalRNN, network.layer))  # refuses what it cannot train
            if horizon is not None:
                raise ValueError(f"horizon: expected none with by='rtrl', got {horizon}")
        self.horizon = None if horizon is None else checks.size("horizon", horizon)
        self.every = checks.size("every", every)
        if horizon is not None and horizon < every:
            raise ValueError(f"horizon: expected at least every = {every}, got {horizon}")
        self.validate = validate
        self.patience = None if patience is None else checks.size("patience", patience)
        if patience is not None and validate is None:
            raise ValueError("patience: expected a validate function with it, got none")
        self._rng = _same(self.random)  # a checkpoint of a run with another is refused
        self.history = History()
        self.best: NDArray[np.floating] = network.params.flat.copy()

    @property
    def step(self) -> int:
        """Number of batches learned from so far."""
        return len(self.history.loss)

    def run(
        self,
        steps: int,
        *,
        validate_every: int = 100,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 100,
        progress: bool = False,
    ) -> History:
        """Learn until ``steps`` batches have been seen in all, or until patience runs out.

        If there is a checkpoint at the path given, the run goes on from there; a run that was
        killed and is started again with the same arguments ends exactly as one that was not.
        ``progress=True`` shows a bar, for which it needs the package tqdm.
        """
        steps = checks.size("steps", steps)
        validate_every = checks.size("validate_every", validate_every)
        checkpoint_every = checks.size("checkpoint_every", checkpoint_every)
        progress = checks.flag("progress", progress)
        tqdm = checks.package("tqdm", "progress").tqdm if progress else None
        if checkpoint is not None and files.place("checkpoint", checkpoint).exists():
            self.load(checkpoint)
        with tqdm(total=steps, initial=self.step) if tqdm else nullcontext() as bar:
            while self.step < steps and not self.history.stopped_early:
                self._advance(validate_every)
                if checkpoint is not None and self.step % checkpoint_every == 0:
                    self.save(checkpoint)
                if bar is not None:
                    bar.set_postfix(loss=f"{self.history.loss[-1]:.4g}", refresh=False)
                    bar.update()
        if checkpoint is not None:
            self.save(checkpoint)
        return self.history

    def _advance(self, validate_every: int) -> None:
        """One batch and, when it is time, a look; or, if anything stops them, neither."""
        flat, best = self.network.params.flat.copy(), self.best
        state = {name: value.copy() for name, value in self.optimiser.state.items()}
        random, mark = self.random.bit_generator.state, self.history.mark()
        try:
            self._learn()
            if self.validate is not None and self.step % validate_every == 0:
                self._look()
        except BaseException:
            self.network.params.flat[:], self.best = flat, best
            self.optimiser.state, self.random.bit_generator.state = state, random
            self.history.rewind(mark)
            raise

    def _learn(self) -> None:
        """One batch: all its segments, an update after each."""
        layer = self.network.layer
        x, target, mask = _batch(self.batches(self.random), layer.d_x, layer.dtype)
        length = self.segment or len(x)
        end: Any = None
        total, largest = 0.0, 0.0
        for begin in range(0, len(x), length):
            part = slice(begin, begin + length)
            counts = None if mask is None else mask[part]
            nothing = mask is not None and mask.any() and not mask[part].any()
            step = self.network.gradient(
                x[part], target[part], _no_loss if nothing else self._loss, counts,
                start=end if self.stateful else None,
                by=self.by, horizon=self.horizon, every=self.every,
            )  # fmt: skip
            clipped = self.clip < math.inf
            norm = clip_by_norm(step.grads, self.clip) if clipped else gradient_norm(step.grads)
            self.optimiser.step(self.network.params, step.grads)
            total, largest, end = total + step.E, max(largest, norm), step.end
        checks.in_range("loss()[0]", total)
        self.history.loss.append(total)
        self.history.gradient_norm.append(largest)

    def _loss(self, y: Any, target: Any, mask: Any) -> tuple[float, Any]:
        """What the loss function answers, if it is a finite number and an error."""
        answer = self.loss(y, target, mask)
        if not isinstance(answer, tuple) or len(answer) != 2:
            told = checks.told(answer)
            raise TypeError(f"loss: expected a function that returns (E, dE_dy), got {told}")
        return float(checks.array("loss()[0]", answer[0], ())), answer[1]

    def _look(self) -> None:
        """Measure the validation loss; remember the best parameters; perhaps stop."""
        assert self.validate is not None
        history = self.history
        value = float(checks.array("validate()", self.validate(self.network), ()))
        history.validation.append(value)
        history.validated_at.append(self.step)
        if value < history.best:
            history.best, history.best_at = value, self.step
            self.best = self.network.params.flat.copy()
        looks = sum(at > history.best_at for at in history.validated_at)
        history.stopped_early = self.patience is not None and looks >= self.patience

    def restore_best(self) -> None:
        """Give the network the parameters with the best validation loss."""
        self.network.params.flat[:] = self.best

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a checkpoint."""
        arrays = {"params": self.network.params.flat, "best": self.best}
        arrays |= {f"optimiser.{name}": value for name, value in self.optimiser.state.items()}
        values = {
            "made": self._made(),
            "random": files.plain("rng", self.random.bit_generator.state),
            "history": asdict(self.history),
        }
        files.write(path, arrays, values)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a checkpoint; one of a run that was made otherwise is refused.

        Everything is read and checked before anything changes.
        """
        arrays, values = files.read(path)
        made = values.get("made")
        if not isinstance(made, dict):
            raise ValueError(f"checkpoint: expected one of a training run, got others in {path}")
        for what, want in self._made().items():
            if made.get(what) != want:
                at, wanted, got = _differing(what, want, made.get(what))
                raise ValueError(
                    f"checkpoint: expected one of a run with {at} = {wanted!r}, "
                    f"got {got!r} in {path}"
                )
        params, prefix = self.network.params, "optimiser."
        try:
            history = History.checked(values["history"])
            random = files.from_plain(values["random"])
            type(self.random.bit_generator)().state = random  # tried on another first
            flat, best = (
                checks.array(name, arrays[name], params.flat.shape, params.flat.dtype, copy=True)
                for name in ("params", "best")
            )
            optimiser = copy.copy(self.optimiser)
            kept = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
            optimiser.load(kept, params, begun=bool(history.loss))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ValueError(f"checkpoint: expected a whole one, got {error} in {path}") from error
        self.optimiser.state, self.random.bit_generator.state = optimiser.state, random
        self.history, self.best = history, best
        params.flat[:] = flat

    def _made(self) -> dict[str, Any]:
        """How the run was made, as far as it decides how the run goes on."""
        return {
            "network": _described(self.network),
            "params": {name: list(shape) for name, shape in self.network.params.shapes.items()},
            "dtype": self.network.params.flat.dtype.name,
            "optimiser": self.optimiser.made,
            "generator": type(self.random.bit_generator).__name__,
            "rng": self._rng,
            "clip": self.clip,
            "segment": self.segment,
            "stateful": self.stateful,
            "by": self.by,
            "horizon": self.horizon,
            "every": self.every,
            "patience": self.patience,
        }


def _described(part: Part) -> dict[str, Any]:
    """What a part computes, as a file holds it: its class, its parts, its options."""
    kind = type(part)
    parts = {name: _described(own) for name, own in part.parts.items()}
    try:
        options = {name: _option(value) for name, value in part.options.items()}
    except (AttributeError, ValueError):  # a part that cannot be saved, only its weights can
        options = {}
    return {"class": f"{kind.__module__}.{kind.__name__}", **parts, **options}


def _option(value: Any) -> Any:
    """An option as JSON gives it back; one that no file can hold by what it is called."""
    try:
        return json.loads(json.dumps(files.plain("network", value)))
    except (TypeError, ValueError):
        return f"{type(value).__name__} {getattr(value, 'name', '')}".strip()


def _differing(name: str, want: Any, got: Any) -> tuple[str, Any, Any]:
    """Where two values differ first, by its name, and what stands there in each."""
    if isinstance(want, dict) and isinstance(got, dict):
        for key in (*want, *got):
            if want.get(key) != got.get(key):
                return _differing(f"{name}.{key}", want.get(key), got.get(key))
    return name, want, got


def _batch(batch: Any, d_x: int, dtype: np.dtype[Any]) -> tuple[Any, Any, Any | None]:
    """``x, target, mask`` of what the function ``batches`` returned.

    ``x`` is ``(N, B, d_x)`` or ``(N, d_x)``; target and mask have something for each of the N
    steps, all of it finite. The loss function knows what else they must be.
    """
    if not isinstance(batch, (tuple, list)):
        raise TypeError(
            "batches: expected a function that returns (x, target) or (x, target, mask), "
            f"got {type(batch).__name__} from it"
        )
    if len(batch) not in (2, 3):
        raise ValueError(
            f"batches: expected (x, target) or (x, target, mask), got {len(batch)} of them"
        )
    lead = ("N", "B") if checks.ndim("batches()[0]", batch[0]) == 3 else ("N",)
    x = checks.array("batches()[0]", batch[0], (*lead, d_x), dtype)
    target = _steps("batches()[1]", batch[1], len(x))
    mask = batch[2] if len(batch) == 3 else None
    return x, target, None if mask is None else _steps("batches()[2]", mask, len(x))


def _steps(name: str, value: Any, steps: int) -> Any:
    axes = checks.ndim(name, value)
    given = np.asarray(value)
    if axes == 0 or len(given) != steps:
        raise ValueError(
            f"{name}: expected shape ({steps}, ...), as many steps as x has, got {given.shape}"
        )
    free: list[int | str] = [f"axis {i}" for i in range(1, axes)]
    checks.array(name, given, (steps, *free), given.dtype if given.dtype.kind == "f" else float)
    return given


def _no_loss(y: Any, target: Any, mask: Any) -> tuple[float, Any]:
    """Of a segment in which nothing counts."""
    return 0.0, np.zeros_like(y)


def _same(random: np.random.Generator) -> str:
    """What two generators have in common exactly if they will draw the same numbers."""
    text = json.dumps(files.plain("rng", random.bit_generator.state), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
