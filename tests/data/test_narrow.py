"""A wide and short file is asked about a few columns at a time, with the answers that the file as it is gives."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlops_tui.data.engine.narrow as narrow
from mlops_tui.data.engine.kinds import guess_kinds
from mlops_tui.data.engine.late_words import late_words
from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.reading import open_file
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.profile import Profile

VALUES = ["7", "1.5", "abc", "2026-01-01", "007", "", "inf", "true", "99999999999999999999", "1.5e400"]
TOLD = ReadOptions(delimiter=",", header=True)


def found(path: Path) -> tuple[object, ...]:
    with open_file(path, TOLD, leave_out_bad_rows=True) as file:
        types = {column.name: column.dtype for column in file.shape.columns}
        kinds = guess_kinds(file.con, file.sql_of, types)
        words = late_words(file, [name for name, dtype in types.items() if dtype == "VARCHAR"])
        seen = (types, kinds, words, file.shape.rows, file.shape.rejects)
    numbers = {name: "numeric" if dtype in ("BIGINT", "DOUBLE") else kinds[name][0] for name, dtype in types.items()}
    profiled = profile_file(path, TOLD, numbers | {"c0": "integer"})
    profiles: list[Profile] = [block.profile for block in profiled.blocks]
    columns = [[(c.name, c.kind, c.missing, c.counts) for c in profile.columns] for profile in profiles]
    return (*seen, columns, profiled.rejects)


def test_types_kinds_reasons_and_bad_rows_are_those_of_the_file_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, width = tmp_path / "a.csv", 120
    rows = [
        [VALUES[(place + (row > 6 and place % 7 == 0)) % len(VALUES)] for place in range(width)] for row in range(9)
    ]
    lines = [",".join(f"c{place}" for place in range(width)), *map(",".join, rows), "short,row"]
    path.write_text("\n".join(lines) + "\n")
    as_it_is = found(path)
    read = list[int]()
    shown = narrow.parts_of
    for module in ("trying", "kinds", "late_words", "csv_lines", "stream"):
        monkeypatch.setattr(
            f"mlops_tui.data.engine.{module}.parts_of", lambda con, table: (read.append(1), shown(con, table))[1]
        )
    monkeypatch.setattr(narrow, "WIDE", 10)
    monkeypatch.setattr("mlops_tui.data.engine.stream.AT_ONCE", 10)
    assert found(path) == as_it_is
    assert len(read) > 4


def test_of_many_rows_none_is_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1,2\n" * 50)
    monkeypatch.setattr(narrow, "WIDE", 1)
    with open_file(path, TOLD) as file:
        table = narrow.short_table(file.con, file.sql, ["a", "b"])
        assert table is not None
        assert [part for part, _ in narrow.parts_of(file.con, table)] == [["a", "b"]]
        monkeypatch.setattr(narrow, "CELLS", 98)
        assert narrow.short_table(file.con, file.sql, ["a", "b"]) is None
