"""What `studies narrow`, `hide` and `unhide` say and print."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.bootstrap import open_services
from mlops_tui.cli.main import run
from mlops_tui.store.migrate import migrate
from mlops_tui.store.workspace import create
from tests.tui.tuned import add_source, add_study
from tests.tuning.trials import many_trials

Ask = Callable[..., tuple[Any, str]]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    workspace = create(tmp_path / "loans")
    migrate(workspace.store)
    services = open_services(workspace.root)
    add_source(services)
    many_trials(services, add_study(services, trials=(), state="stopped", total=90), 60)
    services.close()
    return workspace.root


@pytest.fixture
def ask(root: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Asks with `--json`; returns what was printed, and what was said beside it."""

    def asked(*words: str, code: int = 0) -> tuple[Any, str]:
        assert run(["--workspace", str(root), "studies", *words, "--json"])[0] == code
        out, err = capsys.readouterr()
        return json.loads(out), err

    return asked


def test_what_narrowing_costs_is_said_before_it_is_kept(ask: Ask) -> None:
    drawn = [trial["params"]["learning_rate"] for trial in ask("trials", "loans-1", "--family", "hgb")[0]]
    outside = sum(not 0.05 <= rate <= 0.2 for rate in drawn)
    line = ("narrow", "loans-1", "learning_rate", "0.05", "0.2")
    printed, said = ask(*line, "--dry-run")
    assert f"{outside} of {len(drawn)} trials of hgb that ended lie outside" in said
    assert (printed["outside"], printed["trials"], printed["changed"]) == (outside, len(drawn), False)
    assert ask("space", "loans-1")[0]["hgb.learning_rate"]["attributes"]["high"] == printed["before"]["high"] == 0.3
    printed, said = ask(*line)
    assert f"{outside} of {len(drawn)}" in said
    assert "Let it go on with: mlops-tui studies resume loans-1" in said
    assert (printed["low"], printed["high"], printed["changed"]) == (0.05, 0.2, True)
    assert ask("space", "loans-1")[0]["hgb.learning_rate"]["attributes"]["high"] == 0.2
    refused, _ = ask("narrow", "loans-1", "learning_rate", "-1", "0.2", code=2)
    assert "not moved or widened" in refused["error"]["title"]


def test_a_hidden_trial_is_listed_only_where_it_is_asked_for(ask: Ask) -> None:
    first = ask("trials", "loans-1", "--sort", "value", "--limit", "1")[0][0]
    assert ask("hide", "loans-1", str(first["number"]), "--why", "a test")[0]["hidden"] is True
    shown = ask("trials", "loans-1", "--limit", "100")[0]
    assert first["number"] not in [trial["number"] for trial in shown]
    assert {trial["hidden"] for trial in shown} == {False}
    [hidden] = ask("trials", "loans-1", "--where", "hidden")[0]
    assert (hidden["number"], hidden["hidden"]) == (first["number"], True)
    assert ask("show", "loans-1")[0]["best"]["run"] != first["run"]
    assert ask("unhide", "loans-1", str(first["number"]))[0]["hidden"] is False
    assert ask("show", "loans-1")[0]["best"]["run"] == first["run"]
