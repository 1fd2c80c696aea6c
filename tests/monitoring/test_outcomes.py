"""A champion that was promoted beside the one before: compared once labels are there, an alert where it is surely worse, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.evaluation.paired import compare
from mlops_tui.jobs.query import get_job, list_jobs
from mlops_tui.monitoring.alert import WORSE
from mlops_tui.monitoring.alert_query import alerts_to_see, count_alerts, list_alerts
from mlops_tui.monitoring.outcomes import Outcomes, standing
from mlops_tui.monitoring.quality_query import outcome_of
from mlops_tui.registry import gatefile
from mlops_tui.serving.query import list_batches
from mlops_tui.store.artifact import place
from mlops_tui.store.event import read_events
from tests.promoted import Promoted, customers


class Recorded:
    """Jobs that are written down and done by nobody: what would be started is what is asked here."""

    def __init__(self, churn: Promoted) -> None:
        self._churn = churn

    def start(self, kind: str, title: str, spec: dict[str, Any], *, workers: int = 1) -> str:
        return self._churn.queue(kind, spec, "queued")


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promoted]:
    """A champion that guesses, three files that it predicted, and no label yet."""
    made = Promoted(tmp_path_factory.mktemp("worse") / "work")
    for number in range(3):
        made.predict(made.put(f"f{number}", customers(120, number, 1_000 * number)))
    yield made
    made.close()


def rows_of(*numbers: int) -> pd.DataFrame:
    """The rows of those files, with what became of them."""
    return pd.concat([customers(120, number, 1_000 * number) for number in numbers])


def fresh(churn: Promoted) -> Promoted:
    """The same without labels, comparisons and alerts."""
    with churn.store.write() as writing:
        for table in ("champion_outcome", "alert", "event WHERE verb LIKE 'alert%'"):
            writing.execute(f"DELETE FROM {table}")
    for path in (churn.root / "outcomes").iterdir():
        path.unlink()
    churn.do("scan", {"sources": [churn.outcomes.id]})
    return churn


def test_from_a_promotion_that_was_a_mistake_to_the_rollback_that_ends_the_alert(worse: Promoted) -> None:
    """The loss is that of the study's metric, paired by row; the alert says it, what it is about, and the command that mends it."""
    churn = fresh(worse)
    reader = churn.store.reader
    assert Outcomes(churn.store, churn.services.jobs).start() is None, "there is no label yet"
    churn.label("all", rows_of(0, 1, 2))
    found = churn.compare()
    assert (found["files"], found["rows"], found["labelled"], found["verdict"]) == (3, 360, 360, "fail")
    assert found["difference"] < found["low"] * 0.1 < 0
    assert found["high"] < -found["margin"] == -0.01
    assert (found["metric"], found["labels"]) == ("roc_auc", {"outcomes": 1})
    assert "worse than the champion before, v1, by" in found["why"]
    assert "on 360 labelled rows" in found["why"]
    (alert,) = list_alerts(reader)
    assert (alert.kind, alert.subject.name, alert.severity, alert.times) == (WORSE, "churn", "critical", 1)
    assert alert.sentence.startswith("churn version 2 is worse than the champion before, v1, by")
    assert alert.remedy == "mlops-tui models rollback churn"
    assert (alert.evidence["version"], alert.evidence["before"], alert.evidence["labelled"]) == (2, 1, 360)
    churn.compare()
    (again,) = list_alerts(reader)
    assert (again.id, again.times, again.since) == (alert.id, 2, alert.since)
    assert again.seen > alert.seen
    churn.services.models.rollback("churn")
    assert list_alerts(reader) == [], "it has ended for whoever looks, before anybody has written that down"
    churn.services.alerts.settle()
    (ended,) = list_alerts(reader, with_ended=True)
    assert ended.why_ended == "the champion is version 1 now"
    assert [event.verb for event in read_events(reader, of="churn") if event.verb.startswith("alert")] == [
        "alert_ended",
        "alert_began",
    ]
    assert churn.services.alerts.settle() == 0
    over = standing(reader, churn.version(2), 5)
    assert over is not None
    assert (over.wanted, over.outcome is not None) == (None, True)
    churn.services.models.undo_rollback("churn")
    assert list_alerts(reader) == [], "an alert that has ended does not come back with the version"
    churn.promote(1)
    churn.promote(2)
    for number in range(3):
        churn.predict(churn.root / "live" / f"f{number}.csv")


