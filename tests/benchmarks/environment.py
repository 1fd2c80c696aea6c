"""An environment of their own for tools that are compared with ours, beside the project's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-bench"


def installed(packages: list[str]) -> Path | None:
    """The Python of that environment, with those packages; None where they cannot be had."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    python = ENVIRONMENT / "bin" / "python"
    try:
        if not python.exists():
            subprocess.run(
                [uv, "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT)], check=True, timeout=120
            )
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *packages]
        subprocess.run(install, check=True, timeout=900, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return python
