"""An ONNX model as our code asks one: rows in the signature's dtypes, probabilities or numbers out, by onnxruntime."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_tui.core.errors import ModelFileError
from mlops_tui.core.printable import printable

_NUMBERS = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
}
_TEXT = "tensor(string)"
_SILENT = 4
"""What onnxruntime would print is in the error."""
LABELS = ("classlabels_strings", "classlabels_int64s", "classlabels_ints")


def loaded(package: str) -> Any:
    """A package of the extra `onnx`.

    Raises:
        ModelFileError: it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise ModelFileError(
            f"ONNX needs the package {package}, which is not installed here.",
            "Install it with: pip install 'mlops-tui[onnx]'",
        ) from error


def open_session(path: Path, name: str) -> Any:
    """An ONNX model, ready to be run; it may name no other file. Sentences call it `name`.

    Raises:
        ModelFileError: onnxruntime is not installed, or the file is no model that it can run.
    """
    onnx, runtime = loaded("onnx"), loaded("onnxruntime")
    content = path.read_bytes()
    try:
        graph = onnx.load_model_from_string(content).graph
    except Exception as error:  # the parser's own class is none that can be named here
        raise ModelFileError(
            f"{name} is truncated or damaged: it is no ONNX model.", "Copy it once more, whole."
        ) from error
    if any(tensor.external_data for tensor in _tensors(graph)):
        raise ModelFileError(f"{name} keeps its weights in other files.", "Write it as one file.")
    options = runtime.SessionOptions()
    options.log_severity_level = _SILENT
    try:
        return runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no class but this
        raise ModelFileError(
            f"{name} cannot be run here: {_first_line(error)}.", "Write it for the opsets that onnxruntime knows."
        ) from error


