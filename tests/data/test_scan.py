"""A scan takes in what is complete, once, and keeps out what breaks the source."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import DataError
from mlops_tui.core.settings import Settings
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine import scan as scanning
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.engine.progress import CHECKING, FINDING, HASHING, PROFILING, Progress, bytes_read
from mlops_tui.data.engine.scan import run
from mlops_tui.data.engine.schema import Schema
from mlops_tui.data.engine.tables import members_of
from mlops_tui.data.engine.taking_in import look_into
from mlops_tui.data.listing import Sighting
from mlops_tui.data.model import GONE, REPLACED, Source, identity
from mlops_tui.data.profile_query import blocks_of, file_blocks, summaries
from mlops_tui.data.query import (
    duplicates_of,
    find_version,
    findings_of,
    get_source,
    history_of,
    key_of,
    list_files,
    list_versions,
    members,
    present_files,
    quarantined,
)
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.query import get_job
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.data.conftest import SETTINGS
from tests.limited import limited
from tests.processes import wait_for

Scan = Callable[..., dict[str, Any]]
HEADER = "id,x,city,y\n"


def rows(first: int, count: int) -> str:
    return HEADER + "".join(f"R{i:05},{i / 7:.3f},{'AB'[i % 2]},{i % 2}\n" for i in range(first, first + count))


def names(files: list[Any]) -> list[str]:
    return [file.path for file in files]


@pytest.fixture
def source(sources: Sources, folder: Path) -> Source:
    (folder / "a.csv").write_text(rows(0, 30))
    (folder / "b.csv").write_text(rows(30, 20))
    return sources.add(folder, name="s", target="y", id_column="id")


def state_of(store: Store, source: Source) -> dict[str, Any]:
    """Everything that a scan leaves behind, without ids and times."""
    reader = store.reader
    current = get_source(reader, source.id)
    files = sorted(list_files(reader, source.id), key=lambda file: file.path)
    return {
        "version": current.version,
        "kinds": current.kinds,
        "roles": current.roles,
        "files": [(f.path, f.hash, f.rows, f.state, f.since_version, f.until_version) for f in files],
        "versions": [(v.number, v.hash, v.files, v.rows, v.bytes) for v in list_versions(reader, source.id)],
        "summaries": summaries(reader, source.id, current.version),
        "events": sorted((e.verb, e.subject_name) for e in read_events(reader)),
        "blocks": reader.execute("SELECT count(*), count(DISTINCT key) FROM profile_block").fetchone(),
    }


def test_files_settled_in_one_scan_make_one_version(store: Store, source: Source, scan: Scan) -> None:
    told = scan()
    assert told | {"source": "s", "version": 1, "taken": 2, "quarantined": 0, "gone": 0, "left": 0} == told
    [version] = list_versions(store.reader, source.id)
    assert (version.number, version.files, version.rows) == (1, 2, 50)
    found = members(store.reader, source.id, 1)
    assert names(found) == ["a.csv", "b.csv"]
    assert version.hash == identity((file.path, file.hash) for file in found)
    assert version.bytes == sum(file.size for file in found)


def test_the_first_file_freezes_kinds_and_roles_with_reasons(store: Store, source: Source, scan: Scan) -> None:
    scan()
    frozen = get_source(store.reader, source.id)
    assert frozen.kinds == {"id": "identifier", "x": "numeric", "city": "category", "y": "integer"}
    assert frozen.roles == {"id": "id", "x": "feature", "city": "feature", "y": "target"}
    assert "named as the target" in frozen.reasons["y"]
    assert "2 different strings" in frozen.reasons["city"]


def test_the_profile_of_a_version_covers_all_its_files(store: Store, source: Source, scan: Scan) -> None:
    scan()
    columns = {column["name"]: column for column in summaries(store.reader, source.id, 1)}
    assert list(columns) == ["id", "x", "city", "y"]
    assert (columns["x"]["count"], columns["x"]["min"], columns["x"]["max"]) == (50, 0.0, 7.0)
    assert columns["city"]["top"] == [{"value": "A", "count": 25}, {"value": "B", "count": 25}]


def test_a_second_scan_changes_nothing(store: Store, source: Source, scan: Scan) -> None:
    scan()
    before = store.reader.execute("SELECT topic, n FROM change WHERE topic <> 'jobs'").fetchall()
    told = scan()
    assert (told["version"], told["taken"], told["gone"]) == (1, 0, 0)
    assert store.reader.execute("SELECT topic, n FROM change WHERE topic <> 'jobs'").fetchall() == before


def test_a_file_with_the_known_size_and_times_is_not_opened(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    known = present_files(store.reader, source.id)["a.csv"]
    (folder / "a.csv").write_bytes(b"x" * known.size)
    os.utime(folder / "a.csv", ns=(known.mtime_ns, known.mtime_ns))
    changed = (folder / "a.csv").stat().st_ctime_ns
    with store.write() as writing:
        writing.execute("UPDATE source_file SET ctime_ns = ? WHERE path = 'a.csv'", (changed,))
    told = scan()
    assert (told["taken"], told["quarantined"]) == (0, 0)


def test_a_touched_file_is_the_same_file(store: Store, source: Source, folder: Path, scan: Scan) -> None:
    scan()
    os.utime(folder / "a.csv", (1_700_000_000, 1_700_000_000))
    assert scan()["version"] == 1
    assert present_files(store.reader, source.id)["a.csv"].mtime_ns == 1_700_000_000 * 10**9


def test_a_new_a_changed_and_a_gone_file_make_one_version(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "a.csv").unlink()
    (folder / "b.csv").write_text(rows(30, 21))
    (folder / "c.csv").write_text(rows(60, 5))
    told = scan()
    assert (told["version"], told["taken"], told["gone"]) == (2, 2, 1)
    reader = store.reader
    assert names(members(reader, source.id, 1)) == ["a.csv", "b.csv"]
    assert names(members(reader, source.id, 2)) == ["b.csv", "c.csv"]
    states = dict(reader.execute("SELECT path, state FROM source_file WHERE until_version = 2"))
    assert states == {"a.csv": GONE, "b.csv": REPLACED}
    old = members(reader, source.id, 1)
    assert [
        block.rows for _, blocks in file_blocks(reader, get_source(reader, source.id), old) for block in blocks
    ] == [
        30,
        20,
    ]


def test_a_renamed_file_is_the_same_file(store: Store, source: Source, folder: Path, scan: Scan) -> None:
    scan()
    before = present_files(store.reader, source.id)["b.csv"]
    (folder / "b.csv").rename(folder / "c.csv")
    told = scan()
    assert (told["version"], told["taken"], told["gone"], told["renamed"]) == (1, 0, 0, 1)
    after = present_files(store.reader, source.id)["c.csv"]
    assert (after.id, after.since_version) == (before.id, 1)
    assert len(list_versions(store.reader, source.id)) == 1
    assert read_events(store.reader)[0].verb == "renamed"


def test_a_rename_that_changes_the_order_of_training_is_a_version(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "b.csv").rename(folder / "0.csv")
    told = scan()
    assert (told["version"], told["taken"], told["renamed"]) == (2, 0, 1)
    assert names(members(store.reader, source.id, 1)) == ["a.csv", "b.csv"]
    assert names(members(store.reader, source.id, 2)) == ["0.csv", "a.csv"]
    assert store.reader.execute("SELECT count(*) FROM profile_block").fetchone()[0] == 2


def test_two_files_that_swap_names_are_not_profiled_again(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "a.csv").rename(folder / "t")
    (folder / "b.csv").rename(folder / "a.csv")
    (folder / "t").rename(folder / "b.csv")
    told = scan()
    assert (told["version"], told["renamed"], told["taken"], told["gone"]) == (2, 2, 0, 0)
    assert list_versions(store.reader, source.id)[0].rows == 50
    assert store.reader.execute("SELECT count(*) FROM profile_block").fetchone()[0] == 2


def test_a_copy_is_noticed_counts_as_a_file_of_its_own_and_is_not_profiled_again(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "0.csv").write_bytes((folder / "a.csv").read_bytes())
    told = scan()
    assert (told["taken"], told["duplicates"]) == (1, 1)
    assert duplicates_of(store.reader, source.id) == {"0.csv": "a.csv"}
    [event] = [event for event in read_events(store.reader) if event.verb == "duplicate"]
    assert (event.subject_name, event.after) == ("0.csv", {"of": "a.csv"})
    assert "rows count twice" in (event.why or "")
    assert list_versions(store.reader, source.id)[0].rows == 80
    assert {(column["count"], column["missing"]) for column in summaries(store.reader, source.id, 2)} == {(80, 0)}
    assert store.reader.execute("SELECT count(*) FROM profile_block").fetchone()[0] == 2


def test_a_column_that_the_source_has_not_is_said_and_not_used(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "more.csv").write_text("id,x,city,y,z\nR1,1.5,A,0,9\n")
    told = scan()
    assert (told["taken"], told["warned"], told["quarantined"]) == (1, 1, 0)
    [finding] = findings_of(store.reader, present_files(store.reader, source.id)["more.csv"].id)
    assert (finding.check_name, finding.severity, finding.column_name) == ("new_column", "warn", "z")
    assert "z" not in read_version(store, source, 2).columns


@pytest.mark.parametrize(
    ("content", "check", "row", "column", "words"),
    [
        (HEADER + "R1,1.5,A,0\nR2,oops,B,1\n", "unreadable", 3, "x", "oops"),
        (HEADER + "R1,1.5,A,0\nR2,2\n", "unreadable", 3, None, "fields"),
        ("id,x,y\nR1,1.5,0\n", "missing_column", None, "city", "lacks the column city"),
        ("", "readable", None, None, "empty"),
        (HEADER, "readable", None, None, "no rows"),
    ],
)
def test_a_file_that_breaks_the_source_is_quarantined_with_the_reason(
    store: Store,
    source: Source,
    folder: Path,
    scan: Scan,
    content: str,
    check: str,
    row: int | None,
    column: str | None,
    words: str,
) -> None:
    scan()
    (folder / "bad.csv").write_text(content)
    told = scan()
    assert (told["version"], told["taken"], told["quarantined"]) == (1, 0, 1)
    [file] = quarantined(store.reader, source.id)
    assert (file.path, file.check_name, file.row_number, file.column_name) == ("bad.csv", check, row, column)
    assert words in (file.reason or "")
    assert names(members(store.reader, source.id, 1)) == ["a.csv", "b.csv"]
    again = scan()
    assert (again["quarantined"], again["kept_out"]) == (0, 1)
    assert [event.verb for event in read_events(store.reader)].count("quarantined") == 1


def test_a_quarantined_file_is_tried_again_once_it_was_mended(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    (folder / "c.csv").write_text("no,such\ncolumns,here\n")
    assert scan()["quarantined"] == 1
    (folder / "c.csv").write_text(rows(60, 5))
    told = scan()
    assert (told["version"], told["taken"]) == (2, 1)
    assert quarantined(store.reader, source.id) == []


def test_a_member_that_is_broken_leaves_the_version(store: Store, source: Source, folder: Path, scan: Scan) -> None:
    scan()
    (folder / "b.csv").write_text("broken")
    told = scan()
    assert (told["version"], told["quarantined"]) == (2, 1)
    assert names(members(store.reader, source.id, 2)) == ["a.csv"]


def test_a_file_without_the_target_is_refused_by_training_and_taken_by_live(
    store: Store, sources: Sources, source: Source, folder: Path, scan: Scan, tmp_path: Path
) -> None:
    live = tmp_path / "live"
    live.mkdir()
    content = "\n".join(line.rsplit(",", 1)[0] for line in rows(100, 9).splitlines()) + "\n"
    (live / "l.csv").write_text(content)
    (folder / "z.csv").write_text(content)
    arriving = sources.add(live, name="live", role="live")
    assert scan("s")["quarantined"] == 1
    taken = get_source(store.reader, arriving.id)
    assert (taken.version, taken.target) == (1, "y")
    assert taken.kinds == get_source(store.reader, source.id).kinds
    assert taken.reasons["x"] == "as in source s"


def test_what_is_no_finished_data_file_is_not_touched(
    store: Store, source: Source, folder: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe that was opened would hang the scan."""
    outside = folder.parent / "outside.csv"
    outside.write_text(rows(70, 5))
    (folder / "link.csv").symlink_to(outside)
    (folder / "inside.csv").symlink_to(folder / "a.csv")
    (folder / "dangling.csv").symlink_to(folder / "nothing.csv")
    (folder / "circle.csv").symlink_to(folder / "circle.csv")
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    for name in (".hidden.csv", "x.csv.part", "x.csv.tmp", "x.csv~", "x.txt"):
        (folder / name).write_text(rows(70, 5))
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)  # the whole path may be too long for a socket
        listening.bind("socket.csv")
        scan()
    assert names(list_files(store.reader, source.id)) == ["a.csv", "b.csv", "inside.csv"]


