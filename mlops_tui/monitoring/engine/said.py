"""How what a version says has moved: its scores and the classes that it calls, beside what its recipe said of training rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_tui.core.printable import printable
from mlops_tui.data.engine.profiling import profile_columns
from mlops_tui.data.engine.stream import Counted, Values
from mlops_tui.data.profile import Profile
from mlops_tui.monitoring.engine.compare import compare
from mlops_tui.monitoring.model import ColumnDrift
from mlops_tui.registry.engine.labels import called_codes
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.threshold import threshold_of

Array = np.ndarray[Any, Any]

PREDICTION, LABEL = "prediction", "label"
MOST_CLASSES = 20
"""Of more classes the labels alone are compared."""


def said_profile(said: Array, version: ModelVersion) -> Profile:
    """The profile of what was said of n rows, probabilities of shape (n, k) or numbers of shape (n,), as columns: `prediction` of a
    regression; of classes the score of the positive one, or of each of more, and the `label` that is called.
    """
    signature = version.signature
    if not signature.is_classifier:
        return profile_columns({PREDICTION: said.astype(np.float64)}, {PREDICTION: "numeric"})
    codes = [signature.positive_code] if len(signature.classes) == 2 else range(len(signature.classes))
    labels = [printable(str(label)) for label in signature.classes]
    columns: dict[str, Values] = {}
    if len(labels) <= MOST_CLASSES:
        columns = {f"score of {labels[code]}": said[:, code].astype(np.float64) for code in codes}
    kinds = dict.fromkeys(columns, "numeric")
    called = np.bincount(called_codes(said, signature, threshold_of(version)), minlength=len(labels))
    columns[LABEL] = Counted({label: int(n) for label, n in zip(labels, called, strict=True) if n}, 0)
    return profile_columns(columns, {**kinds, LABEL: "category"})


def moved(reference: Profile, current: Profile) -> tuple[ColumnDrift, ...]:
    """What was said then beside what is said now, by the rules by which columns are compared."""
    return compare(reference, current).columns
