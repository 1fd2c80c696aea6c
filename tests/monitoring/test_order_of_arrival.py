"""Labels and predictions come in any order, and of several models on one source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_tui.monitoring.alert import FALLS
from mlops_tui.monitoring.alert_query import list_alerts
from mlops_tui.monitoring.model import STEADY
from mlops_tui.monitoring.quality_model import WORSE, QualityChunk, deciding
from mlops_tui.monitoring.quality_query import quality_of
from mlops_tui.registry.query import find_version
from tests.living import Living, customers

pytestmark = pytest.mark.slow


class Two(Living):
    """Two champions of one training source, of which one guesses, and files of one live source that both predict."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        for name in ("live", "outcomes", "out"):
            (root / name).mkdir()
        self.add("learnt", customers(1_500, 1), target="left", id_column="id")
        self.live = self.services.sources.add(root / "live", name="live", role="live", id_column="id")
        self.outcomes = self.services.sources.add(root / "outcomes", name="outcomes", role="labels", id_column="id")
        for name, family in (("churn", "logistic"), ("guesses", "dummy")):
            _, (trial,) = self.tune("learnt", trials=1, seed=1, name=name, families=[family])
            self.register(trial, name)
            model = find_version(self.store.reader, f"{name}:1").model_id
            asked = {"model": model, "version": 1, "alias": "champion", "force": True, "why": "a test"}
            self.do("promote", asked)

    def arrives(self, name: str, rows: pd.DataFrame) -> None:
        """A file of the live source, predicted by both."""
        rows.drop(columns="left").to_csv(self.root / "live" / f"{name}.csv", index=False)
        self.do("scan", {"sources": [self.live.id]})
        for model in ("churn", "guesses"):
            files = {
                "in": str(self.root / "live" / f"{name}.csv"),
                "out": str(self.root / "out" / f"{name}-{model}.csv"),
                "source_id": self.live.id,
            }
            version = find_version(self.store.reader, f"{model}:1")
            self.do("predict", {"version_id": version.id, "files": [files]})

    def becomes(self, name: str, rows: pd.DataFrame) -> None:
        """What became of rows."""
        rows[["id", "left"]].to_csv(self.root / "outcomes" / f"{name}.csv", index=False)
        self.do("scan", {"sources": [self.outcomes.id]})

    def told(self, model: str) -> list[QualityChunk]:
        version = find_version(self.store.reader, f"{model}:1")
        self.do("quality", {"version_id": version.id, "seen": ""})
        return quality_of(self.store.reader, version.id)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two((tmp_path / "work").resolve())
    yield made
    made.close()


def later(seed: int) -> pd.DataFrame:
    rows = customers(600, seed)
    rows["id"] += 100_000 * seed
    return rows


def test_labels_that_were_there_before_their_predictions_count_once_these_come(two: Two) -> None:
    rows = later(3)
    two.becomes("first", rows)
    assert two.told("churn") == []
    two.arrives("first", rows)
    (chunk,) = two.told("churn")
    assert (chunk.rows, chunk.labelled, chunk.verdict) == (600, 600, STEADY)
    assert chunk.realised is not None
    assert chunk.realised.value == pytest.approx(chunk.reference, abs=0.03)


def test_of_two_models_on_one_source_each_is_told_by_what_it_said_itself(two: Two) -> None:
    """The labels of the second file have nothing to do with its rows: the model that guesses does no worse for it."""
    rows, changed = later(3), later(4)
    changed["left"] = np.random.default_rng(0).permutation(changed["left"].to_numpy())
    for name, frame in (("first", rows), ("second", changed)):
        two.arrives(name, frame)
        two.becomes(name, frame)
    assert [chunk.verdict for chunk in two.told("churn")] == [STEADY, WORSE]
    assert [chunk.verdict for chunk in two.told("guesses")] == [STEADY, STEADY]
    told = [(alert.kind, alert.sentence.partition(" ")[0]) for alert in list_alerts(two.store.reader)]
    assert told == [(FALLS, "churn")]
    two.arrives("third", later(5))
    chunks = two.told("churn")
    assert [chunk.verdict for chunk in chunks] == [STEADY, WORSE, STEADY]
    assert deciding(chunks) == chunks[1], "what labels have proved is not undone by what is expected without them"
    assert len(list_alerts(two.store.reader)) == 1
    two.becomes("third", later(5))
    assert deciding(two.told("churn")).name == "third.csv"  # type: ignore[union-attr]
    assert list_alerts(two.store.reader) == []
