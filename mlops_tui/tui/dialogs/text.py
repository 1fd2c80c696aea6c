"""Asking for one line of text: a form with a single field."""

from __future__ import annotations

from collections.abc import Callable

from mlops_tui.tui.dialogs.form import Field, Form


def ask_text(
    title: str, label: str, verb: str, *, value: str = "", help: str = "", check: Callable[[str], str] | None = None
) -> Form:
    """A form whose answer has one key, `text`; `check` says what is wrong with it, or nothing."""

    def wrong(values: dict[str, str]) -> dict[str, str]:
        complaint = check(values["text"]) if check is not None and values["text"] else ""
        return {"text": complaint} if complaint else {}

    return Form(title, [Field("text", label, value=value, help=help, required=True)], verb, check=wrong)
