"""Changing what a study searches from the Tune screen, by keys and forms."""

from __future__ import annotations

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.form import Form
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.notes import Notes, Said, notes_of
from mlops_tui.tuning.query import get_study, hidden_trials
from tests.tui.seeing import look, settled, until_seen, words_of
from tests.tui.test_tune_screen import at_tune
from tests.tui.tuned import add_source, add_study, add_trial, begin_in_optuna


@pytest.mark.slow
async def test_a_range_is_narrowed_by_a_form_that_says_first_what_it_costs(services: Services) -> None:
    """It begins with the range of the chosen trial's family; a wider one is refused beside its field."""
    add_source(services)
    study_id = add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_tune(pilot)
        await look(pilot, "N")
        await until_seen(pilot, "Narrow a range of loans-1")
        said = words_of(app)
        assert "hgb.learning_rate" in said, "the best trial is of hgb"
        assert "It is searched from 0.005 to 0.3." in said
        assert "nothing changed yet" in said
        await look(pilot, "tab", *["backspace"] * 8, *"0.1", "tab", *["backspace"] * 8, *"0.2")
        said = words_of(app)
        assert "1 of 3 trials of hgb that ended lie outside: the sampler no longer learns from these." in said
        assert "mlops-tui studies narrow loans-1 hgb.learning_rate 0.1 0.2" in said
        assert get_study(services.store.reader, study_id).space == {}
        add_trial(services, study_id, 7, ("complete", 0.7, "hgb", {"learning_rate": 0.25}, 1.0, None))
        await until_seen(pilot, "2 of 4 trials of hgb that ended lie outside")
        await look(pilot, "backspace", "9", "enter")
        await until_seen(pilot, "it can be narrowed, not")
        assert isinstance(app.screen, Form)
        await look(pilot, "backspace", "2", "enter")
        await until_seen(pilot, "is searched from", settle=False)
    changed = get_study(services.store.reader, study_id).space["hgb.learning_rate"]["attributes"]
    assert (changed["low"], changed["high"]) == (0.1, 0.2)


async def test_a_trial_is_hidden_and_shown_again_by_the_same_key(services: Services) -> None:
    """It leaves the list, the best and the curve; a filter finds it, and there the key brings it back."""
    add_source(services)
    study_id = add_study(services)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        pane = await at_tune(pilot)
        assert "best 0.8096 by trial 4" in await look(pilot, "enter", "o")
        assert pane.trial is not None
        assert pane.trial.number == 4
        await look(pilot, "H")
        await until_seen(pilot, "1 hidden · best 0.8006 by trial 3")
        assert hidden_trials(services.store.reader, study_id) == {4}
        assert pane.trial.number == 3
        shown = await look(pilot, "slash", *"hidden", "enter")
        assert pane.trials.table.count == 1
        assert pane.trial.number == 4
        assert "⊘" in shown
        assert "left out of the best" in await look(pilot, "enter")
        await look(pilot, "escape", "H")
        await until_seen(pilot, "best 0.8096 by trial 4")
        assert hidden_trials(services.store.reader, study_id) == frozenset()


@pytest.mark.slow
async def test_a_study_goes_on_in_another_by_a_form_that_says_what_comes_along(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the families that are named; what is wrong with them is said where the command would stand."""
    add_source(services)
    study_id = add_study(services, state="done", total=7)
    with services.store.write() as writing:
        writing.execute("UPDATE study_trial SET fold_values = '[0.8, 0.8, 0.8]' WHERE state = 'complete'")
        writing.execute(  # as the families have them now
            "UPDATE study_trial SET params = json_object('learning_rate', 0.1, 'max_leaf_nodes', number + 5,"
            " 'min_samples_leaf', 20, 'l2_regularization', 0.5, 'max_features', 0.8) WHERE family = 'hgb'"
        )
    launched: list[Study] = []
    monkeypatch.setattr(services.studies, "launch", launched.append)  # what a job does with it is tested elsewhere
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        pane = await at_tune(pilot)
        await look(pilot, "C")
        await until_seen(pilot, "Go on from loans-1 in a new study")
        assert "3 of 5 complete trials of loans-1 fit" in words_of(app)
        await look(pilot, *["backspace"] * 40, *"hgb,tree")
        assert "There is no family 'tree'" in words_of(app)
        await look(pilot, *["backspace"] * 5, "tab", "tab", "backspace", *"12", "enter")
        await until_seen(pilot, "Study loans-2 goes on.")
        [made] = launched
        assert (made.families, made.trials) == (("hgb",), 15)
        assert made.parent is not None
        assert (made.parent.study, made.parent.trials) == (study_id, (0, 4, 5))
        assert pane.study is not None
        assert pane.study.id == made.id
        assert "Goes on from loans-1: 3 of its 5 complete trials came along." in words_of(app)


@pytest.mark.slow
async def test_a_note_and_tags_are_written_in_an_editor_and_seen_where_they_belong(services: Services) -> None:
    """On the study where the studies have the focus, on the trial where one is looked at; a note has lines."""
    add_source(services)
    study_id = add_study(services)
    begin_in_optuna(services, study_id, trials=7)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        await look(pilot, "t")
        await until_seen(pilot, "A note on loans-1")
        assert "nothing changed yet" in words_of(app)
        await look(pilot, *"first", "enter", *"second", "tab", *"kept, new")
        assert "mlops-tui studies note loans-1 'first …' mlops-tui studies tag loans-1 kept new" in words_of(app)
        await look(pilot, "ctrl+s")
        await until_seen(pilot, "[kept] [new] first second")
        await look(pilot, "enter", "o", "t")
        await until_seen(pilot, "A note on loans-1, trial 4")
        await look(pilot, *"overfits", "ctrl+s", "enter")
        await until_seen(pilot, "overfits")
        await look(pilot, "escape", "escape", "t", "tab", *"kept", "ctrl+s")
        await until_seen(pilot, "[kept] first second")
        study = get_study(services.store.reader, study_id)
        said = notes_of(services.store.reader, study)
    assert said == Notes(Said("first\nsecond", ("kept",)), {4: Said("overfits")})


async def test_a_study_whose_trials_are_done_has_no_range_to_narrow(services: Services) -> None:
    add_source(services)
    add_study(services, state="done", total=6)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_tune(pilot)
        await pilot.press("N")
        await settled(pilot)
        assert not isinstance(app.screen, Form)
        await until_seen(pilot, "All of its trials are done")
