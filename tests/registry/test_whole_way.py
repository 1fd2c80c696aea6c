"""From a tuned run to a champion and back: registered, asked, promoted, refused, overruled, rolled back, and back again."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.evaluation.held_out import is_held_out
from mlops_tui.jobs.query import get_job, open_jobs
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.gates import KINDS
from mlops_tui.registry.query import (
    alias_history,
    count_looks,
    find_model,
    find_version,
    latest_gates,
    list_versions,
)
from mlops_tui.store.event import read_events
from mlops_tui.tuning.query import finalists_of, find_study
from tests.living import Living, houses

PASSES, FAILS, UNTOLD = 1, 2, 1
"""The versions of `houses` and `few`, by what the gates say of them."""


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """Two studies of ridge on data that it fits: one with enough held-out rows to tell, one with a dozen.

    `houses` version 1 is about as good as the default, version 2 shrunk so much that it is plainly worse; of `few`
    nothing can be said.
    """
    made = Living(tmp_path_factory.mktemp("registry") / "work")
    made.add("houses", houses(400), target="price", id_column="id")
    made.add("few", houses(60), target="price", id_column="id")
    study, trials = made.tune("houses", trials=8, seed=5, name="houses", families=["ridge"])
    assert study.state == "done"
    default, shrunk = trials[:2]
    complete = [trial for trial in trials[2:] if trial.state == "complete"]
    near = min(complete, key=lambda trial: abs(math.log(trial.params["alpha"])))
    assert 0.7 < near.params["alpha"] < 1.5
    assert (shrunk.params["alpha"], shrunk.value > 1.5 * default.value) == (30.0, True)
    assert made.register(near, "houses") == PASSES
    assert made.register(shrunk, "houses") == FAILS
    _, trials = made.tune("few", trials=2, seed=1, name="few", families=["ridge"])
    assert made.register(trials[1], "few") == UNTOLD
    yield made
    made.close()


def promote(living: Living, model: str, version: int, alias: str = "champion", **more: object) -> dict:
    found = find_model(living.store.reader, model)
    return living.do("promote", {"model": found.id, "version": version, "alias": alias, **more})


def said(done: dict, name: str) -> dict:
    """What one gate said."""
    return next(gate for gate in done["gates"] if gate["name"] == name)


def champion(living: Living, model: str = "houses") -> int:
    return find_version(living.store.reader, f"{model}@champion").number


@pytest.fixture
def champion_1(living: Living) -> Living:
    """`houses` with version 1 as its champion, whatever a test did before."""
    if find_model(living.store.reader, "houses").aliases.get("champion") != PASSES:
        assert promote(living, "houses", PASSES, why="as it was")["promoted"]
    return living


def test_a_first_version_that_is_better_than_none_becomes_the_champion(living: Living) -> None:
    """Without a champion, what compares with one is not applicable; the event has what each gate said."""
    done = promote(living, "houses", PASSES)
    baseline = said(done, "better_than_baseline")
    assert (done["promoted"], done["refused_by"], baseline["verdict"]) == (True, [], "pass")
    assert 60 < baseline["n"] < 100  # a fifth of 400 rows is held out
    low, high = baseline["interval"]
    assert low <= baseline["value"] <= high < 0  # an error: less is better
    assert {said(done, name)["verdict"] for name in ("not_worse_than_champion", "slices", "signature")} == {
        "not_applicable"
    }
    assert [gate["name"] for gate in done["gates"]] == [kind.name for kind in KINDS.values() if kind.asked]
    assert champion(living) == PASSES
    event = read_events(living.store.reader, of="houses")[0]
    assert (event.verb, event.actor) == ("promoted", living.store.actor)
    assert event.after is not None
    assert event.after["gates"] == {gate["name"]: gate["verdict"] for gate in done["gates"]}
    assert "forced" not in event.after


def test_a_version_that_is_worse_than_the_champion_fails_and_the_champion_stays(champion_1: Living) -> None:
    moves = len(alias_history(champion_1.store.reader, find_model(champion_1.store.reader, "houses").id))
    done = promote(champion_1, "houses", FAILS)
    gate = said(done, "not_worse_than_champion")
    assert (done["promoted"], done["refused_by"][0], gate["verdict"]) == (False, "not_worse_than_champion", "fail")
    assert gate["interval"][0] > gate["threshold"] > 0  # even the best bound of its error lies beyond the margin
    assert said(done, "signature")["verdict"] == "pass"
    assert champion(champion_1) == PASSES
    assert len(alias_history(champion_1.store.reader, find_model(champion_1.store.reader, "houses").id)) == moves


def test_where_rows_are_too_few_to_tell_nobody_is_promoted_but_for_a_reason(living: Living) -> None:
    """A gate that cannot tell refuses; a person's reason is enough against it, and stands in the event."""
    done = promote(living, "few", UNTOLD)
    gate = said(done, "better_than_baseline")
    assert (done["promoted"], done["refused_by"], gate["verdict"]) == (False, ["better_than_baseline"], "cannot_tell")
    assert gate["value"] is None
    assert gate["n"] < 20
    assert "held-out rows" in gate["why"]
    assert find_model(living.store.reader, "few").aliases == {}
    done = promote(living, "few", UNTOLD, why="a first try, for two of us")
    assert (done["promoted"], done["overruled"]) == (True, ["better_than_baseline"])
    event = read_events(living.store.reader, of="few")[0]
    assert (event.why, (event.after or {})["overruled"]) == ("a first try, for two of us", ["better_than_baseline"])


