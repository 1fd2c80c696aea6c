"""A study is of one version of its source, and learns from the rows of that version or from none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import DataError, UnknownName
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.scan import run as scan
from mlops_tui.data.model import Source
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import count_trials
from mlops_tui.tuning.service import Studies
from tests.tuning.conftest import SETTINGS

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]


def numbers(first: int, count: int) -> pd.DataFrame:
    at = np.arange(first, first + count)
    return pd.DataFrame({"id": [f"R{i:05}" for i in at], "x": np.sin(at), "y": np.cos(at)})


@pytest.fixture
def source(store: Store, take_in: TakeIn) -> Source:
    """A source of two versions; the first, of 60 rows, has a tag."""
    first = take_in(numbers(0, 60), target="y", id_column="id")
    Curation(store).tag(first.id, "1", "first")
    return take_in(numbers(60, 30))


@pytest.mark.parametrize("asked", [1, "1", "v1", "first"])
def test_a_study_learns_from_the_version_that_is_asked_for(
    store: Store, studies: Studies, source: Source, asked: Any
) -> None:
    study = studies.create("s", version=asked)
    prepared = prepare(store, study)
    assert study.version == 1
    assert {*prepared.training["id"], *prepared.held_out["id"]} == {f"R{i:05}" for i in range(60)}
    assert studies.create("s").version == 2


def test_a_source_that_is_to_be_read_otherwise_is_scanned_first_or_its_version_is_named(
    store: Store, studies: Studies, source: Source, new_job: Callable[..., str]
) -> None:
    Curation(store).set_columns("s", kinds={"x": "category"})
    with pytest.raises(DataError, match="is to be read otherwise than version 2"):
        studies.create("s")
    study = studies.create("s", version=2)
    assert prepare(store, study).training["x"].dtype == float
    scan(JobContext(store, SETTINGS, new_job("scan", sources=None), 1))
    assert studies.create("s").version == 3


def test_a_row_is_held_out_in_every_version_or_in_none(store: Store, studies: Studies, source: Source) -> None:
    older, newer = (prepare(store, studies.create("s", version=version)) for version in (1, 2))
    assert {*older.held_out["id"]} == {row for row in newer.held_out["id"] if row < "R00060"}


def test_a_tag_that_moves_takes_no_study_along(store: Store, studies: Studies, source: Source, work: Work) -> None:
    study = studies.create("s", version="first", families=["ridge"], trials=1)
    Curation(store).tag("s", "2", "first")
    work(study)
    assert count_trials(store.reader, study.id) == {"complete": 1}
    (rows,) = store.reader.execute("SELECT training_rows + held_out_rows FROM study").fetchone()
    assert rows == 60


@pytest.mark.parametrize("what", ["changed", "gone"])
def test_a_version_one_of_whose_files_is_not_what_it_was_is_not_learnt_from(
    store: Store, studies: Studies, source: Source, work: Work, what: str
) -> None:
    """Not even in part, and not from what is there instead; another version of which the file is no part is."""
    study = studies.create("s", version="v1", trials=1)
    file = store.workspace.root / "s" / "0.csv"
    text = file.read_text("utf-8")
    file.unlink() if what == "gone" else file.write_text(text.replace("R00000", "R99999"), "utf-8")
    words = r"0\.csv, which is in version 1 of source 's', is gone" if what == "gone" else r"0\.csv was changed since"
    with pytest.raises(DataError, match=words):
        work(study)
    assert count_trials(store.reader, study.id) == {}
    file.write_text(text, "utf-8")
    work(study)
    assert count_trials(store.reader, study.id) == {"complete": 1}


def test_a_version_that_there_is_not_is_refused(studies: Studies, source: Source) -> None:
    for asked in ("3", "v0", "second"):
        with pytest.raises(UnknownName, match="no version"):
            studies.create("s", version=asked)


def test_a_version_without_a_file_is_refused(
    store: Store, studies: Studies, source: Source, new_job: Callable[..., str]
) -> None:
    for file in (store.workspace.root / "s").iterdir():
        file.unlink()
    scan(JobContext(store, SETTINGS, new_job("scan", sources=None), 1))
    with pytest.raises(DataError, match="has no file left"):
        studies.create("s")
    assert studies.create("s", version=2).version == 2
