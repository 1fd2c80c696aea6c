"""What can be done on every screen."""

from __future__ import annotations

from mlops_tui.tui.actions import REGISTRY, Action
from mlops_tui.tui.command import words_to_complete
from mlops_tui.tui.copying import copy_text
from mlops_tui.tui.dialogs.help import HelpScreen
from mlops_tui.tui.panels.command_line import CommandLine
from mlops_tui.tui.panels.filter_line import FilterLine
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.panel import EMPTY, Panel
from mlops_tui.tui.screens import SCREENS, load_all
from mlops_tui.tui.screens.pane import Pane
from mlops_tui.tui.themes import THEMES
from mlops_tui.tui.upkeep import Upkeep

EVERYWHERE_BINDINGS = REGISTRY.add(
    Action("everywhere.help", "Keys", "Every key that works here; enter runs one.", ("question_mark", "f1"), rank=90),
    Action(
        "everywhere.palette",
        "Palette",
        "Find an action, a source, a study, a run, a model or a job.",
        ("ctrl+p",),
        rank=91,
        priority=True,
    ),
    Action("everywhere.command", "Command", "Say it: a screen and what to show there.", ("colon",), rank=93),
    Action(
        "everywhere.filter",
        "Filter",
        "Filter what has the focus.",
        ("slash",),
        lambda app: app.why_no_filter(),
        rank=40,
    ),
    Action("everywhere.back", "Back", "One layer out.", ("escape",), lambda app: app.why_no_back(), rank=5),
    Action("everywhere.copy", "Copy", "Copy what is chosen.", ("y",), lambda app: app.why_no_copy(), rank=60),
    Action("everywhere.reload", "Read again", "Read everything on this screen again.", ("ctrl+r",), rank=0),
    Action(
        "everywhere.maximise",
        "Whole screen",
        "The panel with the focus alone, or all again.",
        ("plus",),
        lambda app: app.why_no_maximise(),
        rank=0,
        words_now=lambda app: "All panels" if app.frame.maximized is not None else "Whole screen",
    ),
    Action("everywhere.next_panel", "Next panel", "The focus to the next panel.", ("tab",), rank=70),
    Action("everywhere.previous_panel", "Panel before", "The focus to the panel before.", ("shift+tab",), rank=0),
    Action("everywhere.theme", "Theme", "The next of our themes: dark, light, without colour.", ("T",), rank=0),
    Action("everywhere.suspend", "To the shell", "Leave for the shell; fg comes back.", ("ctrl+z",), rank=0),
    Action("everywhere.quit", "Quit", "Close the screen. Jobs and the agent go on.", ("q", "ctrl+q"), rank=92),
    *(
        Action(
            f"everywhere.go_{screen.name}", f"Go to {screen.words}", "Another screen.", (str(screen.number),), rank=0
        )
        for screen in SCREENS
    ),
)