def test_a_reason_alone_does_not_overrule_a_gate_that_fails(champion_1: Living) -> None:
    done = promote(champion_1, "houses", FAILS, why="I like it")
    assert (done["promoted"], done["refused_by"][0]) == (False, "not_worse_than_champion")
    assert champion(champion_1) == PASSES


def test_verdicts_are_kept_with_their_evidence_and_each_look_is_counted_once(champion_1: Living) -> None:
    reader = champion_1.store.reader
    version = find_version(reader, f"houses:{FAILS}")
    promote(champion_1, "houses", FAILS)
    result = next(gate for gate in latest_gates(reader, version.id) if gate.name == "not_worse_than_champion")
    evidence = result.evidence
    assert (result.verdict, evidence["artifact"], evidence["metric"]) == ("fail", version.artifact, "rmse")
    assert evidence["champion"] == PASSES
    looks = count_looks(reader, evidence["held_out_hash"])
    promote(champion_1, "houses", FAILS)
    assert count_looks(reader, evidence["held_out_hash"]) == looks + 1  # three gates look at the same rows at once


def test_the_verdict_is_what_the_held_out_rows_say(champion_1: Living) -> None:
    """The difference that the gate names, computed again from the files on the rows that no trial saw."""
    gate = said(promote(champion_1, "houses", FAILS, "challenger"), "not_worse_than_champion")
    reader = champion_1.store.reader
    frame = pd.read_csv(champion_1.root / "data" / "houses.csv")
    held_out = frame.loc[held_out_of(champion_1, frame)]
    assert len(held_out) == gate["n"]
    errors = []
    for number in (FAILS, PASSES):
        version = find_version(reader, f"houses:{number}")
        rows = typed(held_out, version.signature.columns)
        errors.append(rmse(load_version(champion_1.store, version).predict(rows), held_out["price"]))
    assert gate["value"] == pytest.approx(errors[0] - errors[1], rel=1e-6)


def held_out_of(living: Living, frame: pd.DataFrame) -> np.ndarray:
    (rule,) = living.store.reader.execute("SELECT held_out FROM source WHERE name = 'houses'").fetchone()
    from_rule = json.loads(rule)
    assert (from_rule["by"], from_rule["column"]) == ("hash", "id")
    return is_held_out(frame, from_rule)


def rmse(predicted: np.ndarray, truth: pd.Series) -> float:
    return float(np.sqrt(np.mean((predicted - truth.to_numpy()) ** 2)))


def test_gates_are_asked_for_other_aliases_and_only_advise(champion_1: Living) -> None:
    done = promote(champion_1, "houses", FAILS, "shadow")
    assert (done["promoted"], said(done, "not_worse_than_champion")["verdict"]) == (True, "fail")
    assert not any(gate["blocking"] or gate["refuses"] for gate in done["gates"])
    assert find_model(champion_1.store.reader, "houses").aliases == {"champion": PASSES, "shadow": FAILS} | {
        alias: number
        for alias, number in find_model(champion_1.store.reader, "houses").aliases.items()
        if alias == "challenger"
    }


def test_gates_are_asked_without_moving_anything(champion_1: Living) -> None:
    """The one that is asked by name alone is asked where it is named, and finds the model again."""
    model = find_model(champion_1.store.reader, "houses")
    spec = {"model": model.id, "version": FAILS, "alias": "champion", "also": ["reproducible"]}
    asked = champion_1.do("gates", spec)
    assert asked["would_be_promoted"] is False
    again = said(asked, "reproducible")
    assert (again["verdict"], again["value"]) == ("pass", 0.0)
    assert champion(champion_1) == PASSES


def test_force_promotes_what_the_gates_refuse_and_keeps_the_reason(champion_1: Living) -> None:
    done = promote(champion_1, "houses", FAILS, force=True, why="the labels of March are wrong")
    assert (done["promoted"], done["overruled"]) == (True, ["not_worse_than_champion", "slices"])
    assert champion(champion_1) == FAILS
    event = read_events(champion_1.store.reader, of="houses")[0]
    assert (event.verb, event.why) == ("promoted", "the labels of March are wrong")
    assert event.after is not None
    assert event.after["forced"] is True
    moves = alias_history(champion_1.store.reader, find_model(champion_1.store.reader, "houses").id)
    assert (moves[0].overruled, moves[1].overruled) == (("not_worse_than_champion", "slices"), ())


