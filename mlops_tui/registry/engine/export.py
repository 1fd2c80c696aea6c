"""Writing a version to a folder that stands alone: whole, or not at all."""

from __future__ import annotations

import copy
import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from skops import io

from mlops_tui.core.errors import MlopsError, ModelFileError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import get_source
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.environment import package_version
from mlops_tui.registry.engine.file import untrusted_types
from mlops_tui.registry.engine.frame import from_rows, typed
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.onnx_convert import Difference, difference, to_onnx
from mlops_tui.registry.engine.onnx_model import OnnxModel
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.filing import require_free_folder
from mlops_tui.registry.formats import ENDINGS, JOBLIB, ONNX, SKOPS
from mlops_tui.registry.listing import version_detail
from mlops_tui.registry.model import EXPORTED, ModelVersion
from mlops_tui.registry.script import script
from mlops_tui.registry.standalone import card, requirements, signature_json
from mlops_tui.store.artifact import place
from mlops_tui.store.store import Store
from mlops_tui.store.translate import translated
from mlops_tui.tuning.engine.families.labelled import Labelled

VERIFIED_ROWS = 20_000
_STEPS = 3
_OURS = "mlops_tui."
_NEEDS: dict[str, tuple[str, ...]] = {
    SKOPS: ("scikit-learn", "skops", "numpy", "pandas"),
    JOBLIB: ("scikit-learn", "joblib", "numpy", "pandas"),
}
_NEEDS |= {ONNX: ("onnxruntime", "numpy", "pandas")}


