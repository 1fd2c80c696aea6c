"""How workers share a study's trials: each takes a place that no other has, and the places of dead workers are taken anew.

A study's places are 0, 1, 2, …: the first are the families' defaults, the others are the sampler's. A trial whose worker
died is closed and its place is free again; whoever takes it next tries the same defaults, or draws by the same seed. So
a study with one worker gives the same trials whether or not it was killed on its way.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import optuna
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.liveness import is_alive, this_process
from mlops_tui.tuning.engine.mirror import ABANDONED, CLAIM, REASON
from mlops_tui.tuning.engine.sampler import PlacedSampler
from mlops_tui.tuning.model import WORKER_DIED, Study

RUNNING = (TrialState.RUNNING,)
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)
ORPHAN_SECONDS = 10.0
"""How long a new job waits for a worker that outlived its supervisor: it ends by itself within a second or so."""
POLL_SECONDS = 0.1


class Claims:
    """One worker's hold on the trials of a study."""

    def __init__(self, context: JobContext, study: Study, trials: optuna.Study, sampler: PlacedSampler) -> None:
        self._workspace = context.store.workspace
        self._job_id = context.job_id
        self._study = study
        self._trials = trials
        self._sampler = sampler

    def take(self) -> tuple[optuna.Trial | None, list[FrozenTrial]]:
        """The next trial to run, None where all are done or taken; and the trials of dead workers, closed by this call."""
        with self._alone():
            closed = self._close_abandoned()
            return self._claim(), closed

    def finished(self) -> list[FrozenTrial]:
        """The trials that count: those that ended by themselves."""
        return self._counting(FINISHED)

    def seconds_before(self) -> float:
        """The time that the study's earlier jobs have spent on trials, shared by its workers."""
        earlier = (t for t in self.finished() if t.user_attrs.get(CLAIM, {}).get("job") != self._job_id)
        spent = sum(trial.duration.total_seconds() for trial in earlier if trial.duration is not None)
        return spent / self._study.workers

    def wait_for_orphans(self) -> None:
        """Waits until no living worker of an earlier job has a trial, so that its trial is known before the next is drawn."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while time.monotonic() < deadline and any(map(self._is_orphan, self._in(RUNNING))):
            time.sleep(POLL_SECONDS)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One worker at a time; the system frees the lock of a process that is killed."""
        with (self._workspace.home / "trials.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _claim(self) -> optuna.Trial | None:
        taken = self._counting(RUNNING + FINISHED)  # read at once: another worker's trial may end meanwhile
        if len(taken) >= self._study.trials:
            return None
        place = self._sampler.place = _first_free(taken)
        trial = self._trials.ask()
        pid, started, host = this_process()
        owner = {"pid": pid, "started": started, "host": host, "home": self._workspace.identity()}
        trial.set_user_attr(CLAIM, {"place": place, "job": self._job_id, **owner})
        return trial

    def _in(self, states: tuple[TrialState, ...]) -> list[FrozenTrial]:
        return self._trials.get_trials(deepcopy=False, states=states)

    def _counting(self, states: tuple[TrialState, ...]) -> list[FrozenTrial]:
        """The trials in these states, without those of dead workers."""
        return [trial for trial in self._in(states) if ABANDONED not in trial.user_attrs]

    def _close_abandoned(self) -> list[FrozenTrial]:
        """Fails the trials whose owner is dead. Trials are owned before the lock is free, so one without an owner is too."""
        gone = [trial for trial in self._in(RUNNING) if not self._has_owner(trial)]
        for trial in gone:
            for key, value in ((ABANDONED, True), (REASON, WORKER_DIED)):
                self._trials._storage.set_trial_user_attr(trial._trial_id, key, value)
            self._trials.tell(trial.number, state=TrialState.FAIL)
        return [self._trials._storage.get_trial(trial._trial_id) for trial in gone]

    def _has_owner(self, trial: FrozenTrial) -> bool:
        claim = trial.user_attrs.get(CLAIM)
        here = self._workspace.identity()
        return claim is not None and is_alive(claim["pid"], claim["started"], claim["host"], claim["home"], here)

    def _is_orphan(self, trial: FrozenTrial) -> bool:
        return self._has_owner(trial) and trial.user_attrs[CLAIM]["job"] != self._job_id


def _first_free(taken: list[FrozenTrial]) -> int:
    """The lowest place that none of these trials has. One that was added from outside counts for the budget, not here."""
    places = {trial.user_attrs[CLAIM]["place"] for trial in taken if CLAIM in trial.user_attrs}
    return next(place for place in range(len(places) + 1) if place not in places)
