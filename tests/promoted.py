"""A model whose second version was promoted over the first, files that both predict, and labels that come later; all of it done
in the test's own process by the code that workers run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from mlops_tui.monitoring.outcomes import seen_of
from mlops_tui.monitoring.quality_query import labels_with
from mlops_tui.registry.engine.frame import typed
from mlops_tui.registry.engine.keep import Origin, add_version, keep
from mlops_tui.registry.model import CHAMPION, PROMOTED, ModelVersion
from mlops_tui.registry.query import find_model, read_alias, version_of
from mlops_tui.registry.service import move_alias
from mlops_tui.serving.query import shadowed
from mlops_tui.serving.shadowing import champion_before
from mlops_tui.store.session import write_session
from tests.living import Living
from tests.serving.conftest import fitted, training_frame

CLASSES = ("stays", "leaves")


def customers(rows: int, seed: int, first: int = 0) -> pd.DataFrame:
    """Rows to predict, each with a code of its own, and what became of them: `y`, as it was in training."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "code": [f"c{first + row}" for row in range(rows)],
            "age": draw.normal(40, 10, rows).round(1),
            "visits": draw.integers(0, 9, rows),
            "plan": draw.choice(["basic", "gold", "trial"], rows),
        }
    )
    signal = frame["visits"] + 3 * (frame["plan"] == "gold") + frame["age"] / 20
    return frame.assign(y=np.where(signal > 7, "leaves", "stays"))


class Promoted(Living):
    """`churn` with versions 1 and 2, the second promoted over the first: as good, or one that guesses."""

    def __init__(self, root: Path, *, is_worse: bool = True) -> None:
        super().__init__(root)
        good = fitted(root, CLASSES, "leaves")
        self.signature = replace(good.version.signature, task="binary")
        frame = typed(training_frame(), self.signature.columns)
        guesses = np.random.default_rng(5).integers(0, 2, len(frame))
        other = clone(good.pipeline).fit(frame, guesses) if is_worse else good.pipeline
        for pipeline in (good.pipeline, other):
            self.register_pipeline(pipeline)
        for name in ("live", "outcomes", "out"):
            (root / name).mkdir()
        sources = self.services.sources
        self.live = sources.add(root / "live", name="live", role="live", id_column="code")
        self.outcomes = sources.add(root / "outcomes", name="outcomes", role="labels", id_column="code")
        self.promote(1)
        self.promote(2)

    def register_pipeline(self, pipeline: Any, **signature: Any) -> ModelVersion:
        """The model's next version."""
        signed = replace(self.signature, **signature)
        kept = keep(self.store, pipeline, signed, training_frame())
        with write_session(self.store) as writing:
            return add_version(writing, "churn", kept, Origin(None, None, None, None, "forest", {}, {}, file="a.skops"))

    def version(self, number: int) -> ModelVersion:
        return version_of(self.store.reader, find_model(self.store.reader, "churn"), number)

    def promote(self, number: int) -> None:
        """Moves the champion there, whatever its gates would say."""
        version = self.version(number)
        revision = read_alias(self.store.reader, version.model_id, CHAMPION).revision
        with self.store.write() as writing:
            move_alias(writing, version, CHAMPION, revision=revision, verb=PROMOTED, why="a test")

    def put(self, name: str, rows: pd.DataFrame) -> Path:
        """A file that comes to the live source."""
        path = self.root / "live" / f"{name}.csv"
        rows.drop(columns="y", errors="ignore").to_csv(path, index=False)
        self.do("scan", {"sources": [self.live.id]})
        return path

    def predict(self, *paths: Path, by: int = 2, **more: Any) -> dict[str, Any]:
        """Predicts files, each into one of its own; returns what the job says of the last."""
        files = [
            {"in": str(path), "out": str(self.root / "out" / path.name), "source_id": self.live.id} for path in paths
        ]
        result = self.do("predict", {"version_id": self.version(by).id, "files": files, **more})
        return dict(result["batches"][-1])

    def label(self, name: str, rows: pd.DataFrame, columns: Sequence[str] = ("code", "y")) -> None:
        """A file of labels comes."""
        rows[list(columns)].to_csv(self.root / "outcomes" / f"{name}.csv", index=False)
        self.do("scan", {"sources": [self.outcomes.id]})

    def compare(self, number: int = 2) -> dict[str, Any]:
        """Does the work of the job that compares the champion with the one before."""
        version = self.version(number)
        before = champion_before(self.store.reader, version)
        assert before is not None
        files = shadowed(self.store.reader, version.id, before.version.id, before.since)
        seen = seen_of(before, files, labels_with(self.store.reader, version.signature.target))
        return self.do("outcomes", {"version_id": version.id, "seen": seen}, None)

    def queue(self, kind: str, spec: dict[str, Any], state: str = "done") -> str:
        """A job's row, without its work."""
        job_id = self._job(kind, spec)
        with self.store.write() as writing:
            writing.execute("UPDATE job SET state = ? WHERE id = ?", (state, job_id))
        return job_id
