"""How much two files share, told by the smallest hashes of their rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mlops_tui.data.engine.profiling import profile_file
from mlops_tui.data.engine.row_hashes import merged_hashes, shared, smallest


def hashes(start: int, end: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 2**64, 50_000, dtype=np.uint64)[start:end]


@pytest.mark.parametrize(("start", "share"), [(0, 1.0), (5_000, 0.5), (9_000, 0.1), (10_000, 0.0)])
def test_the_share_of_common_rows_is_told_within_its_error(start: int, share: float) -> None:
    ours, theirs = smallest(hashes(0, 10_000)), smallest(hashes(start, start + 10_000))
    assert shared(ours, theirs) == pytest.approx(share, abs=0.09)


def test_a_small_file_that_lies_in_a_large_one_shares_all_of_its_rows() -> None:
    small, large = smallest(hashes(0, 3_000)), smallest(hashes(0, 30_000))
    assert shared(small, large) == 1.0
    assert shared(large, small) == pytest.approx(0.1, abs=0.05)


def test_blocks_merge_to_the_sketch_of_the_file() -> None:
    assert merged_hashes([smallest(hashes(0, 4_000)), smallest(hashes(4_000, 9_000))]) == smallest(hashes(0, 9_000))


def test_rows_that_repeat_count_once() -> None:
    assert smallest(np.repeat(hashes(0, 2_000), 30)) == smallest(hashes(0, 2_000))


def test_sketches_of_another_engine_are_not_compared() -> None:
    ours = smallest(hashes(0, 100))
    assert shared(ours, b"another engine".ljust(32) + ours[32:]) is None


def test_the_rows_of_two_files_are_told_apart_by_every_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 7}\n" for i in range(300)))
    (tmp_path / "b.csv").write_text("x,y\n" + "".join(f"{i},{i % 7 if i < 100 else 9}\n" for i in range(300)))
    kinds = {"x": "integer", "y": "integer"}
    a, b = (profile_file(tmp_path / name, kinds=kinds).blocks[0].row_hashes for name in ("a.csv", "b.csv"))
    assert shared(a, b) == pytest.approx(1 / 3)