def test_the_figures_are_those_of_the_one_comparison_on_the_same_rows(worse: Promoted) -> None:
    """What the gates would say of these very probabilities."""
    churn = fresh(worse)
    rows = rows_of(0, 1)
    churn.label("some", rows)
    found = churn.compare()
    log = pd.concat(pd.read_parquet(place(churn.store.workspace, _log(churn, number))) for number in (0, 1))
    both = log.merge(rows, left_on="id", right_on="code")
    truth = (both["y"] == "leaves").to_numpy().astype(int)
    champion, before = (np.column_stack([1 - both[name], both[name]]) for name in ("score", "shadow_score"))
    expected = compare("roc_auc", truth, champion, before, margin=0.01, against="")
    assert (found["rows"], found["labelled"]) == (360, 240)
    assert found["difference"] == pytest.approx(expected.difference)
    assert (found["low"], found["high"]) == (pytest.approx(expected.low), pytest.approx(expected.high))


def _log(churn: Promoted, number: int) -> str:
    (batch,) = [one for one in list_batches(churn.store.reader) if one.file == f"live/f{number}.csv"]
    assert batch.log is not None
    return batch.log


def test_where_labels_are_too_few_nobody_can_tell_and_nothing_is_raised(worse: Promoted) -> None:
    churn = fresh(worse)
    churn.label("few", rows_of(0)[:12])
    found = churn.compare()
    assert (found["verdict"], found["labelled"], found["difference"]) == ("cannot_tell", 12, None)
    assert found["why"] == "12 labelled rows are too few for an interval; at least 20 needed"
    assert list_alerts(churn.store.reader, with_ended=True) == []


def test_labels_that_differ_that_nobody_knows_or_that_are_of_no_row_are_left_out_and_counted(worse: Promoted) -> None:
    """The same label twice is one; a label is of the row of that id wherever it stands."""
    churn = fresh(worse)
    rows = rows_of(0)
    again = rows[:30].assign(y=np.where(rows[:30]["y"] == "stays", "leaves", "stays"))
    churn.label("a", rows)
    churn.label("b", pd.concat([again, rows[30:60]]))
    strange = rows_of(1)[:5].assign(y="moved")
    nobody = pd.DataFrame({"code": ["nobody", "else"], "y": ["stays", "leaves"]})
    empty = rows_of(1)[5:9].assign(y=None)
    churn.label("c", pd.concat([strange, nobody, empty]))
    found = churn.compare()
    counts = {name: found[name] for name in ("labelled", "compared", "conflicting", "strange", "unknown")}
    assert counts == {"labelled": 90, "compared": 90, "conflicting": 30, "strange": 5, "unknown": 2}
    assert found["rows"] >= 360


def test_an_id_that_was_predicted_again_counts_as_the_newest_file_has_it(worse: Promoted) -> None:
    """Rows come again with other values: only what was said of them last is held against their label."""
    churn = fresh(worse)
    reader = churn.store.reader
    churn.label("first", rows_of(0))
    rows = churn.compare()["rows"]
    later = customers(120, 77, 0)  # the ids of the first file
    churn.predict(churn.put("later", later))
    found = churn.compare()
    assert (found["rows"], found["labelled"]) == (rows, 120)
    outcome = outcome_of(reader, churn.version(2).id)
    assert outcome is not None
    assert outcome.difference == found["difference"]
    (churn.root / "live" / "later.csv").unlink()
    with churn.store.write() as writing:
        writing.execute("DELETE FROM prediction_batch WHERE file LIKE '%later.csv'")


