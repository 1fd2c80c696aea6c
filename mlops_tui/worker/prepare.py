"""`python -m mlops_tui.worker.prepare STORE`: makes Optuna's own tables in a new store."""

from __future__ import annotations

import sys
from pathlib import Path

from mlops_tui.tuning.engine.storage import open_storage

if __name__ == "__main__":
    open_storage(Path(sys.argv[1]))
