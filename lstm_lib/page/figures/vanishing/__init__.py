"""The live figures on vanishing and exploding gradients."""

from __future__ import annotations

from lstm_lib.page.figure import Choice, LiveFigure, Slider
from lstm_lib.page.figures.vanishing import models

__all__ = ["EllipseFigure", "LatchFigure", "VanishingFigure", "VanishingTeaser", "WallFigure"]


class VanishingFigure(LiveFigure):
    r"""An error that enters at the last step, on its way back through an RNN and an LSTM.

    Both have 8 units and read the same input. The RNN's matrix is
    $W_r=Q(\Lambda+\alpha N)Q^\top$ (:mod:`lstm_lib.page.figures.vanishing.network`); the LSTM's
    candidate has the same $W_r$; its gates have small fixed weights, and the update gate is nearly
    shut (bias $-2$).

    Parameters: ``radius`` $\operatorname{rad}W_r$, ``nonnormal`` $\alpha$, ``activation`` of the
    RNN, ``input`` (scale), ``steps`` N, ``start`` (scale of the initial state), ``bias`` of the
    forget gate.
    """

    figure = "vanishing"
    title = "The RNN's error fades or explodes; the LSTM's forget gate lets it pass"
    controls = (
        Slider("radius", "radius rad Wᵣ", 0.95, 0.1, 5.0, 0.05),
        Choice(
            "activation",
            "warping G",
            "tanh",
            (
                ("tanh", "tanh (slope ≤ 1)"),
                ("logistic", "logistic (slope ≤ 1/4)"),
                ("relu", "ReLU (slope 0 or 1)"),
                ("identity", "identity (slope 1)"),
            ),
        ),
        Slider("input", "input scale", 0.3, 0.0, 3.0, 0.1),
        Slider("bias", "LSTM forget bias", 4.0, -2.0, 6.0, 0.25, more=True),
        Slider("nonnormal", "non-normality α", 0.0, 0.0, 3.0, 0.1, more=True),
        Slider("start", "initial state", 1.0, 0.0, 3.0, 0.1, more=True),
        Slider("steps", "steps N", 100, 10, 150, 10, more=True),
    )
    model = staticmethod(models.vanishing)


class VanishingTeaser(LiveFigure):
    r"""The same with three sliders: tanh, $\alpha=1.5$, a weak input."""

    figure = "vanishing_teaser"
    title = "The error that teaches an RNN fades or explodes on its way back; the LSTM's arrives"
    controls = (
        Slider("radius", "RNN: strength", 0.9, 0.3, 2.0, 0.05),
        Slider("bias", "LSTM: forget bias", 4.0, -2.0, 6.0, 0.25),
        Slider("steps", "steps back", 100, 20, 150, 10),
    )
    model = staticmethod(models.vanishing_teaser)


class LatchFigure(LiveFigure):
    r"""One neuron, $s[n]=w\tanh s[n-1]+\theta$: its rest states, and $\partial s[n]/\partial s[0]$.

    Parameters: ``w``, ``theta``, ``start`` $s[0]$.
    """

    figure = "latch"
    title = "A neuron that holds a bit hides from the gradient how the bit came in"
    controls = (
        Slider("w", "weight w", 2.0, -4.0, 4.0, 0.05),
        Slider("theta", "bias θ", 0.0, -1.5, 1.5, 0.05),
        Slider("start", "start s[0]", 0.5, -3.0, 3.0, 0.05),
    )
    model = staticmethod(models.latch)


class EllipseFigure(LiveFigure):
    r"""Two neurons: what the product of $k$ Jacobians makes of all errors of size one.

    $W_r=Q\begin{pmatrix}\rho&\alpha\\0&0.9\rho\end{pmatrix}Q^\top$ with a fixed rotation $Q$;
    $\tanh$, no input.

    Parameters: ``radius`` $\rho=\operatorname{rad}W_r$, ``nonnormal`` $\alpha$, ``k`` (steps
    back), ``start`` (size of the initial state; at 0 every slope is 1).
    """

    figure = "ellipse"
    title = "The radius is below one, and still some errors grow"
    controls = (
        Slider("radius", "radius rad Wᵣ", 0.9, 0.1, 1.5, 0.05),
        Slider("nonnormal", "non-normality α", 1.0, 0.0, 3.0, 0.1),
        Slider("k", "steps back k", 6, 0, 40, 1),
        Slider("start", "initial state", 0.0, 0.0, 3.0, 0.1, more=True),
    )
    model = staticmethod(models.ellipse)


class WallFigure(LiveFigure):
    r"""The error of one neuron that holds a bit, over its weight and its bias.

    $s[n]=w\,r[n-1]+\theta$, $r[n]=\tanh s[n]$, $r[-1]=0$, and $E=\tfrac12(r[N-1]-\tfrac12)^2$.
    Two walkers descend from one start, one with its gradients clipped.

    Parameters: ``rate`` (step size), ``threshold`` of the norm, ``N`` steps, ``turn`` and ``tilt``
    of the picture in degrees, ``w`` and ``theta`` (the start).
    """

    figure = "wall"
    title = "Where a neuron holds a bit its error has a wall, and a plain step is thrown off"
    controls = (
        Slider("rate", "step size", 0.4, 0.05, 1.0, 0.05),
        Slider("threshold", "clip the norm at", 0.3, 0.05, 5.0, 0.05),
        Slider("N", "steps N", 10, 2, 30, 1),
        Slider("turn", "turn", 145, -180, 180, 5, "°", more=True),
        Slider("tilt", "tilt", 35, 10, 80, 5, "°", more=True),
        Slider("w", "start w", 1.7, 0.4, 2.2, 0.05, more=True),
        Slider("theta", "start θ", 0.35, -0.8, 0.8, 0.05, more=True),
    )
    model = staticmethod(models.wall)
