"""Optuna's own suite for storages, on the storage that the workers use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from optuna.testing.pytest_storages import StorageTestCase

from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.engine.trial_storage import TrialStorage


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables, made once: Optuna takes its time over them."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    open_storage(path)
    return path


class TestTrialStorage(StorageTestCase):
    """Every case of the suite."""

    @pytest.fixture
    def storage(self, empty: Path, tmp_path: Path) -> Iterator[TrialStorage]:
        storage = open_storage(Path(copy(empty, tmp_path)))
        yield storage
        storage.remove_session()
