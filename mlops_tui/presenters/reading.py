"""How a source's files are read, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlops_tui.core.printable import printable

Record = Mapping[str, Any]


def read_as(options: Record) -> str:
    """How files are read, in a few words: what is out of the ordinary."""
    delimiter, missing = options.get("delimiter"), options.get("missing")
    told = [f"with {option_text('delimiter', delimiter)} between fields" if delimiter else "as each file suggests"]
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


def option_text(name: str, told: Any) -> str:
    """An option's value as a person says it."""
    if told is None:
        return "the first" if name == "sheet" else "found in each file"
    if isinstance(told, bool):
        return "yes" if told else "no"
    marks = told if isinstance(told, list) else [told]
    return ", ".join({"": "none" if name != "missing" else "empty", "\t": "tab"}.get(m, printable(m)) for m in marks)
