"""The terminal user interface."""

from __future__ import annotations

import os

from mlops_tui.tui.terminal import prepare

prepare(os.environ)  # Textual reads these once, when it is imported, which is after this
