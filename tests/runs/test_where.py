"""The run-query language: what is printed reads as it was, what is asked is what is found, and values stay values."""

from __future__ import annotations

import operator
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_tui.core.errors import UsageError
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.expression import (
    COLUMNS,
    SPANS,
    TABLES,
    Comparison,
    Has,
    Joined,
    Name,
    Not,
    OneOf,
    Tree,
    Value,
    Word,
    show,
)
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.model import STATUSES, Run
from mlops_tui.runs.query import page
from mlops_tui.runs.where import BadQuery, condition, parse
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
keys = texts.filter(bool)
quoted = st.builds(Value, texts)
numbers = st.floats(allow_nan=False).map(lambda number: Value(repr(number), number))
OPERATORS = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
times = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(list(UNITS))), min_size=1, max_size=3).map(
    lambda parts: Value("".join(f"{n}{unit}" for n, unit in parts), sum(n * UNITS[unit] for n, unit in parts))
)
spans = st.builds(
    Comparison, st.builds(Name, st.just(""), st.sampled_from(SPANS)), st.sampled_from(list(OPERATORS)), times | numbers
)


def leaves(columns: st.SearchStrategy[str], key: st.SearchStrategy[str]) -> st.SearchStrategy[Tree]:
    column = st.builds(Name, st.just(""), columns.filter(lambda name: name != "status"))
    state = st.builds(Name, st.just(""), st.just("status"))
    other = st.one_of(column, st.builds(Name, st.sampled_from(["params", "tags"]), key))
    metric = st.builds(Name, st.just("metrics"), key)
    nan = st.just(Value("nan"))
    return st.one_of(
        st.builds(Word, texts),
        st.builds(Has, st.one_of(other, metric)),
        st.builds(Comparison, other, st.sampled_from([*OPERATORS, "~", "like"]), st.one_of(quoted, numbers)),
        st.builds(Comparison, state, st.sampled_from(list(OPERATORS)), st.builds(Value, st.sampled_from(STATUSES))),
        st.builds(Comparison, state, st.sampled_from(["~", "like"]), quoted),
        st.builds(Has, state),
        st.builds(Comparison, metric, st.sampled_from(list(OPERATORS)), numbers),
        st.builds(Comparison, metric, st.sampled_from(["=", "!="]), nan),
        st.builds(OneOf, other, st.lists(st.one_of(quoted, numbers), min_size=1, max_size=3).map(tuple)),
        st.builds(OneOf, metric, st.lists(st.one_of(numbers, nan), min_size=1, max_size=3).map(tuple)),
    )


def trees(columns: st.SearchStrategy[str], key: st.SearchStrategy[str]) -> st.SearchStrategy[Tree]:
    return st.recursive(
        leaves(columns, key),
        lambda part: st.one_of(
            st.builds(Not, part),
            st.builds(Joined, st.sampled_from(["and", "or"]), st.lists(part, min_size=2, max_size=3).map(tuple)),
        ),
        max_leaves=8,
    )


@given(trees(st.sampled_from([name for name in COLUMNS if name not in SPANS]), keys))
def test_what_is_printed_reads_as_the_same_tree(tree: Tree) -> None:
    assert parse(show(tree)) == tree


@given(spans)
def test_a_time_that_is_compared_reads_as_the_same_tree(tree: Tree) -> None:
    assert parse(show(tree)) == tree


@given(trees(st.sampled_from([name for name in COLUMNS if name not in SPANS]), keys))
def test_no_text_of_a_query_gets_into_the_sql(tree: Tree) -> None:
    """The SQL is made of a few fixed words, whatever the query says."""
    sql, _ = condition(tree)
    known = {*COLUMNS.values(), *TABLES.values(), "run", "id", "run_id", "key", "value", "number", "special", "nan"}
    known |= {
        "LIKE",
        "1",
        "NOT",
        "AND",
        "OR",
        "IN",
        "IS",
        "NULL",
        "SELECT",
        "FROM",
        "WHERE",
        "instr",
        "lower",
        "coalesce",
        "substr",
        "study",
    }
    signs = str.maketrans(dict.fromkeys("()+?=!<>,.'", " "))
    assert set(sql.translate(signs).split()) <= known | {"0"}


