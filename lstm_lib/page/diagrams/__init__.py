"""Signal-flow diagrams, drawn by code, with the page's symbols as labels.

The cell has one, :func:`cell`, which grows from chapter to chapter. What is no cell is drawn in a
module for its chapter, named as the notebook is. What a module lists in ``__all__`` is offered
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
