"""The job that predicts: what it records, and what it says of progress."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlops_tui.core.clock import now
from mlops_tui.core.errors import MlopsError, ModelFileError, SchemaMismatch, UnknownName, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.checks import Check
from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.frame import read_frame
from mlops_tui.data.engine.reading import content_hash
from mlops_tui.data.engine.scan import run as scan
from mlops_tui.data.service import Sources
from mlops_tui.data.table import SourceRow
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.query import get_job, list_jobs
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.engine.keep import Origin, add_version, keep
from mlops_tui.registry.query import get_version
from mlops_tui.serving.engine.predict import run
from mlops_tui.serving.model import PredictionBatch, Ways
from mlops_tui.serving.query import count_batches, list_batches
from mlops_tui.serving.retention import drop_outdated
from mlops_tui.serving.service import Predictions
from mlops_tui.store.artifact import place
from mlops_tui.store.event import read_events
from mlops_tui.store.migrate import migrate
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create

AT_REST = Settings(settle_seconds=0.0)
KINDS = {"age": "numeric", "visits": "integer", "plan": "category"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    workspace = create(tmp_path)
    migrate(workspace.store)
    opened = Store(workspace, actor="worker")
    yield opened
    opened.close()


@pytest.fixture
def version_id(store: Store, binary: Any, many: str) -> str:
    """The binary model, registered, with a training source whose fields may say NA."""
    training = binary.file(many, "training.csv")
    kept = keep(store, binary.pipeline, binary.version.signature, read_frame(training, None, KINDS, list(KINDS)))
    with write_session(store) as writing:
        writing.add(
            SourceRow(
                id="S",
                name="customers",
                path=".",
                pattern="*.csv",
                role="training",
                kinds="{}",
                roles="{}",
                options=json.dumps({"missing": ["", "NA"]}),
                salt="",
                version=1,
                created=now(),
            )
        )
        return add_version(writing, "churn", kept, Origin("R", None, "S", 1, "forest", {}, {})).id


def context(store: Store, version_id: str, *files: tuple[Path, Path]) -> JobContext:
    """A job that is written down and run here, by no worker."""
    spec = {"version_id": version_id, "files": [{"in": str(a), "out": str(b), "source_id": None} for a, b in files]}
    with store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
            " VALUES ('J', 'predict', 'predict', ?, 'running', 1, '', '', 0, '', '')"
            " ON CONFLICT (id) DO UPDATE SET spec = excluded.spec",
            (json.dumps(spec),),
        )
    return JobContext(store, Settings(), "J", 0)


def test_a_batch_is_recorded_with_its_scores_and_an_event(store: Store, binary: Any, version_id: str) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\nNA,2,platinum\n")
    (batch,) = run(context(store, version_id, (path, binary.folder / "out.csv")))["batches"]
    assert batch == {
        "model": "churn",
        "version": 1,
        "rows": 2,
        "rejected": 0,
        "out": str(binary.folder / "out.csv"),
        "unknown": {"plan": 1},
        "files": 1,
        "threshold": {"value": 0.5, "of": "default"},
        "checks": [
            {
                "check": "unknown_category",
                "column": "plan",
                "count": 1,
                "share": 0.5,
                "policy": "warn",
                "counts": True,
                "file_hash": content_hash(path),
            },
            {
                "check": "missing_value",
                "column": "age",
                "count": 1,
                "share": 0.5,
                "policy": "warn",
                "counts": True,
                "file_hash": content_hash(path),
            },
        ],
        "read_as": None,
        "learnt": 0,
        "rejects": None,
        "aside": 0,
        "shadow": None,
        "logs": [store.reader.execute("SELECT log FROM prediction_batch").fetchone()[0]],
    }
    (row,) = list_batches(store.reader, version_id)
    assert (row.model, row.version, row.rows, row.file, row.out) == ("churn", 1, 2, "new.csv", "out.csv")
    assert row.scores["count"] == 2
    assert len(row.scores["deciles"]) == 11
    event = read_events(store.reader, of="churn")[0]
    assert event.verb == "predicted"
    assert event.after == {"version": 1, "file": "new.csv", "rows": 2, "out": "out.csv"}


def told_of_training(store: Store, **options: Any) -> None:
    with store.write() as writing:
        writing.execute(
            "UPDATE source SET options = ? WHERE id = 'S'", (json.dumps({"missing": ["", "NA"]} | options),)
        )


@pytest.mark.parametrize(
    "text", ["age;visits;plan\n40,5;1;gold\nNA;2;gold\n", "age\tvisits\tplan\n40.5\t1\tgold\nNA\t2\tgold\n"]
)
def test_a_file_in_another_dialect_than_training_is_read_as_it_tells_itself(
    store: Store, binary: Any, version_id: str, text: str
) -> None:
    """It is written as it came, and its missing words stay those of the training files."""
    told_of_training(store, delimiter=",", decimal=".", header=True)
    plain, other = binary.file("age,visits,plan\n40.5,1,gold\nNA,2,gold\n"), binary.file(text, "other.csv")
    out, theirs = binary.folder / "out.csv", binary.folder / "theirs.csv"
    (first,) = run(context(store, version_id, (plain, out)))["batches"]
    (found,) = run(context(store, version_id, (other, theirs)))["batches"]
    assert (first["read_as"], found["read_as"]["delimiter"]) == (None, text[3])
    mark = text[3]
    read = pd.read_csv(theirs, sep=mark, decimal="," if mark == ";" else ".", na_values="NA")
    assert read["probability"].tolist() == pd.read_csv(out)["probability"].tolist()
    assert found["checks"][0]["column"] == "age"  # which is missing in a row


def test_a_file_that_fits_in_no_dialect_is_refused_in_that_of_training(
    store: Store, binary: Any, version_id: str
) -> None:
    told_of_training(store, delimiter=",", decimal=".")
    path = binary.file("age;visits\n40;1\n")
    with pytest.raises(SchemaMismatch, match="lacks the columns 'age', 'visits', 'plan'"):
        run(context(store, version_id, (path, binary.folder / "out.csv")))
    assert not (binary.folder / "out.csv").exists()


def test_a_file_that_the_version_learnt_from_is_told(store: Store, binary: Any, version_id: str) -> None:
    training = scanned_training(store, binary.folder)
    (found,) = run(context(store, version_id, (training, binary.folder / "out.csv")))["batches"]
    assert found["learnt"] == 1
    other = binary.file("age,visits,plan\n40,1,gold\n")
    (found,) = run(context(store, version_id, (other, binary.folder / "out.csv")))["batches"]
    assert found["learnt"] == 0


def scanned_training(store: Store, folder: Path) -> Path:
    """The training file, as a member of the training source's first version."""
    path = folder / "training.csv"
    with store.write() as writing:
        writing.execute("UPDATE source SET pattern = 'training.csv', version = 0 WHERE id = 'S'")
    scanned(store, "S")
    return path


