"""`mlops-tui drift --multivariate`: all columns at once, in words, as JSON, as a page, and in the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlops_tui.cli.diagnostics import EXIT_DONE, EXIT_FOUND, EXIT_USAGE
from mlops_tui.cli.main import run
from tests.living import Living
from tests.monitoring.test_multivariate import write_rows

Ask = Callable[[str], tuple[int, str, str]]

FEW = """\
live: 3.csv (40 rows) against training (2,000 rows)
No drift in 5 columns.
How files vary between each other is unknown: the reference has 1 block, 10 are needed. Rows are taken for independent.
All columns at once, by a classifier: cannot tell, because the window has 40 rows, and 50 are needed.
All columns at once, by reconstruction: cannot tell, because the window has 40 rows, and 50 are needed.

"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A training source, and a live one in whose second file two columns do not hang together any more."""
    made = Living(tmp_path_factory.mktemp("drift") / "work")
    write_rows(made.root / "learnt.csv", 2_000, 1)
    write_rows(made.root / "live" / "1.csv", 1_500, 2)
    write_rows(made.root / "live" / "2.csv", 1_500, 3, apart=True)
    write_rows(made.root / "live" / "3.csv", 40, 4)
    told = {"id_column": "id", "time_column": "at"}
    made.services.sources.add(made.root / "learnt.csv", name="learnt", **told)
    made.services.sources.add(made.root / "live", name="live", role="live", **told)
    made.do("scan", {"sources": None})
    yield made.root
    made.close()


@pytest.fixture
def ask(work: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs a line; returns the exit code, what was printed, and what was said beside it."""

    def asked(line: str) -> tuple[int, str, str]:
        code, _ = run(["--workspace", str(work), *line.split()])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return asked


def test_a_window_that_all_columns_tell_apart_at_once_ends_with_3_and_says_why(ask: Ask, tmp_path: Path) -> None:
    """Its page has it too, with the columns that tell; without the option nothing is found."""
    page = tmp_path / "drift.html"
    code, out, err = ask(f"drift live --current 2.csv --multivariate --html {page}")
    lines = out.splitlines()
    assert (code, err) == (EXIT_FOUND, f"mlops-tui: written {page}\n")
    assert lines[1] == "No drift in 5 columns."
    classifier, reconstruction = lines[3:5]
    assert classifier.startswith(
        "All columns at once, by a classifier: rows of both are told apart, area under the curve 0."
    )
    assert "(0.5 by chance), most by " in classifier
    assert reconstruction.startswith("All columns at once, by reconstruction: rows fit less to what hangs together in")
    text = page.read_text("utf-8")
    assert f"<p>{classifier}</p>" in text
    assert "<th>tells</th>" in text
    code, out, _ = ask("drift live --current 2.csv")
    assert code == EXIT_DONE
    assert "at once" not in out


def test_of_too_few_rows_the_lines_say_what_is_needed(ask: Ask) -> None:
    code, out, err = ask("drift live --current 3.csv --multivariate")
    assert (code, err) == (EXIT_DONE, "")
    assert out[: len(FEW)] == FEW


def test_json_has_it_where_it_is_asked_for_and_null_elsewhere(ask: Ask) -> None:
    code, out, _ = ask("drift live --current 2.csv --multivariate --json")
    shown = json.loads(out)
    assert (code, shown["drift"], shown["multivariate"]["drift"]) == (EXIT_FOUND, True, True)
    assert not any(column["drift"] for column in shown["columns"])
    code, out, _ = ask("drift live --current 2.csv --json")
    assert (code, json.loads(out)["multivariate"]) == (EXIT_DONE, None)


@pytest.mark.slow
def test_chunks_have_it_each_and_the_newest_one_decides(ask: Ask) -> None:
    code, out, _ = ask("drift live --chunks file --multivariate")
    assert code == EXIT_DONE
    (apart,) = [line for line in out.splitlines() if line.startswith("2.csv")]
    assert apart.split()[2:] == ["▲", "drift", "all", "at", "once"]
    code, out, _ = ask("drift live --chunks file --multivariate --json")
    assert [one["multivariate"]["drift"] for one in json.loads(out)["chunks"]] == [False, True, None]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--multivariate --column x", "All columns at once are not one of them."),
        ("--multivariate --pin v1", "--pin compares nothing, so --multivariate does not go with it."),
    ],
)
def test_what_does_not_go_with_it_is_one_sentence(ask: Ask, line: str, words: str) -> None:
    code, out, err = ask(f"drift live {line}")
    assert (code, out) == (EXIT_USAGE, "")
    assert words in err
