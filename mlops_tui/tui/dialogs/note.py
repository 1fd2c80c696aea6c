"""The form for what a person says of a run, a study or a trial: a note of several lines, and tags."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label, Static, TextArea

from mlops_tui.tui.dialogs.form import Field, Values
from mlops_tui.tui.dialogs.tried import TriedForm

NOTE = "note"


class NoteForm(TriedForm):
    """Asks for a note and for tags, beginning with those that there are; `apply` writes them down, in a thread."""

    def __init__(
        self,
        title: str,
        known: Values,
        apply: Callable[[Values], Values],
        command: Callable[[Values], str],
        *,
        tags: str = "words",
    ) -> None:
        fields = [
            Field(NOTE, "Note", known[NOTE], help="Markdown; ctrl+s writes it down. An empty one takes it away."),
            Field("tags", "Tags", known["tags"], placeholder=f"{tags}, with commas between"),
        ]
        super().__init__(
            title,
            fields,
            "Write it down",
            apply,
            lambda error: "tags" if "tag" in error.title else NOTE,
            command=command,
        )

    def _field(self, field: Field) -> ComposeResult:
        if field.name != NOTE:
            yield from super()._field(field)
            return
        with Horizontal(classes="form--field -lines"):
            yield Label(field.label, markup=False)
            yield TextArea(field.value, id=f"field-{NOTE}", compact=True, highlight_cursor_line=False)
        yield Static(field.help, id=f"note-{NOTE}", classes="form--note", markup=False)

    def values(self) -> Values:
        return super().values() | {NOTE: self.query_one(TextArea).text.strip()}

    @on(TextArea.Changed)
    def _wrote(self) -> None:
        self._typed()
