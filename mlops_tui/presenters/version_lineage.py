"""The way of a model version as a tree, from source files to predictions."""

from __future__ import annotations

from mlops_tui.overview.version_lineage import VersionLineage
from mlops_tui.presenters.words import count, counted, one_line

FILES = 4


def lineage_lines(found: VersionLineage, *, plain: bool = False) -> list[str]:
    """A line for each step, further in than the one that it came from."""
    branch, last = ("|-- ", "`-- ") if plain else ("├─ ", "└─ ")
    version = found.version
    lines, depth = [], 0

    def step(words: str) -> None:
        nonlocal depth
        lines.append(f"{'   ' * (depth - 1)}{last}{words}" if depth else words)
        depth += 1

    if found.source is not None:
        names = ", ".join(f"{one_line(path, 40)} ({count(rows)} rows)" for path, rows in found.files[:FILES])
        more = (
            f" and {counted(len(found.files) - FILES, 'more file', 'more files')}" if len(found.files) > FILES else ""
        )
        lines += [names + more] if found.files else []
        depth = len(lines)
        window = f", {version.window}" if version.window else ""
        step(f"source {one_line(found.source)} v{version.data_version}{window}")
    if found.study is not None:
        step(f"study {one_line(found.study)}")
        number = f", trial {found.trial}" if found.trial is not None else ""
        step(f"run {one_line(found.run or '')}{number}, {one_line(version.family)}")
    if version.file is not None:
        lines.append(f"file {one_line(version.file.rpartition('/')[2], 60)}")
        depth = 1
    if version.parent is not None:
        step(f"made from {one_line(version.model)} v{version.parent}")
    aliases = f" ({', '.join(version.aliases)})" if version.aliases else ""
    step(f"model {one_line(version.model)} v{version.number}{aliases}")
    ends = [
        f"predicted {count(batch.rows)} rows of {one_line(batch.file.rpartition('/')[2], 40)}"
        for batch in found.batches
    ]
    if found.predicted > len(found.batches):
        ends.append(f"and {counted(found.predicted - len(found.batches), 'file')} before")
    for place, words in enumerate(ends or ["no predictions yet"]):
        lines.append(f"{'   ' * (depth - 1)}{branch if place < len(ends) - 1 else last}{words}")
    return lines
