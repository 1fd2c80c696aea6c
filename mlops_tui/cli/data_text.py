"""Sources, versions, profiles and scans as a person reads them in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import is_about_checks
from mlops_tui.data.model import GONE, Source
from mlops_tui.data.overlaps import Overlap
from mlops_tui.presenters.column import column_figures, distinct, picture
from mlops_tui.presenters.data import place_words, trouble_words, unread_words, versions_words
from mlops_tui.presenters.reading import are_fixed, option_text, read_as, that_apply
from mlops_tui.presenters.words import count, counted, duration, one_line, size, state, value

Record = Mapping[str, Any]
SYMBOLS = "braille"  # whose sparklines are made of eighths


def added(source: Source) -> str:
    """What was added, and what to do next."""
    return (
        f"Source {source.name}, {source.role}: {place_words(source.path, source.pattern)}\n"
        f"Take its files in with: mlops-tui data scan {source.name}"
    )


def sources(found: Sequence[Record]) -> str:
    """One line a source."""
    columns = ("source", "role", "version", "files", "rows", "quarantined", "next", "path")
    rows = [
        (
            item["name"],
            item["role"],
            count(item["version"]),
            count(item["files"]),
            count(item["rows"]),
            count(item["quarantined"]),
            "late" if item["overdue"] else "",
            f"{item['path']} ({_short(item['trouble'])})" if item["trouble"] else item["path"],
        )
        for item in found
    ]
    empty = "There are no sources yet. Add one: mlops-tui data add PATH --name NAME --target COLUMN"
    return table(columns, rows, right=("version", "files", "rows", "quarantined"), empty=empty)


def _short(trouble: str) -> str:
    return "its checks are broken" if is_about_checks(trouble) else "cannot be listed"


def source(shown: Record) -> str:
    """A source with its columns and files."""
    head = f"{shown['name']}, {shown['role']}: {place_words(shown['path'], shown['pattern'])}"
    if shown["version"] is None:
        where = f"No file was taken in yet. Do so with: mlops-tui data scan {shown['name']}"
    else:
        where = f"version {shown['version']}: {counted(shown['files'], 'file')}, {counted(shown['rows'], 'row')}"
    if shown["gone"] and not shown["files"] and not shown["quarantined"]:
        where += "\nAll of its files are gone."
    where += f"\n{shown['overdue']}" if shown["overdue"] else ""
    trouble = trouble_words(shown["name"], shown["trouble"]) if shown["trouble"] else ""
    for words in (trouble, unread_words(shown["name"], shown["unread"])):
        where += f"\n{words}" if words else ""
    if shown["options"]:
        where += f"\nread {read_as(shown['options'])}; changed by: mlops-tui data options {shown['name']}"
    if shown["reference"]:
        where += f"\ncompared with {printable(shown['reference'])}, which is pinned; let go of by: mlops-tui drift {shown['name']} --unpin"
    where += "\nIts files are copied in: each version can be read back as it was." if shown["snapshot"] else ""
    columns = [(c["name"], c["kind"], c["role"] or "", one_line(c["why"] or "", 400)) for c in shown["columns"]]
    files = [
        (f["file"], state(f["state"]).text, count(f["rows"]), size(f["bytes"]), one_line(_about(f), 400))
        for f in shown["files_listed"]
    ]
    return "\n\n".join(
        [
            f"{head}\n{where}",
            table(("column", "kind", "role", "why"), columns, empty="The first file will say which columns there are."),
            table(("file", "state", "rows", "size", "about"), files, right=("rows", "size"), empty="No files yet."),
        ]
    )


def _about(file: Record) -> str:
    """Why a file is quarantined or was released, what it was warned of, or which file has the same content or many of its rows."""
    warnings: Sequence[str] = file["warnings"]
    more = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
    copy = f"counts twice: it has the content of {file['duplicate_of']}" if file["duplicate_of"] else ""
    if file["overlap"]:
        copy = Overlap(file["overlap"]["with"], file["overlap"]["share"]).words
    if file["state"] == GONE and file["until"] is not None:
        named = f" as {', '.join(file['older_names'])}" if file["older_names"] else ""
        return f"in {versions_words(file['since'], file['until'] - 1)}{named}"
    if file["released"] and not file["reason"]:
        return f"released: {file['released']}{'; ' if copy else ''}{copy}"
    return file["reason"] or (f"warning{more}: {warnings[0]}" if warnings else copy)


def profile(shown: Record, *, alone: bool) -> str:
    """One line a column, or everything about one column."""
    head = f"{shown['source']} version {shown['version']}: {counted(shown['rows'], 'row')}"
    if alone:
        return f"{head}\n{_column(shown['columns'][0])}"
    columns = ("column", "kind", "values", "missing", "distinct", "min", "median", "max", "")
    rows = [
        (
            c["name"],
            c["kind"],
            count(c["count"]),
            count(c["missing"]),
            distinct(c),
            _shown(c["min"]),
            _shown((c["quantiles"] or {}).get("0.5")),
            _shown(c["max"]),
            picture(c, symbols=SYMBOLS),
        )
        for c in shown["columns"]
    ]
    right = ("values", "missing", "distinct", "min", "median", "max")
    return f"{head}\n{table(columns, rows, right=right, empty='This version has no files.')}"


def _column(column: Record) -> str:
    lines = [
        f"{printable(column['name'])}, {column['kind']}: {column['count']:,} values, {column['missing']:,} missing"
    ]
    lines.append(table(("", "value"), column_figures(column), right=("value",)))
    if column["histogram"]:
        lines.append(picture(column, symbols=SYMBOLS))
    if column["top"]:
        top = [(item["value"], count(item["count"])) for item in column["top"]]
        lines.append(table(("value", "rows"), top, right=("rows",)))
    return "\n\n".join(lines)


def _shown(found: float | str | None) -> str:
    return found[:10] if isinstance(found, str) else value(found)


_OPTIONS = {
    "delimiter": "between fields",
    "header": "first row names the columns",
    "skip": "lines above the table",
    "encoding": "encoding",
    "decimal": "decimal separator",
    "quote": "around a field",
    "escape": "before a quotation mark",
    "comment": "begins a line that is no row",
    "date_format": "dates",
    "timestamp_format": "times",
    "missing": "fields that are no value",
    "sheet": "sheet of a workbook",
}


def read_options(shown: Record, paths: Iterable[str] = ()) -> str:
    """How a source's files, which have those paths, are read: an option a line of those that mean something for them."""
    options, fixed = shown["options"], are_fixed(shown["options"])
    meant = that_apply(options, paths)
    rows = [("pattern", "files of its folder", place_words(".", shown["pattern"]).removesuffix(" in ."))]
    rows.append(("exclude", "left out", printable(", ".join(shown["exclude"])) or "nothing"))
    rows.append(("snapshot", "copied in", "yes" if shown["snapshot"] else "no"))
    rows.append(("role", "what it is for", shown["role"]))
    rows.append(("slice", "profiles and predictions by it", printable(", ".join(shown["slices"])) or "nothing"))
    if shown["matures_after"]:
        rows.append(("matures-after", "labels of a row come for", duration(shown["matures_after"])))
    if shown["predict"]:
        rows.append(("predict", "what comes is predicted by", printable(shown["predict"])))
        rows.append(("predict-to", "into", printable(shown["predict_to"])))
    rows += [
        (name.replace("_", "-"), words, option_text(name, options[name], are_fixed=fixed))
        for name, words in _OPTIONS.items()
        if name in meant
    ]
    return table(("option", "meaning", shown["source"]), rows)
