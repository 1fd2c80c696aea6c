"""From a tuned run to a champion and back: registered, asked, promoted, refused, forced, rolled back."""

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
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.query import alias_history, count_looks, find_model, find_version, gates_of, list_versions
from mlops_tui.store.event import read_events
from tests.living import Living, houses

PASSES, FAILS, UNTOLD = 1, 2, 1
"""The versions of `houses` and `few`, by what the gate says of them."""


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


def champion(living: Living, model: str = "houses") -> int:
    return find_version(living.store.reader, f"{model}@champion").number


@pytest.fixture
def champion_1(living: Living) -> Living:
    """`houses` with version 1 as its champion, whatever a test did before."""
    if find_model(living.store.reader, "houses").aliases.get("champion") != PASSES:
        assert promote(living, "houses", PASSES)["promoted"]
    return living


def test_a_model_that_is_no_worse_passes_and_becomes_the_champion(living: Living) -> None:
    done = promote(living, "houses", PASSES)
    (gate,) = done["gates"]
    assert (done["promoted"], gate["verdict"], gate["blocking"]) == (True, "pass", True)
    assert champion(living) == PASSES
    assert 60 < gate["n"] < 100  # a fifth of 400 rows is held out
    low, high = gate["interval"]
    assert low <= gate["value"] <= high < gate["threshold"]
    event = read_events(living.store.reader, of="houses")[0]
    assert (event.verb, event.actor) == ("promoted", living.store.actor)
    assert event.why == gate["why"]
    assert event.after is not None
    assert "forced" not in event.after


def test_a_model_that_is_worse_fails_and_the_champion_stays(champion_1: Living) -> None:
    moves = len(alias_history(champion_1.store.reader, find_model(champion_1.store.reader, "houses").id))
    done = promote(champion_1, "houses", FAILS)
    (gate,) = done["gates"]
    assert (done["promoted"], gate["verdict"]) == (False, "fail")
    assert gate["interval"][0] > gate["threshold"] > 0  # even the best bound of its error lies beyond the margin
    assert champion(champion_1) == PASSES
    assert len(alias_history(champion_1.store.reader, find_model(champion_1.store.reader, "houses").id)) == moves


def test_where_rows_are_too_few_to_tell_nobody_is_promoted(living: Living) -> None:
    done = promote(living, "few", UNTOLD)
    (gate,) = done["gates"]
    assert (done["promoted"], gate["verdict"]) == (False, "cannot_tell")
    assert gate["value"] is None
    assert gate["n"] < 20
    assert "held-out rows" in gate["why"]
    assert find_model(living.store.reader, "few").aliases == {}


def test_the_verdict_is_kept_with_its_evidence_and_every_look_is_counted(champion_1: Living) -> None:
    reader = champion_1.store.reader
    version = find_version(reader, f"houses:{FAILS}")
    promote(champion_1, "houses", FAILS)
    result = gates_of(reader, version.id)[0]
    evidence = result.evidence
    assert (result.verdict, evidence["artifact"], evidence["metric"]) == ("fail", version.artifact, "rmse")
    assert evidence["baseline_params"] == {"alpha": 1.0}
    looks = count_looks(reader, evidence["held_out_hash"])
    promote(champion_1, "houses", FAILS)
    assert count_looks(reader, evidence["held_out_hash"]) == looks + 1


def test_the_verdict_is_what_the_held_out_rows_say(living: Living) -> None:
    """The difference that the gate names, computed again from the file on the rows that no trial saw."""
    gate = promote(living, "houses", FAILS, "challenger")["gates"][0]
    reader = living.store.reader
    version = find_version(reader, f"houses:{FAILS}")
    frame = pd.read_csv(living.root / "data" / "houses.csv")
    held_out = frame.loc[held_out_of(living, frame)]
    assert len(held_out) == gate["n"]
    rows = typed(held_out, version.signature.columns)
    error = rmse(load_version(living.store, version).predict(rows), held_out["price"])
    passing = find_version(reader, f"houses:{PASSES}")  # shrunk about as much as the default
    default = rmse(load_version(living.store, passing).predict(rows), held_out["price"])
    assert gate["value"] == pytest.approx(error - default, rel=0.05)


def held_out_of(living: Living, frame: pd.DataFrame) -> np.ndarray:
    (rule,) = living.store.reader.execute("SELECT held_out FROM source WHERE name = 'houses'").fetchone()
    from_rule = json.loads(rule)
    assert (from_rule["by"], from_rule["column"]) == ("hash", "id")
    return is_held_out(frame, from_rule)


def rmse(predicted: np.ndarray, truth: pd.Series) -> float:
    return float(np.sqrt(np.mean((predicted - truth.to_numpy()) ** 2)))


def test_force_promotes_what_the_gate_refuses_and_keeps_the_reason(champion_1: Living) -> None:
    done = promote(champion_1, "houses", FAILS, force=True, why="the labels of March are wrong")
    assert (done["promoted"], done["gates"][0]["verdict"]) == (True, "fail")
    assert champion(champion_1) == FAILS
    event = read_events(champion_1.store.reader, of="houses")[0]
    assert (event.verb, event.why) == ("promoted", "the labels of March are wrong")
    assert event.after is not None
    assert event.after["forced"] is True


def test_force_without_a_reason_moves_nothing(champion_1: Living) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        promote(champion_1, "houses", FAILS, force=True, why=" ")
    assert champion(champion_1) == PASSES


def test_a_rollback_brings_the_champion_before_back(champion_1: Living) -> None:
    promote(champion_1, "houses", FAILS, force=True, why="to see")
    assert champion(champion_1) == FAILS
    assert champion_1.services.models.rollback("houses", "it was no good").number == PASSES
    assert champion(champion_1) == PASSES
    event = read_events(champion_1.store.reader, of="houses")[0]
    assert (event.verb, event.why) == ("rolled_back", "it was no good")


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
def test_the_command_exits_3_where_the_gate_refuses_and_0_where_it_is_forced(champion_1: Living) -> None:
    refused = mlops(champion_1, "models", "promote", "houses", str(FAILS), "--json")
    assert refused.returncode == 3, refused.stderr
    assert json.loads(refused.stdout)["promoted"] is False
    assert champion(champion_1) == PASSES
    forced = mlops(champion_1, "models", "promote", "houses", str(FAILS), "--force", "--why", "asked for")
    assert forced.returncode == 0, forced.stderr
    assert f"houses version {FAILS} is the champion now" in forced.stdout
    back = mlops(champion_1, "models", "rollback", "houses", "--why", "seen enough", "--json")
    assert (back.returncode, json.loads(back.stdout)["version"]) == (0, PASSES)
