"""What arrives is seen as it is read: which file, how far, how fast, and what waits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlops_tui.automation.model import Polled
from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds, now, to_seconds
from mlops_tui.core.ids import new_id
from mlops_tui.data.query import find_source
from mlops_tui.jobs.liveness import this_process
from mlops_tui.jobs.model import Job
from mlops_tui.jobs.query import get_job
from mlops_tui.presenters.arrivals import Arrivals, arrival_lines
from mlops_tui.tui.app import MlopsApp
from tests.tui.seeing import SIZES, look, text_of, until_seen

NOTE = "file 3 of 12: months: 2026-07.csv"


def _running_scan(loans: Services) -> str:
    """A scan that this very process is taken to do, a third of the way."""
    job_id, (pid, started, host) = new_id(), this_process()
    source = find_source(loans.store.reader, "months")
    with loans.store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, pid, pid_started, done, total, eta, note,"
            " log, created, started) VALUES (?, 'scan', 'scan months', ?, 'running', 1, ?, ?, ?, ?, ?, ?, 9, ?, 'x.log',"
            " ?, ?)",
            (
                job_id,
                json.dumps({"sources": [source.id]}),
                host,
                loans.workspace.identity(),
                pid,
                started,
                1 << 20,
                3 << 20,
                NOTE,
                now(),
                from_seconds(to_seconds(now()) - 4),
            ),
        )
        writing.changed("jobs")
    return job_id


@pytest.mark.parametrize("size", SIZES)
async def test_a_scan_is_followed_on_the_screen_until_it_ends(loans: Services, size: tuple[int, int]) -> None:
    """The file that is being read and a bar over all of them; gone when the scan is."""
    app = MlopsApp(loans)
    async with app.run_test(size=size) as pilot:
        assert "file waits" not in await look(pilot, "2")
        job_id = _running_scan(loans)
        shown = await until_seen(pilot, "▶ months: 2026-07.csv · 9 files wait", "33%", "9s left", "▶ scanning")
        assert "1.0 MiB of 3.0 MiB" in shown
        assert "KiB/s" in shown
        assert "files/min" in shown
        with loans.store.write() as writing:
            writing.execute("UPDATE job SET state = 'done' WHERE id = ?", (job_id,))
            writing.changed("jobs")
        await until_seen(pilot, "▲ 1 quarantined")
        assert "9 files wait" not in text_of(app)


def test_a_scan_that_waits_says_so_and_polled_folders_say_why(loans: Services) -> None:
    """Without a file there is no bar; several scans are counted; a folder without events is named."""
    job = replace(get_job(loans.store.reader, _running_scan(loans)), note="waiting for another scan", total=None)
    polled = (Polled("/mnt/share", "nfs reports no changes"),)
    lines = [line.text for line in arrival_lines(Arrivals((job, _queued(job)), polled), to_seconds(now()))]
    assert lines == [
        "▶ waiting for another scan · 1 scan waits",
        "‖ 1 folder is polled: /mnt/share (nfs reports no changes)",
    ]
    assert arrival_lines(Arrivals(), 0.0) == []


def _queued(job: Job) -> Job:
    return replace(job, id="other", state="queued", note=None)


async def test_panels_that_come_into_sight_in_a_wider_terminal_read(loans: Services) -> None:
    """The files and the column beside the list have room at 160 columns."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await look(pilot, "2", "down")
        await pilot.resize_terminal(160, 50)
        await until_seen(pilot, "2026-04.csv", "as in source loans")