RUNS = [
    {"name": "brave-otter-1", "experiment": "loans", "params": {"model": "hgb", "n": 3}, "tags": {"a": "x"}},
    {"name": "calm-fox-2", "experiment": "Loans b", "params": {"model": "linear", "n": "3", "lr": 0.1}},
    {"name": "5", "experiment": "5.0", "params": {"n": 5, "model": "5"}, "tags": {"a": "", "b c": "it's"}},
]
METRICS = [{"auc": 0.9, "loss": float("nan")}, {"auc": 0.5, "loss": float("inf")}, {"loss": 3.0}]


@pytest.fixture(scope="module")
def runs() -> Iterator[tuple[Store, list[Run]]]:
    with tempfile.TemporaryDirectory() as folder:
        workspace = create(Path(folder))
        migrate(workspace.store)
        store = Store(workspace)
        for given_run, metrics, ending in zip(RUNS, METRICS, ("finished", "failed", None), strict=True):
            log = RunLog(Store(workspace), *start_run(store, **given_run))  # type: ignore[arg-type]
            log.log_metrics(metrics)
            if ending:
                log.end(ending)
        yield store, page(store.reader)
        store.close()


def holds(tree: Tree, run: Run) -> bool:
    """What the language's description says, in Python."""
    if isinstance(tree, Word):
        return lower(tree.text) in lower(run.name) or lower(tree.text) in lower(run.experiment)
    if isinstance(tree, Has):
        return found_in(run, tree.name) is not None
    if isinstance(tree, Not):
        return not holds(tree.part, run)
    if isinstance(tree, Joined):
        return (all if tree.word == "and" else any)(holds(part, run) for part in tree.parts)
    values = tree.values if isinstance(tree, OneOf) else (tree.value,)
    sign = tree.operator if isinstance(tree, Comparison) else "="
    found = found_in(run, tree.name)
    return found is not None and any(compares(tree.name.table, found, sign, value) for value in values)


def found_in(run: Run, name: Name) -> str | float | None:
    found: str | float | None = (
        getattr(run, name.table).get(name.key) if name.table else getattr(run, COLUMNS[name.key])
    )
    return found


def lower(text: str) -> str:
    return "".join(character.lower() if character.isascii() else character for character in text)


def compares(table: str, found: str | float, sign: str, value: Value) -> bool:
    if table == "metrics" and value.number is None:
        return (found != found) == (sign == "=")
    if sign == "~":
        return lower(value.text) in lower(str(found))
    if sign == "like":
        wanted = re.escape(lower(value.text)).replace("%", ".*").replace("_", ".")
        return re.fullmatch(wanted, lower(str(found)), re.DOTALL) is not None
    if found != found:
        return False
    if value.number is not None and table in ("metrics", "params"):
        if not isinstance(found, str):
            return OPERATORS[sign](found, value.number)
        return sign in ("=", "!=") and OPERATORS[sign](found, value.text)
    return OPERATORS[sign](str(found), value.text)


asked = trees(
    st.sampled_from(["name", "status", "experiment", "ended", "note"]),
    st.sampled_from(["auc", "loss", "model", "n", "lr", "a", "b c"]),
)


@settings(deadline=None, max_examples=300)
@given(tree=asked)
def test_the_sql_finds_what_the_tree_means(runs: tuple[Store, list[Run]], tree: Tree) -> None:
    store, everything = runs
    assert {run.name for run in page(store.reader, where=show(tree))} == {
        run.name for run in everything if holds(tree, run)
    }


