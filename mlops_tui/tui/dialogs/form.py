"""A form: labelled fields, checked as a whole, with a sentence beside what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Select, Static

from mlops_tui.tui.panels.typed_line import TypedLine

Values = dict[str, str]
KEYS = "tab goes on · enter does it · esc leaves it"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for. With `choices` it is chosen, else typed; `help` stands under it."""

    name: str
    label: str
    value: str = ""
    placeholder: str = ""
    help: str = ""
    choices: Sequence[str] = ()
    required: bool = False


class Form(ModalScreen[Values | None]):
    """Asks for several things at once; the answer is a text for each field, or None where it was left.

    `check` gets the texts and answers with a sentence for each field that cannot stay so; `command` says which command
    would do the same.
    """

    BINDINGS = [Binding("escape", "leave", show=False), Binding("ctrl+s", "submit", show=False, priority=True)]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        verb: str,
        *,
        words: str = "",
        check: Callable[[Values], Mapping[str, str]] | None = None,
        command: Callable[[Values], str] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._fields = fields
        self._verb = verb
        self._words = words
        self._check = check
        self._command = command
        self._wrong: Values = {}
        self._help = {field.name: field.help for field in fields}
        self._hidden: set[str] = set()

    @property
    def first(self) -> str:
        """The field that has the focus at first."""
        return self._fields[0].name

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog form"):
            if self._words:
                yield Static(self._words, classes="form--words", markup=False)
            with VerticalScroll(classes="form--fields", can_focus=False):
                for field in self._fields:
                    yield from self._field(field)
            if self._command is not None:
                yield Static("", classes="form--command", markup=False)
            with Horizontal(classes="dialog--buttons"):
                yield Button("Leave it", id="no", compact=True)
                yield Button(self._verb, id="yes", variant="primary", compact=True)

    def _field(self, field: Field) -> ComposeResult:
        with Horizontal(classes="form--field"):
            yield Label(field.label, markup=False)
            if field.choices:
                options = [(choice, choice) for choice in field.choices]
                value = field.value if field.value in field.choices else field.choices[0]
                yield Select(options, value=value, allow_blank=False, id=f"field-{field.name}", compact=True)
            else:
                yield TypedLine(field.value, placeholder=field.placeholder, id=f"field-{field.name}", compact=True)
        note = Static(field.help, id=f"note-{field.name}", classes="form--note", markup=False)
        note.display = bool(field.help)
        yield note

    def on_mount(self) -> None:
        dialog = self.query_one(".dialog")
        dialog.border_title, dialog.border_subtitle = self._title, KEYS
        self.query_one(f"#field-{self.first}").focus()
        self.echo()
        fields = self.query_one(".form--fields", VerticalScroll)
        for moves in ("scroll_y", "max_scroll_y", "size"):
            self.watch(fields, moves, self._tell_below, init=False)
        self.call_after_refresh(self._tell_below)

    def _tell_below(self) -> None:
        """How many fields there is no room for below those in sight: nothing else says that there are more."""
        scroll = next(iter(self.query(".form--fields").results(VerticalScroll)), None)
        if scroll is None:
            return  # the form is being left
        end = scroll.scroll_offset.y + scroll.size.height
        below = sum(row.display and row.virtual_region.y >= end for row in scroll.query(".form--field"))
        self.query_one(".dialog").border_subtitle = f"{below} more below · {KEYS}" if below else KEYS

    @on(Input.Changed)
    @on(Select.Changed)
    def _typed(self) -> None:
        """What was wrong is being mended: the complaint goes, all is checked again at the end."""
        values = self.values()
        for field in self._fields:
            if self._wrong.get(field.name, values[field.name]) != values[field.name]:
                del self._wrong[field.name]
                self._note(field)
        self.echo()

    def echo(self) -> None:
        """Shows the command that would do the same."""
        if self._command is not None:
            self.say_below(self._command(self.values()))

    def say_below(self, words: str) -> None:
        """Shows words where the command stands."""
        self.query_one(".form--command", Static).update(Content.styled(words, "$text-muted"))

    def values(self) -> Values:
        """What stands in the fields, without blanks around it."""
        found = {}
        for field in self._fields:
            widget = self.query_one(f"#field-{field.name}")
            value = widget.value if isinstance(widget, Input | Select) else ""
            found[field.name] = str(value).strip()
        return found

    def action_submit(self) -> None:
        values = self.values()
        wrong = dict(self._check(values)) if self._check is not None else {}
        wrong |= {field.name: "This is needed." for field in self._fields if field.required and not values[field.name]}
        self.complain(wrong)
        if not wrong:
            self.accept(values)

    def complain(self, wrong: Mapping[str, str]) -> None:
        """Says beside each field what is wrong with it, and goes to the first of them."""
        self._wrong = {name: text for name, text in self.values().items() if name in wrong}
        for field in self._fields:
            self._note(field, wrong.get(field.name))
        if wrong:
            first = next(field.name for field in self._fields if field.name in wrong)
            widget = self.query_one(f"#field-{first}")
            widget.focus(scroll_visible=False)  # with as many as can be seen of those below it
            self.call_after_refresh(widget.scroll_visible, animate=False, top=True)

    def _note(self, field: Field, complaint: str | None = None) -> None:
        note = self.query_one(f"#note-{field.name}", Static)
        help_ = self._help[field.name]
        note.display = bool(complaint or help_) and field.name not in self._hidden
        note.update(Content.styled(f"✗ {complaint}", "$text-error") if complaint else Content(help_))

    def help_with(self, name: str, words: str) -> None:
        """Has other words stand under a field."""
        self._help[name] = words
        self._note(next(field for field in self._fields if field.name == name))

    def hide(self, names: Collection[str]) -> None:
        """Asks for all but these fields."""
        self._hidden = set(names)
        for field in self._fields:
            row = self.query_one(f"#field-{field.name}").parent
            if isinstance(row, Horizontal):
                row.display = field.name not in self._hidden
            self.query_one(f"#note-{field.name}").display = (
                bool(self._help[field.name]) and field.name not in self._hidden
            )

    def accept(self, values: Values) -> None:
        """What is done with texts that can stay so."""
        self.dismiss(values)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self.action_submit()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        self.dismiss(None)
