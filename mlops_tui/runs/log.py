"""Writing a run down as it happens, over the standard library's sqlite3 alone.

A metric is one statement on a temporary view, whose trigger writes the point and the run's last value: one transaction, and no
more calls than a bare insert makes. It leaves no notice of change, which would cost a fifth of it: whoever looks for changes
takes a commit without a notice for a metric.
"""

from __future__ import annotations

import json
import operator
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.runs.artifact import (
    DIFF,
    ENVIRONMENT,
    Artifact,
    files_below,
    keep_bytes,
    keep_file,
    valid_name,
    write_artifacts,
)
from mlops_tui.runs.begin import key_of, write_end, write_origin, write_params, write_tags
from mlops_tui.runs.captured import Captured
from mlops_tui.runs.input import Input, write_input
from mlops_tui.runs.model import ENDINGS, FINISHED, stored
from mlops_tui.store.connection import open_writer
from mlops_tui.store.store import Store, Writing
from mlops_tui.store.translate import translated, translation
from mlops_tui.store.workspace import Workspace

POINT = (
    "INSERT INTO run_point (run_id, key, step, at, value, special) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET at = excluded.at, value = excluded.value, special = excluded.special"
)
LAST = (
    "INSERT INTO run_metric (run_id, key, step, at, value, special) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET step = excluded.step, at = excluded.at, value = excluded.value, special = excluded.special"
    " WHERE excluded.step >= run_metric.step"
)
NOTICE = "INSERT INTO change (topic, n) VALUES ('metrics', 1) ON CONFLICT (topic) DO UPDATE SET n = n + 1"
NEW = "NEW.run_id, NEW.key, NEW.step, NEW.at, NEW.value, NEW.special"
VIEW = (
    "CREATE TEMP VIEW logged AS SELECT run_id, key, step, at, value, special FROM main.run_point",
    "CREATE TEMP TRIGGER log_point INSTEAD OF INSERT ON logged BEGIN"
    f" {POINT.replace('?, ?, ?, ?, ?, ?', NEW)}; {LAST.replace('?, ?, ?, ?, ?, ?', NEW)}; END",
)
AT_STEP = "INSERT INTO logged VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
NEXT_STEP = "coalesce((SELECT max(step) + 1 FROM run_point WHERE run_id = ?1 AND key = ?2), 0)"
AT_NEXT_STEP = f"INSERT INTO logged VALUES (?1, ?2, coalesce(?3, {NEXT_STEP}), ?4, ?5, ?6)"


