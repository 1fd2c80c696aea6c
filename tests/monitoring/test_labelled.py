"""Logs and labels are joined by ids whatever types these were read as, for two classes, more, and numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_tui.core.settings import Settings
from mlops_tui.data.service import Sources
from mlops_tui.monitoring.engine import labelled
from mlops_tui.monitoring.engine.labelled import labelled_rows
from mlops_tui.registry.model import Signature
from mlops_tui.serving.engine.log import Logs
from mlops_tui.store.store import Store
from tests.serving.test_job import scanned


@pytest.fixture
def labels(store: Store, tmp_path: Path) -> Callable[[str], list[str]]:
    """A source of labels with that text in its one file; returns its id."""

    def add(text: str) -> list[str]:
        folder = tmp_path / "outcomes"
        folder.mkdir()
        (folder / "a.csv").write_text(text, "utf-8")
        source = Sources(store, Settings(settle_seconds=0.0)).add(
            folder, name="outcomes", role="labels", id_column="id"
        )
        scanned(store, source.id)
        return [source.id]

    return add


def logged(store: Store, **columns: Any) -> str:
    """A prediction log with those columns."""
    path = Logs(store.workspace).place()
    rows = len(next(iter(columns.values())))
    pq.write_table(pa.table({"row": list(range(1, rows + 1)), **columns}), path)
    return Logs(store.workspace).keep(path)


def test_two_classes_are_put_in_the_order_of_the_signature(store: Store, labels: Any) -> None:
    """Labels that are numbers, and ids that a file of the other side has as fractions."""
    signature = Signature((), "y", "binary", (0, 1), 0)
    log = logged(store, id=["1.0", "2.0", "7"], score=[0.9, 0.2, 0.5], shadow_score=[0.8, 0.3, 0.4])
    found = labelled_rows(store, signature, [log], labels("id,y\n1,0\n2,1\n9,1\n"))
    order = np.argsort(found.truth)
    assert found.truth[order].tolist() == [0, 1]
    assert found.said[order].tolist() == [[0.9, pytest.approx(0.1)], [0.2, 0.8]]
    assert found.shadow[order][:, 0].tolist() == [0.8, 0.3]
    assert (found.rows, found.labelled, found.unknown) == (3, 2, 1)


def test_truth_values_and_more_than_two_classes_are_known_again(store: Store, labels: Any) -> None:
    signature = Signature((), "y", "multiclass", ("a", "b", "c"))
    scores = {f"score_{place}": [share, share] for place, share in enumerate((0.2, 0.3, 0.5))}
    log = logged(store, id=["x", "y"], **scores, **{f"shadow_{name}": values for name, values in scores.items()})
    found = labelled_rows(store, signature, [log], labels("id,y\nx,c\ny,b\n"))
    assert sorted(found.truth.tolist()) == [1, 2]
    assert found.said.shape == (2, 3)
    truths = Signature((), "y", "binary", (False, True), True)
    log = logged(store, id=["x", "y"], score=[0.1, 0.9], shadow_score=[0.2, 0.8])
    path = Path(store.reader.execute("SELECT path FROM source").fetchone()[0])
    (store.workspace.absolute(str(path)) / "a.csv").write_text("id,y\nx,true\ny,false\n", "utf-8")
    with store.write() as writing:
        writing.execute("UPDATE source SET kinds = '{}'")
    (source_id,) = store.reader.execute("SELECT id FROM source").fetchone()
    scanned(store, source_id)
    found = labelled_rows(store, truths, [log], [source_id])
    assert sorted(found.truth.tolist()) == [0, 1]


def test_numbers_are_compared_as_they_are_and_a_row_without_one_of_the_two_is_left_out(
    store: Store, labels: Any
) -> None:
    signature = Signature((), "y", "regression")
    log = logged(store, id=["1", "2", "3"], score=[1.5, 2.5, 3.5], shadow_score=[1.0, None, 3.0])
    found = labelled_rows(store, signature, [log], labels("id,y\n1,1.25\n2,2\n3,nan\n"))
    assert found.truth.tolist() == [1.25]
    assert (found.said.tolist(), found.shadow.tolist()) == ([1.5], [1.0])
    assert found.labelled == 2


def test_of_very_many_rows_always_the_same_ones_are_compared(
    store: Store, labels: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelled, "MOST_ROWS", 50)
    ids = [str(number) for number in range(400)]
    log = logged(store, id=ids, score=[0.5] * 400, shadow_score=[number / 400 for number in range(400)])
    text = "id,y\n" + "".join(f"{name},{int(name) % 2}\n" for name in ids)
    source = labels(text)
    signature = Signature((), "y", "binary", (0, 1), 1)
    first, again = (labelled_rows(store, signature, [log], source) for _ in range(2))
    assert (first.labelled, len(first.truth)) == (400, 50)
    assert first.shadow.tolist() == again.shadow.tolist()


def test_a_log_that_is_gone_or_of_before_shadows_were_kept_is_passed_over(store: Store, labels: Any) -> None:
    older = logged(store, id=["1"], score=[0.5])
    found = labelled_rows(store, Signature((), "y", "binary", (0, 1), 1), [older, "0" * 64], labels("id,y\n1,0\n2,1\n"))
    assert (found.files, found.rows, found.labelled, len(found.truth)) == (0, 0, 0, 0)


def test_the_join_is_what_a_plain_walk_through_the_rows_gives(store: Store, labels: Any) -> None:
    """Ids that come again within a file and in later ones, some labelled more than once, some not at all."""
    draw = np.random.default_rng(11)
    logs, newest, nameless = [], dict[str, tuple[float, float]](), 0
    for _ in range(3):
        ids = [None if number == 0 else f"k{number}" for number in draw.integers(0, 60, 80)]
        said, other = draw.random(80), draw.random(80)
        logs.append(logged(store, id=ids, score=said.tolist(), shadow_score=other.tolist()))
        nameless += ids.count(None)
        newest |= {key: pair for key, *pair in zip(ids, said, other, strict=True) if key is not None}
    told = [
        (f"k{number}", int(label))
        for number, label in zip(draw.integers(1, 90, 120), draw.integers(0, 2, 120), strict=True)
    ]
    known = {key: {label for name, label in told if name == key} for key, _ in told}
    source = labels("id,y\n" + "".join(f"{key},{label}\n" for key, label in told))
    found = labelled_rows(store, Signature((), "y", "binary", (0, 1), 1), logs, source)
    clear = {key: values for key, values in newest.items() if len(known.get(key, ())) == 1}
    assert (found.rows, found.with_id) == (len(newest) + nameless, len(newest))
    assert found.labelled == len(clear) == len(found.truth) > 5
    assert found.conflicting == sum(len(known.get(key, ())) > 1 for key in newest) > 5
    assert found.unknown == len(known.keys() - newest.keys()) > 5
    expected = sorted((*pair, *known[key]) for key, pair in clear.items())
    assert sorted(zip(found.said[:, 1], found.shadow[:, 1], found.truth, strict=True)) == expected
