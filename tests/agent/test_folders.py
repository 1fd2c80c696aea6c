"""Folders are watched where the system reports on them, and else polled, with the reason."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_tui.agent.filesystems import Mount, mounts, parse, why_silent
from mlops_tui.agent.folders import Folders
from mlops_tui.agent.pace import Pace
from mlops_tui.store.workspace import FOLDER
from tests.processes import wait_for

MOUNTINFO = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:4 / /proc rw - proc proc rw
40 22 0:50 / /mnt/share rw shared:9 - nfs4 server:/data rw,vers=4.2
41 22 0:51 / /mnt/with\\040space rw - fuse.sshfs me@there:/ rw
42 22 8:2 / /mnt/disk rw - fuseblk /dev/sdb1 rw
43 40 8:3 / /mnt/share/local rw master:2 - xfs /dev/sdc1 rw
44 22 0:60 / /home/me/deep/below rw - cifs //server/x rw
45 22 0:61 / /twice rw - nfs4 server:/a rw
46 22 8:4 / /twice rw - ext4 /dev/sdd1 rw
47 22 0:62 / /container rw - overlay overlay rw
48 47 0:63 / /container/host rw - virtiofs host rw
"""


@pytest.fixture
def folders() -> Iterator[Folders]:
    made = Folders()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("folder", "deep", "kind"),
    [
        ("/srv", False, None),
        ("/mnt/share", False, "nfs4"),
        ("/mnt/share/in", False, "nfs4"),
        ("/mnt/shared", False, None),
        ("/mnt/share/local/in", False, None),
        ("/mnt/with space/in", False, "fuse.sshfs"),
        ("/mnt/disk", False, None),
        ("/home/me/deep", False, None),
        ("/home/me/deep", True, "cifs"),
        ("/twice/in", False, None),
        ("/container/in", False, None),
        ("/container/host/in", False, "virtiofs"),
    ],
)
def test_a_folder_is_polled_by_the_file_system_that_it_lies_on(folder: str, deep: bool, kind: str | None) -> None:
    why = why_silent(Path(folder), list(parse(MOUNTINFO.splitlines())), deep=deep)
    assert (why or "").split(" ")[0] == (kind or "")


def test_what_is_mounted_here_can_be_told() -> None:
    assert Path("/") in {mount.place for mount in mounts()}


def test_a_folder_on_a_silent_file_system_is_not_watched(
    folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_tui.agent.folders.mounts", lambda: [Mount(tmp_path / "share", "cifs")])
    for name in ("share", "own"):
        (tmp_path / name).mkdir()
    folders.watch({tmp_path / "share": False, tmp_path / "own": False})
    assert folders.blind == {tmp_path / "share": "cifs reports no changes"}
    assert folders.stirred() == {tmp_path / "own"}


def test_a_folder_that_the_system_will_not_report_on_is_blind(tmp_path: Path) -> None:
    """In a process that may open no more files, as where the system's limit of instances is reached."""
    code = (
        "import os, resource, sys; from pathlib import Path; from mlops_tui.agent.folders import Folders;"
        "folders = Folders(); limit = len(os.listdir('/dev/fd')) - 1;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit));"
        "folders.watch({Path(sys.argv[1]): False}); print([str(path) for path in folders.blind]); folders.close()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == str([str(tmp_path)])


FEW = 'echo 4 > /proc/sys/user/max_inotify_watches && exec "$@"'


def few_watches() -> list[str]:
    """The beginning of a command that may watch four folders; the test is skipped where that cannot be had."""
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", FEW, "sh"]
    if not shutil.which("unshare") or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespace with limits of its own can be had here")
    return command


@pytest.mark.parametrize(("below", "blind"), [(1, False), (6, True)])
def test_where_folders_below_go_unwatched_the_whole_is_polled(tmp_path: Path, below: int, blind: bool) -> None:
    for number in range(below):
        (tmp_path / f"{number}").mkdir()
    code = (
        "import sys; from pathlib import Path; from mlops_tui.agent.folders import Folders;"
        "folders = Folders(); folders.watch({Path(sys.argv[1]): True});"
        "print(list(folders.blind.values())); folders.close()"
    )
    command = [*few_watches(), sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert ("limit" in done.stdout) == blind


def test_events_that_the_system_lost_are_heard_of(folders: Folders, tmp_path: Path) -> None:
    """The library says so in its log alone: here it is given the very record of a queue that ran over."""
    inotify = pytest.importorskip("watchdog.observers.inotify_c")
    folders.watch({tmp_path: False})
    folders.stirred()
    event = inotify.InotifyEvent(-1, inotify.InotifyConstants.IN_Q_OVERFLOW, 0, b"")
    folders._observer._inotify_fd.handle_event(event)
    assert folders.stirred() == {tmp_path}
    assert folders.stirred() == set()


def test_what_happens_in_a_folder_is_reported(folders: Folders, tmp_path: Path) -> None:
    folders.watch({tmp_path: False})
    assert folders.stirred() == {tmp_path}, "something may have happened before it was watched"
    assert folders.stirred() == set()
    (tmp_path / "a").touch()
    wait_for(lambda: folders.stirred() == {tmp_path}, 5)


def test_what_the_workspace_itself_writes_is_not_reported(folders: Folders, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    folders.watch({tmp_path: True})
    folders.stirred()
    (tmp_path / FOLDER / "store.db").touch()
    (tmp_path / "a").touch()
    wait_for(lambda: tmp_path / "a" in folders._stirred, 5)  # events come in their order
    assert not any(FOLDER in path.parts for path in folders._stirred)


def test_a_folder_that_took_the_place_of_another_is_watched(folders: Folders, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    folders.watch({folder: False})
    folder.rename(tmp_path / "old")
    folder.mkdir()
    folders.watch({folder: False})
    folders.stirred()
    (folder / "a").touch()
    wait_for(lambda: folders.stirred() == {folder}, 5)


@pytest.mark.parametrize(
    ("cost", "stirred", "polled", "seconds"),
    [
        (0.001, True, False, 0.004),
        (0.001, False, True, 2.0),
        (0.001, True, True, 2.0),
        (0.001, False, False, 60.0),
        (2.0, True, False, 8.0),
        (2.0, False, True, 40.0),
        (6.0, False, False, 120.0),
    ],
)
def test_the_longer_a_look_takes_the_less_often_it_is_taken(
    cost: float, stirred: bool, polled: bool, seconds: float
) -> None:
    pace = Pace(100.0, cost)
    assert pace.is_due(100.0 + seconds, has_stirred=stirred, is_polled=polled)
    assert not pace.is_due(100.0 + seconds * 0.99, has_stirred=stirred, is_polled=polled)
