"""However configurations are drawn: the good ones first, each family in its own space, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution
from optuna.trial import TrialState

from mlops_tui.core.errors import UsageError
from mlops_tui.data.model import Source
from mlops_tui.store.store import Store
from mlops_tui.tuning import grid
from mlops_tui.tuning.engine.families import BY_NAME, defaults_of, first_configurations, portfolio_of, space_of
from mlops_tui.tuning.engine.mirror import ABANDONED, COST, FOLDS
from mlops_tui.tuning.engine.sampler import PlacedSampler
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import SAMPLERS, Study
from mlops_tui.tuning.query import list_trials
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.space import space_of_study

FAMILIES = ("hgb", "random_forest", "logistic")
DRAWING = [name for name in SAMPLERS if name != "grid"]


def played(kind: str, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """The parameters of so many trials of a study whose value is known by heart."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    spaces = {family: space_of(family, {}) for family in FAMILIES}
    sampler = PlacedSampler(
        seed, first_configurations(FAMILIES), spaces, {name: BY_NAME[name].cost for name in FAMILIES}, kind
    )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    drawn = []
    for place in range(count):
        sampler.place = place
        trial = study.ask()
        family = trial._suggest("family", CategoricalDistribution(FAMILIES))
        for name, kind_ in spaces[family].items():
            trial._suggest(name, kind_)
        drawn.append(dict(trial.params))
        study.tell(trial, -abs(trial.params.get("hgb.learning_rate", 1.0) - 0.07))
    return drawn


@pytest.mark.parametrize("kind", DRAWING)
def test_a_sampler_begins_with_what_is_good_and_then_draws_anew_each_time(kind: str) -> None:
    firsts = first_configurations(FAMILIES)
    drawn = played(kind, len(firsts) + 12)
    assert drawn[: len(firsts)] == firsts
    later = [str(sorted(params.items())) for params in drawn[len(firsts) :]]
    assert len(set(later)) == len(later)
    assert all(name == "family" or name.startswith(params["family"]) for params in drawn for name in params)


@pytest.mark.parametrize("kind", DRAWING)
def test_the_same_seed_draws_the_same_and_another_seed_something_else(kind: str) -> None:
    one, again, other = played(kind, 14), played(kind, 14), played(kind, 14, seed=1)
    assert one == again
    assert one[-1] != other[-1]


@settings(deadline=None)
@given(st.lists(st.sampled_from(FAMILIES), min_size=1, unique=True), st.integers(0, 5), st.integers(1, 60))
def test_the_points_of_a_grid_are_in_the_space_and_each_is_there_once(
    families: list[str], seed: int, limit: int
) -> None:
    space = space_of_study(families, {})
    found = grid.points(families, space, seed, limit)
    assert len(found) == min(limit, grid.size(families, space))
    assert len({str(point) for point in found}) == len(found)
    for point in found:
        kinds = space_of(point["family"], {})
        values = {name: value for name, value in point.items() if name != "family"}
        assert values.keys() == kinds.keys()
        assert all(kinds[name]._contains(kinds[name].to_internal_repr(value)) for name, value in values.items())


def test_a_grid_is_tried_to_its_end_and_no_further(
    store: Store,
    studies: Studies,
    take_in: Callable[..., Source],
    work: Callable[[Study], Tuning],
    people: pd.DataFrame,
) -> None:
    take_in(people[["age", "visits", "left"]], target="left")
    study = studies.create("s", families=["logistic"], sampler="grid", trials=50)
    assert any("The grid has 4 configurations" in notice for notice in study.notices)
    work(study)
    found = [trial.params["C"] for trial in list_trials(store.reader, study.id)]
    assert found[0] == defaults_of("logistic")["logistic.C"]
    assert sorted(found[1:]) == pytest.approx([1e-3, 0.1, 10.0, 1e3])


def test_a_sampler_pruner_or_number_of_folds_that_there_is_not_is_refused(
    studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame
) -> None:
    take_in(people[["age", "left"]], target="left")
    for given_, words in (({"sampler": "anneal"}, "sampler 'anneal'"), ({"pruner": "median"}, "pruner 'median'")):
        with pytest.raises(UsageError, match=words):
            studies.create("s", **given_)
    with pytest.raises(UsageError, match="There cannot be 1 folds"):
        studies.create("s", folds=1)


def test_a_study_says_why_it_does_as_it_does(
    studies: Studies, take_in: Callable[..., Source], people: pd.DataFrame
) -> None:
    take_in(people[["age", "joined", "stage"]], target="stage", time_column="joined")
    notices = studies.create("s", workers=999).notices
    assert notices[:2] == [
        "The task is multiclass: 'stage' has 3 different values.",
        "Folds go forward in time, by 'joined'.",
    ]
    assert any(notice.startswith("999 workers on ") for notice in notices)


def test_without_a_pruner_every_trial_is_scored_on_every_fold(
    store: Store,
    studies: Studies,
    take_in: Callable[..., Source],
    work: Callable[[Study], Tuning],
    people: pd.DataFrame,
) -> None:
    take_in(people[["age", "visits", "spent"]], target="spent")
    states = {}
    for pruner in ("paired", "none"):
        study = studies.create("s", families=["ridge"], trials=14, pruner=pruner, sampler="random", folds=4)
        work(study)
        states[pruner] = [(trial.state, len(trial.fold_values or ())) for trial in list_trials(store.reader, study.id)]
    assert set(states["none"]) == {("complete", 4)}
    assert any(state == "pruned" and folds < 4 for state, folds in states["paired"])


