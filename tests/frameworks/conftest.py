"""Comparisons with PyTorch, run by name: ``python -m pytest tests/frameworks -p no:cacheprovider``.

They are not collected by a plain ``pytest``: PyTorch is not among the test requirements, and a
silent skip would look like a pass.
"""

import hypothesis

hypothesis.settings.register_profile("frameworks", max_examples=100, deadline=None)
hypothesis.settings.load_profile("frameworks")
