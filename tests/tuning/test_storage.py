"""The storage beside Optuna's own on one file: neither can tell who wrote what, and nobody's trials are touched."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from shutil import copy
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage, RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from mlops_tui.core.errors import JobError, WorkspaceError
from mlops_tui.tuning.engine.optuna_tables import ensure_tables
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.engine.trial_file import CLAIM, StudyMoved
from mlops_tui.tuning.engine.trial_storage import TrialStorage
from mlops_tui.tuning.queue import UID

X = FloatDistribution(0, 1)
KINDS = {
    "learning rate": FloatDistribution(1e-4, 1.0, log=True),
    "step": FloatDistribution(0.0, 1.0, step=0.25),
    "leaves": IntDistribution(2, 64, log=True),
    "depth": IntDistribution(1, 9, step=2),
    "kind": CategoricalDistribution(("a", None, 1.5, True, 2)),
}
MOMENT = datetime(2026, 7, 1, 12, 30, 15, 123456)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables, made once."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    open_storage(path)
    return path


@pytest.fixture
def path(empty: Path, tmp_path: Path) -> Path:
    return Path(copy(empty, tmp_path))


@pytest.fixture
def ours(path: Path) -> Iterator[Callable[[], TrialStorage]]:
    """One more storage of ours on the file, as one more process has it."""
    opened: list[TrialStorage] = []

    def made() -> TrialStorage:
        opened.append(open_storage(path))
        return opened[-1]

    yield made
    for storage in opened:
        storage._own.clear()  # what a test has left running is not written
        storage.remove_session()


@pytest.fixture
def theirs(path: Path) -> Iterator[Callable[[], RDBStorage]]:
    """Optuna's own storage on the file, as its dashboard has it."""
    opened: list[RDBStorage] = []

    def made() -> RDBStorage:
        opened.append(RDBStorage(f"sqlite:///{path}", skip_table_creation=True))
        return opened[-1]

    yield made
    for storage in opened:
        storage.engine.dispose()


def fill(storage: BaseStorage) -> int:
    """A study with every kind of value there is, made call by call; returns its id."""
    study_id = storage.create_new_study([StudyDirection.MAXIMIZE], "all kinds")
    storage.set_study_user_attr(study_id, "note", {"text": "ü", "tags": ["a", 1, None]})
    storage.set_study_system_attr(study_id, "metric names", ["auc"])
    values = {"learning rate": 0.1, "step": 0.25, "leaves": 31, "depth": 5, "kind": None}
    for state, value in (
        (TrialState.COMPLETE, math.inf),
        (TrialState.COMPLETE, 0.1 + 0.2),
        (TrialState.PRUNED, -1e300),
    ):
        trial_id = storage.create_new_trial(study_id)
        for name, kind in KINDS.items():
            storage.set_trial_param(trial_id, name, kind.to_internal_repr(values[name]), kind)
        for step, report in enumerate((math.nan, math.inf, -math.inf, 0.5)):
            storage.set_trial_intermediate_value(trial_id, step, report)
        storage.set_trial_intermediate_value(trial_id, 3, 0.75)
        storage.set_trial_user_attr(trial_id, "folds", (0.1, 0.2))
        storage.set_trial_user_attr(trial_id, "folds", [0.1, math.nan])
        storage.set_trial_system_attr(trial_id, "constraints:size", 1)
        storage.set_trial_state_values(trial_id, state, [value])
    storage.create_new_trial(study_id, create_trial(state=TrialState.WAITING, system_attrs={"fixed_params": {"x": 1}}))
    template = create_trial(
        value=2.0, params=values, distributions=KINDS, user_attrs={"a": (1, 2)}, intermediate_values={0: math.nan}
    )
    template._datetime_start = template.datetime_complete = MOMENT  # type: ignore[misc]
    storage.create_new_trial(study_id, template)
    return study_id


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that Optuna's tables hold but the moments at which a trial was begun and ended."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for table in tables:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            wanted = ", ".join(f'typeof("{name}"), "{name}"' for name in names if not name.startswith("datetime"))
            found[table] = connection.execute(f"SELECT {wanted} FROM {table} ORDER BY 2").fetchall()
        moments = connection.execute("SELECT datetime_start, datetime_complete FROM trials").fetchall()
    found["moments"] = [tuple(len(moment or "") for moment in both) for both in moments] + moments[-1:]
    return found


