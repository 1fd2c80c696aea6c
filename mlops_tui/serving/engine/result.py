"""The result of a prediction: the columns that were read with what was said of each row, in the file that is being written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.model import Signature
from mlops_tui.serving.engine.said import written_types
from mlops_tui.serving.engine.writing import Form, Output, output


class Result:
    """A result to which rows are added; the first ones tell its columns. `as_text` they are a CSV file's, as they stand."""

    def __init__(
        self, temporary: Path, format_: str, signature: Signature, open_until: ExitStack, *, as_text: bool
    ) -> None:
        self._temporary, self._format, self._open_until = temporary, format_, open_until
        self._said = written_types(signature)
        self._output: Output | None = None
        self._schema = pa.schema([])
        self.as_text = as_text

    def write(
        self,
        rows: pa.RecordBatch,
        written: Mapping[str, str],
        said: Sequence[pa.Array],
        options: ReadOptions,
        kept: np.ndarray[Any, Any] | None,
    ) -> None:
        """Adds rows: their columns, `written` by name under the short names of the batch, and what was said; those alone that
        are `kept`, where that is not all. `options` are those that the file was read with.
        """
        if self._output is None:
            fields = [pa.field(name, rows.schema.field(short).type) for name, short in written.items()]
            self._schema = pa.schema([*fields, *self._said.items()])
            self._output = self._opened(options)
        arrays = [*(rows.column(short) for short in written.values()), *said]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        self._output.add(batch if kept is None or kept.all() else batch.filter(pa.array(kept)))

    def _opened(self, options: ReadOptions) -> Output:
        form = Form(self._format)
        if self.as_text:
            form = Form(self._format, options.delimiter or ",", options.decimal == ",")
        return self._open_until.enter_context(output(self._temporary, self._schema, form, tuple(self._said)))


@contextmanager
def result_in(temporary: Path, format_: str, signature: Signature, *, as_text: bool) -> Iterator[Result]:
    """A result in that file, which is written to its end with the block."""
    with ExitStack() as open_until:
        yield Result(temporary, format_, signature, open_until, as_text=as_text)
