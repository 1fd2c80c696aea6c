"""The job `tune`: one worker's loop over a study's trials."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState
from sklearn.base import clone
from sklearn.metrics import get_scorer

from mlops_tui.core.ids import new_id
from mlops_tui.data.query import get_source
from mlops_tui.evaluation.held_out import row_set_hash
from mlops_tui.evaluation.metrics import METRICS
from mlops_tui.evaluation.splits import Folds, make_folds
from mlops_tui.jobs.context import JobContext
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.fit import Prepared, build, prepare
from mlops_tui.tuning.engine.mirror import DEFAULT, FOLDS, REASON, RUN, mirror, split
from mlops_tui.tuning.engine.sampler import ABANDONED, PlacedSampler
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import get_study

UID = "mlops:uid"
POLL_SECONDS = 0.2
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def run(context: JobContext) -> dict[str, Any]:
    """Runs trials until the study has as many as it was given, its time is over, or a person stops it.

    Returns {"study", "best_run", "best_value"}.
    """
    work = Tuning(context)
    work.loop()
    return work.result()


class Tuning:
    """One worker's part of a study."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._store = context.store
        self._study = get_study(context.store.reader, context.spec["study"])
        self._prepared = prepare(context.store, self._study)
        self._source = get_source(context.store.reader, self._study.source_id)  # with its rule, now that rows are split
        self._folds = self._make_folds()
        self._optuna = self._open()
        self._began = time.monotonic()
        self._note_rows()
        if context.worker_number == 1:
            self._recover()

    def _make_folds(self) -> Folds:
        source = self._source
        groups = self._prepared.training[source.group_column].to_numpy() if source.group_column else None
        return make_folds(
            self._prepared.y_training,
            self._study.task,
            self._study.folds,
            self._study.seed,
            groups=groups,
            in_time_order=source.time_column is not None,
        )

    def _open(self) -> optuna.Study:
        study = optuna.create_study(
            storage=open_storage(self._store.workspace.store),
            study_name=self._study.name,
            direction="maximize" if self._study.direction == "maximize" else "minimize",
            sampler=PlacedSampler(self._study.seed),
            load_if_exists=True,
        )
        if UID not in study.user_attrs:
            study.set_user_attr(UID, self._study.id)
            study.set_metric_names([self._study.metric])
            for family in self._study.families:
                study.enqueue_trial(_defaults(family), user_attrs={DEFAULT: True})
        return study

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

    def _recover(self) -> None:
        """Closes what a dead worker left running, queues its parameters once more, and writes the mirror anew."""
        for trial in self._optuna.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._optuna._storage.set_trial_user_attr(trial._trial_id, ABANDONED, True)
            self._optuna._storage.set_trial_user_attr(trial._trial_id, REASON, "Its worker died.")
            self._optuna.tell(trial.number, state=TrialState.FAIL)
            if RUN in trial.user_attrs:
                kept = {DEFAULT: True} if trial.user_attrs.get(DEFAULT) else {}
                self._optuna.enqueue_trial(trial.params, user_attrs=kept)
        for trial in self._optuna.get_trials(deepcopy=False):
            mirror(self._store, self._study, trial)

    def loop(self) -> None:
        """Takes trials until there are enough, time is over, or a person stops it."""
        done = self._say()
        while not self._is_over(done):
            wanted = self._context.wanted()
            if wanted == "stop":
                return
            if wanted == "pause":
                time.sleep(POLL_SECONDS)
                done = self._done()
                continue
            self._one()
            done = self._say()

    def _is_over(self, done: int) -> bool:
        timeout = self._study.timeout
        return done >= self._study.trials or (timeout is not None and time.monotonic() - self._began > timeout)

    def _done(self) -> int:
        trials = self._optuna.get_trials(deepcopy=False, states=FINISHED)
        return sum(ABANDONED not in trial.user_attrs for trial in trials)

    def _one(self) -> None:
        trial = self._optuna.ask()
        family, params = _suggested(trial, self._study.families)
        trial.set_user_attr(RUN, new_id())
        mirror(self._store, self._study, self._frozen(trial))
        try:
            folds = _scores(self._study, self._prepared, self._folds, family, params)
        except (ValueError, ArithmeticError, MemoryError) as error:
            trial.set_user_attr(REASON, f"{type(error).__name__}: {error}")
            self._optuna.tell(trial, state=TrialState.FAIL)
        else:
            trial.set_user_attr(FOLDS, folds)
            self._optuna.tell(trial, float(np.mean(folds)))
        finished = self._frozen(trial)
        mirror(self._store, self._study, finished)
        self._context.log(f"trial {finished.number}: {family} {finished.state.name.lower()} {finished.value}")

    def _frozen(self, trial: optuna.Trial) -> FrozenTrial:
        return self._optuna._storage.get_trial(trial._trial_id)

    def _best(self) -> FrozenTrial | None:
        try:
            return self._optuna.best_trial
        except ValueError:  # none is complete
            return None

    def _say(self) -> int:
        """Writes down the best trial and how far the study is; returns how many trials are done."""
        best, done = self._best(), self._done()
        if best is not None:
            with self._store.write() as writing:
                writing.execute(
                    "UPDATE study SET best_run = ?, best_value = ? WHERE id = ?",
                    (best.user_attrs[RUN], best.value, self._study.id),
                )
                writing.changed("studies")
        note = split(best.params)[0] if best else None
        self._context.progress(done, self._study.trials, best=best.value if best else None, note=note)
        return done

    def result(self) -> dict[str, Any]:
        """The best run and its value."""
        best = self._best()
        return {
            "study": self._study.id,
            "best_run": best.user_attrs[RUN] if best else None,
            "best_value": best.value if best else None,
        }


def _defaults(family: str) -> dict[str, Any]:
    return {"family": family, **{f"{family}.{key}": value for key, value in BY_NAME[family].defaults.items()}}


def _suggested(trial: optuna.Trial, families: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Draws the family and all of its parameters before anything is fitted."""
    family = str(trial._suggest("family", CategoricalDistribution(families)))
    space = BY_NAME[family].space
    return family, {key: trial._suggest(f"{family}.{key}", kind) for key, kind in space.items()}


def _scores(study: Study, prepared: Prepared, folds: Folds, family: str, params: dict[str, Any]) -> list[float]:
    """The metric on each fold; every step of the pipeline is fitted inside it."""
    metric = METRICS[study.metric]
    scorer = get_scorer(metric.scorers[study.task])
    pipeline = build(study, family, params, prepared.features)
    rows = prepared.training[[feature.name for feature in prepared.features]]
    sign = -1.0 if metric.negated else 1.0
    values = []
    for training, validation in folds:
        fitted = clone(pipeline).fit(rows.iloc[training], prepared.y_training[training])
        values.append(sign * float(scorer(fitted, rows.iloc[validation], prepared.y_training[validation])))
    return values
