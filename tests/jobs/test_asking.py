"""The query worker's process: warm, cancellable, and gone with the front that started it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mlops_tui.core.errors import JobError, TakenBack, UnknownName, UsageError
from mlops_tui.jobs.asking import Asking
from mlops_tui.store.store import Store
from tests.processes import processes_of, wait_for

LONG = "SELECT count(*) FROM range(100000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3"
FRONT = """
import sys, threading
from pathlib import Path
from mlops_tui.bootstrap import open_services
asking = open_services(Path(sys.argv[1])).asking
print(asking.ask("sql", query="SELECT 1")["rows"], asking.pid, flush=True)
asking.begin("sql", query=sys.argv[2])
threading.Event().wait()
"""


@pytest.fixture
def asking(store: Store) -> Iterator[Asking]:
    made = Asking(store.workspace)
    yield made
    made.close()
    assert processes_of(store.workspace.root) == []


def test_one_process_answers_question_after_question(asking: Asking) -> None:
    """Started by the first; who loads engines is that process alone."""
    assert asking.pid is None
    assert asking.ask("sql", query="SELECT 1 AS one")["rows"] == [[1]]
    pid = asking.pid
    assert asking.ask("sql", query="SELECT 2")["rows"] == [[2]]
    assert asking.pid == pid


def test_questions_of_several_threads_each_get_their_own_answer(asking: Asking) -> None:
    found: dict[int, int] = {}

    def ask(number: int) -> None:
        found[number] = asking.ask("sql", query=f"SELECT {number}")["rows"][0][0]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == {number: number for number in range(8)}


def test_an_error_comes_back_as_the_error_that_it_was(asking: Asking) -> None:
    with pytest.raises(UnknownName, match="no source") as caught:
        asking.ask("page", source="nowhere")
    assert caught.value.remedy
    with pytest.raises(UsageError, match="COPY"):
        asking.ask("sql", query="COPY (SELECT 1) TO 'x'")


def test_a_question_that_is_taken_back_makes_room_for_the_next(asking: Asking) -> None:
    asking.ask("sql", query="SELECT 1")
    long, waiting = asking.begin("sql", query=LONG), asking.begin("sql", query=LONG)
    time.sleep(0.2)
    waiting.cancel()
    long.cancel()
    for question in (long, waiting):
        with pytest.raises(TakenBack):
            question.answer(5)
    assert asking.begin("sql", query="SELECT 3").answer(5)["rows"] == [[3]]
    with pytest.raises(TakenBack, match=r"within 0\.1 s"):
        asking.ask("sql", query=LONG, timeout=0.1)


def test_a_process_that_was_killed_is_said_and_started_anew(asking: Asking) -> None:
    asking.ask("sql", query="SELECT 1")
    question = asking.begin("sql", query=LONG)
    assert asking.pid is not None
    psutil.Process(asking.pid).kill()
    with pytest.raises(JobError, match="ended before it answered"):
        question.answer(10)
    assert asking.ask("sql", query="SELECT 4")["rows"] == [[4]]


def test_closing_ends_it_at_once_whatever_it_does(asking: Asking, store: Store) -> None:
    asking.ask("sql", query="SELECT 1")
    question = asking.begin("sql", query=LONG)
    began = time.monotonic()
    asking.close()
    assert time.monotonic() - began < 1.5
    assert processes_of(store.workspace.root) == []
    with pytest.raises(TakenBack):
        question.answer(1)
    with pytest.raises(TakenBack, match="closed"):
        asking.ask("sql", query="SELECT 1")


def test_it_is_gone_with_a_front_that_was_killed(store: Store) -> None:
    """In the middle of a query too."""
    command = [sys.executable, "-c", FRONT, str(store.workspace.root), LONG]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as front:
        assert front.stdout is not None
        pid = int(front.stdout.readline().split()[-1])
        assert psutil.pid_exists(pid)
        front.kill()
    wait_for(lambda: not psutil.pid_exists(pid), 5)


def test_it_writes_nothing(asking: Asking, store: Store) -> None:
    root = store.workspace.root
    store.reader.execute("SELECT count(*) FROM source").fetchone()
    before = sorted(str(path) for path in root.rglob("*"))
    asking.ask("sql", query="SELECT * FROM range(10)")
    assert sorted(str(path) for path in root.rglob("*")) == before
