"""Learning again: the same recipe on other rows, or tuned anew from it; a challenger with its parent, and no promotion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import DataError, UsageError
from mlops_tui.data.learning import parse
from mlops_tui.monitoring.engine.judge import reference_of
from mlops_tui.overview.version_lineage import version_lineage
from mlops_tui.presenters.cards import facts
from mlops_tui.presenters.version_lineage import lineage_lines
from mlops_tui.registry.card import card_facts
from mlops_tui.registry.engine.gates.judged import learnt_by
from mlops_tui.registry.engine.out_of_fold import answers_of_version
from mlops_tui.registry.query import find_model, find_version
from mlops_tui.store.artifact import place
from mlops_tui.store.event import read_events
from mlops_tui.tuning.query import get_study
from tests.living import Living, customers

ROWS = 400


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """`leavers` in three monthly files with a time column, the last of another world; the champion learnt from the first two."""
    made = Living(tmp_path_factory.mktemp("retrain") / "work")
    folder = made.root / "data" / "leavers"
    folder.mkdir(parents=True)
    source = None
    for month in (1, 2, 3):
        frame = customers(ROWS, seed=month).assign(id=range(month * ROWS, (month + 1) * ROWS))
        days = pd.to_timedelta(np.arange(ROWS) % 28, unit="D")
        frame["day"] = (pd.Timestamp(2026, month, 1) + days).strftime("%Y-%m-%d")
        if month == 3:
            frame["left"] = np.where(frame["left"] == "yes", "no", "yes")
        frame.to_csv(folder / f"{month}.csv", index=False)
        if month == 1:
            continue
        if source is None:
            source = made.services.sources.add(folder, name="leavers", target="left", id_column="id", time_column="day")
        made.do("scan", {"sources": [source.id]})
        if month == 2:
            _, trials = made.tune("leavers", trials=2, seed=3, name="before", families=["random_forest"])
            made.register(trials[1], "leavers")
            model = find_model(made.store.reader, "leavers")
            made.do("promote", {"model": model.id, "version": 1, "alias": "champion", "force": True, "why": "first"})
    yield made
    made.close()


def retrain(living: Living, **said: Any) -> dict[str, Any]:
    model = find_model(living.store.reader, "leavers")
    spec = {"model": model.id, "version": 1, "window": "all", "retune": False, "trials": 2}
    return living.do("retrain", {**spec, **said})


def learnt_days(living: Living, number: int) -> pd.Series:
    version = find_version(living.store.reader, f"leavers:{number}")
    return pd.to_datetime(learnt_by(living.store, version).training["day"])


def test_the_recipe_is_fitted_on_what_the_source_has_now_and_is_the_challenger(living: Living) -> None:
    done = retrain(living)
    version = find_version(living.store.reader, "leavers@challenger")
    before = find_version(living.store.reader, "leavers:1")
    assert (done["version"], done["parent"], done["alias"]) == (version.number, 1, "challenger")
    assert (version.family, version.params, version.run_id) == (before.family, before.params, before.run_id)
    assert (before.data_version, version.data_version, version.parent, version.window) == (1, 2, 1, None)
    assert 0.5 < version.metrics["roc_auc"] < 1
    assert find_model(living.store.reader, "leavers").aliases["champion"] == 1  # nothing is promoted
    event = read_events(living.store.reader, of="leavers", limit=1)[0]
    assert (event.verb, (event.after or {})["alias"]) == ("promoted", "challenger")
    assert event.why == "made from version 1 on all"
    assert not done["unchanged"]  # the source has a file more
    assert retrain(living, version=version.number)["unchanged"]


def test_the_way_of_such_a_version_has_its_window_its_files_and_whose_recipe_it_has(living: Living) -> None:
    done = retrain(living, window="last:1")
    found = version_lineage(living.store.reader, find_version(living.store.reader, f"leavers:{done['version']}"))
    assert [path for path, _ in found.files] == ["3.csv"]
    assert (
        facts(card_facts(living.store.reader, found.version))["made from"] == "version 1, on last:1 of data version 2"
    )
    lines = lineage_lines(found, plain=True)
    assert lines[:2] == [f"3.csv ({ROWS} rows)", "`-- source leavers v2, last:1"]
    assert lines[4:6] == [
        "         `-- made from leavers v1",
        f"            `-- model leavers v{done['version']} (challenger)",
    ]


@pytest.mark.slow
def test_the_newest_rows_are_held_out_anew_so_that_newer_ones_are_learnt_from(living: Living) -> None:
    """With a time column the block that is held out moves with the rows; both are judged on what neither learnt from."""
    done = retrain(living)
    assert learnt_days(living, 1).max() < pd.Timestamp(2026, 2, 28)
    assert pd.Timestamp(2026, 3, 5) < learnt_days(living, done["version"]).max() < pd.Timestamp(2026, 3, 28)
    gate = next(gate for gate in done["gates"] if gate["name"] == "not_worse_than_champion")
    assert gate["n"] == pytest.approx(0.2 * 3 * ROWS, abs=ROWS * 0.1)  # the newest fifth


@pytest.mark.slow
def test_in_a_window_of_the_newest_file_it_learns_the_world_as_it_is_and_would_be_promoted(living: Living) -> None:
    done = retrain(living, window="last:1")
    assert learnt_days(living, done["version"]).min() == pd.Timestamp(2026, 3, 1)
    said = {gate["name"]: gate["verdict"] for gate in done["gates"]}
    assert (done["window"], said["not_worse_than_champion"], said["better_than_baseline"]) == ("last:1", "pass", "pass")
    version = find_version(living.store.reader, "leavers@challenger")
    assert (version.window, version.held_out is not None) == ("last:1", True)


@pytest.mark.slow
def test_since_a_day_rows_are_told_by_their_time(living: Living) -> None:
    done = retrain(living, window="since:2026-02-15")
    assert learnt_days(living, done["version"]).min() == pd.Timestamp(2026, 2, 15)
    with pytest.raises(DataError, match="no row in the window since:2027-01-01"):
        retrain(living, window="since:2027-01-01")


@pytest.mark.slow
def test_tuned_anew_it_begins_with_the_recipe_and_is_of_a_study_of_the_window(living: Living) -> None:
    done = retrain(living, window="last:1", retune=True, trials=3)
    version = find_version(living.store.reader, f"leavers:{done['version']}")
    study = get_study(living.store.reader, version.study_id or "")
    assert (study.window, study.version, study.trials) == ("last:1", 2, 3)
    assert (version.parent, version.window) == (1, "last:1")
    assert [begun.study for begun in study.warm_start] == ["before"]
    assert learnt_days(living, version.number).min() == pd.Timestamp(2026, 3, 1)
    assert find_model(living.store.reader, "leavers").aliases["champion"] == 1


@pytest.mark.parametrize(
    "text", ["", "last", "last:0", "last:-1", "since:2026-13-01", "since:yesterday", "v2", "last:1e3"]
)
def test_what_is_no_window_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(UsageError, match="is no window to learn from"):
        parse(text)


def test_a_version_of_no_study_has_no_recipe(living: Living) -> None:
    with living.store.write() as writing:
        writing.execute("UPDATE model_version SET study_id = 'gone' WHERE number = 1")
    try:
        with pytest.raises(UsageError, match="no recipe to learn again"):
            living.services.models.retrain("leavers:1")
    finally:
        study = living.store.reader.execute("SELECT id FROM study WHERE name = 'before'").fetchone()[0]
        with living.store.write() as writing:
            writing.execute("UPDATE model_version SET study_id = ? WHERE number = 1", (study,))


def test_quality_is_judged_by_what_its_recipe_said_of_its_own_rows(living: Living) -> None:
    """Not by what it said of the rows of the study, which were of another world; where its file is gone nothing is compared."""
    retrain(living, window="last:1")
    store = living.store
    again, first = find_version(store.reader, "leavers@challenger"), find_version(store.reader, "leavers:1")
    assert first.answers is None
    assert again.answers is not None
    answers, before = answers_of_version(store, again), answers_of_version(store, first)
    assert answers is not None
    assert before is not None
    learnt = learnt_by(store, again).training
    assert [answers.classes[code] for code in answers.truth] == learnt["left"].tolist()
    assert len(before.truth) != len(answers.truth)
    reference = reference_of(store, again, "roc_auc")
    assert reference is not None
    assert reference.rows == len(answers.known) <= len(learnt)
    assert reference.value == pytest.approx(again.metrics["roc_auc"], abs=0.03)
    place(store.workspace, again.answers).unlink()
    assert reference_of(store, again, "roc_auc") is None
    assert reference_of(store, first, "roc_auc") is not None