def test_strange_names_do_not_end_a_scan(store: Store, source: Source, folder: Path, scan: Scan) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_text(rows(70, 5))
    (folder / "new\nline.csv").write_text(rows(80, 5))
    (folder / "star*.csv").write_text(rows(90, 5))
    told = scan()
    assert told["version"] == 1
    assert {file.path: file.check_name for file in quarantined(store.reader)} == {"\\xff.csv": "name"}
    assert present_files(store.reader, source.id)["star*.csv"].rows == 5
    assert scan()["quarantined"] == 0


def test_a_half_written_file_is_not_taken_in(store: Store, source: Source, folder: Path, scan: Scan) -> None:
    patient = Settings(settle_seconds=0.6)
    with (folder / "c.csv").open("w") as growing:
        growing.write(rows(60, 5))
        growing.flush()
        done = threading.Event()

        def grow() -> None:
            while not done.wait(0.1):
                growing.write("R9,1.0,A,0\n")
                growing.flush()

        writer = threading.Thread(target=grow)
        writer.start()
        told = scan(settings=patient)
        done.set()
        writer.join()
    assert (told["taken"], told["left"]) == (2, 1)
    assert names(members(store.reader, source.id, 1)) == ["a.csv", "b.csv"]
    assert scan(settings=patient)["taken"] == 1


