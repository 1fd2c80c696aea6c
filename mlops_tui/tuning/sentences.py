"""What is said of a study's plan when it is made, beside its task and its folds."""

from __future__ import annotations

from mlops_tui.tuning.grid import VALUES

GRID_OF_OWN = (
    f"The grid has {VALUES} values of each range and every choice of a set; how many combinations that are is known as trials"
    " draw them, and the study ends with the last one."
)


def about_limits(seconds: float | None, memory: int | None) -> list[str]:
    """What a trial may take, where that is limited."""
    limits = [
        *([] if seconds is None else [f"take {seconds:g} s"]),
        *([] if memory is None else [f"hold {memory / 1e6:,.0f} MB of memory"]),
    ]
    return [f"A trial may {' and '.join(limits)}; one that goes beyond has failed."] if limits else []
