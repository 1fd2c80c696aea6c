"""What is said of files that break a warning, and of one that does not come."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.automation.query import agent_status
from mlops_tui.cli.commands.watch import Follower, alone_lines
from mlops_tui.cli.main import run
from mlops_tui.core.ids import made_at, new_id
from mlops_tui.data.checks import Check
from tests.living import Living
from tests.processes import end_processes_of

FIRST = "x,city\n" + "".join(f"{i},{'AB'[i % 2]}\n" for i in range(40))


@pytest.fixture
def living(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Living]:
    """A source of one file, accepted with a range that only warns, and a file that has to come every day."""
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "0")
    made = Living((tmp_path / "work").resolve())
    folder = made.root / "data"
    folder.mkdir()
    (folder / "a.csv").write_text(FIRST, "utf-8")
    source = made.services.sources.add(folder, name="s")
    made.do("scan", {"sources": [source.id]})
    checks = [
        Check("range", "warn", "x", most=100),
        Check("allowed", "warn", "city", values=("A", "B")),
        Check("freshness", "warn", hours=24),
    ]
    made.services.curation.accept("s", checks)
    yield made
    made.close()
    end_processes_of(made.root)


def told(living: Living, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code, _ = run(["--workspace", str(living.root), *words])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def asked(living: Living, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    return json.loads(told(living, capsys, *words, "--json")[1])


def test_a_scan_says_which_files_it_took_in_although_they_break_a_warning(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence a file, five at most, and it is no failure; nothing is said of them again by the next scan."""
    for number in range(7):
        (living.root / "data" / f"b{number}.csv").write_text("x,city\n1,A\n500,Z\n", "utf-8")
    code, out, err = told(living, capsys, "data", "scan", "s")
    assert code == 0
    assert "7 taken in, 7 warned of" in out
    said = [line for line in err.splitlines() if "warning: " in line]
    assert len(said) == 5
    words = "line 3: x is 500, but x has to be at most 100. It breaks 1 other check too."
    assert all(line.startswith("mlops-tui: warning: b") and line.endswith(words) for line in said)
    assert "2 more files warned of" in err
    assert asked(living, capsys, "data", "scan", "s")["sources"][0]["warned"] == 0

    files = {file["file"]: file for file in asked(living, capsys, "data", "show", "s")["files_listed"]}
    assert files["a.csv"]["warnings"] == []
    assert [words.split(",")[0] for words in files["b0.csv"]["warnings"]] == ["b0.csv", "b0.csv"]
    assert "warning (and 1 more): b0.csv, line 3" in told(living, capsys, "data", "show", "s")[1]


