"""How workers share a study's trials: each takes a place that no other has, and the places of dead workers are taken anew.

A study's places are 0, 1, 2, …: the first are the families' defaults, the others are the sampler's. A trial whose worker
died is closed and its place is free again; whoever takes it next tries the same defaults, or draws by the same seed. So
a study with one worker gives the same trials whether or not it was killed on its way. Trials that somebody has put into
the queue come first and have no place; one whose worker died goes back into the queue, once. A trial that took more than
it may, or whose second worker died of it as well, has failed for good.

All of it is one transaction: who is dead, what is left, and which trial is whose from now on.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, cast

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from mlops_tui.core.clock import to_seconds
from mlops_tui.core.ids import new_id
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.liveness import is_alive, this_process
from mlops_tui.jobs.model import DEATH, JobWorker
from mlops_tui.jobs.query import end_of_worker
from mlops_tui.tuning.engine.mirror import ABANDONED, COST, FOLDS, REASON
from mlops_tui.tuning.engine.sampler import Placed
from mlops_tui.tuning.engine.trial_file import CLAIM, RUN
from mlops_tui.tuning.engine.trial_storage import TrialStorage
from mlops_tui.tuning.model import WORKER_DIED, Study
from mlops_tui.tuning.queue import QUEUED

RUNNING = (TrialState.RUNNING,)
WAITING = (TrialState.WAITING,)
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
AGAIN = "mlops:again"
"""The number of the trial that a queued one is tried again for."""
FAULT = "mlops:fault"
"""Why its worker ended before its time, where the supervisor saw it: LIMIT or DEATH."""
OUTCOME = (CLAIM, RUN, FOLDS, COST, REASON, FAULT)
BEYOND = 1_000_000
"""Added to the number of a trial without a place: what its queue does not say is drawn as if it had that one."""
ORPHAN_SECONDS = 10.0
"""How long a new job waits for a worker that outlived its supervisor: it ends by itself within a second or so."""
POLL_SECONDS = 0.1


class Claims:
    """One worker's hold on the trials of a study."""

    def __init__(self, context: JobContext, study: Study, trials: optuna.Study, sampler: Placed) -> None:
        self._workspace = context.store.workspace
        self._store = context.store
        self._job_id = context.job_id
        self._study = study
        self._trials = trials
        self._storage = cast(TrialStorage, trials._storage)
        self._sampler = sampler
        pid, started, host = this_process()
        self._owner = {"pid": pid, "started": started, "host": host, "home": self._workspace.identity()}
        self._given_up: set[int] = set()

    def take(self) -> tuple[optuna.Trial | None, list[FrozenTrial]]:
        """The next trial to run, None where all are done or taken; and the trials of dead workers, closed by this call."""
        with self._storage.transaction():
            dead = [trial for trial in self._in(RUNNING) if not (self._has_owner(trial) or self._is_unexplained(trial))]
            closed = [self._closed(trial) for trial in dead]
            self._given_up.clear()
            trial_id = self._claimed()
        self._trials._thread_local.cached_all_trials = None  # as Optuna's own `ask` does
        return None if trial_id is None else optuna.Trial(self._trials, trial_id), closed

    def move(self, trials: optuna.Study, given_up: set[int]) -> None:
        """Goes on with the study where it is now; this process has those trials, by their numbers, no more."""
        self._trials, self._storage = trials, cast(TrialStorage, trials._storage)
        self._given_up |= given_up

    def mind(self, study: Study) -> None:
        """Takes over the study as it is now: its number of trials may be another."""
        self._study = study

    def finished(self) -> list[FrozenTrial]:
        """The trials that count: those that ended by themselves."""
        return self._counting(FINISHED)

    def are_running(self) -> bool:
        """Whether a living worker has a trial of the study, or one that died just now had it."""
        return any(self._has_owner(trial) or self._is_unexplained(trial) for trial in self._in(RUNNING))

    def seconds_before(self) -> float:
        """The time that the study has had: what its earlier jobs have spent on trials, shared by its workers, and what has
        gone by since the first trial of this one, which another worker may have begun.
        """
        earlier = (t for t in self.finished() if t.user_attrs.get(CLAIM, {}).get("job") != self._job_id)
        spent = sum(trial.duration.total_seconds() for trial in earlier if trial.duration is not None)
        begun = [
            trial.datetime_start
            for trial in self._in(RUNNING + FINISHED)
            if trial.datetime_start is not None and trial.user_attrs.get(CLAIM, {}).get("job") == self._job_id
        ]
        gone_by = (datetime.now() - min(begun)).total_seconds() if begun else 0.0
        return spent / self._study.workers + gone_by

    def wait_for_orphans(self) -> None:
        """Waits until no living worker of an earlier job has a trial, so that its trial is known before the next is drawn."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while time.monotonic() < deadline and any(map(self._is_orphan, self._in(RUNNING))):
            time.sleep(POLL_SECONDS)

    def _claimed(self) -> int | None:
        """Makes a trial this process's, one from the queue or a new one at the first free place; returns its id."""
        taken = self._counting(RUNNING + FINISHED)
        if len(taken) >= self._study.trials:
            return None
        if waiting := self._in(WAITING):
            trial_id, place = waiting[0]._trial_id, None
            self._storage.set_trial_state_values(trial_id, TrialState.RUNNING)
            self._sampler.place = BEYOND + waiting[0].number
        else:
            trial_id, place = self._storage.create_new_trial(self._trials._study_id), _first_free(taken)
            self._sampler.place = place
        self._storage.set_trial_user_attr(trial_id, CLAIM, {"place": place, "job": self._job_id, **self._owner})
        return trial_id

    def _in(self, states: tuple[TrialState, ...]) -> list[FrozenTrial]:
        return self._trials.get_trials(deepcopy=False, states=states)

    def _counting(self, states: tuple[TrialState, ...]) -> list[FrozenTrial]:
        """The trials in these states, without those of dead workers."""
        return [trial for trial in self._in(states) if ABANDONED not in trial.user_attrs]

    def _closed(self, trial: FrozenTrial) -> FrozenTrial:
        """Fails the trial of a dead owner. One without an owner is such too: trials are made and owned at one stroke."""
        worker = self._worker(trial)
        at = _moment(trial, worker)
        for key, value in self._end_of(trial, worker, at).items():
            self._storage.set_trial_user_attr(trial._trial_id, key, value)
        self._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL, ended=at)
        ended = self._storage.get_trial(trial._trial_id)
        if ABANDONED in ended.user_attrs and QUEUED in trial.system_attrs and AGAIN not in trial.user_attrs:
            self._storage.create_new_trial(self._trials._study_id, _again(trial))
        return ended

    def _end_of(self, trial: FrozenTrial, worker: JobWorker | None, at: datetime) -> dict[str, Any]:
        """What is written to the trial of a dead worker: that it is to be tried anew, or why it is not."""
        fault = None if worker is None else worker.fault
        if worker is None or fault is None:
            return {ABANDONED: True, REASON: WORKER_DIED}
        reason = worker.reason or WORKER_DIED
        if fault == DEATH:
            if not self._has_killed_before(trial):
                return {ABANDONED: True, REASON: WORKER_DIED, FAULT: fault}
            reason = f"Two workers died of it. {reason}"
        cost = {"cpu_seconds": (at - (trial.datetime_start or at)).total_seconds()}  # of what it cost nobody knows more
        return {REASON: reason, FAULT: fault, COST: cost, **({} if RUN in trial.user_attrs else {RUN: new_id()})}

    def _has_killed_before(self, trial: FrozenTrial) -> bool:
        """Whether a worker has died already of what was tried at the trial's place, or of the queued one that it repeats."""
        place, first = trial.user_attrs.get(CLAIM, {}).get("place"), trial.user_attrs.get(AGAIN)
        return any(
            one.user_attrs.get(FAULT) == DEATH
            and (one.number == first if place is None else one.user_attrs.get(CLAIM, {}).get("place") == place)
            for one in self._in((TrialState.FAIL,))
        )

    def _worker(self, trial: FrozenTrial) -> JobWorker | None:
        claim = trial.user_attrs.get(CLAIM)
        if claim is None or trial.number in self._given_up:
            return None
        return end_of_worker(self._store.reader, claim["job"], claim["pid"], claim["started"])

    def _is_unexplained(self, trial: FrozenTrial) -> bool:
        """Whether the trial, which has no owner, lost it so short a time ago that the supervisor has not written down yet
        of what the worker died.
        """
        if trial.user_attrs.get(CLAIM, {}).get("job") != self._job_id:
            return False
        worker = self._worker(trial)
        return worker is not None and worker.ended is None and worker.fault is None

    def _has_owner(self, trial: FrozenTrial) -> bool:
        claim = trial.user_attrs.get(CLAIM)
        here = self._workspace.identity()
        if claim is None or trial.number in self._given_up:
            return False
        return is_alive(claim["pid"], claim["started"], claim["host"], claim["home"], here)

    def _is_orphan(self, trial: FrozenTrial) -> bool:
        return self._has_owner(trial) and trial.user_attrs[CLAIM]["job"] != self._job_id


def _moment(trial: FrozenTrial, worker: JobWorker | None) -> datetime:
    """When the trial ended: with its worker, where the supervisor saw that; the next worker comes seconds later."""
    if worker is None or worker.ended is None:
        return datetime.now()
    ended = datetime.fromtimestamp(to_seconds(worker.ended))
    return ended if trial.datetime_start is None else max(ended, trial.datetime_start)


def _first_free(taken: list[FrozenTrial]) -> int:
    """The lowest place that none of these trials has. One that was added from outside counts for the budget, not here."""
    places = {trial.user_attrs.get(CLAIM, {}).get("place") for trial in taken}
    return next(place for place in range(len(places) + 1) if place not in places)


def _again(trial: FrozenTrial) -> FrozenTrial:
    """A queued trial like that one, with what it was given and nothing of what became of it."""
    kept: dict[str, Any] = {key: value for key, value in trial.user_attrs.items() if key not in OUTCOME}
    return create_trial(
        state=TrialState.WAITING,
        user_attrs={**kept, AGAIN: trial.number},
        system_attrs={QUEUED: trial.system_attrs[QUEUED]},
    )
