"""Predicting files into one: each checked against the signature, read and predicted in batches, written whole or not at all."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from mlops_tui.core.errors import FileUnreadable, SchemaMismatch
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.reading import OpenFile, content_hash
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.score import without_names
from mlops_tui.registry.model import SignatureColumn
from mlops_tui.serving.engine.ahead import ahead
from mlops_tui.serving.engine.aside import Aside, numbers_of, set_aside
from mlops_tui.serving.engine.beside import Beside, ShadowRun, why_unread
from mlops_tui.serving.engine.fitting import open_fitting
from mlops_tui.serving.engine.frames import Unseen, encoded, frame_of
from mlops_tui.serving.engine.log import Logs, PredictionLog
from mlops_tui.serving.engine.result import Result, result_in
from mlops_tui.serving.engine.rows import Keys, Plan, batches, is_text, plan_rows
from mlops_tui.serving.engine.said import PREDICTION, Loaded, Said
from mlops_tui.serving.engine.scoring import ScoreProfile
from mlops_tui.serving.engine.side_by_side import side_by_side, width_for
from mlops_tui.serving.engine.writing import placed
from mlops_tui.serving.model import format_of, out_format
from mlops_tui.serving.policy import Finding, Policy, found_in, require_allowed

BATCH_ROWS = 51_200

Counts = Mapping[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Given:
    """A file to predict. `name` is what sentences call it; where its `hash` is known, it must have that one. `beside` runs by
    itself in the shadow where no other version is asked to.
    """

    path: Path
    options: ReadOptions = field(default_factory=ReadOptions)
    keys: Keys = field(default_factory=Keys)
    hash: str | None = None
    beside: Beside | None = None

    @property
    def name(self) -> str:
        """What sentences call it."""
        return printable(self.path.name)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to come of it: where rows are written and set aside to, and what becomes of values that training has not seen.

    With `kinds` (by column) those columns are written, of each file: it is the files of a source, whose bad rows are left out.
    """

    out: Path
    policies: Mapping[str, Policy]
    rejects: Path | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Predicted:
    """What came of a file. `rows` were read; of `rejected` there is no finite prediction, `aside` were set aside; `scores` is
    their profile, `log` where their log is kept.
    """

    file_hash: str
    rows: int
    rejected: int
    aside: int
    scores: dict[str, Any]
    findings: tuple[Finding, ...]
    shadow: dict[str, Any] | None
    log: str | None = None


def predict_files(
    model: Loaded,
    given: Sequence[Given],
    wanted: Wanted,
    *,
    shadow: Loaded | None = None,
    logs: Logs | None = None,
    on_rows: Callable[[int, int, int], None] = lambda at, done, total: None,
) -> list[Predicted]:
    """Writes the files' columns with `prediction` and the probability, in memory that does not grow with them; returns what
    came of each. `on_rows` is told which file it is, how many of its rows are done, and how many there are.

    Raises:
        SchemaMismatch: a file does not fit the signature, or a policy refuses it.
        FileUnreadable: a file cannot be read, or changes while it is.
        DiskFull: no space is left for what is written.
        UsageError: the result cannot be written there.
    """
    for file in given:
        out_format(file.path, wanted.out)
    as_text = format_of(wanted.out) == "csv" and all(is_text(file.path.resolve(), file.options) for file in given)
    with ExitStack() as stack:
        stack.enter_context(without_names())
        temporary = stack.enter_context(placed(wanted.out))
        aside = stack.enter_context(set_aside(wanted.rejects))
        result = stack.enter_context(
            result_in(temporary, format_of(wanted.out), model.version.signature, as_text=as_text)
        )
        work = _Work(model, shadow, wanted, logs, result, aside)
        stack.callback(work.let_go)
        found = [work.predict(file, partial(on_rows, at)) for at, file in enumerate(given)]
        return work.with_logs(found)


