"""What the stored profiles tell when they are asked: correlations, and one column file by file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import UnknownColumn
from mlops_tui.core.settings import Settings
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.telling import by_file, checks, correlations
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.presenters.correlations import strongest_words
from mlops_tui.store.store import Store


@pytest.fixture
def months(folder: Path, sources: Sources, scan: Callable[..., Any]) -> list[pd.DataFrame]:
    """Three files of a source `months`; the second lacks half of its incomes."""
    draw, frames = np.random.default_rng(7), []
    for month in range(3):
        age = draw.integers(18, 90, 200)
        income = age * 3.5 + draw.normal(0, 40, 200)
        frame = pd.DataFrame(
            {
                "age": age,
                "income": np.where(draw.random(200) < (0.5 if month == 1 else 0.0), np.nan, income),
                "day": pd.Timestamp(2026, month + 1, 1) + pd.to_timedelta(draw.integers(0, 27, 200), "D"),
                "channel": draw.choice(["online", "branch"], 200, p=[0.7, 0.3]),
            }
        )
        frame.to_csv(folder / f"2026-{month + 1}.csv", index=False)
        frames.append(frame)
    sources.add(folder, name="months")
    scan()
    return frames


def test_correlations_of_a_version_are_those_of_all_its_rows(months: list[pd.DataFrame], store: Store) -> None:
    """As pandas has them over the files put together, pairs without a value left out; times are no such columns."""
    told = correlations(AnswerContext(store, Settings()), source="months")
    expected = pd.concat(months)[told["columns"]].corr().to_numpy()
    assert {"age", "income"} <= set(told["columns"])
    assert np.allclose(np.array(told["values"], dtype=float), expected, atol=1e-10)
    assert told["rows"] == 600


def test_a_numeric_column_that_a_file_lacks_is_left_out_of_correlations_and_said(
    store: Store, folder: Path, sources: Sources, scan: Callable[..., Any]
) -> None:
    numbers = pd.DataFrame({"a": np.arange(50) % 7, "b": np.arange(50) % 11, "y": np.arange(50) % 5})
    numbers.to_csv(folder / "1.csv", index=False)
    numbers.drop(columns="a").to_csv(folder / "2.csv", index=False)
    source = sources.add(folder, name="s", target="y")
    scan()
    Curation(store).release("2.csv", "it need not have it", source=source.name)
    scan()
    told = correlations(AnswerContext(store, Settings()), source="s")
    assert told["columns"] == ["b", "y"]
    assert told["left_out"] == [{"column": "a", "why": "2.csv lacks it as a number"}]
    assert strongest_words(told).endswith("left out: a (2.csv lacks it as a number)")


def test_a_column_is_told_file_by_file(months: list[pd.DataFrame], store: Store) -> None:
    """Missing, mean and deviation as pandas has them in each file."""
    told = by_file(AnswerContext(store, Settings()), source="months", column="income")
    assert [file["file"] for file in told["files"]] == ["2026-1.csv", "2026-2.csv", "2026-3.csv"]
    assert [file["missing"] for file in told["files"]] == [int(frame["income"].isna().sum()) for frame in months]
    assert np.allclose([file["mean"] for file in told["files"]], [frame["income"].mean() for frame in months])
    assert np.allclose([file["std"] for file in told["files"]], [frame["income"].std() for frame in months])
    assert [file["infinite"] for file in told["files"]] == [0, 0, 0]
    assert told["value"] is None


def test_of_a_category_the_share_of_the_most_frequent_value_is_told(months: list[pd.DataFrame], store: Store) -> None:
    """The value is the version's, so that the files can be compared."""
    told = by_file(AnswerContext(store, Settings()), source="months", column="channel")
    assert told["value"] == "online"
    shares = [float((frame["channel"] == "online").mean()) for frame in months]
    assert [file["share"] for file in told["files"]] == pytest.approx(shares)
    assert {file["infinite"] for file in told["files"]} == {None}


def test_times_are_told_as_times(months: list[pd.DataFrame], store: Store) -> None:
    """The mean lies in the month that the file is of."""
    told = by_file(AnswerContext(store, Settings()), source="months", column="day")
    assert [file["mean"][:7] for file in told["files"]] == ["2026-01", "2026-02", "2026-03"]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(months: list[pd.DataFrame], store: Store) -> None:
    """One sentence, with the columns of the source."""
    with pytest.raises(UnknownColumn, match="has no column 'nay'") as caught:
        by_file(AnswerContext(store, Settings()), source="months", column="nay")
    assert "age, income, day, channel" in caught.value.remedy


def test_checks_are_proposed_when_they_are_asked_for(months: list[pd.DataFrame], store: Store) -> None:
    """What the files suggest, none accepted yet; nothing is written."""
    told = checks(AnswerContext(store, Settings()), source="months")
    assert told["checks"] == []
    assert {"range", "volume"} <= {item["kind"] for item in told["proposed"]}
    assert all(item["sentence"] for item in told["proposed"])