def test_a_folder_that_cannot_be_listed_does_not_mean_that_its_files_are_gone(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    folder.rename(folder.with_name("elsewhere"))
    told = scan()
    assert "cannot be listed" in told["trouble"]
    assert (told["version"], told["gone"]) == (1, 0)


def test_a_file_of_many_rows_is_profiled_in_blocks(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    (folder / "long.csv").write_text(rows(0, 25_000))
    source = sources.add(folder, name="s", target="y")
    scan()
    current = get_source(store.reader, source.id)
    [file] = members(store.reader, source.id, 1)
    assert [block.rows for block in blocks_of(store.reader, [key_of(current, file)])] == [10_000, 10_000, 5_000]
    assert summaries(store.reader, source.id, 1)[1]["count"] == 25_000


def test_every_version_can_be_found_and_a_later_one_not(store: Store, source: Source, scan: Scan) -> None:
    with pytest.raises(Exception, match="no version yet"):
        find_version(store.reader, source)
    scan()
    current = get_source(store.reader, source.id)
    assert find_version(store.reader, current).number == 1
    with pytest.raises(Exception, match="no version 2"):
        find_version(store.reader, current, 2)
    assert history_of(store.reader, source.id, "none") == []


def counted(path: Path, sql: str) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("profiles", [0, 3])
def test_a_scan_that_was_killed_is_finished_by_the_next(
    store: Store, sources: Sources, folder: Path, scan: Scan, queue_scan: Callable[[], str], profiles: int
) -> None:
    """Whenever the kill comes, the state is that of one scan: nothing is lost, nothing is doubled."""
    for number in range(6):
        (folder / f"{number}.csv").write_text(rows(1000 * number, 900))
    source = sources.add(folder, name="s", target="y")
    job = queue_scan()
    root = str(store.workspace.root)
    process = subprocess.Popen([sys.executable, "-P", "-m", "mlops_tui.worker", root, job, "1"])
    deadline = time.monotonic() + 60
    wanted = "SELECT count(*) FROM profile_block" if profiles else "SELECT coalesce(total, 0) FROM job"
    while process.poll() is None and time.monotonic() < deadline:
        if counted(store.workspace.store, wanted) >= max(profiles, 1):
            process.send_signal(signal.SIGKILL)
        time.sleep(0.005)
    process.wait()
    scan()
    state = state_of(store, source)
    assert state["version"] == 1
    assert [(name, kept) for name, _, kept, *_ in state["files"]] == [(f"{n}.csv", 900) for n in range(6)]
    assert state["versions"][0][2:4] == (6, 5400)
    assert state["blocks"] == (6, 6)
    assert [verb for verb, _ in state["events"]].count("taken_in") == 6
    assert state["summaries"][1]["count"] == 5400
    assert scan()["taken"] == 0


def test_very_many_files_are_settled_in_batches_each_a_version(
    store: Store, sources: Sources, folder: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "BATCH_FILES", 3)
    monkeypatch.setattr(scanning, "BATCH_COSTS", 0)
    for number in range(8):
        (folder / f"{number}.csv").write_text(rows(10 * number, 10))
    source = sources.add(folder, name="s", target="y")
    told = scan()
    assert (told["version"], told["taken"], told["left"]) == (3, 8, 0)
    assert [(v.number, v.files, v.rows) for v in reversed(list_versions(store.reader, source.id))] == [
        (1, 3, 30),
        (2, 6, 60),
        (3, 8, 80),
    ]
    assert summaries(store.reader, source.id, 3)[1]["count"] == 80
    for number in (0, 2, 3):
        (folder / f"{number}.csv").rename(folder / f"r{9 - number}.csv")
    for number in range(4):
        (folder / f"n{number}.csv").write_text(rows(1000 + 10 * number, 10))
    (folder / "1.csv").unlink()
    told = scan()
    assert (told["taken"], told["renamed"], told["gone"], told["left"]) == (4, 3, 1, 0)
    there = {path.name for path in folder.iterdir()}
    assert set(present_files(store.reader, source.id)) == there
    assert {file.path for file in members(store.reader, source.id, told["version"])} == there
    assert "duplicate" not in {event.verb for event in read_events(store.reader, limit=100)}


def test_a_file_that_is_put_back_while_others_are_read_is_not_gone(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "a.csv").rename(folder / "away")
    plan = scanning._plan(store, source)
    (folder / "away").rename(folder / "a.csv")
    scanning._see_again(store, plan)
    assert plan.present == {"a.csv", "b.csv"}


def test_a_folder_that_disappears_while_its_files_are_read_does_not_mean_that_they_are_gone(
    store: Store, source: Source, folder: Path, scan: Scan
) -> None:
    scan()
    (folder / "a.csv").unlink()
    plan = scanning._plan(store, source)
    folder.rename(folder.with_name("elsewhere"))
    scanning._see_again(store, plan)
    assert plan.present == {"a.csv", "b.csv"}
    assert "cannot be listed" in (plan.trouble or "")


def test_progress_counts_bytes_and_moves_while_a_file_is_read(
    store: Store, folder: Path, queue_scan: Callable[[], str]
) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes(b"x" * 1_000_000)
    job_id = queue_scan()
    context = JobContext(store, SETTINGS, job_id, 1)
    one, two = (Sighting(name, folder, name, 1_000_000, 1) for name in ("a.csv", "b.csv"))

    def done() -> int:
        return get_job(store.reader, job_id).done

    with Progress(context, 2, 2_000_000) as progress:
        assert progress.goes_on("s", one)
        assert get_job(store.reader, job_id).note == "file 1 of 2: s: a.csv"
        progress.begins(HASHING)
        progress.begins(PROFILING)
        assert done() < 100_000  # a file is hashed in a moment
        if bytes_read() is not None:  # only Linux says it
            one.path.read_bytes()
            wait_for(lambda: 800_000 < done() < 900_000, 10)
        progress.begins(CHECKING)
        wait_for(lambda: 900_000 < done() < 1_000_000, 10)
        assert get_job(store.reader, job_id).note == "file 1 of 2: s: a.csv (its rows are held against the checks)"
        progress.step(one)
        assert progress.goes_on("s", two)
        progress.step(two)
        assert done() == 2_000_000
    assert (progress.files, progress.bytes) == (2, 2_000_000)


@pytest.mark.skipif(bytes_read() is None, reason="only Linux says how much was read")
def test_the_first_file_of_a_source_moves_on_while_it_is_found_out_how_to_read_it(
    store: Store, folder: Path, queue_scan: Callable[[], str]
) -> None:
    """It is read two or three times for that, in which all other files would have been done."""
    size = 20_000_000
    (folder / "a.csv").write_bytes(b"x" * size)
    job_id = queue_scan()
    seen = Sighting("a.csv", folder, "a.csv", size, 1)
    with Progress(JobContext(store, SETTINGS, job_id, 1), 1, size) as progress:
        progress.goes_on("s", seen, is_first=True)
        progress.begins(HASHING)
        progress.begins(FINDING)
        for least, most in ((0.15, 0.25), (0.35, 0.45)):
            seen.path.read_bytes()
            wait_for(lambda least=least, most=most: least < get_job(store.reader, job_id).done / size < most, 10)
        assert get_job(store.reader, job_id).note == "file 1 of 1: s: a.csv (how it is read is found)"


@pytest.mark.parametrize("name", ["z.csv", "\\xff.csv"])
def test_a_file_that_cannot_be_read_is_looked_into_once(
    store: Store, source: Source, folder: Path, scan: Scan, queue_scan: Callable[[], str], name: str
) -> None:
    """Nothing but its content, its name, or how it is read can make it another."""
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name.encode().replace(b"\\xff", b"\xff"))).write_text("")
    assert scan()["quarantined"] == 1
    assert run(JobContext(store, SETTINGS, queue_scan(), 1))["files"] == 0
    (file,) = quarantined(store.reader)
    assert (file.path, file.hash) == (name, hashlib.sha256().hexdigest())
    Curation(store).set_options("s", {"delimiter": ";"})
    assert run(JobContext(store, SETTINGS, queue_scan(), 1))["files"] == 3


