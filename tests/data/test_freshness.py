"""When the next file of a source is overdue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.clock import from_seconds
from mlops_tui.data.checkfile import place
from mlops_tui.data.checks import Check
from mlops_tui.data.curation import Curation
from mlops_tui.data.freshness import late, overdue
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

HOUR = 3600.0
DAILY = Check("freshness", "warn", hours=24)
LAST = 1_700_000_000.0


@pytest.mark.parametrize(
    ("waited", "words"),
    [
        (0.0, None),
        (24.0, None),
        (24.1, "the last one came 24.1 hours ago, and one has to come within 24 hours."),
        (72.0, "the last one came 3 days ago, and one has to come within 24 hours."),
    ],
)
def test_a_file_is_overdue_once_more_than_its_hours_went_by(waited: float, words: str | None) -> None:
    told = overdue(DAILY, from_seconds(LAST), LAST + waited * HOUR)
    assert told == (words and f"A file is overdue: {words}")


def test_short_waits_are_said_in_minutes_and_seconds() -> None:
    told = overdue(Check("freshness", "warn", hours=0.01), from_seconds(LAST), LAST + 0.2 * HOUR)
    assert told == "A file is overdue: the last one came 12 minutes ago, and one has to come within 36 seconds."


def test_a_source_that_nothing_ever_came_to_is_not_late() -> None:
    assert overdue(DAILY, None, LAST + 1000 * HOUR) is None


def test_no_other_check_makes_a_file_overdue() -> None:
    assert overdue(Check("volume", "warn", least=1), from_seconds(LAST), LAST + 1000 * HOUR) is None


@pytest.mark.parametrize(
    ("text", "is_late"),
    [
        ('# kind = "freshness"\n# hours = 1e-9\n', False),
        ('[[check]]\nkind = "required"\ncolumn = "x"\n', False),
        ('[[check]]\nhours = 1e-9\nkind = "freshness"\n', True),
        ('check = [{ kind = "freshness", hours = 1e-9 }]\n', True),
        ('[[check]]\nkind = "freshness"\n', False),  # broken: the next scan says so
    ],
)
def test_only_a_freshness_check_of_the_file_makes_a_source_late(
    store: Store, sources: Sources, folder: Path, scan: Callable[..., Any], text: str, is_late: bool
) -> None:
    (folder / "a.csv").write_text("x,y\n1,2\n3,4\n", "utf-8")
    sources.add(folder, name="s")
    scan()
    source, _ = Curation(store).accept("s", [])
    place(store.workspace, "s").write_text(text, "utf-8")
    assert (late(store.workspace, store.reader, source) is not None) == is_late
