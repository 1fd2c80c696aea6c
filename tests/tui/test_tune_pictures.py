"""The pictures of a study."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.presenters.words import counted
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from mlops_tui.tui.actions import REGISTRY
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.picture_panel import PicturesPanel
from mlops_tui.tuning.query import front_of, get_study
from tests.tui.seeing import WALKED, look, looks_as_kept, settled, text_of, until_seen
from tests.tui.test_tune_screen import at_tune
from tests.tui.tuned import add_source, add_study
from tests.tuning.trials import many_trials


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A study of 90 trials that nobody changes, with one warm query worker for all."""
    workspace = create(tmp_path_factory.mktemp("pictured") / "loans")
    migrate(workspace.store)
    services = open_services(workspace.root)
    add_source(services)
    many_trials(services, add_study(services, trials=(), state="done", total=90), 90)
    yield services
    services.close()


@pytest.mark.parametrize("size", WALKED)
async def test_pictures_look_as_they_were_kept(pictured: Services, size: tuple[int, int]) -> None:
    """One after the other by tab; the important parameters come first once they are known."""
    app = MlopsApp(pictured)
    async with app.run_test(size=size) as pilot:
        await at_tune(pilot)
        await pilot.press("i")
        await until_seen(pilot, "PED-ANOVA over 71 complete trials, 11 stopped early", seconds=60)
        await looks_as_kept(pilot, f"tune-importance-{size[0]}x{size[1]}")
        for name in ("slices", "parallel", "contour", "edf", "timeline"):
            await look(pilot, "tab")
            await looks_as_kept(pilot, f"tune-{name}-{size[0]}x{size[1]}")


@pytest.mark.slow
async def test_arrows_choose_parameters_and_f_the_family(pictured: Services) -> None:
    """Of two parameters on the map either may lie across; the picture last looked at is come back to."""
    app = MlopsApp(pictured)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        await look(pilot, "v", "tab", "shift+tab", "shift+tab", "shift+tab", "shift+tab")
        await settled(pilot)
        assert isinstance(pane.top, PicturesPanel)
        assert "╭─ loans-1 · contour ─" in text_of(app)
        before = [line for line in text_of(app).split("\n") if line.startswith("│ ")][1]
        after = [line for line in (await look(pilot, "right")).split("\n") if line.startswith("│ ")][1]
        assert {before.split()[1], after.split()[1]} == {"criterion", "max_features"}
        shown = await look(pilot, "f")
        assert "random_forest, " not in shown
        await look(pilot, "escape")
        assert not pane.over
        assert "╭─ loans-1 · contour ─" in await look(pilot, "v")


async def test_a_trial_that_ends_is_on_the_picture_within_half_a_second(services: Services) -> None:
    """What had ended before is not read again."""
    add_source(services)
    study_id = add_study(services, trials=())
    many_trials(services, study_id, 200)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_tune(pilot)
        await look(pilot, "v")
        assert "200 of 20 trials" in text_of(app)
        assert isinstance(pane.top, PicturesPanel)
        held = pane.top.data.of.trials
        many_trials(services, study_id, 1, first=200)
        await until_seen(pilot, "201 of 20 trials", seconds=2, settle=False)
        grown = pane.top.data.of.trials
        assert len(grown) == 201
        pairs = zip(held[:100], grown[:100], strict=True)  # what was estimated is estimated again
        assert all(here is there for here, there in pairs if here.state != "pruned")


async def test_several_objectives_are_seen_as_a_front_and_none_of_their_trials_is_made_a_model_unchosen(
    services: Services,
) -> None:
    """The front goes by all objectives; the list of trials has a column and a star for each that is on it."""
    add_source(services)
    study_id = add_study(services, trials=(), state="done", total=12)
    many_trials(services, study_id, 12)
    objectives = [
        {"name": "roc_auc", "direction": "maximize"},
        {"name": "predict_seconds", "direction": "minimize"},
        {"name": "peak_bytes", "direction": "minimize"},
    ]
    with services.store.write() as writing:
        writing.execute("UPDATE study SET objectives = ?", (json.dumps(objectives),))
        writing.execute(
            "UPDATE study_trial SET objective_values = json_array(value, predict_seconds, peak_bytes) WHERE state = 'complete'"
        )
        writing.changed("studies", "trials")
    study = get_study(services.store.reader, study_id)
    on_front = len(front_of(services.store.reader, study))
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_tune(pilot)
        shown = text_of(app)
        assert f"front {on_front}" in shown
        assert f"{on_front} on the Pareto front" in shown
        assert shown.count("★") == on_front
        assert " covered " in shown
        assert app.why_not(REGISTRY["tune.register"]) == (
            "Of several objectives none is best: enter goes to the trials, choose one."
        )
        shown = await look(pilot, "v", "shift+tab")
        assert "╭─ loans-1 · Pareto ─" in shown
        assert "roc_auc by predict_seconds; better lies left and up." in shown
        assert f"{counted(on_front, 'trial')} on the front of 10 complete trials. Arrows choose axes." in shown
        assert "roc_auc by peak_bytes; better lies left and up." in await look(pilot, "up")


async def test_a_study_without_trials_says_when_the_first_comes(services: Services) -> None:
    add_source(services)
    add_study(services, trials=())
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_tune(pilot)
        await look(pilot, "v")
        assert "There are no trials." in text_of(app)


def test_a_panel_that_is_not_there_yet_has_no_picture_to_copy() -> None:
    """The footer asks, as soon as the panel is stepped into, whether there is one."""
    assert PicturesPanel("a study").copied() is None