def test_what_a_scan_has_come_to_is_known_before_its_last_source_is_done(
    store: Store, source: Source, sources: Sources, folder: Path, queue_scan: Callable[[], str]
) -> None:
    other = folder.with_name("other")
    other.mkdir()
    (other / "a.csv").write_text(rows(0, 5))
    sources.add(other, name="t")
    job_id = queue_scan()
    context, told = JobContext(store, SETTINGS, job_id, 1), []
    context.log = lambda text: told.append((get_job(store.reader, job_id).result or {"sources": []})["sources"])  # type: ignore[method-assign]
    run(context)
    assert [[item["source"] for item in sources] for sources in told] == [[], ["s"]]
    assert [item["source"] for item in (get_job(store.reader, job_id).result or {})["sources"]] == ["s", "t"]


def test_a_scan_says_how_much_it_read(
    store: Store, source: Source, folder: Path, queue_scan: Callable[[], str]
) -> None:
    told = run(JobContext(store, SETTINGS, queue_scan(), 1))
    assert (told["files"], told["bytes"]) == (2, sum(path.stat().st_size for path in folder.iterdir()))
    assert told["seconds"] > 0


@pytest.mark.parametrize(
    "harm", [lambda path: os.truncate(path, 60), Path.unlink, lambda path: path.write_text("else")]
)
def test_a_file_that_is_cut_removed_or_written_while_it_is_read_is_left_for_the_next_scan(
    store: Store, source: Source, folder: Path, scan: Scan, harm: Callable[[Path], object]
) -> None:
    """Nothing is said of it, neither that it is taken in nor that it is broken."""
    scan()
    (folder / "c.csv").write_text(rows(60, 500))
    [sighting] = scanning._plan(store, get_source(store.reader, source.id)).moved
    lazy = scanning.LazySchema(store, get_source(store.reader, source.id))

    def schema_once_hashed(path: Path) -> Schema:
        harm(path)
        return lazy(path)

    assert look_into(store, sighting, schema_once_hashed) is None


