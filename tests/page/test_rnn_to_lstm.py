"""What chapters 4 and 5 measure: equal sizes where the page says so, trials that repeat."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_lib.layers.readout import Dense
from lstm_lib.page.experiments import rnn_to_lstm, vanishing
from lstm_lib.page.rnn_to_lstm import STAGES
from lstm_lib.tasks.store import StoreValue


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_as_many_weights_as_the_page_says(stage):
    model = rnn_to_lstm.network(stage, 0, rnn_to_lstm.UNITS[stage])
    assert 127 <= model.params.flat.size <= 141


def test_a_pinned_state_gate_stays_at_one_and_the_rest_learns_as_many_weights():
    task = StoreValue(N=6, batch=8, quiet=True)
    p = rnn_to_lstm.train("readout", task, 0, 3, pinned=True)[1].params
    before = rnn_to_lstm.network("readout", 0, rnn_to_lstm.PINNED).params
    still = [name for name in p if name.endswith("cs")]
    assert still == ["layer.W_xcs", "layer.W_vcs", "layer.b_cs"]
    assert p.flat.size - sum(p[name].size for name in still) == 141
    assert not p["layer.W_xcs"].any()
    assert not p["layer.W_vcs"].any()
    assert (p["layer.b_cs"] == 40).all()
    assert 1 / (1 + np.exp(-40.0)) == 1.0
    for name in set(p) - set(still):
        assert (p[name] != before[name]).any(), name


@pytest.mark.parametrize("name", vanishing.STARTS)
def test_every_start_has_as_many_weights_as_the_page_says(name):
    layer = vanishing.start(name, 0)
    assert 180 <= layer.params.flat.size + Dense(layer.d_out, 1).params.flat.size <= 200


def test_the_leaky_start_lets_no_error_explode_and_none_vanish_at_once():
    layer = vanishing.start("leaky", 3)
    for s in 3 * np.random.default_rng(0).normal(size=(20, 9)):
        values = np.linalg.svd(layer.jacobian(s), compute_uv=False)
        assert 2 * vanishing.KAPPA - 1 - 1e-12 <= values.min() <= values.max() <= 1 + 1e-12


def test_a_trial_repeats_and_a_weight_that_overflows_counts_as_a_guess(monkeypatch):
    class Short(vanishing.Training):
        def run(self, steps, **options):
            return super().run(min(steps, 3), **options)

    monkeypatch.setattr(vanishing, "Training", Short)
    one, two = (vanishing.remedy(0, "leaky", 1.0) for _ in range(2))
    assert one == two
    assert 0.4 < one["accuracy"] < 1
    lost = vanishing.remedy(0, "identity", None)
    assert lost["largest"] > 9
    assert 0.4 < lost["accuracy"] < 0.6


def test_parts_finds_the_unit_that_stores_and_the_one_that_answers():
    """A cell set by hand: unit 2 opens at the mark and has the only weight to the answer."""
    model = rnn_to_lstm.network("readout", 0, 4)
    model.params.flat[:] = 0
    p, model.params["readout.W_vy"][0, 2] = model.layer.params, 1
    p["W_xdu"][2, 0], p["W_xcu"][2, 1], p["W_xcr"][2, 2] = 1, 20, 20
    p["b_cu"][...], p["b_cr"][...], p["b_cs"][...] = -10, -10, 40
    assert rnn_to_lstm.parts(model)[:2] == (2, 2)
    assert rnn_to_lstm.parts(model)[2] == pytest.approx(1)
    assert rnn_to_lstm.question(model, 20)[2] < 0.1
