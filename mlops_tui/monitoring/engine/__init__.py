"""Comparing two windows from their stored profiles; loaded in a worker alone."""

from mlops_tui.monitoring.engine.compare import compare

__all__ = ["compare"]
