"""The files of a run on the screen: texts, tables and pictures, by keys alone."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from mlops_tui.bootstrap import Services
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.panels.artifact_panels import ArtifactImagePanel
from tests.tui.seeing import SIZES, look, looks_as_kept, settled, until_seen


@pytest.fixture
def kept(services: Services) -> Services:
    """A run with a file of each sort, and one without any."""
    store = services.store
    RunLog(store, *start_run(store, name="bare")).end()
    run = RunLog(store, *start_run(store, name="full"))
    run.log_dict({"depth": 6, "classes": ["no", "yes"]}, "config.json")
    run.log_bytes(bytes(range(256)), "model.bin")
    run.log_text("first line\n\x1b[2Jsecond line\n[red]third[/red]\n", "notes.txt")
    picture = Image.new("RGB", (64, 32), (20, 90, 160))
    picture.paste((240, 180, 20), (32, 16, 64, 32))
    content = BytesIO()
    picture.save(content, format="PNG")
    run.log_bytes(content.getvalue(), "plots/flag.png")
    run.log_text(
        "id,score,split\n" + "".join(f"{i},{i / 50:.2f},{'test' if i % 2 else 'train'}\n" for i in range(50)),
        "scores.csv",
    )
    run.end()
    return services


def colours(app: MlopsApp) -> set[tuple[int, int, int]]:
    """Grounds of the cells on the screen."""
    styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]
    return {tuple(style.bgcolor.get_truecolor()) for style in styles if style is not None and style.bgcolor is not None}


@pytest.mark.parametrize("size", SIZES)
async def test_the_files_of_a_run_look_as_they_are_kept(kept: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(kept)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "4", "f")
        await looks_as_kept(pilot, f"run-files-{size[0]}x{size[1]}")
        await look(pilot, "end", "enter")
        await until_seen(pilot, "row 1 of 50")
        await looks_as_kept(pilot, f"run-file-rows-{size[0]}x{size[1]}")


async def test_a_text_is_shown_and_the_next_file_without_going_back(kept: Services) -> None:
    app = MlopsApp(kept)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await look(pilot, "4", "f", "enter")
        assert '"classes": [' in shown
        assert "full · config.json" in shown
        shown = await look(pilot, "J")
        assert "not shown here" in shown
        assert "runs artifacts full model.bin --out PATH" in " ".join(shown.replace("│", " ").split())
        shown = await look(pilot, "J")
        assert "\\x1b[2Jsecond line" in shown
        assert "[red]third[/red]" in shown
        assert '"classes"' in await look(pilot, "K", "K")
        assert "Files of full" in await look(pilot, "escape")
        assert "bare" in await look(pilot, "escape")


async def test_files_take_the_whole_screen_and_leave_it_as_it_was(kept: Services) -> None:
    """Also where a run stands beside the list."""
    app = MlopsApp(kept)
    async with app.run_test(size=(160, 50)) as pilot:
        before = await look(pilot, "4", "enter")
        assert "logged by" in before
        shown = await look(pilot, "f")
        assert "Files of full" in shown
        assert "logged by" not in shown
        shown = await look(pilot, "escape")
        assert "logged by" in shown
        assert "bare" in shown


@pytest.mark.slow
async def test_a_table_is_filtered_and_a_row_of_it_is_opened(kept: Services) -> None:
    app = MlopsApp(kept)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "f", "end", "enter")
        await until_seen(pilot, "row 1 of 50")
        await look(pilot, "slash", *"score", "space", "greater_than_sign", "space", *"0", "full_stop", *"9", "enter")
        await until_seen(pilot, "row 1 of 4 that fit, of 50")
        await look(pilot, "enter")
        assert "0.92" in await until_seen(pilot, "3 columns")
        await look(pilot, "J")
        await until_seen(pilot, "0.94")


async def test_a_picture_is_drawn_enlarged_and_moved_on(kept: Services) -> None:
    app = MlopsApp(kept)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "f", "down", "down", "down", "enter")
        await until_seen(pilot, "64 × 32 pixels · PNG")
        assert {(20, 90, 160), (240, 180, 20)} <= colours(app)
        await look(pilot, "z", "z")
        await until_seen(pilot, "4 × enlarged")
        await look(pilot, *("right", "down") * 6)
        await until_seen(pilot, "72 %–100 % across", "75 %–100 % down")
        assert (240, 180, 20) in colours(app)
        assert (20, 90, 160) not in colours(app)
        await look(pilot, "home")
        assert "enlarged" not in await until_seen(pilot, "64 × 32 pixels")
        panel = app.query_one(ArtifactImagePanel)
        assert panel.view.zoom == 1
        assert {(20, 90, 160), (240, 180, 20)} <= colours(app)


async def test_a_picture_is_drawn_anew_for_another_size(kept: Services) -> None:
    app = MlopsApp(kept)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "f", "down", "down", "down", "enter")
        await until_seen(pilot, "64 × 32 pixels")
        before = len(app.query_one(ArtifactImagePanel).data.lines)
        await pilot.resize_terminal(160, 50)
        await settled(pilot)
        assert len(app.query_one(ArtifactImagePanel).data.lines) > before


async def test_without_colours_and_unicode_a_picture_is_letters(
    kept: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_SYMBOLS", "ascii")
    app = MlopsApp(kept)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "4", "f", "down", "down", "down", "enter")
        shown = await until_seen(pilot, "64 × 32 pixels")
        assert max(len(set(line) & set(".:-=+*#%@")) for line in shown.splitlines()[4:-4]) == 2
        assert all(segment.text.isascii() for line in app.query_one(ArtifactImagePanel).data.lines for segment in line)


async def test_a_run_without_files_says_how_one_gets_some(kept: Services) -> None:
    app = MlopsApp(kept)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await look(pilot, "4", "down", "f")
        assert "The run has no files." in shown
        assert "log_artifact(path)" in shown