def test_the_same_file_predicted_twice_is_one_batch(store: Store, binary: Any, version_id: str) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\n")
    for name in ("a.csv", "b.csv"):
        run(context(store, version_id, (path, binary.folder / name)))
    (row,) = list_batches(store.reader)
    assert row.out == "b.csv"
    other = binary.file("age,visits,plan\n41,1,gold\n", "other.csv")
    run(context(store, version_id, (other, binary.folder / "c.csv")))
    assert count_batches(store.reader) == 2


def test_progress_ends_with_all_rows(store: Store, binary: Any, many: str, version_id: str) -> None:
    run(context(store, version_id, (binary.file(many), binary.folder / "out.csv")))
    job = get_job(store.reader, "J")
    assert (job.done, job.total, job.note) == (12_000, 12_000, "new.csv")


def test_a_job_that_is_to_stop_begins_no_further_file(store: Store, binary: Any, version_id: str) -> None:
    path = binary.file("age,visits,plan\n40,1,gold\n")
    waiting = context(store, version_id, (path, binary.folder / "a.csv"), (path, binary.folder / "b.csv"))
    with store.write() as writing:
        writing.execute("UPDATE job SET wanted = 'stop'")
    assert run(waiting) == {"batches": []}
    assert not (binary.folder / "a.csv").exists()


def test_a_file_that_does_not_fit_is_not_recorded(store: Store, binary: Any, version_id: str) -> None:
    path = binary.file("age,plan\n40,gold\n")
    with pytest.raises(SchemaMismatch):
        run(context(store, version_id, (path, binary.folder / "out.csv")))
    assert count_batches(store.reader) == 0


def test_a_tampered_model_predicts_nothing(store: Store, binary: Any, version_id: str) -> None:
    digest = store.reader.execute("SELECT artifact FROM model_version").fetchone()[0]
    path = place(store.workspace, digest)
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelFileError, match="was changed"):
        run(context(store, version_id, (binary.file("age,visits,plan\n40,1,gold\n"), binary.folder / "out.csv")))
    assert not (binary.folder / "out.csv").exists()


