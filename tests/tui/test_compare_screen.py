"""Runs beside each other on the screen: which is better, what differs, their curves and what their models said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.evaluation.answers import answers
from mlops_tui.runs.artifact import PREDICTIONS
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create
from mlops_tui.tui.actions import REGISTRY
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.compare_picture import ComparePicture
from mlops_tui.tui.panels.table import WindowedTable
from mlops_tui.tui.screens.compare import ComparePane
from tests.tui.filling import add_runs
from tests.tui.seeing import WALKED, look, looks_as_kept, settled, text_of, until_seen, words_of

BEGAN = 1_780_000_000.0
NAMES = ("slow", "steady", "wild")


def logged(services: Services, place: int, name: str) -> RunLog:
    params = {"rate": 10.0**-place, "model": "hand", "seed": 7}
    log = RunLog(Store(services.workspace), *start_run(services.store, name=name, experiment="by hand", params=params))
    draw = np.random.default_rng(place)
    steps = np.arange(1.0, 121)
    for key, floor in (("loss", 0.1), ("val_loss", 0.2)):
        values = 2 / steps ** (0.4 + place / 5) + floor + draw.normal(0, 0.01 + 0.02 * place, steps.size)
        log.log_points(key, values, at=BEGAN + place * 100 + steps)
    truth = np.random.default_rng(9).integers(0, 2, 300)
    said = np.clip(truth * (0.5 - place * 0.2) + 0.25 + draw.normal(0, 0.1, 300), 0, 1)
    log.log_bytes(answers(truth, said).to_bytes(), "predictions.npz", PREDICTIONS)
    return log


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Three runs that nobody changes, with one warm query worker for all."""
    workspace = create(tmp_path_factory.mktemp("compared") / "loans")
    migrate(workspace.store)
    services = open_services(workspace.root)
    for place, name in enumerate(NAMES):
        logged(services, place, name).end()
    with services.store.write() as writing:
        for place, name in enumerate(NAMES):
            writing.execute("UPDATE run SET started = ? WHERE name = ?", (f"2026-05-0{place + 1}T10:00:00Z", name))
    yield services
    services.close()


async def at_compare(pilot: Pilot[None], app: MlopsApp, *, pictures: bool = False) -> ComparePane:
    """All runs marked and compared; wild is A, since the newest stands first."""
    await look(pilot, "4")
    await until_seen(pilot, "slow")
    await look(pilot, "space", "space", "space", "c")
    await until_seen(pilot, "Beside wild", seconds=60)
    pane = app.query_one(ComparePane)
    if pictures:
        await look(pilot, "v")
        await until_seen(pilot, "calibration", seconds=60)
    return pane


@pytest.mark.parametrize("size", WALKED)
async def test_it_looks_as_it_was_kept(compared: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=size) as pilot:
        await at_compare(pilot, app)
        await looks_as_kept(pilot, f"compare-{size[0]}x{size[1]}")
        await look(pilot, "v")
        await until_seen(pilot, "calibration", seconds=60)
        await looks_as_kept(pilot, f"compare-curves-{size[0]}x{size[1]}")
        for name in ("parallel", "scatter", "roc", "recall", "calibration", "lift", "confusion"):
            await look(pilot, "right_square_bracket")
            await looks_as_kept(pilot, f"compare-{name}-{size[0]}x{size[1]}")


async def test_a_verdict_is_told_of_each_run_beside_the_first(compared: Services) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_compare(pilot, app)
        assert "2 better than A" in text_of(app)
        shown = await look(pilot, "down", "down")
        assert "slow is better than A wild by" in " ".join(shown.split())
        await look(pilot, "b")
        await until_seen(pilot, "Beside slow: 2 worse", seconds=60)
        assert pane.comparison.runs[0].name == "slow"


async def test_what_differs_is_shown_what_is_alike_by_f_and_runs_as_rows_by_t(compared: Services) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=(160, 50)) as pilot:
        await at_compare(pilot, app)
        shown = text_of(app)
        assert "rate" in shown
        assert "seed" not in shown
        assert "more alike: f" in shown
        assert "seed" in await look(pilot, "f")
        turned = await look(pilot, "f", "t")
        header = next(line for line in turned.splitlines() if "rate" in line and "run" in line)
        assert header.index("rate") < header.index("loss") < header.index("val_loss")


async def test_the_cross_hair_tells_every_curve_at_one_step(compared: Services) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_compare(pilot, app, pictures=True)
        shown = await look(pilot, *["right"] * 3)
        step = pane.pictures.way.at
        assert step is not None
        assert f"step {step:,.0f}" in shown
        values = [
            curve.curve.values[int(step)] for (_, key), curve in pane.pictures.overlay._of.items() if key == "loss"
        ]
        title = next(line for line in shown.splitlines() if "loss  A " in line)
        assert all(f"{value:.4f}" in title for value in values)
        await look(pilot, "home")
        assert pane.pictures.way.at is None


