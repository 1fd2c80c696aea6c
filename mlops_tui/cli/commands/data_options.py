"""`mlops-tui data options`: how a source's files are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import mlops_tui.cli.data_text as present
from mlops_tui.automation.query import is_watching
from mlops_tui.cli.context import services
from mlops_tui.cli.options import AsJson, SourceName
from mlops_tui.cli.output import emit, say
from mlops_tui.core.clock import seconds_of
from mlops_tui.data import query
from mlops_tui.data.model import ROLES, Source
from mlops_tui.data.options import ENCODINGS, ReadOptions
from mlops_tui.data.place import without_place
from mlops_tui.presenters.reading import arriving_words, changed_words

TAB = {"tab": "\t", "\\t": "\t"}


def add_to(app: typer.Typer) -> None:
    """Adds the command of this module."""
    app.command()(options)


def options(
    name: SourceName,
    delimiter: Annotated[str | None, typer.Option("--delimiter", metavar="C", help="Between fields; or 'tab'.")] = None,
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help="The first row names the columns.")
    ] = None,
    skip: Annotated[
        int | None, typer.Option("--skip", metavar="N", help="So many lines stand above the table.")
    ] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help=f"{', '.join(ENCODINGS)}.")] = None,
    decimal: Annotated[str | None, typer.Option("--decimal", metavar="C", help="A point or a comma.")] = None,
    quote: Annotated[str | None, typer.Option("--quote", metavar="C", help="Around a field; '' for none.")] = None,
    escape: Annotated[str | None, typer.Option("--escape", metavar="C", help="Before a quotation mark.")] = None,
    comment: Annotated[str | None, typer.Option("--comment", metavar="C", help="Begins a line that is no row.")] = None,
    date_format: Annotated[str | None, typer.Option("--date-format", metavar="F", help="Such as '%d.%m.%Y'.")] = None,
    timestamp_format: Annotated[
        str | None, typer.Option("--timestamp-format", metavar="F", help="Such as '%d.%m.%Y %H:%M'.")
    ] = None,
    missing: Annotated[
        list[str] | None, typer.Option("--missing", metavar="TEXT", help="A field that is no value, such as NA.")
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="S", help="The sheet of a workbook.")] = None,
    pattern: Annotated[
        str | None, typer.Option("--pattern", metavar="P", help="Which files of its folder; 'any' for all data files.")
    ] = None,
    recursive: Annotated[
        bool | None, typer.Option("--recursive/--no-recursive", help="The folders below count too.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="P", help="Leave out what fits; '' for nothing.")
    ] = None,
    snapshot: Annotated[
        bool | None, typer.Option("--snapshot/--no-snapshot", help="Copy the files in, so that they can be read back.")
    ] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="R", help=f"{', '.join(ROLES)}.")] = None,
    slices: Annotated[
        list[str] | None, typer.Option("--slice", metavar="COL", help="Profiles and predictions by it; '' for none.")
    ] = None,
    predict: Annotated[
        str | None, typer.Option("--predict", metavar="M", help="Predict what comes to a live source; '' for no more.")
    ] = None,
    predict_to: Annotated[
        Path | None, typer.Option("--predict-to", metavar="DIR", help="The folder for those predictions.")
    ] = None,
    matures_after: Annotated[
        str | None,
        typer.Option(
            "--matures-after", metavar="T", help="How long labels of a row go on coming, as 90d; 0 for not at all."
        ),
    ] = None,
    sniff: Annotated[
        list[str] | None, typer.Option("--sniff", metavar="OPTION", help="Find it in the file again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Shows how a source's files are read, or says it; options that its first file told are kept for the next ones.

    Example: mlops-tui data options loans --delimiter ';' --decimal , --missing '' --missing NA
    """
    opened = services()
    source = query.find_source(opened.store.reader, name)
    given: dict[str, Any] = {
        "delimiter": None if delimiter is None else TAB.get(delimiter, delimiter),
        "header": header,
        "skip": skip,
        "encoding": encoding,
        "decimal": decimal,
        "quote": quote,
        "escape": escape,
        "comment": comment,
        "date_format": date_format,
        "timestamp_format": timestamp_format,
        "missing": missing,
        "sheet": sheet,
    }
    told = {option: value for option, value in given.items() if value is not None}
    if told or sniff:
        before = source.options
        source = opened.curation.set_options(source.id, told, [one.replace("-", "_") for one in sniff or ()])
        if source.options != before:
            say(f"The next version is read so, every file of it; made by: mlops-tui data scan {source.name}")
    if pattern is not None:
        before_pattern = source.pattern
        source = opened.curation.set_pattern(source.id, pattern)
        if source.pattern != before_pattern:
            say(f"The next scan goes by it: mlops-tui data scan {source.name}")
    late = None if matures_after is None else seconds_of(matures_after)
    source = _change(source, recursive=recursive, exclude=exclude, snapshot=snapshot, role=role)
    if late is not None:
        source = opened.sources.change(source.id, matures_after=late)
    if slices is not None:
        before_slices, source = source.slices, opened.sources.change(source.id, slices=slices)
        if source.version and set(source.slices) - set(before_slices):
            say(f"The next scan profiles its files by slice too: mlops-tui data scan {source.name}")
    if predict is not None or predict_to is not None:
        model = source.predict_with or "" if predict is None else predict
        source = opened.arriving.set(opened.sources, source.id, model, predict_to)
        say(arriving_words(source, is_watching=is_watching(opened.store.reader)))
    shown = {
        "source": source.name,
        "pattern": source.pattern,
        "exclude": list(source.exclude),
        "snapshot": source.snapshot,
        "role": source.role,
        "slices": list(source.slices),
        "predict": source.predict_with,
        "predict_to": source.predict_to,
        "matures_after": source.matures_after,
        "options": _shown(source.options),
    }
    emit(
        shown,
        as_json=as_json,
        render=lambda: present.read_options(shown, query.present_files(opened.store.reader, source.id)),
    )


def _change(source: Source, **given: Any) -> Source:
    """Changes what `data add` was told, and says what that means."""
    opened = services()
    after = opened.sources.change(source.id, **given)
    if after == source:
        return after
    left = without_place(after, query.present_files(opened.store.reader, source.id))
    for words in [
        *changed_words(source, after, len(left)),
        f"The next scan goes by it: mlops-tui data scan {after.name}",
    ]:
        say(words)
    return after


def _shown(kept: dict[str, Any]) -> dict[str, Any]:
    read = ReadOptions(**{**kept, "missing": tuple(kept.get("missing", ("",)))})
    return {**{name: getattr(read, name) for name in ReadOptions.__dataclass_fields__}, "missing": list(read.missing)}
