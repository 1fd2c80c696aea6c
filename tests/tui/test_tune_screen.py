"""The tune screen: what it shows of studies and trials, launching, and steering."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select

from mlops_tui.bootstrap import Services
from mlops_tui.jobs.query import get_job
from mlops_tui.tui.actions import REGISTRY
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Form
from mlops_tui.tui.dialogs.launch import LaunchForm
from mlops_tui.tui.panels.footer import KeyLine
from mlops_tui.tui.screens.tune import TunePane
from mlops_tui.tuning.query import find_study, get_study
from tests.tui.loans import only_looked_at
from tests.tui.seeing import SIZES, look, looks_as_kept, settled, text_of, until_seen, words_of
from tests.tui.tuned import HGB, TRIALS, add_finalist, add_source, add_study, add_trial
from tests.tuning.trials import many_trials


async def at_tune(pilot: Pilot[None]) -> TunePane:
    """The screen, gone to and filled."""
    await settled(pilot)
    await pilot.press("3")
    await settled(pilot, 0.2)
    pane = pilot.app.pane  # type: ignore[attr-defined]
    assert isinstance(pane, TunePane)
    return pane


@pytest.mark.parametrize("size", SIZES)
async def test_studies_look_as_they_were_kept(services: Services, size: tuple[int, int]) -> None:
    """A running study with a failed trial, and one that is done, in both sizes."""
    add_source(services)
    add_study(services, "loans-1", number=1, state="done", trials=TRIALS[:5], total=5)
    add_study(services, "loans-2", number=2)
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await at_tune(pilot)
        await looks_as_kept(pilot, f"tune-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_without_studies_the_screen_says_the_key(services: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await at_tune(pilot)
        await looks_as_kept(pilot, f"tune-empty-{size[0]}x{size[1]}")


async def test_a_trial_that_ends_comes_into_sight_and_the_cursor_keeps_its_trial(services: Services) -> None:
    """Curve, counts and table follow; the row under the cursor stays the same trial."""
    add_source(services)
    study_id = add_study(services, trials=TRIALS[:4])
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_tune(pilot)
        await pilot.press("enter", "j")
        chosen = pane.trials.trial
        assert chosen is not None
        assert chosen.number == 2
        add_trial(services, study_id, 4, ("complete", 0.9123, "hgb", HGB, 0.5, None))
        await settled(pilot, 0.6)
        assert "best 0.9123 by trial 4" in text_of(app)
        assert "5/20" in text_of(app)
        assert pane.trials.table.row is not None
        assert pane.trials.table.row.id == chosen.run_id
        assert pane.trials.table.cursor == 2


async def test_why_a_trial_failed_is_said_below_the_table(services: Services) -> None:
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        assert "not defined on every fold" not in text_of(app)
        await pilot.press("enter", "j", "j", "j", "j")
        await settled(pilot)
        assert "ArithmeticError: roc_auc is not defined on every fold." in text_of(app)


async def test_the_best_trials_come_first_on_demand_and_those_without_a_value_last(services: Services) -> None:
    """`o` orders by value, the star stands at the best; `o` again by time and processor, then by number; `O` turns it."""
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_tune(pilot)
        await pilot.press("enter", "o")
        await settled(pilot)
        assert pane.trials.trial is not None
        assert pane.trials.trial.value == 0.8096
        assert pane.trials.table.row is not None
        assert pane.trials.table.row.cells[0].text == "★"
        await pilot.press("G")
        assert pane.trials.trial.value is None
        await look(pilot, "o")
        assert pane.trials.trial.seconds == 4.06
        await look(pilot, "O")
        assert pane.trials.trial.seconds == 0.21
        await look(pilot, "o", "o")
        assert pane.trials.trial.number == len(TRIALS) - 1


@pytest.mark.slow
async def test_the_cursor_keeps_its_trial_while_more_than_a_page_comes_before_it(services: Services) -> None:
    """By number and by value, among twenty thousand; what is read does not grow with them."""
    add_source(services)
    study_id = add_study(services, trials=())
    many_trials(services, study_id, 20_000)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        await look(pilot, "enter", *"jjj")
        for key, first in (("j", 20_000), ("o", 20_300)):
            await look(pilot, key, *"jj")
            held = pane.trials.trial
            assert held is not None
            many_trials(services, study_id, 300, first=first)
            await settled(pilot, 0.6)
            assert pane.trials.table.count == first + 300
            assert pane.trials.trial == held


@pytest.mark.slow
async def test_trials_are_filtered_by_state_family_value_and_parameter(services: Services) -> None:
    """What cannot be read yet is said below the line, and the list that was found before stays."""
    add_source(services)
    study_id = add_study(services, trials=())
    many_trials(services, study_id, 200)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        await pilot.press("enter", "slash", *"pruned")
        await settled(pilot)
        assert "26 match" in text_of(app)
        assert "✓ complete" not in text_of(app)
        await pilot.press(*" and hgb and learning_rate <")
        await settled(pilot)
        assert "a value is missing" in text_of(app)
        await pilot.press(*" 0.1", "enter")
        await settled(pilot)
        assert pane.trials.trial is not None
        assert (pane.trials.trial.state, pane.trials.trial.family) == ("pruned", "hgb")
        assert pane.trials.trial.params["learning_rate"] < 0.1


async def test_a_trial_leads_to_its_run(services: Services) -> None:
    """Enter on a study goes to its trials, enter there to all about one, enter there to the run; esc steps out first."""
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        await pilot.press("enter")
        assert pane.is_inside
        await pilot.press("escape")
        assert not pane.is_inside
        assert "╭─ loans-1 · trial 5 ─" in await look(pilot, "enter", "j", "enter")
        await look(pilot, "enter")
        assert app.pane is not None
        assert app.pane.NAME == "runs"
        assert "╭─ loans-1/5 ─" in text_of(app)


async def test_pausing_resuming_and_stopping_go_through_the_studies_service(services: Services) -> None:
    """`p` pauses, `p` again lets it go on, `s` asks it to end cleanly."""
    add_source(services)
    study_id = add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        for key, state in (("p", "paused"), ("p", "running"), ("s", "stopping")):
            await pilot.press(key)
            await settled(pilot, 0.5)
            assert get_study(services.store.reader, study_id).state == state
            assert state in text_of(app)


async def test_cancelling_says_what_is_lost_and_starts_at_the_way_out(services: Services) -> None:
    """Enter as the question opens leaves the study alone; the other button cancels it."""
    add_source(services)
    job_id = get_study(services.store.reader, add_study(services)).job_id
    assert job_id is not None
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        assert "1 trial in work is lost" in words_of(app)
        assert "The 6 trials that ended stay." in words_of(app)
        await pilot.press("enter")
        await settled(pilot)
        assert get_job(services.store.reader, job_id).wanted is None
        await pilot.press("x")
        await pilot.pause()
        app.screen.query_one("#yes", Button).press()
        await settled(pilot, 0.3)
        assert get_job(services.store.reader, job_id).wanted == "cancel"


async def test_keys_that_make_no_sense_for_a_study_say_why(services: Services) -> None:
    """A study with all its trials is not resumed, one without a model gives none."""
    add_source(services)
    add_study(services, state="done", trials=TRIALS[:5], total=5)
    add_study(
        services, "loans-2", number=2, state="failed", trials=TRIALS[2:3], reason="None of 1 trials gave a model."
    )
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        assert "None of 1 trials gave a model." in text_of(app)
        assert app.why_not(REGISTRY["tune.register"]) == "No trial has given a model yet."
        assert app.why_not(REGISTRY["tune.pause"]) == "The study is failed; it cannot be paused."
        assert app.why_not(REGISTRY["tune.resume"]) is None
        await pilot.press("j")
        await settled(pilot)
        assert app.why_not(REGISTRY["tune.resume"]) == "All of its trials are done; L gives it more."
        assert app.why_not(REGISTRY["tune.register"]) is None


async def test_the_launch_form_guesses_the_target_and_shows_the_command(services: Services) -> None:
    """Another source has another target; what is typed is in the command at once."""
    add_source(services)
    add_source(services, "claims", number=2, target=None)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        pane.launch_for("loans")
        await settled(pilot)
        assert isinstance(app.screen, LaunchForm)
        assert "mlops-tui tune loans --target defaulted" in words_of(app)
        app.screen.query_one("#field-source", Select).value = "claims"
        app.screen.query_one("#field-trials", Input).value = "7"
        app.screen.query_one("#field-families", Input).value = "hgb, logistic"
        await settled(pilot)
        shown = words_of(app)
        assert "mlops-tui tune claims --target defaulted --models hgb,logistic --trials 7" in shown
        assert "A guess: the last column that can be learnt." in shown


async def test_one_key_lets_a_paused_study_go_on_and_its_word_says_so(services: Services) -> None:
    """There is no second key for it in the footer."""
    add_source(services)
    add_study(services, state="paused")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        keys = str(app.query_one(KeyLine).render())
        assert "p go on" in keys
        assert "pause" not in keys
        assert "resume" not in keys
        assert app.why_not(REGISTRY["tune.resume"]) == "The study is paused; p lets it go on."


async def test_the_curve_can_be_gone_to_and_have_the_whole_screen(services: Services) -> None:
    """Tab goes over it; esc gives the other panels back, then the list."""
    add_source(services)
    add_study(services, state="done")
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_tune(pilot)
        await pilot.press("tab", "plus")
        await settled(pilot)
        assert app.screen.maximized is pane.query_one("#study-curve")
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert app.screen.maximized is None
        assert app.focused is pane.listing.table


async def test_what_cannot_be_launched_is_said_beside_its_field(services: Services) -> None:
    """Numbers and families at once, what the service refuses after it was asked; the form stays and nothing is made."""
    add_source(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        pane.launch_for("loans")
        await settled(pilot)
        app.screen.query_one("#field-trials", Input).value = "none"
        app.screen.query_one("#field-families", Input).value = "forest"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "✗ A whole number from 1 on is needed." in words_of(app)
        assert "✗ There is no family 'forest'." in words_of(app)
        app.screen.query_one("#field-trials", Input).value = "3"
        app.screen.query_one("#field-families", Input).value = ""
        await pilot.press("ctrl+s")
        await until_seen(pilot, "✗ Source 'loans' has no file left.")
        assert isinstance(app.screen, LaunchForm)
        await pilot.press("escape")
        await settled(pilot)
        assert "No studies yet." in text_of(app)


async def test_without_a_source_an_objective_of_ones_own_can_be_tuned(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mistakes are said beside its field, and what does not go with it is not asked for."""
    monkeypatch.chdir(tmp_path)
    app = MlopsApp(services)
    async with app.run_test(size=(120, 50)) as pilot:
        await at_tune(pilot)
        await pilot.press("n")
        await settled(pilot)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "✗ There is no source yet: name an objective of your own, or add a source first." in words_of(app)
        assert "Families" in words_of(app)
        app.screen.query_one("#field-objective", Input).value = "fit_sampler.py:fit"
        await settled(pilot)
        shown = words_of(app)
        assert "mlops-tui tune --objective fit_sampler.py:fit" in shown
        assert "Families" not in shown
        assert "Direction" in shown
        assert app.screen.query_one("#field-pruner", Select).value == "median"
        await pilot.press("ctrl+s")
        await until_seen(pilot, "✗ There is no file fit_sampler.py.")
        assert "random_forest" not in words_of(app)
        assert "median: once it is worse than the median" in words_of(app)
        assert app.focused is app.screen.query_one("#field-objective")
        (tmp_path / "fit_sampler.py").write_text("def fit(trial):\n    return 1\n")
        app.screen.query_one("#field-direction", Input).value = "maximize"
        app.screen.query_one("#field-trials", Input).value = "2"
        await pilot.press("ctrl+s")
        await until_seen(pilot, "fit_sampler-1", "✓ done", "value of fit_sampler.py:fit")
        study = find_study(services.store.reader, "fit_sampler-1")
        assert (study.direction, study.trials, study.pruner) == ("maximize", 2, "median")
        assert study.script is not None
        assert study.script.folder == str(tmp_path)


