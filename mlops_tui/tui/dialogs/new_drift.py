"""Asking for a comparison: which window of which source, against what."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from mlops_tui.core.errors import UsageError
from mlops_tui.data.model import TRAINING, Source
from mlops_tui.data.query import find_source, find_version, list_sources, members
from mlops_tui.monitoring.window import parse, with_kept_out
from mlops_tui.registry.query import list_models
from mlops_tui.tui.dialogs.form import Field, Form, Values

if TYPE_CHECKING:
    from mlops_tui.monitoring.service import Monitoring

EACH = "each"
NEWEST = "last:1"
BY_COLUMNS = "by its columns"
NO_MODEL = "none"


def new_drift_form(connection: sqlite3.Connection, monitoring: Monitoring, source: Source | None) -> Form:
    """The form, with that source chosen; `arguments` makes its answer into what `Monitoring.start` takes."""
    sources = list_sources(connection)
    training = [one.name for one in sources if one.role == TRAINING]
    models = [f"{model.name}@{alias}" for model in list_models(connection) for alias in sorted(model.aliases)]
    fields = (
        Field("source", "Source", value=source.name if source else "", choices=[one.name for one in sources]),
        Field(
            "current",
            "Window",
            value=NEWEST,
            help="last:3, a file, v2, period:2026-05; each: by file.",
            required=True,
        ),
        Field("reference", "Reference", placeholder=TRAINING, help="Another window; empty: what was learnt from."),
        Field("model", "Or of model", choices=[NO_MODEL, *models], help="Then the data that this model learnt from."),
        Field("training", "Training source", choices=[BY_COLUMNS, *training], help="Where the columns do not tell."),
    )
    return Form("Compare windows", fields, "Compare", check=lambda values: complaints(connection, monitoring, values))


def complaints(connection: sqlite3.Connection, monitoring: Monitoring, values: Values) -> dict[str, str]:
    """A sentence for the field that cannot stay so."""
    if values["model"] != NO_MODEL and values["reference"]:
        return {"reference": "A model says its own reference: leave this empty, or choose no model."}
    if values["model"] != NO_MODEL and values["training"] != BY_COLUMNS:
        return {"training": "A model says its own training source."}
    try:
        parse(values["reference"] or TRAINING)
    except UsageError as error:
        return {"reference": str(error)}
    try:
        monitoring.plan(**arguments(connection, values))
    except UsageError as error:
        return {"current": str(error)}
    return {}


def arguments(connection: sqlite3.Connection, values: Values) -> dict[str, Any]:
    """What `Monitoring.start` takes, from the texts of the form."""
    current = [part.strip() for part in values["current"].split(",") if part.strip()]
    if values["current"].lower() == EACH:
        source = find_source(connection, values["source"])
        files = members(connection, source.id, find_version(connection, source).number)
        current = [file.path for file in with_kept_out(connection, source, files)]
    return {
        "selector": values["source"],
        "current": current,
        "reference": values["reference"] or None,
        "model": None if values["model"] == NO_MODEL else values["model"],
        "training": None if values["training"] == BY_COLUMNS else values["training"],
    }
