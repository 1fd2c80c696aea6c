"""Which folders the system reports nothing about: told from the file system that they lie on."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MOUNTS = Path("/proc/self/mountinfo")

SILENT = frozenset(
    [
        "nfs",
        "nfs3",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "afpfs",
        "webdav",
        "ceph",
        "lustre",
        "gpfs",
        "beegfs",
        "glusterfs",
        "ocfs2",
        "gfs2",
        "9p",
        "drvfs",
        "virtiofs",
        "vboxsf",
        "vmhgfs",
        "prl_fs",
        "fakeowner",
        "osxfuse",
        "macfuse",
        "fuse",
    ]
)
"""File systems that other machines, or the other side of a container, change without this system's knowledge."""

_ESCAPE = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A place in the tree of folders and the type of the file system that is mounted there."""

    place: Path
    kind: str

    @property
    def is_silent(self) -> bool:
        """Whether what happens on it is not reported. `fuseblk` is a disk of this machine."""
        return self.kind in SILENT or self.kind.startswith("fuse.")


def mounts() -> list[Mount]:
    """What is mounted now, the latest last; empty where the system does not say."""
    if sys.platform == "linux":
        try:
            return list(parse(MOUNTS.read_text("utf-8", "surrogateescape").splitlines()))
        except OSError:
            return []
    return [Mount(Path(found.mountpoint), found.fstype) for found in psutil.disk_partitions(all=True)]


def parse(lines: Iterable[str]) -> Iterable[Mount]:
    """The mounts of a `mountinfo` (proc(5)): the fifth field is the place, the first after ` - ` the type."""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            place = _ESCAPE.sub(lambda found: chr(int(found[1], 8)), fields[4])
            yield Mount(Path(place), after.split(" ")[0])


def why_silent(folder: Path, found: Sequence[Mount], *, deep: bool = False) -> str | None:
    """Why the system will not report all that happens in the folder, in words; None where it will.

    With `deep` the folders below count too, on which others may be mounted.
    """
    real = Path(os.path.realpath(folder))
    over = [mount for mount in found if real.is_relative_to(mount.place)]
    if over:
        longest = max(len(mount.place.parts) for mount in over)
        own = [mount for mount in over if len(mount.place.parts) == longest][-1]  # the latest lies on top
        if own.is_silent:
            return f"{own.kind} reports no changes"
    below = [mount for mount in found if deep and mount.is_silent and mount.place.is_relative_to(real)]
    return f"{below[0].kind} below it reports no changes" if below else None