async def test_a_space_file_that_cannot_be_is_said_beside_its_field(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    add_source(services)
    app = MlopsApp(services)
    async with app.run_test(size=(120, 50)) as pilot:
        pane = await at_tune(pilot)
        pane.launch_for("loans")
        await settled(pilot)
        app.screen.query_one("#field-space", Input).value = "family.json"
        await settled(pilot)
        assert "mlops-tui tune loans --target defaulted --space family.json" in words_of(app)
        await pilot.press("ctrl+s")
        await until_seen(pilot, "✗ There is no file family.json.")
        assert app.focused is app.screen.query_one("#field-space")


async def test_registering_names_the_best_trial_or_the_chosen_one(services: Services) -> None:
    """On the list it is the best; among the trials the one under the cursor; a name that cannot be is refused."""
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        await pilot.press("m")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert "Trial 4 of loans-1 (hgb, roc_auc 0.8096)" in words_of(app)
        app.screen.query_one("#field-name", Input).value = "a/b"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "has '/' in it" in words_of(app)
        await pilot.press("escape", "enter", "j", "m")
        await settled(pilot)
        assert "Trial 5 of loans-1 (hgb, roc_auc 0.7854)" in words_of(app)


async def test_the_chosen_finalist_is_registered_unless_a_trial_is_looked_at(services: Services) -> None:
    add_source(services)
    study_id = add_study(services, state="done", trials=TRIALS[:6])
    add_finalist(services, study_id, 3, chosen=True)
    add_finalist(services, study_id, 4)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        await look(pilot, "m")
        assert "Trial 3 of loans-1 (random_forest, roc_auc 0.8006), the chosen finalist, is fitted" in words_of(app)
        await look(pilot, "escape", "enter", "j", "m")
        assert "Trial 4 of loans-1 (hgb, roc_auc 0.8096) is fitted" in words_of(app)


async def test_studies_are_filtered_by_name_or_source_and_found_by_name(services: Services) -> None:
    """`/` narrows the list; `:tune NAME` puts the cursor on one."""
    add_source(services)
    for number in range(1, 6):
        add_study(services, f"loans-{number}", number=number, state="done", trials=TRIALS[:1])
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        pane.open_named("loans-2")
        await settled(pilot, 0.2)
        assert pane.study is not None
        assert pane.study.name == "loans-2"
        await pilot.press("slash", *"s-4", "enter")
        await settled(pilot, 0.3)
        assert "1 match" in text_of(app)
        assert pane.study.name == "loans-4"


async def test_a_store_that_cannot_be_read_fails_the_panels_and_not_the_app(services: Services) -> None:
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        with services.store.write() as writing:
            writing.execute("ALTER TABLE study_trial RENAME TO taken_away")
        await at_tune(pilot)
        assert "This could not be read" in text_of(app)
        assert "ctrl+r" in text_of(app)


async def test_a_workspace_that_is_only_looked_at_shows_studies_and_steers_none(services: Services) -> None:
    """Every key that would change something says why it does not."""
    add_source(services)
    add_study(services)
    looked_at = only_looked_at(services)
    app = MlopsApp(looked_at)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        assert "loans-1" in text_of(app)
        for verb in ("launch", "pause", "stop", "cancel", "resume", "register"):
            assert app.why_not(REGISTRY[f"tune.{verb}"]) == "The workspace is open for looking only."
        assert "new study" not in str(app.query_one(KeyLine).render())
    looked_at.close()


async def test_of_several_objectives_the_choice_is_left_to_the_person_and_that_is_said(services: Services) -> None:
    add_source(services)
    study_id = add_study(services, state="done")
    with services.store.write() as writing:
        several = [{"name": "roc_auc", "direction": "maximize"}, {"name": "cpu_seconds", "direction": "minimize"}]
        writing.execute("UPDATE study SET objectives = ? WHERE id = ?", (json.dumps(several), study_id))
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        assert "v shows the Pareto front" in (app.why_not(REGISTRY["tune.choice"]) or "")