def test_the_alert_ends_where_the_newest_comparison_no_longer_fails(worse: Promoted) -> None:
    """A wide margin of the gate's file is this one's too."""
    churn = fresh(worse)
    churn.label("all", rows_of(0, 1, 2))
    assert churn.compare()["verdict"] == "fail"
    churn.services.alerts.acknowledge("churn", "the labels are looked at")
    assert churn.compare()["verdict"] == "fail"
    assert count_alerts(churn.store.reader) == {"open": 1, "acknowledged": 1, "muted": 0}, "it stays acknowledged"
    path = gatefile.place(churn.store.workspace, "churn")
    path.parent.mkdir(exist_ok=True)
    path.write_text("[not_worse_than_champion]\nmargin = 0.9\n", "utf-8")
    found = churn.compare()
    path.unlink()
    assert (found["verdict"], found["margin"]) == ("pass", 0.9)
    (ended,) = list_alerts(churn.store.reader, with_ended=True)
    assert ended.why_ended == "the newest comparison says: pass"


def test_a_job_is_started_for_new_labels_or_a_new_file_and_for_nothing_else(worse: Promoted) -> None:
    """One at a time; one that failed is not tried again for the same, one whose end nobody saw is."""
    churn = fresh(worse)
    outcomes = Outcomes(churn.store, Recorded(churn))  # type: ignore[arg-type]

    def started() -> str | None:
        """The job, as one that has failed."""
        job_id = outcomes.start()
        if job_id is not None:
            assert outcomes.start() is None, "one at a time"
            end(job_id, "failed")
        return job_id

    def end(job_id: str, state: str) -> None:
        with churn.store.write() as writing:
            writing.execute("UPDATE job SET state = ? WHERE id = ?", (state, job_id))

    assert started() is None
    churn.label("one", rows_of(0)[:30])
    first = started()
    assert first is not None
    assert get_job(churn.store.reader, first).spec["version_id"] == churn.version(2).id
    assert started() is None
    end(first, "lost")
    assert started() is not None
    churn.compare()
    assert started() is None
    churn.label("two", rows_of(0)[30:60])
    assert started() is not None
    churn.predict(churn.put("another", customers(20, 60, 60_000)))
    assert started() is not None
    churn.compare()
    assert started() is None
    assert {job.kind for job in list_jobs(churn.store.reader, limit=5)} >= {"outcomes"}
    with churn.store.write() as writing:
        writing.execute("DELETE FROM prediction_batch WHERE file LIKE '%another.csv'")


def test_what_cannot_be_compared_is_refused_at_once(worse: Promoted) -> None:
    churn = fresh(worse)
    outcomes = Outcomes(churn.store, Recorded(churn))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="No source of labels has an id column and the column 'y'"):
        outcomes.ask("churn")
    with pytest.raises(UsageError, match="No champion before runs in the shadow of churn version 1"):
        outcomes.ask("churn:1")


@pytest.fixture(scope="module")
def equal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promoted]:
    made = Promoted(tmp_path_factory.mktemp("equal") / "work", is_worse=False)
    yield made
    made.close()


def test_of_two_that_are_as_good_nothing_is_raised(equal: Promoted) -> None:
    """Files whose source has no id can be joined with nothing, and that is said."""
    rows = customers(150, 4)
    equal.predict(equal.put("a", rows))
    equal.label("a", rows)
    found = equal.compare()
    assert (found["verdict"], found["difference"], found["labelled"]) == ("pass", 0.0, 150)
    assert alerts_to_see(equal.store.reader) == []
    with equal.store.write() as writing:
        writing.execute("DELETE FROM prediction_batch")
        writing.execute("UPDATE source SET id_column = NULL WHERE name = 'live'")
    equal.predict(equal.root / "live" / "a.csv")
    found = equal.compare()
    assert (found["verdict"], found["rows"], found["labelled"]) == ("cannot_tell", 150, 0)
    assert "have no id" in found["why"]
