"""A file is judged in one way, whether a person accepted the source or not, and its rows are called what they are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from mlops_tui.data.checks import Check
from mlops_tui.data.checkwords import noun_of
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine import verdicts
from mlops_tui.data.engine.checking import UNASKED
from mlops_tui.data.engine.reading import raw_file
from mlops_tui.data.query import find_source, findings_of, list_files, present_files, quarantined
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import JobContext
from mlops_tui.presenters.data import why_quarantined
from mlops_tui.store.store import Store
from tests.data.conftest import SETTINGS

Scan = Callable[..., dict[str, Any]]
HEADER = "n,x\n"
GOOD = "".join(f"{n},{n / 2}\n" for n in range(300))


@pytest.fixture
def judged(
    store: Store, sources: Sources, folder: Path, scan: Scan, queue_scan: Callable[[], str]
) -> Callable[[bool], dict[str, Any]]:
    """What is said of each file of a folder, by its name, of an accepted source or of another."""
    (folder / "a.csv").write_text(HEADER + GOOD)
    sources.add(folder, name="s")
    scan()

    def told(accepted: bool) -> dict[str, Any]:
        if accepted:
            Curation(store).accept("s", UNASKED)
        (folder / "few.csv").write_text(HEADER + GOOD + "oops,1\n")
        (folder / "lacks.csv").write_text("n\n" + "1\n" * 300)
        (folder / "many.csv").write_text(HEADER + GOOD + "7\n" * 9)
        (folder / "more.csv").write_text("n,x,y\n" + "1,2,3\n" * 300)
        scan()
        source = find_source(store.reader, "s")
        files = list_files(store.reader, source.id)
        found = {
            file.path: (
                *(file.state, file.reason, file.check_name, file.row_number, file.column_name),
                *((item.check_name, item.severity, item.reason) for item in findings_of(store.reader, file.id)),
            )
            for file in files
        }
        again = verdicts.verdicts(JobContext(store, SETTINGS, queue_scan(), 1), source, None)
        assert again["checks"] == len(UNASKED)
        return found | {"again": {item["file"]: (item["verdict"], item["found"]) for item in again["files"]}}

    return told


def test_a_source_that_nobody_accepted_is_judged_as_one_with_the_checks_of_every_source(
    judged: Callable[[bool], dict[str, Any]], tmp_path: Path
) -> None:
    told = judged(False)
    assert told["a.csv"] == ("taken_in", None, None, None, None)
    assert told["lacks.csv"][:5] == (
        "quarantined",
        "lacks.csv lacks the column x: the columns of the source have to be there."
        " Files may lack it where the source says so (data schema --optional).",
        "missing_column",
        None,
        "x",
    )
    assert told["many.csv"][1:4] == (
        "many.csv, line 302 has 1 field where the header has 2; 9 of its 309 rows cannot be read: the rows have to be"
        " readable, all but 1 % of them. Mend the file, or say how it is read (data options --delimiter, --quote).",
        "unreadable",
        302,
    )
    few = "few.csv, line 302 has 'oops' in column n, which does not fit the column's kind (integer)"
    assert told["few.csv"][5:] == (("unreadable", "warn", f"{few}; 1 of its 301 rows cannot be read and is left out."),)
    more = "more.csv has the column y, which is not used: there have to be no other columns than the source's."
    more += " The source can have it too (data schema --adopt)."
    assert told["more.csv"][5:] == (("new_column", "warn", more),)
    assert {file: verdict for file, (verdict, _) in told["again"].items()} == {
        "a.csv": "ok",
        "few.csv": "ok",
        "lacks.csv": "broken",
        "many.csv": "broken",
        "more.csv": "broken",
    }


def test_an_accepted_source_with_the_same_checks_says_the_same(
    judged: Callable[[bool], dict[str, Any]], store: Store, folder: Path, scan: Scan
) -> None:
    accepted = judged(True)
    Curation(store).release("many.csv", "Known.", source="s")
    scan()
    source = find_source(store.reader, "s")
    [file] = [file for file in list_files(store.reader, source.id) if file.path == "many.csv"]
    assert (file.state, [item.severity for item in findings_of(store.reader, file.id)]) == ("taken_in", ["stop"])
    assert accepted["lacks.csv"][2] == "missing_column"
    assert accepted["few.csv"][5][:2] == ("unreadable", "warn")


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".jsonl", ".parquet", ".arrow", ".feather", ".xlsx"])
def test_what_numbers_of_rows_count_is_told_by_a_files_name_as_by_the_file(tmp_path: Path, ending: str) -> None:
    path, table = tmp_path / f"a{ending}", pd.DataFrame({"n": [1, 2]})
    if ending in (".arrow", ".feather"):
        pyarrow.feather.write_feather(table, path)
    elif ending == ".jsonl":
        table.to_json(path, orient="records", lines=True)
    elif ending == ".csv.gz":
        path.write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    else:
        {".csv": table.to_csv, ".parquet": table.to_parquet, ".xlsx": table.to_excel}[ending](path, index=False)
    with raw_file(path) as (_, raw):
        assert raw.noun == noun_of(path.name)


def test_a_row_of_a_parquet_file_is_not_called_a_line(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    pd.DataFrame({"n": range(300), "x": [n / 2 for n in range(300)]}).to_parquet(folder / "a.parquet")
    sources.add(folder, name="s")
    scan()
    texts = [str(n) for n in range(300)]
    pd.DataFrame({"n": [*texts, "oops"], "x": 1.5}).to_parquet(folder / "b.parquet")
    pd.DataFrame({"n": [*texts, *["oops"] * 9], "x": 1.5}).to_parquet(folder / "c.parquet")
    scan()
    _, few, many = list_files(store.reader, find_source(store.reader, "s").id)
    assert "b.parquet, row 301 has 'oops'" in findings_of(store.reader, few.id)[0].reason
    assert why_quarantined(many).startswith("c.parquet, row 301 has 'oops' in column n")
    assert "line" not in why_quarantined(many)


@pytest.mark.parametrize("kind", ["text", "category", "identifier", "numeric"])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_pattern_and_a_list_compare_numbers_as_they_are_written(
    store: Store, sources: Sources, folder: Path, scan: Scan, kind: str, ending: str
) -> None:
    values = [866, 12.5, 7, None] * 20
    if ending == "csv":
        (folder / "a.csv").write_text(
            "x,y\n" + "".join(f"{'' if v is None else v},{i}\n" for i, v in enumerate(values))
        )
    elif ending == "jsonl":
        (folder / "a.jsonl").write_text("".join(f"{json.dumps({'x': v, 'y': i})}\n" for i, v in enumerate(values)))
    else:
        floats = [None if v is None else float(v) for v in values]
        pq.write_table(pa.table({"x": floats, "y": list(range(80))}), folder / "a.parquet")
    sources.add(folder, name="s")
    scan()
    curation = Curation(store)
    listed = [866.0, 12.5, 7] if kind == "numeric" else ["866", "12.5", "7"]
    checks = [
        Check("pattern", "stop", "x", pattern="[0-9]+([.]5)?"),
        Check("allowed", "stop", "x", values=tuple(listed)),
    ]
    source, _ = curation.accept("s", checks)
    source = curation.set_columns("s", kinds={"x": kind})
    told = scan()
    assert (told["quarantined"], told["kept_out"]) == (0, 0), quarantined(store.reader, source.id)
    (file,) = present_files(store.reader, source.id).values()
    assert [f.reason for f in findings_of(store.reader, file.id)] == []


def test_a_list_of_texts_still_means_its_numbers_where_the_column_is_numeric(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("x,y\n" + "".join(f"{i % 3},{i}\n" for i in range(60)))
    sources.add(folder, name="s")
    scan()
    Curation(store).accept("s", [Check("allowed", "stop", "x", values=("0", "1"))])
    (folder / "b.csv").write_text("x,y\n" + "".join(f"{i % 2},{i}\n" for i in range(60)))
    (folder / "c.csv").write_text("x,y\n" + "".join(f"{i % 3},{i + 1}\n" for i in range(60)))
    scan()
    assert [file.path for file in quarantined(store.reader)] == ["c.csv"]
