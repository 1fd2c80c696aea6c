"""The agent as a process: it takes in what arrives, is the only one, and goes when there is nothing left to do."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mlops_tui.agent.agent import Agent
from mlops_tui.agent.arrivals import Arrivals
from mlops_tui.agent.filesystems import Mount
from mlops_tui.agent.pace import Pace
from mlops_tui.automation.lock import AgentLock
from mlops_tui.automation.model import Polled
from mlops_tui.automation.query import agent_status
from mlops_tui.automation.service import Watching
from mlops_tui.core.clock import now
from mlops_tui.core.errors import DiskFull
from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.data.checkfile import place
from mlops_tui.data.checks import Check
from mlops_tui.data.curation import Curation
from mlops_tui.data.listing import Sighting, walk
from mlops_tui.data.model import QUARANTINED, TAKEN_IN, Source
from mlops_tui.data.query import find_version, get_source, list_files
from mlops_tui.data.service import Sources
from mlops_tui.jobs.query import list_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.change import ChangeReader
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace
from tests.processes import wait_for
from tests.store.test_full_disk import limit_pages

CONTENT = "x,y\n" + "".join(f"{i / 3:.2f},{i % 2}\n" for i in range(20))


def paths(store: Store, source: Source) -> list[str]:
    return [file.path for file in list_files(store.reader, source.id)]


def states(store: Store, source: Source) -> dict[str, str]:
    return {file.path: file.state for file in list_files(store.reader, source.id)}


def living_scan(store: Store) -> None:
    """Scans all sources, by a worker of its own."""
    Jobs(store).wait(Jobs(store).start("scan", "scan", {"sources": None}))


def no_open_jobs(store: Store) -> bool:
    return not any(job.is_open for job in list_jobs(store.reader))


def test_a_file_that_arrives_is_taken_in(store: Store, source: Source, folder: Path, watching: Watching) -> None:
    (folder / "a.csv").write_text(CONTENT)
    assert watching.switch_on().running
    wait_for(lambda: paths(store, source) == ["a.csv"])
    (folder / ".b.csv.x7").write_text(CONTENT + "1.0,1\n")
    (folder / ".b.csv.x7").rename(folder / "b.csv")
    wait_for(lambda: paths(store, source) == ["a.csv", "b.csv"])
    assert find_version(store.reader, get_source(store.reader, source.id)).rows == 41
    wait_for(lambda: no_open_jobs(store))
    (folder / "a.csv").unlink()
    wait_for(lambda: paths(store, source) == ["b.csv"])
    wait_for(lambda: no_open_jobs(store))
    assert {event.actor for event in read_events(store.reader) if event.verb == "queued"} == {"agent"}


def test_a_file_that_a_broken_checks_file_kept_waiting_is_taken_in_once_that_is_mended(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    (folder / "a.csv").write_text(CONTENT)
    watching.switch_on()
    wait_for(lambda: paths(store, source) == ["a.csv"])
    wait_for(lambda: no_open_jobs(store))
    Curation(store).accept("s", [])
    checks = place(store.workspace, "s")
    whole = checks.read_text("utf-8")
    checks.write_text(whole + "[[check\n", "utf-8")
    (folder / "b.csv").write_text(CONTENT)
    wait_for(
        lambda: any(
            told["trouble"] for job in list_jobs(store.reader) for told in (job.result or {"sources": []})["sources"]
        )
    )
    assert paths(store, source) == ["a.csv"]
    checks.write_text(whole, "utf-8")
    wait_for(lambda: paths(store, source) == ["a.csv", "b.csv"])


def test_a_quarantined_file_is_judged_anew_once_its_checks_are_mended(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    (folder / "a.csv").write_text(CONTENT)
    watching.switch_on()
    wait_for(lambda: paths(store, source) == ["a.csv"])
    wait_for(lambda: no_open_jobs(store))
    Curation(store).accept("s", [Check("range", "stop", "x", most=1)])
    (folder / "b.csv").write_text(CONTENT.replace("0.00", "0.50"))
    wait_for(lambda: states(store, source) == {"a.csv": TAKEN_IN, "b.csv": QUARANTINED})
    wait_for(lambda: no_open_jobs(store))
    checks = place(store.workspace, "s")
    checks.write_text(checks.read_text("utf-8").replace("most = 1", "most = 100"), "utf-8")
    wait_for(lambda: states(store, source)["b.csv"] == TAKEN_IN)


def test_a_file_that_stays_quarantined_is_judged_once_for_a_change_of_its_checks(
    store: Store, source: Source, folder: Path
) -> None:
    """What is judged anew and kept out as before does not wait to be judged any more."""
    (folder / "a.csv").write_text(CONTENT)
    living_scan(store)
    Curation(store).accept("s", [Check("range", "stop", "x", most=1)])
    (folder / "b.csv").write_text(CONTENT.replace("0.00", "0.50"))
    living_scan(store)
    arrivals, told = Arrivals(store, 0.0), get_source(store.reader, source.id)

    def differing() -> int:
        return arrivals.look(told, wall=time.time(), monotonic=time.monotonic()).differing

    assert (states(store, source)["b.csv"], differing()) == (QUARANTINED, 0)
    checks = place(store.workspace, "s")
    checks.write_text(checks.read_text("utf-8") + "# looked at\n", "utf-8")
    assert differing() == 1
    living_scan(store)
    assert (states(store, source)["b.csv"], differing()) == (QUARANTINED, 0)


@pytest.mark.slow
def test_what_is_said_anew_of_a_source_is_done_without_a_scan_by_hand(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    """Other options, another kind, and folders below, one after the other."""
    (folder / "below").mkdir()
    (folder / "a.csv").write_text(CONTENT)
    (folder / "below" / "b.csv").write_text(CONTENT.replace("0.00", "0.50"))
    watching.switch_on()
    wait_for(lambda: paths(store, source) == ["a.csv"])
    wait_for(lambda: no_open_jobs(store))
    Curation(store).set_columns("s", kinds={"x": "category"})
    wait_for(lambda: find_version(store.reader, get_source(store.reader, source.id)).kinds["x"] == "category")
    wait_for(lambda: no_open_jobs(store))
    Curation(store).set_options("s", {"missing": ["", "NA"]})
    wait_for(lambda: "missing" in find_version(store.reader, get_source(store.reader, source.id)).options)
    wait_for(lambda: no_open_jobs(store))
    Sources(store, Settings()).change("s", recursive=True)
    wait_for(lambda: paths(store, source) == ["a.csv", "below/b.csv"])
    wait_for(lambda: no_open_jobs(store))
    (folder / "below" / "c.csv").write_text(CONTENT.replace("0.00", "0.70"))
    wait_for(lambda: paths(store, source) == ["a.csv", "below/b.csv", "below/c.csv"])


def test_a_file_that_grows_is_taken_in_once_and_whole(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    watching.switch_on()
    with (folder / "a.csv").open("w") as growing:
        growing.write("x,y\n")
        for number in range(40):
            growing.write(f"{number}.5,{number % 2}\n")
            growing.flush()
            time.sleep(0.1)
            assert paths(store, source) == []
    wait_for(lambda: paths(store, source) == ["a.csv"])
    wait_for(lambda: no_open_jobs(store))
    current = get_source(store.reader, source.id)
    assert (current.version, find_version(store.reader, current).rows) == (1, 40)


def test_a_file_that_never_rests_does_not_keep_others_out(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    (folder / "a.csv").write_text(CONTENT)
    watching.switch_on()
    with (folder / "log.csv").open("w") as growing:
        deadline = time.monotonic() + 60
        while paths(store, source) != ["a.csv"]:
            assert time.monotonic() < deadline
            growing.write("1,1\n")
            growing.flush()
            time.sleep(0.1)
    wait_for(lambda: "log.csv" in paths(store, source))
    wait_for(lambda: no_open_jobs(store))


def test_a_folder_that_disappears_is_said_and_its_files_do_not_go(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    (folder / "a.csv").write_text(CONTENT)
    watching.switch_on()
    wait_for(lambda: paths(store, source) == ["a.csv"])
    wait_for(lambda: no_open_jobs(store))
    changes = ChangeReader(store.new_reader())
    changes.changed()
    folder.rename(folder.with_name("elsewhere"))
    wait_for(lambda: watching.status().polled == (Polled(str(folder), "it is not there"),))
    wait_for(lambda: "agent" in changes.changed(), 5)  # so that a screen reads it
    folder.with_name("elsewhere").rename(folder)
    wait_for(lambda: watching.status().polled == ())
    assert paths(store, source) == ["a.csv"]


def test_a_quarantined_file_is_not_scanned_again_and_again(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    (folder / "a.csv").touch()
    watching.switch_on()
    wait_for(lambda: paths(store, source) == ["a.csv"])
    wait_for(lambda: no_open_jobs(store))
    jobs = len(list_jobs(store.reader))
    time.sleep(4)
    assert len(list_jobs(store.reader)) == jobs


def test_a_source_added_while_watching_is_watched(store: Store, root: Path, watching: Watching) -> None:
    from_settings = watching.switch_on()
    assert from_settings.watching
    folder = root / "later"
    folder.mkdir()
    (folder / "a.csv").write_text(CONTENT)
    source = add(store, folder)
    wait_for(lambda: paths(store, source) == ["a.csv"])
    wait_for(lambda: no_open_jobs(store))


def add(store: Store, folder: Path) -> Source:
    """Adds a source from another process, as a command would."""
    code = (
        "import sys; from pathlib import Path; from mlops_tui.core.settings import Settings;"
        "from mlops_tui.data.service import Sources; from mlops_tui.store.store import Store;"
        "from mlops_tui.store.workspace import Workspace; store = Store(Workspace(Path(sys.argv[1])));"
        "print(Sources(store, Settings()).add(Path(sys.argv[2]), name='later').id)"
    )
    command = [sys.executable, "-c", code, str(store.workspace.root), str(folder)]
    return get_source(store.reader, subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


def test_a_second_agent_ends_at_once(store: Store, root: Path, watching: Watching) -> None:
    first = watching.switch_on()
    command = [sys.executable, "-m", "mlops_tui.agent", "--workspace", str(root)]
    assert subprocess.run(command, timeout=20, check=False).returncode == 0
    assert watching.switch_on().pid == first.pid


def test_switching_off_ends_the_agent_and_stays(store: Store, watching: Watching) -> None:
    started = watching.switch_on()
    assert started.pid is not None
    status = watching.switch_off()
    assert (status.watching, status.running) == (False, False)
    assert [event.verb for event in read_events(store.reader)] == ["watching_off", "watching_on"]


def test_an_agent_that_was_killed_is_seen_as_gone_and_replaced(store: Store, watching: Watching) -> None:
    started = watching.switch_on()
    assert started.pid is not None
    os.kill(started.pid, signal.SIGKILL)
    wait_for(lambda: not watching.status().running)
    again = watching.switch_on()
    assert again.running
    assert again.pid != started.pid


@pytest.mark.slow
def test_an_agent_with_nothing_to_do_ends_by_itself(store: Store, watching: Watching) -> None:
    assert watching.start_agent().running
    wait_for(lambda: not watching.status().running, 30)


@pytest.mark.parametrize("replaced", [False, True])
def test_the_agent_ends_at_once_when_its_workspace_is_gone_or_replaced(
    store: Store, watching: Watching, replaced: bool
) -> None:
    pid = watching.switch_on().pid
    assert pid is not None
    home = store.workspace.home
    store.close()
    shutil.rmtree(home)
    if replaced:
        home.mkdir()
    wait_for(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, 5)
    if replaced:
        home.rmdir()


def test_an_idle_agent_costs_next_to_nothing(store: Store, source: Source, watching: Watching) -> None:
    """Less than 2 % of one core over three seconds, without a write to the store."""
    pid = watching.switch_on().pid
    assert pid is not None
    process = psutil.Process(pid)
    time.sleep(1.5)
    before, version = process.cpu_times(), store.reader.execute("PRAGMA data_version").fetchone()
    time.sleep(3)
    after = process.cpu_times()
    assert after.user + after.system - before.user - before.system < 0.06
    assert store.reader.execute("PRAGMA data_version").fetchone() == version


def test_the_agent_loads_no_engine() -> None:
    code = (
        "import sys; import mlops_tui.agent.__main__;"
        "heavy = {'numpy', 'pandas', 'sklearn', 'scipy', 'optuna', 'duckdb', 'pyarrow', 'sqlalchemy', 'sqlmodel'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_change_is_settled_when_it_was_seen_at_rest_for_long_enough(
    store: Store, source: Source, folder: Path
) -> None:
    """By the agent's own clock: a file from the future settles too."""
    path = folder / "a.csv"
    path.write_text(CONTENT)
    os.utime(path, (2_000_000_000, 2_000_000_000))
    arrivals = Arrivals(store, 2.0)

    def settled(moment: float) -> int:
        return len(arrivals.look(source, wall=1_900_000_000.0 + moment, monotonic=moment).settled)

    assert [settled(moment) for moment in (0.0, 1.0, 2.5)] == [0, 0, 1]
    path.write_text(CONTENT * 2)
    os.utime(path, (2_000_000_000, 2_000_000_000))
    assert [settled(moment) for moment in (3.0, 4.5, 5.5)] == [0, 0, 1]


