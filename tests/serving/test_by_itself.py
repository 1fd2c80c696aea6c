"""After a promotion the champion before runs in the shadow of the next files by itself, and spoils none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlops_tui.core.settings import Settings
from mlops_tui.data.query import get_source
from mlops_tui.jobs.context import JobContext
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.model import SignatureColumn
from mlops_tui.serving.engine.predict import run
from mlops_tui.serving.query import list_batches, shadowed
from mlops_tui.serving.shadowing import champion_before
from mlops_tui.store.artifact import place
from tests.promoted import Promoted, customers


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promoted]:
    found = Promoted(tmp_path_factory.mktemp("itself") / "work")
    yield found
    found.close()


@pytest.fixture
def churn(made: Promoted) -> Promoted:
    """Version 2 just promoted over version 1, and nothing predicted yet."""
    with made.store.write() as writing:
        writing.execute("DELETE FROM prediction_batch")
        writing.execute("UPDATE model_alias SET version = 1")
    made.promote(2)
    return made


def predict_with(churn: Promoted, files: int, path: Path) -> dict[str, Any]:
    """Predicts with another number of files in the shadow."""
    file = {"in": str(path), "out": str(churn.root / "out" / "x.csv"), "source_id": None}
    job = churn.queue("predict", {"version_id": churn.version(2).id, "files": [file]})
    return run(JobContext(churn.store, Settings(settle_seconds=0.0, shadow_files=files), job, 1))["batches"][0]


def test_the_first_files_after_a_promotion_are_said_by_both_and_then_no_more(churn: Promoted) -> None:
    """Two of them; a file that is predicted again is the same one, and keeps its shadow."""
    paths = [churn.put(f"a{place}", customers(30, place, 100 * place)) for place in range(3)]
    told = [predict_with(churn, 2, path)["shadow"] for path in (*paths, paths[0])]
    assert [shadow and (shadow["version"], shadow["by_itself"], shadow["left"], shadow["of"]) for shadow in told] == [
        (1, True, 1, 2),
        (1, True, 0, 2),
        None,
        (1, True, 0, 2),
    ]
    assert told[0]["rows"] == 30
    assert told[0]["different"] > 0
    assert told[0]["why"] is None
    before = champion_before(churn.store.reader, churn.version(2))
    assert before is not None
    files = shadowed(churn.store.reader, churn.version(2).id, before.version.id, before.since)
    assert sorted(file.file for file in files) == ["live/a0.csv", "live/a1.csv"]


def test_what_is_written_is_the_same_with_and_without_it(churn: Promoted) -> None:
    path = churn.put("same", customers(40, 7, 5_000))
    assert predict_with(churn, 0, path)["shadow"] is None
    alone = (churn.root / "out" / "x.csv").read_bytes()
    assert predict_with(churn, 5, path)["shadow"]["by_itself"]
    assert (churn.root / "out" / "x.csv").read_bytes() == alone


def test_the_log_has_what_the_shadow_said_of_each_row_beside_what_the_champion_said(churn: Promoted) -> None:
    rows = customers(30, 3, 600)
    path = churn.put("logged", rows)
    log = churn.predict(path)["logs"][0]
    names = ["row", "id", "label", "score", "shadow_label", "shadow_score"]
    read = pq.read_table(place(churn.store.workspace, log))
    assert read.column_names == names
    alone = churn.predict(path, by=1)["logs"][0]
    of_before = pq.read_table(place(churn.store.workspace, alone))
    assert read["shadow_label"].to_pylist() == of_before["label"].to_pylist()
    assert read["shadow_score"].to_pylist() == of_before["score"].to_pylist()
    assert read["shadow_score"].to_pylist() != read["score"].to_pylist()


def test_a_source_is_said_by_both_file_by_file(churn: Promoted) -> None:
    """Of the files of one result only so many as are left have a shadow; the sums are told together."""
    for place_ in range(3):
        churn.put(f"of-source{place_}", customers(20, place_, 9_000 + 100 * place_))
    asked = {"id": churn.live.id, "version": get_source(churn.store.reader, churn.live.id).version}
    spec = {"version_id": churn.version(2).id, "files": [], "source": asked | {"out": str(churn.root / "all.csv")}}
    job = churn.queue("predict", spec)
    context = JobContext(churn.store, Settings(settle_seconds=0.0, shadow_files=2), job, 1)
    (batch,) = run(context)["batches"]
    assert batch["files"] >= 3
    assert (batch["shadow"]["left"], batch["shadow"]["why"]) == (0, None)
    with_shadow = [one for one in list_batches(churn.store.reader) if one.shadow is not None]
    assert len(with_shadow) == 2
    assert batch["shadow"]["rows"] == sum(one.rows for one in with_shadow)


def test_another_version_than_the_champion_has_none_and_one_that_is_asked_for_goes_first(churn: Promoted) -> None:
    path = churn.put("b", customers(20, 8, 1_000))
    assert churn.predict(path, by=1)["shadow"] is None
    asked = churn.predict(path, shadow=churn.version(1).id)["shadow"]
    assert (asked["version"], asked["by_itself"], asked["left"]) == (1, False, None)


def test_after_a_rollback_nothing_runs_by_itself_nor_for_a_first_champion(churn: Promoted) -> None:
    models = churn.services.models
    path = churn.put("c", customers(20, 9, 2_000))
    models.rollback("churn")
    assert champion_before(churn.store.reader, churn.version(1)) is None
    assert churn.predict(path, by=1)["shadow"] is None
    models.undo_rollback("churn")
    assert champion_before(churn.store.reader, churn.version(2)) is None
    churn.promote(1)
    churn.promote(2)
    assert champion_before(churn.store.reader, churn.version(2)) is not None
    with churn.store.write() as writing:
        writing.execute("UPDATE event SET before = json_set(before, '$.version', NULL) WHERE verb = 'promoted'")
    assert champion_before(churn.store.reader, churn.version(2)) is None, "it was the first"


def test_a_shadow_that_cannot_be_loaded_is_said_and_the_file_is_predicted(churn: Promoted) -> None:
    """Its file was changed; the batch does not count as one that it ran on."""
    path, kept = churn.put("d", customers(20, 10, 3_000)), place(churn.store.workspace, churn.version(1).artifact)
    content = kept.read_bytes()
    kept.chmod(0o644)
    kept.write_bytes(content + b"\0")
    try:
        batch = churn.predict(path)
    finally:
        kept.write_bytes(content)
    assert (batch["rows"], batch["shadow"]["rows"], batch["shadow"]["left"]) == (20, 0, 5)
    assert "was changed" in batch["shadow"]["why"]
    before = champion_before(churn.store.reader, churn.version(2))
    assert before is not None
    assert shadowed(churn.store.reader, churn.version(2).id, before.version.id, before.since) == []
    assert "shadow_score" not in pq.read_schema(place(churn.store.workspace, batch["logs"][0])).names


class Failing:
    """A pipeline that is out of its depth."""

    def predict_proba(self, frame: pd.DataFrame) -> Any:
        raise RuntimeError("out of its depth")


@pytest.fixture
def failing(churn: Promoted, monkeypatch: pytest.MonkeyPatch) -> Promoted:
    """Version 1 can be loaded, and fails as soon as it is asked."""
    monkeypatch.setattr(
        "mlops_tui.serving.engine.said.load_version",
        lambda store, version: load_version(store, version) if version.number == 2 else Failing(),
    )
    return churn


def test_a_shadow_that_fails_on_the_way_spoils_no_row(failing: Promoted) -> None:
    batch = failing.predict(failing.put("e", customers(20, 11, 4_000)))
    assert (batch["rows"], batch["rejected"]) == (20, 0)
    assert (batch["shadow"]["rows"], batch["shadow"]["why"]) == (0, "RuntimeError: out of its depth")


FURTHER = SignatureColumn("income", "numeric", "float64")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda columns: (*columns, FURTHER), "lacks the column 'income', which churn version 1 reads"),
        (lambda columns: (replace(columns[0], kind="category"), *columns[1:]), "reads the column 'age' as category"),
    ],
)
def test_a_shadow_that_cannot_read_the_file_as_the_champion_does_refuses_no_row(
    failing: Promoted, change: Any, words: str
) -> None:
    signature = failing.signature
    path = failing.put("f", customers(20, 12, 4_500))

    def turn(columns: Any) -> None:
        with failing.store.write() as writing:
            text = replace(signature, columns=columns).to_json()
            writing.execute("UPDATE model_version SET signature = ? WHERE number = 1", (text,))

    turn(change(signature.columns))
    batch = failing.predict(path)
    turn(signature.columns)
    assert (batch["rows"], batch["shadow"]["rows"]) == (20, 0)
    assert words in batch["shadow"]["why"]
