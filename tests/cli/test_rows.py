"""`data preview` and `data sql`: the rows of a source, read by a process that ends with the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, mlops_in
from tests.processes import processes_of


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a source `people` of two files, which no test changes."""
    root = tmp_path_factory.mktemp("rows")
    mlops = mlops_in(root)
    folder = root / "people"
    folder.mkdir()
    (folder / "a.csv").write_text("code,age,name\n007,41,Ann\n008,19,Bo\n", "utf-8")
    (folder / "b.csv").write_text("code,age,name\n009,,Cy\n010,63,Ann\n", "utf-8")
    for line in (("init",), ("data", "add", "people", "--name", "people"), ("data", "scan")):
        assert mlops(*line).returncode == 0
    return root


@pytest.fixture
def mlops(people: Path) -> Command:
    return mlops_in(people)


def test_a_preview_shows_the_rows_as_they_are_written(mlops: Command, people: Path) -> None:
    done = mlops("data", "preview", "people")
    assert [line.split() for line in done.stdout.splitlines()[2:]] == [
        ["1", "007", "41", "Ann"],
        ["2", "008", "19", "Bo"],
        ["3", "009", "–", "Cy"],
        ["4", "010", "63", "Ann"],
    ]
    assert done.stderr == "Rows 1 to 4 of 4, version 1 of people.\n"
    assert processes_of(people) == []


def test_a_preview_is_filtered_sorted_and_of_one_file_where_that_is_asked(mlops: Command, people: Path) -> None:
    done = mlops("data", "preview", "people", "--filter", "ann", "--sort", "age", "--descending", "--json")
    assert [row[1] for row in json.loads(done.stdout)["rows"]] == [63, 41]
    done = mlops("data", "preview", "people", "b.csv", "--limit", "1")
    assert done.stderr == "Rows 1 to 1 of 2, b.csv.\n"
    assert "009" in done.stdout


def test_a_query_is_answered_over_the_sources(mlops: Command, people: Path) -> None:
    done = mlops("data", "sql", "SELECT name, count(*) AS n FROM people GROUP BY name ORDER BY n DESC, name", "--json")
    assert json.loads(done.stdout)["rows"] == [["Ann", 2], ["Bo", 1], ["Cy", 1]]
    done = mlops("data", "sql", "FROM people", "--limit", "3")
    assert done.stderr == "There are more rows. Go on with: --offset 3\n"


@pytest.mark.parametrize(
    "query", ["COPY people TO 'stolen.csv'", "ATTACH 'x.db'", "INSTALL httpfs", "FROM 'https://example.org/a.csv'"]
)
def test_a_query_only_reads_and_only_the_sources(mlops: Command, people: Path, query: str) -> None:
    before = sorted(people.iterdir())
    done = mlops("data", "sql", query)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sorted(people.iterdir()) == before


def test_a_filter_that_names_no_column_says_which_there_are(mlops: Command, people: Path) -> None:
    done = mlops("data", "preview", "people", "--filter", "agee > 3")
    assert done.returncode == 2
    assert "There is no column 'agee'" in done.stderr
    assert "code, age, name" in done.stderr
