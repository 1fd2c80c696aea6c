"""`predict` on the command line: the shadow with and without a name, and refusals in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mlops_tui.cli.commands.predict import SHADOW, WithBareShadow
from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("M --out o", (None, "o")),
        ("M --shadow --out o", ("", "o")),
        ("M --out o --shadow", ("", "o")),
        ("--shadow M:2 M --out o", ("M:2", "o")),
        ("M --shadow=M:2 --out o", ("M:2", "o")),
    ],
)
def test_the_shadow_may_be_named_or_not(line: str, expected: tuple[str | None, str]) -> None:
    found: list[Any] = []
    app = typer.Typer()

    @app.command(cls=WithBareShadow)
    def predict(
        model: str, shadow: str | None = typer.Option(None, SHADOW), out: str | None = typer.Option(None, "--out")
    ) -> None:
        found.append((shadow, out))

    assert CliRunner().invoke(app, line.split()).exit_code == 0
    assert found == [expected]


MODEL = """
from pathlib import Path
from mlops_tui.bootstrap import open_services
from mlops_tui.registry.engine.keep import Origin, add_version, keep
from mlops_tui.store.session import write_session
from tests.serving.conftest import fitted, training_frame

opened = open_services(Path.cwd())
model = fitted(Path.cwd(), ("stays", "leaves"), "leaves")
kept = keep(opened.store, model.pipeline, model.version.signature, training_frame())
source = opened.store.reader.execute("SELECT id FROM source").fetchone()[0]
with write_session(opened.store) as writing:
    for threshold in (0.5, 0.9):
        metrics = {"f1": 0.8, "threshold_f1": threshold}
        add_version(writing, "churn", kept, Origin("R", None, source, 1, "forest", {}, metrics))
opened.close()
"""


@pytest.mark.slow
def test_a_source_is_predicted_with_a_shadow_and_told_in_words_and_as_json(mlops: Command, tmp_path: Path) -> None:
    """From the command line alone: options of the source, the prediction, and what refuses it with its exit code."""
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "a.csv").write_text("code,age,visits,plan\n" + "x,40,1,gold\ny,41,8,basic\n" * 10)
    (tmp_path / "out").mkdir()
    for line in ("init", "data add live --name live --role live --id code", "data scan live"):
        assert mlops(*line.split()).returncode == 0
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", MODEL], cwd=tmp_path, check=True, env=environment)
    options = mlops(
        "data", "options", "live", "--slice", "plan", "--predict", "churn:1", "--predict-to", "out", "--json"
    )
    told = json.loads(options.stdout)
    assert (told["slices"], told["predict"], told["predict_to"]) == (["plan"], "churn:1", "out")
    assert "are predicted by churn:1 into out." in options.stderr
    done = mlops(
        *["predict", "churn:1", "--in", "live", "--out", "scored.jsonl", "--shadow", "churn:2", "--rejects", "bad.csv"]
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        f"20 rows predicted by churn version 1, in {tmp_path / 'scored.jsonl'}.",
        "Threshold 0.5, tuned for f1.",
    ]
    assert lines[-1].startswith("churn version 2 in the shadow: another label in ")
    assert len((tmp_path / "scored.jsonl").read_text().splitlines()) == 20
    refused = mlops(*["predict", "churn:1", "--in", "live", "--out", "scored.csv", "--threshold", "often", "--json"])
    assert (refused.returncode, json.loads(refused.stdout)["error"]["code"]) == (2, "usage")
    refused = mlops(*["predict", "churn:1", "--in", "live", "--out", "scored.csv", "--out-of-range", "perhaps"])
    assert refused.returncode == 2
    assert "'perhaps' is no policy." in refused.stderr
