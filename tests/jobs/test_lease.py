"""What a supervisor sees of its worker's piece of work, and what it makes of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from mlops_tui.jobs.lease import HANDED_DOWN, Lease, Reading


@pytest.fixture
def lease() -> Iterator[Lease]:
    made = Lease.made()
    yield made
    made.close()


def test_what_a_worker_writes_its_supervisor_reads(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both map the same memory, by a descriptor that is handed down in the environment and taken out of it."""
    monkeypatch.setenv(HANDED_DOWN, str(os.dup(lease.descriptor)))
    worker = Lease.handed_down()
    assert HANDED_DOWN not in os.environ
    assert lease.read() is None
    with worker.piece(seconds=60, memory=10**9):
        found = lease.read()
        assert found is not None
        assert (found.piece, found.seconds, found.bytes) == (1, 60.0, 10**9)
    assert (lease.read(), lease.done) == (None, 0)
    worker.count()
    assert lease.done == 1
    with worker.piece():
        again = lease.read()
        assert again is not None
        assert (again.piece, again.seconds, again.bytes) == (2, 0.0, 0)
    worker.close()


def test_a_piece_that_fails_is_over_as_well(lease: Lease) -> None:
    with pytest.raises(ValueError, match="no"), lease.piece(seconds=1):
        raise ValueError("no")
    assert lease.read() is None


READING = Reading(1, began=100.0, seconds=60.0, bytes=2 * 10**9)


def test_a_piece_is_beyond_its_time_or_its_memory() -> None:
    assert READING.excess(10**9, 160.0, 0.5) is None
    assert READING.excess(10**9, 160.1, 0.5) == "It took longer than its limit of 60 s."
    told = "It held 2,100 MB of memory, more than its limit of 2,000 MB."
    assert READING.excess(2_100_000_000, 110.0, 0.5) == told


def test_without_a_limit_a_piece_is_ended_only_where_it_has_filled_the_machine() -> None:
    free = replace(READING, seconds=0.0, bytes=0)
    whole = psutil.virtual_memory().total
    assert free.excess(whole // 2, 10**6, 0.05) is None
    assert (free.excess(whole // 2, 110.0, 0.01) or "").endswith("of memory, and the machine had none left.")
    assert free.excess(whole // 100, 110.0, 0.01) is None  # it is not this one that has filled it
