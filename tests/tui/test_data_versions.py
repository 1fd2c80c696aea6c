"""Versions of a source: seen with what made them, tagged, compared and looked into by keys alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.data.query import find_source, tags_of
from mlops_tui.tui.app import MlopsApp
from tests.living import Living
from tests.processes import wait_for
from tests.tui.loans import write_rows
from tests.tui.seeing import WALKED, fill_form, look, until_seen


@pytest.fixture(scope="session")
def made_grown(made_loans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source `months` with a second version, whose new file is of older people, and a third, which lacks the first."""
    root = Path(shutil.copytree(made_loans, tmp_path_factory.mktemp("grown") / "loans"))
    months, living = root / "months", Living(root)
    source = find_source(living.store.reader, "months")
    write_rows(months / "2026-05.csv", 600, seed=15, older=20)
    living.do("scan", {"sources": [source.id]})
    (months / "2026-01.csv").unlink()
    living.do("scan", {"sources": [source.id]})
    living.close()
    return root


@pytest.fixture
def grown(made_grown: Path, tmp_path: Path) -> Iterator[Services]:
    """A copy of that workspace."""
    found = open_services(Path(shutil.copytree(made_grown, tmp_path / "loans")))
    yield found
    found.close()


@pytest.mark.parametrize("size", WALKED)
async def test_versions_are_seen_compared_and_looked_into(grown: Services, size: tuple[int, int]) -> None:
    """Files, rows and what changed; two that are marked are told apart; enter shows a version's rows."""
    app = MlopsApp(grown)
    async with app.run_test(size=size) as pilot:
        shown = await look(pilot, "2", "down", "V")
        assert "Versions of months" in shown
        assert "2026-01.csv gone" in shown
        assert "1,500" in shown
        await look(pilot, "space", "G", "space", "D")
        shown = await until_seen(pilot, "months · v1 → v3", "rows 900 → 1,200", "column of 5 moved")
        assert "2026-05.csv added, 2026-01.csv gone" in shown
        age = next(line for line in shown.split("\n") if " age " in line)
        assert "mean +" in age
        await look(pilot, "escape", "g", "enter")
        await until_seen(pilot, "months · v3", "row 1 of 1,200")
        await look(pilot, "escape", "j", "enter")
        await until_seen(pilot, "2026-01.csv, which is in version 2", "is gone")


async def test_a_file_that_is_gone_is_told_of_and_not_read(grown: Services) -> None:
    """It stands behind those that are there, with what is kept of it; keys that need its content say why not."""
    app = MlopsApp(grown)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "down", "enter", "shift+tab", "G", "enter")
        await until_seen(pilot, "months · 2026-01.csv", "gone", "300")
        assert "The file is gone" in await look(pilot, "v")
        app.clear_notifications()
        assert "The file is gone" in await look(pilot, "x")


async def test_a_version_is_tagged_and_the_tag_taken_away_again(grown: Services) -> None:
    """The word stands beside the version; a word that cannot be a tag says why."""
    app = MlopsApp(grown)
    source = find_source(grown.store.reader, "months")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "down", "V", "G", "number_sign")
        await fill_form(pilot, text="baseline")
        wait_for(lambda: tags_of(grown.store.reader, source.id) == {"baseline": 1})
        await until_seen(pilot, "v1     baseline")
        await look(pilot, "number_sign")
        await fill_form(pilot, text="two words")
        await until_seen(pilot, "cannot be tagged")
        await look(pilot, "u")
        wait_for(lambda: not tags_of(grown.store.reader, source.id))


async def test_a_single_version_has_none_to_be_compared_with(seen_loans: Services) -> None:
    """The key says so."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "V")
        assert "no other version" in await look(pilot, "D")
