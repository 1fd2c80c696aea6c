"""What arrives is a line a file; what waits and how fast it goes is one more."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_tui.jobs.model import DONE, QUEUED, RUNNING, Job
from mlops_tui.presenters.watching import arrival_line, folded, is_told, work_line
from mlops_tui.store.event import Event

AT = "2026-03-01T12:00:10.000000Z"
NOW = 1_772_366_410.0  # AT


def event(verb: str, kind: str = "file", name: str = "in/a.csv", why: str | None = None, **fields: Any) -> Event:
    return Event("E", AT, "agent", verb, kind, "F", name, why, fields.get("before"), fields.get("after"))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            event("taken_in", after={"rows": 1200, "bytes": 2048, "seconds": 0.254}),
            "taken in, 1,200 rows, 2.0 KiB, 0.25 s",
        ),
        (event("taken_in", after={"rows": 7}), "taken in"),
        (
            event("taken_in", after={"rows": 7, "bytes": 9, "warnings": ["2 rows are left out.", "x is 3."]}),
            "taken in, 7 rows, 9 B; warning (and 1 more): 2 rows are left out.",
        ),
        (event("quarantined", why="a.csv is empty.\nWrite it."), "quarantined: a.csv is empty. Write it."),
        (event("gone"), "gone"),
        (event("renamed", before={"path": "b.csv"}), "renamed from b.csv"),
        (event("duplicate", after={"of": "b.csv"}), "has the content of b.csv; its rows count twice"),
        (
            event("overlap", after={"of": "b.csv", "share": 0.7}, why="About 70 % of its rows are in b.csv too."),
            "rows of another file: About 70 % of its rows are in b.csv too.",
        ),
    ],
)
def test_a_file_that_arrives_is_one_line(found: Event, words: str) -> None:
    assert is_told(found)
    assert arrival_line(found, "loans") == f"12:00:10  {'loans':<12}  {'in/a.csv':<24}  {words}"


def test_a_reason_is_told_whole_and_goes_on_below_at_whole_words() -> None:
    """Advice stands at its end; a terminal would break it in the middle of a word."""
    why = "in/a.csv lacks the column channel. " * 7 + "Read it with: mlops-tui data options loans --skip 2"
    line = arrival_line(event("quarantined", why=why), "loans")
    assert line.endswith(f"quarantined: {why}")
    told = folded(line, 80).splitlines()
    assert len(told) > 3
    assert all(len(part) <= 80 for part in told)
    assert all(part.startswith(" " * 10) for part in told[1:])
    assert " ".join(part.strip() for part in told).split() == line.split()


def test_a_version_is_told_of_its_source_and_other_events_are_not() -> None:
    made = event("new_version", "source", "loans", after={"version": 3, "files": 2, "rows": 40})
    assert arrival_line(made, "").split() == ["12:00:10", "loans", "version", "3:", "2", "files,", "40", "rows"]
    inferred = event("schema_inferred", "source", "loans", after={})
    assert is_told(inferred)
    assert "schema inferred from its first file; accepted by: mlops-tui data schema loans" in arrival_line(inferred, "")
    assert not is_told(event("queued", "job", "scan loans"))


def job(state: str, **more: Any) -> Job:
    plain: dict[str, Any] = dict.fromkeys(Job.__dataclass_fields__)
    plain |= {"id": "J", "kind": "scan", "title": "scan loans", "state": state, "done": 0, "created": AT}
    return Job(**{**plain, **more})


def test_what_waits_and_how_fast_it_goes_is_one_line() -> None:
    assert work_line(None, 0, NOW) == "nothing waits"
    assert work_line(job(QUEUED), 2, NOW) == "2 files to take in · queued"
    running = job(RUNNING, started=AT, done=4 << 20, total=8 << 20, eta=2.0, note="file 3 of 9: loans: c.csv")
    assert (
        work_line(running, 9, NOW + 2)
        == "9 files to take in · file 3 of 9: loans: c.csv · 4.0 MiB/8.0 MiB · 2.0 MiB/s · 2s left"
    )
    done = job(DONE, result={"sources": [], "files": 30, "bytes": 3 << 20, "seconds": 1.5})
    assert work_line(done, 0, NOW) == "nothing waits · last: 30 files, 3.0 MiB in 1.5s · 1,200 files/min, 2.0 MiB/s"
    assert work_line(job(DONE, result={"sources": [], "files": 0, "bytes": 0, "seconds": 0.0}), 1, NOW) == (
        "1 file to take in"
    )
