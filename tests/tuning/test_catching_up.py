"""Which configurations are stopped before their last fold, and how often wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import TrialState

from mlops_tui.data.model import Source
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.catching_up import CHANCE, Race, Scored
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.known import Known
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.service import Studies

FOLDS = 5
values = st.lists(st.floats(-1e3, 1e3), min_size=FOLDS, max_size=FOLDS).map(tuple)


def field(draw: np.random.Generator, count: int, noise: float, spread: float = 0.02) -> list[Scored]:
    """Configurations whose means lie below 0.8, on folds of their own difficulty, with noise of their own."""
    hard = draw.normal(0, 0.03, FOLDS)
    means = 0.8 - np.abs(draw.normal(0, spread, count))
    return [Scored("hgb", tuple(mean + hard + draw.normal(0, noise, FOLDS))) for mean in means]


def stopped_at(race: Race, values: np.ndarray) -> int | None:
    return next((k for k in range(1, FOLDS) if race.is_behind("hgb", values[:k])), None)


@pytest.mark.parametrize("known", [2, 3, 4, 8, 40])
@pytest.mark.parametrize("lead", [0.0, 0.003])
def test_of_configurations_that_are_better_over_all_folds_at_most_one_in_twenty_is_stopped(
    known: int, lead: float
) -> None:
    """The folds' own difficulty is ten times the noise that tells two configurations apart."""
    draw = np.random.default_rng(known)
    better, stopped = 0, 0
    for _ in range(500):
        scored = field(draw, known, noise=0.004)
        best = max(scored, key=lambda one: np.mean(one.values))
        candidate = np.add(best.values, lead + draw.normal(0, 0.004 * np.sqrt(2), FOLDS))
        if candidate.mean() <= np.mean(best.values):
            continue
        better += 1
        stopped += stopped_at(Race(scored, FOLDS), candidate) is not None
    assert better > 100
    assert stopped / better <= CHANCE


def test_what_is_plainly_worse_is_stopped_after_its_first_fold() -> None:
    draw = np.random.default_rng(0)
    scored = field(draw, 10, noise=0.004)
    best = max(scored, key=lambda one: np.mean(one.values))
    worse = [np.add(best.values, -0.1 + draw.normal(0, 0.004, FOLDS)) for _ in range(200)]
    assert [stopped_at(Race(scored, FOLDS), one) for one in worse] == [1] * 200


def test_nothing_is_stopped_before_two_are_known_to_differ() -> None:
    """By one other the margin is wide, but what is far behind is told; by the best alone nothing is."""
    scored = field(np.random.default_rng(0), 2, noise=0.004)
    behind = np.full(FOLDS, -9.0)
    assert stopped_at(Race(scored, FOLDS), behind) == 1
    assert stopped_at(Race(scored[:1], FOLDS), behind) is None
    assert stopped_at(Race([], FOLDS), behind) is None


@given(st.lists(values, max_size=8), values)
def test_what_leads_on_every_fold_so_far_is_never_stopped(
    scored: list[tuple[float, ...]], one: tuple[float, ...]
) -> None:
    race = Race([Scored("hgb", each) for each in scored], FOLDS)
    best = max(scored, key=np.mean, default=one)
    leading = np.maximum(one, best)
    assert stopped_at(race, leading) is None


def test_a_family_is_judged_by_its_own_once_there_are_enough_of_it() -> None:
    """Forests differ from the best ridge from fold to fold much more than other ridges do."""
    draw = np.random.default_rng(1)
    ridges = [Scored("ridge", tuple(one.values)) for one in field(draw, 6, noise=0.0005, spread=0.001)]
    forests = [Scored("forest", tuple(0.75 + draw.normal(0, 0.05, FOLDS))) for _ in range(4)]
    race = Race([*ridges, *forests], FOLDS)
    best = max(ridges, key=lambda one: np.mean(one.values)).values
    behind = [best[0] - 0.02]
    assert race.is_behind("ridge", behind)
    assert not race.is_behind("forest", behind)


def test_a_long_trial_minds_what_others_have_come_to_since_it_began(
    store: Store, studies: Studies, source: Source, work: Callable[[Study], Tuning], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It knew of none when it began; a short one does not ask anew."""
    study = studies.create("s", families=["logistic", "hgb"], trials=8)
    tuning = work(study)
    poor = {
        **BY_NAME["hgb"].defaults,
        "learning_rate": 0.3,
        "max_leaf_nodes": 4,
        "min_samples_leaf": 128,
        "l2_regularization": 100.0,
    }
    for seconds, folds in ((60.0, study.folds), (0.0, 1)):
        monkeypatch.setattr("mlops_tui.tuning.engine.study.LOOK_SECONDS", seconds)
        tuning._known = Known(study.folds, study.sign)
        assert len(tuning._outcomes("hgb", poor, may_stop=True)) == folds


def test_a_default_is_stopped_too_once_one_went_all_the_way(
    store: Store, studies: Studies, source: Source, work: Callable[[Study], Tuning]
) -> None:
    tuning = work(studies.create("s", families=["logistic"], trials=1))
    (default,) = tuning._shown(TrialState.COMPLETE)
    assert tuning._may_stop(default.user_attrs)
    tuning._hide(frozenset({default.number}))
    assert not tuning._may_stop(default.user_attrs)
