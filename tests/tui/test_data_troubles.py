"""What has to be known of a source beside its files: a folder that is away, files that its pattern leaves out."""

from __future__ import annotations

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.tui.app import MlopsApp
from tests.tui.loans import write_rows
from tests.tui.seeing import SIZES, look, until_seen, words_of


@pytest.mark.parametrize("size", SIZES)
async def test_a_folder_that_is_away_is_said_with_what_to_do(loans: Services, size: tuple[int, int]) -> None:
    """In the list and below it; not any more once it is back."""
    folder = loans.workspace.root / "months"
    folder.rename(folder.with_name("elsewhere"))
    app = MlopsApp(loans)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "2", "down")
        shown = await until_seen(pilot, "▲ unreachable")
        assert ("+ whole" in shown) == (size[1] < 32)
        await look(pilot, "plus")
        told = words_of(app)
        assert "The folder months of source 'months' cannot be listed: no such file or directory." in told
        assert "name its new place with: mlops-tui data move months PATH" in told
        folder.with_name("elsewhere").rename(folder)
        shown = await look(pilot, "escape", "ctrl+r")
        assert "unreachable" not in shown
        assert "cannot be listed" not in shown


@pytest.mark.parametrize("size", SIZES)
async def test_files_that_a_pattern_leaves_out_are_said_of_the_source_under_the_cursor(
    loans: Services, size: tuple[int, int]
) -> None:
    """Which endings, and the command that takes them in; nothing of a source that leaves none aside."""
    root = loans.workspace.root
    write_rows(root / "months" / "more.tsv", 3, seed=1)
    (root / "outcomes" / "late.dat").write_text("loan,defaulted\nL1,0\n")
    app = MlopsApp(loans)
    async with app.run_test(size=size) as pilot:
        assert "leaves out" not in await look(pilot, "2", "plus")
        await look(pilot, "down")
        assert "its pattern leaves out (.tsv). Take them in with: mlops-tui data options months --pattern any" in (
            words_of(app)
        )
        await look(pilot, "down")
        said = (
            "others do (.dat). If they hold data, take them in with: mlops-tui data options outcomes --pattern '*.dat'"
        )
        assert said in words_of(app)
        shown = await look(pilot, "escape", "enter")
        assert "No file was taken in yet." in shown
        assert shown.count("No data file lies there, but others do") == (1 if size[0] < 100 else 2)
