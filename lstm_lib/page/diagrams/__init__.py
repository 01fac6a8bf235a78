"""Signal-flow diagrams of cells, drawn by code, with the page's symbols as labels.

A module for each chapter, named as its notebook is; what a module names in ``__all__`` is offered
here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from lstm_lib.page.chapters import offered
from lstm_lib.page.surface import Diagram

_diagrams = offered(__name__, __path__)
globals().update(_diagrams)

__all__ = ["Diagram"]
__all__ += sorted(_diagrams)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Callable[..., Diagram]: ...
