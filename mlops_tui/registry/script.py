"""The script of an exported folder: some twenty lines that read a CSV file, check it, and write what the model says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.data.options import ReadOptions
from mlops_tui.features.model import NUMERIC
from mlops_tui.registry.formats import JOBLIB, ONNX, SKOPS
from mlops_tui.registry.model import ModelVersion, Signature
from mlops_tui.registry.threshold import threshold_of

_SCRIPT = '''"""Predicts a CSV file: python predict.py IN.csv OUT.csv (what it needs: requirements.txt)."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
{imports}

if len(sys.argv) != 3:
    sys.exit(__doc__)
known = json.loads(Path(__file__).with_name("signature.json").read_text("utf-8"))
table = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False, **known["csv"])
if missing := [name for name in known["dtypes"] if name not in table]:
    sys.exit(f"{{sys.argv[1]}} lacks what the model reads: {{', '.join(missing)}}")
try:
    {typed}
except (KeyError, ValueError) as error:
    sys.exit(f"{{sys.argv[1]}} does not hold what the model reads: {{error}}")
rows = rows.mask(rows.isna() | rows.isin([np.inf, -np.inf]), None)
{said}
table.to_csv(sys.argv[2], index=False, sep=known["csv"]["sep"]{decimal})
'''
_IMPORTS = {SKOPS: "import skops.io", JOBLIB: "import joblib", ONNX: "import onnxruntime"}
_LOADS = {
    SKOPS: 'model = skops.io.load(Path(__file__).with_name("model.skops"), trusted=known["types"])',
    JOBLIB: 'model = joblib.load(Path(__file__).with_name("model.joblib"))  # runs the code that is in it',
    ONNX: 'model = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))',
}
_BEFORE = {
    "numbers": 'rows[name] = rows[name].str.replace(",", ".")',
    "truths": 'rows[name] = rows[name].map(lambda text: {"true": True, "false": False}[text.lower()], na_action="ignore")',
}
"""What is done to some columns before text is typed."""
_AFTER = {
    "times": "rows[name] = rows[name].dt.tz_localize(None)",
    "whole": 'rows[name] = rows[name].astype("int64" if (rows[name] % 1 == 0).all() else "float64")',
    "certain": 'rows[name] = rows[name].astype("float64" if rows[name].isna().any() else "bool")',
}
"""What is done to some columns once it is."""
_READ_OPTIONS = {
    "encoding": "encoding",
    "quote": "quotechar",
    "comment": "comment",
    "skip": "skiprows",
}
"""Options of reading that pandas has under another name, where they were set."""


def script(version: ModelVersion, options: ReadOptions, told: dict[str, Any]) -> str:
    """The script that predicts with the version's file as `predict` does, and without mlops-tui; `told` is what it is told of
    the file, as `known_to_script` and an ONNX model say it.
    """
    signature, care = version.signature, _by_care(version, options)
    before, chosen = _loops(care, _BEFORE), 'table[list(known["dtypes"])]'
    typed = [f"rows = {chosen}", *before, 'rows = rows.astype(known["dtypes"])']
    if not before:
        typed = [f'rows = {chosen}.astype(known["dtypes"])']
    said = [*_loops(care, _AFTER), _LOADS[version.format]]
    if version.format == ONNX:
        said += _asked_onnx(signature, told)
    elif signature.is_classifier:
        said += ["scores = model.predict_proba(rows)"]
    else:
        said += ["scores = np.asarray(model.predict(rows)).ravel()"]
    said += _written(version)
    return _SCRIPT.format(
        imports=_IMPORTS[version.format],
        typed="\n    ".join(typed),
        said="\n".join(said),
        decimal=', decimal=","' if options.decimal == "," else "",
    )


def known_to_script(version: ModelVersion, options: ReadOptions) -> dict[str, Any]:
    """What the script reads of the version: how files are read, the dtype of each column, the threshold, and the columns that it writes."""
    signature, threshold = version.signature, threshold_of(version)
    csv = {"sep": options.delimiter or ",", "na_values": sorted({"", *options.missing})}
    told = options.told()
    return {
        "csv": csv | {name: told[key] for key, name in _READ_OPTIONS.items() if told.get(key) not in (None, "")},
        "dtypes": {column.name: _dtype(column.kind, column.dtype) for column in signature.columns},
        "threshold": None if threshold is None else threshold.shown(),
        "probabilities": signature.probabilities,
        **{key: names for key, names in _by_care(version, options).items() if names},
    }


def _dtype(kind: str, dtype: str) -> str:
    """What a column of text is made: numbers as fractions and truths as objects, which can be missing; times in UTC."""
    if kind in NUMERIC:
        return "float64"
    if kind == "boolean":
        return "object"
    return dtype.replace("]", ", UTC]") if kind == "date-time" else dtype


def _by_care(version: ModelVersion, options: ReadOptions) -> dict[str, list[str]]:
    """The columns that are not typed by their dtype alone: numbers with a comma, truths, times; and, for a model that was made
    elsewhere, whole numbers and truths that it learnt in dtypes in which none can be missing.
    """
    columns, elsewhere = version.signature.columns, version.file is not None
    return {
        "numbers": [one.name for one in columns if options.decimal == "," and one.kind in NUMERIC],
        "truths": [one.name for one in columns if one.kind == "boolean"],
        "times": [one.name for one in columns if one.kind == "date-time"],
        "whole": [one.name for one in columns if elsewhere and one.kind in NUMERIC and one.dtype.startswith("int")],
        "certain": [one.name for one in columns if elsewhere and one.kind == "boolean" and one.dtype == "bool"],
    }


def _loops(care: Mapping[str, Sequence[str]], lines: Mapping[str, str]) -> list[str]:
    """What is done to each of those columns, where there are any."""
    return [
        text for key, line in lines.items() if care[key] for text in (f'for name in known["{key}"]:', f"    {line}")
    ]


def _asked_onnx(signature: Signature, told: dict[str, Any]) -> list[str]:
    """Each input is fed as its type and shape want it, a missing text as an empty one."""
    lines = ["given = {}", 'for name, one in known["inputs"].items():']
    if any(one["dtype"] == "str" for one in told["inputs"].values()):
        lines.append('    part = rows[one["columns"]].astype(object if one["dtype"] == "str" else float)')
        lines.append('    part = part.fillna("") if one["dtype"] == "str" else part')
    else:
        lines.append('    part = rows[one["columns"]].astype(float)')
    lines.append('    given[name] = part.astype(one["dtype"]).to_numpy().reshape(one["shape"])')
    lines.append('scores = model.run([known["output"]], given)[0]')
    if told["by_label"]:
        lines.append('scores = np.array([[row[label] for label in known["classes"]] for row in scores])')
    if not signature.is_classifier:
        return [*lines, "scores = scores.reshape(len(rows), -1)[:, 0].astype(float)"]
    lines.append("scores = scores.reshape(len(rows), -1).astype(float)")
    if len(signature.classes) == 2 and not told["by_label"]:
        lines.append("scores = scores if scores.shape[1] == 2 else np.column_stack([1 - scores, scores])")
    return lines


def _written(version: ModelVersion) -> list[str]:
    """The prediction: the class that is called, by the threshold that was tuned or as the more probable one, or the number."""
    signature, threshold = version.signature, threshold_of(version)
    if not signature.is_classifier:
        return ['table["prediction"] = scores']
    codes = "scores.argmax(axis=1)"
    if threshold is not None and threshold.is_tuned:
        positive = signature.positive_code
        codes = f'np.where(scores[:, {positive}] >= known["threshold"]["value"], {positive}, {1 - positive})'
    return [
        f'table["prediction"] = np.array(known["classes"], dtype=object)[{codes}]',
        'table[list(known["probabilities"])] = scores[:, list(known["probabilities"].values())]',
    ]
