"""A schema set by hand, at the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.cli.main import run
from tests.living import Living
from tests.processes import end_processes_of


@pytest.fixture
def living(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Living]:
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "0")
    made = Living((tmp_path / "work").resolve())
    made.add("s", "x,shop,city\n" + "".join(f"{i},{i % 3},{'AB'[i % 2]}\n" for i in range(90)))
    yield made
    made.close()
    end_processes_of(made.root)


def asked(living: Living, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run(["--workspace", str(living.root), "data", *words, "--json"])[0] == 0
    return json.loads(capsys.readouterr().out)


def test_a_kind_set_by_hand_is_that_of_the_profile_and_of_what_is_proposed_at_once(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = asked(living, capsys, "schema", "s", "--kind", "shop=category", "--role", "x=weight", "--accept")
    columns = {column["name"]: (column["kind"], column["role"]) for column in shown["columns"]}
    assert (columns["shop"], columns["x"]) == (("category", "feature"), ("integer", "weight"))
    allowed = next(check for check in shown["checks"] if check["name"] == "allowed shop")
    assert allowed["values"] == ["0", "1", "2"]
    shop = next(column for column in asked(living, capsys, "profile", "s")["columns"] if column["name"] == "shop")
    assert (shop["kind"], [item["count"] for item in shop["top"]]) == ("category", [30, 30, 30])


def test_a_column_that_takes_anothers_role_says_what_the_other_is_now(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(living, capsys, "schema", "s", "--role", "shop=target")
    assert run(["--workspace", str(living.root), "data", "schema", "s", "--role", "city=target"])[0] == 0
    assert "shop is the target no more, but feature." in capsys.readouterr().err


def test_a_kind_that_the_values_do_not_fit_says_that_the_file_is_kept_out(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    run(["--workspace", str(living.root), "data", "schema", "s", "--kind", "city=numeric", "--yes"])
    assert "1 file quarantined" in capsys.readouterr().err
    [kept] = asked(living, capsys, "quarantine", "s")
    assert kept["column"] == "city"


def test_a_kind_that_would_empty_the_source_is_said_before_it_is_kept_and_needs_a_yes(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    before = asked(living, capsys, "versions", "s")
    capsys.readouterr()
    code, _ = run(["--workspace", str(living.root), "data", "schema", "s", "--kind", "city=numeric"])
    said = " ".join(capsys.readouterr().err.split())
    assert (code, "1 of 1 file would be quarantined, and 90 of 90 rows could no longer be read" in said) == (2, True)
    assert "'A' in column city" in said
    assert asked(living, capsys, "quarantine", "s") == []
    assert asked(living, capsys, "versions", "s") == before


def test_a_check_of_its_own_that_the_other_kind_breaks_is_foreseen_too(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    asked(living, capsys, "schema", "s", "--accept")
    with (living.root / ".mlops" / "checks" / "s.toml").open("a") as file:
        file.write('\n[[check]]\nkind = "monotone"\ncolumn = "x"\nseverity = "stop"\n')
    capsys.readouterr()
    code, _ = run(["--workspace", str(living.root), "data", "schema", "s", "--kind", "x=text"])
    assert (code, "1 of 1 file would be quarantined" in capsys.readouterr().err) == (2, True)