def test_a_run_is_found_by_the_name_of_what_it_is_within(store: Store) -> None:
    above = RunLog(Store(store.workspace), *start_run(store, name="nest"))
    for place in range(2):
        RunLog(Store(store.workspace), *start_run(store, name=f"fold{place}", parent=above.id)).end()
    for query, found in (
        ("parent = nest", {"fold0", "fold1"}),
        (f"parent = {above.id}", {"fold0", "fold1"}),
        ("parent != nest", set()),
        ("parent ~ NES and name = fold1", {"fold1"}),
        ("not has parent", {"nest"}),
    ):
        assert {run.name for run in page(store.reader, where=query)} == found, query
    assert {run.parent_name for run in page(store.reader, where="has parent")} == {"nest"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("metrics.auc > 0.4 and params.model = 'hgb' and status != 'failed'", {"brave-otter-1"}),
        ("otter", {"brave-otter-1"}),
        ("loans", {"brave-otter-1", "calm-fox-2"}),
        ("loans and not fox", {"brave-otter-1"}),
        ("params.n = 3", {"brave-otter-1", "calm-fox-2"}),
        ("params.n >= 3", {"brave-otter-1", "5"}),
        ("params.model IN (hgb, linear) AND NOT status == failed", {"brave-otter-1"}),
        ("params.model not in ('hgb')", {"calm-fox-2", "5"}),
        ("params.lr != 7", {"calm-fox-2"}),
        ("not params.lr = 0.1", {"brave-otter-1", "5"}),
        ("tags.`b c` = 'it''s'", {"5"}),
        ("metrics.loss = nan", {"brave-otter-1"}),
        ("metrics.loss > 100", {"calm-fox-2"}),
        ("name contains FOX or (name ~ 'otter')", {"brave-otter-1", "calm-fox-2"}),
        ("status = running", {"5"}),
        ("", {"brave-otter-1", "calm-fox-2", "5"}),
        ("params.model like 'h%'", {"brave-otter-1"}),
        ("params.model not like H_b", {"calm-fox-2", "5"}),
        ("has params.lr", {"calm-fox-2"}),
        ("not has metrics.auc and has metrics.loss", {"5"}),
        ("has ended", {"brave-otter-1", "calm-fox-2"}),
        ("age < 2d and age >= 0", {"brave-otter-1", "calm-fox-2", "5"}),
        ("age > 1h30m", set()),
        ("took < 5m", {"brave-otter-1", "calm-fox-2"}),
        ("took in (1w, 2w)", set()),
        ("dirty = false or has commit", set()),
    ],
)
def test_a_query_finds_its_runs(runs: tuple[Store, list[Run]], query: str, names: set[str]) -> None:
    assert {run.name for run in page(runs[0].reader, where=query)} == names


@pytest.mark.parametrize(
    ("query", "position"),
    [
        ("metrics.auc >", 13),
        ("metrics.auc 0.9", 12),
        ("auc > 0.9", 0),
        ("name = 'open", 7),
        ("(otter or fox", 13),
        ("otter fox", 6),
        ("otter and", 9),
        ("name in ()", 9),
        ("metrics.auc > high", 14),
        ("metrics.auc ~ 0.9", 14),
        ("status", 6),
        ("status = finshed", 9),
        ("name ! 'x'", 5),
        ("age < old", 6),
        ("age ~ 2d", 6),
        ("age < 2x", 6),
        ("has", 3),
        ("has auc", 4),
        ("metrics.auc like 0.9", 17),
        ("((((" * 100, 100),
        ("not " * 200 + "x", 404),
    ],
)
def test_a_query_that_cannot_be_read_says_where(query: str, position: int) -> None:
    with pytest.raises(BadQuery, match=f"character {position + 1}:") as caught:
        parse(query)
    assert caught.value.position == position


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    place = 0
    try:
        tree = parse(text)
    except BadQuery as error:
        place = error.position
    else:
        assert parse(show(tree)) == tree
    assert 0 <= place <= len(text)


@pytest.mark.parametrize(
    "attack", ["'; DROP TABLE run; --", "x' OR '1'='1", 'x" OR 1=1 --', "`) OR 1=1 --", "?1", ":name", "%", "_"]
)
def test_an_injection_stays_a_value(runs: tuple[Store, list[Run]], attack: str) -> None:
    store, everything = runs
    for tree in (
        Word(attack),
        Comparison(Name("", "name"), "=", Value(attack)),
        Comparison(Name("params", attack), "=", Value(attack)),
        OneOf(Name("tags", attack), (Value(attack),)),
    ):
        assert page(store.reader, where=show(tree)) == []
    assert [run.id for run in page(store.reader, sort=f"metrics.{attack}")] == [run.id for run in everything]
    with pytest.raises(UsageError, match="no field"):
        page(store.reader, sort=attack)
