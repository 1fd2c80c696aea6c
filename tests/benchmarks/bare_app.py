"""The least that a Textual app with a header and a footer can be: what the first frame is measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header

TITLE = "A bare Textual app"


class BareApp(App[None]):
    """A header, nothing, a footer."""

    TITLE = TITLE
    BINDINGS = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Header()
        yield Footer()


if __name__ == "__main__":
    BareApp().run()
