"""`mlops-tui drift` in chunks, against references that move, and with one that is pinned."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.cli.diagnostics import EXIT_DONE, EXIT_FOUND, EXIT_USAGE
from mlops_tui.cli.main import run
from tests.living import Living
from tests.monitoring.monthly import write_month

Ask = Callable[[str], tuple[int, str, str]]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a training source of 2025 and a live one of the first half of 2026, of which May has moved."""
    made = Living(tmp_path_factory.mktemp("drift") / "work")
    for month in range(1, 13):
        write_month(made.root / "year" / f"2025-{month:02d}.csv", 2025, month, target=True)
    for month in range(1, 7):
        write_month(made.root / "live" / f"2026-{month:02d}.csv", 2026, month)
    made.services.sources.add(made.root / "year", name="year", target="y", time_column="at")
    made.services.sources.add(made.root / "live", name="live", role="live", time_column="at")
    made.do("scan", {"sources": None})
    yield made.root
    made.close()


@pytest.fixture
def ask(months: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a line; returns the exit code, what was printed, and what was said beside it."""

    def asked(line: str) -> tuple[int, str, str]:
        code, _ = run(["--workspace", str(months), *line.split()])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return asked


def test_a_table_of_chunks_names_what_moved_and_an_older_one_that_drifts_does_not_fail_the_line(ask: Ask) -> None:
    code, out, err = ask("drift live --chunks month")
    assert (code, err) == (EXIT_DONE, "")
    head, _, names, _, *lines = out.splitlines()
    assert head == "live: 6 chunks against training, 1 of them with drift"
    assert names.split() == ["chunk", "rows", "verdict", "columns", "that", "moved"]
    assert [line.split()[0] for line in lines] == [f"period:2026-{month:02d}" for month in range(1, 7)]
    assert [line.split()[1] for line in lines] == ["310", "280", "310", "300", "310", "300"]
    assert [line.split()[3] for line in lines] == ["steady"] * 4 + ["drift", "steady"]
    assert "heat 3." in lines[4] or "heat 2.9" in lines[4]
    code, out, _ = ask("drift live --chunks quarter")
    assert code == EXIT_FOUND
    assert "1 of them with drift, the newest" in out


def test_chunks_as_json_have_their_rows_their_days_and_their_columns(ask: Ask) -> None:
    code, out, err = ask("drift live --chunks 600 --reference rows:1..600 --json")
    shown: dict[str, Any] = json.loads(out)
    assert (code, err) == (EXIT_FOUND, "")
    assert set(shown) == {"source", "reference", "importance", "pinned", "by", "of", "left_out", "chunks"}
    assert (shown["source"], shown["reference"], shown["by"], shown["of"]) == ("live", "rows:1..600", "600", 2)
    assert [one["what"] for one in shown["left_out"]] == ["rows:1..600"]
    newest = shown["chunks"][-1]
    told = ("id", "current", "from", "to", "drift", "reference_rows", "notes", "multivariate", "rows", "columns")
    assert set(newest) == set(told)
    assert (newest["current"], newest["rows"]) == ("rows:1201..1800", 610)
    assert (newest["from"], newest["to"]) == ("2026-05-01T00:30:00Z", "2026-06-30T09:30:00Z")
    assert {"name", "kind", "drift", "why", "psi", "wasserstein"} <= set(newest["columns"][0])
    assert "histogram" not in newest["columns"][0]
    code, out, _ = ask("drift live --chunks quarter --column kind")
    assert code == EXIT_DONE
    assert "none of them with drift" in out


def test_one_column_is_told_whole_with_the_files_that_brought_it(ask: Ask) -> None:
    """The shares with what each bin brings, the quantiles, the files, the measures; also as JSON."""
    code, out, err = ask("drift live --current 2026-04-01..2026-06-30 --column heat")
    assert (code, err) == (EXIT_FOUND, "")
    titles = ["Shares of rows", "Quantiles", "The files that brought it", "Measures"]
    assert [line for line in out.splitlines() if line in titles] == titles
    files = out.partition("The files that brought it\n")[2].splitlines()
    assert files[0].split() == ["file", "rows", "effect", "without", "it", "falls", "by"]
    assert files[2].split()[:2] == ["2026-05.csv", "310"]
    code, out, _ = ask("drift live --current 2026-04-01..2026-06-30 --column heat --json")
    [column] = json.loads(out)["columns"]
    [brought] = column["brought_by"]
    assert (brought["measure"], brought["effect"]) == ("wasserstein", column["wasserstein"]["value"])
    assert brought["files"][0]["file"] == "2026-05.csv"
    assert brought["files"][0]["falls"] == pytest.approx(brought["effect"] - brought["files"][0]["without"])
    assert len(column["histogram"]["contribution"]) == len(column["histogram"]["labels"])
    assert sum(column["histogram"]["contribution"]) == pytest.approx(1)
    quantiles = column["quantiles"]
    assert quantiles["shares"][3] == 0.5
    assert quantiles["difference"][3] == pytest.approx(quantiles["current"][3] - quantiles["reference"][3])
    assert column["drifts_since"] is None


@pytest.mark.slow
def test_a_column_of_one_file_says_since_when_it_drifts(ask: Ask, tmp_path: Path) -> None:
    """As text, as JSON and on the page, also of a history whose newest chunk drifts."""
    ask("drift live --chunks file")
    code, out, _ = ask("drift live --current 2026-05.csv --column heat")
    words = "It drifts since 2026-05.csv; 2026-04.csv before was steady."
    assert code == EXIT_FOUND
    assert f"The window is one file, 2026-05.csv, which brought all of it. {words}" in out
    _, out, _ = ask(f"drift live --current 2026-05.csv --json --html {tmp_path / 'a.html'}")
    told = {column["name"]: column["drifts_since"] for column in json.loads(out)["columns"]}
    assert told == {"at": None, "heat": {"window": "2026-05.csv", "windows": 1, "steady": "2026-04.csv"}, "kind": None}
    assert words in (tmp_path / "a.html").read_text("utf-8")
    ask(f"drift live --chunks quarter --html {tmp_path / 'b.html'}")
    assert "It drifts since period:2026-Q2; period:2026-Q1 before was steady." in (tmp_path / "b.html").read_text(
        "utf-8"
    )
    code, out, _ = ask("drift live --current 2026-06.csv --column kind")
    assert code == EXIT_DONE
    assert "New values: none" in out
    assert "The files" not in out


def test_other_tools_definitions_stand_beneath_the_report_where_they_are_asked_for(ask: Ask) -> None:
    """A line a tool for each column that is judged; not of a whole history."""
    code, out, _ = ask("drift live --current 2026-05.csv --definitions")
    lines = out.partition("By other tools' definitions, from the files:\n")[2].splitlines()
    assert code == EXIT_FOUND
    assert [line.split()[:2] for line in lines[2:]] == [
        [name, tool] for name in ("heat", "kind") for tool in ("Evidently", "NannyML")
    ]
    code, out, _ = ask("drift live --current 2026-05.csv --definitions --column heat --json")
    (told,) = json.loads(out)["definitions"]
    assert told["name"] == "heat"
    assert told["evidently"]["wasserstein"] > 2.5
    assert told["nannyml"].keys() == {"jensen_shannon", "wasserstein", "hellinger", "ks"}
    code, _, err = ask("drift live --chunks month --definitions")
    assert code == EXIT_USAGE
    assert "Other tools' definitions are told of a window, not of a whole history." in err


def test_a_season_is_said_with_its_days_and_what_is_left_out_beside_the_table(ask: Ask) -> None:
    code, out, _ = ask("drift live --reference season --current 2026-03.csv --json")
    shown = json.loads(out)
    assert (code, shown["reference"], shown["reference_rows"]) == (EXIT_DONE, "season", 310)
    assert shown["notes"] == ["reference: 2025-03-01..2025-03-31 of year"]
    code, out, err = ask("drift live --reference rolling:2 --chunks file")
    assert code == EXIT_FOUND
    assert "4 chunks against rolling:2" in out
    assert "2026-01.csv left out: Of source 'live' no file came before '2026-01.csv', and 'rolling:2' needs 2." in err
    code, out, _ = ask("drift live --current since:2026-03-10 --reference 2026-01.csv")
    assert code == EXIT_FOUND
    assert "rounded to whole blocks: about 92 rows of other days are in it" in out


def test_a_pinned_reference_is_shown_and_let_go_of(ask: Ask) -> None:
    code, out, _ = ask("drift live --pin 2026-01.csv")
    assert (code, out) == (
        EXIT_DONE,
        "live is compared with 2026-01.csv from now on; let go of it: mlops-tui drift live --unpin\n",
    )
    assert json.loads(ask("data show live --json")[1])["reference"] == "2026-01.csv"
    assert "compared with 2026-01.csv, which is pinned" in ask("data show live")[1]
    code, out, _ = ask("drift live --current 2026-02.csv")
    assert "against 2026-01.csv" in out
    assert "reference: pinned" in out
    code, out, _ = ask("drift live --unpin --json")
    assert json.loads(out) == {"source": "live", "reference": "2026-01.csv", "of": None, "pinned": False}
    assert json.loads(ask("data show live --json")[1])["reference"] is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--chunks decade", "cannot be cut by 'decade'"),
        ("--chunks day", "no chunks by day"),
        ("--chunks month --current last:2", "Chunks are the whole history."),
        ("--pin v1 --reference v2", "--pin compares nothing, so --reference does not go with it."),
        ("--unpin --chunks file", "--unpin compares nothing, so --chunks does not go with it."),
        ("--unpin --training year", "--unpin compares nothing, so --training does not go with it."),
        ("--pin last:2", "'last:2' moves on to every file that comes"),
        ("--unpin", "has no pinned reference"),
        ("--current season", "is no window itself"),
        ("--reference rolling:9", "only 5 came before '2026-06.csv'"),
        ("--current 2026-05-09..2026-05-11", "No block of source 'live' lies in"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_starts_no_job(ask: Ask, line: str, words: str) -> None:
    code, out, err = ask(f"drift live {line}")
    assert (code, out) == (EXIT_USAGE, "")
    assert words in err
    assert len(err.splitlines()) == 2


def test_a_page_is_written_beside_the_table_with_the_same_exit_code(ask: Ask, tmp_path: Path) -> None:
    """Of a history the map of its chunks; one that is there gives way."""
    path = tmp_path / "new" / "drift.html"
    code, out, err = ask(f"drift live --current 2026-05.csv --html {path}")
    assert (code, err) == (EXIT_FOUND, f"mlops-tui: written {path}\n")
    assert "columns drift" in out
    first = path.read_text("utf-8")
    assert "2026-05.csv" in first
    assert "<svg" in first
    code, out, err = ask(f"drift live --chunks month --html {path} --json")
    assert (code, err) == (EXIT_DONE, f"mlops-tui: written {path}\n")
    assert len(json.loads(out)["chunks"]) == 6
    assert path.read_text("utf-8").count('class="map"') == 1
    assert [one.name for one in path.parent.iterdir()] == ["drift.html"]


def test_a_page_that_cannot_be_written_is_refused(ask: Ask, tmp_path: Path) -> None:
    code, out, err = ask(f"drift live --html {tmp_path / 'drift.pdf'}")
    assert (code, out) == (EXIT_USAGE, "")
    assert "drift.pdf does not end like a page" in err
    (tmp_path / "file").write_text("x")
    code, _, err = ask(f"drift live --html {tmp_path / 'file' / 'a.html'}")
    assert code == EXIT_USAGE
    assert "cannot be written" in err
    code, _, err = ask("drift live --pin 2026-01.csv --html a.html")
    assert code == EXIT_USAGE
    assert "--html does not go with it" in err


def test_a_window_by_slice_is_a_table_of_slices_and_exits_by_what_drifts_in_them(ask: Ask) -> None:
    """The files are read, since no slices are declared, and how to declare them is said."""
    code, out, _ = ask("drift live --slice kind")
    assert code == EXIT_DONE
    assert "By slice: no column drifts in any of 3 slices by kind." in out
    assert "13 files of year and live were read, since kind is not declared there" in out
    assert "mlops-tui data options live --slice kind" in out
    lines = out.splitlines()
    head = next(place for place, line in enumerate(lines) if line.startswith("slice "))
    assert sorted(line.split()[0] for line in lines[head + 2 :]) == ["a", "b", "c"]
    code, out, _ = ask("drift live --current 2026-05.csv --slice kind")
    assert code == EXIT_FOUND
    assert "3 of 3 slices by kind have columns that drift" in out


def test_slices_as_json_add_up_to_the_rows_and_one_column_alone_can_be_asked_for(ask: Ask) -> None:
    code, out, _ = ask("drift live --current 2026-05.csv --slice kind --json")
    shown = json.loads(out)
    assert code == EXIT_FOUND
    by = shown["slices"]
    assert (by["by"], by["value"], by["drift"], by["kind"]) == ("kind", None, True, "category")
    assert sum(one["current_rows"] for one in by["slices"]) == shown["current_rows"] == 310
    assert {one["value"] for one in by["slices"]} == {"a", "b", "c"}
    assert all("histogram" not in column for one in by["slices"] for column in one["columns"])
    code, out, _ = ask("drift live --current 2026-05.csv --slice kind=a --column kind --json")
    [one] = json.loads(out)["slices"]["slices"]
    assert code == EXIT_DONE
    assert (one["value"], one["columns"]) == ("a", [])
    code, out, _ = ask("drift live --json")
    assert json.loads(out)["slices"] is None


def test_slices_are_on_the_page_with_the_columns_that_drift_in_them(ask: Ask, tmp_path: Path) -> None:
    page = tmp_path / "drift.html"
    code, _, _ = ask(f"drift live --current 2026-05.csv --slice kind --html {page}")
    text = page.read_text("utf-8")
    assert code == EXIT_FOUND
    assert "By slice: 3 of 3 slices by kind have columns that drift." in text
    assert "<b>a · heat</b>" in text
    assert "<b>a · kind</b>" not in text
    assert text.count("<svg") >= 4


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("drift live --slice nothing", "Source 'live' has no column 'nothing'. Name one of: kind."),
        ("drift live --slice heat", "has too many values to be sliced by"),
        ("drift live --slice at", "is of kind date-time, in which every moment is another one"),
        ("drift live --slice kind=z", "No row has the value 'z' in column 'kind'. Its values: a, b, c."),
        ("drift live --slice kind --chunks month", "A history is not told by slice."),
        ("drift live --slice kind --pin training", "--pin compares nothing, so --slice does not go with it."),
    ],
)
def test_what_makes_no_slices_is_one_sentence_and_wrong_usage(ask: Ask, line: str, words: str) -> None:
    code, out, err = ask(line)
    assert code in (EXIT_USAGE, 1)
    assert out == ""
    assert words in " ".join(err.split())
    assert "Traceback" not in err
