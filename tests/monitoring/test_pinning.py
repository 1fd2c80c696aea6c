"""A reference that is pinned is what a source is compared with until it is let go of."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_tui.core.errors import UnknownName, UsageError
from mlops_tui.data.model import Source
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.query import pinned
from mlops_tui.monitoring.service import Monitoring
from mlops_tui.store.event import read_events
from tests.monitoring.monthly import make_months


@pytest.fixture(scope="module")
def live(room: Any) -> Source:
    return make_months(room)[1]


@pytest.fixture
def monitoring(room: Any, live: Source) -> Any:
    found = Monitoring(room.store, Jobs(room.store))
    yield found
    if pinned(room.store.reader, live.id) is not None:
        found.unpin("live")


def plan(monitoring: Monitoring, **asked: Any) -> tuple[str, bool]:
    spec = monitoring.plan("live", **asked)[1]
    return spec["reference"], spec["pinned"]


def test_what_is_pinned_is_compared_with_where_nothing_else_is_said(room: Any, monitoring: Monitoring) -> None:
    assert plan(monitoring) == ("training", False)
    kept = monitoring.pin("live", "2026-01.csv")
    assert (kept.reference, kept.label) == ("2026-01.csv", "2026-01.csv")
    assert plan(monitoring) == ("2026-01.csv", True)
    assert plan(monitoring, reference="2026-02.csv") == ("2026-02.csv", False)
    assert plan(monitoring, training="year") == ("training", False)
    assert monitoring.unpin("live").reference == "2026-01.csv"
    assert plan(monitoring) == ("training", False)


def test_a_report_says_that_its_reference_is_pinned(room: Any, live: Source, monitoring: Monitoring) -> None:
    monitoring.pin("live", "v1", "year")
    spec = monitoring.plan("live", current=["2026-03.csv"])[1]
    [report] = room.work("drift", **spec)["reports"]
    assert (report["reference"], report["notes"]) == ("year v1", ["reference: pinned"])
    assert report["reference_rows"] == 3_650


def test_pinning_and_letting_go_are_events_with_what_was_before(room: Any, monitoring: Monitoring) -> None:
    monitoring.pin("live", "2026-01.csv")
    monitoring.pin("live", "v1", "year")
    monitoring.unpin("live")
    let_go, second, first = read_events(room.store.reader, limit=3)
    assert (first.verb, first.subject_name, first.before) == ("reference_pinned", "live", None)
    assert second.before == {"reference": "2026-01.csv", "of": None}
    assert second.after == {"reference": "v1", "of": "year"}
    assert (let_go.verb, let_go.before) == ("reference_unpinned", {"reference": "v1", "of": "year"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("last:3", "moves on to every file"),
        ("since:2026-01-01", "goes on with every row"),
        ("nothing.csv", "no file 'nothing.csv'"),
        ("v9", "no version 9"),
        ("rolling:none", "no rolling window"),
    ],
)
def test_what_cannot_stay_a_reference_is_not_pinned(
    room: Any, live: Source, monitoring: Monitoring, text: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        monitoring.pin("live", text)
    assert refused.value.remedy
    assert pinned(room.store.reader, live.id) is None


def test_a_reference_that_moves_can_be_pinned(monitoring: Monitoring) -> None:
    for text in ("rolling:2", "rolling:31d", "season"):
        monitoring.pin("live", text)
        assert plan(monitoring) == (text, True)


def test_nothing_is_let_go_of_where_nothing_is_pinned(monitoring: Monitoring) -> None:
    with pytest.raises(UsageError, match="no pinned reference"):
        monitoring.unpin("live")


def test_a_pinned_file_that_is_gone_says_that_it_was_pinned(room: Any, live: Source, monitoring: Monitoring) -> None:
    """What is wrong with the window that is looked at is said without that."""
    monitoring.pin("live", "2026-06.csv")
    with pytest.raises(UnknownName) as refused:
        monitoring.plan("live", current=["nothing.csv"])
    assert "--unpin" not in refused.value.remedy
    (room.root / "live" / "2026-06.csv").unlink()
    room.scan()
    with pytest.raises(UnknownName, match=r"no file '2026-06\.csv'") as refused:
        monitoring.plan("live")
    assert "mlops-tui drift live --unpin" in refused.value.remedy
