"""Connections of the engine that may read the files that they were opened for and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import duckdb

from mlops_tui.data.engine.casting import literal, path_literal
from mlops_tui.data.engine.formats import attach, detach
from mlops_tui.data.options import ReadOptions


def locked_connection(
    paths: Iterable[Path], options: Mapping[Path, ReadOptions] | None = None, *, in_one_thread: bool = False
) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that can open these files and no other, fetches no extension and keeps its settings.

    Files that it cannot open itself are attached, read with their `options`.
    """
    paths = list(paths)
    con = _locked((path.resolve() for path in paths), in_one_thread=in_one_thread)
    for path in paths:
        attach(con, path, (options or {}).get(path) or ReadOptions())
    return con


def _locked(paths: Iterable[Path], *, in_one_thread: bool = False) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    # the engine asks for the pattern first, then for what fits it
    allowed = ", ".join(dict.fromkeys(name for path in paths for name in (path_literal(path), literal(str(path)))))
    con.execute(f"SET allowed_paths=[{allowed}]")
    con.execute("SET TimeZone='UTC'")
    con.execute("SET enable_progress_bar=false")
    if in_one_thread:
        con.execute("SET threads=1")
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")
    return con


class Shared:
    """A locked connection for many files that are read one after another: to open one takes longer than a small file.

    One with which something went wrong is not used again.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = frozenset(path.resolve() for path in paths if _is_utf8(path))
        self._idle: duckdb.DuckDBPyConnection | None = None

    @contextmanager
    def lent(self, path: Path, options: ReadOptions) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection, with the file attached, and nothing left of those before."""
        con, self._idle = self._idle or _locked(self.paths, in_one_thread=all(map(_is_streamed, self.paths))), None
        try:
            attach(con, path, options)
            yield con
            con.abort()  # of an answer that was not read to its end, which holds what is attached
            detach(con, path, options)
            for table in ("reject_errors", "reject_scans"):  # what a scan of the file recorded
                con.execute(f"DROP TABLE IF EXISTS {table}")
        except BaseException:
            con.close()
            raise
        self.close()
        self._idle = con

    def close(self) -> None:
        """Closes the connection; the next file opens another one."""
        if self._idle is not None:
            self._idle.close()
            self._idle = None


_SHARED: ContextVar[Shared | None] = ContextVar("shared", default=None)


@contextmanager
def sharing(paths: Iterable[Path]) -> Iterator[None]:
    """Within it those files are read with one connection."""
    shared = Shared(paths)
    token = _SHARED.set(shared)
    try:
        yield
    finally:
        _SHARED.reset(token)
        shared.close()


@contextmanager
def lent_connection(
    path: Path, options: ReadOptions, *, alone: bool = False, streamed: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection for that file: one that others share, unless it is to be `alone`, as where a person's SQL is."""
    shared = None if alone else _SHARED.get()
    if shared is not None and path in shared.paths:
        with shared.lent(path, options) as con:
            yield con
        return
    with locked_connection([path], {path: options}, in_one_thread=streamed and _is_streamed(path)) as con:
        yield con


def _is_streamed(path: Path) -> bool:
    """Whether one thread is enough to read the file's rows in order: Parquet is decoded faster than its rows are profiled, and lines are
    not. Several threads read ahead, and hold what they have read.
    """
    return path.suffix.lower() == ".parquet"


def _is_utf8(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
