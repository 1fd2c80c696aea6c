"""Asking for one line of text: a form with a single field."""

from __future__ import annotations

from mlops_tui.tui.dialogs.form import Field, Form


def ask_text(title: str, label: str, verb: str, *, value: str = "", help: str = "") -> Form:
    """A form whose answer has one key, `text`."""
    return Form(title, [Field("text", label, value=value, help=help, required=True)], verb)