def test_what_can_be_refused_at_once_starts_no_job(store: Store, binary: Any, version_id: str) -> None:
    predictions = Predictions(store, Jobs(store), Settings())
    path = binary.file("age,visits,plan\n40,1,gold\n")
    with pytest.raises(UnknownName, match="no champion yet"):
        predictions.start("churn", path, binary.folder / "out.csv")
    with pytest.raises(UsageError, match="is no file"):
        predictions.start("churn:1", binary.folder / "gone.csv", binary.folder / "out.csv")
    with pytest.raises(UsageError, match="There is no folder"):
        predictions.start("churn:1", path, binary.folder / "nowhere" / "out.csv")
    assert list_jobs(store.reader) == []


def test_a_live_file_that_a_check_keeps_out_is_not_predicted_until_it_is_let_in_or_mended(
    store: Store, binary: Any, version_id: str
) -> None:
    folder, nowhere = binary.folder / "live", binary.folder / "nowhere" / "out.csv"
    folder.mkdir()
    good, bad = folder / "a.csv", folder / "b.csv"
    good.write_text("age,visits,plan\n" + "40,1,gold\n41,2,basic\n" * 20, "utf-8")
    source = Sources(store, AT_REST).add(folder, name="live", role="live")
    scanned(store, source.id)
    curation = Curation(store)
    curation.accept("live", [Check("range", "stop", "age", most=100)])
    bad.write_text("age,visits,plan\n400,1,gold\n", "utf-8")
    scanned(store, source.id)
    predictions = Predictions(store, Jobs(store), Settings())

    def refusal(path: Path) -> MlopsError:
        """What is refused of it: at the latest that its result has no folder to go to."""
        with pytest.raises(MlopsError) as refused:
            predictions.start("churn:1", path, nowhere)
        return refused.value

    kept_out = refusal(bad)
    assert kept_out.title.startswith(
        "b.csv is quarantined in source 'live', so it is not predicted: b.csv, line 2: age is 400"
    )
    assert "data release b.csv --why" in kept_out.remedy
    assert "There is no folder" in refusal(good).title
    curation.release("b.csv", "he is that old")
    assert "There is no folder" in refusal(bad).title
    bad.write_text("age,visits,plan\n500,1,gold\n", "utf-8")
    scanned(store, source.id)
    assert "is quarantined" in refusal(bad).title
    bad.write_text("age,visits,plan\n40,1,gold,\n", "utf-8")
    assert "There is no folder" in refusal(bad).title
    assert list_jobs(store.reader) == []


def scanned(store: Store, source_id: str) -> None:
    """Takes in what is there, in this process, and leaves no job behind."""
    with store.write() as writing:
        writing.execute(
            "INSERT INTO job (id, kind, title, spec, state, workers, host, home, done, log, created)"
            " VALUES ('C', 'scan', 'scan', ?, 'running', 1, '', '', 0, '', '')",
            (json.dumps({"sources": [source_id]}),),
        )
    scan(JobContext(store, AT_REST, "C", 0))
    with store.write() as writing:
        writing.execute("DELETE FROM job WHERE id = 'C'")


class At:
    """Living rooms around the registered model: a live source with files, scanned in this process."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder / "live"
        self.folder.mkdir()
        self.out = folder / "out"
        self.out.mkdir()
        self.sources = Sources(store, AT_REST)
        self.source = self.sources.add(self.folder, name="live", role="live", id_column="code")

    def put(self, name: str, *rows: str) -> Path:
        path = self.folder / name
        path.write_text("code,age,visits,plan\n" + "".join(f"{row}\n" for row in rows), "utf-8")
        scanned(self.store, self.source.id)
        return path


ROWS = tuple(f"c{i},{20 + i},{i % 9},{('gold', 'basic', 'trial')[i % 3]}" for i in range(30))


@pytest.fixture
def live(store: Store, binary: Any, version_id: str) -> At:
    return At(store, binary.folder)


def done(store: Store, job_id: str) -> dict[str, Any]:
    """The result of a job that its own process does, which is waited for."""
    return Jobs(store).wait(job_id).result or {}


@pytest.mark.slow
def test_a_source_is_predicted_as_its_newest_version_into_one_file_a_batch_for_each_of_its_files(
    store: Store, live: At, version_id: str
) -> None:
    """In the version's own order; a file that was predicted before is not counted twice."""
    live.put("b.csv", *ROWS[:20])
    alone = live.put("a.csv", *ROWS[20:])
    predictions = Predictions(store, Jobs(store), Settings())
    done(store, predictions.start("churn:1", alone, live.out / "alone.parquet"))
    for out in ("all.csv", "all.parquet"):
        (batch,) = done(store, predictions.start("churn:1", Path("live"), live.out / out))["batches"]
        assert (batch["files"], batch["rows"], len(batch["logs"])) == (2, 30, 2)
    for read in (pd.read_csv(live.out / "all.csv"), pd.read_parquet(live.out / "all.parquet")):
        assert read["code"].tolist() == [f"c{i}" for i in (*range(20, 30), *range(20))]
    found = {batch.file: batch for batch in list_batches(store.reader)}
    assert {name: batch.rows for name, batch in found.items()} == {"live/a.csv": 10, "live/b.csv": 20}
    assert {batch.source_id for batch in found.values()} == {live.source.id}
    both = pd.read_parquet(live.out / "alone.parquet")["probability"]
    assert read["probability"][:10].tolist() == both.tolist()


