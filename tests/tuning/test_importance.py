"""How much parameters and the family decide, on trials whose values are known functions of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.bootstrap import Services, open_services
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from mlops_tui.tuning.engine.importance import LEAST_TRIALS, MOST_TRIALS, importance
from tests.tui.tuned import add_source, add_study


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    workspace = create(tmp_path / "loans")
    migrate(workspace.store)
    found = open_services(workspace.root)
    add_source(found)
    yield found
    found.close()


def with_trials(
    services: Services, count: int, worth: Callable[[str, float, float], float], families: tuple[str, ...] = ("mine",)
) -> AnswerContext:
    """A study whose trials of two parameters came to what a function says."""
    study_id, drawn = add_study(services, trials=()), random.Random(1)
    with services.store.write() as writing:
        for number in range(count):
            a, b, family = drawn.random(), drawn.random(), families[number % len(families)]
            writing.execute(
                "INSERT INTO study_trial (study_id, number, run_id, state, value, family, params, started)"
                " VALUES (?, ?, ?, 'complete', ?, ?, ?, '2099')",
                (study_id, number, f"R{number}", worth(family, a, b), family, json.dumps({"a": a, "b": b, "same": 1})),
            )
    return AnswerContext(services.store, Settings())


def shares(family: dict[str, Any]) -> dict[str, float]:
    """A family's importances by parameter, in their order."""
    return {one["parameter"]: one["importance"] for one in family["importances"]}


def test_the_parameter_that_decides_has_nearly_all_of_the_importance(services: Services) -> None:
    """One that never varies has none; the shares add up to 1."""
    told = importance(with_trials(services, 200, lambda _, a, b: a + 0.01 * b), study="loans-1")
    assert told["family"] is None
    (family,) = told["families"]
    assert list(shares(family)) == ["a", "b"]
    assert shares(family)["a"] > 0.9
    assert sum(shares(family).values()) == pytest.approx(1.0)
    assert family["trials"] == told["trials"] == told["used"] == 200


def test_a_family_that_is_always_better_decides_more_than_parameters_that_do_nothing(services: Services) -> None:
    noise = random.Random(2)
    worth = {"good": 1.0, "bad": 0.0}
    context = with_trials(services, 300, lambda family, a, b: worth[family] + 0.1 * noise.random(), ("good", "bad"))
    told = importance(context, study="loans-1")
    assert [family["family"] for family in told["families"]] == ["good", "bad"]
    assert told["family"] > 0.5


def test_a_family_that_makes_no_difference_decides_nothing_beside_a_parameter_that_does(services: Services) -> None:
    told = importance(with_trials(services, 300, lambda family, a, b: a, ("one", "other")), study="loans-1")
    assert told["family"] < 0.1


def test_too_few_trials_tell_nothing(services: Services) -> None:
    few = importance(with_trials(services, LEAST_TRIALS - 1, lambda _, a, b: a), study="loans-1")
    assert few["families"][0]["importances"] == []


def test_of_very_many_trials_some_are_taken(services: Services) -> None:
    told = importance(with_trials(services, MOST_TRIALS + 500, lambda _, a, b: -b), study="loans-1")
    assert (told["trials"], told["used"]) == (MOST_TRIALS + 500, MOST_TRIALS)
    assert shares(told["families"][0])["b"] > 0.9
