"""A file's rows as the profile needs them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mlops_tui.data.engine.reading import raw_file
from mlops_tui.data.engine.stream import Counted, Rows


def test_blocks_are_the_file_in_order(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("i,s\n" + "".join(f"{i},v{i % 5}\n" if i % 7 else f"{i},\n" for i in range(25_000)))
    with raw_file(path) as (con, raw):
        blocks = list(Rows(con, raw, {"i": "integer", "s": "category"}, 10_000))
    assert [len(block.columns["i"]) for block in blocks] == [10_000, 10_000, 5_000]
    numbers = np.concatenate([np.asarray(block.columns["i"]) for block in blocks])
    assert numbers.tolist() == list(range(25_000))
    for block, first in zip(blocks, (0, 10_000, 20_000), strict=True):
        rows = range(first, min(first + 10_000, 25_000))
        counted = block.columns["s"]
        assert isinstance(counted, Counted)
        assert counted.missing == sum(i % 7 == 0 for i in rows)
        assert counted.counts == {f"v{k}": sum(i % 5 == k and i % 7 > 0 for i in rows) for k in range(5)}
        assert len(block.hashes) == len(rows)
