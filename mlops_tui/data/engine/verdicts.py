"""The jobs `check` and `propose`: files held against the checks again, and the checks that the files suggest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from mlops_tui.core.clock import from_seconds
from mlops_tui.core.errors import DataError, UnknownName
from mlops_tui.core.printable import printable
from mlops_tui.data.checkfile import read
from mlops_tui.data.checkkeys import to_record
from mlops_tui.data.checks import Broken, Check, FileFigures
from mlops_tui.data.checkwords import sentence
from mlops_tui.data.engine.checking import broken_by, checks_of, figures_of, held
from mlops_tui.data.engine.located import locate
from mlops_tui.data.engine.schema import Schema, schema_of
from mlops_tui.data.engine.suggesting import RowsTold, or_nothing
from mlops_tui.data.freshness import late_by
from mlops_tui.data.model import TAKEN_IN, Rejects, Source, SourceFile, files_named, key_of
from mlops_tui.data.profile_query import column_kinds, rejects_of
from mlops_tui.data.proposing import foreseen, propose, stopped, suggested_before
from mlops_tui.data.query import get_source, last_arrival, list_files
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.store import Store

OK, BROKEN, UNKNOWN = "ok", "broken", "cannot_tell"
FORESEEN_OF = 60
"""So many of the newest files say how often a check will speak: each is held against what those before it suggest."""


def run(context: JobContext) -> dict[str, Any]:
    """Does what the spec asks: {"source": id, "what": "check" or "propose", "file": path, name or None}."""
    source = get_source(context.store.reader, context.spec["source"])
    if context.spec["what"] == "propose":
        return proposals(context.store, source)
    return verdicts(context, source, context.spec.get("file"))


def proposals(store: Store, source: Source) -> dict[str, Any]:
    """{"proposed": [check], "checks": [check]}: what the source's files suggest, and what it is held against.

    Each as the checks file has it, and `sentence`; `past`, how many files it would have stopped or warned of, of `files`
    (the newest, where rows had to be read; `past` None where none could be); `foreseen` of `foreseen_of`, how many files
    break what those before them suggest in its stead. Of the newest files rows are read, which tell of relations, patterns
    and values that come twice.
    """
    schema = _schema(source, read(store.workspace, source))
    files = [file for file in list_files(store.reader, source.id, limit=-1) if _is_profiled(store, schema, file)]
    files.sort(key=lambda file: (file.mtime_ns, file.path))
    figures = [_figures(store, schema, file, _rejects(store, schema, file)) for file in files]
    taken = [one for one, file in zip(figures, files, strict=True) if file.state == TAKEN_IN]
    arrivals = [datetime.fromisoformat(from_seconds(file.mtime_ns / 1e9)) for file in files if file.state == TAKEN_IN]
    kinds = {name: kind for name, kind in source.kinds.items() if any(name in one.columns for one in taken)}
    proposed = propose(kinds, source.roles, taken, arrivals)
    told = or_nothing(store, schema, files, figures, [check for check in proposed if stopped(check, figures) is None])
    newest = taken[-FORESEEN_OF:]
    suggested = suggested_before(kinds, source.roles, newest)
    return {
        "source": source.name,
        "proposed": [
            *(
                _told(check, figures) | _by_rows(told, told.broken, check) | _foreseen(check, suggested, newest)
                for check in proposed
                if check not in told.refuted
            ),
            *(
                _told(check, figures) | _by_rows(told, told.suggested, check) | {"foreseen": None, "foreseen_of": 0}
                for check in told.suggested
            ),
        ],
        "checks": [
            _told(check, figures) | _by_rows(told, {**told.broken, **told.suggested}, check) for check in schema.checks
        ],
    }


def _by_rows(told: RowsTold, broken: Mapping[Check, int], check: Check) -> dict[str, int]:
    """How many files break it of those whose rows were read; nothing where the figures of all files told."""
    return {"past": broken[check], "files": told.files} if check in broken else {}


def _foreseen(check: Check, suggested: list[dict[str, Check]], files: list[FileFigures]) -> dict[str, Any]:
    broken, told = foreseen(check, suggested, files)
    return {"foreseen": broken if told else None, "foreseen_of": told}


def _told(check: Check, files: list[FileFigures]) -> dict[str, Any]:
    record = to_record(check) | {"name": check.name, "sentence": sentence(check)}
    return record | {"past": stopped(check, files), "files": len(files)}


def verdicts(context: JobContext, source: Source, asked: str | None) -> dict[str, Any]:
    """{"source", "files": [{file, state, verdict, reason, found, left_out, bad_rows}], "overdue": sentence or None, "broken": n}.

    `verdict` is ok, broken or cannot_tell; `found` what each broken check says, with rows that break
    it, `left_out` how many rows cannot be read and `bad_rows` the first of them.

    Raises:
        UsageError: no such file, or a checks file that is broken.
    """
    store = context.store
    schema = _schema(source, checks_of(store, source))
    files = _asked(list_files(store.reader, source.id, limit=-1), asked, source)
    found = []
    for done, file in enumerate(files):
        if context.wanted() == "stop":
            break
        context.progress(done, len(files), note=file.path)
        found.append(_verdict(store, schema, file))
    overdue = late_by(schema.checks, last_arrival(store.reader, source.id), time.time())
    broken = sum(item["verdict"] == BROKEN for item in found)
    context.progress(len(found), len(files), force=True)
    return {
        "source": source.name,
        "checks": len(held(schema)),
        "files": found,
        "overdue": overdue if asked is None else None,
        "broken": broken,
    }


def _verdict(store: Store, schema: Schema, file: SourceFile) -> dict[str, Any]:
    rejects = _rejects(store, schema, file)
    told: dict[str, Any] = {
        "file": file.path,
        "state": file.state,
        "reason": file.reason,
        "released": file.released,
        "found": [],
    }
    told["left_out"] = rejects.count
    told["bad_rows"] = [
        {"line": r.line, "column": r.column_name, "reason": r.reason, "text": r.text} for r in rejects.first[:20]
    ]
    if file.rows is None:
        return told | {"verdict": BROKEN}
    if not _is_profiled(store, schema, file):
        why = f"{printable(file.path)} was not profiled since its source was changed; scan the source."
        return told | {"verdict": UNKNOWN, "reason": why}
    try:
        path = locate(store, schema.source, file, schema.source.version)
        broken = broken_by(schema, path, _figures(store, schema, file, rejects), rejects)
    except DataError as error:
        return told | {"verdict": UNKNOWN, "reason": str(error)}
    return told | {"verdict": BROKEN if broken else OK, "found": [_found(item) for item in broken]}


def _found(item: Broken) -> dict[str, Any]:
    return {
        "check": item.check.name,
        "severity": item.check.severity,
        "column": item.column,
        "row": item.line,
        "count": item.count,
        "reason": item.reason,
        "examples": [{"row": example.line, "values": dict(example.values)} for example in item.examples],
    }


def _rejects(store: Store, schema: Schema, file: SourceFile) -> Rejects:
    return rejects_of(store.reader, schema.key(file.hash) if file.rows is not None else key_of(schema.source, file))


def _figures(store: Store, schema: Schema, file: SourceFile, rejects: Rejects) -> FileFigures:
    return figures_of(store.reader, schema, file.hash, PurePath(file.path).name, rejects)


def _is_profiled(store: Store, schema: Schema, file: SourceFile) -> bool:
    return file.rows is not None and bool(column_kinds(store.reader, schema.key(file.hash)))


def _schema(source: Source, checks: tuple[Check, ...]) -> Schema:
    schema = schema_of(source, checks)
    if schema is None:
        raise DataError(
            f"Source '{source.name}' has no schema yet: no file was taken in.",
            f"Take its files in with: mlops-tui data scan {source.name}",
        )
    return schema


def _asked(files: list[SourceFile], asked: str | None, source: Source) -> list[SourceFile]:
    if asked is None:
        return files
    found = files_named(files, asked)
    if not found:
        raise UnknownName(
            f"Source '{source.name}' has no file '{printable(asked)}'.",
            f"See its files with: mlops-tui data show {source.name}",
        )
    return found
