"""The job `tune`: one worker's loop over a study's trials."""

from __future__ import annotations

import json
import sys
import time
import traceback
from contextlib import closing
from typing import Any

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.core.errors import BadTarget, JobError
from mlops_tui.core.ids import new_id
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.held_out import row_set_hash
from mlops_tui.evaluation.splits import Folds, make_folds, rows_to_stop_by
from mlops_tui.features.engine import places_of_categories
from mlops_tui.jobs.context import JobContext
from mlops_tui.tuning.engine.catching_up import Race
from mlops_tui.tuning.engine.claim import Claims
from mlops_tui.tuning.engine.evaluating import Evaluator, Outcome
from mlops_tui.tuning.engine.families import BY_NAME, first_configurations, space_of
from mlops_tui.tuning.engine.fit import place_of_positive, prepare
from mlops_tui.tuning.engine.known import Known
from mlops_tui.tuning.engine.matrices import Matrices
from mlops_tui.tuning.engine.memory import forget_peak, peak_bytes
from mlops_tui.tuning.engine.mirror import COST, FOLDS, REASON, Mirror, is_default, split
from mlops_tui.tuning.engine.opening import open_trials
from mlops_tui.tuning.engine.rescoring import rescore
from mlops_tui.tuning.engine.sampler import PlacedSampler
from mlops_tui.tuning.engine.trial_file import RUN, StudyMoved
from mlops_tui.tuning.grid import points
from mlops_tui.tuning.model import PAIRED, Study
from mlops_tui.tuning.query import get_study
from mlops_tui.tuning.space import space_of_study

POLL_SECONDS = 0.2
ANEW = 7919
"""Added to the study's seed where folds are drawn anew."""
HOPELESS = 5
"""So many trials may fail before any gives a model; then the study ends."""


def run(context: JobContext) -> dict[str, Any]:
    """Runs trials until the study has as many as it was given, its time is over, or a person stops it.

    Returns {"study", "best_run", "best_value"}.

    Raises:
        BadTarget: the target cannot be learnt from the rows that are there.
        JobError: no trial gave a model.
    """
    with closing(Tuning(context)) as work:
        work.loop()
        work.choose()
        return work.result()