async def test_curves_are_smoothed_put_over_time_and_on_a_logarithmic_axis(compared: Services) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_compare(pilot, app, pictures=True)
        assert "2 metrics by step, as logged" in text_of(app)
        assert "smoothed by 0.6, as logged behind it" in await look(pilot, "s")
        assert "by time" in await look(pilot, "x")
        assert "by relative time" in await look(pilot, "x")
        assert "logarithmic" in await look(pilot, "L")
        one = await look(pilot, "enter")
        assert "val_loss" not in one
        assert "loss" in one
        assert "val_loss" in await look(pilot, "escape")
        assert "Compared" in await look(pilot, "escape")


async def test_behind_a_picture_no_run_is_taken_out_nor_made_the_first(compared: Services) -> None:
    """In a narrow terminal the picture hides the run that the cursor is on."""
    app = MlopsApp(compared)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_compare(pilot, app)
        await look(pilot, "down", "v")
        before = list(pane.comparison.run_ids)
        for action in ("compare.first", "compare.out"):
            assert "out of sight" in (app.why_not(REGISTRY[action]) or "")
        await look(pilot, "b", "D")
        assert pane.comparison.run_ids == before
        await look(pilot, "escape", "D", "D")
        assert len(pane.comparison.run_ids) == 1
        assert "held against" not in text_of(app)


async def test_what_is_logged_meanwhile_grows_the_curves(services: Services) -> None:
    log = logged(services, 0, "first")
    other = logged(services, 1, "second")
    other.end()
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await app.go("compare")
        pane.open_named("first second")
        await until_seen(pilot, "2 metrics by step")
        view = app.query_one(ComparePicture)
        before = view.overlay.span(["loss"], "step")
        log.log_points("loss", [0.05] * 200)
        for _ in range(40):
            await settled(pilot, 0.1)
            if view.overlay.span(["loss"], "step") != before:
                break
        assert view.overlay.span(["loss"], "step") == (0.0, 319.0)
        log.end()


async def test_how_a_run_differs_from_the_first_is_told_in_full_by_d(compared: Services) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_compare(pilot, app)
        await look(pilot, "down", "d")
        shown = await until_seen(pilot, "wild and steady")
        assert "Parameters" in shown
        assert "Compared" in await look(pilot, "escape")


async def test_a_comparison_is_exported_kept_and_runs_are_taken_out_of_it(services: Services, tmp_path: Path) -> None:
    add_runs(services, 4)
    app = MlopsApp(services)
    target = tmp_path / "c.md"
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "space", "space", "space", "c")
        await until_seen(pilot, "not comparable", seconds=60)
        await look(pilot, "D")
        await until_seen(pilot, "run-00002")
        assert "run-00003" not in text_of(app)
        await export_to(pilot, str(target))
        await until_written(pilot, target)
    assert "run-00002" in target.read_text("utf-8")
    again = MlopsApp(services)
    async with again.run_test(size=(80, 24)) as pilot:
        await look(pilot, "5")
        await until_seen(pilot, "run-00001")
        assert "run-00003" not in text_of(again)


async def export_to(pilot: Pilot[None], text: str) -> None:
    await look(pilot, "e")
    form = pilot.app.screen
    form.query_one("#field-text", Input).value = text
    await look(pilot, "enter")


async def until_written(pilot: Pilot[None], path: Path) -> None:
    for _ in range(600):
        if any(told.message == f"{path} is written." for told in pilot.app._notifications):
            return
        await settled(pilot, 0.1)
    pytest.fail("it was not written")


@pytest.mark.slow
async def test_an_export_without_a_known_ending_stays_open_and_what_is_there_is_kept_unless_one_is_sure(
    services: Services, tmp_path: Path
) -> None:
    add_runs(services, 2)
    app = MlopsApp(services)
    target = tmp_path / "c.csv"
    target.write_text("before")
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "space", "space", "c")
        await until_seen(pilot, "not comparable", seconds=60)
        await export_to(pilot, str(tmp_path / "c.txt"))
        assert "End its name in .html, .md or .csv." in words_of(app)
        await look(pilot, "escape")
        await export_to(pilot, str(target))
        assert "is there already" in words_of(app)
        await look(pilot, "escape")
        assert target.read_text() == "before"
        await export_to(pilot, str(target))
        await look(pilot, "tab", "enter")
        await until_written(pilot, target)
    assert "run-00001" in target.read_text()


async def test_without_runs_it_says_which_keys_bring_them(services: Services) -> None:
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await look(pilot, "5")
        assert "No runs are compared." in shown
        assert "space marks them, c compares" in shown
        await pilot.press("v")
        assert [told.message for told in app._notifications] == [
            "No runs are compared: mark some on 4 Runs, c compares them."
        ]


@pytest.mark.parametrize("size", WALKED)
async def test_one_runs_curves_are_seen_from_the_list_of_runs(compared: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "4")
        await until_seen(pilot, "slow")
        await look(pilot, "p")
        shown = await until_seen(pilot, "wild · curves", "calibration", seconds=60)
        assert "parallel" not in shown
        assert "step 0" in " ".join((await look(pilot, "right")).split())
        assert "wild · ROC" in await look(pilot, "right_square_bracket")
        assert "slow" in await look(pilot, "escape")
        assert not app.query("#run-picture")


