"""`mlops-tui watch` shows each file as it is taken in, and leaves watching on when it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_tui.automation.service import Watching
from mlops_tui.cli.commands.watch import MOST_KILLED, Follower
from mlops_tui.core.errors import JobError
from mlops_tui.data.model import Source
from mlops_tui.store.event import events_after, read_events
from mlops_tui.store.store import Store
from tests.processes import wait_for
from tests.terminal import Terminal

CONTENT = "x,y\n" + "".join(f"{i / 3:.2f},{i % 2}\n" for i in range(20))


def test_files_are_told_as_they_are_taken_in_and_ctrl_c_leaves_watching_on(
    store: Store, source: Source, folder: Path, root: Path, watching: Watching
) -> None:
    (folder / "a.csv").write_text(CONTENT)
    (folder / "b.csv").write_text("")
    with Terminal("watch", cwd=root, columns=120) as terminal:
        terminal.until("a.csv")
        shown = terminal.until("nothing waits")
        [taken] = [line for line in shown.splitlines() if "taken in," in line]
        assert f"a.csv                     taken in, 20 rows, {len(CONTENT)} B, " in taken
        assert "quarantined: b.csv is empty" in shown
        assert "files/min" in terminal.until("files/min")
        terminal.press("\x03")
        assert terminal.end() == 130
        assert "nothing waits" not in terminal.text
        assert "Traceback" not in terminal.text
    assert watching.status().watching
    assert watching.status().running


def test_events_are_told_as_json_lines_none_left_out(
    store: Store, source: Source, folder: Path, root: Path, watching: Watching
) -> None:
    (folder / "a.csv").write_text(CONTENT)
    command = [sys.executable, "-m", "mlops_tui", "watch", "--json"]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    told = []
    while not told or told[-1]["verb"] != "done":
        told.append(json.loads(process.stdout.readline()))
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    process.stdout.close()
    wait_for(lambda: read_events(store.reader, limit=1)[0].verb == "done")
    there = [event.id for event in reversed(read_events(store.reader, limit=100))]
    first = there.index(told[0]["id"])
    assert [event["id"] for event in told] == there[first:]
    [taken] = [event for event in told if event["verb"] == "taken_in"]
    assert taken["after"]["bytes"] == len(CONTENT)
    assert taken["after"]["seconds"] > 0
    assert [event.id for event in events_after(store.reader, told[0]["id"])] == there[first + 1 :]


def test_an_agent_that_is_killed_meanwhile_is_said_and_another_one_watches_in_its_place(
    store: Store, source: Source, folder: Path, root: Path, watching: Watching
) -> None:
    """Until it is killed again and again, which ends with what to do; and switching off ends it in order."""
    with Terminal("watch", cwd=root, columns=160) as terminal:
        terminal.until("nothing waits")
        first = watching.status().pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        terminal.until(f"The agent, process {first}, was killed. Process ")
        second = watching.status().pid
        assert second not in (None, first)
        (folder / "a.csv").write_text(CONTENT)
        terminal.until("taken in, 20 rows")
        watching.switch_off()
        terminal.until("Watching was switched off")
        assert terminal.end() == 0


def test_an_agent_that_dies_again_and_again_ends_it_with_the_log_to_read(
    store: Store, source: Source, watching: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    watching.switch_on()
    follower = Follower(store, as_json=False)
    for _ in range(MOST_KILLED):
        before = watching.status().pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: not watching.status().running)
        assert follower._take_over().pid != before
    with pytest.raises(JobError, match="has died 4 times in a minute") as caught:
        follower._take_over()
    assert "agent.log" in caught.value.remedy
