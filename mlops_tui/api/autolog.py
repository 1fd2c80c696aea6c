"""Runs of scripts that know nothing of runs: each fit of scikit-learn's is one, or belongs to the active one."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClusterMixin,
    RegressorMixin,
    TransformerMixin,
    is_classifier,
    is_regressor,
)
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from mlops_tui.api.inputs import log_input
from mlops_tui.api.models import log_model
from mlops_tui.api.tracking import ActiveRun, active_run, start_run
from mlops_tui.core.errors import MlopsError, UsageError

PARAMETER_CHARACTERS = 500
"""Of a longer parameter, an estimator within another say, so much is kept."""
SAMPLE_ROWS = 100
METHODS = ("fit", "fit_predict", "fit_transform", "score")

_depth = threading.local()
_with_a_fit: set[str] = set()
"""The runs that have the parameters of a fit: another would be mixed into them."""
_patched: dict[tuple[type, str], Callable[..., Any]] = {}


def autolog(*, models: bool = True, on: bool = True) -> None:
    """Has each outermost `fit` of scikit-learn's estimators, or of your own that build on them, leave its parameters, what it
    took, its score on the rows it learnt from, those rows' hash and, unless `models` is False, the model.

    Where no run is active, a fit is a run of its own, called after the estimator; so is, within the active run, each fit after its
    first. A search over parameters leaves the table of
    what it tried. A `score` that is asked for while a run is active is kept too. `on=False` ends all that.
    """
    settings = _Settings(models)
    _unpatch()
    if on:
        for mixin in (ClassifierMixin, RegressorMixin, TransformerMixin, ClusterMixin):
            _patch(mixin, settings)
        _patch_below(BaseEstimator, settings)
        _patch_what_comes(settings)


class _Settings:
    def __init__(self, models: bool) -> None:
        self.models = models


def _patch_below(kind: type, settings: _Settings) -> None:
    found: type
    for found in kind.__subclasses__():
        _patch(found, settings)
        _patch_below(found, settings)


def _patch(kind: type, settings: _Settings) -> None:
    """Wraps what the class itself defines; what it inherits is wrapped where it is from."""
    for name in METHODS:
        real = kind.__dict__.get(name)
        if callable(real) and (kind, name) not in _patched:
            _patched[kind, name] = real
            setattr(kind, name, _wrapped(real, name, settings))


def _patch_what_comes(settings: _Settings) -> None:
    """Classes that are defined from now on are wrapped as they come."""
    real = BaseEstimator.__dict__.get("__init_subclass__")

    def __init_subclass__(cls: type, **given: Any) -> None:  # noqa: N807 - it takes the place of Python's own
        if real is None:
            super(BaseEstimator, cls).__init_subclass__(**given)
        else:
            real.__get__(None, cls)(**given)
        _patch(cls, settings)

    if real is not None:
        _patched[BaseEstimator, "__init_subclass__"] = real
    BaseEstimator.__init_subclass__ = classmethod(__init_subclass__)


def _unpatch() -> None:
    ours = BaseEstimator.__dict__.get("__init_subclass__")
    if ours is not None and (BaseEstimator, "__init_subclass__") not in _patched:
        del BaseEstimator.__init_subclass__
    for (kind, name), real in _patched.items():
        setattr(kind, name, real)
    _patched.clear()


def _wrapped(real: Callable[..., Any], name: str, settings: _Settings) -> Callable[..., Any]:
    @functools.wraps(real)
    def method(self: Any, *given: Any, **named: Any) -> Any:
        if getattr(_depth, "value", 0):
            return real(self, *given, **named)
        if name == "score":
            return _scored(real, self, given, named)
        return _fitted(real, self, given, named, settings)

    return method


@contextmanager
def _within() -> Iterator[None]:
    """What happens within one call of these is that call's."""
    _depth.value = getattr(_depth, "value", 0) + 1
    try:
        yield
    finally:
        _depth.value -= 1