def test_an_old_file_is_settled_at_first_sight(store: Store, source: Source, folder: Path) -> None:
    (folder / "a.csv").write_text(CONTENT)
    os.utime(folder / "a.csv", (1_000_000_000, 1_000_000_000))
    glance = Arrivals(store, 2.0).look(source, wall=1_000_000_100.0, monotonic=0.0)
    assert len(glance.settled) == 1
    assert not glance.is_moving


def test_a_file_that_is_gone_has_settled_when_it_was_not_there_for_long_enough(
    store: Store, source: Source, folder: Path
) -> None:
    """A file that is put back meanwhile was never gone."""
    keep(store, source, "a.csv", "b.csv")
    (folder / "a.csv").write_text(CONTENT)
    os.utime(folder / "a.csv", (1_000_000_000, 1_000_000_000))
    arrivals = Arrivals(store, 2.0)

    def gone(moment: float) -> set[str]:
        settled = arrivals.look(source, wall=1_000_000_100.0, monotonic=moment).settled
        return {path for path, size, _ in settled if size < 0}

    assert [gone(moment) for moment in (0.0, 1.0, 2.5)] == [set(), set(), {"b.csv"}]


def test_a_folder_without_any_of_its_files_rests_longer_before_they_count_as_gone(
    store: Store, source: Source, folder: Path
) -> None:
    """It may have been unmounted, and what lies under it is empty."""
    keep(store, source, "a.csv", "b.csv")
    arrivals = Arrivals(store, 2.0)

    def settled(moment: float) -> int:
        return len(arrivals.look(source, wall=1_000_000_100.0, monotonic=moment).settled)

    assert [settled(moment) for moment in (0.0, 29.0, 31.0)] == [0, 0, 2]


