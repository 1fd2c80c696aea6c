"""What the boosting packages share."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from mlops_tui.core.errors import UsageError
from mlops_tui.tuning.engine.families.family import Wants

ROUNDS_AT_MOST = 1000
PATIENCE = 20
"""Rounds without a gain after which they stop."""

WANTS = Wants(encode="onehot", dtype="float32")
"""Gaps stay; codes of categories cannot be told to them where a pipeline is fitted, so columns of 0 and 1 say them."""


def loaded(package: str) -> Any:
    """The package of that name, loaded on first use.

    Raises:
        UsageError: it, or a library of the system that it needs, cannot be loaded.
    """
    try:
        return import_module(package)
    except (ImportError, OSError) as error:
        raise UsageError(
            f"The package {package} cannot be loaded here: {error}.",
            "It needs the system's OpenMP: apt install libgomp1, or brew install libomp.",
        ) from error
