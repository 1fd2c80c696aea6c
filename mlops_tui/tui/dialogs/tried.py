"""A form whose answer is tried before it closes: what is refused is said beside its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from mlops_tui.core.errors import MlopsError
from mlops_tui.tui.dialogs.form import Field, Form, Values

if TYPE_CHECKING:
    from mlops_tui.tui.app import MlopsApp

Try = Callable[[Values], Values]
"""Does what the texts ask for, in a thread; returns the form's answer."""


class TriedForm(Form):
    """`attempt` is done with the form open; `at_fault` says which field a refusal is about."""

    app: MlopsApp
    DOING = "working …"

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        verb: str,
        attempt: Try,
        at_fault: Callable[[MlopsError], str],
        *,
        words: str = "",
        check: Callable[[Values], Mapping[str, str]] | None = None,
        command: Callable[[Values], str] | None = None,
    ) -> None:
        super().__init__(title, fields, verb, words=words, check=check, command=command)
        self._attempt = attempt
        self._at_fault = at_fault
        self._is_busy = False

    def accept(self, values: Values) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self.say_below(self.DOING)
        self.app.in_background(lambda: self._tried(values), self._ended)

    def _tried(self, values: Values) -> Values | MlopsError:
        try:
            return self._attempt(values)
        except MlopsError as error:
            return error

    def _ended(self, result: Values | MlopsError) -> None:
        self._is_busy = False
        if not self.is_attached:  # it was left meanwhile; what was done is seen on the screen
            return
        if isinstance(result, MlopsError):
            self.complain({self._at_fault(result): f"{result.title} {result.remedy}".strip()})
            self.echo()
        else:
            self.dismiss(result)