def _tensors(graph: Any) -> Iterator[Any]:
    """Every constant of a graph and of those within it."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for inner in (attribute.g, *attribute.graphs):
                if inner.node:
                    yield from _tensors(inner)


def labels_in(path: Path) -> tuple[Any, ...]:
    """The class labels that a node of the graph has; none where no node has any."""
    graph = loaded("onnx").load_model_from_string(path.read_bytes()).graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.name in LABELS and (attribute.strings or attribute.ints):
                return tuple(text.decode() for text in attribute.strings) or tuple(attribute.ints)
    return ()


class OnnxModel:
    """A session with the columns that it reads, in order, and its classes in the order of its probabilities."""

    def __init__(self, session: Any, columns: Sequence[str], classes: Sequence[Any] = ()) -> None:
        self._session = session
        self._columns = list(columns)
        self.classes_ = np.asarray(classes) if classes else None
        self._outputs = {output.name: output for output in session.get_outputs()}
        self._inputs = session.get_inputs()
        known = _known(self._columns)
        self._column_of = {one.name: known[one.name] for one in self._inputs if one.name in known}

    @property
    def is_classifier(self) -> bool:
        """Whether it says labels beside its numbers, or several numbers of each row."""
        return self.label_output is not None or self._width(self.score_output) > 1

    @property
    def label_output(self) -> str | None:
        """The output that says a label of each row."""
        outputs = self._outputs.values()
        names = [one.name for one in outputs if one.type in ("tensor(int64)", "tensor(int32)", _TEXT)]
        return names[0] if names and len(self._outputs) > 1 else None

    @property
    def score_output(self) -> str:
        """The output that says numbers of each row: maps of probabilities by label, else the widest tensor of fractions.

        Raises:
            ModelFileError: it says labels alone.
        """
        outputs = self._outputs.values()
        if maps := [one.name for one in outputs if one.type.startswith("seq(map(")]:
            return maps[0]
        numbers = [one.name for one in outputs if one.type in ("tensor(float)", "tensor(double)")]
        if not numbers:
            raise ModelFileError("The ONNX model says no probabilities and no numbers.", "Write it with both outputs.")
        return max(numbers, key=self._width)

    def _width(self, name: str) -> int:
        output = self._outputs[name]
        if output.type.startswith("seq(map("):
            return 2
        last = output.shape[-1] if len(output.shape) > 1 else 1
        return last if isinstance(last, int) else (2 if self.label_output else 1)

    def told(self) -> dict[str, Any]:
        """What a script has to know to ask it: of each input its columns, dtype and shape; the output of numbers, and whether that tells
        them by label.
        """
        output = self.score_output
        inputs = {one.name: self._told_of(one) for one in self._inputs}
        return {"inputs": inputs, "output": output, "by_label": self._outputs[output].type.startswith("seq(map(")}

    def _told_of(self, one: Any) -> dict[str, Any]:
        columns = [self._column_of[one.name]] if self._column_of else self._columns
        dtype = "str" if one.type == _TEXT else np.dtype(_NUMBERS.get(one.type, np.float64)).name
        return {"columns": columns, "dtype": dtype, "shape": [-1, len(columns)] if len(one.shape) > 1 else [-1]}

    def predict_proba(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Probabilities of shape (n, k) in the order of the classes."""
        found = self.run(frame, self.score_output)
        if isinstance(found, list):
            labels = list(found[0]) if self.classes_ is None else self.classes_.tolist()
            return np.array([[row[label] for label in labels] for row in found], dtype=float)
        table = np.asarray(found, dtype=float).reshape(len(frame), -1)
        return np.column_stack([1 - table[:, 0], table[:, 0]]) if table.shape[1] == 1 else table

    def predict(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """The label of each row, or a number, shape (n,)."""
        if self.classes_ is not None:
            return np.asarray(self.classes_[self.predict_proba(frame).argmax(axis=1)])
        return np.asarray(self.run(frame, self.score_output), dtype=float).reshape(len(frame), -1)[:, 0]

    def labels_of(self, frame: pd.DataFrame) -> list[Any]:
        """What its output of labels says; nothing where it has none."""
        return [] if self.label_output is None else np.asarray(self.run(frame, self.label_output)).ravel().tolist()

    def keys(self, frame: pd.DataFrame) -> tuple[Any, ...]:
        """The labels that its probabilities are told by, where they are told by label."""
        found = self.run(frame, self.score_output)
        return tuple(found[0]) if isinstance(found, list) and found else ()

    def run(self, frame: pd.DataFrame, output: str) -> Any:
        """One output for the rows. Raises ValueError where the model cannot take them."""
        try:
            return self._session.run([output], self._feed(frame))[0]
        except (ValueError, TypeError):
            raise
        except Exception as error:  # onnxruntime's errors share no class but this
            raise ValueError(_first_line(error)) from error

    def _feed(self, frame: pd.DataFrame) -> dict[str, Any]:
        if not self._column_of:
            (matrix,) = self._inputs
            parts = [_values(frame[name], matrix.type) for name in self._columns]
            return {matrix.name: np.column_stack(parts)}
        fed = {}
        for one in self._inputs:
            values = _values(frame[self._column_of[one.name]], one.type)
            fed[one.name] = values.reshape(-1, 1) if len(one.shape) > 1 else values
        return fed


def columns_read(session: Any, columns: Sequence[str]) -> list[str]:
    """Those of the columns that the model has an input for, in their order; all where one input takes them side by side.

    Raises:
        ModelFileError: it has an input that is no column, or takes more or fewer side by side.
    """
    inputs = session.get_inputs()
    known = _known(columns)
    if len(inputs) == 1 and inputs[0].name not in known:
        width = inputs[0].shape[-1] if len(inputs[0].shape) > 1 else None
        if isinstance(width, int) and width != len(columns):
            raise ModelFileError(
                f"The ONNX model reads {width} columns side by side; there are {len(columns)}.",
                "Give rows with these columns and the target alone, in their order.",
            )
        return list(columns)
    if lacking := [one.name for one in inputs if one.name not in known]:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise ModelFileError(
            f"The ONNX model reads {', '.join(repr(printable(name)) for name in lacking[:5])}{more}, which the rows have no"
            " column of.",
            "Give rows with the columns that it was trained on, under the same names.",
        )
    read = {known[one.name] for one in inputs}
    return [column for column in columns if column in read]


def _known(columns: Sequence[str]) -> dict[str, str]:
    """The column of each name that an input of it may have."""
    return {_plain(column): column for column in columns} | {column: column for column in columns}


def _plain(name: str) -> str:
    """A column's name as converters write it, that know letters, digits and '_' alone."""
    return re.sub(r"\W", "_", name)


def _values(values: pd.Series, kind: str) -> np.ndarray[Any, Any]:
    """One column as an input takes it; a missing text is an empty one."""
    if kind == _TEXT:
        return np.array(
            ["" if missing else str(one) for one, missing in zip(values, values.isna(), strict=True)], object
        )
    if kind not in _NUMBERS:
        raise ValueError(f"an input of {kind} is none that columns fit")
    if values.dtype.kind == "M":
        raise ValueError(f"'{values.name}' holds times")
    numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    if np.dtype(_NUMBERS[kind]).kind in "iub" and not np.isfinite(numbers).all():
        raise ValueError(f"'{values.name}' misses values, which an input of {kind} cannot")
    return numbers.astype(_NUMBERS[kind])


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(". ")
