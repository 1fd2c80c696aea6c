"""One file of a source: how it stands, what checks found in it, and the rows that cannot be read."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from textual.app import ComposeResult

from mlops_tui.core.printable import printable
from mlops_tui.data.arrival import came_at
from mlops_tui.data.model import FileFinding, Rejects, Source, SourceFile, key_of
from mlops_tui.data.overlaps import counted_twice
from mlops_tui.data.profile_query import rejects_of
from mlops_tui.data.query import findings_of, get_source, last_of
from mlops_tui.jobs.model import DONE
from mlops_tui.jobs.query import list_jobs
from mlops_tui.presenters.files import file_sections
from mlops_tui.presenters.reading import read_as
from mlops_tui.tui.panels.layer import Layer
from mlops_tui.tui.panels.panel import FILLED
from mlops_tui.tui.panels.sections import section_content
from mlops_tui.tui.panels.text_panel import TextView

BAD_ROWS = 100
RECENT = 50


class FileTold(NamedTuple):
    """A file, and what is kept of it; `checked` is its verdict by the last job that held it against the checks."""

    source: Source
    file: SourceFile
    findings: list[FileFinding]
    rejects: Rejects
    checked: Mapping[str, Any] | None
    came: str
    twice: str


class FilePanel(Layer):
    """Everything about one file, also of one that is gone; it is the same file for as long as its path is."""

    TOPICS = frozenset({"files", "sources", "jobs"})
    AGES = True
    CORE = "TextView"

    def __init__(self, source_id: str, path: str) -> None:
        super().__init__(id="file")
        self.source_id = source_id
        self.path = path
        self.border_title = printable(path)

    def turn_to(self, path: str) -> None:
        """Shows another file of the source."""
        self.path = path
        self.reload()

    def content(self) -> ComposeResult:
        yield TextView()

    @property
    def file(self) -> SourceFile | None:
        """The file as it was last read."""
        return self.data.file if self.has_class(FILLED) else None

    def read(self, connection: sqlite3.Connection) -> FileTold | None:
        source = get_source(connection, self.source_id)
        file = last_of(connection, self.source_id, self.path)
        if file is None:
            return None
        rejects = rejects_of(connection, key_of(source, file), limit=BAD_ROWS)
        checked, twice = _checked(connection, source, file), counted_twice(connection, [file.id]).get(file.id, "")
        came = came_at(connection, [file])[file.id]
        return FileTold(source, file, findings_of(connection, file.id), rejects, checked, came, twice)

    def empty_words(self) -> str:
        return "The file is not there any more.\nesc goes back to those that are."

    def show(self, data: FileTold) -> None:
        self.border_title = f"{printable(data.source.name)} · {printable(data.file.path)}"
        read, plain = read_as(data.source.options), self.app.plain
        told = file_sections(*data[1:6], time.time(), read=read, twice=data.twice, plain=plain)
        self.query_one(TextView).write(section_content(told, self.content_size.width - 1))

    def on_resize(self) -> None:
        if self.has_class(FILLED):
            self.show(self.data)

    def copied(self) -> str | None:
        return self.path


def _checked(connection: sqlite3.Connection, source: Source, file: SourceFile) -> Mapping[str, Any] | None:
    """The file's verdict by the newest job that asked for it alone, where the file has not come anew since."""
    for job in list_jobs(connection, limit=RECENT):
        spec = job.spec
        is_it = job.kind == "check" and spec.get("source") == source.id and spec.get("file") == file.path
        if is_it and job.state == DONE and job.result and job.id > file.id:
            return next((one for one in job.result["files"] if one["file"] == file.path), None)
    return None
