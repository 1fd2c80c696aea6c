"""What stands in an exported folder beside the model: the script, what it needs, and the facts of the version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.formats import JOBLIB, ONNX, SKOPS
from mlops_tui.registry.listing import VersionDetail
from mlops_tui.registry.model import ModelVersion, Signature

SCRIPT = '''"""Predicts a CSV file: python predict.py IN.csv OUT.csv (what it needs: requirements.txt)."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
{imports}

HERE = Path(__file__).resolve().parent
KNOWN = json.loads((HERE / "signature.json").read_text("utf-8"))
TRUTHS = {{"true": True, "t": True, "1": True, "1.0": True, "false": False, "f": False, "0": False, "0.0": False}}


def typed(values, kind, dtype):
    if kind == "boolean":
        values = values.map(lambda text: TRUTHS[text.lower()], na_action="ignore")
        dtype = "float64" if dtype == "bool" and values.isna().any() else dtype
    elif kind == "date-time":
        values = pd.to_datetime(values, format="ISO8601", utc=True).dt.tz_localize(None)
    elif kind in ("numeric", "integer"):
        numbers = pd.to_numeric(values.str.replace(KNOWN["decimal"], "."))
        values = numbers.astype(float).replace([np.inf, -np.inf], np.nan) if numbers.dtype.kind == "f" else numbers
        dtype = "float64" if values.isna().any() or (values % 1 != 0).any() else dtype
    return values.astype(object).where(values.notna(), None) if dtype == "object" else values.astype(dtype)


if len(sys.argv) != 3:
    sys.exit(__doc__)
table = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False, na_values=KNOWN["missing"], sep=KNOWN["delimiter"])
if missing := [column["name"] for column in KNOWN["columns"] if column["name"] not in table]:
    sys.exit(f"{{sys.argv[1]}} lacks what the model reads: {{', '.join(missing)}}")
rows, classes = pd.DataFrame(index=table.index), KNOWN["classes"]
for column in KNOWN["columns"]:
    try:
        rows[column["name"]] = typed(table[column["name"]], column["kind"], column["dtype"])
    except (ValueError, KeyError) as error:
        sys.exit(f"{{sys.argv[1]}}: the column {{column['name']}} does not hold {{column['kind']}}: {{error}}")
{scores}
table["prediction"] = np.array(classes, dtype=object)[scores.argmax(axis=1)] if classes else scores
for name, place in KNOWN["probabilities"].items():
    table[name] = scores[:, place]
