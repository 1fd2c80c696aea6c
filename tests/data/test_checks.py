"""Checks: the file that keeps them, what is proposed, and that a profile and the rows agree."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import UsageError
from mlops_tui.data.checkfile import add, parsed, place, written
from mlops_tui.data.checkkeys import FIELDS
from mlops_tui.data.checks import OPERATORS, SEVERITIES, Check, ColumnFigures, FileFigures, verdict
from mlops_tui.data.checkwords import sentence
from mlops_tui.data.engine.breaking import broken_rows, require_runnable
from mlops_tui.data.engine.checking import column_figures
from mlops_tui.data.engine.profiling import merge, profile_file
from mlops_tui.data.engine.schema import Schema, schema_of
from mlops_tui.data.model import Source
from mlops_tui.data.proposing import foreseen, outwards, propose, stopped, suggested_before
from mlops_tui.store.store import Store

KINDS = {"x": "numeric", "n": "integer", "c": "category"}


def source_of(kinds: dict[str, str], **more: Any) -> Source:
    told: dict[str, Any] = {
        "id": "S",
        "name": "s",
        "path": "data",
        "pattern": "*.csv",
        "role": "training",
        "target": None,
        "positive": None,
        "time_column": None,
        "id_column": None,
        "group_column": None,
        "kinds": kinds,
        "roles": {},
        "reasons": {},
        "options": {},
        "salt": "",
        "held_out": None,
        "version": 1,
        "created": "2026-01-01T00:00:00.000000Z",
        "archived": None,
        "accepted": "2026-01-01T00:00:00.000000Z",
    }
    return Source(**{**told, **more})


def schema_for(kinds: dict[str, str]) -> Schema:
    schema = schema_of(source_of(kinds))
    assert schema is not None
    return schema


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────────────────

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.one_of(st.integers(-(10**20), 10**20), st.floats(allow_nan=False))
moments = st.one_of(st.dates(), st.datetimes(), st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1)))
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "column": names,
    "other": names,
    "hours": st.floats(min_value=0.01, max_value=1e6),
    "values": st.lists(st.one_of(texts, st.booleans(), numbers), min_size=1, max_size=4).map(tuple),
    "pattern": texts,
    "operator": st.sampled_from(OPERATORS),
    "expression": texts,
}


@st.composite
def checks(draw: st.DrawFn) -> Check:
    kind = draw(st.sampled_from(sorted(FIELDS)))
    needed, possible = FIELDS[kind]
    asked = [*needed, *(key for key in possible if draw(st.booleans()))]
    told = {key: draw(VALUES[key]) for key in asked if key in VALUES}
    bounds = draw(
        st.one_of(st.lists(numbers, min_size=2, max_size=2).map(sorted), st.lists(moments, min_size=1, max_size=1))
    )
    told |= dict(zip([key for key in ("least", "most") if key in asked], bounds, strict=False))
    if "most" in needed and "most" not in told:
        told["most"] = 0.5
    return Check(kind, draw(st.sampled_from(SEVERITIES)), **told)


@given(st.lists(checks(), max_size=4))
@example([Check("required", "warn", 'a"b\\c\n\x7f]\u2028😀')])
@example([Check("range", "stop", "t", least=date(2026, 1, 1), most=datetime(2026, 1, 2, tzinfo=UTC))])
def test_the_file_read_back_is_what_was_written(some: list[Check]) -> None:
    kinds = dict.fromkeys([column for check in some for column in check.columns], "numeric")
    assert list(parsed("\n".join(map(written, some)), "here", kinds)) == some


@given(checks())
def test_every_check_says_what_it_means_in_one_line(check: Check) -> None:
    assert sentence(check)
    assert len(written(check).split("\n")[0]) > 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[[check]]\nkind = 'range'\ncolumn = 'x'\nleest = 3\n", 4, "'leest' is no key of the kind range"),
        ("[[check]]\nkind = 'range'\n\ncolumn = 'y'\nleast = 3\n", 4, "'column' is 'y', which the source has not"),
        ("# one\n[[check]]\nkind = 'rang'\n", 3, "'kind' is 'rang'"),
        ("[[check]]\nkind='required'\ncolumn='x'\n[[check]]\nkind='required'\n", 4, "'column' is lacking"),
        ("[[check]]\nkind='missing'\ncolumn='x'\nmost='much'\n", 4, "'most' is 'much'"),
        ("[[check]]\nkind='range'\ncolumn='x'\nleast=3\nmost=2\n", 5, "'most' is 2, which is below least"),
        ("[[check]]\nkind='required'\ncolumn='x'\nseverity='loud'\n", 4, "'severity' is 'loud'"),
        ("\n[[check]\n", 2, "this is not TOML"),
        ("\n[[checks]]\nkind='type'\n", 2, "'checks' means nothing here"),
    ],
)
def test_a_broken_file_is_said_with_its_line_and_key(text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(text, "checks/s.toml", KINDS)
    assert caught.value.title.startswith(f"checks/s.toml, line {line}: ")
    assert words in caught.value.title
    assert caught.value.remedy


def test_what_a_person_wrote_into_the_file_stays_as_it_is(store: Store) -> None:
    """Checks that are there already, under whatever bounds, are not proposed over them."""
    source = source_of(KINDS)
    first = [Check("range", "warn", "x", least=0, most=9), Check("required", "warn", "c")]
    assert add(store.workspace, source, first) == first
    path = place(store.workspace, source.name)
    edited = path.read_text("utf-8").replace("most = 9", "most = 12 # the new shop") + "\n# as told by Ada\n"
    path.write_text(edited, "utf-8")
    assert add(store.workspace, source, [*first, Check("unique", "warn", "n")]) == [Check("unique", "warn", "n")]
    assert path.read_text("utf-8").startswith(edited)
    assert [check.most for check in parsed(path.read_text("utf-8"), "here", KINDS)] == [12, None, None]


def test_git_sees_the_checks_and_nothing_else_of_the_workspace(store: Store) -> None:
    ignored = store.workspace.home / ".gitignore"
    ignored.write_text("# made by mlops-tui: the store is not for git\n*\n", "utf-8")
    add(store.workspace, source_of(KINDS), [Check("required", "warn", "c")])
    assert ignored.read_text("utf-8").splitlines()[1:] == [
        "*",
        "!.gitignore",
        "!checks/",
        "!checks/*.toml",
        "!gates/",
        "!gates/*.toml",
    ]


# ── proposals ────────────────────────────────────────────────────────────────────────────────────────────────────────

finite = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def files(draw: st.DrawFn) -> list[FileFigures]:
    found = []
    for number in range(draw(st.integers(1, 6))):
        rows = draw(st.integers(1, 10_000))
        low, high = sorted(draw(st.tuples(finite, finite)))
        missing = draw(st.integers(0, rows))
        known = frozenset(draw(st.sets(st.sampled_from("abcdef"), max_size=6)))
        columns = {
            "x": ColumnFigures("numeric", rows, missing, rows - missing, low, high),
            "n": ColumnFigures("integer", rows, 0, rows, float(int(low)), float(int(high))),
            "c": ColumnFigures("category", rows, 0, values=draw(st.sampled_from([known, None]))),
        }
        bad = draw(st.integers(0, rows))
        told = {"bad_rows": bad, "misfits": {"x": draw(st.integers(0, bad))}}
        lacking = draw(st.sampled_from([(), ("c",)]))
        columns = {name: column for name, column in columns.items() if name not in lacking}
        found.append(FileFigures(f"{number}.csv", rows, columns, lacking=lacking, **told))  # type: ignore[arg-type]
    return found


@given(files())
def test_what_is_proposed_would_have_stopped_no_file_that_it_was_made_from(some: list[FileFigures]) -> None:
    for check in propose(KINDS, {"n": "id"}, some):
        if check.severity == "stop":
            assert stopped(check, some) == 0
        elif check.kind != "new_column":
            assert stopped(check, some) in (0, None), check


@given(files())
def test_ranges_and_volumes_only_warn_and_leave_room_beyond_what_was_seen(some: list[FileFigures]) -> None:
    proposed = propose(KINDS, {}, some)
    assert {check.severity for check in proposed if check.kind in ("range", "volume", "missing", "allowed")} <= {"warn"}
    for check in proposed:
        if check.kind == "volume":
            assert check.most is not None
            assert check.most >= 2 * max(file.rows for file in some)
        if check.kind == "range" and check.column == "x":
            low = min(file.columns["x"].least or 0.0 for file in some)
            high = max(file.columns["x"].most or 0.0 for file in some)
            assert isinstance(check.least, float)
            assert isinstance(check.most, float)
            assert check.least < low or check.least == 0 <= low
            assert check.most > high or check.most == 0 >= high


def test_a_column_of_zeros_and_ones_has_no_room_beyond_them() -> None:
    figures = FileFigures("a.csv", 90, {"y": ColumnFigures("integer", 90, 0, 90, 0.0, 1.0)})
    (check,) = [check for check in propose({"y": "integer"}, {"y": "target"}, [figures]) if check.kind == "range"]
    assert (check.least, check.most) == (0, 1)


def test_a_range_is_expected_to_be_passed_as_often_as_those_of_earlier_files_were() -> None:
    some = [
        FileFigures(f"{top}.csv", 100, {"x": ColumnFigures("numeric", 100, 0, 100, 0.0, top)})
        for top in (10.0, 11.0, 500.0, 12.0)
    ]
    (check,) = [check for check in propose({"x": "numeric"}, {}, some) if check.kind == "range"]
    assert stopped(check, some) == 0
    assert foreseen(check, suggested_before({"x": "numeric"}, {}, some), some) == (1, 3)


@given(finite, st.sampled_from([1, -1]))
def test_rounding_goes_outwards(number: float, direction: int) -> None:
    assert (outwards(number, direction) - number) * direction >= 0


# ── a profile and the rows agree ─────────────────────────────────────────────────────────────────────────────────────

cells = st.tuples(
    st.one_of(st.none(), st.floats(-1000, 1000).map(lambda value: round(value, 3)), st.sampled_from([float("inf")])),
    st.one_of(st.none(), st.integers(-1000, 1000)),
    st.sampled_from(["", "a", "b", "c"]),
)
column_checks = st.one_of(
    st.builds(
        lambda column, bounds: Check("range", "stop", column, least=min(bounds), most=max(bounds)),
        st.sampled_from(["x", "n"]),
        st.tuples(st.integers(-1500, 1500), st.floats(-1500, 1500)),
    ),
    st.builds(lambda column: Check("required", "stop", column), st.sampled_from(["x", "n", "c"])),
    st.builds(
        lambda column, most: Check("missing", "stop", column, most=most),
        st.sampled_from(["x", "n", "c"]),
        st.floats(0, 1),
    ),
    st.builds(
        lambda values: Check("allowed", "stop", "c", values=tuple(values)),
        st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1),
    ),
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.lists(cells, min_size=1, max_size=12), st.lists(column_checks, min_size=1, max_size=4))
def test_the_verdict_on_a_profile_is_that_on_the_rows(rows: list[Any], some: list[Check]) -> None:
    """Where the profile tells at all; where it does not, it says so."""
    told = ["" if value is None else str(value) for row in rows for value in row]
    lines = [",".join(told[start : start + 3]) for start in range(0, len(told), 3)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text("\n".join(["x,n,c", *lines]) + "\n", "utf-8")
        profile = merge([block.profile for block in profile_file(path, kinds=KINDS).blocks])
        figures = FileFigures("a.csv", profile.rows, {c.name: column_figures(c) for c in profile.columns})
        broken = broken_rows(schema_for(KINDS), path, some)
    for check, found in zip(some, broken, strict=True):
        holds = verdict(check, figures)
        assert holds is None or holds == (found is None), check
    assert figures.rows == len(rows)


@pytest.mark.parametrize(
    ("check", "lines"),
    [
        (Check("pattern", "warn", "c", pattern="[a-c]+"), [5]),
        (Check("unique", "warn", "n"), [3, 6]),
        (Check("monotone", "warn", "n"), [6]),
        (Check("relation", "warn", "x", operator="<=", other="n"), [4, 6]),
        (Check("sql", "warn", expression="x < 9 or c = 'b'"), [6]),
        (Check("range", "warn", "x", most=4), [4, 6]),
    ],
)
def test_the_rows_that_break_a_check_are_named_by_their_lines(tmp_path: Path, check: Check, lines: list[int]) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,n,c\n1,1,a\n1,1,b\n7,3,b\n2,4,D\n9,1,c\n,,a\n", "utf-8")
    (found,) = broken_rows(schema_for(KINDS), path, [check])
    assert found is not None
    assert [one.line for one in found.examples] == lines
    assert found.reason.startswith(f"a.csv, line {lines[0]}: ")
    assert found.count == len(lines)


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    """A value over two lines takes two."""
    path = tmp_path / "a.csv"
    path.write_text('x,n,c\n1,1,"a\nb"\n1,2,b\n70,3,b\n', "utf-8")
    (found,) = broken_rows(schema_for(KINDS), path, [Check("range", "warn", "x", most=10)])
    assert found is not None
    assert found.line == 5


@pytest.mark.parametrize(
    "check",
    [
        Check("sql", "warn", expression="x < "),
        Check("sql", "warn", expression="salary > 3"),
        Check("sql", "warn", expression="x > 1) FROM rows; SELECT (1"),
        Check("sql", "warn", expression="(SELECT count(*) FROM read_csv('/etc/passwd')) > 0"),
        Check("pattern", "warn", "c", pattern="(?=x)"),
    ],
)
def test_an_expression_that_the_engine_does_not_understand_is_said(check: Check) -> None:
    with pytest.raises(UsageError) as caught:
        require_runnable([check], KINDS, "checks/s.toml")
    assert caught.value.title.startswith("checks/s.toml: ")


def test_values_that_are_missing_are_neither_alike_nor_in_the_way(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,n,c\n1,1,a\nnan,,b\nnan,2,c\n2,,d\n", "utf-8")
    some = [Check(kind, "warn", column) for kind in ("unique", "monotone") for column in ("x", "n")]
    assert broken_rows(schema_for(KINDS), path, some) == [None] * 4


def test_what_comes_twice_is_found_in_a_file_too_long_to_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of the values at a time, with the same answer as of all at once."""
    path = tmp_path / "a.csv"
    path.write_text("x,n,c\n" + "".join(f"{i},{i % 83},{i}\n" for i in range(100)), "utf-8")
    check = Check("unique", "warn", "n")
    (whole,) = broken_rows(schema_for(KINDS), path, [check])
    monkeypatch.setattr("mlops_tui.data.engine.breaking.ROWS_AT_ONCE", 7)
    assert broken_rows(schema_for(KINDS), path, [check]) == [whole]
    assert whole is not None
    assert (whole.count, [one.line for one in whole.examples]) == (17, [85, 86, 87, 88, 89])


def test_a_check_of_a_file_that_breaks_it_in_every_row_shows_the_first_and_counts_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x,n,c\n" + "9,1,z\n" * 5000, "utf-8")
    (found,) = broken_rows(schema_for(KINDS), path, [Check("allowed", "warn", "c", values=("a",))])
    assert found is not None
    assert (found.count, [one.line for one in found.examples]) == (5000, [2, 3, 4, 5, 6])
