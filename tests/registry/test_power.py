"""What the gates will be able to tell, said before a study is begun: against simulation, and from what was measured before."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from mlops_tui.data.query import find_source
from mlops_tui.evaluation.paired import compare
from mlops_tui.evaluation.power import POWER, power, rows_needed, spread_of
from mlops_tui.registry.power import power_of, power_words
from mlops_tui.registry.query import find_model
from tests.living import Living, houses


def test_it_is_how_often_the_comparison_passes_two_models_that_are_as_good() -> None:
    """Accuracy, two models that are wrong on rows of their own, each as often."""
    draw, n, share, margin = np.random.default_rng(1), 2_000, 0.1, 0.02
    passed = 0
    for _ in range(400):
        wrong = draw.random(n)
        probabilities = np.tile([1.0, 0.0], (n, 1))
        model, other = probabilities.copy(), probabilities.copy()
        model[wrong < share / 2] = [0.0, 1.0]
        other[wrong > 1 - share / 2] = [0.0, 1.0]
        truth = np.zeros(n, dtype=int)
        passed += compare("accuracy", truth, model, other, margin=margin, against="it").verdict == "pass"
    assert passed / 400 == pytest.approx(power(n, margin, math.sqrt(share)), abs=0.06)


def test_the_rows_that_are_needed_have_the_power_that_is_asked_for() -> None:
    rows = rows_needed(0.3, 0.01)
    assert rows is not None
    assert power(rows, 0.01, 0.3) == pytest.approx(POWER, abs=0.001)
    assert spread_of(rows, 0.01) == pytest.approx(0.3, rel=0.001)
    assert power(0, 0.01, 0.3) == 0


@pytest.fixture
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    made = Living(tmp_path_factory.mktemp("power") / "work")
    made.add("houses", houses(400), target="price", id_column="id")
    yield made
    made.close()


def test_before_any_comparison_it_is_said_of_what_it_speaks(living: Living) -> None:
    source = find_source(living.store.reader, "houses")
    found = power_of(living.store.reader, source, "rmse", share=0.2, margin=0.01)
    assert (found.rows, found.is_measured, found.needed) == (80, False, rows_needed(math.sqrt(0.1), 0.01))
    assert "two models that disagree on one row in ten" in power_words(found, "rmse")


def test_after_a_comparison_its_own_spread_is_what_counts(living: Living) -> None:
    """The rows that the gate said are needed are those that are said before the next study."""
    _, trials = living.tune("houses", trials=2, seed=1, name="houses", families=["ridge"])
    for number in (1, 2):
        living.register(trials[number - 1], "prices")
        model = find_model(living.store.reader, "prices")
        asked = {"model": model.id, "version": number, "alias": "champion", "force": True, "why": "to compare"}
        done = living.do("promote", asked)
    gate = next(gate for gate in done["gates"] if gate["name"] == "not_worse_than_champion")
    source = find_source(living.store.reader, "houses")
    found = power_of(living.store.reader, source, "rmse", share=0.2, margin=0.01)
    assert found.is_measured
    assert found.needed is not None
    assert abs(found.needed - gate["n_needed"]) <= 1
    assert (found.rows, found.margin) == (gate["n"], gate["threshold"])
    assert "By the last comparison here they tell" in power_words(found, "rmse")
