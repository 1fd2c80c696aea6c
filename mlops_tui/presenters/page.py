"""A page in one file: nothing of it comes from the network, and nothing in it runs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.store.artifact import replace

HTML = (".html", ".htm")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #24292f; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .25rem .75rem; text-align: left; border-bottom: 1px solid #d0d7de; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.best, .good { font-weight: 600; color: #1a7f37; }
td.said { white-space: normal; min-width: 24rem; }
.bad { font-weight: 600; color: #cf222e; }
.warn { color: #9a6700; }
.dim, tr.alike { color: #6e7781; }
table.map th, table.map td { padding: .15rem .35rem; text-align: center; border: 1px solid #eaeef2; }
table.map th:first-child { text-align: left; }
table.map td.good { font-weight: 400; }
table.map td.bad { background: #ffebe9; }
summary { cursor: pointer; margin: .5rem 0; }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; }
figcaption { font-weight: 600; }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """The page of that title with these parts, each of which is HTML; the title is text."""
    name, body = escape(title), "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{name}</h1>\n{body}\n</body></html>\n"
    )


def write(path: Path, text: str) -> Path:
    """Writes a file; what was there before gives way only to a whole one. Returns its path.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            temporary.chmod(0o644)
            replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"{printable(str(path))} cannot be written: {error.strerror}.", "Name another place."
        ) from None
    return path