class RunLog:
    """What is written of one run. May be used from several threads, and from processes forked after the start."""

    def __init__(self, store: Store, run_id: str, name: str) -> None:
        self.id = run_id
        self.name = name
        self._store = store
        self._left_behind: list[Any] = []
        self._open()

    @property
    def workspace(self) -> Workspace:
        """Where the run is kept."""
        return self._store.workspace

    def _open(self) -> None:
        path = self._store.workspace.store
        self.process = os.getpid()
        self._lock = threading.Lock()
        self._ended = False
        self._connection = open_writer(path)
        with translated(path):
            for statement in VIEW:
                self._connection.execute(statement)

    def _reopen(self) -> None:
        """After a fork: SQLite's connections must not be used, nor closed, on the other side."""
        self._left_behind += [self._store, self._connection]
        self._store = Store(self._store.workspace, actor=self._store.actor)
        self._open()

    def log_metric(self, key: str, value: Any, step: int | None = None, at: float | None = None) -> None:
        """Keeps one number, safe from the death of this process when the call returns.

        Without a step it is the one after the key's highest, from 0. The same step twice: the last value wins. The
        run's value of the key is that of its highest step. NaN and the infinities are kept as what they are. `at` is when
        it was measured, in seconds since 1970; without it that is now.

        Raises:
            UsageError: a value that is not a number, a step that is not an integer, a key that is not a text.
        """
        row = self._row(key, value, step, at)
        if os.getpid() != self.process:
            self._reopen()
        try:
            with self._lock:
                self._connection.execute(AT_NEXT_STEP if step is None else AT_STEP, row)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._ours(error) from error

    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None, at: float | None = None) -> None:
        """Keeps several numbers in one transaction: all of them, or none where one is refused."""
        rows = [self._row(key, value, step, at) for key, value in metrics.items()]
        with self._transaction() as connection:
            connection.executemany(AT_NEXT_STEP, rows)
            connection.execute(NOTICE)

    def log_points(
        self,
        key: str,
        values: Iterable[Any],
        steps: Iterable[Any] | None = None,
        at: Iterable[float] | None = None,
    ) -> None:
        """Keeps a whole curve in one transaction: `values` one after the other, by default at the steps after the highest
        there is, measured now.

        Raises:
            UsageError: as for `log_metric`, or there are not as many steps or times as values.
        """
        key = key if type(key) is str and key else key_of(key)
        numbers = [value if type(value) is float else _number(key, value) for value in _listed(values)]
        counted = None if steps is None else [_step(key, step) for step in _listed(steps)]
        times = [time.time()] * len(numbers) if at is None else [float(moment) for moment in _listed(at)]
        if len(times) != len(numbers) or (counted is not None and len(counted) != len(numbers)):
            raise UsageError(
                f"'{printable(key)}' was given {len(numbers)} values, and not as many steps or times.",
                "Give one of each for every value.",
            )
        if not numbers:
            return
        with self._transaction() as connection:
            if counted is None:
                first = connection.execute(f"SELECT {NEXT_STEP}", (self.id, key)).fetchone()[0]
                counted = list(range(first, first + len(numbers)))
            rows = [
                (self.id, key, step, moment, *stored(value))
                for step, moment, value in zip(counted, times, numbers, strict=True)
            ]
            connection.executemany(POINT, rows)
            highest = max(counted)
            connection.execute(LAST, next(row for row in reversed(rows) if row[2] == highest))
            connection.execute(NOTICE)

    def log_usage(self, values: Mapping[str, float]) -> None:
        """Keeps what the run takes of the machine: points of curves that are no metrics of the run."""
        moment = time.time()
        with self._transaction() as connection:
            for key, value in values.items():
                step = connection.execute(f"SELECT {NEXT_STEP}", (self.id, key)).fetchone()[0]
                connection.execute(POINT, (self.id, key, step, moment, *stored(float(value))))
            connection.execute(NOTICE)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if os.getpid() != self.process:
            self._reopen()
        try:
            with self._lock:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._ours(error) from error

    def _row(self, key: str, value: Any, step: int | None, at: float | None) -> tuple[Any, ...]:
        if type(value) is not float:
            value = _number(key, value)
        if type(key) is not str or not key:
            key = key_of(key)
        if step is not None and type(step) is not int:
            step = _step(key, step)
        return (self.id, key, step, time.time() if at is None else float(at), *stored(value))

    def _ours(self, error: Exception) -> Exception:
        if self._ended:
            return UsageError(f"The run {self.name} has ended.", "Start another with mlops_tui.start_run().")
        if isinstance(error, UnicodeEncodeError):
            return UsageError("A name or value is not valid Unicode.", "Leave out lone surrogates.")
        if isinstance(error, OverflowError):
            return UsageError("A step does not fit into 64 bits.", "Count steps from 0.")
        return translation(error, self.workspace.store) or error

    def log_param(self, key: str, value: Any) -> None:
        """Keeps what the run was given; a key given again is overwritten."""
        self.log_params({key: value})

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Keeps several parameters in one transaction."""
        self._write(lambda writing: write_params(writing, self.id, params))

    def set_tag(self, key: str, value: Any) -> None:
        """Marks the run; a tag set again is overwritten."""
        self.set_tags({key: value})

    def set_tags(self, tags: Mapping[str, Any]) -> None:
        """Marks the run with several tags in one transaction."""
        self._write(lambda writing: write_tags(writing, self.id, tags))

    def log_artifact(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        """Keeps a copy of a file under its own name, or another: a path inside the run such as `plots/roc.png`.

        Raises:
            UsageError: there is no such file, or the name leads out of the run.
        """
        file = Path(path)
        named = valid_name(file.name if name is None else name)
        self.keep([keep_file(self.workspace, file, named)])

    def log_artifacts(self, folder: str | os.PathLike[str], prefix: str = "") -> None:
        """Keeps copies of all files below a folder, in one transaction, under their paths in it, below `prefix`.

        Raises:
            UsageError: it is no folder, or a link in it leads out of it; then nothing is kept.
        """
        root = Path(folder)
        named = [(path, valid_name(str(Path(prefix) / path.relative_to(root)))) for path in files_below(root)]
        self.keep([keep_file(self.workspace, path, name) for path, name in named])

    def log_text(self, text: str, name: str) -> None:
        """Keeps a text as a file of the run."""
        if not isinstance(text, str):
            raise UsageError(
                f"{printable(repr(text)[:60])} is no text.", "Anything else is kept by log_dict or log_artifact."
            )
        self.log_bytes(text.encode("utf-8", "surrogatepass"), name)

    def log_dict(self, value: Any, name: str) -> None:
        """Keeps a dictionary or a list as a JSON file of the run: arrays and sets as lists; what JSON does not know as text."""
        content = json.dumps(value, indent=2, ensure_ascii=False, default=_for_json)
        self.log_bytes(content.encode("utf-8", "surrogatepass"), name)

    def log_bytes(self, content: bytes, name: str, kind: str | None = None) -> None:
        """Keeps these bytes as a file of the run, of the kind that its name tells unless one is named."""
        self.keep([keep_bytes(self.workspace, content, valid_name(name), kind)])

    def keep(self, artifacts: Sequence[Artifact]) -> None:
        """Says that these files, which are kept already, belong to the run; one of the same name takes the other's place."""
        self._write(lambda writing: write_artifacts(writing, self.id, artifacts))

    def keep_origin(self, found: Captured) -> None:
        """Keeps where the run's code is from, and what it runs on."""
        about = json.dumps(found.environment, indent=2).encode()
        files = [keep_bytes(self.workspace, about, "environment.json", ENVIRONMENT)]
        if found.diff:
            files.append(keep_bytes(self.workspace, found.diff.encode("utf-8", "replace"), "code.diff", DIFF))
        script = None if found.script is None else self.workspace.relative(Path(found.script))

        def work(writing: Writing) -> None:
            write_artifacts(writing, self.id, files)
            write_origin(writing, self.id, found, script)

        self._write(work)

    def keep_input(self, given: Input) -> None:
        """Says that the run was given this data."""
        self._write(lambda writing: write_input(writing, self.id, given))

    def end(self, status: str = FINISHED, why: str | None = None) -> None:
        """Says how the run ended: `finished`, `failed` or `cancelled`; nothing can be logged afterwards."""
        if status not in ENDINGS:
            raise UsageError(f"A run cannot end as {status!r}.", f"Choose one of: {', '.join(ENDINGS)}.")
        self._write(lambda writing: write_end(writing, (self.id, self.name), status, why))
        self.close()

    def close(self) -> None:
        """Lets go of the store; nothing can be logged here afterwards, and the run goes on."""
        with self._lock:
            self._ended = True
            self._connection.close()
            self._store.close()

    def _write(self, work: Any) -> None:
        if os.getpid() != self.process:
            self._reopen()
        if self._ended:
            raise self._ours(ValueError())
        try:
            with self._store.write() as writing:
                work(writing)
                writing.changed("runs")
        except UnicodeEncodeError as error:
            raise self._ours(error) from error


def _for_json(value: Any) -> Any:
    if hasattr(value, "tolist"):  # an array, a number of NumPy's, a column
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    return str(value)


def _listed(values: Iterable[Any]) -> list[Any]:
    """The values as Python's own, of an array too."""
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _number(key: Any, value: Any) -> float:
    if not isinstance(value, str | bytes | bytearray):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise UsageError(
        f"The metric '{printable(str(key))}' was given {printable(repr(value)[:60])}, which is not a number.",
        "Log a number; a text belongs into log_param or set_tag.",
    )


def _step(key: str, step: Any) -> int:
    try:
        if isinstance(step, bool):
            raise TypeError
        return operator.index(step)
    except TypeError:
        raise UsageError(
            f"The step of '{printable(key)}' is {printable(repr(step)[:60])}, which is not an integer.",
            "Count steps from 0.",
        ) from None
