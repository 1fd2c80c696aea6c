"""Files come, grow, move, change and go while the real agent watches: at the end the source is what lies in the folder."""

from __future__ import annotations

import hashlib
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mlops_tui.automation.service import Watching
from mlops_tui.data.model import QUARANTINED, TAKEN_IN, Source, identity
from mlops_tui.data.query import get_source, list_versions, members, present_files
from mlops_tui.jobs.query import list_jobs
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.processes import processes_of, wait_for

HEADER = "x,y\n"
NAMES = [f"{letter}.csv" for letter in "abcdefghijkl"]

WHOLE = re.compile(r"x,y\n(\d\.\d{6},\d\n)+")


def rows(draw: random.Random, count: int) -> str:
    return "".join(f"{draw.random():.6f},{draw.randrange(2)}\n" for _ in range(count))


class Mischief:
    """One change of a folder after another, as the seed has it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.draw = random.Random(seed)
        self.done: Counter[str] = Counter()

    def go_on(self, seconds: float, pause: float = 0.05) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            act = self.draw.choice(
                [self.drop, self.drop, self.move_in, self.grow, self.rename, self.replace, self.truncate, self.delete]
            )
            act()
            time.sleep(self.draw.random() * pause)

    def _there(self) -> Path | None:
        there = sorted(path for path in self.folder.iterdir() if path.name in NAMES)
        return self.draw.choice(there) if there else None

    def drop(self) -> None:
        """Writes a file in place, in two pieces with a rest between them."""
        self.done["drop"] += 1
        with (self.folder / self.draw.choice(NAMES)).open("w") as file:
            file.write(HEADER + rows(self.draw, 20))
            file.flush()
            time.sleep(0.02)
            file.write(rows(self.draw, 20))

    def move_in(self) -> None:
        self.done["move in"] += 1
        part = self.folder / "upload.part"
        part.write_text(HEADER + rows(self.draw, 30))
        part.rename(self.folder / self.draw.choice(NAMES))

    def grow(self) -> None:
        if path := self._there():
            self.done["grow"] += 1
            with path.open("a") as file:
                file.write(rows(self.draw, 10))

    def rename(self) -> None:
        if path := self._there():
            self.done["rename"] += 1
            path.rename(self.folder / self.draw.choice(NAMES))

    def replace(self) -> None:
        """Puts another file of about its size in its place."""
        if path := self._there():
            self.done["replace"] += 1
            found = path.stat()
            other = self.folder / ".other"
            other.write_text((HEADER + rows(self.draw, 200))[: found.st_size].rpartition("\n")[0] + "\n")
            other.replace(path)

    def truncate(self) -> None:
        """Leaves a header alone, or half of a row."""
        if path := self._there():
            self.done["truncate"] += 1
            os.truncate(path, self.draw.choice([0, len(HEADER), min(path.stat().st_size, 100)]))

    def delete(self) -> None:
        if path := self._there():
            self.done["delete"] += 1
            path.unlink()


def lying(folder: Path) -> dict[str, str]:
    """The hash of what lies in the folder, by name."""
    found = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    return {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}


def known(store: Store, source: Source) -> dict[str, str]:
    return {path: file.hash for path, file in present_files(store.reader, source.id).items()}


def is_settled(store: Store, source: Source, folder: Path) -> bool:
    return known(store, source) == lying(folder) and not any(job.is_open for job in list_jobs(store.reader))


def check_books(store: Store, source: Source, folder: Path) -> None:
    """What is kept is what lies there: no file twice, no version that cannot be told from its rows."""
    reader = store.reader
    there = reader.execute("SELECT path FROM source_file WHERE state IN (?, ?)", (TAKEN_IN, QUARANTINED)).fetchall()
    assert len(there) == len(set(there)) == len(lying(folder))
    current = get_source(reader, source.id)
    versions = list_versions(reader, source.id, limit=1000)
    assert [version.number for version in versions] == list(range(current.version, 0, -1))
    for version in versions:
        found = members(reader, source.id, version.number)
        assert len({file.path for file in found}) == len(found) == version.files
        assert version.hash == identity((file.path, file.hash) for file in found)
        assert version.rows == sum(file.rows or 0 for file in found)
        assert version.bytes == sum(file.size for file in found)
    present = present_files(reader, source.id)
    newest = {file.path for file in members(reader, source.id, current.version)}
    assert newest == {path for path, file in present.items() if file.state == TAKEN_IN}
    for path, file in present.items():
        content = (folder / path).read_text()
        if file.state == TAKEN_IN:
            assert (file.rows or 0) + (file.bad_rows or 0) == len(content.splitlines()) - 1
        else:
            assert not WHOLE.fullmatch(content)
    made = [event for event in read_events(reader, limit=10_000) if event.verb == "new_version"]
    assert len(made) == current.version


def kill(root: Path, module: str) -> bool:
    """Kills one process of the workspace that runs the module; says whether there was one."""
    for process in processes_of(root):
        try:
            if module in process.cmdline():
                process.send_signal(signal.SIGKILL)
                return True
        except psutil.NoSuchProcess:
            continue
    return False


def kill_agent(root: Path, watching: Watching) -> bool:
    killed = kill(root, "mlops_tui.agent")
    wait_for(lambda: not watching.status().running, 10)
    watching.switch_on()
    return killed


def kill_worker(root: Path, _watching: Watching) -> bool:
    return kill(root, "mlops_tui.worker")


def kill_supervisor(root: Path, _watching: Watching) -> bool:
    return kill(root, "mlops_tui.jobs.supervisor")


def test_a_folder_under_load_ends_with_what_lies_there(
    store: Store, source: Source, folder: Path, watching: Watching
) -> None:
    watching.switch_on()
    mischief = Mischief(folder, 1)
    mischief.go_on(4)
    wait_for(lambda: is_settled(store, source, folder))
    assert min(mischief.done.values()) > 0
    assert len(mischief.done) == 7
    check_books(store, source, folder)


@pytest.mark.parametrize(
    "killed", [kill_agent, *(pytest.param(other, marks=pytest.mark.slow) for other in (kill_worker, kill_supervisor))]
)
def test_a_process_that_is_killed_in_the_middle_loses_and_doubles_nothing(
    store: Store,
    source: Source,
    folder: Path,
    root: Path,
    watching: Watching,
    killed: Callable[[Path, Watching], bool],
) -> None:
    watching.switch_on()
    mischief = Mischief(folder, 2)
    mischief.go_on(2)
    wait_for(lambda: killed(root, watching))
    mischief.go_on(1)
    wait_for(lambda: is_settled(store, source, folder), 30)
    check_books(store, source, folder)


@pytest.mark.slow
def test_a_scan_that_was_killed_is_started_again_though_nothing_more_happens(
    store: Store, source: Source, folder: Path, root: Path, watching: Watching
) -> None:
    (folder / "a.csv").write_text(HEADER + rows(random.Random(5), 20))
    watching.switch_on()
    wait_for(lambda: kill_worker(root, watching))
    wait_for(lambda: is_settled(store, source, folder), 15)
    check_books(store, source, folder)
    assert Counter(job.state for job in list_jobs(store.reader)) == {"failed": 1, "done": 1}


@pytest.mark.slow
def test_a_long_load_with_kill_after_kill_ends_with_what_lies_there(
    store: Store, source: Source, folder: Path, root: Path, watching: Watching
) -> None:
    watching.switch_on()
    mischief = Mischief(folder, 3)
    for round_number in range(9):
        mischief.go_on(2)
        [kill_worker, kill_agent, kill_supervisor][round_number % 3](root, watching)
    wait_for(lambda: is_settled(store, source, folder), 60)
    check_books(store, source, folder)
