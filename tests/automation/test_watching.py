"""Watching is a switch that is kept, and an agent that lives while there is something to do."""

from __future__ import annotations

import pytest

from mlops_tui.automation.lock import AgentLock, read_note
from mlops_tui.automation.model import GRACE_SECONDS, Polled, should_live
from mlops_tui.automation.query import agent_status, is_watching
from mlops_tui.automation.service import Watching
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store


@pytest.mark.parametrize(
    ("watching", "open_jobs", "policies", "idle", "lives"),
    [
        (True, 0, 0, 1e9, True),
        (False, 1, 0, 1e9, True),
        (False, 0, 1, 1e9, True),
        (False, 0, 0, 0.0, True),
        (False, 0, 0, GRACE_SECONDS, False),
    ],
)
def test_the_agent_lives_while_it_has_something_to_do(
    watching: bool, open_jobs: int, policies: int, idle: float, lives: bool
) -> None:
    assert should_live(watching=watching, open_jobs=open_jobs, policies=policies, idle_seconds=idle) is lives


def test_an_idle_agent_is_gone_within_thirty_seconds() -> None:
    assert GRACE_SECONDS < 25


def test_watching_is_off_until_asked_for(store: Store) -> None:
    assert not is_watching(store.reader)
    assert not agent_status(store.reader, store.workspace).running


def test_switching_off_what_is_off_is_no_event(store: Store) -> None:
    assert not Watching(store).switch_off().watching
    assert read_events(store.reader) == []


def test_the_lock_is_given_once_and_says_who_holds_it(store: Store) -> None:
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    assert AgentLock.take(store.workspace) is None
    assert read_note(store.workspace) is None
    lock.note(polled=[{"folder": "/far", "why": "nfs4 reports no changes"}])
    status = agent_status(store.reader, store.workspace)
    assert (status.running, status.polling) == (True, 1)
    assert status.polled == (Polled("/far", "nfs4 reports no changes"),)
    lock.note(polled=[])
    assert agent_status(store.reader, store.workspace).polled == ()
    lock.release()
    assert read_note(store.workspace) is None


def test_a_lock_is_lost_with_its_workspace(store: Store) -> None:
    """A new folder in the old one's place is another workspace, even where the system gives it the old inode."""
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    assert lock.is_in_place()
    home = store.workspace.home
    home.rename(home.with_name("moved"))
    assert not lock.is_in_place()
    home.mkdir()
    (home / "agent.lock").touch()
    assert not lock.is_in_place()
    lock.release()


def test_the_note_of_a_process_that_is_gone_means_nothing(store: Store) -> None:
    lock = AgentLock.take(store.workspace)
    assert lock is not None
    lock.note(started=1.0)
    assert read_note(store.workspace) is None
    lock.release()
