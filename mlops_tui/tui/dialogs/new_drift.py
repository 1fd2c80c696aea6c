"""Asking for a comparison: which window of which source, or its whole history, against what."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from textual import on
from textual.widgets import Input, Select

from mlops_tui.core.errors import MlopsError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import TRAINING, Source
from mlops_tui.data.query import find_source, list_sources
from mlops_tui.monitoring.chunks import parse_cutting
from mlops_tui.monitoring.query import pinned
from mlops_tui.monitoring.window import parse
from mlops_tui.presenters.asking_drift import (
    BY_COLUMNS,
    BY_ROWS,
    CHUNKS,
    NO_MODEL,
    ONE_WINDOW,
    PIN,
    PINNING,
    TOGETHER,
    UNPIN,
    after_pinning,
    arguments,
    chunks_of,
    drift_command,
    training_of,
)
from mlops_tui.registry.query import list_models
from mlops_tui.tui.dialogs.form import Field, Form, Values

if TYPE_CHECKING:
    from mlops_tui.monitoring.service import Monitoring

NEWEST = "last:1"
SIZE = "10000"


class DriftForm(Form):
    """Asks for one window or for chunks: what does not go with the other is not asked for."""

    def __init__(self, connection: sqlite3.Connection, monitoring: Monitoring, source: Source | None) -> None:
        super().__init__(
            "Compare windows",
            _fields(connection, source),
            "Compare",
            check=lambda values: complaints(connection, monitoring, values),
            command=drift_command,
        )
        self._connection = connection

    def on_mount(self) -> None:
        super().on_mount()
        self._show_fields()
        self._say_reference()

    @on(Select.Changed, "#field-chunks")
    def _show_fields(self) -> None:
        asked = self.values()["chunks"]
        of_one = {"current", "sliced"}
        self.hide({"size"} if asked == ONE_WINDOW else of_one if asked == BY_ROWS else {*of_one, "size"})

    @on(Select.Changed, "#field-source")
    def _say_reference(self) -> None:
        """What the source's windows are compared with where nothing is typed."""
        try:
            source = find_source(self._connection, self.values()["source"])
        except UsageError:
            return
        kept = pinned(self._connection, source.id)
        usual = TRAINING if kept is None else f"{printable(kept.label)}, pinned"
        self.query_one("#field-reference", Input).placeholder = usual


def _fields(connection: sqlite3.Connection, source: Source | None) -> tuple[Field, ...]:
    sources = list_sources(connection)
    training = [one.name for one in sources if one.role == TRAINING]
    models = [f"{model.name}@{alias}" for model in list_models(connection) for alias in sorted(model.aliases)]
    return (
        Field("source", "Source", value=source.name if source else "", choices=[one.name for one in sources]),
        Field("chunks", "Look at", choices=CHUNKS, help="A window, or the whole history in chunks."),
        Field("size", "Rows a chunk", SIZE, help="About so many: whole blocks of a file."),
        Field("current", "Window", NEWEST, help="last:3, a file, v2, period:2026-05, DATE..DATE.", required=True),
        Field("reference", "Reference", placeholder=TRAINING, help="Or v2, a file, rolling:3, rolling:30d, season."),
        Field("together", "Columns", choices=TOGETHER, help="At once: rows of both windows are read."),
        Field("sliced", "By slice of", placeholder="none", help="A column or a value: region, region=north."),
        Field("pin", "Pin it", choices=PINNING, help="Then it is compared with where nothing is said."),
        Field("model", "Or of model", choices=[NO_MODEL, *models], help="Then the data that this model learnt from."),
        Field("training", "Training source", choices=[BY_COLUMNS, *training], help="Where the columns do not tell."),
    )


def complaints(connection: sqlite3.Connection, monitoring: Monitoring, values: Values) -> dict[str, str]:
    """A sentence for the field that cannot stay so."""
    if values["model"] != NO_MODEL and values["reference"]:
        return {"reference": "A model says its own reference: leave this empty, or choose no model."}
    if values["model"] != NO_MODEL and values["training"] != BY_COLUMNS:
        return {"training": "A model says its own training source."}
    if values["chunks"] == BY_ROWS and not values["size"].isdecimal():
        return {"size": "A whole number from 1 on is needed."}
    try:
        parse(values["reference"] or TRAINING)
    except UsageError as error:
        return {"reference": str(error)}
    if wrong := _wrong_pin(connection, monitoring, values):
        return wrong
    try:
        if (chunks := chunks_of(values)) is not None:
            parse_cutting(chunks)
        asked = _once_pinned(values)
        del asked["multivariate"]  # what is read for it is looked up all the same
        monitoring.plan(**asked)
    except MlopsError as error:
        return {_at_fault(values, error): str(error)}
    return {}


def _once_pinned(values: Values) -> dict[str, Any]:
    """What is asked as it will be: a reference that is let go of is not looked up any more."""
    asked = arguments(values)
    if values["pin"] == UNPIN and not any(asked[name] for name in ("reference", "model", "training")):
        return asked | {"reference": TRAINING}
    return asked


def _wrong_pin(connection: sqlite3.Connection, monitoring: Monitoring, values: Values) -> dict[str, str]:
    """What keeps the reference from being pinned, or let go of."""
    if values["pin"] == UNPIN and pinned(connection, find_source(connection, values["source"]).id) is None:
        return {"pin": "None is pinned."}
    if values["pin"] != PIN:
        return {}
    if not values["reference"]:
        return {"reference": "Say what is to be pinned."}
    try:
        monitoring.may_pin(values["source"], values["reference"], training_of(values))
    except UsageError as error:
        return {"reference": str(error)}
    return {}


def _at_fault(values: Values, error: MlopsError) -> str:
    """The field that an error is about: that whose words it has, else what is looked at."""
    if values["reference"] and values["reference"] in error.title:
        return "reference"
    if values["chunks"] == ONE_WINDOW and values["sliced"] and values["sliced"].partition("=")[0] in error.title:
        return "sliced"
    return {ONE_WINDOW: "current", BY_ROWS: "size"}.get(values["chunks"], "chunks")


def compare(monitoring: Monitoring, values: Values) -> str:
    """Pins the reference or lets go of it where that is asked, and starts the job; returns its id."""
    if values["pin"] == PIN:
        monitoring.pin(values["source"], values["reference"], training_of(values))
    elif values["pin"] == UNPIN:
        monitoring.unpin(values["source"])
    return monitoring.start(**after_pinning(values))
