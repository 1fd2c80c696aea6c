"""`studies trials` and `studies importance`, as a person and a script ask for them."""

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

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    workspace = create(tmp_path_factory.mktemp("asked") / "loans")
    migrate(workspace.store)
    services = open_services(workspace.root)
    add_source(services)
    many_trials(services, add_study(services, trials=(), state="done", total=90), 90)
    services.close()
    return workspace.root


@pytest.fixture
def ask(root: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*words: str, code: int = 0) -> Any:
        assert run(["--workspace", str(root), "studies", *words, "--json"])[0] == code
        return json.loads(capsys.readouterr().out)

    return asked


def test_trials_are_narrowed_by_state_family_and_query_together(ask: Ask) -> None:
    found = ask("trials", "loans-1", "--state", "complete", "--family", "hgb", "--where", "value > 0.75 or number < 4")
    assert found
    assert {(trial["state"], trial["family"]) for trial in found} == {("complete", "hgb")}
    assert all(trial["value"] > 0.75 or trial["number"] < 4 for trial in found)
    assert [trial["number"] for trial in found] == sorted(trial["number"] for trial in found)
    assert {trial["state"] for trial in ask("trials", "loans-1", "--state", "failed")} == {"fail"}


def test_by_value_the_best_come_first_and_those_without_one_last(ask: Ask) -> None:
    values = [trial["value"] for trial in ask("trials", "loans-1", "--sort", "value", "--limit", "100")]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert values[len(known) :] == [None] * (90 - len(known))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--sort", "luck"), "Trials are not sorted by 'luck'."),
        (("--state", "ready"), "No trial is 'ready'."),
        (("--where", "value >"), "a value is missing"),
    ],
)
def test_what_cannot_be_asked_for_is_said_in_a_sentence(ask: Ask, words: tuple[str, ...], told: str) -> None:
    assert told in ask("trials", "loans-1", *words, code=2)["error"]["title"]


def test_importances_are_told_as_a_table(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--workspace", str(root), "studies", "importance", "loans-1"])[0] == 0
    told = capsys.readouterr().out
    assert "max_features" in told
    assert "PED-ANOVA over 71 complete trials, 11 stopped early" in told


def test_where_there_are_more_trials_than_are_listed_that_is_said(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--workspace", str(root), "studies", "trials", "loans-1"]
    for further, said in (
        (["--limit", "90"], ""),
        ([], "--offset 50"),
        (["--offset", "80", "--limit", "5"], "--offset 85"),
    ):
        assert run([*words, *further])[0] == 0
        told = capsys.readouterr().err
        assert (said in told, "more trials" in told) == (True, bool(said))