def test_a_file_without_permission_is_kept_out_and_taken_in_once_it_may_be_read(
    store: Store, sources: Sources, folder: Path, queue_scan: Callable[[], str], scan: Scan
) -> None:
    """Its size and time are as before then. In a process without the superuser's rights."""
    (folder / "a.csv").write_text(rows(0, 30))
    (folder / "b.csv").write_text(rows(30, 20))
    (folder / "b.csv").chmod(0)
    source = sources.add(folder, name="s", target="y")
    command = [*limited("ordinary"), "-P", "-m", "mlops_tui.worker", str(store.workspace.root), queue_scan(), "1"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    [file] = quarantined(store.reader, source.id)
    assert (file.path, file.hash) == ("b.csv", "")
    assert "ermission" in (file.reason or "")
    (folder / "b.csv").chmod(0o644)
    told = scan()
    assert (told["taken"], told["kept_out"], told["version"]) == (1, 0, 2)


def test_a_known_content_under_the_ending_of_another_format_is_not_taken_in_unread(
    store: Store, source: Source, scan: Scan, folder: Path
) -> None:
    shutil.copy(folder / "a.csv", folder / "fake.parquet")  # seen in the same scan as the one it is a copy of
    assert (scan()["taken"], get_source(store.reader, source.id).version) == (2, 1)
    shutil.copy(folder / "a.csv", folder / "fake.csv.gz")
    shutil.copy(folder / "a.csv", folder / "fake.jsonl")
    shutil.copy(folder / "a.csv", folder / "alike.tsv")
    told = scan()
    assert (told["taken"], told["duplicates"], told["quarantined"]) == (1, 1, 2)
    reasons = {file.path: file.reason or "" for file in quarantined(store.reader, source.id)}
    assert sorted(reasons) == ["fake.csv.gz", "fake.jsonl", "fake.parquet"]
    assert "is not a whole Parquet file" in reasons["fake.parquet"]


def test_a_file_that_is_renamed_to_another_format_is_quarantined(
    store: Store, source: Source, scan: Scan, folder: Path
) -> None:
    (folder / "c.csv.gz").write_bytes(gzip.compress(rows(50, 20).encode()))
    scan()
    (folder / "c.csv.gz").rename(folder / "c.csv")
    (folder / "b.csv").rename(folder / "b.parquet")
    (folder / "a.csv").rename(folder / "a.tsv")
    told = scan()
    assert (told["renamed"], told["quarantined"], told["version"]) == (1, 2, 2)
    assert names(members(store.reader, source.id, 2)) == ["a.tsv"]
    kept_out = {file.path: file.reason or "" for file in quarantined(store.reader, source.id)}
    assert "packed with gzip" in kept_out["c.csv"]


def changed_in_place(path: Path, old: str, new: str) -> None:
    """Writes bytes of the same number over others, and puts the file's time back."""
    before = path.stat()
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_a_file_that_is_changed_in_place_with_its_time_put_back_is_read_anew(
    store: Store, source: Source, scan: Scan, folder: Path
) -> None:
    scan()
    changed_in_place(folder / "a.csv", "R00003", "Q00003")
    told = scan()
    assert (told["taken"], told["version"]) == (1, 2)
    with pytest.raises(DataError, match="was changed since version 1"):
        members_of(store, get_source(store.reader, source.id), "1")


def test_a_file_that_is_changed_in_place_is_not_read_as_the_version_it_was_in(
    store: Store, source: Source, scan: Scan, folder: Path
) -> None:
    scan()
    changed_in_place(folder / "a.csv", "R00003", "Q00003")
    with pytest.raises(DataError, match="was changed since version 1"):
        members_of(store, get_source(store.reader, source.id))


def test_a_file_of_which_only_its_permissions_changed_is_hashed_once_and_stays(
    store: Store, source: Source, scan: Scan, folder: Path
) -> None:
    scan()
    before = present_files(store.reader, source.id)["a.csv"]
    (folder / "a.csv").chmod(0o600)
    told = scan()
    assert (told["taken"], told["version"]) == (0, 1)
    after = present_files(store.reader, source.id)["a.csv"]
    assert (after.id, after.mtime_ns) == (before.id, before.mtime_ns)
    assert after.ctime_ns == (folder / "a.csv").stat().st_ctime_ns != before.ctime_ns
    assert after.seen_at > before.seen_at
    scan()
    assert present_files(store.reader, source.id)["a.csv"].seen_at == after.seen_at


def test_a_file_whose_time_of_change_was_never_kept_is_as_it_was_until_it_moves(
    store: Store, source: Source, scan: Scan, folder: Path
) -> None:
    scan()
    with store.write() as writing:
        writing.execute("UPDATE source_file SET ctime_ns = NULL")
    assert scan()["taken"] == 0
    assert present_files(store.reader, source.id)["a.csv"].ctime_ns is None
    changed_in_place(folder / "a.csv", "R00003", "Q00003")
    os.utime(folder / "a.csv")
    assert scan()["taken"] == 1
    assert present_files(store.reader, source.id)["a.csv"].ctime_ns == (folder / "a.csv").stat().st_ctime_ns


@pytest.mark.parametrize(
    ("first", "later", "is_in", "read_as"),
    [
        ("utf-8", "utf-16", "UTF-16", "UTF-8"),
        ("utf-8", "utf-16-le", "UTF-16", "UTF-8"),
        ("utf-8", "utf-16-be", "UTF-16", "UTF-8"),
        ("latin-1", "utf-16", "UTF-16", "latin-1"),
        ("utf-16", "utf-8", "UTF-8", "UTF-16"),
        ("utf-16", "latin-1", "latin-1", "UTF-16"),
        ("utf-16-be", "utf-8-sig", "UTF-8", "UTF-16"),
    ],
)
def test_a_file_in_another_width_than_the_sources_names_both_encodings(
    store: Store, sources: Sources, folder: Path, scan: Scan, first: str, later: str, is_in: str, read_as: str
) -> None:
    text = "id,city,y\n" + "".join(f"{i},Zürich,{i % 2}\n" for i in range(300))
    (folder / "a.csv").write_bytes(text.encode(first))
    source = sources.add(folder, name="s")
    scan()
    (folder / "b.csv").write_bytes(text.encode(later))
    assert scan()["quarantined"] == 1
    [file] = quarantined(store.reader, source.id)
    assert file.reason == (
        f"b.csv is {is_in}, and is read as {read_as}. Save it as {read_as}, or say how all files are encoded"
        f" (data options --encoding {is_in.lower()}); no row of it was used."
    )
