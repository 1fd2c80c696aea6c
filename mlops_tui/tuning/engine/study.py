"""The job `tune`: one worker's loop over a study's trials."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.core.errors import JobError
from mlops_tui.core.ids import new_id
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.drawing_anew import about_few_groups, drawn_anew
from mlops_tui.evaluation.held_out import row_set_hash
from mlops_tui.evaluation.splits import Folds
from mlops_tui.jobs.context import JobContext
from mlops_tui.tuning.engine.anew import Anew
from mlops_tui.tuning.engine.carrying import carry
from mlops_tui.tuning.engine.catching_up import Race
from mlops_tui.tuning.engine.evaluating import Evaluator, Outcome
from mlops_tui.tuning.engine.families import BY_NAME, first_configurations, portfolio_of, space_of
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.engine.folds import folds_of, groups_of
from mlops_tui.tuning.engine.known import Known
from mlops_tui.tuning.engine.leakage import leaks, note_leaks
from mlops_tui.tuning.engine.matrices import Matrices, matrices_of
from mlops_tui.tuning.engine.memory import forget_peak, peak_bytes
from mlops_tui.tuning.engine.mirror import COST, FOLDS, REASON, is_default, split
from mlops_tui.tuning.engine.predictions import Array, Predictions
from mlops_tui.tuning.engine.sampler import PlacedSampler
from mlops_tui.tuning.engine.together import Together
from mlops_tui.tuning.engine.trial_file import RUN
from mlops_tui.tuning.engine.trial_loop import TrialLoop
from mlops_tui.tuning.grid import points
from mlops_tui.tuning.leftovers import sweep
from mlops_tui.tuning.model import PAIRED, Study
from mlops_tui.tuning.problem import TIME
from mlops_tui.tuning.query import get_study, hidden_trials
from mlops_tui.tuning.space import in_words, space_of_study

CONTINUED = 104_729
"""Added to the study's seed, for its sampler alone, for each study that it goes on from: it is to draw otherwise."""
ANEW = 7919
"""Added to the study's seed where folds are drawn anew."""
LOOK_SECONDS = 0.1
"""After a fold that took longer it is asked what others have come to meanwhile, and whether time is over."""
LAST_PART = 0.4
"""Before this part of a time budget nobody asks what the finalists will need of it."""


def run(context: JobContext) -> dict[str, Any]:
    """Runs trials until the study has as many as it was given, its time is over, or a person stops it.

    Returns {"study", "best_run", "best_value"}.

    Raises:
        BadTarget: the target cannot be learnt from the rows that are there.
        JobError: no trial gave a model.
    """
    with closing(Tuning(context)) as work:
        work.loop()
        work.stay()
        work.choose()
        return work.result()