def test_a_source_whose_next_file_is_late_says_so(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    """Being touched, or looked at again, is no arrival."""
    assert asked(living, capsys, "data", "list")[0]["overdue"] is None
    assert asked(living, capsys, "status")["sources"]["overdue"] == 0
    (old,) = living.store.reader.execute("SELECT id FROM source_file").fetchone()
    days_ago = new_id(int(made_at(old) * 1000) - 3 * 24 * 3_600_000)
    with living.store.write() as writing:
        writing.execute("UPDATE source_file SET id = ?", (days_ago,))
    (living.root / "data" / "a.csv").touch()
    living.do("scan", {"sources": None})
    sentence = "A file is overdue: the last one came 3 days ago, and one has to come within 24 hours."
    assert asked(living, capsys, "data", "list")[0]["overdue"] == sentence
    assert asked(living, capsys, "status")["sources"]["overdue"] == 1
    assert "1 late" in told(living, capsys, "status")[1]
    assert "late" in told(living, capsys, "data", "list")[1]
    assert sentence in told(living, capsys, "data", "show", "s")[1]


def test_a_broken_checks_file_makes_no_source_late(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    (living.root / ".mlops" / "checks" / "s.toml").write_text("[[check]\n", "utf-8")
    assert asked(living, capsys, "data", "list")[0]["overdue"] is None


def test_a_broken_checks_file_is_said_wherever_a_folder_that_is_away_is(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also by the follower of arrivals, once."""
    checks = living.root / ".mlops" / "checks" / "s.toml"
    whole = checks.read_text("utf-8")
    checks.write_text(whole + "[[check\n", "utf-8")
    assert asked(living, capsys, "data", "list")[0]["trouble"].startswith("checks/s.toml, line ")
    assert "data (its checks are broken)" in told(living, capsys, "data", "list")[1]
    words = "Mend that line. Until then no file of s is taken in."
    assert words in told(living, capsys, "data", "show", "s")[1]
    assert words in told(living, capsys, "agent", "status")[1]
    code, _, err = told(living, capsys, "data", "scan", "s")
    assert (code, err.splitlines()[-1].endswith("Mend that line. Then scan again; no file was taken for gone.")) == (
        1,
        True,
    )
    follower = Follower(living.store, as_json=False)
    status = agent_status(living.store.reader, living.store.workspace)
    follower._tell_work(status)
    follower._tell_work(status)
    assert capsys.readouterr().err.count(words) == 1
    checks.write_text(whole, "utf-8")
    assert asked(living, capsys, "data", "list")[0]["trouble"] is None
    assert words not in told(living, capsys, "agent", "status")[1]


def test_a_source_whose_files_are_all_gone_says_so_and_lists_them(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    (living.root / "data" / "a.csv").unlink()
    told(living, capsys, "data", "scan", "s")
    out = told(living, capsys, "data", "show", "s")[1]
    assert "All of its files are gone." in out
    assert "No files yet" not in out
    [line] = [line for line in out.splitlines() if line.startswith("a.csv")]
    assert line.split() == ["a.csv", "·", "gone", "40", "197", "B", "in", "v1"]
    shown = asked(living, capsys, "data", "show", "s")
    assert (shown["files"], shown["gone"], shown["files_listed"][0]["until"]) == (0, 1, 2)
    assert "This version has no files." in told(living, capsys, "data", "profile", "s")[1]
    code, _, err = told(living, capsys, "data", "profile", "s", "--column", "x")
    assert (code, "Version 2 of source 's' has no files" in err, "Columns: ." in err) == (2, True, False)
    assert asked(living, capsys, "data", "profile", "s", "--version", "1")["rows"] == 40


def test_a_scan_of_all_sources_says_a_line_of_each_once_and_that_there_is_none(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    other = living.root / "other"
    other.mkdir()
    (other / "a.csv").write_text(FIRST)
    living.services.sources.add(other, name="t")
    code, out, _ = told(living, capsys, "data", "scan")
    assert (code, out) == (0, "s: nothing new; version 1\nt: 1 taken in; version 1\n")
    empty = Living((living.root.parent / "empty").resolve())
    try:
        assert told(empty, capsys, "data", "scan")[1] == "There are no sources to scan.\n"
    finally:
        empty.close()
        end_processes_of(empty.root)


def test_a_file_that_was_only_warned_of_is_not_told_as_kept_out(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    (living.root / "data" / "b.csv").write_text("x,city\n500,A\n" + "1,B\n" * 200 + "lots,A\n", "utf-8")
    living.do("scan", {"sources": None})
    out = told(living, capsys, "data", "quarantine", "s", "b.csv")[1]
    assert "b.csv, taken in by s, not quarantined" in out
    assert "x is 500" in out
    assert "release" not in out


def test_a_file_that_is_still_kept_out_is_counted_and_its_reason_not_said_again(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    (living.root / "data" / "b.csv").write_text("x,city\n" + "lots,A\n" * 9, "utf-8")
    code, _, err = told(living, capsys, "data", "scan", "s")
    assert (code, err.count("'lots' in column x")) == (3, 1)
    code, out, err = told(living, capsys, "data", "scan", "s")
    assert (code, "nothing new" in out) == (3, True)
    assert err.splitlines()[-1:] == ["1 file is still quarantined. See: mlops-tui data quarantine s"]


def test_jobs_that_only_looked_are_in_the_trail_where_they_are_asked_for(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    (source,) = living.store.reader.execute("SELECT id FROM source").fetchone()
    living.do("check", {"source": source, "what": "check"})
    assert {event["subject_name"] for event in asked(living, capsys, "events") if event["verb"] == "done"} == {"scan"}
    assert "check" in {event["subject_name"] for event in asked(living, capsys, "events", "--all")}
    assert asked(living, capsys, "events", "--of", "check")


def test_a_file_that_is_gone_is_listed_with_the_name_that_its_versions_know_it_by(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    data = living.root / "data"
    (data / "b.csv").write_text(FIRST.replace("0", "1"), "utf-8")
    living.do("scan", {"sources": None})
    (data / "b.csv").rename(data / "b_renamed.csv")
    living.do("scan", {"sources": None})
    (data / "b_renamed.csv").unlink()
    living.do("scan", {"sources": None})
    (gone,) = [line for line in told(living, capsys, "data", "show", "s")[1].splitlines() if "b_renamed" in line]
    assert gone.endswith("in v2 as b.csv")
    assert "b.csv gone" in told(living, capsys, "data", "versions", "s")[1]


def test_a_scan_says_which_files_have_rows_of_others(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "x,city\n" + "".join(f"{i},{'AB'[i % 2]}\n" for i in range(40, 80))
    (living.root / "data" / "m.csv").write_text(rows, "utf-8")
    told(living, capsys, "data", "scan", "s")
    lines = "".join(json.dumps({"city": "AB"[i % 2], "x": i}) + "\n" for i in range(60, 100))
    (living.root / "data" / "n.jsonl").write_text(lines, "utf-8")
    (living.root / "data" / "o.csv").write_text(rows, "utf-8")
    code, out, err = told(living, capsys, "data", "scan", "s")
    assert code == 0
    assert "1 with the content of others, 1 with rows of others" in out
    words = "about 50 % of its rows are in m.csv too and count twice"
    assert f"mlops-tui: n.jsonl: {words}.\n" in err
    files = {file["file"]: file for file in asked(living, capsys, "data", "show", "s")["files_listed"]}
    assert files["n.jsonl"]["overlap"] == {"with": "m.csv", "share": 0.5}
    assert files["o.csv"]["overlap"] is None
    assert words in told(living, capsys, "data", "show", "s")[1]
    for number in range(7):
        (living.root / "data" / f"p{number}.csv").write_text(rows, "utf-8")
    _, _, err = told(living, capsys, "data", "scan", "s")
    assert "2 more files with the content of others. See: mlops-tui data show s\n" in err


def test_each_check_that_a_quarantined_file_breaks_has_its_line(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first one alone would be mended, and the file kept out by the next."""
    checks = living.root / ".mlops" / "checks" / "s.toml"
    sql = '\n[[check]]\nkind = "sql"\nexpression = "x >= 0"\nseverity = "stop"\n'
    checks.write_text(checks.read_text("utf-8").replace('severity = "warn"', 'severity = "stop"') + sql, "utf-8")
    (living.root / "data" / "b.csv").write_text("x,city\n1,A\n5000,B\n-5000,C\n", "utf-8")
    living.do("scan", {"sources": None})
    out = told(living, capsys, "data", "quarantine", "s")[1]
    lines = [line for line in out.splitlines() if " stop " in line]
    assert sum("b.csv  " in line for line in lines) == 1
    for words in ("x is 5000", "city is C", "x >= 0"):
        assert sum(words in line for line in lines) == 1, out
    [kept] = asked(living, capsys, "data", "quarantine", "s")
    found = {one["check"]: (one["row"], one["column"], one["count"]) for one in kept["found"]}
    assert found["sql x >= 0"] == (4, None, 1)
    assert found["allowed city"] == (4, "city", 1)
    assert kept["reason"] in {one["reason"] for one in kept["found"]}


def test_what_is_never_opened_is_said_by_scan_and_show_in_one_line(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(living.root / "data" / "x.csv")
    (living.root / "data" / "y.csv.part").touch()
    words = "mlops-tui: s: 2 left alone: x.csv (a pipe), y.csv.part (still being written)."
    assert words in told(living, capsys, "data", "scan", "s")[2]
    assert words in told(living, capsys, "data", "show", "s")[2]
    shown = asked(living, capsys, "data", "show", "s")
    assert shown["left_alone"][0] == {"file": "x.csv", "why": "a pipe"}
    assert alone_lines(living.services.store) == [words.removeprefix("mlops-tui: ")]
