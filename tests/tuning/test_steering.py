"""What a person changes while a study runs holds from its next trial on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.data.model import Source
from mlops_tui.jobs.query import list_workers
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.optuna_tables import TABLES
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import count_trials, get_study, list_trials
from mlops_tui.tuning.service import Studies
from tests.processes import wait_for

Work = Callable[[Study], Tuning]


def test_a_configuration_in_the_queue_is_tried_next_and_what_it_leaves_open_is_drawn(
    store: Store, studies: Studies, source: Source, work: Work
) -> None:
    study = studies.create("s", families=["logistic", "hgb"], trials=3)
    work(study)
    number, tried = studies.enqueue(study, {"learning_rate": "0.05", "max_leaf_nodes": "7"}, "hgb")
    assert tried == {"family": "hgb", "hgb.learning_rate": 0.05, "hgb.max_leaf_nodes": 7}
    studies.enqueue(study, {"C": "2"}, "logistic")
    work(studies.extend(study, trials=6))
    trials = list_trials(store.reader, study.id)
    assert (trials[3].number, trials[3].family) == (number, "hgb")
    assert {key: trials[3].params[key] for key in ("learning_rate", "max_leaf_nodes")} == {
        "learning_rate": 0.05,
        "max_leaf_nodes": 7,
    }
    assert 1 <= trials[3].params["min_samples_leaf"] <= 128
    assert (trials[4].family, trials[4].params) == ("logistic", {"C": 2.0})
    assert len(trials) == 6
    verbs = [event.verb for event in read_events(store.reader, of=study.name)]
    assert (verbs.count("enqueued"), verbs.count("extended")) == (2, 1)


@pytest.mark.parametrize(
    ("family", "given", "title", "remedy"),
    [
        (None, {"C": "1"}, "The family is not said.", "model=FAMILY"),
        ("ridge", {}, "'ridge' is none of the study's families.", "logistic, hgb"),
        ("logistic", {"D": "1"}, "logistic has no parameter 'D'.", "It has: C."),
        ("logistic", {"C": "-1"}, "C cannot be '-1'.", "from 0.001 to 1000"),
        ("logistic", {"C": "much"}, "C cannot be 'much'.", "from 0.001 to 1000"),
        ("hgb", {"max_leaf_nodes": "7.5"}, "max_leaf_nodes cannot be '7.5'.", "from 4 to 256"),
    ],
)
def test_what_cannot_be_tried_is_not_put_into_the_queue(
    store: Store,
    studies: Studies,
    source: Source,
    work: Work,
    family: str | None,
    given: dict[str, str],
    title: str,
    remedy: str,
) -> None:
    study = studies.create("s", families=["logistic", "hgb"], trials=1)
    work(study)
    with pytest.raises(UsageError) as caught:
        studies.enqueue(study, given, family)
    assert caught.value.title == title
    assert remedy in caught.value.remedy
    assert store.reader.execute("SELECT count(*) FROM trials WHERE state = 'WAITING'").fetchone() == (0,)


def test_a_study_that_has_not_begun_has_no_queue(store: Store, studies: Studies, source: Source) -> None:
    study = studies.create("s", families=["logistic"])
    with pytest.raises(JobError, match="has not begun"):
        studies.enqueue(study, {"C": "1"})
    with store.write() as writing:  # as before the first study of a workspace
        for name in reversed(TABLES):
            writing.execute(f"DROP TABLE {name}")
    with pytest.raises(JobError, match="has not begun"):
        studies.enqueue(study, {"C": "1"})


def test_a_study_that_runs_minds_that_it_was_given_more_or_fewer_trials(
    store: Store, studies: Studies, jobs: Jobs, source: Source
) -> None:
    study = studies.create("s", families=["logistic"], trials=5_000)
    job_id = studies.launch(study)
    wait_for(lambda: sum(count_trials(store.reader, study.id).values()) >= 3, 40)
    with pytest.raises(UsageError, match="trials already"):
        studies.extend(study, trials=1)
    seen = sum(count_trials(store.reader, study.id).values())
    studies.extend(study, trials=seen + 20)
    assert jobs.wait(job_id).state == "done"
    assert sum(count_trials(store.reader, study.id).values()) == seen + 20
    assert get_study(store.reader, study.id).trials == seen + 20


@pytest.mark.slow
def test_a_study_that_runs_gets_another_worker_and_lets_it_go_again(
    store: Store, studies: Studies, jobs: Jobs, source: Source
) -> None:
    study = studies.create("s", families=["logistic"], trials=100_000)
    job_id = studies.launch(study)
    ended = lambda: [worker.ended is not None for worker in list_workers(store.reader, job_id)]  # noqa: E731
    wait_for(lambda: count_trials(store.reader, study.id).get("complete", 0) >= 2, 40)
    study = studies.set_workers(get_study(store.reader, study.id), 2)
    wait_for(lambda: ended() == [False, False], 20)
    pids = lambda: store.reader.execute(  # noqa: E731
        "SELECT count(DISTINCT pid) FROM run WHERE study_id = ?", (study.id,)
    ).fetchone()[0]
    wait_for(lambda: pids() == 2, 40)
    studies.set_workers(get_study(store.reader, study.id), 1)
    wait_for(lambda: ended() == [False, True], 40)
    before = sum(count_trials(store.reader, study.id).values())
    wait_for(lambda: sum(count_trials(store.reader, study.id).values()) > before, 20)  # the other goes on
    studies.stop(get_study(store.reader, study.id))
    assert jobs.wait(job_id).state == "stopped"
    with pytest.raises(UsageError, match="one worker at least"):
        studies.set_workers(study, 0)


def test_a_limit_that_is_none_is_refused(studies: Studies, source: Source) -> None:
    study = studies.create("s", families=["logistic"])
    with pytest.raises(UsageError, match="No limit"):
        studies.extend(study)
    with pytest.raises(UsageError, match="above zero"):
        studies.extend(study, timeout=0.0)
    assert studies.extend(study, timeout=90.0).timeout == 90.0