def test_a_name_that_is_neither_a_file_nor_a_source_is_refused(store: Store, live: At) -> None:
    predictions = Predictions(store, Jobs(store), Settings())
    with pytest.raises(UnknownName, match="is no file, and no source has that name"):
        predictions.start("churn:1", Path("nowhere"), live.out / "a.csv")
    with pytest.raises(UnknownName, match="has no version yet"):
        predictions.start("churn:1", Path("live"), live.out / "a.csv")


def test_ways_that_cannot_be_meant_start_no_job(store: Store, live: At, binary: Any) -> None:
    path = live.put("a.csv", *ROWS)
    predictions = Predictions(store, Jobs(store), Settings())
    for ways, words in (
        (Ways(threshold="often"), "is no threshold"),
        (Ways(unknown_category="perhaps"), "is no policy"),
        (Ways(rejects=live.out / "a.csv"), "would be written over"),
        (Ways(rejects=live.out / "a.txt"), "no known format"),
        (Ways(shadow="churn:1"), "cannot run beside itself"),
        (Ways(shadow=""), "has no challenger yet"),
    ):
        with pytest.raises(UsageError, match=words):
            predictions.start("churn:1", path, live.out / "a.csv", ways)
    assert list_jobs(store.reader) == []


def test_predicting_a_file_again_replaces_its_log_and_older_logs_go_in_time(
    store: Store, live: At, version_id: str
) -> None:
    path = live.put("a.csv", *ROWS)

    def predict(threshold: str | None) -> PredictionBatch:
        spec = {
            "version_id": version_id,
            "threshold": threshold,
            "files": [told(path, live.out / "a.csv", live.source.id)],
        }
        run(context_of(store, spec))
        (batch,) = list_batches(store.reader)
        return batch

    first, second = predict(None), predict("0")
    assert (first.threshold_of, second.threshold, second.threshold_of) == ("default", 0.0, "given")
    assert first.log != second.log
    assert not place(store.workspace, first.log or "").exists()
    assert pq.read_table(place(store.workspace, second.log or ""))["id"].to_pylist() == [f"c{i}" for i in range(30)]
    with store.write() as writing:
        writing.execute("UPDATE prediction_batch SET at = '2020-01-01T00:00:00.000000Z'")
    assert drop_outdated(store, 0) == 0
    assert drop_outdated(store, 30) == 1
    assert not place(store.workspace, second.log or "").exists()
    (kept,) = list_batches(store.reader)
    assert (kept.log, kept.rows, kept.scores["count"]) == (None, 30, 30)


def told(path: Path, out: Path, source_id: str | None) -> dict[str, Any]:
    return {"in": str(path), "out": str(out), "source_id": source_id}


def context_of(store: Store, spec: dict[str, Any]) -> JobContext:
    """A job that is written down and run here, by no worker, whatever it is asked."""
    files = [(Path(file["in"]), Path(file["out"])) for file in spec["files"]]
    made = context(store, spec["version_id"], *files)
    made.spec = spec
    return made


def test_what_a_batch_is_told_beside_is_kept_with_it(store: Store, live: At, binary: Any, version_id: str) -> None:
    """Findings, the shadow's disagreement, and how many rows were set aside."""
    version = get_version(store.reader, version_id)
    kept = keep(
        store, binary.pipeline, version.signature, read_frame(binary.folder / "training.csv", None, KINDS, list(KINDS))
    )
    with write_session(store) as writing:
        other = add_version(writing, "churn", kept, Origin("R", None, "S", 1, "forest", {}, {})).id
    path = binary.file("age,visits,plan\n40,1,platinum\nforty,1,gold\n41,2,gold\n", "odd.csv")
    spec = {"version_id": version_id, "shadow": other, "rejects": str(live.out / "bad.csv")}
    (result,) = run(context_of(store, {**spec, "files": [told(path, live.out / "odd.csv", None)]}))["batches"]
    (batch,) = list_batches(store.reader)
    assert (batch.rows, batch.aside, result["aside"]) == (2, 1, 1)
    assert [(one["check"], one["column"], one["count"]) for one in batch.findings] == [("unknown_category", "plan", 1)]
    assert batch.shadow == result["shadow"]
    assert (result["shadow"]["version"], result["shadow"]["different"]) == (2, 0)