class Everywhere(Upkeep):
    """The part of the app that does what can be done on every screen."""

    pane: Pane | None

    def filtered_panel(self) -> Panel | None:
        """The panel that `/` filters: the focused one, else the first of the screen that can be filtered."""
        focused = self.frame.focused
        chain = focused.ancestors_with_self if focused is not None else []
        inside = list(self.pane.query(Panel)) if self.pane is not None else []
        panels = [widget for widget in (*chain, *inside) if isinstance(widget, Panel)]
        return next((panel for panel in panels if panel.FILTER_HINT and panel.is_shown), None)

    def why_no_filter(self) -> str | None:
        """Why `/` does nothing here."""
        return None if self.filtered_panel() is not None else "There is nothing to filter here."

    def why_no_copy(self) -> str | None:
        """Why `y` does nothing here."""
        return None if self.pane is not None and self.pane.copied() else "There is nothing to copy here."

    def do_filter(self) -> None:
        panel = self.filtered_panel()
        if panel is not None:
            panel.query_one(FilterLine).open()

    def do_copy(self) -> None:
        text = self.pane.copied() if self.pane is not None else None
        if text is not None:
            self.notify(copy_text(self, text, self.services.workspace.home), timeout=3, markup=False)

    def do_back(self) -> None:
        line = self._open_filter()
        if self.frame.maximized is not None:
            self.frame.minimize()
        elif line is not None and (self._has_focus_beside(line) or self._hides_all(line)):
            line.action_cancel()
        elif self.pane is not None and self.pane.is_inside:
            self.pane.go_back()
        elif line is not None:
            line.action_cancel()

    def _has_focus_beside(self, line: FilterLine) -> bool:
        return self.frame.focused is not None and line.parent in self.frame.focused.ancestors

    def _hides_all(self, line: FilterLine) -> bool:
        """Whether nothing matches the filter of the layer in sight: nothing in its panel can have the focus then."""
        return any(isinstance(node, Layer) and node.is_shown and node.has_class(EMPTY) for node in line.ancestors)

    def why_no_back(self) -> str | None:
        """Why esc does nothing here."""
        is_inside = self.pane is not None and self.pane.is_inside
        if self.frame.maximized is not None or is_inside or self._open_filter() is not None:
            return None
        return "This is the outermost layer; q quits."

    def _open_filter(self) -> FilterLine | None:
        panel = self.filtered_panel()
        line = panel.query_one(FilterLine) if panel is not None else None
        return line if line is not None and line.text else None

    def do_reload(self) -> None:
        for panel in self.pane.query(Panel) if self.pane is not None else ():
            panel.reload()
        self.read_facts()

    def panel_here(self) -> Panel | None:
        """The panel with the focus; where the screen itself has it, since nothing in it can, the first that is seen."""
        focused = self.frame.focused
        chain = list(focused.ancestors_with_self) if focused is not None else []
        inside = self.pane.query(Panel) if self.pane is not None and focused in (None, self.pane) else ()
        return next((node for node in (*chain, *inside) if isinstance(node, Panel) and node.is_shown), None)

    def why_no_maximise(self) -> str | None:
        """Why the panel with the focus cannot have the whole screen."""
        panel = self.panel_here()
        can = panel is not None and panel.allow_maximize
        return None if can or self.frame.maximized is not None else "There is no more of it than is shown."

    def do_maximise(self) -> None:
        panel = self.panel_here()
        if self.frame.maximized is not None:
            self.frame.minimize()
        elif panel is not None:
            self.frame.maximize(panel, container=False)

    def hold_maximised(self) -> None:
        """A panel has the whole screen for as long as nothing else of it is gone to."""
        maximised, focused = self.frame.maximized, self.frame.focused
        chain = focused.ancestors_with_self if focused is not None else []
        if maximised is not None and maximised not in chain and any(isinstance(node, Pane) for node in chain):
            self.frame.minimize()

    def do_next_panel(self) -> None:
        self._to_panel(1)

    def do_previous_panel(self) -> None:
        self._to_panel(-1)

    def action_focus_next(self) -> None:
        """What Textual's own binding of the tab key asks for, which is nearer than ours."""
        self._to_panel(1)

    def action_focus_previous(self) -> None:
        """The other way round."""
        self._to_panel(-1)

    def _to_panel(self, step: int) -> None:
        """Panes and layers have the focus only where nothing in them can: one does not stop there on the way."""
        chain = [widget for widget in self.screen.focus_chain if not isinstance(widget, Pane | Layer)]
        if chain:
            here = chain.index(self.focused) if self.focused in chain else min(0, -step)
            self.screen.set_focus(chain[(here + step) % len(chain)])

    def do_theme(self) -> None:
        names = [theme.name for theme in THEMES]
        here = names.index(self.theme) if self.theme in names else -1
        self.theme = names[(here + 1) % len(names)]

    def do_suspend(self) -> None:
        self.action_suspend_process()

    def do_quit(self) -> None:
        self.exit()

    def do_help(self) -> None:
        load_all()
        self.push_screen(HelpScreen())

    def do_palette(self) -> None:
        load_all()
        self.action_command_palette()

    def do_command(self) -> None:
        load_all()
        self.frame.query_one("#command", CommandLine).open(words_to_complete())
