"""Where and with what a model was made."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from mlops_tui.registry.formats import JOBLIB, ONNX, SKOPS

PACKAGES = ("numpy", "scikit-learn", "skops", "pandas", "mlops-tui")
MORE = {ONNX: ("onnxruntime",), JOBLIB: ("joblib",)}
"""What files of other formats need besides."""


def environment(format_: str = SKOPS) -> dict[str, Any]:
    """Python, platform and the versions of the packages that a model file hangs on; None where one is not installed."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: package_version(name) for name in (*PACKAGES, *MORE.get(format_, ()))},
    }


def package_version(name: str) -> str | None:
    """The installed version of a package."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def minor(version: str | None) -> str | None:
    """`1.9` of `1.9.1`: versions that agree in it read each other's files."""
    return None if version is None else ".".join(version.split(".")[:2])
