"""Finding runs: what is offered while one types, filters of before, columns and views that are kept."""

from __future__ import annotations

import re

import pytest
from textual.pilot import Pilot
from textual.widgets import Input as InputLine
from textual.widgets import Static

from mlops_tui.bootstrap import Services
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.input import Input
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.service import Runs
from mlops_tui.store.preference import read_preference
from mlops_tui.store.store import Store
from mlops_tui.tui import upkeep
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.table import WindowedTable
from tests.tui.filling import add_runs
from tests.tui.seeing import WALKED, look, settled, text_of, until_seen, words_of


@pytest.fixture
def runs(services: Services) -> Services:
    add_runs(services, 12)
    return services


def table(app: MlopsApp) -> WindowedTable:
    return app.query_one("#run-list WindowedTable", WindowedTable)


def typed(app: MlopsApp) -> str:
    return app.query_one("#run-list FilterLine Input", InputLine).value


def header(app: MlopsApp) -> list[str]:
    line = next(line for line in text_of(app).splitlines() if "status" in line and "run" in line)
    return line.replace("│", " ").replace("▾", " ").replace("▴", " ").split()


async def typing(pilot: Pilot[None], text: str) -> str:
    for character in text:
        await pilot.press(
            {" ": "space", ".": "full_stop", ">": "greater_than_sign", "=": "equals_sign"}.get(character, character)
        )
    await settled(pilot, 0.3)
    return text_of(pilot.app)


@pytest.mark.parametrize("size", WALKED)
async def test_what_may_come_next_is_offered_and_taken_by_tab(runs: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(runs)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "4", "slash")
        shown = await typing(pilot, "stat")
        assert "  status" in shown
        await pilot.press("tab")
        assert typed(app) == "status "
        await settled(pilot, 0.3)
        await pilot.press("tab")
        await typing(pilot, "f")
        await pilot.press("tab")
        await settled(pilot, 0.3)
        assert typed(app) == "status = finished "
        await pilot.press("tab", "tab")
        assert typed(app) == "status = finished or "
        await pilot.press("shift+tab")
        assert typed(app) == "status = finished and "


async def test_filters_of_before_come_back_by_up_in_the_next_session_too(runs: Services) -> None:
    app = MlopsApp(runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "slash")
        await typing(pilot, "status = failed")
        await look(pilot, "enter")
    again = MlopsApp(runs)
    async with again.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "slash", "up")
        assert typed(again) == "status = failed"
        await look(pilot, "down")
        assert typed(again) == ""


@pytest.mark.parametrize("size", WALKED)
async def test_columns_are_chosen_moved_resized_and_remembered(runs: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(runs)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "4")
        before = header(app)
        shown = await look(pilot, "C")
        assert "● name" in shown
        await typing(pilot, "experiment")
        await look(pilot, "enter")
        await look(pilot, *(["backspace"] * 10))
        await look(pilot, "pageup", "pageup", "shift+down", "right", "ctrl+s")
        after = header(app)
        assert "experiment" not in after
        assert after[:2] == ["status", "run"]
        assert before[:2] == ["run", "status"]
        kept = read_preference(runs.store.reader, "columns:runs", [])
        assert [one["field"] for one in kept[:2]] == ["status", "name"]
        assert kept[1]["width"] == 22
        await look(pilot, "C", "ctrl+r")
        assert header(app) == before


@pytest.mark.slow
async def test_a_view_is_kept_opened_and_removed(runs: Services) -> None:
    app = MlopsApp(runs)
    async with app.run_test(size=(160, 50)) as pilot:
        await look(pilot, "4", "slash")
        await typing(pilot, "status = failed")
        await look(pilot, "enter", "S", "V")
        await typing(pilot, "bad")
        await look(pilot, "enter")
        order = table(app).order
        await look(pilot, "escape", "S")
        assert table(app).order.where == ""
        shown = await look(pilot, "v")
        assert "status = failed" in shown
        await look(pilot, "enter")
        assert table(app).order == order
        await look(pilot, "v", "ctrl+d")
        assert read_preference(runs.store.reader, "views:runs", {}) == {}


@pytest.mark.parametrize("size", WALKED)
async def test_a_run_is_told_with_its_courses_its_data_its_files_and_its_origin(
    services: Services, size: tuple[int, int]
) -> None:
    store = services.store
    outer = RunLog(Store(store.workspace), *start_run(store, name="outer"))
    run = RunLog(Store(store.workspace), *start_run(store, name="whole", parent=outer.id))
    run.log_points("val_loss", [1.0, 0.25, 0.5])
    run.log_usage({"usage/memory": 2e9})
    run.log_usage({"usage/memory": 3e9})
    run.keep_input(Input("rows.csv", "training", "file", "a" * 64, 1234, {"x": "numeric"}, "rows.csv"))
    run.log_text("hello", "notes/readme.md")
    run.end()
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "4", "slash")
        await typing(pilot, "whole")
        await look(pilot, "enter", "enter")
        shown = str(app.query_one("#run-detail TextView Static", Static).content)
        assert re.search(r"within +outer", shown)
        assert re.search(r"val_loss +0\.5000 +.+ +best 0\.2500", shown)
        assert re.search(r"training +rows\.csv  1,234 rows  1 column  aaaaaaaaaa", shown)
        assert re.search(r"notes/readme\.md +5 B +text", shown)
        assert re.search(r"memory .+at most 2\.8 GiB", shown)


