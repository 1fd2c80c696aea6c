"""The whole life of a machine-learning model in one terminal, on one file.

The public names are lazy: importing the package loads nothing, using a name loads what it needs. `__init__.pyi` tells
their types, apart from here, so that the package does not seem to import its own front.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_TRACKING = (
    *("ActiveRun", "active_run", "end_run", "log_artifact", "log_artifacts", "log_dict", "log_metric", "log_metrics"),
    *("log_param", "log_params", "log_points", "log_text", "set_tag", "set_tags", "start_run"),
)
_HOMES = {
    **dict.fromkeys(_TRACKING, "tracking"),
    "autolog": "autolog",
    "log_figure": "figures",
    "log_input": "inputs",
    "log_model": "models",
    "log_predictions": "predictions",
    **dict.fromkeys(("LoadedModel", "load_model"), "loading"),
}
"""Which module of `api/` each public name is from: those of tracking load no engine."""

__all__ = [
    "ActiveRun",
    "LoadedModel",
    "__version__",
    "active_run",
    "autolog",
    "end_run",
    "load_model",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_input",
    "log_metric",
    "log_metrics",
    "log_model",
    "log_param",
    "log_params",
    "log_points",
    "log_predictions",
    "log_text",
    "set_tag",
    "set_tags",
    "start_run",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("mlops-tui")
    if name in _HOMES:
        return getattr(import_module(f"mlops_tui.api.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