def _scored(real: Callable[..., Any], estimator: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    with _within():
        value = real(estimator, *given, **named)
    try:
        active_run().log_metric("score", value)
    except UsageError:  # no run is active, or it is no number
        pass
    return value


def _fitted(
    real: Callable[..., Any], estimator: Any, given: tuple[Any, ...], named: dict[str, Any], settings: _Settings
) -> Any:
    own: ActiveRun | None = None
    try:
        run = active_run()
        if run.id in _with_a_fit:
            run = own = start_run(type(estimator).__name__, nested=True)
    except UsageError:
        run = own = start_run(type(estimator).__name__)
    _with_a_fit.add(run.id)
    began = time.perf_counter()
    try:
        with _within():
            returned = real(estimator, *given, **named)
            seconds = time.perf_counter() - began
            _keep(run, estimator, _rows(given, named), seconds, settings)
    except BaseException as error:
        if own is not None:
            own.__exit__(type(error), error, error.__traceback__)
        raise
    if own is not None:
        own.end()
    return returned


def _rows(given: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, Any]:
    """What was learnt from: the rows, and the target where there is one."""
    x = given[0] if given else named.get("X")
    y = given[1] if len(given) > 1 else named.get("y")
    return x, y


def _keep(run: ActiveRun, estimator: Any, rows: tuple[Any, Any], seconds: float, settings: _Settings) -> None:
    x, y = rows
    run.log_params({key: _short(value) for key, value in estimator.get_params(deep=True).items()})
    run.set_tags({"estimator": type(estimator).__name__, "estimator_class": _class_of(estimator)})
    metrics = {"fit_seconds": seconds, **_scores(estimator, x, y)}
    run.log_metrics({key: value for key, value in metrics.items() if isinstance(value, int | float)})
    _keep_search(run, estimator)
    try:
        log_input(x, "X")
        if y is not None:
            log_input(y, "y", "target")
        if settings.models and _is_fitted(estimator):
            sample = x[:SAMPLE_ROWS] if y is not None and hasattr(x, "__getitem__") and not _is_sparse(x) else None
            log_model(estimator, sample=sample if hasattr(estimator, "predict") else None)
    except MlopsError as error:  # it is not the script's fault: its run says so
        run.set_tag("autolog", f"{error.title} {error.remedy}")


def _short(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) or value is None else str(value)[:PARAMETER_CHARACTERS]


def _class_of(estimator: Any) -> str:
    return f"{type(estimator).__module__}.{type(estimator).__qualname__}"


def _scores(estimator: Any, x: Any, y: Any) -> dict[str, Any]:
    """How good it is on the rows that it learnt from, which says how far it has learnt them by heart."""
    if y is None or not (is_classifier(estimator) or is_regressor(estimator)) or not hasattr(estimator, "score"):
        return {}
    try:
        return {"training_score": float(estimator.score(x, y))}
    except (TypeError, ValueError, AttributeError, NotFittedError):
        return {}


def _keep_search(run: ActiveRun, estimator: Any) -> None:
    """What a search over parameters has tried, and the best of it."""
    tried = getattr(estimator, "cv_results_", None)
    if not isinstance(tried, dict):
        return
    frame = pd.DataFrame({key: np.asarray(value).tolist() for key, value in tried.items()})
    run.log_bytes(frame.to_csv(index=False).encode(), "search.csv")
    if (best := getattr(estimator, "best_score_", None)) is not None:
        run.log_metric("best_score", best)
    if best_params := getattr(estimator, "best_params_", None):
        run.log_params({f"best.{key}": _short(value) for key, value in best_params.items()})


def _is_fitted(estimator: Any) -> bool:
    try:
        check_is_fitted(estimator)
    except (NotFittedError, TypeError):
        return False
    return True


def _is_sparse(rows: Any) -> bool:
    return hasattr(rows, "tocsr")
