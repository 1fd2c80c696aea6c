"""Which of a study's best is chosen, and that it is not the luckiest."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import create_trial

from mlops_tui.data.model import Source
from mlops_tui.evaluation.corrected import corrected_error
from mlops_tui.jobs.service import Jobs
from mlops_tui.presenters.analysis import choice_sections
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.choosing import DRAWS, Rescored, choose
from mlops_tui.tuning.engine.evaluating import Evaluator, Outcome
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.mirror import COST, FOLDS, recipe
from mlops_tui.tuning.engine.rescoring import draws, finalists, seconds_for
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.engine.trial_file import CLAIM
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import finalists_of, get_study, list_trials
from mlops_tui.tuning.service import Studies

SHARE = 0.25


def finalist(
    number: int, values: list[float], family: str = "hgb", *, default: bool = False, seconds: float = 1.0
) -> Rescored:
    return Rescored(number, family, tuple(values), default, bool(BY_NAME[family].space), seconds)


def test_the_error_of_a_difference_minds_that_training_sets_overlap() -> None:
    """By hand: differences 1, 2, 3, 4 of variance 5/3, over four folds that score a quarter of what they learn from."""
    assert corrected_error([1, 2, 3, 4], SHARE) == pytest.approx(math.sqrt(5 / 3 * (1 / 4 + 1 / 4)))
    assert corrected_error([0.5], SHARE) is None
    _, errors, _ = choose([finalist(0, [1.0]), finalist(1, [0.5])], SHARE)
    assert errors == {0: math.inf, 1: math.inf}


def test_what_is_better_by_more_than_the_error_is_chosen_however_dear_it_is() -> None:
    dear = finalist(3, [0.90, 0.91, 0.92, 0.90], seconds=99.0)
    simple = finalist(0, [0.80, 0.81, 0.82, 0.81], "logistic", default=True)
    chosen, errors, why = choose([simple, dear], SHARE)
    assert (chosen.number, errors[3]) == (3, 0.0)
    assert errors[0] == pytest.approx(corrected_error(np.subtract(dear.values, simple.values).tolist(), SHARE))
    assert why == "best on the folds drawn anew"


def test_the_recheck_takes_no_more_than_a_share_of_a_time_budget(studies: Studies, source: Source) -> None:
    """Five trials of 4 s each: of 20 s with two workers there are 10 s for it, which is enough for two and the default; trials end
    so many seconds before.
    """
    ended = [
        create_trial(
            params={"family": "hgb", "hgb.learning_rate": 0.1 + place / 100},
            distributions={"family": CategoricalDistribution(["hgb"]), "hgb.learning_rate": FloatDistribution(0, 1)},
            value=0.9 - place / 100,
            user_attrs={COST: {"cpu_seconds": 4.0}, CLAIM: {"place": 0 if place == 4 else 9}},
        )
        for place in range(5)
    ]
    for place, trial in enumerate(ended):
        trial.number = place
    hurried = studies.create("s", families=["hgb"], timeout=20.0, workers=2)
    found = finalists(hurried, ended)
    assert [trial.number for trial in found] == [0, 1, 4]
    assert seconds_for(hurried, found) == 6.0
    assert draws(hurried, found, ended, 100) == 1  # 12 s of the 10 that there are
    easy = studies.create("s", families=["hgb"], timeout=60.0, workers=2)
    assert draws(easy, found, ended, 100) == 2
    assert draws(replace(easy, timeout=6_000.0), found, ended, 100) == DRAWS
    assert draws(replace(easy, timeout=6_000.0), found, ended, 9_000) == 2  # many rows say enough
    tight = studies.create("s", families=["hgb"], timeout=1.0, workers=1)
    assert [trial.number for trial in finalists(tight, ended)] == [0, 4]
    free = studies.create("s", families=["hgb"])
    assert draws(free, found[:1], ended, 100) == 1  # of the 20 s that it took a quarter
    assert draws(free, found[:1], ended * 2, 100) == 2
    assert [trial.number for trial in finalists(free, ended)] == [0, 1, 2, 3, 4]
    for trial in ended[:3]:
        trial.set_user_attr(FOLDS, [0.9, 0.8])
    assert [trial.number for trial in finalists(free, ended)] == [0, 3, 4]  # parameters that come to the same


def test_trials_end_in_time_for_the_recheck(
    store: Store, studies: Studies, source: Source, work: Callable[[Study], Tuning]
) -> None:
    """In the last part of a time budget what the finalists took before is kept for them; not earlier, and not without a budget."""
    tuning = work(studies.create("s", families=["logistic"], trials=3, timeout=1_000.0, pruner="none"))
    trials = list_trials(store.reader, tuning._study.id)
    taken = sum(trial.cpu_seconds or 0.0 for trial in trials)
    kept = tuning._kept_for_the_end(300.0)
    assert 0 < kept <= DRAWS * taken + 1e-9
    assert tuning._kept_for_the_end(900.0) == 0.0
    assert not tuning._is_late()
    tuning._began -= 1_000.0 - kept / 2
    assert tuning._is_late()


@pytest.mark.parametrize(
    ("others", "chosen", "words"),
    [
        ([finalist(1, [0.90, 0.89, 0.92, 0.90], "dummy")], 1, "it has no parameters"),
        ([finalist(1, [0.90, 0.89, 0.92, 0.90], default=True)], 1, "the family's defaults"),
        ([finalist(2, [0.90, 0.89, 0.92, 0.90], "logistic")], 2, "a linear family"),
        ([finalist(2, [0.90, 0.89, 0.92, 0.90], seconds=0.5)], 2, "less time to fit and predict"),
        (
            [
                finalist(2, [0.90, 0.89, 0.92, 0.90], "logistic"),
                finalist(4, [0.90, 0.89, 0.92, 0.90], default=True, seconds=50.0),
            ],
            4,
            "the family's defaults",
        ),
        ([finalist(2, [0.90, 0.89, 0.92, 0.90], seconds=5.0)], 9, "simplest of its equals"),
    ],
)
def test_of_equals_the_simplest_is_chosen(others: list[Rescored], chosen: int, words: str) -> None:
    best = finalist(9, [0.90, 0.91, 0.91, 0.90])
    found, _, why = choose([best, *others], SHARE)
    assert found.number == chosen
    assert words in why


def test_on_noise_the_chosen_one_is_seldom_the_luckiest() -> None:
    """All are alike, and the default is among them: it is chosen in most of the studies."""
    draw = np.random.default_rng(0)
    defaults = 0
    for _ in range(300):
        some = [finalist(n, list(0.7 + draw.normal(0, 0.02, 5)), default=n == 0) for n in range(5)]
        defaults += choose(some, SHARE)[0].number == 0
    assert defaults > 200  # one in five by luck alone would be 60


def test_a_study_scores_its_finalists_once_more_and_says_which_is_chosen(
    store: Store, studies: Studies, jobs: Jobs, take_in: Callable[..., Source], people: pd.DataFrame
) -> None:
    take_in(people[["age", "visits", "spent"]], target="spent")
    study = studies.create("s", families=["ridge", "dummy"], trials=7)
    jobs.wait(studies.launch(study))
    found = finalists_of(store.reader, study.id)
    trials = {trial.number: trial for trial in list_trials(store.reader, study.id)}
    assert 2 <= len(found) <= 5
    assert [one.chosen for one in found] == [True] + [False] * (len(found) - 1)
    best_default = min(trials[0], trials[1], key=lambda trial: trial.value or math.inf)
    assert best_default.number in {one.number for one in found}
    for one in found:
        assert (one.run_id, one.value) == (trials[one.number].run_id, trials[one.number].value)
        assert len(one.fold_values) == study.folds
        assert one.recheck == pytest.approx(np.mean(one.fold_values))
        assert one.fold_values != trials[one.number].fold_values
        assert one.error >= 0
    best = min(found, key=lambda one: one.recheck)
    assert found[0].recheck - best.recheck <= found[0].error
    assert found[0].why
    event = next(event for event in read_events(store.reader, of=study.name) if event.verb == "chosen")
    assert event.after == {"trial": found[0].number}
    assert get_study(store.reader, study.id).best_value == min(one.value for one in found)


def test_workers_score_the_finalists_together_and_one_of_them_chooses(
    store: Store, studies: Studies, source: Source, work: Callable[[Study], Tuning], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two fits wait for each other, so that both workers are at it."""
    study = studies.create("s", families=["logistic"], trials=4, workers=2)
    with closing(work(study)) as one, closing(work(study)) as other:
        both, begun = threading.Barrier(2, timeout=60), []
        real = Evaluator.outcome

        def outcome(self: Evaluator, family: str, params: dict[str, Any], number: int) -> Outcome:
            begun.append(threading.get_ident())
            if len(begun) <= 2:
                both.wait()
            return real(self, family, params, number)

        monkeypatch.setattr(Evaluator, "outcome", outcome)
        with ThreadPoolExecutor(2) as pool:
            for ended in [pool.submit(one.choose), pool.submit(other.choose)]:
                ended.result()
    found = finalists_of(store.reader, study.id)
    assert len(begun) == len(found) * study.folds
    assert len(set(begun)) == 2
    assert [event.verb for event in read_events(store.reader, of=study.name)].count("chosen") == 1


