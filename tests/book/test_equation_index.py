"""The register of equations: what the build would complain about, it complains about."""

from __future__ import annotations

import pytest

import equation_index

GOOD = {
    "about": "The standard RNN: backward pass",
    "status": "proven",
    "by": "lstm_lib.derive.standard_rnn",
    "test": "tests/derive/test_prove.py::test_every_system_is_proven",
}


@pytest.mark.parametrize("label", sorted(equation_index.register()))
def test_every_entry_names_code_and_a_test(label):
    assert equation_index.complaints(equation_index.register()[label]) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"about": ""}, "no about"),
        ({"test": ""}, "no test"),
        ({"note": "x"}, "unknown key note"),
        ({"status": "believed"}, "status 'believed': expected one of definition"),
        ({"by": "lstm_lib.derive.no_such_rnn"}, "AttributeError"),
        ({"by": "no_such_library.thing"}, "ImportError"),
        ({"by": "lstm_lib.StandardRNN"}, "not a system that can be proven"),
        ({"test": "tests/derive/test_prove.py::test_no_such_thing"}, "does not exist"),
        ({"test": "tests/no_such_file.py::test_x"}, "does not exist"),
        ({"test": "book/_ext/equation_index.py::test_exists"}, "does not exist"),
    ],
)
def test_a_wrong_entry_is_named(wrong, complaint):
    (said,) = equation_index.complaints(GOOD | wrong)
    assert complaint in said


def test_what_is_called_proven_is_proven_now():
    assert equation_index.proof(GOOD["by"]).endswith("identities at d = 2, N = 3")


def test_a_system_may_be_given_with_literal_arguments():
    name = "lstm_lib.derive.vanilla_lstm_variant('diagonal')"
    assert "w_scu" in equation_index.resolve(name).parameters
    assert equation_index.complaints(GOOD | {"by": name}) == []
