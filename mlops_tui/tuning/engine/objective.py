"""The job `objective`: one worker's loop over the trials of an objective of the user's own."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import optuna
from optuna.exceptions import TrialPruned, UpdateFinishedTrialError
from optuna.trial import TrialState

from mlops_tui.core.errors import JobError, MlopsError
from mlops_tui.core.ids import new_id
from mlops_tui.jobs.context import JobContext
from mlops_tui.tuning.engine.memory import forget_peak, peak_bytes
from mlops_tui.tuning.engine.mirror import COST, REASON
from mlops_tui.tuning.engine.seeded_sampler import SeededSampler
from mlops_tui.tuning.engine.told_output import ToldOutput, told_output
from mlops_tui.tuning.engine.trial_file import RUN
from mlops_tui.tuning.engine.trial_loop import TrialLoop
from mlops_tui.tuning.model import Script, Study
from mlops_tui.tuning.query import get_study
from mlops_tui.tuning.script import change_of

Function = Callable[[optuna.Trial], Any]


def run(context: JobContext) -> dict[str, Any]:
    """Runs trials until the study has as many as it was given, its time is over, or somebody stops it.

    Returns {"study", "best_run", "best_value"}; of several objectives no run is the best.

    Raises:
        JobError: the file cannot be loaded, or no trial gave a value.
    """
    study = get_study(context.store.reader, context.spec["study"])
    with told_output() as output:
        function = load(context, study)
        with closing(Trying(context, study, function, output)) as work:
            work.loop()
            return work.result()


def load(context: JobContext, study: Study) -> Function:
    """The function, from its file, which is run here: in the folder that it was named in, its own folder on the path.

    Raises:
        JobError: the file or the folder is gone, the file cannot be run, or it has no such function.
    """
    script, workspace = study.script, context.store.workspace
    if script is None:
        raise JobError(f"Study '{study.name}' has no objective of your own.", "Begin a new one with: mlops-tui tune")
    path, folder = workspace.absolute(script.path), workspace.absolute(script.folder)
    if not path.is_file():
        raise JobError(f"There is no file {path} any more.", "Put it back, and let the study go on.")
    try:
        os.chdir(folder)
    except OSError as error:
        raise JobError(f"The folder {folder} cannot be worked in: {error.strerror}.", "Make it again.") from None
    if (changed := change_of(workspace, script)) is not None:
        context.log(changed)
    sys.path.insert(0, str(path.parent))
    sys.argv = [str(path)]
    function = getattr(_module(path, script), script.function, None)
    if not callable(function):
        raise JobError(f"{script.name} has no function '{script.function}'.", "Mend it, and let the study go on.")
    found: Function = function
    return found


def _module(path: Path, script: Script) -> ModuleType:
    """The file as a module under its own name, by which what it pickles is found again."""
    name = path.stem if path.stem not in sys.modules else f"objective_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise JobError(f"{script.name} is no Python file.", "Its name has to end in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a person's code may raise anything
        traceback.print_exc()
        raise JobError(
            f"{script.name}{_line_of(error, path)} cannot be run: {_words(error)}",
            "The whole trace is in the job's log.",
        ) from None
    return module


class Trying(TrialLoop):
    """One worker's part of a study of an objective of the user's own."""

    def __init__(self, context: JobContext, study: Study, function: Function, output: ToldOutput) -> None:
        self._function = function
        self._output = output
        super().__init__(context, study, SeededSampler(study.seed, study.sampler))
        self._storage.keeps_parameters_back = False

    def _try(self, trial: optuna.Trial) -> None:
        trial.set_user_attr(RUN, new_id())
        self._optuna._thread_local.in_optimize_loop = True  # so that the objective, or a grid that is done, may stop it
        forget_peak()
        worked = time.process_time()
        with self._output.about(f"trial {trial.number} | "), self._within_limits():
            state, values, reason = self._called(trial)
        with self._storage.held():
            trial.set_user_attr(COST, {"cpu_seconds": time.process_time() - worked, "peak_bytes": peak_bytes()})
            if reason is not None:
                trial.set_user_attr(REASON, reason)
        self._end(trial, values, state=state)
        told = reason or ", ".join(f"{value:g}" for value in values or ())
        self._context.log(f"trial {trial.number}: {state.name.lower()} {told}")

    def _called(self, trial: optuna.Trial) -> tuple[TrialState, list[float] | None, str | None]:
        """How the trial ended, what it came to, and why where that is nothing."""
        try:
            values = _values(self._function(trial), len(self._optuna.directions))
        except TrialPruned as pruned:
            if not self._storage.get_trial(trial._trial_id).intermediate_values:
                return TrialState.PRUNED, None, str(pruned) or "It was stopped early."
            last = self._storage.get_trial(trial._trial_id).last_step
            return TrialState.PRUNED, None, str(pruned) or f"It was stopped early, after step {last}."
        except (UpdateFinishedTrialError, MlopsError):  # another program has ended it, or has moved the study
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a person's code may raise anything
            traceback.print_exc()
            return TrialState.FAIL, None, _words(error)
        return TrialState.COMPLETE, values, None

    def _is_over(self) -> bool:
        """Whether `study.stop()` was called, by the objective or by a grid that is done."""
        if not self._optuna._stop_flag:
            return False
        self._context.log("The study was stopped by itself.")
        return True


def _values(returned: Any, count: int) -> list[float]:
    """What an objective returned, as one number for each direction.

    Raises:
        ValueError: it is none.
    """
    found: Sequence[Any] = (
        list(returned) if isinstance(returned, Sequence) and not isinstance(returned, str) else [returned]
    )
    if len(found) != count:
        raise ValueError(
            f"It returned {len(found)} values, and there {'is' if count == 1 else 'are'} {count} to return."
        )
    numbers = []
    for one in found:
        try:
            number = float(one)
        except (TypeError, ValueError):
            raise ValueError(f"It returned {one!r:.60}, which is no number.") from None
        if number != number:
            raise ValueError("It returned nan.")
        numbers.append(number)
    return numbers


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".strip().splitlines()[0].removesuffix(":")


def _line_of(error: BaseException, path: Path) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}," if lines else ""
