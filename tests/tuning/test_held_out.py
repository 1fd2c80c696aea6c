"""The rows that are held out stay out of every study of their source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.frame import read_version
from mlops_tui.data.model import Source
from mlops_tui.data.query import find_source
from mlops_tui.evaluation.held_out import is_held_out, row_set_hash
from mlops_tui.jobs.context import JobContext
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import count_trials, get_study
from mlops_tui.tuning.service import Studies
from tests.tuning.conftest import make_people

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]
ROLES: list[dict[str, str]] = [{"id_column": "person_id"}, {"group_column": "plan"}, {"time_column": "joined"}, {}]


@pytest.fixture
def begun(store: Store, studies: Studies, new_job: Callable[..., str]) -> Callable[[], tuple[Study, Tuning]]:
    """A study that has read its rows and not begun a trial."""

    def _begun() -> tuple[Study, Tuning]:
        study = studies.create("s", target="left", families=["logistic"], trials=2)
        tuning = Tuning(JobContext(store, Settings(), new_job("tune", study=study.id), 1))
        return get_study(store.reader, study.id), tuning

    return _begun


@pytest.fixture
def table(people: pd.DataFrame) -> pd.DataFrame:
    people["plan"] = [f"plan {number % 23}" for number in range(len(people))]
    return people.drop(columns=["stage", "spent"])


@pytest.mark.parametrize("roles", ROLES, ids=lambda roles: next(iter(roles), "content"))
def test_no_held_out_row_is_in_any_fold(
    store: Store, take_in: TakeIn, table: pd.DataFrame, begun: Any, roles: dict[str, str]
) -> None:
    """Told by the rows' own ids, from what the folds pick out of the frame that is fitted."""
    take_in(table, **roles)
    study, tuning = begun()
    source = find_source(store.reader, "s")
    whole = read_version(store, source, 1)
    assert source.held_out is not None
    aside = set(whole["person_id"][is_held_out(whole, source.held_out)])
    fitted = {
        tuning._prepared.training["person_id"].iloc[row] for fold in tuning._folds for rows in fold for row in rows
    }
    assert 10 < len(aside) < len(whole) / 2
    assert not aside & fitted
    assert aside | fitted == set(whole["person_id"])
    assert (study.held_out_rows, study.training_rows) == (len(aside), len(fitted))
    assert study.held_out_hash == row_set_hash(tuning._prepared.held_out)
    assert len(tuning._prepared.y_training) == len(fitted)


def test_the_rule_is_kept_before_the_first_trial_and_stays_as_it_was_made(
    store: Store, take_in: TakeIn, table: pd.DataFrame, begun: Any
) -> None:
    """A second study, of a version with twice the rows, holds the same rows out, and newer ones by the same rule."""
    take_in(table, id_column="person_id")
    assert find_source(store.reader, "s").held_out is None
    first, before = begun()
    assert count_trials(store.reader, first.id) == {}
    rule = find_source(store.reader, "s").held_out
    assert rule is not None
    assert first.held_out == rule
    more = make_people(320, seed=2).iloc[160:]
    take_in(more[list(table)])
    second, after = begun()
    assert (second.version, second.held_out) == (2, rule)
    old = set(table["person_id"])
    for side in ("held_out", "training"):
        ids = [set(getattr(tuning._prepared, side)["person_id"]) for tuning in (before, after)]
        assert ids[1] & old == ids[0]
        assert len(ids[1]) > len(ids[0])
    assert [event.verb for event in read_events(store.reader)].count("held_out_rule") == 1


def test_the_block_that_is_held_out_by_time_moves_with_the_rows(
    store: Store, take_in: TakeIn, table: pd.DataFrame, begun: Any
) -> None:
    """Else nothing newer than the first study would ever be learnt; gates judge by rows that neither model learnt from."""
    take_in(table, time_column="joined")
    first, before = begun()
    later = make_people(320, seed=2).iloc[160:][list(table)]
    later["joined"] = table["joined"].max() + pd.to_timedelta(range(1, 161), unit="h")
    take_in(later)
    second, after = begun()
    assert (second.held_out or {})["cut"] > (first.held_out or {})["cut"]
    assert set(after._prepared.training["person_id"]) > set(before._prepared.training["person_id"])
    assert second.held_out_rows == 2 * (first.held_out_rows or 0)
    assert after._prepared.held_out["joined"].min() > after._prepared.training["joined"].max()


def test_a_study_keeps_the_rows_that_it_began_with(
    store: Store, take_in: TakeIn, table: pd.DataFrame, begun: Any
) -> None:
    """Registering and judging read them anew, after newer data came in."""
    take_in(table, id_column="person_id")
    study, tuning = begun()
    take_in(make_people(320, seed=2).iloc[160:][list(table)])
    again = prepare(store, study)
    pd.testing.assert_frame_equal(again.training, tuning._prepared.training)
    pd.testing.assert_frame_equal(again.held_out, tuning._prepared.held_out)


def test_with_a_time_column_the_newest_block_is_held_out_and_folds_go_forward_in_time(
    take_in: TakeIn, table: pd.DataFrame, begun: Any
) -> None:
    take_in(table, time_column="joined")
    _, tuning = begun()
    rows = tuning._prepared.training
    assert rows["joined"].max() < tuning._prepared.held_out["joined"].min()
    for training, validation in tuning._folds:
        assert rows["joined"].iloc[training].max() < rows["joined"].iloc[validation].min()


def test_rows_without_a_label_are_neither_trained_on_nor_held_out(
    take_in: TakeIn, table: pd.DataFrame, begun: Any
) -> None:
    table.loc[::4, "left"] = None
    take_in(table)
    _, tuning = begun()
    both = [*tuning._prepared.training["person_id"], *tuning._prepared.held_out["person_id"]]
    assert set(both) == set(table["person_id"][table["left"].notna()])
