"""From a source to a champion by keys alone, with the processes that a person's workspace has."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from textual.widgets import Select

from mlops_tui.bootstrap import Services, create_workspace
from mlops_tui.registry.query import list_models
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.try_next import TryNextForm
from mlops_tui.tui.screens.tune import TunePane
from mlops_tui.tuning.query import (
    count_trials,
    finalists_of,
    get_study,
    hidden_trials,
    list_studies,
    trials_after,
)
from tests.processes import processes_of, wait_for
from tests.tui.seeing import text_of, until, words_of

SAMPLES = Path(__file__).parents[2] / "sample_data" / "breast_cancer"


def with_data(root: Path) -> Services:
    """A workspace with one source whose files are taken in."""
    services = create_workspace(root)
    services.sources.add(SAMPLES, name="cancer", pattern="*.csv", target="malignant")
    services.jobs.wait(services.jobs.start("scan", "take files in", {"sources": None}))
    return services


def queued_that_were_tried(reader: sqlite3.Connection) -> int:
    """How many trials that a person put into the queue have been taken by a worker."""
    query = (
        "SELECT count(*) FROM trials JOIN trial_system_attributes USING (trial_id)"
        " WHERE key = 'fixed_params' AND state <> 'WAITING'"
    )
    return int(reader.execute(query).fetchone()[0])


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_source_is_tuned_stopped_registered_and_promoted_by_keys_alone(tmp_path: Path) -> None:
    """Every step shows on the screen what it did, the champion is in the store, and no process is left."""
    services = with_data((tmp_path / "work").resolve())
    reader = services.store.reader
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        await until(pilot, lambda: "Tuning" in text_of(app))
        await pilot.press("3")
        await until(pilot, lambda: "No studies yet." in text_of(app))
        await pilot.press("n")
        await until(pilot, lambda: "mlops-tui tune cancer --target malignant" in words_of(app))
        await pilot.press(*["tab"] * 8, "backspace", "backspace", *"500", "ctrl+s")
        await until(pilot, lambda: list_studies(reader))
        study = list_studies(reader)[0]
        assert study.trials == 500
        await until(pilot, lambda: count_trials(reader, study.id).get("complete", 0) >= 4)
        await until(pilot, lambda: "▶ running" in text_of(app) and "best" in text_of(app))
        await pilot.press("e")
        await until(
            pilot, lambda: "Try next" in text_of(app) and "mlops-tui studies enqueue cancer-1 model=" in words_of(app)
        )
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "of cancer-1 is in the queue." in words_of(app))
        await pilot.press("L")
        await until(pilot, lambda: "Limits of cancer-1" in text_of(app))
        await pilot.press("backspace", "backspace", "backspace", *"450", "ctrl+s")
        await until(pilot, lambda: "The limits of cancer-1 are set." in words_of(app))
        assert get_study(reader, study.id).trials == 450
        await until(pilot, lambda: queued_that_were_tried(reader))
        await pilot.press("s")
        await until(pilot, lambda: "■ stopped" in text_of(app))
        assert sum(count_trials(reader, study.id).values()) < 500
        await pilot.press("m")
        await until(pilot, lambda: "Register a model" in text_of(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "cancer version 1 is registered." in words_of(app))
        await pilot.press("6")
        await until(pilot, lambda: "not asked" in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "cancer has no champion yet: v1 becomes it" in words_of(app))
        await pilot.press("enter")
        ends = ("cancer version 1 is not promoted.", "cancer version 1 is the champion now")
        await until(pilot, lambda: any(end in words_of(app) for end in ends))
        if ends[1] not in words_of(app):
            await pilot.press("f", *"few rows", "ctrl+s")
        await until(pilot, lambda: "cancer version 1 is the champion now" in words_of(app))
        assert list_models(reader)[0].aliases == {"champion": 1}
        await until(pilot, lambda: "v1  champion" in text_of(app))
    wait_for(lambda: not processes_of(services.workspace.root), 10.0)
    services.close()


async def test_the_launch_form_says_what_the_target_is_taken_for_and_can_be_told_otherwise(tmp_path: Path) -> None:
    services = with_data(tmp_path)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot, lambda: "1 Home" in text_of(app))
        await pilot.press("3", "n")
        await until(pilot, lambda: "The task is binary: 'malignant' has 2 different values." in words_of(app))
        assert "Folds keep the shares of the classes." in words_of(app)
        app.screen.query_one("#field-target", Select).value = "mean_radius"
        await until(pilot, lambda: "The task is regression: 'mean_radius' holds numbers" in words_of(app))
        app.screen.query_one("#field-split", Select).value = "stratified"
        await until(pilot, lambda: "--target mean_radius --split stratified" in words_of(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "✗ The split cannot be stratified: 'mean_radius' holds numbers" in words_of(app))
        await pilot.press("escape")


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_study_is_launched_watched_and_steered_by_keys_alone(tmp_path: Path) -> None:
    """Launched, watched, a trial of another family queued, a range narrowed, a bad trial hidden, stopped: each holds for what
    its workers do from then on."""
    services = with_data((tmp_path / "work").resolve())
    reader = services.store.reader
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: "level" in text_of(app))
        await pilot.press("3")
        await until(pilot, lambda: "No studies yet." in text_of(app))
        await pilot.press("n")
        await until(pilot, lambda: "mlops-tui tune cancer" in words_of(app))
        await pilot.press(*["tab"] * 7, *"logistic,knn", "tab", *"5000", "ctrl+s")
        await until(pilot, lambda: list_studies(reader))
        study = list_studies(reader)[0]
        assert (study.families, study.trials) == (("logistic", "knn"), 5000)

        await until(pilot, lambda: count_trials(reader, study.id).get("complete", 0) >= 4)
        await until(pilot, lambda: "▶ running" in text_of(app) and " best" in text_of(app))
        await pilot.press("v")
        await until(pilot, lambda: "history · importance" in text_of(app))
        await pilot.press("escape")

        await pilot.press("e")
        await until(pilot, lambda: "Try next" in text_of(app))
        form = app.screen
        assert isinstance(form, TryNextForm)
        other = {"logistic": "k", "knn": "l"}[form.values()["family"]]
        await pilot.press("shift+tab", "enter", other, "enter", "ctrl+s")
        await until(pilot, lambda: queued_that_were_tried(reader))

        await pilot.press("N")
        await until(pilot, lambda: "Narrow a range of cancer-1" in text_of(app))
        await pilot.press("enter", *"logistic", "enter", "tab", "1", "tab", "2")
        await until(pilot, lambda: "mlops-tui studies narrow cancer-1 logistic.C 1 2" in words_of(app))
        assert "lie outside" in words_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: "logistic.C" in get_study(reader, study.id).space)
        seen = sum(count_trials(reader, study.id).values()) + 1  # one may have been drawn already

        await pilot.press("enter", "o")
        await until(pilot, lambda: isinstance(app.pane, TunePane) and app.pane.trial is not None)
        await until(pilot, lambda: "★" in text_of(app))
        await pilot.press("home", "H")
        await until(pilot, lambda: "1 hidden" in text_of(app))
        [hidden] = hidden_trials(reader, study.id)

        def drawn() -> list[float]:
            later = trials_after(reader, study.id, seen)
            return [trial.params["C"] for trial in later if trial.family == "logistic" and trial.state != "running"]

        await until(pilot, lambda: len(drawn()) >= 3)
        await pilot.press("s")
        await until(pilot, lambda: "■ stopped" in text_of(app))
        assert all(1 <= found <= 2 for found in drawn())
        found = finalists_of(reader, study.id)
        assert found[0].chosen
        assert hidden not in [one.number for one in found]
        best = get_study(reader, study.id).best_run
        assert best != next(trial.run_id for trial in trials_after(reader, study.id, hidden - 1))
        await pilot.press("a")
        await until(pilot, lambda: "still optimistic" in words_of(app))
    wait_for(lambda: not processes_of(services.workspace.root), 10.0)
    services.close()
