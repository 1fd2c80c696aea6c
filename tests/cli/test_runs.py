"""`runs …` in a terminal: what is asked for and is not there."""

from __future__ import annotations

import pytest

from mlops_tui.cli.main import run as mlops
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.store.store import Store


@pytest.fixture
def one(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store of the workspace that one stands in, with a run."""
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    monkeypatch.chdir(store.workspace.root)
    log = RunLog(store, *start_run(store, name="r", params={"depth": 3}))
    log.log_metrics({"auc": 0.5})
    log.end()
    return store


@pytest.mark.parametrize(
    "command",
    [
        ["list", "--sort", "metrics.acu"],
        ["list", "--columns", "name,metrics.acu"],
        ["groups", "params.depth", "--metrics", "acu"],
        ["groups", "params.depth", "--sort", "metrics.acu"],
    ],
)
def test_a_metric_that_no_run_has_is_said_and_the_rest_is_told(
    command: list[str], one: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mlops(["runs", *command])[0] == 0
    shown = capsys.readouterr()
    assert shown.err == "No run has metrics.acu.\n"
    assert len(shown.out.splitlines()) == 3
    assert mlops(["runs", *[part.replace("acu", "auc") for part in command]])[0] == 0
    assert capsys.readouterr().err == ""
