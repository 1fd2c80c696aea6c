"""What the boosting packages share."""

from __future__ import annotations

from mlops_tui.tuning.engine.families.family import Wants

ROUNDS_AT_MOST = 1000
PATIENCE = 20
"""Rounds without a gain after which they stop."""

WANTS = Wants(encode="onehot", dtype="float32")
"""Gaps stay; codes of categories cannot be told to them where a pipeline is fitted, so columns of 0 and 1 say them."""
