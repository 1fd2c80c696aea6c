"""The fitted estimators within a model, and what they say of how it learnt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.impute import SimpleImputer


def parts_of(model: Any) -> Iterator[Any]:
    """The model and every fitted estimator within it: steps, parts of columns, members of a vote."""
    yield model
    inner = [step for _, step in getattr(model, "steps", [])]
    inner += [part[1] for part in getattr(model, "transformers_", [])]
    inner += list(getattr(model, "estimators_", [])) if hasattr(model, "named_estimators_") else []
    for one in inner:
        if not isinstance(one, str):
            yield from parts_of(one)


def misses_by_none(model: Any) -> bool:
    """Whether a missing text was None as it learnt, as in pipelines of ours, and not NaN, as pandas reads it."""
    for part in parts_of(model):
        if isinstance(part, SimpleImputer) and part.missing_values is None:
            return True
        if any(one is None for categories in getattr(part, "categories_", []) for one in categories):
            return True
    return False