def test_what_another_worker_has_scored_is_read_as_it_was(
    studies: Studies, source: Source, work: Callable[[Study], Tuning]
) -> None:
    study = studies.create("s", families=["hgb", "linear_svm"], trials=2, workers=2)
    with closing(work(study)) as tuning, tuning._draw_folds_anew() as anew, tuning._draw_folds_anew() as others:
        for trial in tuning._optuna.get_trials():
            kept, direct = anew.outcomes(trial), others._evaluator
            for fold, one in enumerate(kept):
                again = direct.outcome(*recipe(trial), fold)
                assert (one.value, one.rounds, one.are_decisions) == (again.value, again.rounds, again.are_decisions)
                assert np.array_equal(one.predicted, again.predicted)
                assert one.cpu_seconds > 0
                assert one.predict_seconds > 0


def test_a_study_that_was_stopped_chooses_from_what_it_has(
    store: Store, studies: Studies, jobs: Jobs, take_in: Callable[..., Source], people: pd.DataFrame
) -> None:
    take_in(people[["age", "visits", "spent"]], target="spent")
    study = studies.create("s", families=["ridge"], trials=100_000)
    job_id = studies.launch(study)
    while not any(trial.state == "complete" for trial in list_trials(store.reader, study.id)):
        jobs.settle()
    jobs.stop(job_id)
    assert jobs.wait(job_id).state == "stopped"
    assert finalists_of(store.reader, study.id)[0].chosen