async def test_where_nothing_is_offered_tab_goes_to_the_next_panel(runs: Services) -> None:
    app = MlopsApp(runs)
    async with app.run_test(size=(160, 50)) as pilot:
        await look(pilot, "4", "enter", "slash")
        assert isinstance(app.focused, InputLine)
        await look(pilot, "tab")
        assert app.focused is not None
        assert not isinstance(app.focused, InputLine)


@pytest.mark.parametrize("size", WALKED)
async def test_runs_are_grouped_with_their_spread_and_enter_shows_those_of_a_group(
    runs: Services, size: tuple[int, int]
) -> None:
    app = MlopsApp(runs)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "4")
        await look(pilot, "b")
        await typing(pilot, "params.model")
        shown = await look(pilot, "enter")
        assert "Runs by model" in shown
        assert "±" in shown
        assert [line.split()[1:3] for line in shown.splitlines() if "±" in line] in (
            [["▎", "hgb"], ["logistic", "6"]],
            [["▎", "logistic"], ["hgb", "6"]],
        )
        inside = await look(pilot, "enter")
        assert "6 match" in inside
        assert typed(app).startswith("params.model = '")
        await look(pilot, "escape", "b")
        assert "config" in await typing(pilot, "")


async def test_groups_go_back_to_runs_by_the_same_key(runs: Services) -> None:
    app = MlopsApp(runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "b", "enter")
        assert "Runs by config" in text_of(app)
        shown = await look(pilot, "b", "enter")
        assert "run-00011" in shown


async def test_from_the_runs_of_a_group_the_way_back_leads_to_the_groups(runs: Services) -> None:
    """With the filter and the order that they had, the cursor on the group that was looked into."""
    app = MlopsApp(runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "slash", *"run", "enter")
        await look(pilot, "b")
        await typing(pilot, "params.depth")
        await look(pilot, "enter")
        assert "Runs by depth" in text_of(app)
        await look(pilot, "S", "down", "down")
        before = (table(app).order, table(app).row)
        shown = await look(pilot, "enter")
        assert "Runs by" not in shown
        assert "params.depth = " in shown
        shown = await look(pilot, "escape")
        assert "Runs by depth" in shown
        after = (table(app).order, table(app).row)
        assert after[0] == before[0]
        assert after[1] is not None
        assert before[1] is not None
        assert after[1].id == before[1].id


@pytest.mark.parametrize("size", WALKED)
async def test_a_note_and_tags_of_a_run_are_written_by_t(runs: Services, size: tuple[int, int]) -> None:
    """What cannot be written in the form's one line stays as it is."""
    Runs(runs.store).tag("run-00011", {"stage": "new", "odd": "a, b"})
    app = MlopsApp(runs)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "4", "t")
        await until_seen(pilot, "A note on run-00011")
        assert "nothing changed yet" in words_of(app)
        await look(pilot, *"overfits", "tab", "home", *"word,")
        assert "'word' is not a tag" in words_of(app)
        await look(pilot, "ctrl+s")
        await until_seen(pilot, "'word' is not a tag. Write it as KEY=VALUE")
        await look(pilot, "end", "ctrl+u", *"owner=me")
        assert "mlops-tui runs note run-00011 overfits" in words_of(app)
        await look(pilot, "ctrl+s", "enter")
        await until_seen(pilot, "overfits")
    run = Runs(runs.store).find("run-00011")
    assert (run.note, run.tags) == ("overfits", {"owner": "me", "odd": "a, b"})


@pytest.mark.slow
async def test_a_filter_that_cannot_be_read_is_not_left_by_enter(runs: Services) -> None:
    """The keys that follow are still typed, and it is not remembered."""
    app = MlopsApp(runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "slash", *"status =", "enter")
        assert "a value is missing" in text_of(app)
        await look(pilot, *" failed", "enter")
        assert typed(app) == "status = failed"
        assert "a value is missing" not in text_of(app)
        await look(pilot, "slash", "up")
        assert typed(app) == "status = failed"


async def test_marked_runs_are_deleted_once_one_is_sure(runs: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "LOOK_SECONDS", 1000.0)  # what oneself does is seen without a look that comes by itself
    app = MlopsApp(runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "space", "space")
        asked = await look(pilot, "D")
        assert "2 runs will be gone from every list" in " ".join(asked.split())
        assert "run-00011" in await look(pilot, "escape")
        shown = await look(pilot, "D", "tab", "enter")
        assert "run-00011" not in shown
        assert "run-00009" in shown
        assert not table(app).marks
        assert runs.store.reader.execute("SELECT count(*) FROM run WHERE archived IS NOT NULL").fetchone() == (2,)
        assert "run-00011" in await look(pilot, "z")
        await look(pilot, "z")
        assert [told.message for told in app._notifications][-2:] == ["2 runs are back.", "No run is deleted."]
    assert runs.store.reader.execute("SELECT count(*) FROM run WHERE archived IS NOT NULL").fetchone() == (0,)


async def test_what_was_deleted_before_comes_back_after_what_was_deleted_last(runs: Services) -> None:
    for name in ("run-00003", "run-00004"):
        Runs(runs.store).delete([name])
    app = MlopsApp(runs)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4")
        for name in ("run-00004", "run-00003"):
            assert name in await look(pilot, "z")
            assert [told.message for told in app._notifications][-1] == f"{name} is back."


async def test_a_key_of_several_lines_leaves_the_titles_after_it_in_sight(services: Services) -> None:
    log = RunLog(Store(services.workspace), *start_run(services.store, name="odd", params={"zeta": 1}))
    log.log_metric("a\nb", 1.0)
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50)) as pilot:
        await look(pilot, "4")
        await until_seen(pilot, "odd")
        assert header(app)[2:4] == ["a", "b"]
        assert "zeta" in header(app)
