"""The test figure: what a version comes to on the rows that were held out when it learnt, by an act that is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops_tui.core.errors import UsageError
from mlops_tui.presenters.cards import facts
from mlops_tui.registry.card import card_facts
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.gates.judged import learnt_by
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.query import find_model, find_version
from mlops_tui.store.event import read_events
from tests.living import Living, customers, houses


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    made = Living(tmp_path_factory.mktemp("evaluating") / "work")
    made.add("customers", customers(400), target="left", id_column="id")
    made.add("houses", houses(200), target="price", id_column="id")
    for source, family in (("customers", "logistic"), ("houses", "ridge")):
        _, trials = made.tune(source, trials=1, seed=1, name=source, families=[family])
        made.register(trials[0], source)
    yield made
    made.close()


def evaluated(living: Living, name: str) -> dict[str, Any]:
    model = find_model(living.store.reader, name)
    return living.do("evaluate", {"model": model.id, "version": 1})


def test_it_is_the_metric_of_the_rows_that_no_trial_saw(living: Living) -> None:
    """Against scikit-learn on the rows that the rule holds out; the interval is about it."""
    found = evaluated(living, "customers")
    version = find_version(living.store.reader, "customers:1")
    prepared = learnt_by(living.store, version)
    rows = typed(prepared.held_out, version.signature.columns)
    said = load_version(living.store, version).predict_proba(rows)[:, 1]
    assert found["rows"] == len(prepared.held_out)
    assert found["value"] == pytest.approx(roc_auc_score(prepared.y_held_out == "yes", said))
    assert found["interval"][0] < found["value"] < found["interval"][1]
    assert {"accuracy", "log_loss", "f1", "brier_score"} < set(found["metrics"])


def test_the_card_tells_the_figures_with_what_they_are_known_to(living: Living) -> None:
    """The metric of training with its error over the folds, the test figure with its interval and rows."""
    version, found = find_version(living.store.reader, "customers:1"), evaluated(living, "customers")
    told = facts(card_facts(living.store.reader, version))
    low, high = found["interval"]
    assert (
        told["test"] == f"roc_auc {found['value']:.4f}, 95 % {low:.4f} to {high:.4f}, on {found['rows']} held-out rows"
    )
    assert re.search(r"roc_auc 0\.\d{4} ± 0\.\d{4} over the folds", told["metrics"] or "")
    assert told["slices"] is None  # no gate was asked
    assert re.fullmatch(r"[\d.]+s for the last fit, on all of its rows", told["training time"] or "")
    assert told["made from"] is None


def test_the_figure_stays_with_the_version_and_every_look_is_counted(living: Living) -> None:
    first, second = evaluated(living, "houses"), evaluated(living, "houses")
    version = find_version(living.store.reader, "houses:1")
    assert version.metrics["test_rmse"] == first["value"] == second["value"]
    assert second["looks"] == first["looks"] + 1
    event = read_events(living.store.reader, of="houses", limit=1)[0]
    assert (event.verb, event.why) == ("held_out_looked_at", "evaluated")
    assert (event.after or {})["value"] == pytest.approx(first["value"])
    assert np.isfinite(first["metrics"]["r2"])


def test_a_version_of_no_study_has_no_held_out_rows(living: Living) -> None:
    with living.store.write() as writing:
        (study,) = writing.execute("SELECT study_id FROM model_version LIMIT 1").fetchone()
        writing.execute("UPDATE model_version SET study_id = 'gone' WHERE study_id = ?", (study,))
    try:
        with pytest.raises(UsageError, match="which rows were held out is not known"):
            living.services.models.evaluate("customers", 1)
    finally:
        with living.store.write() as writing:
            writing.execute("UPDATE model_version SET study_id = ? WHERE study_id = 'gone'", (study,))