class Tuning(TrialLoop):
    """One worker's part of a study of model families."""

    GIVES = "model"

    def __init__(self, context: JobContext) -> None:
        self._store = context.store
        self._study = get_study(self._store.reader, context.spec["study"])
        self._prepared = prepare(self._store, self._study)
        self._source = get_source(self._store.reader, self._study.source_id)  # with its rule, now that rows are split
        self._folds = self._make_folds(self._study.folds, self._study.seed)
        self._matrices = self._make_matrices(self._folds, self._study.id)
        self._together = Together(self._matrices.folder)
        self._evaluator = Evaluator.of(self._study, self._prepared, self._matrices)
        self._note_rows()
        sweep(self._store)
        if self._study.training_rows is None:  # this is its first worker
            training, features = self._prepared.training, self._prepared.features
            found = leaks(training, features, self._prepared.y_training, self._study.task)
            note_leaks(self._store, self._study, self._source.name, found)
        sampler = PlacedSampler(
            self._study.seed + (CONTINUED * self._study.parent.generation if self._study.parent is not None else 0),
            self._firsts(),
            self._spaces(),
            {family: BY_NAME[family].cost for family in self._study.families},
            self._study.sampler,
            portfolios=self._portfolios(),
            by_time=self._study.timeout is not None,
        )
        super().__init__(context, self._study, sampler)
        self._placed = sampler
        rows = len(self._prepared.training)
        self._predictions = Predictions(self._store.workspace, self._study, self._folds, rows)

    def _firsts(self) -> list[dict[str, Any]]:
        """What is tried first, whatever the sampler: all that there is of a grid."""
        study = self._study
        earlier = [(one.family, one.params) for one in study.warm_start]
        firsts = first_configurations(study.families, study.space, earlier)
        if study.sampler != "grid":
            return firsts
        defaults = firsts[: len(study.families)]
        space = space_of_study(study.families, study.space)
        return [*defaults, *(p for p in points(study.families, space, study.seed, study.trials) if p not in defaults)]

    def _portfolios(self) -> dict[str, list[dict[str, Any]]]:
        """What else is good to begin with, by family; a grid has all there is in its first configurations."""
        study = self._study
        if study.sampler == "grid":
            return {}
        known = self._firsts()
        return {family: portfolio_of(family, study.space, known) for family in study.families}

    def _spaces(self) -> dict[str, dict[str, BaseDistribution]]:
        return {family: space_of(family, self._study.space) for family in self._study.families}

    def _mind_changes(self) -> None:
        """As all do; a person may have narrowed a range too."""
        before = self._study.space
        super()._mind_changes()
        if self._study.space != before:
            self._placed.search(self._firsts(), self._spaces(), self._portfolios())
            for name in (name for name, kind in self._study.space.items() if before.get(name) != kind):
                self._context.log(f"{name} is searched {in_words(self._study.space[name])} from now on")

    def _carry(self) -> int:
        """As all do.

        Raises:
            JobError: the rows or the folds are others now.
        """
        study, parent = self._study, self._study.parent
        if parent is None or not parent.trials:
            return 0
        before, held_out = get_study(self._store.reader, parent.study), row_set_hash(self._prepared.held_out)
        if (before.held_out_hash, before.training_rows) != (held_out, len(self._prepared.training)):
            raise JobError(
                f"The rows of study '{parent.name}' were others: what its trials came to cannot be compared.",
                f"Begin a new study: mlops-tui tune {self._source.name}",
            )
        return carry(self._store, study, parent, self._optuna, self._storage, self._firsts(), self._spaces())

    def _hide(self, hidden: frozenset[int]) -> None:
        """As all do; nothing is compared with such a trial either, nor taken over from it."""
        super()._hide(hidden)
        self._known = Known(self._study.folds, self._study.sign)

    def _make_folds(self, count: int, seed: int) -> Folds:
        return folds_of(self._study, self._prepared, self._groups(), count, seed)

    def _make_matrices(self, folds: Folds, name: str) -> Matrices:
        return matrices_of(self._store.workspace, name, self._study, self._prepared, self._groups(), folds)

    def _groups(self) -> Array | None:
        return groups_of(self._study, self._source, self._prepared)

    def _note_rows(self) -> None:
        prepared = self._prepared
        with self._store.write() as writing:
            writing.execute(
                "UPDATE study SET held_out = ?, held_out_hash = ?, held_out_rows = ?, training_rows = ? WHERE id = ?",
                (
                    json.dumps(prepared.rule),
                    row_set_hash(prepared.held_out),
                    len(prepared.held_out),
                    len(prepared.training),
                    self._study.id,
                ),
            )
            writing.changed("studies")

    def close(self) -> None:
        """Frees what the study's workers share, and lets go of the file."""
        self._matrices.close()
        super().close()

    def _note(self, best: FrozenTrial) -> str | None:
        return split(best.params)[0]

    def choose(self) -> None:
        """Scores the finalists once more and chooses one, and tells what is known without another fit, where no other worker
        has a trial left, and together with those that are there; also where a person has stopped the study, who is left
        with the best of what there is.
        """
        self._hide(hidden_trials(self._store.reader, self._study.id))
        study, complete = self._study, self._shown(TrialState.COMPLETE)
        if not complete or self._claims.are_running():
            return
        if study.objectives:  # a person chooses from the front
            return
        ending = import_module("mlops_tui.tuning.engine.ending")
        ending.choose(
            self._context, study, complete, self._prepared, self._folds, self._together, self._draw_folds_anew
        )

    def _kept_for_the_end(self, left: float) -> float:
        """What scoring the finalists once more takes."""
        study, complete = self._study, self._shown(TrialState.COMPLETE)
        if study.objectives or not complete or left > LAST_PART * (study.timeout or 0.0):
            return 0.0
        rescoring = import_module("mlops_tui.tuning.engine.rescoring")  # no first trial is to wait for it
        finalists = rescoring.finalists(study, complete)
        times = rescoring.draws(study, finalists, complete, len(self._prepared.training))
        return float(rescoring.seconds_for(study, finalists, times))

    @contextmanager
    def _draw_folds_anew(self, times: int = 1) -> Iterator[Anew]:
        """Drawn so many times, where there are as many ways. Rows in time order have one way forward alone: their folds are drawn anew
        by being one more.

        Raises:
            BadTarget: there are no others.
        """
        study, groups, words = self._study, self._groups(), None
        if study.split == TIME:
            folds = self._make_folds(study.folds + 1, study.seed + ANEW)
        else:
            folds, same = drawn_anew(
                self._folds, lambda count, turn: self._make_folds(count, study.seed + ANEW * (turn + 1)), times
            )
            if groups is not None:
                words = about_few_groups(len(set(groups.tolist())), study.folds, len(folds), same)
        with closing(self._make_matrices(folds, f"{study.id}-anew")) as matrices:
            yield Anew(folds, self._evaluator.on(matrices), self._together, words)

    def _try(self, trial: optuna.Trial) -> None:
        with self._storage.held():
            family, params = _suggested(trial, self._study)
            trial.set_user_attr(RUN, new_id())
        claimed = self._storage.get_trial_user_attrs(trial._trial_id)
        self._known.look(self._shown(TrialState.COMPLETE, TrialState.PRUNED))
        if (before := self._known.same(family, params)) is not None:
            self._tell_again(trial, before)
            return
        try:
            with self._limited(family):
                found = self._outcomes(family, params, may_stop=self._may_stop(claimed))
        except (ValueError, ArithmeticError, MemoryError) as error:
            traceback.print_exc(file=sys.stdout)  # into the job's log
            trial.set_user_attr(REASON, f"{type(error).__name__}: {error}")
            self._end(trial, state=TrialState.FAIL)
        else:
            self._tell(trial, family, found)
        finished = self._storage.get_trial(trial._trial_id)
        outcome = finished.user_attrs.get(REASON) or ", ".join(f"{value:g}" for value in finished.values or ())
        self._context.log(f"trial {finished.number}: {family} {finished.state.name.lower()} {outcome}")

    def _may_stop(self, claimed: Mapping[str, Any]) -> bool:
        """Whether the configuration need not go all the way; one default does, for the finalists."""
        if self._study.pruner != PAIRED:
            return False
        complete = self._shown(TrialState.COMPLETE)
        return not is_default(claimed, self._study) or any(is_default(one.user_attrs, self._study) for one in complete)

    @contextmanager
    def _limited(self, family: str) -> Iterator[None]:
        """As `_within_limits`; what other trials need as well is made before, for it is not this one's to answer for."""
        study = self._study
        if study.trial_timeout is not None or study.trial_memory is not None:
            self._evaluator.make_ready(family)
        with self._within_limits():
            yield

    def _tell_again(self, trial: optuna.Trial, before: FrozenTrial) -> None:
        """Ends a trial as one of the same configuration did, without a fit."""
        with self._storage.held():
            trial.set_user_attr(FOLDS, before.user_attrs[FOLDS])
            trial.set_user_attr(COST, {**before.user_attrs.get(COST, {}), "cpu_seconds": 0.0})
            trial.set_user_attr(REASON, f"The same as trial {before.number}, which was not run again.")
            for step, value in before.intermediate_values.items():
                trial.report(value, step)
        self._end(trial, before.values if before.state == TrialState.COMPLETE else None, state=before.state)
        self._context.log(f"trial {trial.number}: the same as trial {before.number}")

    def _outcomes(self, family: str, params: dict[str, Any], *, may_stop: bool) -> list[Outcome]:
        """The configuration on one fold after the other, until it cannot catch up any more, with what others have come to meanwhile,
        or time is over.
        """
        race = Race(self._known.scored, self._study.folds)
        found: list[Outcome] = []
        forget_peak()
        for number in range(self._study.folds):
            begun = time.monotonic()
            found.append(self._evaluator.outcome(family, params, number))
            if time.monotonic() - begun > LOOK_SECONDS:
                if self._known.scored and self._is_late():
                    break
                self._known.look(self._shown(TrialState.COMPLETE, TrialState.PRUNED))
                race = Race(self._known.scored, self._study.folds)
            if may_stop and race.is_behind(family, [self._study.sign * one.value for one in found]):
                break
        return found

    def _tell(self, trial: optuna.Trial, family: str, found: list[Outcome]) -> None:
        values = [one.value for one in found]
        trial.set_user_attr(FOLDS, values)
        cost = _cost(family, found)
        trial.set_user_attr(COST, cost)
        if len(found) == self._study.folds:
            value, kept = float(np.mean(values)), self._storage.get_trial(trial._trial_id).user_attrs
            self._predictions.look(self._optuna.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
            self._predictions.keep(trial.number, value, found, default=is_default(kept, self._study))
            self._end(trial, [value, *(cost[one.name] for one in self._study.objectives[1:])])
            return
        trial.report(float(np.mean(values)), len(values) - 1)
        why = "The study's time was over" if self._is_late() else "It could not catch up any more"
        trial.set_user_attr(REASON, f"{why} after {len(values)} of {self._study.folds} folds.")
        self._end(trial, state=TrialState.PRUNED)


def _suggested(trial: optuna.Trial, study: Study) -> tuple[str, dict[str, Any]]:
    """Draws the family and all of its parameters before anything is fitted."""
    family = str(trial._suggest("family", CategoricalDistribution(study.families)))
    prefix, space = len(f"{family}."), space_of(family, study.space)
    return family, {name[prefix:]: trial._suggest(name, kind) for name, kind in space.items()}


def _cost(family: str, found: list[Outcome]) -> dict[str, Any]:
    """What a configuration cost over the folds that it was scored on; `rounds` as its parameter is called."""
    rounds = [one.rounds for one in found if one.rounds is not None]
    stopping = BY_NAME[family].stopping
    return {
        "cpu_seconds": sum(one.cpu_seconds for one in found),
        "predict_seconds": 1000 * sum(one.predict_seconds for one in found) / sum(len(one.predicted) for one in found),
        "peak_bytes": peak_bytes(),
        "rounds": {} if stopping is None or not rounds else {stopping.parameter: int(np.median(rounds))},
    }
