"""`python -m mlops_tui.agent --workspace DIR`: the agent's process."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
from pathlib import Path

from mlops_tui.agent.agent import Agent
from mlops_tui.automation.lock import AgentLock
from mlops_tui.core.errors import MlopsError
from mlops_tui.core.settings import Settings
from mlops_tui.store.revision import is_current
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import find


def main(arguments: list[str]) -> int:
    """Runs the agent to its end; 0 also where another one is there already, 1 where it cannot work."""
    parser = argparse.ArgumentParser(prog="python -m mlops_tui.agent", description="Watches folders and starts jobs.")
    parser.add_argument("--workspace", type=Path, required=True)
    workspace = find(given=parser.parse_args(arguments).workspace)
    lock = AgentLock.take(workspace)
    if lock is None:
        return 0
    if not is_current(workspace.store):
        print(f"{workspace.store} has to be migrated first: open it once with mlops-tui.", file=sys.stderr)
        return 1
    store = Store(workspace, actor="agent")
    agent = Agent(store, Settings.load(workspace.config), lock)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: agent.end())
    try:
        agent.run()
    except (MlopsError, sqlite3.Error, OSError):
        if lock.is_in_place():
            raise
        # the workspace was taken away in the middle of a round: there is nothing left to look after
    finally:
        store.close()
        lock.release()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
