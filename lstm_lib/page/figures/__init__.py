"""Interactive figures that compute live, in a notebook and in a static page.

A folder for each chapter, named as its notebook is; a figure that a folder names in ``__all__`` is
offered here. Needs the ``page`` extra (SymPy and anywidget).
"""

from typing import TYPE_CHECKING

from lstm_lib.page.chapters import offered

try:
    from lstm_lib.page.figure import LiveFigure, page_scripts, page_style
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError(
        "lstm_lib.page.figures needs SymPy and anywidget: pip install 'lstm_lib[page]', "
        "or 'lstm_lib[notebooks]' for all that a chapter needs"
    ) from error

_figures = offered(__name__, __path__)
globals().update(_figures)

__all__ = ["LiveFigure", "page_scripts", "page_style"]
__all__ += sorted(_figures)

if TYPE_CHECKING:

    def __getattr__(name: str) -> type[LiveFigure]: ...
