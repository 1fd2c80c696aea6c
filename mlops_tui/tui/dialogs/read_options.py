"""The form that says how a source's files are to be read."""

from __future__ import annotations

from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.data.model import Source
from mlops_tui.data.options import ENCODINGS
from mlops_tui.presenters.reading import read_as
from mlops_tui.tui.dialogs.form import Field, Form, Values

FOUND = "found in each file"
TAB = {"tab": "\t", "\\t": "\t"}
HEADER = {"yes": True, "no": False}
NOTHING = "empty"


def read_options_form(source: Source) -> Form:
    """Asks for what files of a source are most often misread by; what is left empty is found in each file."""
    kept = source.options
    delimiter = {"\t": "tab"}.get(kept.get("delimiter", ""), kept.get("delimiter", ""))
    header = FOUND if kept.get("header") is None else "yes" if kept["header"] else "no"
    missing = ", ".join(value or NOTHING for value in kept.get("missing", ("",)))
    fields = [
        Field("delimiter", "Between fields", delimiter, placeholder=f"{FOUND}; or one character, or tab"),
        Field("header", "Header", header, choices=(FOUND, "yes", "no")),
        Field("encoding", "Encoding", kept.get("encoding") or FOUND, choices=(FOUND, *ENCODINGS)),
        Field("decimal", "Decimals", kept.get("decimal") or FOUND, choices=(FOUND, ".", ",")),
        Field("date_format", "Dates", kept.get("date_format") or "", placeholder=f"{FOUND}; or such as %d.%m.%Y"),
        Field("missing", "No value", missing, help=f"Fields that are missing, such as {NOTHING}, NA"),
    ]
    words = f"{printable(source.name)} is read {read_as(kept)}. With other options every file is read anew."
    return Form("How files are read", fields, "Read anew", words=words)


def arguments(values: Values) -> tuple[dict[str, Any], list[str]]:
    """What is said, and what is to be found in the files again."""
    told: dict[str, Any] = {}
    for name in ("delimiter", "encoding", "decimal", "date_format"):
        if values[name] and values[name] != FOUND:
            told[name] = TAB.get(values[name], values[name]) if name == "delimiter" else values[name]
    if values["header"] in HEADER:
        told["header"] = HEADER[values["header"]]
    parts = [part.strip() for part in values["missing"].split(",") if part.strip()]
    told["missing"] = ["" if part == NOTHING else part for part in parts]
    asked = ("delimiter", "header", "encoding", "decimal", "date_format")
    return told, [name for name in asked if name not in told]
