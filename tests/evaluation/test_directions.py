"""Which way a metric of any name is better."""

from __future__ import annotations

import pytest

from mlops_tui.evaluation.metrics import MAXIMIZE, METRICS, MINIMIZE, direction_by_name


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("roc_auc", MAXIMIZE),
        ("val_roc_auc", MAXIMIZE),
        ("test/log_loss", MINIMIZE),
        ("val-loss", MINIMIZE),
        ("train.accuracy", MAXIMIZE),
        ("fit_seconds", MINIMIZE),
        ("Top1 Acc", MAXIMIZE),
        ("learning_rate", None),
        ("epoch", None),
        ("glossy", None),
    ],
)
def test_a_name_tells_the_direction_or_nothing(name: str, way: str | None) -> None:
    assert direction_by_name(name) == way


@pytest.mark.parametrize("name", list(METRICS))
def test_our_own_have_theirs(name: str) -> None:
    assert direction_by_name(name) == direction_by_name(f"test_{name}") == METRICS[name].direction
