"""Interactive figures that compute live, in a notebook and in a static page.

Needs the ``explore`` extra (SymPy and anywidget).
"""

try:
    from lstm_lib.explore.figure import LiveFigure, page_scripts, page_style
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError(
        "lstm_lib.explore needs SymPy and anywidget: pip install 'lstm_lib[explore]', "
        "or 'lstm_lib[notebooks]' for all that a chapter needs"
    ) from error

from lstm_lib.explore.augmented import DistractorFigure, ProjectionFigure, WindowFigure
from lstm_lib.explore.gradients import (
    TrainingCostFigure,
    TriangleFigure,
    TruncatedGradientFigure,
)
from lstm_lib.explore.roots import DelayFigure, ImpulseFigure, PoleFigure
from lstm_lib.explore.towards_lstm import ProtectFigure, StagesFigure
from lstm_lib.explore.unrolling import ForgettingFigure, SegmentFigure
from lstm_lib.explore.vanilla import CellFigure, PathsFigure
from lstm_lib.explore.vanishing import LatchFigure, VanishingFigure, VanishingTeaser

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
