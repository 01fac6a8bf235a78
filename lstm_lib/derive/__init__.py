"""Forward equations in; backward equations, a proof of them and programs out.

>>> from lstm_lib.derive import vanilla_lstm
>>> vanilla_lstm.backward["rho"]
rho[n] = chi[n] * g_cr[n]

Every system of the catalogue is built when it is first asked for; SymPy is loaded only then.

``reverse`` is the whole derivation; to trust it, read ``reverse`` and ``prove``, which does not
know how it was derived. ``words`` has the words of an equation, which ``writer`` and ``latex``
spell and ``grammar`` reads; ``declare`` says what a declaration must obey, ``infer`` finds it in
the equations alone, ``warping`` has its functions, which ``spell`` writes in every language;
``catalogue``, ``modern`` and ``combine`` the book's systems. ``program`` lowers it all to two
passes, which ``python`` and ``javascript`` print, each with what every program begins with
(``groups``, ``arrays``, ``scalars``, ``vectors.js``). ``check`` runs what is printed on exact
numbers, ``prove`` takes expressions apart with ``components``; ``frame`` chooses the sizes of both,
and ``runs`` helps to prove what somebody typed. ``explain`` tells the derivation in words, ``cost``
counts what the equations cost. ``system`` stands on all of these, and none of them on it. For
layers made of systems ``fast`` prints the program once more, ``roles`` says what a parameter does,
and ``plain`` has a declaration as a file holds it.
"""

from typing import Any

#: The names of the book's systems.
SYSTEMS = (
    "standard_rnn", "canonical_rnn", "leaky_rnn", "gru", "gru_framework", "lstm1997",
    "lstm1997_forget", "lstm1997_truncated", "lstm1997_forget_truncated", "vanilla_lstm",
    "vanilla_lstm_diagonal", "vanilla_lstm_no_peepholes", "augmented_lstm", "stacked_lstm",
    "bidirectional_lstm", "grid_lstm", "feedforward", "highway", "layer_norm_lstm", "attention",
)  # fmt: skip

_NAMES = {
    "system": "System",
    "grammar": "DeclarationError",
    "prove": "ProofError",
    "check": "CheckError",
    "catalogue": "vanilla_lstm_variant augmented_lstm_variant lstm1997_variant",
    "modern": "highway layer_norm_lstm attention",
    "combine": "stacked bidirectional",
    "cost": "multiplications training_multiplications kept_per_step",
}
_WHERE = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = ["SYSTEMS", *dict.fromkeys((*SYSTEMS, *_WHERE))]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    where = _WHERE.get(name, "catalogue" if name in SYSTEMS else None)
    if where is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = getattr(import_module("." + where, __name__), name)
    except ModuleNotFoundError as error:
        if error.name != "sympy":
            raise
        raise ImportError(
            "lstm_lib.derive needs SymPy: pip install 'lstm_lib[derive]', "
            "or 'lstm_lib[notebooks]' for all that a chapter needs"
        ) from error
    if name in SYSTEMS:
        found = globals()[name] = found()
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
