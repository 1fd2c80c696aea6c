"""Asking for drift, and pinning what a source is compared with: what can be refused at once is refused before a job is started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.model import TRAINING, Source
from mlops_tui.data.query import find_source, get_source
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.chunks import comparisons, parse_cutting
from mlops_tui.monitoring.history import read_history
from mlops_tui.monitoring.lookup import reference_rows
from mlops_tui.monitoring.model import Pinned
from mlops_tui.monitoring.query import asked_of, get_head, pinned
from mlops_tui.monitoring.slices import SLICED, parse_slice, require_slices
from mlops_tui.monitoring.window import DATES, LAST, MOVING, SEASON, Rows, Window, parse
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import find_version
from mlops_tui.store.store import Store

NEWEST = ("last:1",)


class Monitoring:
    """Drift in one workspace."""

    def __init__(self, store: Store, jobs: Jobs) -> None:
        self._store = store
        self._jobs = jobs

    def start(
        self,
        selector: str,
        *,
        reference: str | None = None,
        current: Sequence[str] = NEWEST,
        chunks: str | None = None,
        training: str | None = None,
        model: str | None = None,
        multivariate: bool = False,
        definitions: bool = False,
        sliced: str | None = None,
    ) -> str:
        """Starts the job that compares windows of a source, or its history in chunks, with a reference; returns its id. `multivariate`
        compares all columns at once too, for which rows of both windows are read; `definitions` tells each column by those of other
        tools too, for which its files are read.

        Raises:
            UnknownName, UsageError: as `plan` says.
        """
        title, spec = self.plan(
            selector, reference=reference, current=current, chunks=chunks, training=training, model=model, sliced=sliced
        )
        return self._jobs.start("drift", title, {**spec, "multivariate": multivariate, "definitions": definitions})

    def start_multivariate(self, report_id: str) -> str:
        """Starts the job that compares the windows of a report once more, and all columns at once too; returns its id.

        Raises:
            UnknownName, UsageError: as `multivariate_plan` says.
        """
        title, spec = self.multivariate_plan(report_id)
        return self._jobs.start("drift", title, spec)

    def multivariate_plan(self, report_id: str) -> tuple[str, dict[str, Any]]:
        """The title and the spec of that job.

        Raises:
            UnknownName: there is no such report, or a window of it is not there any more.
            UsageError: it is not known how it was asked for.
        """
        reader = self._store.reader
        head, kept = get_head(reader, report_id), asked_of(reader, report_id)
        # Of an older report its labels are all that is known.
        told = {"reference": head.reference, "current": head.current, "version_id": head.version_id}
        asked = kept or {**told, "reference_source": None, "pinned": False}
        source, home = get_source(reader, head.source_id), asked["reference_source"]
        training = None if home is None else get_source(reader, home)
        try:
            comparisons(reader, source, training, asked["reference"], [asked["current"]])
        except UsageError:
            if kept is not None:
                raise
            raise UsageError(
                f"It is not known any more what {printable(head.current)} was compared with.",
                f"Compare it again: mlops-tui drift {head.source} --multivariate",
            ) from None
        spec = {**asked, "source": source.id, "current": [asked["current"]], "chunks": None, "watched": False}
        return f"drift of {source.name}, all columns at once", {**spec, "multivariate": True}

    def plan(
        self,
        selector: str,
        *,
        reference: str | None = None,
        current: Sequence[str] = NEWEST,
        chunks: str | None = None,
        training: str | None = None,
        model: str | None = None,
        sliced: str | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """The title and the spec of the job that `start` would start; every window is looked up.

        The reference is the data that `model` was trained on, else `reference`, of the source `training` where that is
        named; where none of the three is said, the one that is pinned, else the training source's newest version. With
        `chunks` the whole history is compared, and `current` is not asked. With `sliced`, a column or COLUMN=VALUE, each window is
        compared by slice too.

        What the newest file is asked for alone, against what it is compared with anyhow, decides whether there is an alert
        about the source.

        Raises:
            UnknownName: no such source, model, version or file.
            UsageError: a window that cannot be meant, or a column that makes no slices.
            UnknownColumn: a column to slice by that is not there.
        """
        reader = self._store.reader
        source = find_source(reader, selector)
        if sliced is not None and chunks is not None:
            raise UsageError(
                "A history is not told by slice.", "Leave out --chunks, or --slice; name a window: --current W"
            )
        if model is not None and (training is not None or reference is not None):
            raise UsageError("A model says its own reference.", "Leave out --reference and --training, or --model.")
        home = None if training is None else find_source(reader, training)
        version = None if model is None else find_version(reader, model)
        is_watched = (reference, training, model, chunks, tuple(current)) == (None, None, None, None, NEWEST)
        if version is not None:
            home, reference = self._learnt_from(version)
        kept = pinned(reader, source.id) if reference is None and home is None else None
        if kept is not None:
            reference, home = kept.reference, None if kept.home_id is None else get_source(reader, kept.home_id)
        reference = reference or TRAINING
        try:
            asked = comparisons(reader, source, home, reference, current, chunks)
        except UsageError as error:
            raise error if kept is None else self._about_pinned(error, source, kept) from None
        spec = {
            "source": source.id,
            "reference_source": None if home is None else home.id,
            "reference": reference,
            "current": [] if chunks else list(current),
            "chunks": chunks and parse_cutting(chunks).text,
            "pinned": kept is not None,
            "version_id": None if version is None else version.id,
            "watched": is_watched,
            SLICED: None if sliced is None else self._by(sliced, asked.pairs),
        }
        return f"drift of {source.name}{f', by {chunks}' if chunks else ''}", spec

    def start_slices(self, report_id: str, column: str) -> str:
        """Starts the job that tells a report's windows apart by slice of a column; returns its id.

        Raises:
            UnknownName: the report, or one of its files, is not there any more.
            UsageError, UnknownColumn: as `plan` says.
        """
        reader = self._store.reader
        _, spec = self.multivariate_plan(report_id)
        source, home = get_source(reader, spec["source"]), spec["reference_source"]
        training = None if home is None else get_source(reader, home)
        found = comparisons(reader, source, training, spec["reference"], spec["current"])
        sliced = self._by(column, found.pairs)
        spec |= {"multivariate": False, SLICED: sliced, "report": report_id}
        return self._jobs.start("drift", f"drift of {source.name}, by {printable(column)}", spec)

    def _by(self, text: str, pairs: Sequence[tuple[Rows, Rows]]) -> dict[str, Any]:
        """What to slice by, as a job's spec has it; looked up in both sources of each pair of windows."""
        sources = {(ours.source.id, theirs.source.id): (ours.source, theirs.source) for ours, theirs in pairs}
        for ours, theirs in sources.values():
            found = require_slices(self._store.reader, parse_slice(text, list(theirs.kinds)), ours, theirs)
        return {"by": found.by, "value": found.value}

    def _learnt_from(self, version: ModelVersion) -> tuple[Source, str]:
        """The source that a model's version was trained on, and the version of it as a window."""
        if version.source_id is None:
            raise UsageError(
                f"{version.label} was registered from a file, so the data that it was trained on is not known here.",
                "Name what to compare with: --training SOURCE, or --reference W; and leave out --model.",
            )
        return get_source(self._store.reader, version.source_id), f"v{version.data_version}"

    def _about_pinned(self, error: UsageError, source: Source, kept: Pinned) -> UsageError:
        """The error; where the pinned reference is what is wrong, with that: a person may have forgotten it."""
        window, reader = parse(kept.reference), self._store.reader
        if window.kind not in MOVING:
            try:
                reference_rows(
                    reader, source, None if kept.home_id is None else get_source(reader, kept.home_id), window
                )
            except UsageError:
                pass
            else:
                return error
        words = f"Its reference is pinned, {printable(kept.label)}; let go of it: mlops-tui drift {source.name} --unpin"
        return type(error)(error.title, f"{error.remedy} {words}")

    def pin(self, selector: str, text: str, training: str | None = None) -> Pinned:
        """Has a source's windows be compared with this one from now on, of the source `training` where that is named.

        Raises:
            UnknownName: no such source, version or file.
            UsageError: a window that goes on with every file that comes, or cannot be meant.
        """
        reader = self._store.reader
        source, home, window = self.may_pin(selector, text, training)
        before = pinned(reader, source.id)
        with self._store.write() as writing:
            writing.execute(
                "INSERT INTO pinned_reference (source_id, reference, home_id, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (source_id) DO UPDATE SET reference = excluded.reference, home_id = excluded.home_id,"
                " at = excluded.at",
                (source.id, window.text, None if home is None else home.id, now()),
            )
            told = {"reference": window.text, "of": None if home is None else home.name}
            writing.event("reference_pinned", _subject(source), before=_before(before), after=told)
            writing.changed("sources", "drift")
        found = pinned(reader, source.id)
        assert found is not None  # it was written just now
        return found

    def may_pin(self, selector: str, text: str, training: str | None = None) -> tuple[Source, Source | None, Window]:
        """What `pin` would pin: for which source, of which other one, and the window. Raises what `pin` raises."""
        reader = self._store.reader
        source = find_source(reader, selector)
        home = None if training is None else find_source(reader, training)
        window = parse(text)
        _require_fixed(window)
        if window.kind not in MOVING:
            reference_rows(reader, source, home, window)
        elif window.kind == SEASON or window.days is not None:
            read_history(reader, home or source).require_time(f"'{window.text}'")
        return source, home, window

    def unpin(self, selector: str) -> Pinned:
        """Lets go of a source's pinned reference; returns what it was. Raises UsageError where none is pinned."""
        source = find_source(self._store.reader, selector)
        kept = pinned(self._store.reader, source.id)
        if kept is None:
            raise UsageError(
                f"Source '{source.name}' has no pinned reference.", f"Pin one: mlops-tui drift {source.name} --pin W"
            )
        with self._store.write() as writing:
            writing.execute("DELETE FROM pinned_reference WHERE source_id = ?", (source.id,))
            writing.event("reference_unpinned", _subject(source), before=_before(kept))
            writing.changed("sources", "drift")
        return kept


def _require_fixed(window: Window) -> None:
    """Raises UsageError for a window that takes in what is to be compared with it."""
    if window.kind == LAST:
        raise UsageError(
            f"'{window.text}' moves on to every file that comes, so it cannot be pinned.",
            f"Say the files before the current window, rolling:{window.number}; or a version, a file's name or dates.",
        )
    if window.kind == DATES and window.last is None:
        raise UsageError(
            f"'{window.text}' goes on with every row that comes, so it cannot be pinned.",
            f"Say its last day too: {window.first}..DATE.",
        )


def _subject(source: Source) -> tuple[str, str, str]:
    return "source", source.id, source.name


def _before(kept: Pinned | None) -> dict[str, Any] | None:
    return None if kept is None else {"reference": kept.reference, "of": kept.home}
