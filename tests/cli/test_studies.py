"""What the commands tell of studies, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.cli.main import run
from mlops_tui.runs.query import find_run
from tests.contracts.shapes import SHAPES, misfits
from tests.living import Living, houses
from tests.tuning.analysed import write_choice


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    made = Living((tmp_path_factory.mktemp("studies") / "work").resolve())
    made.add("houses", houses(120), target="price", id_column="id")
    made.tune("houses", trials=1, name="tuned", families=["ridge"])
    study = made.services.studies.create("houses", trials=4, name="killed")
    with made.store.write() as writing:
        writing.execute("UPDATE study SET state = 'failed', reason = 'Its worker died.' WHERE id = ?", (study.id,))
    yield made
    made.close()


def told(living: Living, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["--workspace", str(living.root), "studies", *words])[0] == 0
    return capsys.readouterr().out


def test_the_best_trial_is_told_by_its_run_and_how_to_register_it(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(living, capsys, "show", "tuned")
    assert "by run tuned/0: ridge with " in shown
    assert "mlops-tui models register tuned/0 --name houses" in shown
    assert "tuned/0" in told(living, capsys, "trials", "tuned")


def test_a_study_that_failed_says_why_and_how_it_goes_on(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(living, capsys, "show", "killed")
    assert "0/4 trials" in shown
    assert "Its worker died." in shown
    assert "mlops-tui studies resume killed" in shown


@pytest.mark.parametrize("words", [("resume", "tuned"), ("enqueue", "tuned", "model=ridge", "alpha=3")])
def test_a_study_with_all_of_its_trials_says_that_it_needs_more(
    living: Living, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert run(["--workspace", str(living.root), "studies", *words])[0] != 0
    refused = capsys.readouterr().err
    assert "Study 'tuned' is done, with all of its 1 trial." in refused
    assert "Give it more first: mlops-tui studies extend tuned --trials 21" in refused


def test_a_change_of_limits_or_workers_is_told_in_a_line(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(living, capsys, "extend", "killed", "--trials", "9", "--timeout", "10m") == (
        "Study 'killed' may have 9 trials in all, 4 before; and take 10m in all.\n"
    )
    assert told(living, capsys, "extend", "killed", "--timeout", "2h") == (
        "Study 'killed' may take 2h in all, 10m before.\n"
    )
    told(living, capsys, "extend", "killed", "--trials", "4")
    assert run(["--workspace", str(living.root), "studies", "workers", "killed", "999"])[0] == 0
    said = capsys.readouterr()
    assert said.out == "Study 'killed' has 999 workers, 1 before.\n"
    assert "999 workers on" in said.err
    assert "wait for each other." in said.err
    assert run(["--workspace", str(living.root), "studies", "workers", "killed", "1"])[0] == 0
    assert capsys.readouterr().err == ""


def test_a_list_of_studies_tells_how_many_trials_have_ended(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(living, capsys, "list").splitlines()
    assert [row.split()[-1] for row in rows[2:]] == ["0/4", "1/1"]


def test_what_a_study_searches_is_printed_as_the_file_that_tune_takes(
    living: Living, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A study of another family refuses it, and names what does not fit; so does one whose low is above its high."""
    printed = told(living, capsys, "space", "tuned")
    assert json.loads(printed)["ridge.alpha"]["attributes"]["high"] == 1e4
    file = tmp_path / "space.json"
    file.write_text(printed, "utf-8")
    words = ["--workspace", str(living.root), "tune", "houses", "--models", "hgb", "--space", str(file)]
    assert run(words)[0] == 2
    assert "The space names 'ridge.alpha', and 'ridge' is none of the study's families." in capsys.readouterr().err
    file.write_text(printed.replace("10000.0", "1e-9"), "utf-8")
    assert run(words)[0] == 2
    assert "Parameter 'ridge.alpha' of the space has a low of 0.001 above its high of 1e-09." in capsys.readouterr().err


def test_an_ensemble_thresholds_and_slices_are_told_and_how_to_register_what(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    study = living.services.studies.create("houses", trials=4, name="analysed")
    run_id = find_run(living.store.reader, "tuned/0").id
    write_choice(living.store, study.id, (run_id, run_id), name="analysed")
    with living.store.write() as writing:
        writing.execute("UPDATE study SET state = 'done', best_run = ? WHERE id = ?", (run_id, study.id))
    shown = told(living, capsys, "show", "analysed")
    assert "Its members: 7 hgb 60%, 3 random_forest 40%." in shown
    assert "Register it with: mlops-tui models register analysed/ensemble --name houses" in shown
    assert "balanced_accuracy is best from 0.312 on" in shown
    assert "broker" not in shown
    sliced = told(living, capsys, "show", "analysed", "--slices")
    assert sliced.index("(missing)") < sliced.index("online") < sliced.index("broker")  # the metric is an error
    assert "0.8 to 0.9" in sliced
    found = json.loads(told(living, capsys, "show", "analysed", "--json"))
    assert found["ensemble"]["members"][0] == {"number": 7, "run_id": "01RUN7", "family": "hgb", "weight": 0.6}
    assert found["analysis"]["thresholds"][0]["threshold"] == 0.312
    assert list(misfits(found, SHAPES["studies show"])) == []
