"""Columns that a person takes into a source's schema after its first files, and those that files may lack."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_tui.core.errors import DataError, UnknownColumn, UsageError
from mlops_tui.data.adopting import common_kind
from mlops_tui.data.checkfile import place
from mlops_tui.data.checks import STOP, WARN, Check
from mlops_tui.data.columns import ColumnChange
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.engine.telling import by_file
from mlops_tui.data.lineage import changes
from mlops_tui.data.model import Source
from mlops_tui.data.profile_query import summaries
from mlops_tui.data.query import find_source, find_version, findings_of, list_versions, present_files, quarantined
from mlops_tui.data.service import Sources
from mlops_tui.evaluation.held_out import is_held_out, make_rule
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.data.conftest import SETTINGS

Scan = Callable[..., dict[str, Any]]
BASIC = [Check("missing_column", STOP), Check("new_column", WARN), Check("unreadable", STOP)]


def rows(first: int, *, header: str = "id,x,y", extra: Callable[[int], str] | None = None) -> str:
    told = (f"R{i:05},{i / 7:.3f},{i % 2}" + (f",{extra(i)}" if extra else "") for i in range(first, first + 30))
    return "\n".join([header + (",extra" if extra else ""), *told]) + "\n"


@pytest.fixture
def curation(store: Store) -> Curation:
    return Curation(store)


@pytest.fixture
def source(store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan) -> Source:
    """Accepted by its first file; two later ones have a column more."""
    (folder / "a.csv").write_text(rows(0))
    sources.add(folder, name="s", target="y", id_column="id")
    scan()
    curation.accept("s", BASIC)
    (folder / "b.csv").write_text(rows(30, extra=lambda i: str(i)))
    (folder / "c.csv").write_text(rows(60, extra=lambda i: f"{i}.5"))
    assert scan()["warned"] == 2
    return find_source(store.reader, "s")


def reasons_of(store: Store, source: Source) -> dict[str, list[str]]:
    files = present_files(store.reader, source.id)
    return {path: [found.reason for found in findings_of(store.reader, file.id)] for path, file in files.items()}


def test_an_adopted_column_is_in_the_next_version_and_missing_where_older_files_lack_it(
    store: Store, source: Source, curation: Curation, scan: Scan
) -> None:
    before = find_version(store.reader, source)
    assert "extra, which is not used" in reasons_of(store, source)["b.csv"][0]
    after = curation.change_columns("s", ColumnChange(adopt=("extra",)))
    assert (after.kinds["extra"], after.roles["extra"], after.optional) == ("numeric", "feature", ("extra",))
    assert after.reasons["extra"].startswith(
        "adopted by hand; numeric by the 2 of 3 files that have it: integer in 1 (b.csv)"
    )
    told = scan()
    assert (told["quarantined"], told["version"]) == (0, before.number + 1)
    assert reasons_of(store, source) == {"a.csv": [], "b.csv": [], "c.csv": []}
    source = find_source(store.reader, "s")
    newest, *_ = changes(list_versions(store.reader, source.id), [])
    assert newest.reading == ("with extra, numeric",)
    by_files = by_file(AnswerContext(store, SETTINGS), source="s", column="extra")["files"]
    assert [(file["rows"], file["missing"]) for file in by_files] == [(30, 30), (30, 0), (30, 0)]
    frame = read_version(store, source, None)
    assert frame["extra"].isna().tolist() == [True] * 30 + [False] * 60
    assert frame["extra"].dropna().tolist()[29:31] == [59.0, 60.5]
    assert list(read_version(store, source, before.number)) == ["id", "x", "y"]
    (summary,) = [one for one in summaries(store.reader, source.id, told["version"]) if one["name"] == "extra"]
    assert (summary["count"], summary["missing"]) == (60, 30)
    event = next(one for one in read_events(store.reader) if one.verb == "columns_set")
    assert json.loads(json.dumps(event.after))["extra"] == {"kind": "numeric", "role": "feature", "optional": True}


def test_a_column_that_every_file_has_is_adopted_as_one_that_each_has_to_have(
    store: Store, source: Source, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").unlink()
    scan()
    assert curation.change_columns("s", ColumnChange(adopt=("extra",))).optional == ()
    (folder / "d.csv").write_text(rows(90))
    assert scan()["quarantined"] == 1
    assert [file.column_name for file in quarantined(store.reader)] == ["extra"]


def test_only_columns_that_files_have_and_the_schema_has_not_are_adopted(source: Source, curation: Curation) -> None:
    with pytest.raises(UnknownColumn, match="has a column 'other'"):
        curation.change_columns("s", ColumnChange(adopt=("other",)))
    with pytest.raises(UsageError, match="has the column 'x' already"):
        curation.change_columns("s", ColumnChange(adopt=("x",)))


def test_rows_that_are_held_out_by_their_content_stay_so_when_a_column_is_adopted(
    store: Store, source: Source, curation: Curation, scan: Scan
) -> None:
    frame = read_version(store, source, None)
    rule = make_rule(frame, time=None, id_column=None, group=None, salt=source.salt, share=0.3)
    with store.write() as writing:
        writing.execute("UPDATE source SET held_out = ? WHERE id = ?", (json.dumps(rule), source.id))
    curation.change_columns("s", ColumnChange(adopt=("extra",)))
    scan()
    after = find_source(store.reader, "s")
    assert after.held_out is not None
    wider = read_version(store, after, None)
    assert "extra" in wider
    assert np.array_equal(is_held_out(frame, rule), is_held_out(wider, after.held_out))


@pytest.mark.parametrize(
    ("kinds", "common"),
    [
        (["integer", "integer"], "integer"),
        (["integer", "constant", "numeric"], "numeric"),
        (["category", "integer"], "category"),
        (["category", "text"], "text"),
        (["constant"], "constant"),
        (["constant", "constant"], "category"),
    ],
)
def test_the_kind_of_a_column_fits_all_files_that_have_it(kinds: list[str], common: str) -> None:
    assert common_kind(kinds) == common


def test_a_file_may_lack_an_optional_column_until_it_is_required_again(
    store: Store, source: Source, curation: Curation, folder: Path, scan: Scan
) -> None:
    curation.change_columns("s", ColumnChange(optional=("x",)))
    scan()
    (folder / "d.csv").write_text("id,y\n" + "".join(f"Q{i},{i % 2}\n" for i in range(30)))
    assert (scan()["quarantined"], reasons_of(store, source)["d.csv"]) == (0, [])
    assert read_version(store, find_source(store.reader, "s"), None, ["x"])["x"].isna().sum() == 30
    curation.change_columns("s", ColumnChange(required=("x",)))
    assert scan()["quarantined"] == 1
    assert "lacks the column x" in str(quarantined(store.reader)[0].reason)


def test_a_role_that_each_row_needs_goes_with_no_optional_column(source: Source, curation: Curation) -> None:
    with pytest.raises(UsageError, match="y is the target"):
        curation.change_columns("s", ColumnChange(optional=("y",)))
    curation.change_columns("s", ColumnChange(optional=("x",)))
    with pytest.raises(UsageError, match="x is the weight"):
        curation.set_columns("s", roles={"x": "weight"})


def test_the_checks_file_says_of_one_column_whether_lacking_it_stops_a_file(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    with place(store.workspace, "s").open("a") as file:
        file.write('\n[[check]]\nkind = "missing_column"\ncolumn = "x"\nseverity = "warn"\n')
    (folder / "d.csv").write_text("id,y\n" + "".join(f"Q{i},{i % 2}\n" for i in range(30)))
    (folder / "e.csv").write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(30)))
    scan()
    assert [file.path for file in quarantined(store.reader)] == ["e.csv"]
    assert reasons_of(store, source)["d.csv"] == ["d.csv lacks the column x: x has to be there."]


def test_an_expression_is_not_broken_by_a_file_that_may_lack_its_column(
    store: Store, source: Source, curation: Curation, folder: Path, scan: Scan
) -> None:
    with place(store.workspace, "s").open("a") as file:
        file.write('\n[[check]]\nkind = "sql"\nexpression = "x < 1000 AND y >= 0"\nseverity = "stop"\n')
    curation.change_columns("s", ColumnChange(optional=("x",)))
    (folder / "d.csv").write_text("id,y\n" + "".join(f"Q{i},{i % 2}\n" for i in range(30)))
    (folder / "e.csv").write_text("id,y\n" + "".join(f"P{i},{i % 2 - 1}\n" for i in range(30)))
    scan()
    assert [file.path for file in quarantined(store.reader)] == ["e.csv"]


def test_a_file_without_a_column_is_taken_in_with_it_missing_where_it_is_released(
    store: Store, source: Source, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "d.csv").write_text("id,y\n" + "".join(f"Q{i},{i % 2}\n" for i in range(30)))
    assert scan()["quarantined"] == 1
    curation.release("d.csv", "the sensor was off")
    told = scan()
    assert told["kept_out"] == 0
    assert read_version(store, find_source(store.reader, "s"), None, ["x", "y"])["x"].isna().sum() == 30


def test_a_file_without_the_time_column_cannot_be_released_and_the_sentence_names_the_way(
    store: Store, sources: Sources, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("day,x\n" + "".join(f"2026-01-{i:02},{i}\n" for i in range(1, 29)))
    sources.add(folder, name="t", time_column="day")
    scan()
    (folder / "b.csv").write_text("x,z\n" + "".join(f"{i},{i}\n" for i in range(1, 29)))
    scan()
    with pytest.raises(DataError, match="time column") as refused:
        curation.release("b.csv", "no matter")
    assert "--role COLUMN=time" in refused.value.remedy
