"""A model's way by keys alone: refused with reasons, mended, promoted, predicting, overruled, rolled back and back again."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from mlops_tui.registry.gatefile import place
from mlops_tui.registry.query import find_model
from mlops_tui.tui.app import MlopsApp
from tests.living import Living, houses
from tests.processes import processes_of, wait_for
from tests.tui.seeing import text_of, until, words_of

pytestmark = pytest.mark.slow


@pytest.fixture
def living(tmp_path: Path) -> Living:
    """`prices` with a good version and one that is plainly worse; its card has to be filled in."""
    made = Living(tmp_path / "work")
    made.add("houses", houses(400), target="price", id_column="id")
    _, trials = made.tune("houses", trials=2, seed=5, name="houses", families=["ridge"])
    for trial in trials:
        made.register(trial, "prices")
    path = place(made.store.workspace, "prices")
    path.parent.mkdir()
    path.write_text("[card]\nblocking = true\n", "utf-8")
    return made


async def test_from_a_refusal_to_a_champion_and_back_by_keys_alone(living: Living) -> None:
    reader = living.store.reader

    def champion() -> int | None:
        return find_model(reader, "prices").aliases.get("champion")

    def told(words: str) -> bool:
        return any(words in notice.message for notice in app._notifications)

    app = MlopsApp(living.services)
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        await until(pilot, lambda: "1 Home" in text_of(app))
        await pilot.press("6")
        await until(pilot, lambda: "not asked" in text_of(app))
        await pilot.press("enter", "j")  # to the first version
        await until(pilot, lambda: "prices v1" in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "prices has no champion yet: v1 becomes it" in words_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: told("prices version 1 is not promoted. card fail: its card does not say"))
        assert champion() is None
        await pilot.press("t")
        await until(pilot, lambda: "The card of prices version 1" in text_of(app))
        await pilot.press(*"ada", "tab", "tab", *"to sell", "ctrl+s")
        await until(pilot, lambda: "to sell" in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "Promote prices version 1?" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: champion() == 1)
        await pilot.press("i")
        await until(pilot, lambda: "Predict a file with prices version 1" in text_of(app))
        app.screen.query_one("#field-in", Input).value = str(living.root / "data" / "houses.csv")
        app.screen.query_one("#field-out", Input).value = str(living.root / "out.csv")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: told("400 rows predicted by prices version 1"))
        await pilot.press("k")
        await until(pilot, lambda: "prices v2" in text_of(app))
        await pilot.press("p")
        await until(pilot, lambda: "Promote prices version 2?" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: told("prices version 2 is not promoted. not worse than champion fail:"))
        await until(pilot, lambda: "✗ fail: 3" in text_of(app))  # its line is not "asking" any more
        await pilot.press("f")
        await until(pilot, lambda: "whatever the gates say" in words_of(app))
        await pilot.press(*"to see", "ctrl+s")
        await until(pilot, lambda: champion() == 2)
        await until(pilot, lambda: "v2  champion" in text_of(app))
        await pilot.press("z")
        await until(pilot, lambda: "goes back from v2 to v1 at once" in words_of(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: champion() == 1)
        await until(pilot, lambda: "v1  champion" in text_of(app))
        await pilot.press("Z")
        await until(pilot, lambda: "goes from v1 to v2 again" in words_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: champion() == 2)
    wait_for(lambda: not processes_of(living.root), 10.0)
    living.close()