def same(first: list[FrozenTrial], second: list[FrozenTrial]) -> bool:
    """NaN is the same as NaN here."""
    return [repr(vars(trial)) for trial in first] == [repr(vars(trial)) for trial in second]


def test_the_tables_are_filled_as_optuna_fills_them(
    path: Path, ours: Callable[[], TrialStorage], empty: Path, tmp_path: Path
) -> None:
    """Ids, types and texts alike."""
    fill(ours())
    (tmp_path / "theirs").mkdir()
    other = Path(copy(empty, tmp_path / "theirs"))
    storage = RDBStorage(f"sqlite:///{other}")
    fill(storage)
    storage.engine.dispose()
    found, wanted = rows(path), rows(other)
    for table in CHILD_IDS:  # in which order a trial's own were written is nobody's business
        found[table], wanted[table] = (sorted(row[2:] for row in side[table]) for side in (found, wanted))
    assert found == wanted
    assert len(found["trial_params"]) == 20


CHILD_IDS = ("trial_user_attributes", "trial_system_attributes", "trial_intermediate_values", "trial_values")


def test_each_reads_the_other_s_trials_as_its_own(
    ours: Callable[[], TrialStorage], theirs: Callable[[], RDBStorage]
) -> None:
    writer = ours()
    study_id = fill(writer)
    by_ours = ours().get_all_trials(study_id)
    assert len(by_ours) == 5
    assert same(by_ours, theirs().get_all_trials(study_id))
    assert same(by_ours, writer.get_all_trials(study_id))  # what it wrote it keeps as it will be read
    ours().delete_study(study_id)
    by_theirs = fill(theirs())
    assert same(ours().get_all_trials(by_theirs), theirs().get_all_trials(by_theirs))
    assert ours().get_best_trial(by_theirs).number == theirs().get_best_trial(by_theirs).number == 0


def test_a_study_goes_on_from_one_to_the_other_and_back(
    path: Path, ours: Callable[[], TrialStorage], theirs: Callable[[], RDBStorage]
) -> None:
    def objective(trial: optuna.Trial) -> float:
        return trial.suggest_float("x", 0, 1) + trial.suggest_int("k", 1, 5)

    for storage in (theirs(), ours(), theirs(), ours()):
        study = optuna.create_study(study_name="s", storage=storage, load_if_exists=True)
        study.optimize(objective, n_trials=5)
    assert [trial.number for trial in study.trials] == list(range(20))
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}
    assert same(study.trials, optuna.load_study(study_name="s", storage=f"sqlite:///{path}").trials)


def test_what_a_running_trial_sets_is_written_with_its_end_and_its_claim_at_once(
    ours: Callable[[], TrialStorage], theirs: Callable[[], RDBStorage]
) -> None:
    mine = ours()
    study_id = mine.create_new_study([StudyDirection.MINIMIZE])
    first = mine.create_new_trial(study_id)
    mine.set_trial_param(first, "x", 0.5, X)
    assert theirs().get_trial(first).params == {"x": 0.5}  # the first of its name: others have to agree with it
    second = mine.create_new_trial(study_id)
    mine.set_trial_param(second, "x", 0.25, X)
    mine.set_trial_user_attr(second, "a", 1)
    assert (theirs().get_trial(second).params, theirs().get_trial(second).user_attrs) == ({}, {})
    assert (mine.get_trial(second).params, mine.get_trial(second).user_attrs) == ({"x": 0.25}, {"a": 1})
    mine.set_trial_user_attr(second, CLAIM, {"pid": 1})
    assert theirs().get_trial(second).user_attrs == {"a": 1, CLAIM: {"pid": 1}}
    mine.set_trial_intermediate_value(second, 0, 0.1)
    mine.set_trial_state_values(second, TrialState.COMPLETE, [0.1])
    assert same([theirs().get_trial(second)], [mine.get_trial(second)])