def test_what_settles_soon_can_be_told_ahead(store: Store, source: Source, folder: Path) -> None:
    (folder / "a.csv").write_text(CONTENT)
    os.utime(folder / "a.csv", (1_000_000_000, 1_000_000_000))
    arrivals = Arrivals(store, 2.0)
    early = arrivals.look(source, wall=1_000_000_000.5, monotonic=0.0, lead=1.0)
    assert (early.settled, early.next_in) == (frozenset(), 0.5)
    later = arrivals.look(source, wall=1_000_000_001.0, monotonic=0.5, lead=1.0)
    assert (len(later.settled), later.next_in) == (1, None)


def keep(store: Store, source: Source, *names: str) -> None:
    """Writes files down as taken in, of a size and a time that no file has."""
    with store.write() as writing:
        for name in names:
            writing.execute(
                "INSERT INTO source_file (id, source_id, path, hash, size, mtime_ns, rows, state, since_version, seen_at)"
                " VALUES (?, ?, ?, 'x', 1, 1, 1, 'taken_in', 1, ?)",
                (new_id(), source.id, name, now()),
            )


def test_a_folder_that_gives_no_events_is_polled_and_that_is_said(
    store: Store, source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an agent in this process, to which the folder lies on a network share."""
    monkeypatch.setattr("mlops_tui.agent.folders.mounts", lambda: [Mount(folder, "nfs4")])
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    agent = Agent(store, Settings(settle_seconds=0.0), lock)
    try:
        Watching(store)._switch(on=True)
        agent._round()
        status = agent_status(store.reader, store.workspace)
        assert status.polled == (Polled(str(folder), "nfs4 reports no changes"),)
        assert list_jobs(store.reader) == []
        (folder / "a.csv").write_text(CONTENT)
        agent._round()
        assert list_jobs(store.reader) == [], "it was looked into a moment ago"
        wait_for(lambda: agent._round() and list_jobs(store.reader), 10)
        wait_for(lambda: paths(store, source) == ["a.csv"])
        wait_for(lambda: no_open_jobs(store))
    finally:
        agent.close()
        lock.release()


def test_what_waits_is_said(store: Store, source: Source, folder: Path) -> None:
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    agent = Agent(store, Settings(settle_seconds=60.0), lock)
    try:
        Watching(store)._switch(on=True)
        for name in ("a.csv", "b.csv"):
            (folder / name).write_text(CONTENT)
        agent._round()
        assert agent_status(store.reader, store.workspace).waiting == 2
        assert list_jobs(store.reader) == []
    finally:
        agent.close()
        lock.release()


@pytest.mark.parametrize(
    ("cost", "is_scanned", "is_wanted"), [(0.5, True, True), (5.0, True, False), (5.0, False, True)]
)
def test_a_folder_that_takes_long_to_look_into_is_left_alone_while_a_scan_runs(
    store: Store, source: Source, cost: float, is_scanned: bool, is_wanted: bool
) -> None:
    """Of a million files, say: nothing could be started for what is seen, and the agent would do nothing else."""
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    agent = Agent(store, Settings(), lock)
    try:
        agent._restless.add(source.id)
        agent._paces[source.id] = Pace(0.0, cost)
        if is_scanned:
            with store.write() as writing:
                writing.execute(
                    "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
                    " VALUES (?, 'scan', 'scan', ?, 'running', 1, 'here', 'here', 0, 'log', ?)",
                    (new_id(), json.dumps({"sources": [source.id]}), now()),
                )
        assert agent._is_wanted(source, 30.0) is is_wanted
        assert agent._is_wanted(source, 500.0)
    finally:
        agent.close()
        lock.release()
        with store.write() as writing:
            writing.execute("DELETE FROM job")


def test_an_agent_on_a_full_disk_goes_on_and_takes_in_what_came_once_there_is_room(
    store: Store, source: Source, folder: Path
) -> None:
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    agent = Agent(store, Settings(settle_seconds=0.0), lock)
    try:
        Watching(store)._switch(on=True)
        agent._round()
        limit_pages(store, 0)
        with pytest.raises(DiskFull):
            fill_jobs(store)
        before = len(list_jobs(store.reader, limit=-1))
        (folder / "a.csv").write_text(CONTENT)
        for _ in range(3):
            assert agent._goes_on()
            time.sleep(0.1)
        assert len(list_jobs(store.reader, limit=-1)) == before
        limit_pages(store, 10_000)
        wait_for(lambda: agent._goes_on() and len(list_jobs(store.reader, limit=-1)) > before, 10)
        wait_for(lambda: paths(store, source) == ["a.csv"])
        wait_for(lambda: no_open_jobs(store))
    finally:
        agent.close()
        lock.release()


def fill_jobs(store: Store) -> None:
    """Writes jobs down that have ended, each shorter than any real one, until there is no room."""
    for _ in range(10_000):
        with store.write() as writing:
            writing.execute(
                "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
                " VALUES (?, 's', '', '{}', 'done', 1, '', '', 0, '', ?)",
                (new_id(), now()),
            )


def test_a_look_that_takes_long_keeps_the_agent_from_nothing_else(
    store: Store, source: Source, root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 20,000 files, each of which takes its time: those of another folder are taken in meanwhile, and it ends at once."""
    for number in range(20_000):
        (folder / f"{number}.csv").touch()
    other = root / "other"
    other.mkdir()
    later = Sources(store, Settings()).add(other, name="later")
    monkeypatch.setattr("mlops_tui.agent.arrivals.walk", _slowly)
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    agent = Agent(store, Settings(settle_seconds=0.0), lock)
    try:
        Watching(store)._switch(on=True)
        agent._round()
        assert agent._looks.is_under_way(source)
        (other / "a.csv").write_text(CONTENT)
        longest = 0.0
        deadline = time.monotonic() + 60
        while paths(store, later) != ["a.csv"]:
            assert time.monotonic() < deadline
            began = time.monotonic()
            agent._round()
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.05)
        assert agent._looks.is_under_way(source)
        assert longest < 5.0
        wait_for(lambda: no_open_jobs(store))
    finally:
        began = time.monotonic()
        agent.close()
        assert time.monotonic() - began < 1.0
        lock.release()


