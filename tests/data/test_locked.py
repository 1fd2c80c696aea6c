"""Files that are read one after another with one connection are read as they are alone, and it opens no others."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.feather
import pytest

from mlops_tui.core.errors import FileUnreadable
from mlops_tui.data.engine.locked import lent_connection, sharing
from mlops_tui.data.engine.profiling import profile_file, summarise
from mlops_tui.data.engine.reading import raw_file
from mlops_tui.data.options import ReadOptions

GOOD = "n,x\n" + "".join(f"{n},{n / 2}\n" for n in range(50))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Whole ones between such that have bad rows or cannot be read at all, in several formats."""
    table = pd.DataFrame({"n": range(50), "x": [n / 2 for n in range(50)]})
    made = {
        "a.csv": GOOD,
        "b.csv": GOOD + "7\n8,9,10\n",
        "c.csv": GOOD,
        "d.csv": "",
        "e.csv": GOOD + "x,y\n",
        "f.jsonl": table.to_json(orient="records", lines=True) + "oops\n",
        "h.csv": "n,x\n",
        "i.arrow": "no arrow",
        "z.csv": GOOD,
    }
    for name, text in made.items():
        (tmp_path / name).write_text(text)
    table.to_parquet(tmp_path / "g.parquet")
    pyarrow.feather.write_feather(table, tmp_path / "j.feather")
    return sorted(tmp_path.iterdir())


def told(path: Path, kinds: dict[str, str] | None = None) -> object:
    try:
        found = profile_file(path, kinds=kinds)
    except FileUnreadable as error:
        return str(error)
    return found.rejects, [summarise(block.profile) for block in found.blocks]


@pytest.mark.parametrize("kinds", [None, {"n": "integer", "x": "numeric"}])
def test_a_file_is_read_with_others_as_it_is_alone(files: list[Path], kinds: dict[str, str] | None) -> None:
    alone = [told(path, kinds) for path in files]
    with sharing(files):
        assert [told(path, kinds) for path in files] == alone
    assert len({type(item) for item in alone}) == 2


def test_one_connection_reads_file_after_file_until_one_fails(files: list[Path]) -> None:
    whole = [path for path in files if path.name in ("a.csv", "c.csv", "z.csv")]
    found = []
    with sharing(files):
        for path in (whole[0], whole[1], files[3], whole[2]):
            try:
                with raw_file(path) as (con, _):
                    found.append(con)
            except FileUnreadable:
                continue
        assert found[0] is found[1] is found[2]  # an empty file is refused before it is opened
        with pytest.raises(ValueError, match="oops"), raw_file(whole[0]):
            raise ValueError("oops")
        with raw_file(whole[0]) as (con, _):
            assert con is not found[0]
    with raw_file(whole[0]) as (con, _):
        assert con not in found


def test_a_shared_connection_opens_its_files_and_one_that_is_alone_only_its_own(files: list[Path]) -> None:
    first, second = files[0], files[2]
    other = first.with_name("other.csv")
    other.write_text(GOOD)
    with sharing([first, second]):
        with lent_connection(first, ReadOptions()) as con:
            assert con.execute(f"SELECT count(*) FROM read_text('{second}')").fetchone() == (1,)
            for query in (f"FROM read_text('{other}')", f"COPY (SELECT 1) TO '{second}.x'", "SET threads=1"):
                with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
                    con.execute(query)
        with (
            lent_connection(first, ReadOptions(), alone=True) as con,
            pytest.raises(duckdb.PermissionException),
        ):
            con.execute(f"FROM read_text('{second}')")
        with lent_connection(other, ReadOptions()) as con:
            assert con.execute(f"SELECT count(*) FROM read_text('{other}')").fetchone() == (1,)
