"""Predictions held beside the file they are of, and written with all of its columns, whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from mlops_tui.core.errors import DiskFull, SchemaMismatch
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.casting import literal, quoted
from mlops_tui.data.engine.dialect import csv_sql
from mlops_tui.data.engine.formats import TYPED, ending_of
from mlops_tui.data.engine.reading import OpenFile, locked_connection
from mlops_tui.registry.model import Signature
from mlops_tui.store.artifact import replace
from mlops_tui.store.translate import translated

PREDICTION, PROBABILITY = "prediction", "probability"
_DECILES = [step / 10 for step in range(11)]


class Predictions:
    """A table of predictions in the order of the file's rows, in a DuckDB that may only touch these two files."""

    def __init__(self, con: duckdb.DuckDBPyConnection, signature: Signature) -> None:
        self._con = con
        self._signature = signature
        self.columns = {
            PREDICTION: _label_type(signature.classes),
            **dict.fromkeys(probability_names(signature), "DOUBLE"),
        }
        con.execute(f"CREATE TABLE predicted ({', '.join(f'{quoted(n)} {t}' for n, t in self.columns.items())})")

    def add(self, scores: np.ndarray[Any, Any]) -> None:
        """Appends the scores of some rows: (n, k) probabilities, or (n,) numbers; nothing is kept of one not finite."""
        self._con.register("batch", pd.DataFrame(self._arrays(scores)))
        self._con.execute("INSERT INTO predicted SELECT * FROM batch")
        self._con.unregister("batch")

    def _arrays(self, scores: np.ndarray[Any, Any]) -> dict[str, Any]:
        table = scores if scores.ndim == 2 else scores[:, None]
        finite = np.isfinite(table).all(axis=1)
        found: dict[str, Any] = {PREDICTION: _or_none(scores, finite)}
        if self._signature.is_classifier:
            labels = np.array(self._signature.classes, dtype=object)[np.where(finite[:, None], table, 0).argmax(axis=1)]
            shown = [self._signature.positive_code] if len(self._signature.classes) == 2 else range(table.shape[1])
            found = {PREDICTION: _or_none(labels, finite)}
            for name, code in zip(list(self.columns)[1:], shown, strict=True):
                found[name] = _or_none(table[:, code], finite)
        return found

    def count_rejected(self) -> int:
        """Rows that the model gave no finite number for."""
        return int(self._row(f"SELECT count(*) FILTER ({PREDICTION} IS NULL) FROM predicted")[0])

    def profile(self) -> dict[str, Any]:
        """The scores' count, mean, standard deviation and deciles, and the rows of each label."""
        names = list(self.columns)
        of = PREDICTION if len(names) == 1 else PROBABILITY
        score = quoted(names[-1]) if len(names) <= 2 else f"greatest({', '.join(map(quoted, names[1:]))})"
        count, mean, std, deciles = self._row(
            f"SELECT count(s), avg(s), stddev_samp(s), quantile_cont(s, {_DECILES})"
            f" FROM (SELECT {score} AS s FROM predicted)"
        )
        found = {"of": of, "count": count, "mean": mean, "std": std, "deciles": deciles}
        if self._signature.is_classifier:
            rows = self._con.execute(
                f"SELECT CAST({PREDICTION} AS VARCHAR), count(*) FROM predicted WHERE {PREDICTION} IS NOT NULL"
                " GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
            found["labels"] = dict(rows)
        return found

    def _row(self, sql: str) -> Any:
        return self._con.execute(sql).fetchone()

    def write(self, file: OpenFile, given: Path, temporary: Path, format_: str) -> None:
        """Writes the file's columns and the predictions beside them."""
        written = format_ == "csv" and ending_of(given) not in TYPED
        options = file.shape.options
        source, choices = file.sql, ["HEADER"] if format_ == "csv" else []
        comma = written and options.decimal == ","
        if written:  # text for text: 1.10 stays 1.10, NA stays NA
            names = [column.name for column in file.shape.columns]
            source = csv_sql(given, replaced(options, missing=("",)), names)
            choices.append(f"DELIMITER {literal(options.delimiter or ',')}")
        added = ", ".join(_number_term(name, kind, comma) for name, kind in self.columns.items())
        self._con.execute(
            f"COPY (SELECT f.*, {added} FROM {source} AS f POSITIONAL JOIN predicted AS p) TO {literal(str(temporary))}"
            f" ({', '.join([f'FORMAT {format_}', *choices])})"
        )


def _number_term(name: str, kind: str, comma: bool) -> str:
    column = f"p.{quoted(name)}"
    return f"replace(CAST({column} AS VARCHAR), '.', ',') AS {quoted(name)}" if comma and kind == "DOUBLE" else column


def _or_none(values: np.ndarray[Any, Any], kept: np.ndarray[Any, Any]) -> Any:
    return values if kept.all() else pd.Series(values, dtype=object).where(kept, None)


def _label_type(classes: Sequence[Any]) -> str:
    if not classes:
        return "DOUBLE"
    if all(isinstance(label, bool) for label in classes):
        return "BOOLEAN"
    return "BIGINT" if all(isinstance(label, int) and not isinstance(label, bool) for label in classes) else "VARCHAR"


def probability_names(signature: Signature) -> list[str]:
    """The columns that are written beside the prediction: none, one of the positive class, or one a class."""
    if len(signature.classes) <= 2:
        return [PROBABILITY] if signature.classes else []
    names = [f"{PROBABILITY}_{label}" for label in signature.classes]
    if len({name.casefold() for name in names}) < len(names):  # the engine does not tell `a` from `A`
        return [f"{name}_{code}" for code, name in enumerate(names)]
    return names


def require_free(file: OpenFile, given: Path, signature: Signature) -> None:
    """Raises SchemaMismatch where the file has a column of a name that is to be written."""
    there = {column.name.casefold() for column in file.shape.columns}
    for name in (PREDICTION, *probability_names(signature)):
        if name.casefold() in there:
            raise SchemaMismatch(
                f"{printable(given.name)} has a column '{printable(name)}', which the predictions would be written to.",
                "Rename it, or leave it out.",
            )


@contextmanager
def predictions_to(given: Path, out: Path, signature: Signature) -> Iterator[tuple[Predictions, Path]]:
    """A table for predictions and the temporary file to write; at the end of the block it takes the place of `out`.

    Where the block fails, `out` is as it was before.
    """
    temporary = out.resolve().with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with translated(out), _full_disk(out), locked_connection([given, temporary]) as con:
            yield Predictions(con, signature), temporary
        with translated(out):
            replace(temporary, out.resolve())
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _full_disk(out: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.IOException as error:
        if "No space left" in str(error):
            raise DiskFull(f"The disk with {printable(str(out))} is full.", "Free some space and try again.") from error
        raise
