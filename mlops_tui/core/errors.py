"""Every error a person can meet, as one tree.

MlopsError
├── UsageError            what was asked for cannot be meant: an unknown option, name or value
│   ├── UnknownName       no source, run, study, model or job of that name or id
│   ├── AmbiguousName     a part of an id that fits several
│   └── NotBuilt          a command that is planned and not there yet
├── WorkspaceError        the folder or its store
│   ├── NoWorkspace       none here or above
│   ├── NewerStore        written by a later version
│   ├── ReadOnlyStore     can be looked at, not changed
│   ├── StoreBusy         another process holds the lock for too long
│   └── DiskFull          no space is left
├── DataError             a file, a column or a target
│   ├── FileUnreadable    missing, empty, ragged, truncated, not what its name says
│   ├── UnknownColumn     a column that the source does not have
│   ├── BadTarget         one class, all missing, too few rows
│   └── SchemaMismatch    a file that does not fit a model's signature
├── JobError              a job that failed, was lost, or cannot do what it is asked
├── TakenBack             a question whose answer nobody waits for any more
├── ModelFileError        a model file that is not the one that was registered, or that cannot be loaded here
└── StaleAlias            an alias that moved while it was being changed

`title` is one sentence that names the thing; `remedy` one sentence that says what to do. `code` is the stable word in
JSON. Exit codes are chosen in `mlops_tui.cli.diagnostics` alone.
"""

from __future__ import annotations


class MlopsError(Exception):
    """The root: something a person can understand and act on."""

    code = "error"

    def __init__(self, title: str, remedy: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.title} {self.remedy}".strip()


class UsageError(MlopsError):
    """What was asked for cannot be meant."""

    code = "usage"


class UnknownName(UsageError):
    """Nothing has that name or id."""

    code = "unknown_name"


class AmbiguousName(UsageError):
    """A part of an id that fits several."""

    code = "ambiguous_name"


class NotBuilt(UsageError):
    """A command that is planned and not there yet."""

    code = "not_built"


class WorkspaceError(MlopsError):
    """The folder or its store."""

    code = "workspace"


class NoWorkspace(WorkspaceError):
    """There is no workspace here or above."""

    code = "no_workspace"


class NewerStore(WorkspaceError):
    """The store was written by a later version."""

    code = "newer_store"


class ReadOnlyStore(WorkspaceError):
    """The store can be looked at, not changed."""

    code = "read_only"


class StoreBusy(WorkspaceError):
    """Another process holds the store's lock for too long."""

    code = "store_busy"


class DiskFull(WorkspaceError):
    """No space is left where something had to be written."""

    code = "disk_full"


class DataError(MlopsError):
    """A file, a column or a target."""

    code = "data"


class FileUnreadable(DataError):
    """A file that is missing, empty, ragged, truncated or not what its name says."""

    code = "file_unreadable"

    def __init__(
        self,
        title: str,
        remedy: str = "",
        *,
        check: str = "readable",
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(title, remedy)
        self.check = check
        self.row = row
        self.column = column


class UnknownColumn(DataError):
    """A column that the source does not have."""

    code = "unknown_column"


class BadTarget(DataError):
    """A target that cannot be learnt: one class, all missing, too few rows."""

    code = "bad_target"


class SchemaMismatch(DataError):
    """A file that does not fit a model's signature."""

    code = "schema_mismatch"


class JobError(MlopsError):
    """A job that failed, was lost, or cannot do what it is asked."""

    code = "job"


class TakenBack(MlopsError):
    """A question whose answer nobody waits for any more."""

    code = "taken_back"


class ModelFileError(MlopsError):
    """A model file that is not the one registered, or that cannot be loaded here."""

    code = "model_file"


class StaleAlias(MlopsError):
    """An alias that moved while it was being changed."""

    code = "stale_alias"


ERRORS_BY_CODE: dict[str, type[MlopsError]] = {}


def _collect(root: type[MlopsError]) -> None:
    ERRORS_BY_CODE[root.code] = root
    for child in root.__subclasses__():
        _collect(child)


_collect(MlopsError)


def from_code(code: str, title: str, remedy: str) -> MlopsError:
    """The error of that code, as a worker wrote it down for its parent to raise again."""
    return ERRORS_BY_CODE.get(code, MlopsError)(title, remedy)