def test_a_report_is_seen_by_others_within_half_a_second(
    ours: Callable[[], TrialStorage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the first call that comes after it; here by a clock of the test's own."""
    seconds = [100.0]
    monkeypatch.setattr("mlops_tui.tuning.engine.trial_file.time.monotonic", lambda: seconds[0])
    mine = ours()
    trial_id = mine.create_new_trial(mine.create_new_study([StudyDirection.MINIMIZE]))
    mine.set_trial_intermediate_value(trial_id, 0, 0.5)
    assert ours().get_trial(trial_id).intermediate_values == {}
    seconds[0] += 0.6
    mine.set_trial_intermediate_value(trial_id, 1, 0.25)
    assert ours().get_trial(trial_id).intermediate_values == {0: 0.5, 1: 0.25}


def test_what_is_held_is_written_in_one_transaction(ours: Callable[[], TrialStorage]) -> None:
    mine = ours()
    trial_id = mine.create_new_trial(mine.create_new_study([StudyDirection.MINIMIZE]))
    reader = ours()
    with mine.held():
        mine.set_trial_param(trial_id, "x", 0.5, X)
        mine.set_trial_user_attr(trial_id, CLAIM, 1)
        assert reader.get_trial(trial_id).params == {}
    assert (reader.get_trial(trial_id).params, reader.get_trial(trial_id).user_attrs) == ({"x": 0.5}, {CLAIM: 1})


def test_a_trial_that_another_process_has_failed_is_not_written_to(
    path: Path, ours: Callable[[], TrialStorage], theirs: Callable[[], RDBStorage]
) -> None:
    mine = ours()
    trial_id = mine.create_new_trial(mine.create_new_study([StudyDirection.MINIMIZE]))
    mine.set_trial_user_attr(trial_id, "a", 1)
    theirs().set_trial_state_values(trial_id, TrialState.FAIL)
    before = rows(path)
    with pytest.raises(UpdateFinishedTrialError):
        mine.set_trial_state_values(trial_id, TrialState.COMPLETE, [1.0])
    with pytest.raises(UpdateFinishedTrialError):
        mine.set_trial_user_attr(trial_id, "b", 1)
    assert rows(path) == before
    assert mine.get_trial(trial_id).user_attrs == {}


def test_a_parameter_that_two_processes_bring_at_once_has_the_distribution_of_the_first(
    ours: Callable[[], TrialStorage],
) -> None:
    mine, others = ours(), ours()
    study_id = mine.create_new_study([StudyDirection.MINIMIZE])
    first, second = mine.create_new_trial(study_id), others.create_new_trial(study_id)

    def both() -> None:
        with mine.held():
            mine.set_trial_param(first, "x", 0.5, X)
            others.set_trial_param(second, "x", 1, CategoricalDistribution((1, 2)))

    with pytest.raises(ValueError, match="different distribution kind"):
        both()
    with pytest.raises(ValueError, match="different distribution kind"):
        mine.set_trial_param(first, "x", 0.5, X)
    assert mine.get_trial(first).params == {}
    assert others.get_trial(second).params == {"x": 2}


def test_a_trial_that_has_ended_is_read_once(path: Path, ours: Callable[[], TrialStorage]) -> None:
    mine, others = ours(), ours()
    study_id = mine.create_new_study([StudyDirection.MINIMIZE])
    for _ in range(3):
        mine.set_trial_state_values(mine.create_new_trial(study_id), TrialState.COMPLETE, [1.0])
    assert len(others.get_all_trials(study_id)) == 3
    with closing(sqlite3.connect(path)) as connection:  # which nobody does: so it can be told who reads again
        connection.execute("UPDATE trial_values SET value = 2.0")
        connection.commit()
    running = mine.create_new_trial(study_id)
    values = [trial.value for trial in others.get_all_trials(study_id)]
    assert values == [1.0, 1.0, 1.0, None]
    mine.set_trial_state_values(running, TrialState.COMPLETE, [0.5])
    assert others.get_best_trial(study_id).value == 0.5


def test_a_failed_transaction_leaves_neither_rows_nor_memories(path: Path, ours: Callable[[], TrialStorage]) -> None:
    mine = ours()
    study_id = mine.create_new_study([StudyDirection.MINIMIZE])
    mine.create_new_trial(study_id)
    before = rows(path)

    def fail() -> None:
        with mine.transaction():
            mine.set_trial_state_values(mine.create_new_trial(study_id), TrialState.COMPLETE, [1.0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows(path) == before
    assert [trial.number for trial in mine.get_all_trials(study_id)] == [0]
    assert mine.get_trial(mine.create_new_trial(study_id)).number == 1


def _others_delete(storage: RDBStorage, name: str) -> None:
    optuna.delete_study(study_name=name, storage=storage)


def _others_delete_and_make_another_of_the_same_name(storage: RDBStorage, name: str) -> None:
    optuna.delete_study(study_name=name, storage=storage)
    optuna.create_study(study_name=name, storage=storage).ask()


def _others_rename(storage: RDBStorage, name: str) -> None:
    """As optuna-dashboard does it: a copy, and the old one deleted."""
    optuna.copy_study(from_study_name=name, from_storage=storage, to_storage=storage, to_study_name="renamed")
    optuna.delete_study(study_name=name, storage=storage)


@pytest.mark.parametrize("happens", [_others_delete, _others_delete_and_make_another_of_the_same_name, _others_rename])
def test_nothing_is_written_to_a_stranger_s_study_that_has_taken_the_ids_of_ours(
    path: Path,
    ours: Callable[[], TrialStorage],
    theirs: Callable[[], RDBStorage],
    happens: Callable[[RDBStorage, str], None],
) -> None:
    mine = ours()
    study_id = mine.create_new_study([StudyDirection.MINIMIZE], "s")
    mine.set_study_user_attr(study_id, UID, "ours")
    mine.guard(study_id, "ours")
    trial_id = mine.create_new_trial(study_id)
    mine.set_trial_user_attr(trial_id, "a", 1)
    happens(theirs(), "s")
    before = rows(path)
    calls: list[Callable[[], object]] = [
        lambda: mine.set_trial_state_values(trial_id, TrialState.COMPLETE, [1.0]),
        lambda: mine.set_trial_user_attr(trial_id, CLAIM, 1),
        lambda: mine.create_new_trial(study_id),
        lambda: mine.set_study_user_attr(study_id, "a", 1),
        lambda: mine.get_all_trials(study_id),
    ]
    for call in calls:
        with pytest.raises(StudyMoved if happens is _others_rename else JobError, match=r"(in|from) Optuna"):
            call()
    mine.remove_session()
    assert rows(path) == before
    assert mine.name_of("ours") == ("renamed" if happens is _others_rename else None)


def test_a_trial_that_optuna_left_behind_is_no_part_of_the_next_study_with_that_id(
    ours: Callable[[], TrialStorage], theirs: Callable[[], RDBStorage], path: Path
) -> None:
    """It deletes what it had read of a study; a trial that a worker has begun in between has no study then."""
    mine = ours()
    study_id = mine.create_new_study([StudyDirection.MINIMIZE], "s")
    mine.set_study_user_attr(study_id, UID, "ours")
    mine.guard(study_id, "ours")
    trial_id = mine.create_new_trial(study_id)
    mine.set_trial_param(trial_id, "x", 0.5, X)
    with closing(sqlite3.connect(path)) as connection:
        for table in ("studies", "study_directions", "study_user_attributes"):
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
    with pytest.raises(JobError, match="deleted"):
        mine.get_all_trials(study_id)
    mine.remove_session()
    assert theirs().create_new_study([StudyDirection.MINIMIZE], "another") == study_id
    assert theirs().get_all_trials(study_id) == []
    assert [table for table in (*CHILD_IDS, "trial_params") if rows(path)[table]] == []


def test_tables_of_another_version_are_refused_with_what_to_do(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9.0.0.a'")
        connection.commit()
    with pytest.raises(WorkspaceError, match=r"version v9\.0\.0\.a") as raised:
        open_storage(path)
    assert "optuna storage upgrade" in str(raised.value.remedy)


OF_VERSIONS = ("version_info", "alembic_version")


def test_the_tables_are_those_that_this_version_of_optuna_makes(path: Path, tmp_path: Path) -> None:
    made = RDBStorage(f"sqlite:///{tmp_path / 'made.db'}")
    made.engine.dispose()
    schemas = []
    for file in (path, tmp_path / "made.db"):
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_master").fetchall()
            versions = [connection.execute(f"SELECT * FROM {name}").fetchall() for name in OF_VERSIONS]
            schemas.append((sorted((name, re.sub(r"\s", "", sql or "")) for name, sql in found), versions))
    assert schemas[0] == schemas[1]
    assert theirs_current(path) == made.get_head_version()
    ensure_tables(path)  # again: nothing happens


def theirs_current(path: Path) -> str:
    storage = RDBStorage(f"sqlite:///{path}")
    storage.engine.dispose()
    return storage.get_current_version()
