"""The metric of a version that learnt again: computed as that of a trial, so that versions can be held beside each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlops_tui.registry.query import find_model, find_version
from mlops_tui.tuning.analysis import ensemble_of
from tests.living import Living, customers, houses
from tests.salting import fix_salt


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """Sources of two tasks, which no new file comes to."""
    made = Living(tmp_path_factory.mktemp("again") / "work")
    made.add("customers", customers(500), target="left", id_column="id")
    made.add("houses", houses(300), target="price", id_column="id")
    yield made
    made.close()


def again(living: Living, name: str, **said: object) -> dict[str, float | None]:
    """The metrics of a version that has learnt what the model's first one did."""
    spec = {"model": find_model(living.store.reader, name).id, "version": 1, "window": "all", "retune": False}
    done = living.do("retrain", {**spec, "trials": 1, **said})
    return find_version(living.store.reader, f"{name}:{done['version']}").metrics


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "family", "metric"),
    [
        ("customers", "hgb", "roc_auc"),
        ("customers", "random_forest", "log_loss"),
        ("customers", "linear_svm", "roc_auc"),
        ("houses", "hgb", "rmse"),
        ("houses", "ridge", "rmse"),
    ],
)
def test_on_the_same_rows_with_the_same_parameters_it_is_that_of_the_trial(
    living: Living, source: str, family: str, metric: str
) -> None:
    """A family that stops by itself stops in each fold as it did; the thresholds are the same too."""
    name = f"{source}-{family}"
    _, trials = living.tune(source, trials=1, name=name, families=[family], metric=metric)
    living.register(trials[0], name)
    before = find_version(living.store.reader, f"{name}:1").metrics
    assert before[metric] == trials[0].value
    assert again(living, name) == before
    assert not list((living.store.workspace.home / "folds").glob("*"))


@pytest.mark.slow
def test_an_average_of_trials_comes_to_what_it_came_to(living: Living) -> None:
    families = ["logistic", "random_forest", "knn"]
    study, _ = living.tune("customers", trials=6, name="several", families=families, metric="log_loss", ensemble=True)
    found = ensemble_of(living.store.reader, study.id)
    assert found is not None
    assert len(found.members) > 1
    living.do("register", {"run": found.run_id, "name": "several"})
    before = find_version(living.store.reader, "several:1").metrics
    assert again(living, "several") == pytest.approx(before, rel=1e-6)


def test_where_a_fold_of_the_window_has_one_class_the_metric_is_not_known(living: Living) -> None:
    """The version is made all the same; its figure is not that of the folds that are left."""
    folder = living.root / "data" / "grouped"
    folder.mkdir()
    frame = customers(600).assign(group=lambda f: f["id"] % 60)
    frame.to_csv(folder / "1.csv", index=False)
    source = living.services.sources.add(folder, name="grouped", target="left", id_column="id", group_column="group")
    fix_salt(living.store, source.id)
    living.do("scan", {"sources": [source.id]})
    _, trials = living.tune("grouped", trials=1, name="grouped", families=["logistic"], metric="roc_auc")
    living.register(trials[0], "grouped")
    newer = customers(600, seed=5).assign(id=lambda f: f["id"] + 1_000, group=lambda f: f["id"] // 50 + 100)
    newer["left"] = newer["group"].isin([123, 126, 129]).map({True: "yes", False: "no"})  # in fewer groups than folds
    newer.to_csv(folder / "2.csv", index=False)
    living.do("scan", {"sources": [source.id]})
    assert again(living, "grouped", window="last:1") == {"roc_auc": None}
