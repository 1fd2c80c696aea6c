"""A result that is written as its rows come, in a thread of its own, and takes its place whole or not at all."""

from __future__ import annotations

import os
import queue
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from mlops_tui.core.errors import DiskFull
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.casting import literal, quoted
from mlops_tui.data.engine.locked import locked_connection
from mlops_tui.jobs.liveness import started_at
from mlops_tui.serving.engine.ahead import DEPTH
from mlops_tui.store.artifact import replace
from mlops_tui.store.translate import translated

_PATIENCE = 0.05
_END = object()
_TEMPORARY = ".tmp"


@dataclass(frozen=True, slots=True)
class Form:
    """How a result is written: `csv`, `parquet` or `json` (lines); of CSV its delimiter, and whether numbers that a model said
    have a decimal comma.
    """

    format: str
    delimiter: str = ","
    comma: bool = False

    @property
    def options(self) -> str:
        """The engine's options."""
        if self.format == "csv":
            return f"FORMAT csv, HEADER, DELIMITER {literal(self.delimiter)}"
        return f"FORMAT {self.format}"

    def term(self, field: pa.Field, *, is_said: bool) -> str:
        """How a column is written."""
        name = quoted(field.name)
        if not pa.types.is_floating(field.type):
            return name
        if self.format == "json":  # JSON has no word for what is not finite
            return f"CASE WHEN isfinite({name}) THEN {name} END AS {name}"
        if self.format == "csv" and self.comma and is_said:
            return f"replace(CAST({name} AS VARCHAR), '.', ',') AS {name}"
        return name


class _GivenUp(Exception):
    """Nobody has rows any more."""


class Output:
    """A file that is being written: rows are added as batches of one schema, and its end is waited for."""

    def __init__(self, temporary: Path, schema: pa.Schema, form: Form, said: Sequence[str]) -> None:
        self._temporary, self._schema, self._form, self._said = temporary, schema, form, said
        self._rows: queue.Queue[object] = queue.Queue(DEPTH)
        self._given_up = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def add(self, batch: pa.RecordBatch) -> None:
        """Hands rows over to be written. Raises what writing those before has raised."""
        self._hand(batch)

    def finish(self) -> None:
        """Waits until all of it is written."""
        self._hand(_END)
        self._thread.join()
        self._raise()

    def give_up(self) -> None:
        """Ends the writing; the temporary file is of no use."""
        self._given_up = True
        self._thread.join()

    def _hand(self, item: object) -> None:
        while self._thread.is_alive():
            try:
                self._rows.put(item, timeout=_PATIENCE)
            except queue.Full:
                continue
            return
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _handed(self) -> Iterator[pa.RecordBatch]:
        while not self._given_up:
            try:
                item = self._rows.get(timeout=_PATIENCE)
            except queue.Empty:
                continue
            if item is _END:
                return
            yield item
        raise _GivenUp

    def _write(self) -> None:
        try:
            if self._form.format == "parquet":
                self._write_parquet()
            else:
                self._write_lines()
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that has the rows
            self._error = error

    def _write_parquet(self) -> None:
        """By pyarrow, which takes half of the engine's time where numbers are not looked up in a dictionary."""
        texts = [field.name for field in self._schema if not pa.types.is_primitive(field.type)]
        with pq.ParquetWriter(self._temporary, self._schema, use_dictionary=texts) as writer:
            for batch in self._handed():
                writer.write_batch(batch)

    def _write_lines(self) -> None:
        terms = ", ".join(self._form.term(field, is_said=field.name in self._said) for field in self._schema)
        with locked_connection([self._temporary]) as con:
            con.register("handed", pa.RecordBatchReader.from_batches(self._schema, self._handed()))
            con.execute(f"COPY (SELECT {terms} FROM handed) TO {literal(str(self._temporary))} ({self._form.options})")


@contextmanager
def placed(out: Path) -> Iterator[Path]:
    """A temporary name beside `out`, which takes its place at the end of the block; where that fails, `out` is as it was.

    Raises:
        DiskFull: no space is left for it.
    """
    temporary = _temporary(out.resolve())
    try:
        with full_disk(out):
            yield temporary
        with translated(out):
            replace(temporary, out.resolve())
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(out: Path) -> Path:
    """A name beside it that tells which process writes there; what killed ones have left there is removed."""
    head = f".{out.name}."
    for left in out.parent.iterdir():
        pid, _, rest = left.name.removeprefix(head).partition("-")
        if (
            left.name.startswith(head)
            and rest.endswith(_TEMPORARY)
            and pid.isdecimal()
            and started_at(int(pid)) is None
        ):
            left.unlink(missing_ok=True)
    return out.with_name(f"{head}{os.getpid()}-{secrets.token_hex(4)}{_TEMPORARY}")


@contextmanager
def full_disk(out: Path) -> Iterator[None]:
    """Says in our words that the disk is full, whoever found it so."""
    try:
        with translated(out):
            yield
    except duckdb.Error as error:
        if "No space left" in str(error):
            raise DiskFull(f"The disk with {printable(str(out))} is full.", "Free some space and try again.") from error
        raise


@contextmanager
def output(temporary: Path, schema: pa.Schema, form: Form, said: Sequence[str]) -> Iterator[Output]:
    """An output that is ended with the block: finished where it went well, else given up."""
    found = Output(temporary, schema, form, said)
    try:
        yield found
        found.finish()
    finally:
        found.give_up()
