"""Metrics, splits, held-out rows, paired comparison."""