def test_what_is_the_champion_already_is_refused_before_a_job_is_begun(champion_1: Living) -> None:
    with pytest.raises(UsageError, match="houses version 1 is the champion already"):
        champion_1.services.models.promote("houses", PASSES)
    assert not open_jobs(champion_1.store.reader)


def test_a_study_s_name_means_the_trial_that_it_chose(living: Living) -> None:
    """And a name that neither a run nor a study has is said to be no run's."""
    job = living.services.models.register("houses", "chosen")
    try:
        spec = get_job(living.store.reader, job).spec
        chosen = next(
            one for one in finalists_of(living.store.reader, find_study(living.store.reader, "houses").id) if one.chosen
        )
        assert spec == {"run": chosen.run_id, "name": "chosen"}
    finally:
        living.services.jobs.cancel(job)
    with pytest.raises(UsageError, match="There is no run 'nobody'"):
        living.services.models.register("nobody", "chosen")


def test_force_without_a_reason_moves_nothing(champion_1: Living) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        promote(champion_1, "houses", FAILS, force=True, why=" ")
    assert champion(champion_1) == PASSES


def test_a_rollback_brings_the_champion_before_back_and_can_be_undone(champion_1: Living) -> None:
    models = champion_1.services.models
    promote(champion_1, "houses", FAILS, force=True, why="to see")
    assert champion(champion_1) == FAILS
    assert models.rollback("houses", "it was no good").number == PASSES
    assert champion(champion_1) == PASSES
    event = read_events(champion_1.store.reader, of="houses")[0]
    assert (event.verb, event.why) == ("rolled_back", "it was no good")
    assert models.undo_rollback("houses").number == FAILS
    assert champion(champion_1) == FAILS
    with pytest.raises(UsageError, match="was no rollback"):
        models.undo_rollback("houses")
    assert models.rollback("houses").number == PASSES  # what was undone can be done again


def test_a_promotion_to_where_it_stands_already_is_said_to_be_nothing(champion_1: Living) -> None:
    with pytest.raises(UsageError, match="is the champion already"):
        promote(champion_1, "houses", PASSES)


def test_a_version_names_the_run_the_data_and_the_recipe_that_it_came_from(living: Living) -> None:
    reader = living.store.reader
    for version in list_versions(reader, find_model(reader, "houses").id):
        run = reader.execute("SELECT value FROM run_param WHERE run_id = ? AND key = 'alpha'", (version.run_id,))
        assert float(run.fetchone()[0]) == version.params["alpha"]
        assert (version.family, version.data_version) == ("ridge", 1)
        registered = [event for event in read_events(reader, of="houses") if event.verb == "registered"]
        assert version.run_id in {(event.after or {})["run"] for event in registered}


def mlops(living: Living, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "mlops_tui", "--workspace", str(living.root), *words]
    return subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
def test_the_command_exits_3_where_a_gate_refuses_and_0_where_it_is_forced(champion_1: Living) -> None:
    refused = mlops(champion_1, "models", "promote", "houses", str(FAILS), "--json")
    assert refused.returncode == 3, refused.stderr
    assert json.loads(refused.stdout)["promoted"] is False
    assert champion(champion_1) == PASSES
    asked = mlops(champion_1, "models", "gates", "houses", str(FAILS), "--ask")
    assert asked.returncode == 3, asked.stderr
    assert f"houses version {FAILS}: its gates for champion refuse it." in asked.stdout
    forced = mlops(champion_1, "models", "promote", "houses", str(FAILS), "--force", "--why", "asked for")
    assert forced.returncode == 0, forced.stderr
    assert f"houses version {FAILS} is the champion now, over not worse than champion, slices." in forced.stdout
    back = mlops(champion_1, "models", "rollback", "houses", "--why", "seen enough", "--json")
    assert (back.returncode, json.loads(back.stdout)["version"]) == (0, PASSES)
    undone = mlops(champion_1, "models", "rollback", "houses", "--undo", "--json")
    assert (undone.returncode, json.loads(undone.stdout)["version"]) == (0, FAILS)


@pytest.mark.parametrize(
    ("options", "words"),
    [(("--retune", "--trials", "0"), "There cannot be 0 trials."), (("--trials", "5"), "go with --retune alone.")],
)
def test_trials_that_make_no_sense_are_no_retraining(champion_1: Living, options: tuple[str, ...], words: str) -> None:
    refused = mlops(champion_1, "retrain", "houses", *options)
    assert (refused.returncode, words in refused.stderr) == (2, True), refused.stderr
    assert not open_jobs(champion_1.store.reader)