def run(context: JobContext) -> dict[str, Any]:
    """Writes the version `spec["version_id"]` to the folder `spec["out"]`; with `spec["onnx"]` as ONNX besides.

    Returns {"model", "version", "out", "format", "files", "onnx"}; `onnx` is None, or {"difference", "rows", "far"}.

    Raises:
        ModelFileError: the version's file cannot be used, cannot stand alone, or is not converted.
        UsageError: the folder holds something.
        DiskFull: there is no space for it.
    """
    spec, store = context.spec, context.store
    out = Path(spec["out"])
    require_free_folder(out)
    detail = version_detail(store.reader, spec["version_id"])
    version = detail.version
    if spec["onnx"] and version.format == ONNX:
        raise UsageError(f"{version.label} is a file of ONNX already.", "Export it without --onnx.")
    context.progress(0, _STEPS, note="loading the model")
    model = load_version(store, version)
    context.progress(1, _STEPS, note="writing the folder", force=True)
    said = None
    with whole_folder(out) as folder:
        types = _write_model(store, version, model, folder)
        more: dict[str, str] = {}
        if spec["onnx"]:
            to_onnx(_alone(model), version, folder / "model.onnx")
            said = difference(model, folder / "model.onnx", version, verifying_rows(store, version))
            context.log(said.words)
            more = {"ONNX": said.words}
        _write_texts(folder, version, model, types, options_of(store, version), said)
        (folder / "card.md").write_text(card(detail, more), "utf-8")
        context.progress(2, _STEPS, note="renaming it", force=True)
        files = sorted(path.name for path in folder.iterdir())
    _note(store, version, out, said)
    context.progress(_STEPS, _STEPS)
    told = None if said is None else {"difference": said.greatest, "rows": said.rows, "far": said.far}
    return {
        "model": version.model,
        "version": version.number,
        "out": str(out),
        "format": version.format,
        "files": files,
        "onnx": told,
    }


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its place at the end of the block; where the block fails, nothing of it is left."""
    folder = out.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with translated(out):
            _make(folder, out)
            yield folder
            for path in (*folder.iterdir(), folder):
                descriptor = os.open(path, os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)
            require_free_folder(out)
            folder.replace(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(folder: Path, out: Path) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UsageError(
            f"{printable(str(out))} cannot be written: {error.strerror}.", "Name a folder in another place."
        ) from error


def _write_model(store: Store, version: ModelVersion, model: Any, folder: Path) -> list[str]:
    """The model file, as it is stored, or with what is ours taken out of it; returns the types that loading it needs.

    Raises:
        ModelFileError: it holds types of ours that nothing else stands for.
    """
    path = folder / f"model{ENDINGS[version.format]}"
    if not any(name.startswith(_OURS) for name in version.types):
        shutil.copyfile(place(store.workspace, version.artifact), path)
        return list(version.types)
    alone = _alone(model)
    io.dump(alone, path)
    types = untrusted_types(path)
    rows = from_rows(version.checks["rows"], version.signature)
    same = np.array_equal(
        scores(alone, rows, version.signature), scores(model, rows, version.signature), equal_nan=True
    )
    if not same or any(name.startswith(_OURS) for name in types):
        raise ModelFileError(f"{version.label} holds what mlops-tui alone can load.", "Use it with mlops-tui.")
    return types


def _alone(model: Any) -> Any:
    """The model with our classifier of labels replaced by the one of codes within it, whose probabilities are the same."""
    if isinstance(model, Labelled):
        return model.classifier_
    steps = getattr(model, "steps", None)
    if steps:
        alone = copy.copy(model)
        alone.steps = [*steps[:-1], (steps[-1][0], _alone(steps[-1][1]))]
        return alone
    if hasattr(model, "named_estimators_"):
        alone = copy.copy(model)
        alone.estimators_ = [_alone(one) for one in model.estimators_]
        alone.estimators = [(name, one) for (name, _), one in zip(model.estimators, alone.estimators_, strict=True)]
        alone.named_estimators_ = type(model.named_estimators_)(**dict(alone.estimators))
        return alone
    return model


def _write_texts(
    folder: Path, version: ModelVersion, model: Any, types: list[str], options: ReadOptions, said: Difference | None
) -> None:
    more: dict[str, Any] = {"types": types, **(model.told() if isinstance(model, OnnxModel) else {})}
    (folder / "signature.json").write_text(signature_json(version, options, more), "utf-8")
    checks = {**version.checks, "format": version.format}
    if said is not None:
        checks["onnx"] = {"difference": said.greatest, "rows": said.rows, "far": said.far}
    (folder / "check.json").write_text(json.dumps(checks, indent=2) + "\n", "utf-8")
    needs = packages_of(version, _alone(model), onnx=said is not None)
    (folder / "requirements.txt").write_text(requirements(version, needs), "utf-8")
    (folder / "predict.py").write_text(script(version, options, more), "utf-8")


def packages_of(version: ModelVersion, model: Any, *, onnx: bool) -> dict[str, str]:
    """What loading needs by name, in the version that it was registered with, else the one that is here."""
    known = version.environment.get("packages", {})
    names = {*_NEEDS[version.format], *(("onnxruntime",) if onnx else ())}
    if not isinstance(model, OnnxModel):
        owners: Mapping[str, list[str]] = metadata.packages_distributions()
        inner = [model, *(model.get_params(deep=True).values() if hasattr(model, "get_params") else ())]
        modules = {type(one).__module__.partition(".")[0] for one in inner}
        names |= {owners[module][0] for module in modules if module in owners}
    names.discard("mlops-tui")
    found = {name: known.get(name) or package_version(name) for name in names}
    return {name: number for name, number in found.items() if number is not None}


def options_of(store: Store, version: ModelVersion) -> ReadOptions:
    """How the files of the version's source are read; of a version from a file nothing is set."""
    if version.source_id is None:
        return ReadOptions()
    return ReadOptions.from_json(json.dumps(get_source(store.reader, version.source_id).options))


def verifying_rows(store: Store, version: ModelVersion) -> pd.DataFrame:
    """The check rows, and rows of the data version where its files are still there."""
    signature = version.signature
    checks = from_rows(version.checks["rows"], signature)
    if version.source_id is None:
        return checks
    try:
        source = get_source(store.reader, version.source_id)
        frame = read_version(store, source, version.data_version, signature.names)
    except MlopsError:  # its files are gone or were changed: the check rows are left
        return checks
    return pd.concat([checks, typed(frame.head(VERIFIED_ROWS), signature.columns)], ignore_index=True)


def _note(store: Store, version: ModelVersion, out: Path, said: Difference | None) -> None:
    after: dict[str, Any] = {"version": version.number, "out": printable(store.workspace.relative(out))}
    if said is not None:
        after["onnx"] = {"difference": said.greatest, "rows": said.rows, "far": said.far}
    with store.write() as writing:
        writing.event(EXPORTED, ("model", version.model_id, version.model), after=after)
        writing.changed("models")
