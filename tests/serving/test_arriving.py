"""Files of a live source are predicted as they come, each once, by whichever version is meant then."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_tui.core.errors import SchemaMismatch, UnknownName, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.service import Sources
from mlops_tui.jobs.query import get_job, list_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.serving.arriving import Arriving
from mlops_tui.serving.query import list_batches
from mlops_tui.serving.service import Predictions
from mlops_tui.store.store import Store
from tests.serving.test_job import AT_REST, ROWS, At, done, live, store, version_id

__all__ = ["live", "store", "version_id"]


@pytest.fixture
def arriving(store: Store) -> Arriving:
    return Arriving(store, Jobs(store))


def switch_on(arriving: Arriving, live: At, model: str = "churn:1") -> None:
    arriving.set(live.sources, "live", model, live.out)


def test_only_what_comes_after_it_was_asked_for_is_predicted_and_each_content_once(
    store: Store, live: At, arriving: Arriving
) -> None:
    """A file that comes again under another name is the same; one that was predicted by hand is done."""
    live.put("old.csv", *ROWS)
    switch_on(arriving, live)
    assert arriving.start() is None
    live.put("new.csv", *ROWS[:10])
    job = arriving.start()
    assert job is not None
    assert arriving.start() is None, "one at a time"
    (batch,) = done(store, job)["batches"]
    assert (batch["rows"], batch["out"]) == (10, str(live.out / "new-predictions.csv"))
    assert arriving.start() is None
    live.put("again.csv", *ROWS[:10])
    assert arriving.start() is None
    by_hand = live.put("by-hand.csv", *ROWS[10:])
    done(store, Predictions(store, Jobs(store), Settings()).start("churn:1", by_hand, live.out / "x.csv"))
    assert arriving.start() is None
    assert len(list_batches(store.reader)) == 2


def test_a_file_that_does_not_fit_is_tried_once_and_keeps_none_of_the_others_from_it(
    store: Store, live: At, arriving: Arriving
) -> None:
    switch_on(arriving, live)
    live.put("a.csv", "x,40,1,gold")
    (live.folder / "b.csv").write_text("code,age,visits,plan,prediction\nx,40,1,gold,stays\n")
    live.put("c.csv", *ROWS)
    job = arriving.start()
    assert job is not None
    assert len(get_job(store.reader, job).spec["files"]) == 3
    with pytest.raises(SchemaMismatch, match=r"b\.csv has a column 'prediction'.*\(1 of 3 files"):
        done(store, job)
    assert {batch.file for batch in list_batches(store.reader)} == {"live/a.csv", "live/c.csv"}
    assert len((get_job(store.reader, job).result or {})["batches"]) == 2
    assert arriving.start() is None


@pytest.mark.slow
def test_a_job_that_nobody_saw_the_end_of_is_done_again(store: Store, live: At, arriving: Arriving) -> None:
    switch_on(arriving, live)
    live.put("a.csv", *ROWS)
    job = arriving.start()
    assert job is not None
    Jobs(store).wait(job)
    with store.write() as writing:
        writing.execute("DELETE FROM prediction_batch")
    assert arriving.start() is None
    with store.write() as writing:
        writing.execute("UPDATE job SET state = 'lost' WHERE id = ?", (job,))
    again = arriving.start()
    assert again is not None
    assert get_job(store.reader, again).spec["files"] == get_job(store.reader, job).spec["files"]
    done(store, again)


def test_an_alias_that_points_nowhere_waits_and_switching_off_ends_it(
    store: Store, live: At, arriving: Arriving
) -> None:
    switch_on(arriving, live)
    with store.write() as writing:
        writing.execute("UPDATE source SET predict_with = 'churn@champion' WHERE id = ?", (live.source.id,))
    live.put("a.csv", *ROWS)
    assert arriving.start() is None
    after = arriving.set(live.sources, "live", "", None)
    assert (after.predict_with, after.predict_to, after.predict_after) == (None, None, None)
    assert list_jobs(store.reader) == []


def test_what_cannot_be_predicted_as_it_comes_is_refused(store: Store, live: At, arriving: Arriving) -> None:
    with pytest.raises(UsageError, match="There is no folder for the predictions"):
        arriving.set(live.sources, "live", "churn:1", None)
    with pytest.raises(UsageError, match="would be taken in as files of source 'live'"):
        arriving.set(live.sources, "live", "churn:1", live.folder)
    with pytest.raises(UsageError, match="There is no folder"):
        arriving.set(live.sources, "live", "churn:1", live.out / "nowhere")
    with pytest.raises(UnknownName, match="no champion yet"):
        arriving.set(live.sources, "live", "churn", live.out)
    Sources(store, AT_REST).change("live", role="training")
    with pytest.raises(UsageError, match="is training"):
        arriving.set(live.sources, "live", "churn:1", live.out)


def test_five_columns_at_most_tell_predictions_apart(store: Store, live: At) -> None:
    live.put("a.csv", *ROWS)
    assert live.sources.change("live", slices=["plan", "visits", "plan"]).slices == ("plan", "visits")
    with pytest.raises(UsageError, match="has no column 'region'"):
        live.sources.change("live", slices=["region"])
    with pytest.raises(UsageError, match="6 columns are too many"):
        live.sources.change("live", slices=list("abcdef"))
    assert live.sources.change("live", slices=[""]).slices == ()
    assert Path(live.source.path).name == "live"
