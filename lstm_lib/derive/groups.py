# mypy: allow-untyped-defs
"""What every program in Python begins with: members by name, and the lags of windows."""


def present(group, name, shapes):
    """The members of a group that are wanted, each with its name."""
    if not hasattr(group, "keys"):
        raise TypeError(f"{name}: expected values by name, got {type(group).__name__}")
    for key in shapes:
        if key not in group:
            there = ", ".join(map(str, group.keys())) or "nothing"
            raise ValueError(f"{name}: {key} is missing, there is {there}")
    return [(key, group[key]) for key in shapes]


def windows(lags, least, sizes):
    """The lags that are given: different whole numbers, none less than the least of its window."""
    lags = {} if lags is None else lags
    if not hasattr(lags, "keys"):
        raise TypeError(f"lags: expected lists of lags by name, got {type(lags).__name__}")
    for name in lags:
        if name not in least:
            raise ValueError(f"lags: no window {name!r}, expected {', '.join(least)}")
        values = list(lags[name])
        sizes[name] = len(values)
        whole = all(hasattr(l, "__index__") for l in values)
        if not values or not whole or len(set(values)) < len(values):
            raise ValueError(f"lags[{name!r}]: expected different whole numbers, got {values}")
        if least[name] is not None and min(values) < least[name]:
            raise ValueError(
                f"lags[{name!r}]: expected lags of at least {least[name]}, where all is "
                f"computed already, got {values}"
            )
    return {name: lags[name] for name in least if name in lags}


def tapped(lags, least, sizes):
    """The lags of all windows: one that is not given has as many as its parameters have taps."""
    for name, first in least.items():
        if not sizes.get(name):
            raise ValueError(f"lags: {name} is {'empty' if name in sizes else 'missing'}")
        if name not in lags:
            lags[name] = range(first or 0, (first or 0) + sizes[name])
    return lags
