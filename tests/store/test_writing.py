"""What several processes write at once, and what a process writes that is killed in the middle."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.store.change import ChangeReader
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store

PROCESSES = 4

OPEN = """
import sys
from pathlib import Path
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import Workspace
store, me, times = Store(Workspace(Path(sys.argv[1])), actor=sys.argv[2]), sys.argv[2], int(sys.argv[3])
"""

BY_STATEMENTS = f"""{OPEN}
for n in range(times):
    with store.write() as writing:
        writing.execute("INSERT INTO setting (key, value) VALUES (?, ?)", (f"{{me}}-{{n}}", me))
        writing.event("set", ("setting", f"{{me}}-{{n}}", me), after={{"value": me}})
        writing.changed("runs")
"""

BY_SESSION = f"""{OPEN}
from mlops_tui.store.session import write_session
from mlops_tui.store.table import Setting
for n in range(times):
    with write_session(store) as writing:
        writing.add(Setting(key=f"{{me}}-{{n}}", value=me))
        writing.event("set", ("setting", f"{{me}}-{{n}}", me), after={{"value": me}})
        writing.changed("runs")
"""

IN_THE_MIDDLE = f"""{OPEN}
import time
store.writer.execute("PRAGMA cache_size=5")  # what is not committed is written to the log all the same
with store.write() as writing:
    for n in range(times):
        writing.execute("INSERT INTO setting (key, value) VALUES (?, ?)", (f"{{me}}-{{n}}", "x" * 2000))
    writing.event("set", ("setting", me, me))
    writing.changed("runs")
    writing.notify()
    print("written", flush=True)
    time.sleep(600)
"""


def start(script: str, store: Store, name: str, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, str(store.workspace.root), name, str(times)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def count(store: Store, table: str) -> int:
    return store.reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.mark.parametrize(("script", "times"), [(BY_STATEMENTS, 1000), (BY_SESSION, 50)], ids=["statements", "session"])
def test_of_what_four_processes_write_at_once_nothing_is_lost(store: Store, script: str, times: int) -> None:
    """Every row, its event and its notice: a transaction that met the lock of another waited for it."""
    running = [start(script, store, f"writer{number}", times) for number in range(PROCESSES)]
    for process in running:
        _, said = process.communicate(timeout=200)
        assert process.returncode == 0, said
    written = dict(store.reader.execute("SELECT value, count(*) FROM setting GROUP BY value"))
    assert written == {f"writer{number}": times for number in range(PROCESSES)}
    actors = dict(store.reader.execute("SELECT actor, count(DISTINCT subject_id) FROM event GROUP BY actor"))
    assert actors == written
    assert count(store, "event") == PROCESSES * times
    notices = dict(store.reader.execute("SELECT topic, n FROM change"))
    assert notices == {"runs": PROCESSES * times, "events": PROCESSES * times}
    assert store.reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_process_killed_in_a_transaction_leaves_nothing_of_it(store: Store) -> None:
    """Its pages are in the log already when it dies; the next writer neither sees them nor waits for them."""
    process = start(IN_THE_MIDDLE, store, "dies", 500)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    log = store.workspace.store.with_name("store.db-wal")
    assert log.stat().st_size > 500 * 2000
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert [count(store, table) for table in ("setting", "event", "change")] == [0, 0, 0]
    with store.write() as writing:
        writing.execute("INSERT INTO setting (key, value) VALUES ('after', 'yes')")
    assert store.reader.execute("SELECT key FROM setting").fetchall() == [("after",)]
    assert store.reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_block_that_raises_leaves_neither_row_nor_event_nor_notice(store: Store) -> None:
    def break_off() -> None:
        with store.write() as writing:
            writing.execute("INSERT INTO setting (key, value) VALUES ('k', 'v')")
            writing.event("set", ("setting", "k", "k"))
            writing.changed("runs")
            raise LookupError

    with pytest.raises(LookupError):
        break_off()
    assert [count(store, table) for table in ("setting", "event", "change")] == [0, 0, 0]


def test_a_change_is_told_by_the_transaction_that_makes_it(store: Store) -> None:
    """A reader sees the row and its notice at once, never one without the other."""
    changes, other = ChangeReader(store.new_reader()), store.new_reader()
    assert changes.changed() == frozenset()
    with store.write() as writing:
        writing.execute("INSERT INTO setting (key, value) VALUES ('k', 'v')")
        writing.event("set", ("setting", "k", "k"))
        writing.changed("jobs")
        writing.notify()
        assert changes.changed() == frozenset()
        assert other.execute("SELECT count(*) FROM setting").fetchone() == (0,)
    assert changes.changed() == {"jobs", "events"}
    assert other.execute("SELECT count(*) FROM setting").fetchone() == (1,)
    assert changes.changed() == {"metrics"}  # one may have been committed beside it
    assert changes.changed() == frozenset()


def test_a_metric_is_noticed_though_it_leaves_no_notice(store: Store) -> None:
    """Alone at once, and beside what others change at the next look, also where they never pause."""
    log = RunLog(Store(store.workspace), *start_run(store, name="r"))
    changes = ChangeReader(store.new_reader())
    changes.changed()
    log.log_metric("loss", 1.0)
    assert changes.changed() == {"metrics"}
    assert changes.changed() == frozenset()
    seen = []
    for step in range(4):
        log.log_metric("loss", float(step))
        with store.write() as writing:
            writing.changed("jobs")
        seen.append(changes.changed())
    assert seen == [{"jobs"}, {"jobs", "metrics"}, {"jobs"}, {"jobs", "metrics"}]


def test_an_event_keeps_who_what_why_and_both_states(store: Store) -> None:
    with Store(store.workspace, actor="agent").write() as writing:
        writing.event("moved", ("model", "M1", "churn"), why="drift", before={"version": 1}, after={"version": 2})
    (event,) = read_events(store.reader, of="churn")
    assert (event.actor, event.verb, event.why) == ("agent", "moved", "drift")
    assert (event.subject_kind, event.subject_id, event.subject_name) == ("model", "M1", "churn")
    assert (event.before, event.after) == ({"version": 1}, {"version": 2})


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.reader.execute("INSERT INTO setting (key, value) VALUES ('k', 'v')")


def test_a_reader_is_not_held_up_by_a_writer(store: Store, tmp_path: Path) -> None:
    with store.write() as writing:
        writing.execute("INSERT INTO setting (key, value) VALUES ('k', 'v')")
        reader = store.new_reader()
        reader.execute("PRAGMA busy_timeout=0")
        assert reader.execute("SELECT count(*) FROM setting").fetchone() == (0,)
