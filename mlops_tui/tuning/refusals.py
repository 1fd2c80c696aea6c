"""What a study is refused for before anything is written: limits, names and states that cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.tuning.model import (
    FOLDS_AT_LEAST,
    FOLDS_AT_MOST,
    OPEN,
    TRIAL_MEMORY_AT_LEAST,
    Study,
)

if TYPE_CHECKING:  # it loads the ORM, and screens refuse a budget before anything is written
    from mlops_tui.store.session import SessionWriting

TRIALS_AT_MOST, WORKERS_AT_MOST = 1_000_000, 1_000
SEED_AT_MOST = 4_000_000_000
"""What numerical libraries take as a seed, with room for what is added where folds are drawn anew."""


def require_budget(trials: int, workers: int, timeout: float | None) -> None:
    """Raises UsageError where a study could try nothing, or more than can be counted."""
    require_trials(trials)
    require_workers(workers)
    if timeout is not None and timeout <= 0:
        raise UsageError("The time has to be above zero.", "For example: --timeout 10m")


def require_trials(trials: int) -> None:
    """Raises UsageError where there cannot be so many."""
    if not 1 <= trials <= TRIALS_AT_MOST:
        raise UsageError(f"There cannot be {_told(trials)} trials.", f"Say --trials with 1 to {TRIALS_AT_MOST:,}.")


def require_workers(workers: int) -> None:
    """Raises UsageError where there cannot be so many."""
    if not 1 <= workers <= WORKERS_AT_MOST:
        remedy = f"Say 1 to {WORKERS_AT_MOST:,} workers, as many as there are cores or fewer."
        raise UsageError(f"There cannot be {_told(workers)} workers.", remedy)


def require_name(name: str | None) -> None:
    """Raises UsageError where it is none that stands in one line."""
    if name is not None and (not name.strip() or name != printable(name)):
        raise UsageError(
            f"'{printable(name)}' is no name of a study: it has to stand in one line.", "Say another --name."
        )


def _told(number: int) -> str:
    return f"{number:,}" if abs(number) < 10**12 else "so many"


def require_limits(seconds: float | None, memory: int | None) -> None:
    """Raises UsageError where no trial could keep its limits."""
    if seconds is not None and seconds <= 0:
        raise UsageError("The time of a trial has to be above zero.", "For example: --trial-timeout 60s")
    if memory is not None and memory < TRIAL_MEMORY_AT_LEAST:
        raise UsageError(
            f"A trial cannot do with {memory:,} {'byte' if memory == 1 else 'bytes'} of memory: a worker needs {TRIAL_MEMORY_AT_LEAST / 1e6:,.0f} MB before it"
            " learns anything.",
            "Allow a trial more, for example: --trial-memory 2GB",
        )


def require_folds(folds: int) -> None:
    """Raises UsageError where there cannot be so many."""
    if not FOLDS_AT_LEAST <= folds <= FOLDS_AT_MOST:
        raise UsageError(f"There cannot be {folds} folds.", f"Take {FOLDS_AT_LEAST} to {FOLDS_AT_MOST}.")


def require_seed(seed: int) -> None:
    """Raises UsageError where no library takes it."""
    if not 0 <= seed <= SEED_AT_MOST:
        raise UsageError("The seed has to be zero or above.", f"Say one up to {SEED_AT_MOST:,}, for example: --seed 1")


def require_pruner(pruner: str, known: Mapping[str, str], others: Mapping[str, str], what: str) -> None:
    """Raises UsageError of a pruner that is not known, or goes with what is tuned otherwise alone."""
    if pruner in others and pruner not in known:
        raise UsageError(f"The pruner '{pruner}' does not go with {what}.", f"Choose one of: {', '.join(known)}.")
    require_one_of("pruner", pruner, known)


def require_one_of(what: str, name: str, known: Mapping[str, str]) -> None:
    """Raises UsageError of a name that is not known."""
    if name not in known:
        raise UsageError(f"The {what} '{printable(name)}' is not known.", f"Choose one of: {', '.join(known)}.")


def refuse_taken(writing: SessionWriting, name: str) -> None:
    """Raises UsageError where a study has the name already."""
    if writing.execute("SELECT 1 FROM study WHERE name = ?", (name,)).fetchone():
        raise UsageError(
            f"There is a study '{name}' already.",
            f"Choose another --name; or go on with it, mlops-tui studies resume {name}; or remove it: mlops-tui studies remove {name} --yes",
        )


def job_of(study: Study, verb: str) -> str:
    """The job that is at work for the study. Raises JobError where there is none."""
    if study.job_id is None:
        raise JobError(
            f"Study '{study.name}' was never started.", "Start it with: mlops-tui studies resume " + study.name
        )
    if study.state not in OPEN:
        raise JobError(
            f"Study '{study.name}' is {study.state}; it cannot {verb}.", "See: mlops-tui studies show " + study.name
        )
    return study.job_id
