"""Notes and tags of studies and trials, kept where Optuna and its dashboard look for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.presenters.trials import trial_sections
from mlops_tui.presenters.tune import said_of
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.mirror import Mirror
from mlops_tui.tuning.engine.opening import open_trials
from mlops_tui.tuning.engine.seeded_sampler import SeededSampler
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.notes import PIECE, Notes, Said, notes_of
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.tuning.service import Studies


@pytest.fixture
def create(store: Store, studies: Studies) -> Callable[[], Study]:
    def created() -> Study:
        (store.workspace.root / "train.py").write_text("def objective(trial):\n    return 1\n")
        return studies.create_own("train.py", store.workspace.root)

    return created


@pytest.fixture
def begun(store: Store, create: Callable[[], Study]) -> tuple[Study, optuna.Study]:
    """A study with three trials beside another one, so that ids and numbers are not the same; and Optuna's view of it."""
    open_trials(store, create(), SeededSampler(0, "random"))[0].add_trial(optuna.create_trial(value=0.5))
    study = create()
    opened, _ = open_trials(store, study, SeededSampler(0, "random"))
    for value in (1.0, 2.0, 3.0):
        opened.add_trial(optuna.create_trial(value=value, user_attrs={"mlops:run": f"R{value:g}"}))
    return study, opened


def system_attrs(store: Store, study: optuna.Study) -> dict[str, Any]:
    return open_storage(store.workspace.store).get_study_system_attrs(study._study_id)


def as_the_dashboard_reads(attributes: dict[str, Any], trial_id: int | None = None) -> str:
    """How optuna-dashboard puts a note together."""
    prefix = "dashboard:note_str:" if trial_id is None else f"dashboard:{trial_id}:note_str:"
    pieces = {key: text for key, text in attributes.items() if key.startswith(prefix)}
    return "".join(pieces[f"{prefix}{place}"] for place in range(len(pieces)))


def test_a_note_is_where_the_dashboard_reads_it_and_one_of_its_own_is_read_here(
    store: Store, studies: Studies, begun: tuple[Study, optuna.Study]
) -> None:
    study, theirs = begun
    long = "# A plan\n" + "ä" * (2 * PIECE)
    studies.note(study, long)
    studies.note(study, "too deep", trial=1)
    trial_id = theirs.trials[1]._trial_id
    attributes = system_attrs(store, theirs)
    assert as_the_dashboard_reads(attributes) == long
    assert as_the_dashboard_reads(attributes, trial_id) == "too deep"
    assert (attributes["dashboard:note_ver"], attributes[f"dashboard:{trial_id}:note_ver"]) == (1, 1)
    assert max(map(len, filter(lambda value: isinstance(value, str), attributes.values()))) <= PIECE
    assert notes_of(store.reader, study) == Notes(Said(long), {1: Said("too deep")})
    storage = open_storage(store.workspace.store)
    storage.set_study_system_attr(theirs._study_id, "dashboard:note_str:0", "by the dashboard")
    for place in (1, 2):
        storage.set_study_system_attr(theirs._study_id, f"dashboard:note_str:{place}", "")
    assert notes_of(store.reader, study).study.note == "by the dashboard"


def test_a_shorter_note_leaves_nothing_of_a_longer_one_and_an_empty_one_takes_it_away(
    store: Store, studies: Studies, begun: tuple[Study, optuna.Study]
) -> None:
    study, theirs = begun
    for text in ("x" * 3 * PIECE, "short", ""):
        studies.note(study, text)
        assert as_the_dashboard_reads(system_attrs(store, theirs)) == text
        assert notes_of(store.reader, study).study.note == text
    assert system_attrs(store, theirs)["dashboard:note_ver"] == 3


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=3 * PIECE))
def test_whatever_is_noted_is_read_back(
    store: Store, studies: Studies, begun: tuple[Study, optuna.Study], text: str
) -> None:
    study, theirs = begun
    studies.note(study, text, trial=2)
    assert notes_of(store.reader, study).trials.get(2, Said()).note == text
    assert as_the_dashboard_reads(system_attrs(store, theirs), theirs.trials[2]._trial_id) == text


def test_tags_are_user_attributes_that_are_added_and_taken_away(
    store: Store, studies: Studies, begun: tuple[Study, optuna.Study]
) -> None:
    study, theirs = begun
    assert studies.tag(study, ["promising", "small"]) == ["promising", "small"]
    assert studies.tag(study, ["small", "kept"], ["promising"]) == ["small", "kept"]
    studies.tag(study, ["odd"], trial=0)
    assert notes_of(store.reader, study) == Notes(Said("", ("small", "kept")), {0: Said("", ("odd",))})
    again = optuna.load_study(study_name=theirs.study_name, storage=open_storage(store.workspace.store))
    assert again.user_attrs["tags"] == ["small", "kept"]
    assert again.trials[0].user_attrs["tags"] == ["odd"]
    studies.tag(study, [], ["odd"], trial=0)
    assert notes_of(store.reader, study).trials == {}


def test_what_cannot_be_said_is_refused_and_what_was_said_is_an_event(
    store: Store, studies: Studies, create: Callable[[], Study], begun: tuple[Study, optuna.Study]
) -> None:
    study, _ = begun
    with pytest.raises(JobError, match="has not begun"):
        studies.note(create(), "early")
    for act, title in (
        (lambda: studies.note(study, "x", trial=9), "has no trial 9"),
        (lambda: studies.tag(study, [""]), "A tag is a word or a few"),
        (lambda: studies.tag(study, [], ["gone"]), "There is no tag 'gone' to take away"),
    ):
        before = len(read_events(store.reader))
        with pytest.raises(UsageError, match=title):
            act()
        assert len(read_events(store.reader)) == before
    studies.note(study, "x", trial=2)
    assert read_events(store.reader)[0].verb == "noted"


def test_a_store_without_any_of_optunas_tables_has_no_notes(create: Callable[[], Study], store: Store) -> None:
    study = create()
    with sqlite3.connect(Path(store.workspace.root) / "other.db") as empty:
        assert notes_of(empty, study) == Notes(Said(), {})
    empty.close()


def test_notes_and_tags_stand_with_the_study_and_with_the_trial(
    store: Store, studies: Studies, begun: tuple[Study, optuna.Study]
) -> None:
    study, theirs = begun
    studies.tag(study, ["kept"], trial=1)
    studies.note(study, "a long\nstory", trial=1)
    Mirror(store, study).rebuild(theirs.get_trials())
    said = notes_of(store.reader, study).trials[1]
    [(_, about), *_] = trial_sections(
        get_study(store.reader, study.id), list_trials(store.reader, study.id)[1], None, 0.0, said=said
    )
    told = {name: cell.text for name, cell in about}
    assert (told["tags"], told["note"]) == ("kept", "a long story")
    assert said_of(Said("a\nb", ("x", "y"))) == ["[x] [y] a b"]
    assert said_of(Said()) == []