def _slowly(source: Source, workspace: Workspace) -> Iterator[Sighting]:
    """The files of a folder of very many, at the pace of a share far away; those of others at once."""
    for sighting in walk(source, workspace):
        if source.name == "s":
            time.sleep(0.01)
        yield sighting


def test_what_is_reported_while_a_folder_is_looked_into_is_looked_at_after_that(
    store: Store, source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look may have passed the place where the file came."""
    monkeypatch.setattr("mlops_tui.agent.arrivals.walk", _late_end)
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    agent = Agent(store, Settings(settle_seconds=0.0), lock)
    try:
        Watching(store)._switch(on=True)
        agent._round()
        assert agent._looks.is_under_way(source)
        (folder / "a.csv").write_text(CONTENT)
        wait_for(lambda: agent._round() and paths(store, source) == ["a.csv"], 20)
        wait_for(lambda: no_open_jobs(store))
    finally:
        agent.close()
        lock.release()


def _late_end(source: Source, workspace: Workspace) -> Iterator[Sighting]:
    """What lies there at the beginning, told after a while."""
    seen = list(walk(source, workspace))
    time.sleep(0.6)
    yield from seen


def test_a_source_is_taken_in_while_another_one_takes_long(
    store: Store, watching: Watching, source: Source, folder: Path
) -> None:
    """The scan of the first is held up by its lock, as by a million files; what comes to the second is not."""
    other = folder.parent / "other"
    other.mkdir()
    second = Sources(store, Settings()).add(other, name="second", target="y")
    with (store.workspace.home / "scan.lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX, 1, zlib.crc32(source.id.encode()))
        watching.switch_on()
        (folder / "a.csv").write_text("x,y\n1,0\n2,1\n")
        wait_for(lambda: any(job.note == "waiting for another scan" for job in list_jobs(store.reader)), 30)
        (other / "b.csv").write_text("x,y\n1,0\n2,1\n")
        wait_for(lambda: get_source(store.reader, second.id).version == 1, 30)
        assert get_source(store.reader, source.id).version == 0
        fcntl.lockf(lock, fcntl.LOCK_UN, 1, zlib.crc32(source.id.encode()))
        wait_for(lambda: get_source(store.reader, source.id).version == 1, 30)
