"""The questions of the self-checks: for each chapter a module, which prints the programs, and a
script, which draws the questions; both are found, no list names them. See
:mod:`lstm_lib.page.selfcheck` for what a question is.
"""

try:
    from lstm_lib.page.selfcheck import SelfCheck
except ImportError as error:  # pragma: no cover - depends on the installation
    raise ImportError(
        "lstm_lib.page.questions needs SymPy and anywidget: pip install 'lstm_lib[page]', "
        "or 'lstm_lib[notebooks]' for all that a chapter needs"
    ) from error

__all__ = ["SelfCheck"]