async def test_the_log_of_a_command_is_seen_from_the_list_of_runs_and_grows(services: Services) -> None:
    log = logged(services, 0, "commanded")
    name = "J1.log"
    services.workspace.logs.mkdir(exist_ok=True)
    path = services.workspace.logs / name
    path.write_text("epoch 1\n", "utf-8")
    with services.store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
            " VALUES ('J1', 'command', 'run', '{}', 'running', 1, 'elsewhere', 'x', 0, ?, '2026-05-01T00:00:00Z')",
            (name,),
        )
        writing.execute("UPDATE run SET job_id = 'J1' WHERE id = ?", (log.id,))
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "L")
        await until_seen(pilot, "Log of commanded", "epoch 1")
        with path.open("a", encoding="utf-8") as file:
            file.write("epoch 2\n")
        await until_seen(pilot, "epoch 2")
    log.end()


async def test_a_run_without_a_log_says_how_it_would_have_one(compared: Services) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4")
        await until_seen(pilot, "slow")
        assert "mlops-tui run -- COMMAND keeps it" in await look(pilot, "L")


async def test_names_that_look_like_markup_are_names_also_in_titles(services: Services) -> None:
    for name in ("[red]x[/red]", "[bold]y"):
        RunLog(Store(services.workspace), *start_run(services.store, name=name, params={name: name})).end()
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "space", "space", "c")
        await until_seen(pilot, "not comparable", seconds=60)
        await look(pilot, "down", "d")
        await until_seen(pilot, "─ [bold]y and [red]x[/red] ─")


async def test_the_cross_hair_goes_step_by_step_where_steps_are_few(services: Services) -> None:
    for name in ("one", "two"):
        log = RunLog(Store(services.workspace), *start_run(services.store, name=name))
        log.log_points("loss", [3.0, 2.0, 1.0, 0.5])
        log.end()
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "space", "space", "c")
        await until_seen(pilot, "loss")
        await look(pilot, "v")
        for step in ("step 0", "step 1", "step 2", "step 3", "step 3"):
            assert step in await look(pilot, "right")
        assert "step 2" in await look(pilot, "left")


@pytest.mark.slow
async def test_one_value_against_another_says_which_runs_it_leaves_out_and_goes_round(services: Services) -> None:
    for name, loss in (("a", 0.1), ("b", float("inf")), ("c", 0.3)):
        log = RunLog(services.store, *start_run(services.store, name=name, params={"depth": 3}))
        log.log_metrics({"auc": 0.5 if name == "a" else 0.6, "loss": loss})
        log.end()
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "space", "space", "space", "c")
        await until_seen(pilot, "not comparable", seconds=60)
        await look(pilot, "v", "right_square_bracket", "right_square_bracket")
        picture = app.query_one(ComparePicture)
        start, seen = picture.data.words, []
        for _ in range(3):
            await look(pilot, "right")
            seen.append(picture.data.words)
        assert "1 run without a finite value of both" in start
        assert seen[-1] == start
        assert len(set(seen)) == 3


async def test_what_a_run_came_to_in_the_end_is_judged_once_it_has_ended(services: Services) -> None:
    for place, name in enumerate(NAMES[:1]):
        logged(services, place, name).end()
    log = RunLog(Store(services.workspace), *start_run(services.store, name="late"))
    log.log_metric("loss", 1.0)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await look(pilot, "4")
        await until_seen(pilot, "late")
        await look(pilot, "space", "space", "c")
        await until_seen(pilot, "Beside late: 1 not comparable", seconds=60)
        truth = np.random.default_rng(9).integers(0, 2, 300)
        log.log_bytes(answers(truth, truth * 0.2 + 0.4).to_bytes(), "predictions.npz", PREDICTIONS)
        log.end()
        await until_seen(pilot, "Beside late: 1 worse", seconds=20)
        assert not app.query_one("#run-list WindowedTable", WindowedTable).marks


async def test_runs_are_judged_by_another_metric_and_a_run_that_was_opened_leads_back(compared: Services) -> None:
    app = MlopsApp(compared)
    async with app.run_test(size=(160, 50)) as pilot:
        pane = await at_compare(pilot, app)
        await look(pilot, "m", *"log_loss", "enter")
        await until_seen(pilot, "beside A by log_loss", seconds=60)
        assert pane.comparison.run_ids == [run.id for run in pane.comparison.runs]
        assert "its own" not in text_of(app)
        await look(pilot, "down", "enter")
        await until_seen(pilot, "logged by")
        await look(pilot, "escape")
        await until_seen(pilot, "beside A by log_loss")
        await look(pilot, "m", *"their own", "enter")
        await until_seen(pilot, "beside A by roc_auc", seconds=60)
