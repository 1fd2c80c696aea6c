"""The form that says how a source's files are to be read."""

from __future__ import annotations

from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.data.model import ROLES, Source
from mlops_tui.data.options import ENCODINGS
from mlops_tui.data.place import BELOW
from mlops_tui.presenters.reading import are_fixed, option_text, read_as
from mlops_tui.tui.dialogs.form import Field, Form, Values

FOUND = "found in each file"
TAB = {"tab": "\t", "\\t": "\t"}
YES, NO = "yes", "no"
HEADER = {YES: True, NO: False}
NOTHING, NONE = "empty", "none"
MARKS = ("quote", "escape", "comment")
TYPED = ("delimiter", "encoding", "decimal", "date_format", "timestamp_format", "sheet")


def read_options_form(source: Source) -> Form:
    """Asks for every option; what is left empty is found in each file, or is what it is in most files."""
    kept = source.options
    delimiter = {"\t": "tab"}.get(kept.get("delimiter", ""), kept.get("delimiter", ""))
    header = FOUND if kept.get("header") is None else "yes" if kept["header"] else "no"
    dates, times = (option_text(name, None, are_fixed=are_fixed(kept)) for name in ("date_format", "timestamp_format"))
    skip, above = kept.get("skip"), option_text("skip", None, are_fixed=are_fixed(kept))
    missing = ", ".join(value or NOTHING for value in kept.get("missing", ("",)))
    fields = [
        Field("delimiter", "Between fields", delimiter, placeholder=f"{FOUND}; or one character, or tab"),
        Field("header", "Header", header, choices=(FOUND, "yes", "no")),
        Field("skip", "Lines above", "" if skip is None else str(skip), placeholder=f"{above}; or how many lines"),
        Field("encoding", "Encoding", kept.get("encoding") or FOUND, choices=(FOUND, *ENCODINGS)),
        Field("decimal", "Decimals", kept.get("decimal") or FOUND, choices=(FOUND, ".", ",")),
        Field("quote", "Quotation mark", _mark(kept.get("quote", '"')), placeholder=f'"; or another, or {NONE}'),
        Field("escape", "Escape mark", _mark(kept.get("escape", '"')), placeholder=f'"; or another, or {NONE}'),
        Field("comment", "Comment mark", _mark(kept.get("comment")), placeholder=f"{FOUND}; or such as #, or {NONE}"),
        Field("date_format", "Dates", kept.get("date_format") or "", placeholder=f"{dates}; or such as %d.%m.%Y"),
        Field(
            "timestamp_format",
            "Dates with times",
            kept.get("timestamp_format") or "",
            placeholder=f"{times}; or %d.%m.%Y %H:%M",
        ),
        Field("sheet", "Sheet", kept.get("sheet") or "", placeholder="the first of a workbook; or its name"),
        Field("missing", "No value", missing, help=f"Fields that are missing, such as {NOTHING}, NA"),
        *_about_files(source),
        Field("role", "Role", source.role, choices=ROLES, help="In another one every file is judged anew."),
    ]
    words = f"{printable(source.name)} is read {read_as(kept)}. With other options every file is read anew."
    return Form("How files are read", fields, "Read anew", words=words)


def _about_files(source: Source) -> list[Field]:
    """Which files are the source's, and whether they are copied in."""
    copied = "What is there is copied in too; what was copied stays, and is read where a file is gone."
    snapshot = Field("snapshot", "Copy files in", YES if source.snapshot else NO, choices=(NO, YES), help=copied)
    if source.is_one_file:
        return [snapshot]
    left_out = Field(
        "exclude", "Left out", ", ".join(source.exclude), placeholder="nothing; or such as old, *_test.csv"
    )
    if "/" in source.pattern.removeprefix(BELOW):  # it names the folders itself
        return [left_out, snapshot]
    below = Field("recursive", "Folders below", YES if source.is_recursive else NO, choices=(NO, YES))
    return [below, left_out, snapshot]


def changes(values: Values) -> dict[str, Any]:
    """What `Sources.change` takes."""
    truths: dict[str, Any] = {name: values[name] == YES for name in ("recursive", "snapshot") if name in values}
    left_out = [part.strip() for part in values["exclude"].split(",")] if "exclude" in values else None
    return truths | {"exclude": left_out, "role": values["role"]}


def arguments(values: Values) -> tuple[dict[str, Any], list[str]]:
    """What is said, and what is to be found in the files again."""
    told: dict[str, Any] = {}
    for name in TYPED:
        if values[name] and values[name] != FOUND:
            told[name] = TAB.get(values[name], values[name]) if name == "delimiter" else values[name]
    told |= {name: "" if values[name] == NONE else values[name] for name in MARKS if values[name]}
    if skip := values["skip"].strip():
        told["skip"] = int(skip) if skip.isdecimal() else skip
    if values["header"] in HEADER:
        told["header"] = HEADER[values["header"]]
    parts = [part.strip() for part in values["missing"].split(",") if part.strip()]
    told["missing"] = ["" if part == NOTHING else part for part in parts]
    return told, [name for name in (*TYPED, *MARKS, "header", "skip") if name not in told]


def _mark(kept: str | None) -> str:
    return NONE if kept == "" else kept or ""
