"""What a person decides about a source, and what the next scan makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import AmbiguousName, DataError, UnknownColumn, UnknownName, UsageError
from mlops_tui.data.checkfile import place, read
from mlops_tui.data.checks import Check
from mlops_tui.data.curation import Curation
from mlops_tui.data.model import QUARANTINED, TAKEN_IN, Source
from mlops_tui.data.profile_query import summaries
from mlops_tui.data.query import (
    find_source,
    find_version,
    findings_of,
    get_source,
    list_versions,
    present_files,
    quarantined,
    tags_of,
)
from mlops_tui.data.service import Sources
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
HEADER = "id,x,city,w,y\n"


def rows(first: int, count: int, x: float = 0.0) -> str:
    return HEADER + "".join(
        f"R{i:05},{i / 7 + x:.3f},{'AB'[i % 2]},{1 + i % 5},{i % 2}\n" for i in range(first, first + count)
    )


@pytest.fixture
def curation(store: Store) -> Curation:
    return Curation(store)


@pytest.fixture
def source(sources: Sources, folder: Path, scan: Scan) -> Source:
    """A source of one file that was taken in."""
    (folder / "a.csv").write_text(rows(0, 30))
    sources.add(folder, name="s", target="y", id_column="id")
    scan()
    return find_source(sources._store.reader, "s")


@pytest.fixture
def kept_out(source: Source, curation: Curation, folder: Path, scan: Scan) -> Path:
    """A second file that a check of the source keeps out."""
    curation.accept("s", [Check("range", "stop", "x", most=10)])
    (folder / "b.csv").write_text(rows(30, 20, x=100.0))
    assert scan()["quarantined"] == 1
    return folder / "b.csv"


def event_of(store: Store, verb: str) -> Any:
    """The only event of that verb."""
    [event] = [event for event in read_events(store.reader) if event.verb == verb]
    return event


# ── the schema ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_schema_is_accepted_once_its_first_file_was_taken_in(
    store: Store, sources: Sources, curation: Curation, folder: Path
) -> None:
    sources.add(folder, name="s")
    with pytest.raises(DataError, match="no file was taken in"):
        curation.accept("s", [])
    assert not place(store.workspace, "s").exists()


def test_accepting_writes_the_checks_and_says_who_and_when(store: Store, source: Source, curation: Curation) -> None:
    checks = [Check("range", "warn", "x", least=0, most=10), Check("required", "warn", "y")]
    accepted, added = curation.accept("s", checks)
    assert accepted.accepted is not None
    assert added == checks
    assert list(read(store.workspace, accepted)) == checks
    event = event_of(store, "schema_accepted")
    assert event.after["checks_added"] == ["range x", "required y"]
    assert event.before == {"accepted": None}


def test_accepting_again_adds_only_checks_that_are_not_there(store: Store, source: Source, curation: Curation) -> None:
    curation.accept("s", [Check("range", "warn", "x", most=10)])
    accepted, added = curation.accept("s", [Check("range", "warn", "x", most=99), Check("unique", "warn", "id")])
    assert added == [Check("unique", "warn", "id")]
    assert [check.most for check in read(store.workspace, accepted)] == [10, None]


def test_a_file_that_breaks_a_warning_is_taken_in_with_what_was_found(
    store: Store, source: Source, curation: Curation, folder: Path, scan: Scan
) -> None:
    curation.accept("s", [Check("range", "warn", "x", most=10)])
    (folder / "b.csv").write_text(rows(30, 20, x=100.0))
    assert scan()["taken"] == 1
    file = present_files(store.reader, source.id)["b.csv"]
    [finding] = findings_of(store.reader, file.id)
    assert (file.state, finding.severity, finding.column_name, finding.row_number, finding.count) == (
        TAKEN_IN,
        "warn",
        "x",
        2,
        20,
    )
    assert finding.reason == "b.csv, line 2: x is 104.286, but x has to be at most 10 (20 rows do not)."


def test_a_file_that_breaks_a_stopping_check_is_kept_out_until_the_check_is_changed(
    store: Store, source: Source, kept_out: Path, scan: Scan
) -> None:
    """The row and the column that broke it are kept; an edited checks file is read by the next scan."""
    file = present_files(store.reader, source.id)["b.csv"]
    assert (file.state, file.check_name, file.column_name, file.row_number) == (QUARANTINED, "range x", "x", 2)
    assert find_version(store.reader, find_source(store.reader, "s")).files == 1
    checks = place(store.workspace, "s")
    checks.write_text(checks.read_text("utf-8").replace("most = 10", "most = 200"), "utf-8")
    assert scan()["taken"] == 1
    assert quarantined(store.reader, source.id) == []
    assert find_version(store.reader, find_source(store.reader, "s")).files == 2


def test_a_broken_checks_file_takes_no_file_in_and_none_for_gone(
    store: Store, source: Source, kept_out: Path, scan: Scan
) -> None:
    checks = place(store.workspace, "s")
    checks.write_text(checks.read_text("utf-8").replace("most = 10", "most = ten"), "utf-8")
    kept_out.unlink()
    told = scan()
    assert told["trouble"].startswith("checks/s.toml, line ")
    assert set(present_files(store.reader, source.id)) == {"a.csv", "b.csv"}


# ── files let in ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_released_file_is_in_the_next_version_and_the_reason_is_kept(
    store: Store, source: Source, curation: Curation, kept_out: Path, scan: Scan
) -> None:
    home, file = curation.release("b.csv", "  the new branch sells at other prices ")
    assert (home.id, file.path) == (source.id, "b.csv")
    told = scan()
    assert (told["taken"], told["version"], told["kept_out"]) == (1, 2, 0)
    event = event_of(store, "released")
    assert event.why == "the new branch sells at other prices"
    assert event.before["check"] == "range x"
    taken = present_files(store.reader, source.id)["b.csv"]
    assert [finding.check_name for finding in findings_of(store.reader, taken.id)] == ["range x"]
    assert scan()["taken"] == 0


def test_a_released_content_stays_released_and_another_does_not(
    store: Store, source: Source, curation: Curation, kept_out: Path, scan: Scan
) -> None:
    curation.release("b", "good enough")
    scan()
    kept_out.write_text(rows(30, 21, x=100.0))
    assert (scan()["quarantined"], find_source(store.reader, "s").version) == (1, 3)
    kept_out.write_text(rows(30, 20, x=100.0))
    assert scan()["quarantined"] == 0
    assert present_files(store.reader, source.id)["b.csv"].state == TAKEN_IN


def test_a_released_content_stays_released_however_it_is_read(
    store: Store, source: Source, curation: Curation, kept_out: Path, scan: Scan
) -> None:
    """Each row of it says why; not once it is let in by the checks themselves."""
    curation.release("b.csv", "good enough")
    scan()
    assert present_files(store.reader, source.id)["b.csv"].released == "good enough"
    curation.set_options("s", {"missing": ["", "NA"]})
    told = scan()
    assert (told["quarantined"], told["kept_out"]) == (0, 0)
    taken = present_files(store.reader, source.id)["b.csv"]
    assert (taken.state, taken.released) == (TAKEN_IN, "good enough")
    kept_out.rename(kept_out.with_name("0.csv"))
    scan()
    assert present_files(store.reader, source.id)["0.csv"].released == "good enough"
    assert present_files(store.reader, source.id)["a.csv"].released is None


def test_a_release_that_is_not_taken_in_yet_outlives_a_change_of_options(
    store: Store, source: Source, curation: Curation, kept_out: Path, scan: Scan
) -> None:
    curation.release("b.csv", "good enough")
    curation.set_options("s", {"missing": ["", "NA"]})
    assert scan()["quarantined"] == 0
    assert present_files(store.reader, source.id)["b.csv"].released == "good enough"


def test_a_file_is_released_for_a_reason(store: Store, curation: Curation, kept_out: Path, scan: Scan) -> None:
    with pytest.raises(UsageError, match="for a reason"):
        curation.release("b.csv", "  ")
    assert scan()["kept_out"] == 1


def test_a_file_that_cannot_be_read_cannot_be_released(
    source: Source, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "c.csv").write_bytes(b"\x00\x01\x02" * 100)
    assert scan()["quarantined"] == 1
    with pytest.raises(DataError, match=r"c\.csv cannot be read"):
        curation.release("c.csv", "why not")


def test_which_file_is_meant_is_asked_where_several_have_the_name(
    store: Store, sources: Sources, curation: Curation, kept_out: Path, scan: Scan
) -> None:
    other = store.workspace.root / "other"
    other.mkdir()
    (other / "a.csv").write_text(rows(0, 10))
    sources.add(other, name="t")
    scan("t")
    curation.accept("t", [Check("range", "stop", "x", most=10)])
    (other / "b.csv").write_text(rows(0, 10, x=100.0))
    scan("t")
    with pytest.raises(AmbiguousName, match=r"b\.csv of s, b\.csv of t"):
        curation.release("b.csv", "good")
    assert curation.release("b.csv", "good", source="t")[0].name == "t"
    with pytest.raises(UnknownName, match=r"No file 'z\.csv'"):
        curation.release("z.csv", "good")


# ── kinds and roles ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_set_by_hand_is_kept_and_the_source_follows(store: Store, source: Source, curation: Curation) -> None:
    changed = curation.set_columns("s", roles={"city": "group", "w": "weight", "x": "ignored"})
    assert changed.group_column == "city"
    assert changed.roles == source.roles | {"city": "group", "w": "weight", "x": "ignored"}
    assert changed.reasons["w"] == "set by hand"
    event = event_of(store, "columns_set")
    assert event.before["w"] == {"kind": "integer", "role": "feature"}
    assert event.after["w"] == {"kind": "integer", "role": "weight"}
    assert set(event.after) == {"city", "w", "x"}


@pytest.mark.parametrize("role", ["target", "id", "group", "time", "weight", "available-at"])
def test_a_role_that_one_column_has_moves_to_the_one_named_last(
    source: Source, curation: Curation, role: str, folder: Path, scan: Scan
) -> None:
    first, second = ("d", "e") if role in ("time", "available-at") else ("x", "w")
    if first == "d":
        (folder / "a.csv").write_text(
            "id,y,d,e\n" + "".join(f"R{i},{i % 2},2026-01-{i + 1:02},2026-02-{i + 1:02}\n" for i in range(20))
        )
        curation._store.writer.execute("UPDATE source SET kinds = '{}', roles = '{}', version = 0")
        curation._store.writer.execute("DELETE FROM source_file")
        curation._store.writer.execute("DELETE FROM source_version")
        curation._store.writer.execute("DELETE FROM profile_summary")
        scan()
    curation.set_columns("s", roles={first: role})
    changed = curation.set_columns("s", roles={second: role})
    assert (changed.roles[first], changed.roles[second]) == ("feature", role)
    assert changed.reasons[first] == f"set by hand: {second} is the {role} now"
    with pytest.raises(UsageError, match=f"Both {first} and {second}"):
        curation.set_columns("s", roles={first: role, second: role})


def test_a_column_that_gets_another_role_loses_its_own(source: Source, curation: Curation) -> None:
    changed = curation.set_columns("s", roles={"y": "feature", "id": "group"})
    assert (changed.target, changed.id_column, changed.group_column) == (None, None, "id")


def test_what_cannot_be_set_is_said(source: Source, curation: Curation) -> None:
    with pytest.raises(UnknownColumn, match="no column 'z'"):
        curation.set_columns("s", roles={"z": "id"})
    with pytest.raises(UsageError, match="no role 'label'"):
        curation.set_columns("s", roles={"x": "label"})
    with pytest.raises(UsageError, match="no kind 'float'"):
        curation.set_columns("s", kinds={"x": "float"})
    with pytest.raises(UsageError, match="city is of kind category"):
        curation.set_columns("s", roles={"city": "time"})
    with pytest.raises(UsageError, match="city is of kind category"):
        curation.set_columns("s", roles={"city": "weight"})


def test_a_kind_set_by_hand_profiles_the_files_anew(
    store: Store, source: Source, curation: Curation, scan: Scan
) -> None:
    """And makes a version: the values are of another kind than before."""
    curation.set_columns("s", kinds={"w": "category"})
    told = scan()
    assert (told["version"], told["taken"], told["quarantined"]) == (2, 0, 0)
    assert get_source(store.reader, source.id).kinds["w"] == "category"
    [w] = [column for column in summaries(store.reader, source.id, 2) if column["name"] == "w"]
    assert w["kind"] == "category"
    assert sorted((item["value"], item["count"]) for item in w["top"]) == [(str(i), 6) for i in range(1, 6)]


def test_a_kind_that_the_values_do_not_fit_keeps_the_file_out_until_it_is_taken_back(
    store: Store, source: Source, curation: Curation, scan: Scan
) -> None:
    curation.set_columns("s", kinds={"city": "numeric"})
    assert scan()["quarantined"] == 1
    assert find_version(store.reader, find_source(store.reader, "s")).files == 0
    curation.set_columns("s", kinds={"city": "category"})
    assert (scan()["kept_out"], find_version(store.reader, find_source(store.reader, "s")).rows) == (0, 30)


# ── tags and place ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tag_names_a_version_until_it_moves_or_is_taken_away(
    store: Store, source: Source, curation: Curation, folder: Path, scan: Scan
) -> None:
    (folder / "b.csv").write_text(rows(30, 5))
    scan()
    assert curation.tag("s", "1", "baseline") == 1
    assert find_version(store.reader, find_source(store.reader, "s"), "baseline").number == 1
    assert curation.tag("s", "v2", "baseline") == 2
    assert tags_of(store.reader, source.id) == {"baseline": 2}
    tagged = [event.before["version"] for event in read_events(store.reader) if event.verb == "tagged"]
    assert sorted(tagged, key=str) == [1, None]
    assert curation.untag("s", "baseline") == 2
    with pytest.raises(UnknownName, match="no tag 'baseline'"):
        curation.untag("s", "baseline")
    assert tags_of(store.reader, source.id) == {}


@pytest.mark.parametrize("tag", ["", "3", "v3", "V12", "training", "Training", "a b", "-a", "a:b", "last:3", "x" * 65])
def test_a_tag_that_would_mean_something_else_is_refused(
    store: Store, source: Source, curation: Curation, tag: str
) -> None:
    with pytest.raises(UsageError, match="cannot be tagged"):
        curation.tag("s", "1", tag)
    assert tags_of(store.reader, source.id) == {}


def test_a_moved_source_knows_its_files_again(
    store: Store, source: Source, curation: Curation, folder: Path, tmp_path: Path, scan: Scan
) -> None:
    folder.rename(tmp_path / "elsewhere")
    assert scan()["trouble"] is not None
    moved = curation.move("s", tmp_path / "elsewhere")
    assert moved.folder(store.workspace) == (tmp_path / "elsewhere").resolve()
    told = scan()
    assert (told["version"], told["taken"], told["gone"]) == (1, 0, 0)
    assert event_of(store, "moved").before == {"path": "data"}
    assert [version.number for version in list_versions(store.reader, source.id)] == [1]


def test_a_folder_does_not_become_a_file(source: Source, curation: Curation, folder: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        curation.move("s", folder / "a.csv")
    with pytest.raises(UsageError):
        curation.move("s", folder / "nowhere")
