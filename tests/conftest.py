"""Hypothesis profiles. ``ci`` repeats the same examples; try new ones with
``pytest --hypothesis-profile=search``."""

from hypothesis import settings

settings.register_profile("ci", deadline=None, max_examples=200, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.register_profile("mutation", deadline=None, max_examples=25, derandomize=True)
settings.load_profile("ci")

# Needs PyTorch: run by name, ``pytest tests/frameworks``, rather than skipped in silence.
collect_ignore = ["frameworks"]
