"""Files that are copied in: a version can be read back whatever became of them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from mlops_tui.core.errors import DataError
from mlops_tui.core.settings import Settings
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.engine.reading import content_hash
from mlops_tui.data.engine.verdicts import verdicts
from mlops_tui.data.model import Source
from mlops_tui.data.query import find_source, members, present_files
from mlops_tui.data.service import Sources
from mlops_tui.data.snapshots import copy_of, keep
from mlops_tui.jobs.context import JobContext
from mlops_tui.overview.backup import backup
from mlops_tui.store.store import Store
from tests.data.conftest import SETTINGS

Scan = Callable[..., dict[str, Any]]


def rows(first: int, count: int) -> str:
    return "id,x\n" + "".join(f"R{i:05},{i}\n" for i in range(first, first + count))


def copies(store: Store) -> list[Path]:
    return sorted(path for path in (store.workspace.artifacts / "snapshots").rglob("*") if path.is_file())


def read(store: Store, version: int | None) -> list[int]:
    return list(read_version(store, find_source(store.reader, "s"), version)["x"])


@pytest.fixture
def source(sources: Sources, folder: Path, scan: Scan) -> Source:
    (folder / "a.csv").write_text(rows(0, 30))
    (folder / "b.csv").write_text(rows(30, 20))
    sources.add(folder, name="s", snapshot=True)
    scan()
    return find_source(sources._store.reader, "s")


def test_a_version_is_read_back_whatever_became_of_its_files(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    """Changed in place, gone, and its folder with them."""
    with (folder / "a.csv").open("r+") as file:
        file.write(rows(500, 30))
    assert read(store, 1) == list(range(50))
    (folder / "b.csv").unlink()
    scan()
    assert read(store, 1) == list(range(50))
    assert read(store, 2) == list(range(500, 530))
    (folder / "a.csv").unlink()
    folder.rmdir()
    assert read(store, 2) == list(range(500, 530))


def test_a_source_that_copies_nothing_refuses_what_changed(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text(rows(0, 30))
    sources.add(folder, name="s")
    scan()
    (folder / "a.csv").write_text(rows(500, 30))
    assert copies(store) == []
    with pytest.raises(DataError, match="was changed"):
        read(store, 1)


def test_a_copy_has_the_files_name_and_is_of_its_content(store: Store, source: Source) -> None:
    """Sentences about its rows name the file that a person knows."""
    assert sorted(path.name for path in copies(store)) == ["a.csv", "b.csv"]
    for file in members(store.reader, source.id, 1):
        copy = copy_of(store.workspace, file)
        assert copy is not None
        assert (copy.name, content_hash(copy)) == (file.path, file.hash)
        assert copy.stat().st_mode & 0o222 == 0


def test_what_is_kept_out_is_not_copied_until_it_is_released(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    (folder / "c.csv").write_text("id\nR9\n")
    assert scan()["quarantined"] == 1
    assert len(copies(store)) == 2
    Curation(store).release("c.csv", "good")
    scan()
    assert len(copies(store)) == 3


def test_one_content_under_two_names_takes_the_space_of_one(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    (folder / "c.csv").write_text(rows(0, 30))
    scan()
    same = [path for path in copies(store) if path.name in ("a.csv", "c.csv")]
    assert len(same) == 2
    assert len({path.stat().st_ino for path in same}) == 1
    (folder / "c.csv").write_text(rows(900, 30))
    assert read(store, 2) == [*range(50), *range(30)]


def test_a_file_that_is_another_by_the_time_it_is_copied_is_not_kept(
    store: Store, source: Source, folder: Path
) -> None:
    before = copies(store)
    assert not keep(store.workspace, folder / "a.csv", "0" * 64, "a.csv")
    assert not keep(store.workspace, folder / "nowhere.csv", "0" * 64, "nowhere.csv")
    assert copies(store) == before
    assert not (store.workspace.artifacts / "snapshots" / "00" / ("0" * 64)).exists()


def test_a_copy_that_was_cut_off_is_not_read_and_is_made_again(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    file = present_files(store.reader, source.id)["a.csv"]
    copy = copy_of(store.workspace, file)
    assert copy is not None
    copy.chmod(0o644)
    copy.write_text("id,x\n")
    assert copy_of(store.workspace, file) is None
    assert read(store, 1) == list(range(50))
    (folder / "a.csv").touch()
    scan()
    assert copy_of(store.workspace, file) == copy
    assert content_hash(copy) == file.hash


def test_checks_name_the_rows_of_the_file_by_its_own_name(
    store: Store, source: Source, folder: Path, queue_scan: Callable[[], str]
) -> None:
    accepted, _ = Curation(store).accept("s", [])
    text = store.workspace.home / "checks" / "s.toml"
    text.write_text('[[check]]\nkind = "range"\ncolumn = "x"\nmost = 10\n', "utf-8")
    (folder / "a.csv").write_text("gone\n")
    told = verdicts(JobContext(store, SETTINGS, queue_scan(), 1), accepted, "a.csv")
    assert told["files"][0]["found"][0]["reason"].startswith("a.csv, line 13: x is 11, ")


def test_a_backup_holds_the_copies(store: Store, source: Source, tmp_path: Path) -> None:
    backup(store.workspace, tmp_path / "kept.tar")
    with tarfile.open(tmp_path / "kept.tar") as archive:
        names = [name.rsplit("/", 1)[-1] for name in archive.getnames() if "/snapshots/" in name]
    assert {"a.csv", "b.csv"} <= set(names)


def test_a_folder_without_any_file_has_to_stay_so_before_its_files_are_gone(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    """As a folder is that is not mounted for a while; what was copied in stays readable."""
    folder.rename(folder.with_name("mounted"))
    folder.mkdir()

    def back() -> None:
        folder.rmdir()
        folder.with_name("mounted").rename(folder)

    mounting = Timer(0.3, back)
    mounting.start()
    told = scan(settings=Settings(settle_seconds=2.0))
    mounting.join()
    assert (told["gone"], told["version"], sorted(present_files(store.reader, source.id))) == (0, 1, ["a.csv", "b.csv"])

    for path in folder.iterdir():
        path.unlink()
    told = scan()
    assert (told["gone"], told["version"]) == (2, 2)
    assert read(store, 1) == list(range(50))
