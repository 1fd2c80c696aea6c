"""A comparison as a file: everything in it, nothing that a name could break, and no half of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.evaluation.answers import answers
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.presenters.exporting import export
from mlops_tui.runs.artifact import PREDICTIONS
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.comparing import compare, pictures

NASTY = 'a|b <script>alert(1)</script> "x" *y*'


class Here:
    """Answers in this process what the worker would."""

    def __init__(self, store: Store) -> None:
        self._context = AnswerContext(store, Settings())

    def ask(self, what: str, **given: Any) -> Mapping[str, Any]:
        return {"compare": compare, "pictures": pictures}[what](self._context, **given)


@pytest.fixture
def runs(store: Store) -> list[str]:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 2, 200)
    found = []
    for place, name in enumerate(("plain", NASTY)):
        log = RunLog(Store(store.workspace), *start_run(store, name=name, params={"depth": place, "model": "hgb"}))
        log.log_points("val_loss", 1 / np.arange(1.0, 50) + place)
        log.log_metric("auc", 0.8 + place / 10)
        said = np.clip(truth * 0.3 + 0.3 + draw.normal(0, 0.1 + place, 200), 0, 1)
        log.log_bytes(answers(truth, said).to_bytes(), "predictions.npz", PREDICTIONS)
        log.end()
        found.append(log.id)
    return found


def test_a_page_has_the_lines_the_verdict_and_the_pictures_and_needs_no_network(
    store: Store, runs: list[str], tmp_path: Path
) -> None:
    text = export(store.reader, Here(store), runs, tmp_path / "c.html").read_text("utf-8")
    assert "A plain is better than B" in text
    for caption in ("val_loss", "parallel", "ROC, AUC", "PR, average precision", "calibration", "lift", "% right"):
        assert caption in text
    assert not re.search(r"""(src|href)\s*=|url\(|<link|<script|https?://""", text)
    assert "&lt;script&gt;" in text
    drawn = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawn) >= 7
    for one in drawn:
        ElementTree.fromstring(one)
    HTMLParser().feed(text)


def test_markdown_has_a_table_of_each_kind_whose_cells_no_name_breaks(
    store: Store, runs: list[str], tmp_path: Path
) -> None:
    text = export(store.reader, Here(store), runs, tmp_path / "c.md").read_text("utf-8")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    widths = {len(re.split(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {5}
    assert "| auc | 0.8000 | **0.9000** |" in text
    assert r"a\|b \<script>" in text


def test_a_table_has_every_value_as_it_was_logged(store: Store, runs: list[str], tmp_path: Path) -> None:
    path = export(store.reader, Here(store), runs, tmp_path / "new" / "c.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["kind", "key", "plain", NASTY]
    assert ["params", "depth", "0", "1"] in rows
    assert ["metrics", "auc", "0.8", "0.9"] in rows
    assert rows[1] == ["run", "id", *runs]


def test_what_cannot_be_written_is_refused_and_leaves_nothing(store: Store, runs: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not say what"):
        export(store.reader, Here(store), runs, tmp_path / "c.txt")
    with pytest.raises(UsageError, match="nothing beside it"):
        export(store.reader, Here(store), runs[:1], tmp_path / "c.csv")
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        export(store.reader, Here(store), runs, tmp_path / "file" / "c.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "work"]