class _Tally:
    """What is counted while a file is gone through: rows, those `without` a finite prediction, scores, what is odd."""

    def __init__(self, model: Loaded) -> None:
        self.rows = 0
        self.without = array("q")
        self.findings: list[Finding] = []
        self.profile = ScoreProfile(model.version.signature)

    def add(self, first: int, said: Said) -> None:
        """Counts rows in, of which the first has that number."""
        self.without.extend(numbers_of(first, said.finite))
        self.profile.add(said)


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch that was read: its table, the frames of the model and of its shadow, and what was counted up to its end."""

    rows: pa.RecordBatch
    frame: pd.DataFrame
    beside: pd.DataFrame
    unseen: Counts


@dataclass(frozen=True, slots=True)
class _Work:
    """The files of one result, one after another."""

    model: Loaded
    shadow: Loaded | None
    wanted: Wanted
    logs: Logs | None
    result: Result
    aside: Aside | None
    finished: list[Path] = field(default_factory=list)

    def with_logs(self, found: Sequence[Predicted]) -> list[Predicted]:
        """The files with their logs, which are put away once all of them are predicted."""
        if self.logs is None:
            return list(found)
        return [replace(one, log=self.logs.keep(path)) for one, path in zip(found, self.finished, strict=True)]

    def let_go(self) -> None:
        """Leaves no log behind that was not put away."""
        for path in self.finished:
            path.unlink(missing_ok=True)

    def predict(self, given: Given, on_rows: Callable[[int, int], None]) -> Predicted:
        """Predicts a file, the columns of the first one being those of the result."""
        path, shadow = given.path.resolve(), self._shadow(given)
        versions = [self.model.version, *([shadow.version] if shadow.version is not None else [])]
        tolerant = self.aside is not None or bool(self.wanted.kinds)
        with (
            open_fitting(path, given.options, versions, kinds=self.wanted.kinds, leave_out_bad_rows=tolerant) as file,
            _hashed(path) as hashed,
            self._log(given, shadow) as log,
        ):
            self._require_free(file, given)
            columns = [*self.model.version.signature.columns, *shadow.columns]
            kinds = self.wanted.kinds or None
            plan = plan_rows(file, path, columns, given.keys, as_text=self.result.as_text, wanted=kinds)
            tally = _Tally(self.model)
            self._go_through(file, plan, tally, shadow, log, on_rows)
            return self._ended(given, file, tally, shadow, log, hashed.result())

    def _shadow(self, given: Given) -> ShadowRun:
        """What runs in the shadow of a file: the version that was asked for, else the one that does by itself."""
        beside = given.beside
        if self.shadow is not None or beside is None:
            return ShadowRun(self.shadow)
        why = beside.why or why_unread(
            given.path.resolve(), given.options, self.model.version, beside.version, self.wanted.kinds
        )
        return ShadowRun(beside.loaded, beside, why)

    def _go_through(
        self,
        file: OpenFile,
        plan: Plan,
        tally: _Tally,
        shadow: ShadowRun,
        log: PredictionLog | None,
        on_rows: Callable[[int, int], None],
    ) -> None:
        """Predicts and writes batch after batch, while the next ones are read and predicted."""
        width = width_for(self.model.version)
        with (
            closing(ahead(self._read(file, plan, shadow.columns))) as reading,
            closing(
                side_by_side(
                    self._allowed(reading, tally, file.shape.rows), lambda batch: self.model.say(batch.frame), width
                )
            ) as predicted,
        ):
            for batch, said in predicted:
                first, tally.rows = tally.rows + 1, tally.rows + batch.rows.num_rows
                tally.add(first, said)
                other, columns = shadow.say(batch.beside, said), said.columns()
                if log is not None:
                    keys = {what: batch.rows.column(name) for what, name in plan.keys.items()}
                    log.add(first, said, columns, keys, other)
                kept = None if self.aside is None else said.finite
                self.result.write(batch.rows, plan.written, columns, file.shape.options, kept)
                on_rows(tally.rows, file.shape.rows)

    def _allowed(self, batches: Iterable[_Batch], tally: _Tally, rows: int) -> Iterator[_Batch]:
        """The batches before the one with which a policy refuses the file; the rest is counted, to be told, and not predicted."""
        for batch in batches:
            tally.findings = found_in(batch.unseen, rows, self.wanted.policies)
            if not any(finding.refuses for finding in tally.findings):
                yield batch

    def _ended(
        self,
        given: Given,
        file: OpenFile,
        tally: _Tally,
        shadow: ShadowRun,
        log: PredictionLog | None,
        found_hash: str,
    ) -> Predicted:
        """What came of a file that was gone through; its log is finished.

        Raises:
            SchemaMismatch: a policy refuses it.
            FileUnreadable: it is not the one that was taken in, or was not read to its end.
        """
        version, rows = self.model.version, tally.rows
        require_allowed(tally.findings, given.name, version.label)
        if rows != file.shape.rows:
            raise FileUnreadable(
                f"{given.name} has {file.shape.rows:,} rows, and {rows:,} were read.", "Write it as Parquet."
            )
        if given.hash not in (None, found_hash):
            raise FileUnreadable(
                f"{given.name} changed since it was taken in.", "It is predicted once it is taken in again."
            )
        aside = 0 if self.aside is None else self.aside.add(file, given.name, tally.without)
        if log is not None:
            self.finished.append(log.finish({"file_hash": found_hash, "version_id": version.id}))
        scores, findings = tally.profile.shown(), tuple(tally.findings)
        return Predicted(found_hash, rows, len(tally.without), aside, scores, findings, shadow.shown() or None)

    def _read(self, file: OpenFile, plan: Plan, beside: Sequence[SignatureColumn]) -> Iterator[_Batch]:
        """The batches with their frames, made while the one before is predicted."""
        unseen = Unseen(self.model.version.signature.columns)
        own = self.model.version.signature.columns
        for rows in batches(file, plan, BATCH_ROWS):
            values = {name: encoded(rows.column(name)) for name in dict.fromkeys(plan.read.values())}
            for column in own:
                unseen.look_at(column.name, values[plan.read[column]])
            frame = frame_of({column: values[plan.read[column]] for column in own}, rows.num_rows)
            other = frame_of({column: values[plan.read[column]] for column in beside}, rows.num_rows)
            yield _Batch(rows, frame, other, unseen.as_counts())

    def _require_free(self, file: OpenFile, given: Given) -> None:
        """Raises SchemaMismatch where the file has a column of a name that is to be written."""
        there = {name.casefold() for name in self.wanted.kinds or (column.name for column in file.shape.columns)}
        for name in (PREDICTION, *self.model.version.signature.probabilities):
            if name.casefold() in there:
                raise SchemaMismatch(
                    f"{given.name} has a column '{printable(name)}', which the predictions would be written to.",
                    "Rename it, or leave it out.",
                )

    @contextmanager
    def _log(self, given: Given, shadow: ShadowRun) -> Iterator[PredictionLog | None]:
        if self.logs is None:
            yield None
            return
        has_shadow = shadow.version is not None
        log = PredictionLog(self.logs, self.model.version.signature, given.keys, with_shadow=has_shadow)
        try:
            yield log
        finally:
            log.let_go()


@contextmanager
def _hashed(path: Path) -> Iterator[Future[str]]:
    """The sha256 of the file, found in a thread meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(content_hash, path)
