"""What the chapters come with is found in its folders: no list names it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

__all__ = ["modules", "offered"]


def modules(package: str, path: Iterable[str]) -> Iterator[ModuleType]:
    """The modules and folders of a package, in the order of their names: ``__name__, __path__``."""
    for info in sorted(pkgutil.iter_modules(path), key=lambda info: info.name):
        if info.name != "__main__":
            yield importlib.import_module(f"{package}.{info.name}")


def offered(package: str, path: Iterable[str]) -> dict[str, Any]:
    """All that they name in ``__all__``. ``ValueError`` if two of them have one name."""
    homes: dict[str, ModuleType] = {}
    for module in modules(package, path):
        for name in module.__all__:
            other = homes.setdefault(name, module)
            if other is not module:
                raise ValueError(
                    f"{name}: expected in one module of {package}, "
                    f"got it in {other.__name__} and {module.__name__}"
                )
    return {name: getattr(module, name) for name, module in homes.items()}
