"""What a person reads of the files that are quarantined."""

from __future__ import annotations

from mlops_tui.cli.checks_text import quarantine


def test_the_reason_why_a_file_is_quarantined_is_told_with_the_advice_at_its_end() -> None:
    """It was cut in the middle of the advice, where the reason is long."""
    reason = "b.csv lacks the column channel. " * 7 + "Read it with: mlops-tui data options loans --skip 2"
    where = {"row": 2, "column": "channel", "count": 1}
    broken = {"check": "missing_column", "severity": "stop", "reason": reason, **where}
    file = {"source": "loans", "file": "b.csv", "found": [broken]}
    assert reason in quarantine([file])