def test_a_study_with_so_many_trials_spends_them_where_they_gain_and_one_with_so_much_time_does_that_with_it() -> None:
    """A cheap family that cannot win takes few of the trials, and many of them where only time counts."""
    spaces = {family: space_of(family, {}) for family in ("hgb", "logistic")}
    shares = {}
    for by_time in (True, False):
        sampler = PlacedSampler(0, [], spaces, {"hgb": 60.0, "logistic": 1.0}, "tpe", by_time=by_time)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        for place in range(60):
            sampler.place = place
            trial = study.ask()
            family = trial._suggest("family", CategoricalDistribution(("hgb", "logistic")))
            for name, kind in spaces[family].items():
                trial._suggest(name, kind)
            value = (0.8 if family == "hgb" else 0.7) + 0.001 * (place % 7)
            trial.set_user_attr(FOLDS, [value, value])
            trial.set_user_attr(COST, {"cpu_seconds": 3.0 if family == "hgb" else 0.01})
            study.tell(trial, value)
        shares[by_time] = sum(trial.params["family"] == "logistic" for trial in study.trials) / 60
    assert shares[False] < 0.2 < shares[True]


def test_a_familys_portfolio_comes_with_its_turns_each_of_it_once_whoever_tries_it() -> None:
    """Also the one that another worker is trying; one whose worker died is tried anew, and a queued trial takes none."""
    spaces = {"hgb": space_of("hgb", {})}
    portfolio = portfolio_of("hgb")
    sampler = PlacedSampler(0, [], spaces, {"hgb": 1.0}, portfolios={"hgb": portfolio})
    study = optuna.create_study(sampler=sampler)

    def drawn(place: int) -> optuna.Trial:
        sampler.place = place
        trial = study.ask()
        trial._suggest("family", CategoricalDistribution(("hgb",)))
        for name, kind in spaces["hgb"].items():
            trial._suggest(name, kind)
        return trial

    running, dead = drawn(0), drawn(1)
    dead.set_user_attr(ABANDONED, True)
    study.tell(dead, state=TrialState.FAIL)
    study.enqueue_trial({"family": "hgb", "hgb.max_features": 0.44})
    queued = drawn(2)
    assert queued.params["hgb.max_features"] == 0.44
    assert queued.params not in [one | {"hgb.max_features": 0.44} for one in portfolio]
    rest = [drawn(place).params for place in range(3, 3 + len(portfolio))]
    assert [running.params, *rest[:-1]] == portfolio
    assert dead.params == rest[0]
    assert rest[-1] not in portfolio


def test_before_anything_is_drawn_each_family_whose_default_went_all_the_way_has_the_first_of_its_portfolio() -> None:
    """The cheapest family's first; then families have turns by what they are likely to gain."""
    families = ("logistic", "hgb")
    spaces = {family: space_of(family, {}) for family in families}
    portfolios = {family: portfolio_of(family) for family in families}
    firsts = first_configurations(families)

    def tried(*, stopped: int) -> list[dict[str, Any]]:
        """Trial after trial, of which that one was stopped."""
        costs = {"logistic": 1.0, "hgb": 20.0}
        sampler = PlacedSampler(0, firsts, spaces, costs, portfolios={**portfolios}, by_time=False)
        study = optuna.create_study(sampler=sampler, direction="maximize")
        for place in range(8):
            sampler.place = place
            trial = study.ask()
            family = trial._suggest("family", CategoricalDistribution(families))
            for name, kind in spaces[family].items():
                trial._suggest(name, kind)
            value = 0.8 if family == "hgb" else 0.3
            trial.set_user_attr(FOLDS, [value] if place == stopped else [value, value])
            study.tell(
                trial, None if place == stopped else value, state=TrialState.PRUNED if place == stopped else None
            )
        return [trial.params for trial in study.trials]

    assert tried(stopped=7)[:4] == [*firsts, portfolios["logistic"][0], portfolios["hgb"][0]]
    assert tried(stopped=0)[2] == portfolios["hgb"][0]
    assert tried(stopped=1)[2] == portfolios["logistic"][0]
    assert portfolios["hgb"][0] not in tried(stopped=1)[:3]


def test_where_time_is_what_is_short_the_cheapest_of_a_few_draws_is_tried() -> None:
    """Trees of many leaves in small steps take long; where trials are counted they are drawn as often as others."""
    space = space_of("hgb", {})
    tried: dict[bool, float] = {}
    for by_time in (True, False):
        sampler = PlacedSampler(0, [], {"hgb": space}, {"hgb": 1.0}, by_time=by_time)
        study = optuna.create_study(sampler=sampler, direction="maximize")
        effort = []
        for place in range(30):
            sampler.place = place
            trial = study.ask()
            trial._suggest("family", CategoricalDistribution(("hgb",)))
            for name, kind in space.items():
                trial._suggest(name, kind)
            effort.append(trial.params["hgb.max_leaf_nodes"] / trial.params["hgb.learning_rate"])
            trial.set_user_attr(FOLDS, [0.5, 0.5])
            trial.set_user_attr(COST, {"cpu_seconds": 0.01 * effort[-1]})
            study.tell(trial, 0.5)
        tried[by_time] = float(np.median(effort[5:]))
    assert tried[True] < 0.8 * tried[False]


def test_the_cheapest_default_is_tried_first() -> None:
    assert [one["family"] for one in first_configurations(FAMILIES)] == ["logistic", "hgb", "random_forest"]
