"""What is said of a study's plan when it is made, beside its task and its folds."""

from __future__ import annotations


def about_limits(seconds: float | None, memory: int | None) -> list[str]:
    """What a trial may take, where that is limited."""
    limits = [
        *([] if seconds is None else [f"take {seconds:g} s"]),
        *([] if memory is None else [f"hold {memory / 1e6:,.0f} MB of memory"]),
    ]
    return [f"A trial may {' and '.join(limits)}; one that goes beyond has failed."] if limits else []
