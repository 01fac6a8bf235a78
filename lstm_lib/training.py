"""The training loop: segments, validation, early stopping, progress, checkpoints."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstm_lib import checkpoints, checks
from lstm_lib.network import Loss, Network
from lstm_lib.optimisers import Optimiser, clip_by_norm
from lstm_lib.progress import progress_bar

__all__ = ["History", "Training"]

Batches = Callable[[np.random.Generator], tuple[Any, ...]]


@dataclass
class History:
    """What a run has measured: one loss per batch, one validation loss per look, and the best."""

    loss: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    validated_at: list[int] = field(default_factory=list)
    best: float = math.inf
    best_at: int = -1
    stopped_early: bool = False


class Training:
    """A training run that can be stopped at any moment and continued bit for bit.

    Everything that decides how the run goes on is in this object, and in its checkpoint: the
    parameters, the optimiser's memory, the random generator that draws the batches, the history
    and the best parameters so far.

    Parameters
    ----------
    network
        What learns, in place.
    optimiser
        How it moves; one of :mod:`lstm_lib.optimisers`.
    loss
        ``loss(y, target, mask)`` returns $E$ and its gradient; from :mod:`lstm_lib.losses`.
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
        Whether a segment begins with the state in which the one before ended, or with zero. No
        gradient flows from one segment into the one before.
    validate
        ``validate(network)`` returns the loss to minimise, without changing the network.
    patience
        Stop after that many looks without a better validation loss; never unless given.
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
        validate: Callable[[Network], float] | None = None,
        patience: int | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise TypeError(f"network: expected a Network, got {network!r}")
        if not isinstance(optimiser, Optimiser):
            raise TypeError(f"optimiser: expected an Optimiser, got {optimiser!r}")
        for name, value in (("loss", loss), ("batches", batches), ("validate", validate)):
            if not (callable(value) or (name == "validate" and value is None)):
                raise TypeError(f"{name}: expected a function, got {value!r}")
        self.network, self.optimiser, self.loss, self.batches = network, optimiser, loss, batches
        self.random = checks.generator("rng", rng)
        self.clip = math.inf if clip is None else checks.number("clip", clip, above=0)
        self.segment = None if segment is None else checks.size("segment", segment)
        self.stateful = checks.flag("stateful", stateful)
        self.validate = validate
        self.patience = None if patience is None else checks.size("patience", patience)
        if patience is not None and validate is None:
            raise ValueError("patience: expected a validate function with it, got none")
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
        progress: bool = True,
    ) -> History:
        """Learn until ``steps`` batches have been seen in all, or until patience runs out.

        If there is a checkpoint at the path given, the run goes on from there; a run that was
        killed and is started again with the same arguments ends exactly as one that was not.
        """
        steps = checks.size("steps", steps)
        validate_every = checks.size("validate_every", validate_every)
        checkpoint_every = checks.size("checkpoint_every", checkpoint_every)
        if checkpoint is not None and Path(checkpoint).exists():
            self.load(checkpoint)
        with progress_bar(steps, self.step, checks.flag("progress", progress)) as show:
            while self.step < steps and not self.history.stopped_early:
                self._learn()
                if self.validate is not None and self.step % validate_every == 0:
                    self._look()
                if checkpoint is not None and self.step % checkpoint_every == 0:
                    self.save(checkpoint)
                show(self.step, self.history.loss[-1])
        if checkpoint is not None:
            self.save(checkpoint)
        return self.history

    def _learn(self) -> None:
        """One batch: all its segments, an update after each."""
        x, target, *rest = self.batches(self.random)
        x, target = np.asarray(x), np.asarray(target)
        mask = np.asarray(rest[0]) if rest and rest[0] is not None else None
        if len(target) != len(x):
            raise ValueError(f"batches: expected targets for {len(x)} steps, got {len(target)}")
        length = self.segment or len(x)
        start: dict[str, Any] = {}
        total, largest = 0.0, 0.0
        for begin in range(0, len(x), length):
            part = slice(begin, begin + length)
            trace = self.network.forward(x[part], **start)
            E, dE_dy = self.loss(trace.y, target[part], None if mask is None else mask[part])
            grads = self.network.backward(trace, dE_dy)
            norm = (
                clip_by_norm(grads, self.clip)
                if self.clip < math.inf
                else float(np.linalg.norm(grads.flat))
            )
            self.optimiser.step(self.network.params, grads)
            total, largest = total + E, max(largest, norm)
            if self.stateful:
                start = self.network.layer.final(trace.layer)
        self.history.loss.append(total)
        self.history.gradient_norm.append(largest)

    def _look(self) -> None:
        """Measure the validation loss; remember the best parameters; perhaps stop."""
        assert self.validate is not None
        history, value = self.history, float(self.validate(self.network))
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
            "names": {name: list(shape) for name, shape in self.network.params.shapes.items()},
            "optimiser": repr(self.optimiser),
            "random": _plain(self.random.bit_generator.state),
            "history": asdict(self.history),
        }
        checkpoints.write(path, arrays, values)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a checkpoint; one of another network or optimiser is refused."""
        arrays, values = checkpoints.read(path)
        expected = {name: list(shape) for name, shape in self.network.params.shapes.items()}
        for what, have, want in (
            ("a network with the same parameters", values.get("names"), expected),
            (repr(self.optimiser), values.get("optimiser"), repr(self.optimiser)),
            (
                f"a {type(self.random.bit_generator).__name__} generator",
                (values.get("random") or {}).get("bit_generator"),
                type(self.random.bit_generator).__name__,
            ),
            (f"numbers of {self.network.params.flat.dtype}", arrays["params"].dtype,
             self.network.params.flat.dtype),
        ):  # fmt: skip
            if have != want:
                raise ValueError(f"checkpoint: expected one of {what}, got {have!r} in {path}")
        self.network.params.flat[:] = arrays["params"]
        self.best = arrays["best"]
        prefix = "optimiser."
        self.optimiser.load(
            {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
        )
        self.random.bit_generator.state = _arrays(values["random"])
        self.history = History(**values["history"])


def _plain(state: Any) -> Any:
    """A generator's state as JSON can hold it; some generators have arrays in theirs."""
    if isinstance(state, dict):
        return {name: _plain(value) for name, value in state.items()}
    if isinstance(state, np.ndarray):
        return {"array": state.tolist(), "dtype": state.dtype.str}
    return state.item() if isinstance(state, np.generic) else state


def _arrays(state: Any) -> Any:
    """The reverse of :func:`_plain`."""
    if isinstance(state, dict):
        if set(state) == {"array", "dtype"}:
            return np.array(state["array"], state["dtype"])
        return {name: _arrays(value) for name, value in state.items()}
    return state
