"""Interactive figures that compute live, in a notebook and in a static page.

Needs the ``explore`` extra (SymPy and anywidget).
"""

try:
    from lstm_lib.page.figure import LiveFigure, page_scripts, page_style
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError(
        "lstm_lib.page.figures needs SymPy and anywidget: pip install 'lstm_lib[explore]', "
        "or 'lstm_lib[notebooks]' for all that a chapter needs"
    ) from error

from lstm_lib.page.figures.augmented_lstm import DistractorFigure, ProjectionFigure, WindowFigure
from lstm_lib.page.figures.rnn_to_lstm import ProtectFigure, StagesFigure
from lstm_lib.page.figures.roots import DelayFigure, ImpulseFigure, PoleFigure
from lstm_lib.page.figures.training import (
    TrainingCostFigure,
    TriangleFigure,
    TruncatedGradientFigure,
)
from lstm_lib.page.figures.unrolling import ForgettingFigure, SegmentFigure
from lstm_lib.page.figures.vanilla_lstm import CellFigure, PathsFigure
from lstm_lib.page.figures.vanishing import LatchFigure, VanishingFigure, VanishingTeaser

__all__ = [
    "CellFigure",
    "DelayFigure",
    "DistractorFigure",
    "ForgettingFigure",
    "ImpulseFigure",
    "LatchFigure",
    "LiveFigure",
    "PathsFigure",
    "PoleFigure",
    "ProjectionFigure",
    "ProtectFigure",
    "SegmentFigure",
    "StagesFigure",
    "TrainingCostFigure",
    "TriangleFigure",
    "TruncatedGradientFigure",
    "VanishingFigure",
    "VanishingTeaser",
    "WindowFigure",
    "page_scripts",
    "page_style",
]
