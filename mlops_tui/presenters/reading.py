"""How a source's files are read, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.data.model import LABELS, LIVE, TRAINING, Source
from mlops_tui.data.options import ReadOptions
from mlops_tui.presenters.words import counted

Record = Mapping[str, Any]


def read_as(options: Record) -> str:
    """How files are read, in a few words: what is out of the ordinary."""
    delimiter, missing = options.get("delimiter"), options.get("missing")
    told = [f"with {option_text('delimiter', delimiter)} between fields" if delimiter else "as each file suggests"]
    told += [f"from line {options['skip'] + 1:,} on"] if options.get("skip") else []
    told += ["without a header"] if options.get("header") is False else []
    told += [f"as {options['encoding']}"] if options.get("encoding", "utf-8") != "utf-8" else []
    told += ["with decimal commas"] if options.get("decimal") == "," else []
    told += [f"leaving lines out that begin with {options['comment']}"] if options.get("comment") else []
    told += [
        f"dates as {printable(options[name])}" for name in ("date_format", "timestamp_format") if options.get(name)
    ]
    told += [f"{option_text('missing', missing)} as missing"] if missing else []
    told += [f"from the sheet {printable(options['sheet'])}"] if options.get("sheet") else []
    return ", ".join(told)


STANDARD_TIMES = {"date_format": "ISO 8601, as 2026-01-31", "timestamp_format": "ISO 8601, as 2026-01-31 13:45"}
"""What is read where no other format was found in the file that fixed the others, nor told."""


def option_text(name: str, told: Any, *, are_fixed: bool = False) -> str:
    """An option's value as a person says it; `are_fixed` once the options of the source are, by a file or by hand."""
    if told is None and name == "skip" and are_fixed:
        return "none"
    if told is None:
        open_words = STANDARD_TIMES.get(name) if are_fixed else None
        return "the first" if name == "sheet" else open_words or "found in each file"
    if isinstance(told, bool):
        return "yes" if told else "no"
    if isinstance(told, int):
        return f"{told:,}" if told else "none"
    marks = told if isinstance(told, list) else [told]
    return ", ".join({"": "none" if name != "missing" else "empty", "\t": "tab"}.get(m, printable(m)) for m in marks)


_OF_FORMAT = {
    **dict.fromkeys((".parquet", ".arrow", ".feather", ".ipc"), frozenset[str]()),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), frozenset({"missing"})),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), frozenset({"sheet"})),
}
"""What may be said of files that are no CSV, by their ending: the rest such a file says itself."""


def that_apply(options: Record, paths: Iterable[str]) -> list[str]:
    """The names of the options that mean something for files of those paths, and of those that are set all the same; all
    where there is no file.
    """
    formats = [_OF_FORMAT.get(_ending(path), options.keys() - {"sheet"}) for path in paths]
    meant = set[str]().union(*formats) if formats else set(options)
    plain = ReadOptions()
    usual = {name: getattr(plain, name) for name in options} | {"missing": list(plain.missing)}
    return [name for name, told in options.items() if name in meant or told != usual[name]]


def _ending(path: str) -> str:
    name = PurePath(path.lower())
    return PurePath(name.stem).suffix if name.suffix in (".gz", ".zst") else name.suffix


def are_fixed(options: Record) -> bool:
    """Whether nothing but encoding and comments is sought in a file any more, the formats of times neither."""
    return options.get("delimiter") is not None and options.get("header") is not None


def changed_words(before: Source, after: Source, left: int) -> list[str]:
    """What it means that a source was changed, a sentence each; `left` files that are there have no place in it any more."""
    told = []
    if after.is_recursive and not before.is_recursive:
        told.append("Files in the folders below count too.")
    if left:
        verb = "leaves" if left == 1 else "leave"
        told.append(f"{counted(left, 'file')} {verb} the next version; older versions keep what they have.")
    if after.snapshot and not before.snapshot:
        told.append("Files are copied in when they are taken in, and those that are there by the next scan.")
    if before.snapshot and not after.snapshot:
        told.append(
            "Files that come are not copied in any more; the copies that were made stay, and are read where a file is gone."
        )
    if after.role != before.role:
        told.append(f"{ROLE_WORDS[after.role]} Its files are judged anew.")
    return told


def arriving_words(source: Source, *, is_watching: bool) -> str:
    """What becomes of the files that come to a source from now on."""
    if source.predict_with is None:
        return "Files that come are not predicted by themselves."
    when = "" if is_watching else " That is done while watching is on: mlops-tui watch"
    return f"Files that come are predicted by {printable(source.predict_with)} into {printable(source.predict_to or '')}.{when}"


ROLE_WORDS = {
    TRAINING: "Models are trained on it, and each file has to have the target.",
    LIVE: "Its files are predicted and watched for drift, and need not have the target.",
    LABELS: "Its rows are the outcomes that predictions are held against.",
}
