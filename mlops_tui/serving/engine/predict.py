"""The job that predicts files, each into one of its own, or the newest files of a source into one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import FileUnreadable, MlopsError, SchemaMismatch, from_code
from mlops_tui.data.engine.located import locate
from mlops_tui.data.model import Source
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_version, get_source, members
from mlops_tui.jobs.context import JobContext
from mlops_tui.serving.engine.batch import Given, Predicted, Wanted, predict_files
from mlops_tui.serving.engine.by_itself import ByItself
from mlops_tui.serving.engine.dialect import own_options, told_of
from mlops_tui.serving.engine.log import Logs
from mlops_tui.serving.engine.record import learnt_from, outcome, record
from mlops_tui.serving.engine.rows import Keys
from mlops_tui.serving.engine.said import Loaded, loaded
from mlops_tui.serving.policy import NOTHING_TOLD, policies
from mlops_tui.serving.retention import drop_outdated
from mlops_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class Part:
    """One result: the files that it is of, where each of them comes from, and where it is written."""

    given: Sequence[Given]
    source_id: str | None
    out: Path
    kinds: Mapping[str, str] = field(default_factory=dict)


def run(context: JobContext) -> dict[str, Any]:
    """Predicts each of `spec["files"]` ({"in", "out", "source_id"}, and "hash" where it is to have that one), or the version
    of `spec["source"]` ({"id", "version", "out"}), with the version `spec["version_id"]`; "threshold", "shadow", "rejects" and
    the policies are as the service has them. Of files that "arrived" each is tried, whatever becomes of the others.

    Returns {"batches": [as `record.outcome` has it]}.

    Raises:
        ModelFileError: the version's file cannot be used.
        SchemaMismatch: a file does not fit the signature, or a policy refuses it; its rows are not predicted.
        FileUnreadable: a file cannot be read.
        UsageError: a result cannot be written where it should be.
    """
    store, spec = context.store, context.spec
    model = loaded(store, spec["version_id"], spec.get("threshold"))
    shadow = None if spec.get("shadow") is None else loaded(store, spec["shadow"])
    by_itself = ByItself(store, model, context.settings.shadow_files if shadow is None else 0)
    batches, failures = list[dict[str, Any]](), list[MlopsError]()
    parts = list(_parts(store, model, spec))
    for position, part in enumerate(parts):
        if context.wanted() == "stop":
            break
        try:
            part = replace(part, given=by_itself.beside(part.given))
            batches.append(_predict_as_it_tells(context, model, shadow, part, position, len(parts)))
        except MlopsError as error:
            if not spec.get("arrived"):
                raise
            context.log(f"{part.given[0].name} is not predicted: {error}")
            failures.append(error)
        if len(parts) > 1:
            context.progress(position + 1, len(parts))
    drop_outdated(store, context.settings.prediction_log_days)
    if failures:
        context.so_far({"batches": batches})
        many = f" ({len(failures)} of {len(parts)} files; the others are predicted.)" if len(parts) > 1 else ""
        raise from_code(failures[0].code, failures[0].title + many, failures[0].remedy)
    return {"batches": batches}


def _parts(store: Store, model: Loaded, spec: dict[str, Any]) -> Iterator[Part]:
    """What is to be predicted, one after another."""
    for file in spec["files"]:
        source_id = file.get("source_id") or model.version.source_id
        source = get_source(store.reader, source_id) if source_id is not None else None
        yield Part(
            [Given(Path(file["in"]), options_of(source), keys_of(source), file.get("hash"))],
            file.get("source_id"),
            Path(file["out"]),
        )
    if (asked := spec.get("source")) is not None:
        source = get_source(store.reader, asked["id"])
        version = find_version(store.reader, source, asked["version"])
        then, files = version.of(source), members(store.reader, source.id, version.number)
        given = [
            Given(locate(store, source, file, version.number), options_of(then), keys_of(then), file.hash)
            for file in files
        ]
        yield Part(given, source.id, Path(asked["out"]), then.kinds)


def options_of(source: Source | None) -> ReadOptions:
    """How the files of a source are read; as each file tells where there is none."""
    return ReadOptions() if source is None else ReadOptions.from_json(json.dumps(source.options))


def keys_of(source: Source | None) -> Keys:
    """By what the log of a source's files tells rows apart; by the file and the row's number where there is none."""
    return Keys() if source is None else Keys(source.id_column, source.time_column, source.slices)


def _predict_as_it_tells(
    context: JobContext, model: Loaded, shadow: Loaded | None, part: Part, position: int, parts: int
) -> dict[str, Any]:
    """Predicts one result; a file of no source that cannot be read as the training files are is read as it tells itself."""
    try:
        return _predict(context, model, shadow, part, position, parts)
    except (SchemaMismatch, FileUnreadable):
        (given, *_), is_bare = part.given, part.source_id is None
        own = own_options(given.path, given.options) if is_bare else None
        if own is None:
            raise
        with suppress(SchemaMismatch, FileUnreadable):
            read = replace(part, given=[replace(given, options=own)])
            return {**_predict(context, model, shadow, read, position, parts), "read_as": told_of(own)}
        raise


def _predict(
    context: JobContext, model: Loaded, shadow: Loaded | None, part: Part, position: int, parts: int
) -> dict[str, Any]:
    """Predicts one result and writes its batches down; says how far it is: rows of a file, or files of several."""
    spec, store, files = context.spec, context.store, len(part.given)

    def on_rows(at: int, done: int, total: int) -> None:
        note = part.given[at].name
        if files > 1:
            context.progress(at, files, note=note)
        else:
            context.progress(*((done, total) if parts == 1 else (position, parts)), note=note)

    wanted = Wanted(
        part.out,
        policies(context.settings, spec.get("policies", NOTHING_TOLD)),
        None if spec.get("rejects") is None else Path(spec["rejects"]),
        part.kinds,
    )
    found = predict_files(model, part.given, wanted, shadow=shadow, logs=Logs(store.workspace), on_rows=on_rows)
    if files > 1:
        context.progress(files, files)
    for given, one in zip(part.given, found, strict=True):
        record(store, model, given.path, part.out, part.source_id, one)
        _tell(context, given.name, one)
    return outcome(model, part.out, wanted.rejects, found, learnt=learnt_from(store, model.version, found))


def _tell(context: JobContext, name: str, found: Predicted) -> None:
    context.log(f"{name}: {found.rows:,} rows predicted, {found.rejected:,} without a prediction")
    for finding in found.findings:
        if finding.counts:
            context.log(f"{name}: {finding.sentence}")
    if found.shadow is not None and found.shadow["why"] is not None:
        context.log(f"{name}: version {found.shadow['version']} did not run in the shadow: {found.shadow['why']}")
