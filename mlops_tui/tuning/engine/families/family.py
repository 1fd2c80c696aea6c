"""What every family says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution


@dataclass(frozen=True, slots=True)
class Family:
    """An estimator family. `make(task, params, seed)` gives an unfitted estimator; `defaults` lie within `space`.

    `scale`, `encode` ("onehot" or "ordinal") and `impute` say what preprocessing it wants.
    """

    name: str
    space: dict[str, BaseDistribution]
    defaults: dict[str, Any]
    make: Callable[[str, dict[str, Any], int], Any]
    scale: bool
    encode: str
    impute: bool
