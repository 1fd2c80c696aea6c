"""A source's files are those that fit, are finished and lie inside; the rest is never opened."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.data.listing import DATA_FILES, UNFINISHED, sightings
from mlops_tui.data.model import Source
from mlops_tui.data.place import exclude_of, pattern_of
from mlops_tui.data.query import get_source
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store
from tests.limited import limited


def lay(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x,y\n1,2\n")


def seen(store: Store, source: Source) -> list[str]:
    return [sighting.name for sighting in sightings(source, store.workspace)]


def test_the_folders_below_count_only_where_they_were_asked_for(store: Store, sources: Sources, folder: Path) -> None:
    lay(folder, "a.csv", "2026/b.csv", "2026/07/c.csv", ".hidden/d.csv", "2026/e.txt")
    assert seen(store, sources.add(folder, name="flat")) == ["a.csv"]
    deep = sources.add(folder, name="deep", recursive=True)
    assert (deep.pattern, deep.is_recursive) == (f"**/{DATA_FILES}", True)
    assert seen(store, deep) == ["2026/07/c.csv", "2026/b.csv", "a.csv"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("2026/*.csv", ["2026/b.csv"]),
        ("*/*.csv", ["2025/b.csv", "2026/b.csv"]),
        ("**/07/*", ["2026/07/c.csv"]),
        ("2026/**/*.csv", ["2026/07/c.csv", "2026/b.csv"]),
        ("[!b].csv", ["a.csv"]),
    ],
)
def test_a_pattern_is_read_part_by_part(
    store: Store, sources: Sources, folder: Path, pattern: str, found: list[str]
) -> None:
    lay(folder, "a.csv", "2025/b.csv", "2026/b.csv", "2026/07/c.csv")
    assert seen(store, sources.add(folder, name="s", pattern=pattern)) == found


def test_what_is_excluded_is_left_out_by_name_or_by_path(store: Store, sources: Sources, folder: Path) -> None:
    lay(folder, "a.csv", "test-b.csv", "old/c.csv", "2026/old/d.csv", "2026/raw/e.csv", "raw/f.csv")
    source = sources.add(folder, name="s", recursive=True, exclude=("test-*", "old/", "2026/raw"))
    assert get_source(store.reader, source.id).exclude == ("test-*", "old", "2026/raw")
    assert seen(store, source) == ["a.csv", "raw/f.csv"]


def test_a_pattern_that_leaves_the_folder_or_goes_with_no_folder_is_refused(folder: Path) -> None:
    lay(folder, "a.csv")
    for pattern in ("", "/", "/etc/*", "../*.csv", "a/../../b"):
        with pytest.raises(UsageError, match="leaves the folder"):
            exclude_of(folder, [pattern])
        with pytest.raises(UsageError, match="leaves the folder"):
            pattern_of(folder, pattern, recursive=True)
    with pytest.raises(UsageError, match="a file was named"):
        pattern_of(folder / "a.csv", None, recursive=True)
    with pytest.raises(UsageError, match="a file was named"):
        exclude_of(folder / "a.csv", ["b"])


def test_an_upload_that_is_not_finished_is_left_alone(store: Store, sources: Sources, folder: Path) -> None:
    """As browsers, editors, sync programs and rsync name what they still write."""
    lay(folder, "a.csv", ".a.csv.Xy12Zq", ".hidden", *(f"b.csv{ending}" for ending in UNFINISHED), "c.csv.PART")
    assert seen(store, sources.add(folder, name="s", pattern="*")) == ["a.csv"]


def test_what_is_no_regular_file_inside_the_folder_is_not_seen(
    store: Store, sources: Sources, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pipes, sockets, devices, folders, and links that lead out, nowhere or round; in a folder below too."""
    below = folder / "below"
    lay(folder, "a.csv", "below/b.csv")
    lay(folder.parent, "outside.csv", "outside/o.csv")
    for place in (folder, below):
        os.mkfifo(place / "pipe.csv")
        (place / "folder.csv").mkdir()
        (place / "out.csv").symlink_to(folder.parent / "outside.csv")
        (place / "device.csv").symlink_to("/dev/zero")
        (place / "round.csv").symlink_to(place / "round.csv")
        (place / "nowhere.csv").symlink_to(place / "nothing")
        (place / "inside.csv").symlink_to(folder / "a.csv")
    if os.geteuid() == 0:
        os.mknod(folder / "null.csv", 0o20666, os.makedev(1, 3))
    (folder / "linked").symlink_to(folder.parent / "outside")
    (folder / "again").symlink_to(below)
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)  # the whole path may be too long for a socket
        listening.bind("socket.csv")
        found = seen(store, sources.add(folder, name="s", recursive=True))
    assert found == ["a.csv", "below/b.csv", "below/inside.csv", "inside.csv"]


LISTS = """
import sys
from pathlib import Path
from mlops_tui.core.errors import DataError
from mlops_tui.data.listing import sightings
from mlops_tui.data.query import list_sources
from mlops_tui.store.store import Store
from tests.limited import limited
from mlops_tui.store.workspace import Workspace
store = Store(Workspace(Path(sys.argv[1])))
try:
    print([sighting.name for sighting in sightings(list_sources(store.reader)[0], store.workspace)])
except DataError as error:
    print(error.title)
"""


def test_a_folder_below_that_cannot_be_listed_does_not_mean_that_its_files_are_gone(
    store: Store, sources: Sources, folder: Path
) -> None:
    """Nothing is said of what is there, for somebody without permission."""
    lay(folder, "a.csv", "below/b.csv")
    sources.add(folder, name="s", recursive=True)
    (folder / "below").chmod(0)
    command = [*limited("ordinary"), "-c", LISTS, str(store.workspace.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    (folder / "below").chmod(0o755)
    assert "below of source 's' cannot be listed: permission denied" in done.stdout


def test_a_file_that_turned_into_a_pipe_is_not_seen_again(store: Store, sources: Sources, folder: Path) -> None:
    lay(folder, "a.csv")
    [sighting] = sightings(sources.add(folder, name="s"), store.workspace)
    assert sighting.seen_again() == sighting
    (folder / "a.csv").unlink()
    os.mkfifo(folder / "a.csv")
    assert sighting.seen_again() is None
