"""The most memory that a trial held is its own, and not that of an earlier one."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mlops_tui.tuning.engine.memory import forget_peak, peak_bytes

MEGABYTE = 1024 * 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system does not tell")
def test_a_peak_that_was_forgotten_is_not_seen_again() -> None:
    forget_peak()
    before = peak_bytes()
    assert before is not None
    held = np.ones(20 * MEGABYTE)
    peak = peak_bytes()
    del held
    assert peak is not None
    assert 140 * MEGABYTE < peak - before < 240 * MEGABYTE
    forget_peak()
    after = peak_bytes()
    assert after is not None
    assert after < before + 60 * MEGABYTE
