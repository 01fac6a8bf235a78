"""What is too slow for a page and is measured once: one module a chapter, named as the chapter is.

1. Write ``trial(seed, **setting)`` at the top of the chapter's module here. It returns numbers (or
   lists of numbers) by name, the same for the same seed, and reaches the library by plain names.
2. Declare below it ``NAME = Experiment("name", trial, settings=[...], seeds=range(20))``. Say with
   ``compare`` and ``rtol`` what other processors keep: long training is chaotic, an early error
   is not. Let ``trial`` return such an early value beside those that the page shows.
3. ``make results EXPERIMENT=name`` (``JOBS=2``, ``BACKEND=loky``) writes ``results/name.json``.
   Kill it when you like and start it again: what is finished is kept. Commit the file.
4. On the page: ``result = NAME.result()``, then ``result.values("error", bias=4.0)``, ``count``,
   ``quartiles``, ``dots(axis, "error")``, and print ``result.caption()``.
5. Then run a fast trial again: ``NAME.again(seed=0, bias=4.0)`` prints whether it agrees.
6. After an edit of the library, ``make results`` runs two trials a setting again. Where they agree
   the file gets the new stamp, else everything is measured anew. A test fails until then.
"""

from lstm_lib.page.chapters import modules
from lstm_lib.page.measure.experiment import Experiment
from lstm_lib.page.measure.result import Count, Result

__all__ = ["Count", "Experiment", "Result", "found"]


def found() -> dict[str, Experiment]:
    """All experiments of the chapters, by name."""
    out: dict[str, Experiment] = {}
    for module in modules(__name__, __path__):
        for held in vars(module).values():
            if isinstance(held, Experiment) and out.setdefault(held.name, held) is not held:
                raise ValueError(f"name: expected one experiment {held.name}, got two")
    return out
