"""The jobs screen: what it shows of a job, and steering one from it."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Button

from mlops_tui.automation.service import Watching
from mlops_tui.bootstrap import Services
from mlops_tui.jobs.query import get_job
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.panels.log_tail import TAIL_BYTES, read_tail
from tests.tui.filling import add_job
from tests.tui.seeing import settled, text_of


async def test_a_job_shows_its_progress_and_the_end_of_its_log(services: Services) -> None:
    """Bar, share, time left and best in the row; the last line of the log below."""
    log = "".join(f"trial {number}\n" for number in range(300))
    add_job(services, "Tune loans", "running", done=12, total=48, best=0.9123, eta=95.0, log=log)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await settled(pilot)
        shown = text_of(app)
        assert "▶ running" in shown
        assert "25%" in shown
        assert "1m 35s" in shown
        assert "0.9123" in shown
        assert "trial 299" in shown


async def test_the_log_is_followed_as_it_grows(services: Services) -> None:
    """Lines that a worker writes come into sight; half a line waits for its end."""
    job_id = add_job(services, "Tune loans", "running", log="trial 0\n")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await settled(pilot)
        with (services.workspace.logs / f"{job_id}.log").open("a") as log:
            log.write("trial 1\ntrial 2 is not fin")
        await settled(pilot, 0.8)
        assert "trial 1" in text_of(app)
        assert "not fin" not in text_of(app)


async def test_pausing_and_stopping_go_through_the_jobs_service(services: Services) -> None:
    """`p` pauses, `p` again resumes, `s` asks the job to end cleanly."""
    job_id = add_job(services, "Tune loans", "running", total=10)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await settled(pilot)
        for key, state in (("p", "paused"), ("p", "running"), ("s", "stopping")):
            await pilot.press(key)
            await settled(pilot, 0.5)
            assert get_job(services.store.reader, job_id).state == state
            assert state in text_of(app)


async def test_cancelling_says_what_will_be_lost_and_starts_at_the_way_out(services: Services) -> None:
    """Enter on the dialog as it opens leaves the job alone; the other button cancels it."""
    job_id = add_job(services, "Tune loans", "running", done=3, total=10)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await settled(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        assert "3 of 10 are done and stay" in " ".join(text_of(app).replace("┃", " ").split())
        await pilot.press("enter")
        await settled(pilot)
        assert get_job(services.store.reader, job_id).wanted is None
        await pilot.press("x")
        await pilot.pause()
        app.screen.query_one("#yes", Button).press()
        await settled(pilot, 0.3)
        assert get_job(services.store.reader, job_id).wanted == "cancel"


def test_a_long_log_is_read_from_its_end_and_on_from_there(tmp_path: Path) -> None:
    """Whole lines of the last 64 kB; then only what was added; from the start again when it was cut."""
    log = tmp_path / "job.log"
    log.write_text("".join(f"line {number}\n" for number in range(20_000)))
    first = read_tail(log)
    assert first.cut
    assert first.lines[-1] == "line 19999"
    assert sum(len(line) + 1 for line in first.lines) <= TAIL_BYTES
    with log.open("a") as more:
        more.write("50%\r100%\nhalf")
    second = read_tail(log, first.end)
    assert second.lines == ["100%"]
    log.write_text("anew\n")
    assert read_tail(log, second.end).lines == ["anew"]
    assert read_tail(tmp_path / "gone.log").lines == []


def test_control_characters_in_a_log_cannot_drive_the_terminal(tmp_path: Path) -> None:
    """Escapes are shown as text."""
    log = tmp_path / "job.log"
    log.write_bytes(b"\x1b]0;title\x07red \xff\n")
    assert read_tail(log).lines == ["\\x1b]0;title\\x07red \ufffd"]


async def test_watching_is_switched_on_and_off_from_the_screen(services: Services) -> None:
    """`w` starts the agent and the status line says so; `w` again asks first, then ends both, and no process is left."""
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("8")
        await settled(pilot)
        try:
            await pilot.press("w")
            await settled(pilot, 0.5)
            assert Watching(services.store).status().watching
            assert "not watching" not in text_of(app)
            assert "w stop watching" in text_of(app)
            await pilot.press("w")
            await settled(pilot)
            assert "Stop watching the folders?" in text_of(app)
            await pilot.press("escape")
            await settled(pilot)
            assert Watching(services.store).status().watching
            await pilot.press("w", "enter")
            await settled(pilot, 0.5)
            assert "not watching" in text_of(app)
        finally:
            status = Watching(services.store).switch_off()
        assert not status.watching
        assert not status.running
