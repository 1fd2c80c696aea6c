"""Optuna's own tables in our store's file, through connections with our pragmas."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage
from sqlalchemy.pool import NullPool

from mlops_tui.store.connection import BUSY_MILLISECONDS
from mlops_tui.store.session import hook_writer


def open_storage(path: Path) -> RDBStorage:
    """Optuna's storage on the store. Transactions begin IMMEDIATE, so that no two workers claim one queued trial."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = RDBStorage(
        f"sqlite:///{path}",
        engine_kwargs={"poolclass": NullPool, "connect_args": {"timeout": BUSY_MILLISECONDS / 1000}},
    )
    hook_writer(storage.engine)
    return storage


@contextmanager
def knowingly() -> Iterator[None]:
    """Uses what Optuna calls experimental without a word of it in every job's log; our tests hold it to what is needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        yield
