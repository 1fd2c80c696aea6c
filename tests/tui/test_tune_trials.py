"""One trial in full, and two side by side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.jobs.query import get_job, list_jobs
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from mlops_tui.tui.actions import REGISTRY
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tuning.query import get_study
from tests.processes import end_processes_of
from tests.tui.seeing import SIZES, look, looks_as_kept, settled, text_of, until_seen
from tests.tui.test_tune_screen import at_tune
from tests.tui.tuned import add_source, add_study
from tests.tuning.analysed import ENSEMBLE, write_choice
from tests.tuning.trials import many_trials, run_id


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A study of 40 trials that nobody changes, with the log of its job."""
    workspace = create(tmp_path_factory.mktemp("tuned") / "loans")
    migrate(workspace.store)
    services = open_services(workspace.root)
    add_source(services)
    study_id = add_study(services, trials=(), state="done", total=40)
    many_trials(services, study_id, 40)
    job_id = get_study(services.store.reader, study_id).job_id
    assert job_id is not None
    with services.store.write() as writing:
        writing.execute("UPDATE job SET kind = 'tune', spec = json_object('study', ?) WHERE id = ?", (study_id, job_id))
    lines = [f"12:00:{number:02d} trial {number}: ended" for number in range(40)]
    (workspace.logs / get_job(services.store.reader, job_id).log).write_text("\n".join(lines) + "\n", "utf-8")
    yield services
    services.close()


@pytest.mark.parametrize("size", SIZES)
async def test_trials_look_as_they_were_kept(tuned: Services, size: tuple[int, int]) -> None:
    """A trial with its folds beside the best one's, and the two side by side."""
    app = MlopsApp(tuned)
    async with app.run_test(size=size) as pilot:
        await at_tune(pilot)
        await look(pilot, "enter", "o", "j", "enter")
        await looks_as_kept(pilot, f"tune-trial-{size[0]}x{size[1]}")
        await look(pilot, "c")
        await looks_as_kept(pilot, f"tune-trials-compared-{size[0]}x{size[1]}")


async def test_in_a_low_terminal_the_list_of_trials_has_the_room_while_it_is_used(tuned: Services) -> None:
    """The curve gives way to one line, and is there again with the studies; pictures are a key away."""
    app = MlopsApp(tuned)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        before = pane.trials.table.size.height
        shown = await look(pilot, "enter")
        assert pane.trials.table.size.height >= before + 5
        assert len([line for line in shown.splitlines() if "complete" in line or "pruned" in line]) >= 9
        assert "40 of 40 trials" in shown
        assert "0.82 ┤" not in shown
        assert "history · importance" in await look(pilot, "v")
        await look(pilot, "escape", "escape")
        assert pane.trials.table.size.height == before


async def test_one_goes_from_trial_to_trial_marks_two_and_compares_them(tuned: Services) -> None:
    """By J and space alone; what they differ in comes first, what is alike last; esc leads back layer by layer."""
    app = MlopsApp(tuned)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        shown = await look(pilot, "enter", "o", "enter")
        assert "★ the study's best" in shown
        assert app.why_not(REGISTRY["opened.before"]) == "It is the first of the list."
        await look(pilot, "c")
        assert pane.trials.table.has_focus is False
        assert len(pane.over) == 1, "the best one is compared with no other"
        assert "● marked" in await look(pilot, "space")
        first = pane.trial
        assert "● marked" not in await look(pilot, "J")
        second = pane.trial
        assert "● marked" in await look(pilot, "space")
        shown = await look(pilot, "c")
        assert first is not None
        assert second is not None
        assert f"trials {first.number} and {second.number}" in shown
        assert shown.index("Different") < shown.index("fold 1")
        assert len(pane.over) == 2
        await look(pilot, "escape")
        assert "● marked" in text_of(app)
        await look(pilot, "escape")
        assert pane.trials.table.has_focus
        assert len(pane.trials.table.marks) == 2


async def test_a_failed_trial_says_why_and_what_was_logged(tuned: Services) -> None:
    app = MlopsApp(tuned)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        await pilot.press("enter", "slash", *"failed", "enter")
        await settled(pilot)
        shown = await look(pilot, "enter")
        assert "ValueError: it failed." in shown
        assert "No fold was scored." in shown
        assert "12:00:32 trial 32: ended" in shown
        assert "trial 3: ended" not in shown


@pytest.fixture
def chosen(services: Services) -> Services:
    """A study that has ended with two finalists, an ensemble and an analysis."""
    add_source(services)
    study_id = add_study(services, trials=(), state="done", total=9)
    many_trials(services, study_id, 9)
    write_choice(services.store, study_id, (run_id(7), run_id(2)))
    return services


@pytest.mark.parametrize("size", SIZES)
async def test_what_was_chosen_is_told_in_one_place(chosen: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(chosen)
    async with app.run_test(size=size) as pilot:
        pane = await at_tune(pilot)
        shown = await look(pilot, "a")
        assert "loans-1 · what was chosen" in shown
        assert "→ 2 " in shown
        assert "within one standard error (0.0041) of trial 7" in shown
        if size[1] >= 50:
            assert "members  7 hgb 60%, 3 random_forest 40%" in " ".join(shown.split("│")).replace("   ", "  ")
            assert shown.index("channel broker") < shown.index("channel online") < shown.index("channel (missing)")
        await look(pilot, "escape")
        assert not pane.over


async def test_the_ensemble_is_made_a_model_from_there(chosen: Services) -> None:
    app = MlopsApp(chosen)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        await look(pilot, "a")
        await until_seen(pilot, "members")
        await pilot.press("e")
        await until_seen(pilot, "The average of 2 trials of loans-1 is fitted on all")
        await pilot.press("ctrl+s")
        await settled(pilot)
        [job] = [job for job in list_jobs(chosen.store.reader) if job.kind == "register"]
        assert job.spec == {"run": ENSEMBLE.run_id, "name": "loans"}
        end_processes_of(chosen.workspace.root)


async def test_a_study_at_work_has_chosen_nothing(services: Services) -> None:
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        assert app.why_not(REGISTRY["tune.choice"]) == "A study chooses once its last trial has ended."
