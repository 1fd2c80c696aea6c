"""Pages of files and of versions, and one SQL statement over the sources, as the query worker answers them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.errors import DataError, FileUnreadable, UnknownColumn, UnknownName, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.engine.answers import BLOCK_ROWS, page
from mlops_tui.data.engine.sql import sql
from mlops_tui.data.engine.tables import WIDE, member_named, table_of
from mlops_tui.data.query import find_source
from mlops_tui.data.service import Sources
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store

Ask = Callable[..., dict[str, Any]]
LOANS = "id,code,income,channel,day\n1,007,100.5,online,2026-01-02\n2,,50,Branch,2026-02-03\n3,042,,online,2026-03-04\n"


@pytest.fixture
def answer(store: Store) -> Ask:
    """A page, asked for in this process."""
    return lambda **given: page(AnswerContext(store, Settings()), **given)


@pytest.fixture
def select(store: Store) -> Ask:
    """What an SQL statement selects, asked for in this process."""
    return lambda query, **given: sql(AnswerContext(store, Settings()), query=query, **given)


@pytest.fixture
def loans(folder: Path, sources: Sources, scan: Callable[..., Any]) -> Path:
    (folder / "a.csv").write_text(LOANS, "utf-8")
    sources.add(folder, name="loans")
    scan()
    return folder / "a.csv"


@pytest.fixture
def many(folder: Path, sources: Sources, scan: Callable[..., Any]) -> list[list[str]]:
    """Rows over several blocks, with few different values in the column `few`."""
    rows = [[str(place), str(place * 7 % 5), f"word {place % 11}"] for place in range(2 * BLOCK_ROWS + 345)]
    with (folder / "many.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["place", "few", "text"], *rows])
    sources.add(folder / "many.csv", name="many")
    scan("many")
    return rows


def ids(answered: dict[str, Any]) -> list[str]:
    return [str(row[0]) for row in answered["rows"]]


def test_a_page_holds_the_rows_as_the_file_has_them(loans: Path, answer: Ask) -> None:
    """Zeros in front stay, what is missing is nothing, a day is a day."""
    shown = answer(source="loans", file="a.csv")
    assert [column["name"] for column in shown["columns"]] == ["id", "code", "income", "channel", "day"]
    assert shown["rows"][0][1:] == ["007", 100.5, "online", "2026-01-02"]
    assert shown["rows"][1][1] is None
    assert (shown["total"], shown["matched"], shown["width"]) == (3, 3, 5)


def test_a_whole_number_beyond_64_bits_is_exact(
    folder: Path, sources: Sources, scan: Callable[..., Any], answer: Ask
) -> None:
    (folder / "big.csv").write_text("big,safe\n123456789012345678901234567890,9007199254740993\n1,2\n", "utf-8")
    sources.add(folder / "big.csv", name="big")
    scan("big")
    (first, _) = answer(source="big")["rows"]
    assert [str(cell) for cell in first] == ["123456789012345678901234567890", "9007199254740993"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("online", ["1", "3"]),
        ("ONLINE 042", ["3"]),
        ("not online", ["2"]),
        ("income > 60", ["1"]),
        ("income != 60", ["1", "2"]),
        ("code = 007", ["1"]),
        ("code = 7", []),
        ("code = null", ["2"]),
        ("income != null and channel ~ BRAN", ["2"]),
        ("day >= 2026-02-03", ["2", "3"]),
        ("day ~ 03-04", ["3"]),
        ("`channel` = 'online' day < 2026-02-01", ["1"]),
        ('"\'); DROP TABLE x; --"', []),
        ("income > 60 or code is null", ["1", "2"]),
        ("code = 042 and online or income = 50 and channel ~ bran", ["2", "3"]),
        ("code is not missing", ["1", "3"]),
        ("not code is null", ["1", "3"]),
        ("income between 50 and 100.5 and online or income between 0 and 50", ["1", "2"]),
        ("'or'", []),
    ],
)
def test_a_filter_keeps_the_rows_that_fit(loans: Path, answer: Ask, where: str, found: list[str]) -> None:
    shown = answer(source="loans", where=where)
    assert ids(shown) == found
    assert shown["matched"] == len(found)
    assert shown["total"] == 3


@pytest.mark.parametrize(
    ("where", "error", "words"),
    [
        ("nope = 1", UnknownColumn, "no column 'nope'"),
        ("income > many", UsageError, "holds numbers"),
        ("day > soon", UsageError, "does not fit its column"),
        ("income >", UsageError, "at character 9: a value is missing"),
        ("= 3", UsageError, "at character 1: a column is missing"),
        ("code = 'x", UsageError, "at character 8"),
        ("income > 60 or", UsageError, "at character 15: a condition is missing after or"),
        ("income > 60 and or code = 1", UsageError, "a condition is missing after and"),
        ("or income > 60", UsageError, "at character 1: a condition is missing before or"),
        ("income > 60 not", UsageError, "a condition is missing after not"),
        ("code is 7", UsageError, "at character 6: is goes with null or not null alone"),
        ("income between 1", UsageError, "at character 8: between goes with a value"),
        ("not income between 1 and 2", UsageError, "column < low or column > high"),
        ("channel in ('online')", UsageError, "at character 9: a filter knows no in"),
        ("channel like 'on%'", UsageError, "at character 9: a filter knows no like"),
    ],
)
def test_a_filter_that_cannot_be_meant_says_where(
    loans: Path, answer: Ask, where: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        answer(source="loans", where=where)


def test_pages_of_an_order_hold_every_row_once(many: list[list[str]], answer: Ask) -> None:
    """Rows that are alike keep the order of the file, over the borders of blocks too."""
    paged = [
        row
        for offset in range(0, len(many), 500)
        for row in answer(source="many", sort="few", descending=True, offset=offset, limit=500)["rows"]
    ]
    expected = sorted(many, key=lambda row: -int(row[1]))
    assert [[str(cell) for cell in row] for row in paged] == expected


@pytest.mark.parametrize("offset", [0, BLOCK_ROWS - 3, 2 * BLOCK_ROWS + 340, 10 * BLOCK_ROWS])
def test_a_page_is_where_it_is_asked_for(many: list[list[str]], answer: Ask, offset: int) -> None:
    assert ids(answer(source="many", offset=offset, limit=7)) == [row[0] for row in many[offset : offset + 7]]


def test_missing_values_come_last_in_both_directions(loans: Path, answer: Ask) -> None:
    assert ids(answer(source="loans", sort="income")) == ["2", "1", "3"]
    assert ids(answer(source="loans", sort="income", descending=True)) == ["1", "2", "3"]


def test_a_page_of_some_columns_reads_those_alone(loans: Path, answer: Ask) -> None:
    shown = answer(source="loans", first_column=2, columns=2, where="007")
    assert [column["name"] for column in shown["columns"]] == ["income", "channel"]
    assert shown["rows"] == [[100.5, "online"]]
    assert shown["width"] == 5


def test_of_a_very_wide_file_only_what_is_asked_for_is_tried_and_reads_the_same(
    folder: Path, sources: Sources, scan: Callable[..., Any], answer: Ask, select: Ask, store: Store
) -> None:
    """A window of its columns, sorted and filtered by others: as SQL over all of them gives it. A file that is another
    than the one that was taken in is tried anew.
    """
    width, rows = WIDE + 20, [2, 0, 3, 1]
    with (folder / "wide.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"c{place}" for place in range(width)])
        for row in rows:
            cells = [f"{row}", f"{row}.5", f"0{row}", f"2026-01-0{row + 1}", str(row > 1).lower(), f"a{row % 2}"]
            writer.writerow([cells[place % len(cells)] for place in range(width)])
    sources.add(folder / "wide.csv", name="wide")
    scan("wide")
    names = [f"c{place}" for place in range(6, 12)]
    shown = answer(
        source="wide", file="wide.csv", first_column=6, columns=6, sort="c0", descending=True, where="C3 > 2026-01-01"
    )
    assert (shown["total"], shown["matched"], shown["width"]) == (4, 3, width)
    assert [column["name"] for column in shown["columns"]] == names
    whole = select(f"SELECT {', '.join(names)} FROM wide WHERE c0 > 0 ORDER BY c0 DESC")
    assert shown["rows"] == whole["rows"]
    assert [type(cell) for cell in shown["rows"][0]] == [int, float, str, str, bool, str]
    assert answer(source="wide", file="wide.csv", first_column=0, columns=2, where="a1")["matched"] == 2
    member = member_named(store, find_source(store.reader, "wide"), "wide.csv")
    table = table_of(AnswerContext(store, Settings()), [member], lambda names: names[:2])
    assert '"c1"' in table.sql
    assert '"c2"' not in table.sql
    with (folder / "wide.csv").open("a", newline="") as file:
        csv.writer(file).writerow(["9.25"] * width)
    assert answer(source="wide", file="wide.csv", columns=1)["total"] == 4  # the last row fits neither days nor truths
    assert answer(source="wide", file="wide.csv", columns=1)["rows"][0] == [2.0]


def test_a_version_is_its_files_one_under_the_other(loans: Path, scan: Callable[..., Any], answer: Ask) -> None:
    """Those of that version, whatever came later."""
    (loans.parent / "b.csv").write_text(LOANS.replace("\n1,", "\n8,").replace("\n2,", "\n9,"), "utf-8")
    scan()
    assert ids(answer(source="loans")) == ["1", "2", "3", "8", "9", "3"]
    assert ids(answer(source="loans", version="1")) == ["1", "2", "3"]
    assert answer(source="loans")["version"] == 2


def test_a_file_that_is_kept_out_is_shown_as_it_is(loans: Path, scan: Callable[..., Any], answer: Ask) -> None:
    (loans.parent / "other.csv").write_text("x,y\n1,2\n", "utf-8")
    assert scan()["kept_out"] == 1
    assert answer(source="loans", file="other.csv")["rows"] == [[1, 2]]


def test_a_file_that_changed_since_is_said(loans: Path, answer: Ask) -> None:
    loans.write_text(LOANS + "4,1,1,online,2026-01-01\n", "utf-8")
    with pytest.raises(DataError, match="was changed since version 1"):
        answer(source="loans")
    assert answer(source="loans", file="a.csv")["total"] == 4


def test_what_is_not_there_is_said(loans: Path, answer: Ask) -> None:
    with pytest.raises(UnknownName, match="no file 'z"):
        answer(source="loans", file="z.csv")
    loans.unlink()
    with pytest.raises(FileUnreadable):
        answer(source="loans", file="a.csv")


def test_sql_reads_the_newest_version_of_each_source(loans: Path, scan: Callable[..., Any], select: Ask) -> None:
    (loans.parent / "b.csv").write_text(LOANS, "utf-8")
    scan()
    shown = select("WITH o AS (SELECT * FROM loans) SELECT channel, count(*) AS n FROM o GROUP BY 1 ORDER BY 1 -- so")
    assert shown["rows"] == [["Branch", 2], ["online", 4]]
    assert [column["name"] for column in shown["columns"]] == ["channel", "n"]


def test_sql_is_read_a_page_at_a_time(loans: Path, select: Ask) -> None:
    first = select("SELECT id FROM loans ORDER BY id DESC;", limit=2)
    assert (ids(first), first["more"]) == (["3", "2"], True)
    rest = select("SELECT id FROM loans ORDER BY id DESC", limit=2, offset=2)
    assert (ids(rest), rest["more"]) == (["1"], False)


@pytest.mark.parametrize("query", ["DESCRIBE loans", "SUMMARIZE loans", "SHOW TABLES", "FROM loans", "VALUES (1)"])
def test_sql_that_only_reads_is_let_through(loans: Path, select: Ask, query: str) -> None:
    assert select(query)["rows"]


@pytest.mark.parametrize(
    "query",
    [
        "COPY loans TO '{folder}/out.csv'",
        "COPY (SELECT 1 AS loans) TO '{folder}/a.csv'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA version",
        "SET enable_external_access=true",
        "RESET allowed_paths",
        "CREATE TABLE t AS FROM loans",
        "EXPORT DATABASE '{folder}/x'",
        "CALL duckdb_settings()",
        "SELECT 1; SELECT 2",
        "SELECT 1) ; COPY (SELECT 1 AS loans) TO '{folder}/out.csv' ; SELECT (1",
        "SELECT 1) UNION ALL (SELECT 2; COPY loans TO '{folder}/out.csv'",
        "SELECT * FROM query('COPY loans TO ''{folder}/out.csv''')",
        "SELECT * FROM 'https://example.org/a.csv'",
        "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
        "SELECT * FROM read_parquet('s3://bucket/loans.parquet')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM loans, read_csv('{folder}/secret.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM nowhere",
        "SELECT nope FROM loans",
        "SELEC 1",
        "",
    ],
)
def test_sql_that_does_more_than_read_sources_is_refused(loans: Path, select: Ask, query: str) -> None:
    """With a sentence, and the folder as it was."""
    (loans.parent / "secret.csv").write_text("a\n1\n", "utf-8")
    before = {path.name: path.read_bytes() for path in loans.parent.iterdir()}
    with pytest.raises(UsageError) as caught:
        select(query.format(folder=loans.parent))
    assert caught.value.title.endswith(".")
    assert caught.value.remedy
    assert {path.name: path.read_bytes() for path in loans.parent.iterdir()} == before
