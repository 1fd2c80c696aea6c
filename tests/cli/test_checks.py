"""The way of a file through the checks, command by command, each in a process of its own as its job is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.processes import end_processes_of

HEADER = "id,x,city\n"


def rows(first: int, count: int, x: float = 0.0) -> str:
    return HEADER + "".join(f"R{i:05},{i / 7 + x:.3f},{'AB'[i % 2]}\n" for i in range(first, first + count))


@pytest.fixture
def root(tmp_path: Path, mlops: Command) -> Iterator[Path]:
    made = (tmp_path / "work").resolve()
    (made / "data").mkdir(parents=True)
    assert mlops("init", str(made)).returncode == 0
    yield made
    end_processes_of(made)


def test_a_checks_file_of_a_source_that_nobody_accepted_is_said_to_be_unused(root: Path, mlops: Command) -> None:
    (root / "data" / "a.csv").write_text(rows(0, 20))
    mlops("data", "add", "data", "--name", "s", cwd=root)
    assert mlops("data", "scan", "s", cwd=root).returncode == 0
    (root / ".mlops" / "checks").mkdir(exist_ok=True)
    (root / ".mlops" / "checks" / "s.toml").write_text('[[check]]\nkind = "required"\ncolumn = "x"\n')
    told = mlops("data", "check", "s", cwd=root)
    assert "checks/s.toml is not used until the source is accepted" in told.stderr
    assert "mlops-tui data schema s --accept" in told.stderr


@pytest.mark.slow
def test_a_file_that_breaks_a_check_is_kept_out_seen_released_and_told_apart(root: Path, mlops: Command) -> None:
    def does(*words: str, code: int = 0) -> str:
        done = mlops(*words, cwd=root)
        assert done.returncode == code, done.stderr
        return done.stdout if code in (0, 3) else done.stderr

    def asks(*words: str, code: int = 0) -> Any:
        return json.loads(does(*words, "--json", code=code))

    (root / "data" / "a.csv").write_text(rows(0, 40))
    does("data", "add", "data", "--name", "s", "--id", "id")
    does("data", "scan", "s")
    accepted = asks("data", "schema", "s", "--accept")
    assert {"missing_column", "range x", "unique id"} <= set(accepted["added"])
    checks = Path(accepted["file"])
    assert 'kind = "range"' in checks.read_text("utf-8")
    checks.write_text(checks.read_text("utf-8").replace('severity = "warn"', 'severity = "stop"'), "utf-8")

    (root / "data" / "b.csv").write_text(rows(40, 30, x=5000.0))
    scanned = mlops("data", "scan", "s", cwd=root)
    assert scanned.returncode == 3
    assert "b.csv, line 2: x is 5005.714, but x has to be between" in scanned.stderr
    [kept] = asks("data", "quarantine", "s")
    assert (kept["file"], kept["check"], kept["row"], kept["column"]) == ("b.csv", "range x", 2, "x")
    shown = asks("data", "quarantine", "s", "b.csv")
    assert [example["row"] for example in shown["found"][0]["examples"]] == [2, 3, 4, 5, 6]
    assert shown["found"][0]["count"] == 30
    assert asks("data", "check", "s", "b.csv", code=3)["broken"] == 1

    assert "--why" in does("data", "release", "b.csv", code=2)
    released = asks("data", "release", "b.csv", "--why", "the new branch")
    assert (released["state"], released["version"]) == ("taken_in", 2)
    assert asks("data", "scan", "s")["sources"][0]["taken"] == 0
    assert asks("data", "quarantine", "s") == []
    [told] = [event for event in asks("events", "--limit", "50") if event["verb"] == "released"]
    assert told["why"] == "the new branch"
    assert asks("data", "quarantine", "s", "b.csv")["released"] == "the new branch"
    assert "released: the new branch" in does("data", "show", "s")

    does("data", "tag", "s", "1", "before-branch")
    newest, first = asks("data", "versions", "s")
    assert (newest["added"], newest["rows"], first["tags"]) == (["b.csv"], 70, ["before-branch"])
    diff = asks("data", "diff", "s", "before-branch", "2")
    assert diff["columns"][0]["name"] == "x"
    assert diff["columns"][0]["moved"]
    assert asks("data", "profile", "s", "--version", "before-branch")["rows"] == 40