def few_shops(shops: int, rows: int = 120) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    x = draw.normal(size=rows)
    return pd.DataFrame({"x": x, "shop": np.arange(rows) % shops, "y": x + draw.normal(0, 0.5, rows)})


def test_few_groups_are_drawn_otherwise_and_that_is_said_with_the_choice(
    store: Store, studies: Studies, take_in: Callable[..., Source], work: Callable[[Study], Tuning]
) -> None:
    take_in(few_shops(5), target="y", group_column="shop")
    study = studies.create("s", families=["ridge"], trials=2)
    work(study).choose()
    chosen = finalists_of(store.reader, study.id)[0]
    assert chosen.why is not None
    assert chosen.why.endswith("; there were 2 folds drawn anew, not 5: 5 groups go into 5 folds in 1 way")


def test_where_there_are_no_other_folds_that_is_said_in_place_of_finalists(
    store: Store, studies: Studies, take_in: Callable[..., Source], work: Callable[[Study], Tuning]
) -> None:
    take_in(few_shops(2), target="y", group_column="shop")
    study = studies.create("s", families=["ridge"], trials=2, folds=2)
    work(study).choose()
    ended = get_study(store.reader, study.id)
    assert finalists_of(store.reader, study.id) == []
    assert ended.notices[-1].startswith(
        "The finalists were not scored once more, and the best is the one that was searched"
    )
    sections = choice_sections(ended, [], {}, None, None)
    assert sections[0][1][0][1].text == ended.notices[-1]
