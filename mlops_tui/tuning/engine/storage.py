"""Where a worker's Optuna keeps its trials."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
from optuna.exceptions import ExperimentalWarning

from mlops_tui.tuning.engine.optuna_tables import ensure_tables
from mlops_tui.tuning.engine.trial_storage import TrialStorage


def open_storage(path: Path) -> TrialStorage:
    """Optuna's storage on the store, whose tables are made where there are none."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    ensure_tables(path)
    return TrialStorage(path)


@contextmanager
def knowingly() -> Iterator[None]:
    """Uses what Optuna calls experimental without a word of it in every job's log; our tests hold it to what is needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield
