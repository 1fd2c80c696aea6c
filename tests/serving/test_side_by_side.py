"""Batches are predicted side by side, in their order, by models that bear it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import ThreadpoolController

from mlops_tui.serving.engine import batch
from mlops_tui.serving.engine.side_by_side import MOST, side_by_side, width_for


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, MOST))
def test_answers_come_in_the_order_of_the_items_however_long_each_takes(pauses: list[int], width: int) -> None:
    def say(pause: int) -> int:
        time.sleep(pause / 1_000)
        return pause * 2

    assert list(side_by_side(iter(pauses), say, width)) == [(pause, pause * 2) for pause in pauses]


def test_as_many_are_asked_at_once_as_are_wanted_and_no_more() -> None:
    """Two meet where two are wanted; never a third."""
    meeting, lock, now, most = threading.Barrier(2, timeout=30), threading.Lock(), [0], [0]

    def say(item: int) -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        meeting.wait()
        with lock:
            now[0] -= 1
        return item

    assert [said for _, said in side_by_side(iter(range(6)), say, 2)] == list(range(6))
    assert most == [2]


def test_what_saying_raises_is_raised_where_its_answer_would_have_come_and_no_thread_is_left() -> None:
    def say(item: int) -> float:
        return 1 / (item - 2)

    before = threading.active_count()
    found = side_by_side(iter(range(50)), say, 3)
    assert [next(found)[0], next(found)[0]] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(found)
    assert threading.active_count() == before


def test_each_thread_is_held_to_one_of_the_engines_own() -> None:
    """scikit-learn's OpenMP is loaded here; the caller's own number is as before."""

    def openmp() -> list[int]:
        return [pool["num_threads"] for pool in ThreadpoolController().info() if pool["user_api"] == "openmp"]

    before = openmp()
    assert before
    assert {count for _, counts in side_by_side(iter(range(4)), lambda _: openmp(), 2) for count in counts} == {1}
    assert openmp() == before


def test_a_model_with_types_that_nobody_knows_predicts_one_batch_after_another(binary: Any) -> None:
    """As does one that came as a pickle: whether it bears two at once is not known."""
    known = replace(binary.version, types=("sklearn.tree._tree.Tree", "numpy.dtype"))
    assert width_for(replace(binary.version, types=("numpy.dtype", "lightgbm.sklearn.LGBMClassifier"))) == 1
    assert width_for(replace(known, format="joblib")) == 1
    assert 1 <= width_for(known) <= MOST


def test_a_file_of_many_batches_is_written_as_the_pipeline_says_of_it_whole(
    binary: Any, many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops_tui.serving.engine.batch.BATCH_ROWS", 2_048)
    monkeypatch.setattr(batch, "width_for", lambda version: 3)
    path = binary.file(many)
    binary.predict(path)
    written = pd.read_csv(binary.folder / "out.csv", dtype={"customer": str})
    assert written["customer"].tolist() == [f"{row:06d}" for row in range(12_000)]
    assert written["probability"].to_numpy() == pytest.approx(binary.expected(path)[:, 1], abs=1e-12)
