"""The whole life of a machine-learning model in one terminal, on one file.

The public names are lazy: importing the package loads nothing, using a name loads what it needs. `__init__.pyi` tells
their types, apart from here, so that the package does not seem to import its own front.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = [
    "ActiveRun",
    "__version__",
    "end_run",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "set_tag",
    "start_run",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("mlops-tui")
    if name in __all__:
        return getattr(import_module("mlops_tui.api.tracking"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
