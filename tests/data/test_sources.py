"""A source is a name for a folder or a file, checked when it is added."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.lineage import changes
from mlops_tui.data.listing import sightings, trouble_of
from mlops_tui.data.place import left_aside, without_place
from mlops_tui.data.query import find_source, list_sources, list_versions, members, present_files
from mlops_tui.data.service import Sources
from mlops_tui.presenters.data import scan_line
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store


def test_a_path_under_the_workspace_is_kept_relative_to_it(sources: Sources, folder: Path) -> None:
    assert sources.add(folder, name="loans").path == "data"


def test_a_path_elsewhere_is_kept_absolute(sources: Sources, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert sources.add(elsewhere, name="loans").path == str(elsewhere.resolve())


def test_a_file_is_watched_in_its_own_folder(sources: Sources, store: Store, folder: Path) -> None:
    (folder / "t.csv").write_text("a\n1\n")
    source = sources.add(folder / "t.csv", name="t")
    assert source.is_one_file
    assert (source.path, source.pattern) == ("data/t.csv", "t.csv")
    assert source.folder(store.workspace) == folder


def test_every_data_file_of_a_folder_is_its_own_whatever_comes_later(
    sources: Sources, store: Store, folder: Path
) -> None:
    """Also in capitals, and in a folder that was empty; what is no data file, or says that a workbook is open, is not."""
    source = sources.add(folder, name="s")
    names = ("a.csv", "b.CSV.GZ", "c.parquet", "d.jsonl.zst", "e.Feather", "f.xlsx")
    for name in (*names, "notes.md", "g.csv.bak", "~$f.xlsx"):
        (folder / name).touch()
    assert [sighting.name for sighting in sightings(source, store.workspace)] == list(names)
    assert left_aside(source, store.workspace) == []


@pytest.mark.parametrize("name", ["", "a b", "a/b", "-a", ".a", "a@b", "a:b", "x" * 65, "a\n"])
def test_a_name_that_a_command_could_not_take_is_refused(sources: Sources, folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be named"):
        sources.add(folder, name=name)


def test_a_name_is_given_once(sources: Sources, store: Store, folder: Path) -> None:
    sources.add(folder, name="s")
    with pytest.raises(UsageError, match="already"):
        sources.add(folder, name="s")
    assert len(list_sources(store.reader)) == 1


def test_what_is_not_there_or_no_file_is_refused(sources: Sources, store: Store, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    for path in (folder / "nothing", folder / "pipe", store.workspace.home):
        with pytest.raises(UsageError):
            sources.add(path, name="s")
    assert list_sources(store.reader) == []


def test_a_role_that_does_not_exist_and_a_column_with_two_roles_are_refused(sources: Sources, folder: Path) -> None:
    with pytest.raises(UsageError, match="no role"):
        sources.add(folder, name="s", role="test")
    with pytest.raises(UsageError, match="as target and as id"):
        sources.add(folder, name="s", target="a", id_column="a")


def test_a_column_that_the_file_which_lies_there_has_not_is_refused(
    sources: Sources, store: Store, folder: Path
) -> None:
    (folder / "a.csv").write_text("id,x,y\n1,2,3\n")
    for place in (folder, folder / "a.csv"):
        with pytest.raises(UsageError, match=r"no column 'yy' to be the target.*Name one of: id, x, y\."):
            sources.add(place, name="s", target="yy")
    assert list_sources(store.reader) == []
    assert sources.add(folder, name="live", role="live", target="yy", id_column="id").target == "yy"


@pytest.mark.parametrize("first", ["1,2,3", "a,,c", '"a', "a,b;c", "\xff,b"])
def test_a_first_line_that_is_no_plain_header_is_left_to_the_scan(sources: Sources, folder: Path, first: str) -> None:
    (folder / "a.csv").write_bytes(f"{first}\n".encode("latin-1"))
    assert sources.add(folder, name="s", target="column0").target == "column0"


@pytest.mark.parametrize("pattern", ["../*.csv", "/etc/*", "", "data"])
def test_a_pattern_that_leaves_the_folder_is_refused(sources: Sources, folder: Path, pattern: str) -> None:
    with pytest.raises(UsageError):
        sources.add(folder, name="s", pattern=pattern)


def test_adding_is_an_event(sources: Sources, store: Store, folder: Path) -> None:
    source = sources.add(folder, name="s", target="y")
    [event] = read_events(store.reader)
    assert (event.verb, event.subject_id, event.actor) == ("added", source.id, "test")
    assert event.after is not None
    assert event.after["target"] == "y"


def test_a_source_is_found_by_name_or_part_of_its_id(sources: Sources, store: Store, folder: Path) -> None:
    source = sources.add(folder, name="s")
    assert find_source(store.reader, "s") == find_source(store.reader, source.id[-6:].lower()) == source
    with pytest.raises(UnknownName, match="There is: s"):
        find_source(store.reader, "zzz-none")


def test_data_files_that_a_pattern_leaves_out_are_named_and_another_pattern_takes_them_in(
    sources: Sources, store: Store, folder: Path
) -> None:
    for name in ("a.csv", "b.csv.gz", "c.jsonl", "notes.md", "old.parquet"):
        (folder / name).touch()
    (folder / "below").mkdir()
    (folder / "below" / "d.parquet").touch()
    flat = sources.add(folder, name="flat", pattern="*.csv", exclude=["old*"])
    deep = sources.add(folder, name="deep", pattern="*.csv", recursive=True)
    assert left_aside(flat, store.workspace) == [".csv.gz", ".jsonl"]
    assert left_aside(deep, store.workspace) == [".csv.gz", ".jsonl", ".parquet"]
    curation = Curation(store)
    several = curation.set_pattern("flat", "*.{csv,jsonl}")
    assert [sighting.name for sighting in sightings(several, store.workspace)] == ["a.csv", "c.jsonl"]
    assert left_aside(curation.set_pattern("deep", "any"), store.workspace) == []
    event = read_events(store.reader)[0]
    assert (event.verb, event.before) == ("pattern_set", {"pattern": "**/*.csv"})


def test_files_that_a_pattern_leaves_out_by_their_names_are_not_said(
    sources: Sources, store: Store, folder: Path
) -> None:
    """Unless none fits it, when the pattern may be wrong."""
    for name in ("2026-01.csv", "2025-12.csv", "a.jsonl", "b.parquet"):
        (folder / name).touch()
    assert left_aside(sources.add(folder, name="s", pattern="2026-*.{csv,jsonl}"), store.workspace) == [".parquet"]
    none = sources.add(folder, name="t", pattern="2027-*.csv")
    assert left_aside(none, store.workspace) == [".csv", ".jsonl", ".parquet"]


def test_where_no_data_file_lies_the_endings_of_the_others_are_named(
    sources: Sources, store: Store, folder: Path
) -> None:
    for name in ("a.dat", "b.dat", "c.txt.gz", "README", "d.dat.part", ".e.log"):
        (folder / name).touch()
    every, text = sources.add(folder, name="every"), sources.add(folder, name="text", pattern="*.TXT")
    assert left_aside(every, store.workspace) == left_aside(text, store.workspace) == [".dat", ".txt.gz"]
    assert left_aside(Curation(store).set_pattern("text", "*.txt.gz"), store.workspace) == []
    (folder / "f.csv").touch()
    assert left_aside(every, store.workspace) == []
    assert left_aside(Curation(store).set_pattern("text", "*.TXT"), store.workspace) == [".csv"]


def test_a_removed_source_is_listed_no_more_and_comes_back_when_it_is_added_again(
    sources: Sources, store: Store, folder: Path, scan: Callable[..., dict[str, Any]]
) -> None:
    (folder / "a.csv").write_text("a,y\n1,2\n3,4\n")
    source = sources.add(folder, name="s", target="y")
    scan()
    Curation(store).remove("s")
    assert list_sources(store.reader) == []
    with pytest.raises(UnknownName):
        find_source(store.reader, "s")
    (folder / "elsewhere").mkdir()
    with pytest.raises(UsageError, match="was removed, which lay at data"):
        sources.add(folder / "elsewhere", name="s")
    with pytest.raises(UsageError, match="its target was y"):
        sources.add(folder, name="s", target="a")
    back = sources.add(folder, name="s")
    assert (back.id, back.target, back.version, back.archived) == (source.id, "y", 1, None)
    assert scan()["taken"] == 0
    assert read_events(store.reader)[0].verb == "brought_back"


def test_a_folder_that_cannot_be_listed_is_said_without_a_scan(sources: Sources, store: Store, folder: Path) -> None:
    source = sources.add(folder, name="s")
    assert trouble_of(source, store.workspace) is None
    folder.rmdir()
    assert "cannot be listed: no such file" in (trouble_of(source, store.workspace) or "")


def test_folders_below_and_what_is_left_out_are_changed_later_and_the_next_scan_goes_by_it(
    sources: Sources, store: Store, folder: Path, scan: Callable[..., dict[str, Any]]
) -> None:
    (folder / "below").mkdir()
    for name in ("a.csv", "b.csv", "below/c.csv"):
        (folder / name).write_text("x,y\n" + "".join(f"{name}{i},{i}\n" for i in range(30)))
    sources.add(folder, name="s")
    assert scan()["taken"] == 2
    assert sources.change("s", recursive=True).pattern.startswith("**/")
    assert (scan()["taken"], set(present_files(store.reader, find_source(store.reader, "s").id))) == (
        1,
        {"a.csv", "b.csv", "below/c.csv"},
    )
    changed = sources.change("s", recursive=False, exclude=["b*"])
    assert without_place(changed, present_files(store.reader, changed.id)) == ["b.csv", "below/c.csv"]
    told = scan()
    assert (told["gone"], told["left_out"], set(present_files(store.reader, changed.id))) == (2, 2, {"a.csv"})
    assert "s: 2 left out by the pattern;" in scan_line(told)
    left = next(one for one in read_events(store.reader) if one.verb == "gone")
    assert left.why == "The source's pattern leaves it out."
    versions = list_versions(store.reader, changed.id)
    files = [*members(store.reader, changed.id, 2), *members(store.reader, changed.id, 3)]
    assert changes(versions, files)[0].left_out == ("b.csv", "below/c.csv")
    assert sources.change("s", exclude=[""]).exclude == ()
    event = next(one for one in read_events(store.reader) if one.verb == "changed")
    assert (event.before, event.after) == ({"exclude": ["b*"]}, {"exclude": []})


def test_a_source_that_is_to_copy_its_files_copies_those_that_are_there_and_the_copies_stay_afterwards(
    sources: Sources, store: Store, folder: Path, scan: Callable[..., dict[str, Any]]
) -> None:
    (folder / "a.csv").write_text("x,y\n" + "".join(f"{i},{i}\n" for i in range(30)))
    sources.add(folder, name="s")
    scan()
    sources.change("s", snapshot=True)
    assert (scan()["version"], list((store.workspace.artifacts / "snapshots").rglob("a.csv")) != []) == (1, True)
    sources.change("s", snapshot=False)
    (folder / "a.csv").write_text("x,y\n" + "".join(f"{i},{-i}\n" for i in range(30)))
    (folder / "b.csv").write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(30)))
    assert scan()["version"] == 2
    source = find_source(store.reader, "s")
    assert read_version(store, source, 1)["y"].tolist() == list(range(30))
    assert not list((store.workspace.artifacts / "snapshots").rglob("b.csv"))


def test_files_are_judged_anew_in_another_role(
    sources: Sources, store: Store, folder: Path, scan: Callable[..., dict[str, Any]]
) -> None:
    (folder / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(30)))
    sources.add(folder, name="s", target="y")
    scan()
    (folder / "b.csv").write_text("x\n" + "".join(f"{i}\n" for i in range(30)))
    assert scan()["kept_out"] == 1
    assert sources.change("s", role="live").role == "live"
    assert scan()["kept_out"] == 0
    sources.change("s", role="training")
    assert scan()["kept_out"] == 1


def test_what_a_source_cannot_be_changed_to_is_refused(sources: Sources, folder: Path) -> None:
    (folder / "a.csv").write_text("x\n1\n")
    sources.add(folder / "a.csv", name="one")
    sources.add(folder, name="s", pattern="in/*.csv")
    with pytest.raises(UsageError, match="is one file"):
        sources.change("one", recursive=True)
    with pytest.raises(UsageError, match="names the folders below itself"):
        sources.change("s", recursive=False)
    with pytest.raises(UsageError, match="no role 'test'"):
        sources.change("s", role="test")
    with pytest.raises(UsageError, match="leaves the folder"):
        sources.change("s", exclude=["../x"])
