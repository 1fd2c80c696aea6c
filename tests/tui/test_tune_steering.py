"""Steering a study from the Tune screen by forms: its limits, its workers, and what is tried next."""

from __future__ import annotations

import json

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.form import Form
from mlops_tui.tuning.query import get_study
from tests.tui.seeing import look, settled, until_seen, words_of
from tests.tui.test_tune_screen import at_tune
from tests.tui.tuned import add_source, add_study, begin_in_optuna


async def test_a_running_study_gets_more_trials_and_workers(services: Services) -> None:
    add_source(services)
    study_id = add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_tune(pilot)
        await pilot.press("L")
        await until_seen(pilot, "Limits of loans-1")
        assert "nothing changed yet" in words_of(app)
        await pilot.press("backspace", "backspace", *"50", "tab", "tab", "backspace", "2")
        await until_seen(pilot, "mlops-tui studies extend loans-1 --trials 50", "mlops-tui studies workers loans-1 2")
        await pilot.press("enter")
        await until_seen(pilot, "The limits of loans-1 are set.")
        study = get_study(services.store.reader, study_id)
        assert (study.trials, study.timeout, study.workers) == (50, None, 2)


async def test_more_workers_than_cores_are_said_while_they_are_typed(services: Services) -> None:
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        await pilot.press("L")
        await until_seen(pilot, "Limits of loans-1")
        assert "wait for each other" not in words_of(app)
        await pilot.press("tab", "tab", *"999")
        await until_seen(pilot, "mlops-tui studies workers loans-1 999", "999 workers on", "wait for each other.")


async def test_fewer_trials_than_it_has_are_refused_beside_the_field_and_nothing_is_set(services: Services) -> None:
    add_source(services)
    study_id = add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        await pilot.press("L")
        await until_seen(pilot, "Limits of loans-1")
        await pilot.press("backspace", "backspace", "2", "tab", "tab", "backspace", "3", "enter")
        await until_seen(pilot, "has 6 trials already")
        assert isinstance(app.screen, Form)
        study = get_study(services.store.reader, study_id)
        assert (study.trials, study.workers) == (20, 1)


async def test_the_form_for_what_is_next_begins_with_the_chosen_trial(services: Services) -> None:
    """Its fields are the parameters of the trial's family, each with its range; a value beyond it is refused."""
    add_source(services)
    add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_tune(pilot)
        await pilot.press("enter", "j", "j")
        assert pane.trial is not None
        chosen = pane.trial
        await pilot.press("e")
        await until_seen(pilot, "Try next")
        said = words_of(app)
        assert f"beginning with trial {chosen.number}" in said
        assert f"mlops-tui studies enqueue loans-1 model={chosen.family}" in said
        await pilot.press(*["backspace"] * 12, *"99", "enter")
        await until_seen(pilot, "cannot be '99'")


async def test_another_family_can_be_tried_next_and_the_fields_are_its_own(services: Services) -> None:
    """What was typed of the family before is not asked for, and stays for when one comes back to it."""
    add_source(services)
    study_id = add_study(services)
    begin_in_optuna(services, study_id)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        pane = await at_tune(pilot)
        await look(pilot, "enter", "o", "e")
        assert pane.study is not None
        shown = words_of(app)
        assert "A configuration of hgb for loans-1, beginning with trial 4" in shown
        assert "learning_rate" in shown
        await look(pilot, "shift+tab", "enter", "down", "down", "enter")
        shown = words_of(app)
        assert "A configuration of logistic for loans-1. A worker" in shown
        assert "from 0.001 to 1000" in shown
        assert "learning_rate" not in shown
        await look(pilot, "tab", *"2.5")
        assert "mlops-tui studies enqueue loans-1 model=logistic C=2.5" in words_of(app)
        await look(pilot, "enter")
        await until_seen(pilot, "is in the queue.", settle=False)
    queued = services.store.reader.execute("SELECT value_json FROM trial_system_attributes").fetchall()
    assert [json.loads(text) for (text,) in queued] == [{"family": "logistic", "logistic.C": 2.5}]


async def test_a_study_that_is_over_has_nobody_to_try_what_is_next(services: Services) -> None:
    add_source(services)
    add_study(services, state="done")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_tune(pilot)
        await pilot.press("e")
        await settled(pilot)
        assert not isinstance(app.screen, Form)
        await until_seen(pilot, "nobody would try it")


async def test_an_objective_of_ones_own_is_asked_for_its_parameters_though_it_has_no_family(services: Services) -> None:
    add_source(services)
    study_id = add_study(services)
    script = {"path": "train.py", "function": "objective", "sha256": "0" * 64, "folder": "."}
    space = {"rate": {"name": "FloatDistribution", "attributes": {"low": 0.0, "high": 1.0, "log": False, "step": None}}}
    with services.store.write() as writing:
        told = (json.dumps(script), json.dumps(space), study_id)
        writing.execute("UPDATE study SET script = ?, space = ?, families = '[]' WHERE id = ?", told)
        writing.changed("studies")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_tune(pilot)
        await pilot.press("e")
        await until_seen(pilot, "Try next", "rate", "from 0 to 1; empty is drawn")
        await pilot.press(*"0.5")
        await until_seen(pilot, "mlops-tui studies enqueue loans-1 rate=0.5")
