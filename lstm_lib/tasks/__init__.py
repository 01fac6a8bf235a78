"""Data sets made from a seed, one task per module.

A task is a frozen dataclass whose instance is called with a ``numpy.random.Generator`` and returns
``(x, target)`` or ``(x, target, mask)``, arrays ``(N, B, ...)``: what ``Training(batches=task)``
wants. Everything random about a batch comes from the generator.
"""
