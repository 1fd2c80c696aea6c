"""`alerts` and `models shadow` on the command line: what needs a person, with the command that mends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mlops_tui.cli.diagnostics import EXIT_DONE, EXIT_FOUND, EXIT_USAGE
from mlops_tui.cli.main import run
from tests.cli.conftest import Command, mlops_in
from tests.promoted import Promoted, customers


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promoted]:
    """A champion that guesses, a file that it and the one before predicted, and labels of its rows."""
    made = Promoted((tmp_path_factory.mktemp("alerts") / "work").resolve())
    made.predict(made.put("a", customers(300, 1)))
    made.label("a", customers(300, 1))
    yield made
    made.close()


@pytest.fixture
def asked(churn: Promoted, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    """Asks a command in this process; returns its exit code and what it printed: of `--json` what that says."""

    def ask(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code, _ = run(["--workspace", str(churn.root), *words])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in words else out + err

    return ask


def test_an_alert_is_listed_acknowledged_and_ends_with_the_rollback(
    churn: Promoted, asked: Callable[..., tuple[int, Any]]
) -> None:
    """An acknowledged one stays in the list; what it is told by is its name."""
    before = asked("models", "shadow", "churn", "--json")[1]
    assert (before["files"], before["of"], before["verdict"], before["interval"]) == (1, 5, None, None)
    assert asked("alerts", "list") == (EXIT_DONE, "Nothing is wrong.\n")
    churn.compare()
    code, shown = asked("models", "shadow", "churn", "--json")
    assert (code, shown["verdict"], shown["before"], shown["labelled"], shown["share"]) == (0, "fail", 1, 300, 1.0)
    words = asked("models", "shadow", "churn")[1]
    for part in ("churn version 2 beside version 1", "ran on 1 file of 5", "300 of 300 have a label (100%)", "fail"):
        assert part in words
    assert asked("status", "--json")[1]["alerts"] == {"open": 1, "acknowledged": 0, "muted": 0}
    code, told = asked("alerts", "list")
    assert code == EXIT_DONE
    assert "critical" in told
    assert "mlops-tui models rollback churn" in told
    code, known = asked("alerts", "ack", "churn", "--why", "I look at it", "--json")
    assert (code, known["acknowledged_by"], known["acknowledged_why"]) == (EXIT_DONE, "person", "I look at it")
    assert "open, acknowledged by person: I look at it" in asked("alerts", "list")[1]
    assert asked("status", "--json")[1]["alerts"] == {"open": 1, "acknowledged": 1, "muted": 0}
    assert asked("models", "rollback", "churn")[0] == EXIT_DONE
    assert asked("alerts", "list", "--json")[1] == []
    (ended,) = asked("alerts", "list", "--all", "--json")[1]
    assert ended["why_ended"] == "the champion is version 1 now"
    code, refused = asked("alerts", "ack", "churn")
    assert code == EXIT_USAGE
    assert "has ended: the champion is version 1 now" in refused
    assert asked("alerts", "ack", "nobody")[0] == EXIT_USAGE
    assert asked("models", "shadow", "churn")[0] == EXIT_USAGE


@pytest.mark.slow
def test_it_is_asked_anew_by_a_worker_and_exits_with_what_was_found(churn: Promoted) -> None:
    """From the prediction that says its shadow to the verdict, each a process of its own."""
    mlops: Command = mlops_in(churn.root)
    churn.promote(1)
    churn.promote(2)
    path = churn.put("b", customers(300, 2, 1_000))
    said = mlops("predict", "churn", "--in", str(path), "--out", "b.csv")
    assert said.returncode == EXIT_DONE, said.stderr
    assert "churn version 1, the champion before, by itself in the shadow: another label in " in said.stdout
    assert said.stdout.endswith("It does so on 4 more files of 5.\n")
    few = mlops("models", "shadow", "churn", "--ask", "--json")
    assert (few.returncode, json.loads(few.stdout)["verdict"]) == (EXIT_DONE, "cannot_tell")
    churn.label("b", customers(300, 2, 1_000))
    found = mlops("models", "shadow", "churn", "--ask", "--json")
    assert (found.returncode, json.loads(found.stdout)["verdict"]) == (EXIT_FOUND, "fail"), found.stderr
