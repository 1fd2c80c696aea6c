"""Which keys of the Data screen are told first: those for what is in sight."""

from __future__ import annotations

import re

import pytest
from textual.widgets import Input, OptionList

from mlops_tui.bootstrap import Services
from mlops_tui.jobs.query import list_jobs
from mlops_tui.tui.app import MlopsApp
from tests.living import Living
from tests.tui.loans import HEADER, write_rows
from tests.tui.seeing import SIZES, look, until_seen, words_of
from tests.tui.test_keys_ahead import burst


def _footer(shown: str) -> str:
    return shown.splitlines()[-1]


async def test_the_footer_of_a_file_has_what_helps_that_file(loans: Services) -> None:
    """Released where it can be read, mended and scanned where it cannot; sources and SQL are not in their way."""
    months = loans.workspace.root / "months"
    write_rows(months / "2026-00.csv", 30, seed=44, header=HEADER[:3])
    (months / "2026-05.csv").write_bytes(b"loan\n\x00\n")
    living = Living(loans.workspace.root)
    living.do("scan", {"sources": None})
    living.close()
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = _footer(await look(pilot, "2", "down", "F"))
        assert all(key in listed for key in ("r release", "x check", "/ filter"))
        opened = _footer(await look(pilot, "enter"))
        assert all(key in opened for key in ("r release", "v rows", "s scan", "x check"))
        listed = _footer(await look(pilot, "escape", "G"))
        assert all(key in listed for key in ("x check", "/ filter", "s scan"))
        assert "r release" not in listed
        assert "n new" not in listed
        opened = _footer(await look(pilot, "enter"))
        assert all(key in opened for key in ("v rows", "s scan", "x check"))
        assert "n new" not in opened


async def test_a_tag_that_is_typed_before_the_versions_are_read_is_the_tag(loans: Services) -> None:
    """The newest version is asked about, and nothing that was typed runs as a key of the screen."""
    app = MlopsApp(loans)
    before = [job.id for job in list_jobs(loans.store.reader)]
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "down")
        burst(app, "V", "number_sign", "s", "1")
        shown = await until_seen(pilot, "Tag v1 of months")
        assert "No version is chosen" not in shown
        assert app.screen.query_one("#field-text", Input).value == "s1"
    assert [job.id for job in list_jobs(loans.store.reader)] == before


@pytest.mark.parametrize("size", SIZES)
async def test_help_begins_with_what_can_be_done_with_the_file_in_sight(loans: Services, size: tuple[int, int]) -> None:
    """As the footer does; in a wide terminal no description is cut."""
    app = MlopsApp(loans)
    async with app.run_test(size=size) as pilot:
        shown = await look(pilot, "2", "down", "F", "G", "question_mark")
        options = app.screen.query_one(OptionList).options
        assert [option.id for option in options[:3]] == ["data.preview", "data.release", "data.check"]
        assert "Take the file in all the same, for a reason." in shown
        assert ("…" in words_of(app)) == (size == (80, 24))


async def test_files_have_room_for_all_that_is_told_of_them_while_they_have_the_focus(loans: Services) -> None:
    """Size and arrival stand beside the sources as they do in a narrow terminal; then the sources have theirs again."""
    app = MlopsApp(loans)
    async with app.run_test(size=(160, 50)) as pilot:
        shown = await look(pilot, "2", "down", "F")
        assert re.search(r"2026-02\.csv +✓ taken in +300 +8\.9 KiB +(just now|\d+m ago)", shown)
        shown = await look(pilot, "escape")
        assert re.search(r"months .+ ▲ 1 quarantined +defaulted", shown)
        assert "8.9 KiB" not in shown


async def test_a_form_says_how_many_fields_lie_below_those_in_sight(loans: Services) -> None:
    """Until the last one is gone to; where all are in sight nothing is said."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "O")
        shown = await until_seen(pilot, "more below · tab goes on")
        assert "judged anew" not in shown
        shown = await look(pilot, "shift+tab", "shift+tab", "shift+tab")
        assert "judged anew" in shown
        assert "more below" not in shown
        await pilot.resize_terminal(80, 50)
        assert "more below" not in await look(pilot, "tab", "tab", "tab")
