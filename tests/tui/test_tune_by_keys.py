"""From a source to a champion by keys alone, with the processes that a person's workspace has."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Select

from mlops_tui.bootstrap import Services, create_workspace
from mlops_tui.registry.query import gates_of, list_models, list_versions
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tuning.query import count_trials, get_study, list_studies
from tests.processes import processes_of, wait_for
from tests.tui.seeing import text_of, words_of

SAMPLES = Path(__file__).parents[2] / "sample_data" / "breast_cancer"


async def until(pilot: Pilot[None], claim: Callable[[], object], seconds: float = 90.0) -> None:
    """Lets the screen live until the claim holds."""
    for _ in range(int(seconds / 0.2)):
        if claim():
            return
        await pilot.pause(0.2)
    raise AssertionError("it did not come about in time:\n" + text_of(pilot.app))  # type: ignore[arg-type]


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
        version = list_versions(reader, list_models(reader)[0].id)[0]
        await until(pilot, lambda: gates_of(reader, version.id))
        if gates_of(reader, version.id)[0].verdict != "pass":
            await until(pilot, lambda: "cancer version 1 is not promoted." in words_of(app))
            await pilot.press("f", *"few rows", "ctrl+s")
        await until(pilot, lambda: "cancer version 1 is the champion now." in words_of(app))
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