table.to_csv(sys.argv[2], index=False, sep=KNOWN["delimiter"])
'''
_IMPORTS = {SKOPS: "import skops.io", JOBLIB: "import joblib", ONNX: "import onnxruntime"}
_OF_ESTIMATORS = """model = {load}
scores = model.predict_proba(rows) if classes else np.asarray(model.predict(rows)).ravel()"""
_LOADS = {
    SKOPS: 'skops.io.load(HERE / "model.skops", trusted=KNOWN["types"])',
    JOBLIB: 'joblib.load(HERE / "model.joblib")  # runs the code that is in it',
}
_OF_ONNX = """session = onnxruntime.InferenceSession(HERE / "model.onnx")
dtypes = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(int64)": "int64", "tensor(int32)": "int32"}
given = {}
for one in session.get_inputs():
    part = rows[[KNOWN["inputs"][one.name]]] if KNOWN["inputs"] else rows
    if one.type == "tensor(string)":
        values = part.astype(object).where(part.notna(), "").astype(str).to_numpy(object)
    else:
        values = part.to_numpy(dtype=float).astype(dtypes.get(one.type, "bool"))
    given[one.name] = values if len(one.shape) > 1 else values.ravel()
(scores,) = session.run([KNOWN["output"]], given)
if isinstance(scores, list):
    scores = np.array([[row[label] for label in classes] for row in scores])
scores = np.asarray(scores, dtype=float).reshape(len(rows), -1)
if not classes:
    scores = scores[:, 0]
elif scores.shape[1] == 1:
    scores = np.column_stack([1 - scores[:, 0], scores[:, 0]])"""


def script(format_: str) -> str:
    """The script that predicts with a model file of that format, and without mlops-tui."""
    scores = _OF_ONNX if format_ == ONNX else _OF_ESTIMATORS.format(load=_LOADS[format_])
    return SCRIPT.format(imports=_IMPORTS[format_], scores=scores)


def signature_json(version: ModelVersion, options: ReadOptions, more: Mapping[str, Any]) -> str:
    """The signature, how files of its source are read, and what the script has to know of the file besides."""
    signature = version.signature
    told = {
        "model": version.model,
        "version": version.number,
        "format": version.format,
        **asdict(signature),
        "probabilities": probabilities(signature),
        "delimiter": options.delimiter or ",",
        "decimal": options.decimal or ".",
        "missing": sorted({"", *options.missing}),
        **more,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def probabilities(signature: Signature) -> dict[str, int]:
    """The columns that are written beside the prediction, as `predict` names them, and which probability each holds."""
    classes = signature.classes
    if len(classes) <= 2:
        return {"probability": signature.positive_code} if classes else {}
    names = [f"probability_{label}" for label in classes]
    if len({name.casefold() for name in names}) < len(names):
        names = [f"{name}_{code}" for code, name in enumerate(names)]
    return {name: code for code, name in enumerate(names)}


def requirements(version: ModelVersion, packages: Mapping[str, str]) -> str:
    """The exact versions of what loading needs, with the Python that they were used with."""
    python = version.environment.get("python", "")
    return "".join([f"# Python {python}\n", *(f"{name}=={number}\n" for name, number in sorted(packages.items()))])


def card(detail: VersionDetail, more: Mapping[str, str]) -> str:
    """The facts of the version in Markdown."""
    version, environment = detail.version, detail.version.environment
    facts = {
        "Task": version.signature.task,
        "Target": version.signature.target,
        "Family": version.family,
        "Parameters": ", ".join(f"{key} = {value}" for key, value in version.params.items()),
        "Data": "" if version.data_version is None else f"{detail.source}, version {version.data_version}",
        "Study": detail.study,
        "Run": detail.run,
        "Registered from": version.file or "",
        "Registered": version.created,
        "Code": _code(version.code),
        "File": f"{version.format}, {version.size:,} bytes, sha256 {version.artifact}",
        "Python": f"{environment.get('python', '')} on {environment.get('platform', '')}",
        "Packages": ", ".join(f"{name} {number}" for name, number in environment.get("packages", {}).items() if number),
        **more,
    }
    lines = [f"# {version.model}, version {version.number}", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items() if value]
    if version.metrics:
        lines += ["", "## Metrics of training", ""]
        lines += [f"- {name}: {'not finite' if value is None else value}" for name, value in version.metrics.items()]
    if version.card:
        lines += ["", "## What people say of it", ""]
        lines += [f"- {name.replace('_', ' ').capitalize()}: {text}" for name, text in version.card.items()]
    return "\n".join([*lines, "", *_columns(version.signature)]) + "\n"


def _columns(signature: Signature) -> list[str]:
    rows = ["## Columns", "", "| Column | Kind | Dtype | Categories |", "| --- | --- | --- | --- |"]
    for column in signature.columns:
        seen = "" if column.categories is None else ", ".join(column.categories)
        cells = [cell.replace("|", "\\|").replace("\n", " ") for cell in (column.name, column.kind, column.dtype, seen)]
        rows.append(f"| {' | '.join(cells)} |")
    classes = ", ".join(str(label) for label in signature.classes)
    return [*rows, "", f"It says {signature.target}" + (f": {classes}." if classes else ", a number.")]


def _code(code: dict[str, Any] | None) -> str:
    return "" if not code else f"{code['commit']}{', with changes' if code.get('dirty') else ''}"
