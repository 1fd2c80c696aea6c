"""Rows drawn from the files of a window, all alike likely: so many as are asked for, whatever the window has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.data.engine.frame import read_member
from mlops_tui.data.model import SourceFile
from mlops_tui.monitoring.engine.units import spread
from mlops_tui.monitoring.window import Rows
from mlops_tui.store.store import Store

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows of a window: their `frame`, and the number of the file that each is of, shape (rows,), one number for one content.

    They are of `files` contents, which have `file_rows` rows of the window each in the mean; `notes` are sentences about it.
    """

    frame: pd.DataFrame
    of_file: Array
    files: int
    file_rows: float
    notes: tuple[str, ...] = ()

    def only(self, names: Sequence[str]) -> Drawn:
        """The same rows with some of the columns."""
        return Drawn(self.frame[list(names)], self.of_file, self.files, self.file_rows, self.notes)


def drawn(store: Store, rows: Rows, names: Sequence[str], most: int, seed: int = 0) -> Drawn:
    """At most `most` rows of a window; of very many files those of some, at even steps. No more of a file is held than is drawn of it.

    Raises:
        DataError: a file is gone, or holds other bytes than when it was taken in.
    """
    files = list(spread(rows.files))
    spans = [(place, *span) for place, file in enumerate(files) for span in _spans(rows, file)]
    ends = np.cumsum([count for *_, count in spans])
    total = int(ends[-1]) if len(ends) else 0
    chosen = np.sort(np.random.default_rng(seed).choice(total, min(total, most), replace=False, shuffle=False))
    of_span = np.searchsorted(ends, chosen, side="right")
    of_file = np.array([place for place, *_ in spans], dtype=int)[of_span]
    begins = np.array([first - (end - count) for (_, first, count), end in zip(spans, ends, strict=True)], dtype=int)
    numbers = chosen + begins[of_span]
    source, kept = rows.source, np.unique(of_file)
    frames = [
        read_member(store, source, files[place], source.version, names, rows=numbers[of_file == place])
        for place in kept
    ]
    contents = {file.hash: number for number, file in enumerate(files)}
    notes = (f"of its {len(rows.files):,} files {len(files)} were looked at",) if len(files) < len(rows.files) else ()
    return Drawn(
        pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(names)),
        np.array([contents[files[place].hash] for place in of_file], dtype=int),
        len(contents),
        total / max(1, len(contents)),
        notes,
    )


def _spans(rows: Rows, file: SourceFile) -> list[tuple[int, int]]:
    """The first row, and how many from there on, of what the window takes of a file."""
    part = rows.parts.get(file.id)
    return [(0, file.rows or 0)] if part is None else [(block.first_row, block.rows) for block in part]
