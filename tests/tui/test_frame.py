"""The frame: screens by number, one registry for all that can be done, and a terminal of any size."""

from __future__ import annotations

import subprocess
import sys

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList
from textual.widgets._toast import Toast

from mlops_tui.bootstrap import Services
from mlops_tui.tui.actions import REGISTRY
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.help import GENERAL, HelpScreen
from mlops_tui.tui.palette import ActionProvider, find_objects
from mlops_tui.tui.panels.command_line import CommandLine
from mlops_tui.tui.panels.footer import KeyLine, chosen
from mlops_tui.tui.panels.header import StatusLine
from mlops_tui.tui.screens import SCREENS
from mlops_tui.tui.themes import MONO
from tests.tui.filling import add_job, add_runs
from tests.tui.seeing import settled, text_of

SIZES = [(40, 10), (80, 24), (160, 50)]
NAMES = [screen.name for screen in SCREENS]


async def visit(pilot: Pilot[None], name: str) -> None:
    """Goes to a screen by its number."""
    await pilot.press(str(NAMES.index(name) + 1))
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_stands_in_a_terminal_of_any_size(services: Services, size: tuple[int, int]) -> None:
    """Header, tabs and keys are there, and no line is wider than the terminal."""
    add_runs(services, 30)
    add_job(services, "Tune loans", "running", total=50, done=12)
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        for name in NAMES:
            await visit(pilot, name)
            assert app.pane is not None
            assert name == app.pane.NAME
            lines = text_of(app).split("\n")
            assert len(lines) == size[1]
            assert "mlops-tui" in lines[0]
            assert f"{NAMES.index(name) + 1} {SCREENS[NAMES.index(name)].words}" in lines[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
async def test_each_action_of_a_screen_is_in_the_overlay_and_the_palette_and_its_key_never_raises(
    services: Services, name: str
) -> None:
    """The registry is walked: what can be done here is found by all four ways, and doing it is safe."""
    add_runs(services, 3)
    add_job(services, "Scan loans", "done", log="one\ntwo\n")
    leaving = {
        "everywhere.quit",
        "everywhere.suspend",
        "data.watch",
        "jobs.watch",
    }  # the last two start an agent; that has a test of its own
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await visit(pilot, name)
        here = app.actions_here()
        assert {action.id for action in here} >= {f"everywhere.go_{other}" for other in NAMES}
        await pilot.press("question_mark")
        await pilot.pause()
        options = app.screen.query_one(OptionList)
        assert {options.get_option_at_index(place).id for place in range(options.option_count)} == {a.id for a in here}
        await pilot.press("escape")
        provider = ActionProvider(app.screen)
        for action in here:
            assert action.help
            hits = [hit async for hit in provider.search(action.words)]
            assert any(action.help in str(hit.help) for hit in hits), action.id
            if action.id in leaving or (action.scope == "everywhere" and name != "home"):
                continue
            for key in action.keys:
                await app.go(name)
                await pilot.press(key)
                await pilot.press("escape", "escape")
        assert app.is_running


async def test_no_key_means_two_things_where_the_focus_is(services: Services) -> None:
    """Scopes that can have a say at once share no key."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        for name in NAMES:
            await visit(pilot, name)
            keys = [key for action in app.actions_here() for key in action.keys]
            assert sorted(keys) == sorted(set(keys)), name


@pytest.mark.parametrize("width", [20, 40, 80, 160])
async def test_the_footer_never_outgrows_the_terminal_and_keeps_help_and_quit(services: Services, width: int) -> None:
    """Keys that do not fit are left out; `?` and `q` stay."""
    app = MlopsApp(services)
    async with app.run_test(size=(width, 24)) as pilot:
        await settled(pilot)
        shown = chosen(app.query_one(KeyLine)._actions, width)
        assert {"?", "q"} <= {key for key, _ in shown}
        assert app.query_one(KeyLine).render().cell_length <= width


async def test_a_key_that_does_nothing_now_says_why(services: Services) -> None:
    """Cancelling with no job is refused with the reason, in `?` too."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await visit(pilot, "jobs")
        assert app.why_not(REGISTRY["jobs.cancel"]) == "No job is chosen."
        await pilot.press("x")
        await pilot.pause()
        assert "No job is chosen." in text_of(app)
        assert "cancel" not in str(app.query_one(KeyLine).render())


async def test_help_begins_with_the_keys_of_the_screen(services: Services) -> None:
    """What moves a cursor is the same everywhere and comes after them."""
    add_runs(services, 2)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("2", "question_mark")
        await settled(pilot)
        first = app.screen.query_one(OptionList).get_option_at_index(0)
        assert first.id is not None
        assert first.id.startswith("data.")


@pytest.mark.parametrize("name", NAMES)
async def test_help_tells_what_is_particular_before_what_is_general(services: Services, name: str) -> None:
    """The keys of lists, of moving and of every screen stand last, in that order, whatever has the focus."""
    add_runs(services, 2)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await visit(pilot, name)
        await pilot.press("question_mark")
        await settled(pilot)
        scopes = [str(option.id).partition(".")[0] for option in app.screen.query_one(OptionList).options]
        general = [scope for scope in scopes if scope in GENERAL]
        assert scopes == [scope for scope in scopes if scope not in GENERAL] + general
        assert general == sorted(general, key=GENERAL.index)


async def test_help_is_reached_while_a_line_is_typed_into(services: Services) -> None:
    """`?` is text there, so the footer names the other key; a layer's own keys come before the screen's."""
    folder = services.workspace.root / "arrivals"
    folder.mkdir()
    services.sources.add(str(folder), name="arrivals")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("Q")
        await settled(pilot)
        assert "f1 keys" in text_of(app)
        await pilot.press("question_mark")
        assert app.query_one("#sql Input", Input).value == "?"
        await pilot.press("f1")
        await settled(pilot)
        assert app.screen.query_one(OptionList).get_option_at_index(0).id == "sql.edit"


async def test_a_dialog_is_not_covered_by_what_was_said_before(services: Services) -> None:
    """Messages that are in sight go when it opens; what is said while it is open is seen."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(pilot)
        app.notify("57 sources scanned", timeout=60)
        await settled(pilot)
        assert "57 sources scanned" in text_of(app)
        await pilot.press("question_mark")
        await settled(pilot)
        assert not app.screen.query(Toast)
        app.notify("That failed", timeout=60)
        await settled(pilot)
        assert "That failed" in text_of(app)


async def test_help_filters_and_runs_what_is_chosen(services: Services) -> None:
    """`?`, a word and enter take one to another screen."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("question_mark", *"four", *["backspace"] * 4, *"to", "space", *"runs", "enter")
        await settled(pilot)
        assert not isinstance(app.screen, HelpScreen)
        assert app.pane is not None
        assert app.pane.NAME == "runs"


async def test_a_command_goes_to_a_screen_with_what_to_show_there(services: Services) -> None:
    """`:runs QUERY` filters the runs, and the list says how many match."""
    add_runs(services, 20)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        app.query_one(CommandLine).query_one(Input).value = "runs status = 'failed'"
        await pilot.press("enter")
        await settled(pilot)
        assert "2 match" in text_of(app)


async def test_a_command_that_is_not_understood_says_so_and_q_quits(services: Services) -> None:
    """Nonsense is answered with a sentence, and comes back by the up key to be mended; `:q` leaves."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(pilot)
        await pilot.press("colon", *"nonsense", "enter")
        await settled(pilot)
        assert "neither a screen" in text_of(app)
        await pilot.press("colon", "up")
        assert app.query_one(CommandLine).line.value == "nonsense"
        await pilot.press("down", "q", "enter")
        await pilot.pause()
    assert app.return_code == 0


def test_the_palette_finds_objects_by_a_part_of_name_or_id_twenty_a_kind(services: Services) -> None:
    """Wildcards in what is typed are meant as characters."""
    ids = add_runs(services, 30)
    add_job(services, "Tune 100% of run-x", "done")
    found = find_objects(services.store.reader, "run-")
    assert [one.kind.word for one in found].count("run") == 20
    assert [one.name for one in found if one.kind.word == "job"] == ["Tune 100% of run-x"]
    assert [one.id for one in find_objects(services.store.reader, ids[7][-6:].lower())] == [ids[7]]
    assert [one.name for one in find_objects(services.store.reader, "0%")] == ["Tune 100% of run-x"]


async def test_esc_steps_out_one_layer_at_a_time(services: Services) -> None:
    """Detail first, then the filter, then nothing."""
    add_runs(services, 5)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await visit(pilot, "runs")
        await pilot.press("slash", *"run", "enter")
        await settled(pilot, 0.3)
        await pilot.press("enter")
        await settled(pilot)
        assert app.pane is not None
        assert app.pane.is_inside
        await pilot.press("escape")
        assert not app.pane.is_inside
        assert app.why_no_back() is None
        await pilot.press("escape")
        await settled(pilot)
        assert app.why_no_back() is not None


async def test_what_others_write_is_seen_within_half_a_second(services: Services) -> None:
    """A second writer's runs and jobs come into sight unasked."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await visit(pilot, "runs")
        assert "No runs yet." in text_of(app)
        add_runs(services, 2)
        add_job(services, "Tune loans", "running", total=10)
        await settled(pilot, 0.5)
        shown = text_of(app)
        assert "run-00001" in shown
        assert "1 job open" in shown


async def test_nothing_is_painted_while_nothing_changes(services: Services) -> None:
    """An idle second leaves every widget as it was."""
    add_runs(services, 3)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await visit(pilot, "runs")
        await settled(pilot, 0.8)
        painted: list[object] = []
        for widget in app.screen.walk_children():
            original = widget.refresh
            widget.refresh = lambda *a, _w=widget, _o=original, **k: (painted.append(_w), _o(*a, **k))[1]  # type: ignore[method-assign]
        await pilot.pause(1.0)
        assert painted == []


async def test_a_store_that_is_gone_is_said_and_the_screen_stays(services: Services) -> None:
    """A table that was taken away fails its panel and the status line, not the app."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        with services.store.write() as writing:
            writing.execute("ALTER TABLE run RENAME TO taken_away")
        await visit(pilot, "runs")
        shown = text_of(app)
        assert "This could not be read" in shown
        assert "ctrl+r" in shown


async def test_no_color_means_no_colour_at_all(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR nothing on the screen has a colour of its own, and the cursor is still seen."""
    monkeypatch.setenv("NO_COLOR", "1")
    add_runs(services, 3)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.theme == MONO.name
        await visit(pilot, "runs")
        reversed_text = ""
        for strip in app.screen._compositor.render_strips():
            for segment in strip.apply_filter(app._filters[-1], app.screen.styles.background):
                if segment.style is not None:
                    assert segment.style.color is None or segment.style.color.is_default
                    assert segment.style.bgcolor is None or segment.style.bgcolor.is_default
                    reversed_text += segment.text if segment.style.reverse else ""
        assert "run-00002" in reversed_text
        assert "4 Runs" in reversed_text


async def test_a_read_only_workspace_has_its_badge(services: Services) -> None:
    """Looking works, and the status line says that it is looking only."""
    services.store.read_only = True
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert app.query_one(StatusLine).facts.read_only
        assert "read-only" in text_of(app)


def test_the_first_frame_loads_no_engine_and_no_orm() -> None:
    """In a fresh process the app and all its screens leave the heavy libraries out."""
    heavy = (
        "{'numpy', 'pandas', 'sklearn', 'scipy', 'optuna', 'duckdb', 'pyarrow', 'sqlalchemy', 'sqlmodel', 'alembic'}"
    )
    code = (
        "import sys, mlops_tui.bootstrap, mlops_tui.tui.app, mlops_tui.tui.screens as s; s.load_all();"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
