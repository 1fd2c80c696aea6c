"""An alias moves by one transaction that notices another, and goes back the way it came."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mlops_tui.core.errors import MlopsError, ModelFileError, StaleAlias, UsageError
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.model import PROMOTED, ModelVersion
from mlops_tui.registry.query import alias_history, find_version, read_alias
from mlops_tui.registry.service import Models, move_alias
from mlops_tui.store.artifact import place
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store


def promote(store: Store, version: ModelVersion, revision: int | None = None, why: str = "better") -> None:
    if revision is None:
        revision = read_alias(store.reader, version.model_id, "champion").revision
    with store.write() as writing:
        move_alias(writing, version, "champion", revision=revision, verb=PROMOTED, why=why)


def champion(store: Store) -> int:
    return find_version(store.reader, "churn@champion").number


def test_of_two_promotions_that_read_the_same_alias_one_wins(store: Store, registered: Any) -> None:
    """Both have judged against no champion; the second must judge again."""
    first, second = registered(), registered()
    outcomes: list[MlopsError | None] = []
    barrier = threading.Barrier(2)

    def attempt(version: ModelVersion) -> None:
        barrier.wait()
        try:
            promote(store, version, revision=0)
            outcomes.append(None)
        except MlopsError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=attempt, args=(version,)) for version in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "StaleAlias"]
    moves = alias_history(store.reader, first.model_id)
    assert len(moves) == 1
    assert moves[0].after == champion(store)


def test_an_alias_that_came_back_to_the_same_version_is_stale_all_the_same(store: Store, registered: Any) -> None:
    """1 → 2 → 1: the version is the one that was read, the revision is not."""
    first, second, third = registered(), registered(), registered()
    promote(store, first)
    promote(store, second)
    promote(store, first)
    with pytest.raises(StaleAlias, match="moved to version 1 meanwhile"):
        promote(store, third, revision=1)
    assert champion(store) == 1


def test_a_promotion_says_who_stood_there_before_and_why(store: Store, registered: Any) -> None:
    promote(store, registered())
    promote(store, registered(), why="passed on new rows")
    event = read_events(store.reader, of="churn")[0]
    assert (event.verb, event.actor, event.why) == ("promoted", "person", "passed on new rows")
    assert event.before == {"alias": "champion", "version": 1, "revision": 1}
    assert event.after == {"alias": "champion", "version": 2, "revision": 2}


def test_a_rollback_puts_back_the_version_before_and_is_an_event(store: Store, registered: Any) -> None:
    for _ in range(3):
        promote(store, registered())
    models = Models(store, Jobs(store))
    assert models.rollback("churn", "it refuses everybody").number == 2
    assert champion(store) == 2
    event = read_events(store.reader, of="churn")[0]
    assert (event.verb, event.why) == ("rolled_back", "it refuses everybody")
    assert event.before == {"alias": "champion", "version": 3, "revision": 3}
    assert models.rollback("churn").number == 1
    assert [(m.verb, m.before, m.after) for m in alias_history(store.reader, event.subject_id)] == [
        ("rolled_back", 2, 1),
        ("rolled_back", 3, 2),
        ("promoted", 2, 3),
        ("promoted", 1, 2),
        ("promoted", None, 1),
    ]


def test_without_an_earlier_champion_there_is_nothing_to_go_back_to(store: Store, registered: Any) -> None:
    version = registered()
    models = Models(store, Jobs(store))
    with pytest.raises(UsageError, match="has no champion"):
        models.rollback("churn")
    promote(store, version)
    with pytest.raises(UsageError, match="had no champion before version 1"):
        models.rollback("churn")
    assert champion(store) == 1


def test_a_rollback_to_a_version_whose_file_is_gone_moves_nothing(store: Store, registered: Any) -> None:
    first = registered()
    promote(store, first)
    promote(store, registered())
    place(store.workspace, first.artifact).unlink()
    with pytest.raises(ModelFileError):
        Models(store, Jobs(store)).rollback("churn")
    assert champion(store) == 2
    assert read_events(store.reader, of="churn")[0].verb == "promoted"


def test_two_aliases_move_apart(store: Store, registered: Any) -> None:
    first, second = registered(), registered()
    promote(store, first)
    with store.write() as writing:
        move_alias(writing, second, "challenger", revision=0, verb=PROMOTED, why=None)
    assert find_version(store.reader, "churn@challenger").aliases == ("challenger",)
    assert find_version(store.reader, "models:/churn@champion").aliases == ("champion",)
    assert [move.alias for move in alias_history(store.reader, first.model_id, "challenger")] == ["challenger"]