class Tuning:
    """One worker's part of a study."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._store = context.store
        self._study = get_study(context.store.reader, context.spec["study"])
        self._prepared = prepare(context.store, self._study)
        self._source = get_source(context.store.reader, self._study.source_id)  # with its rule, now that rows are split
        self._folds, self._matrices = self._make_matrices(self._study.folds, self._study.seed, self._study.id)
        self._evaluator = Evaluator(
            self._study,
            self._matrices,
            places_of_categories(self._prepared.features),
            place_of_positive(self._study, self._prepared.classes),
        )
        self._note_rows()
        families = self._study.families
        sampler = PlacedSampler(
            self._study.seed,
            self._firsts(),
            {family: space_of(family, self._study.space) for family in families},
            {family: BY_NAME[family].cost for family in families},
            self._study.sampler,
        )
        self._optuna, self._storage = open_trials(self._store, self._study, sampler)
        self._claims = Claims(context, self._study, self._optuna, sampler)
        self._claims.wait_for_orphans()
        self._known = Known(self._study.folds, self._study.sign)
        self._trial: optuna.Trial | None = None
        Mirror(self._store, self._study).rebuild(self._optuna.get_trials(deepcopy=False))
        self._began = time.monotonic() - self._claims.seconds_before()

    def _firsts(self) -> list[dict[str, Any]]:
        """What is tried first, whatever the sampler: all that there is of a grid."""
        study = self._study
        firsts = first_configurations(study.families, study.space)
        if study.sampler != "grid":
            return firsts
        defaults = firsts[: len(study.families)]
        space = space_of_study(study.families, study.space)
        return [*defaults, *(p for p in points(study.families, space, study.seed, study.trials) if p not in defaults)]

    def _make_matrices(self, count: int, seed: int, name: str) -> tuple[Folds, Matrices]:
        source, study, y = self._source, self._study, self._prepared.y_training
        groups = self._prepared.training[source.group_column].to_numpy() if source.group_column else None
        ordered = source.time_column is not None
        folds = make_folds(y, study.task, count, seed, groups=groups, in_time_order=ordered)
        stopping = [
            rows_to_stop_by(training, y, study.task, study.seed, groups=groups, in_time_order=ordered)
            for training, _ in folds
        ]
        return folds, Matrices(self._store.workspace.home / "folds" / name, self._prepared, folds, stopping)

    def _note_rows(self) -> None:
        prepared = self._prepared
        with self._store.write() as writing:
            writing.execute(
                "UPDATE study SET held_out = ?, held_out_hash = ?, held_out_rows = ?, training_rows = ? WHERE id = ?",
                (
                    json.dumps(self._source.held_out),
                    row_set_hash(prepared.held_out),
                    len(prepared.held_out),
                    len(prepared.training),
                    self._study.id,
                ),
            )
            writing.changed("studies")

    def loop(self) -> None:
        """Takes trials until there are enough, time is over, or a person stops it."""
        while True:
            try:
                return self._loop()
            except StudyMoved as moved:
                self._context.log(moved.title)
                self._move()

    def _move(self) -> None:
        """Goes on where the study is now. The trial that was under way is tried anew: its copy knows nothing of its end."""
        given_up = set() if self._trial is None else {self._trial.number}
        self._storage.remove_session()
        self._optuna, self._storage = open_trials(self._store, self._study, self._optuna.sampler)
        self._claims.move(self._optuna, given_up)
        self._trial = None

    def _loop(self) -> None:
        self._say()
        while not self._is_late():
            wanted = self._context.wanted()
            if wanted == "stop":
                return
            if wanted == "pause":
                time.sleep(POLL_SECONDS)
                continue
            self._mind_changes()
            if self._context.is_one_too_many():
                return
            trial, _ = self._claims.take()
            self._trial = trial
            if trial is None:
                return
            try:
                self._try(trial)
            except UpdateFinishedTrialError:
                self._give_up(trial)
            self._say()
            if self._is_hopeless():
                return

    def _mind_changes(self) -> None:
        """Takes over the limits that a person has changed meanwhile."""
        self._study = get_study(self._store.reader, self._study.id)
        self._claims.mind(self._study)

    def close(self) -> None:
        """Frees what the study's workers share, and lets go of the file."""
        self._matrices.close()
        self._storage.remove_session()

    def choose(self) -> None:
        """Scores the finalists once more on folds drawn anew and chooses one, where no other worker has a trial left.

        Rows in time order have one way forward alone: their folds are drawn anew by being one more.
        """
        study, complete = self._study, self._optuna.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if self._context.wanted() is not None or not complete or self._claims.are_running():
            return
        count = study.folds + 1 if self._source.time_column is not None else study.folds
        try:
            folds, matrices = self._make_matrices(count, study.seed + ANEW, f"{study.id}-anew")
        except BadTarget as error:  # a fold more than there is room for
            self._context.log(f"The finalists were not scored once more. {error.title}")
            return
        with closing(matrices):
            rescore(self._context, study, complete, self._evaluator.on(matrices), folds)

    def _is_late(self) -> bool:
        timeout = self._study.timeout
        return timeout is not None and time.monotonic() - self._began > timeout

    def _give_up(self, trial: optuna.Trial) -> None:
        """Leaves a trial that another program has ended while it ran here; what that one has written stands."""
        ended = self._storage.get_trial(trial._trial_id)
        Mirror(self._store, self._study).rebuild([ended])
        self._context.log(f"trial {trial.number}: another program has ended it, as {ended.state.name.lower()}")

    def _try(self, trial: optuna.Trial) -> None:
        with self._storage.held():
            family, params = _suggested(trial, self._study)
            trial.set_user_attr(RUN, new_id())
        claimed = self._storage.get_trial_user_attrs(trial._trial_id)
        self._known.look(self._optuna.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)))
        if (before := self._known.same(family, params)) is not None:
            self._tell_again(trial, before)
            return
        try:
            found = self._outcomes(
                family, params, may_stop=self._study.pruner == PAIRED and not is_default(claimed, self._study)
            )
        except (ValueError, ArithmeticError, MemoryError) as error:
            traceback.print_exc(file=sys.stdout)  # into the job's log
            trial.set_user_attr(REASON, f"{type(error).__name__}: {error}")
            self._optuna.tell(trial, state=TrialState.FAIL)
        else:
            self._tell(trial, family, found)
        finished = self._storage.get_trial(trial._trial_id)
        outcome = finished.user_attrs.get(REASON) or finished.value
        self._context.log(f"trial {finished.number}: {family} {finished.state.name.lower()} {outcome}")

    def _tell_again(self, trial: optuna.Trial, before: FrozenTrial) -> None:
        """Ends a trial as one of the same configuration did, without a fit."""
        with self._storage.held():
            trial.set_user_attr(FOLDS, before.user_attrs[FOLDS])
            trial.set_user_attr(COST, {**before.user_attrs.get(COST, {}), "cpu_seconds": 0.0})
            trial.set_user_attr(REASON, f"The same as trial {before.number}, which was not run again.")
            for step, value in before.intermediate_values.items():
                trial.report(value, step)
        self._optuna.tell(trial, before.value if before.state == TrialState.COMPLETE else None, state=before.state)
        self._context.log(f"trial {trial.number}: the same as trial {before.number}")

    def _is_hopeless(self) -> bool:
        """Whether the first trials failed, every one of them: so would the others."""
        if self._best() is not None:
            return False
        ended = self._claims.finished()
        return len(ended) >= HOPELESS and all(one.state == TrialState.FAIL for one in ended)

    def _outcomes(self, family: str, params: dict[str, Any], *, may_stop: bool) -> list[Outcome]:
        """The configuration on one fold after the other, until it cannot catch up any more; defaults go all the way."""
        race = Race(self._known.scored, self._study.folds)
        found: list[Outcome] = []
        forget_peak()
        for number in range(self._study.folds):
            found.append(self._evaluator.outcome(family, params, number))
            if may_stop and race.is_behind(family, [self._study.sign * one.value for one in found]):
                break
        return found

    def _tell(self, trial: optuna.Trial, family: str, found: list[Outcome]) -> None:
        values = [one.value for one in found]
        trial.set_user_attr(FOLDS, values)
        trial.set_user_attr(COST, _cost(family, found))
        if len(found) == self._study.folds:
            self._optuna.tell(trial, float(np.mean(values)))
            return
        trial.report(float(np.mean(values)), len(values) - 1)
        trial.set_user_attr(REASON, f"It could not catch up any more after {len(values)} of {self._study.folds} folds.")
        self._optuna.tell(trial, state=TrialState.PRUNED)

    def _best(self) -> FrozenTrial | None:
        try:
            return self._storage.get_best_trial(self._optuna._study_id)
        except ValueError:  # none is complete
            return None

    def _say(self) -> None:
        """Says how far the study is."""
        best = self._best()
        note = split(best.params)[0] if best else None
        done = len(self._claims.finished())
        self._context.progress(done, self._study.trials, best=best.value if best else None, note=note)

    def result(self) -> dict[str, Any]:
        """The best run and its value, once this worker has nothing more to do.

        Raises:
            JobError: trials have ended, and not one of them well.
        """
        self._say()
        best = self._best()
        if best is None and (failed := self._claims.finished()):
            raise JobError(
                f"None of {len(failed)} trials gave a model: {failed[0].user_attrs.get(REASON)}",
                f"See: mlops-tui studies trials {self._study.name}",
            )
        return {
            "study": self._study.id,
            "best_run": best.user_attrs.get(RUN) if best else None,
            "best_value": best.value if best else None,
        }


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
