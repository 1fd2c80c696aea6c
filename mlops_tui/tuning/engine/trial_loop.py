"""One worker's loop over a study's trials, whatever a trial is."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from mlops_tui.core.errors import JobError
from mlops_tui.jobs.context import JobContext
from mlops_tui.tuning.engine.claim import Claims
from mlops_tui.tuning.engine.mirror import REASON, Mirror, best_first
from mlops_tui.tuning.engine.opening import open_trials
from mlops_tui.tuning.engine.sampler import Placed
from mlops_tui.tuning.engine.trial_file import RUN, StudyMoved
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import get_study, hidden_trials

POLL_SECONDS = 0.2
HOPELESS = 5
"""So many trials may fail before any gives what is wanted; then the study ends."""


class TrialLoop(ABC):
    """Takes trials until there are enough, time is over, or a person stops it. `GIVES` is what a trial is to give."""

    GIVES = "value"

    def __init__(self, context: JobContext, study: Study, sampler: Placed) -> None:
        self._context = context
        self._store = context.store
        self._study = study
        self._optuna, self._storage = open_trials(self._store, study, sampler)
        if count := self._carry():
            self._context.log(f"{count} trials are taken along")
        self._claims = Claims(context, study, self._optuna, sampler)
        self._claims.wait_for_orphans()
        self._trial: optuna.Trial | None = None
        self._sampler = sampler
        self._hide(hidden_trials(self._store.reader, study.id))
        Mirror(self._store, study).rebuild(self._optuna.get_trials(deepcopy=False))
        self._began = time.monotonic() - self._claims.seconds_before()

    def _carry(self) -> int:
        """Takes trials along from the study that this one goes on from, before anything is tried; says how many."""
        return 0

    @abstractmethod
    def _try(self, trial: optuna.Trial) -> None:
        """Runs a trial to its end, and writes that down."""

    def _end(
        self, trial: optuna.Trial, values: float | Sequence[float] | None = None, *, state: TrialState | None = None
    ) -> None:
        """Writes a trial's end down. Raises UpdateFinishedTrialError where another program has ended it already."""
        if self._storage.get_trial(trial._trial_id).state.is_finished():
            raise UpdateFinishedTrialError(f"Trial {trial.number} has ended already.")
        self._optuna.tell(trial, values, state=state)

    def _within_limits(self) -> AbstractContextManager[None]:
        """While its block runs, this process is ended where the trial takes longer or more memory than it may."""
        return self._context.lease.piece(seconds=self._study.trial_timeout, memory=self._study.trial_memory)

    def _note(self, best: FrozenTrial) -> str | None:
        """What is said of the best trial beside its value."""
        return None

    def close(self) -> None:
        """Lets go of the file."""
        self._storage.remove_session()

    def loop(self) -> None:
        """Takes trials until there are enough, time is over, or a person stops it."""
        while True:
            try:
                return self._loop()
            except StudyMoved as moved:
                self._context.log(moved.title)
                self._move()

    def stay(self) -> None:
        """Stays until no other worker has a trial, for what comes then they do together; takes what a dead one leaves."""
        while self._claims.are_running() and not self._context.is_one_too_many():
            time.sleep(POLL_SECONDS)
            self.loop()

    def _move(self) -> None:
        """Goes on where the study is now. The trial that was under way is tried anew: its copy knows nothing of its end."""
        given_up = set() if self._trial is None else {self._trial.number}
        self._storage.remove_session()
        self._optuna, self._storage = open_trials(self._store, self._study, self._sampler)
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
            trial, closed = self._claims.take()
            for one in closed:
                self._context.log(f"trial {one.number}: {one.user_attrs.get(REASON)}")
            self._trial = trial
            if trial is None:
                return
            try:
                self._try(trial)
            except UpdateFinishedTrialError:
                self._give_up(trial)
            self._context.lease.count()
            self._say()
            if self._is_hopeless() or self._is_over():
                return

    def _mind_changes(self) -> None:
        """Takes over the limits that a person has changed meanwhile."""
        self._study = get_study(self._store.reader, self._study.id)
        self._claims.mind(self._study)
        if (hidden := hidden_trials(self._store.reader, self._study.id)) != self._hidden:
            self._hide(hidden)

    def _hide(self, hidden: frozenset[int]) -> None:
        """From now on leaves these trials, by their numbers, out of the best and of what the sampler learns from."""
        self._hidden = self._sampler.hidden = hidden

    def _is_late(self) -> bool:
        if (timeout := self._study.timeout) is None:
            return False
        left = timeout - (time.monotonic() - self._began)
        return left < 0 or left < self._kept_for_the_end(left)

    def _kept_for_the_end(self, left: float) -> float:
        """So many of the seconds that are left are for what comes after the trials."""
        return 0.0

    def _give_up(self, trial: optuna.Trial) -> None:
        """Leaves a trial that another program has ended while it ran here; what that one has written stands."""
        ended = self._storage.get_trial(trial._trial_id)
        Mirror(self._store, self._study).rebuild([ended])
        self._context.log(f"trial {trial.number}: another program has ended it, as {ended.state.name.lower()}")

    def _is_hopeless(self) -> bool:
        """Whether the first trials failed, every one of them: so would the others."""
        if self._best() is not None:
            return False
        ended = self._claims.finished()
        return len(ended) >= HOPELESS and all(one.state == TrialState.FAIL for one in ended)

    def _is_over(self) -> bool:
        """Whether a trial has said that no more are to come."""
        return False

    def _best(self) -> FrozenTrial | None:
        """The best trial; None where none is complete, or where several objectives know no best."""
        try:
            best = self._storage.get_best_trial(self._optuna._study_id)
        except (ValueError, RuntimeError):
            return None
        if best.number not in self._hidden:
            return best
        return next(iter(best_first(self._study, self._shown(TrialState.COMPLETE))), None)

    def _shown(self, *states: TrialState) -> list[FrozenTrial]:
        """The trials in these states that nobody has hidden."""
        found = self._optuna.get_trials(deepcopy=False, states=states)
        return [trial for trial in found if trial.number not in self._hidden]

    def _say(self) -> None:
        """Says how far the study is."""
        best = self._best()
        done = len(self._claims.finished())
        note = self._note(best) if best else None
        self._context.progress(done, self._study.trials, best=best.value if best else None, note=note)

    def result(self) -> dict[str, Any]:
        """The best run and its value, once this worker has nothing more to do.

        Raises:
            JobError: trials have ended, and not one of them well.
        """
        self._say()
        best = self._best()
        ended = self._claims.finished()
        if ended and not any(one.state == TrialState.COMPLETE for one in ended):
            raise JobError(
                f"None of {len(ended)} trials gave a {self.GIVES}: {ended[0].user_attrs.get(REASON)}",
                f"See: mlops-tui studies trials {self._study.name}",
            )
        return {
            "study": self._study.id,
            "best_run": best.user_attrs.get(RUN) if best else None,
            "best_value": best.value if best else None,
        }
