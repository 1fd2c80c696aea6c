"""What is offered while a query is typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.runs.begin import start_run
from mlops_tui.runs.completing import OFFERED, complete
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.where import parse
from mlops_tui.store.migrate import migrate
from mlops_tui.store.store import Store
from mlops_tui.store.workspace import create


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    workspace = create(tmp_path_factory.mktemp("completing"))
    migrate(workspace.store)
    store = Store(workspace)
    for model, experiment in (("hgb", "loans"), ("linear model", "churn"), ("hist", "loans")):
        log = RunLog(
            Store(workspace),
            *start_run(store, experiment=experiment, params={"model": model, "max depth": 3}, tags={"stage": "try it"}),
        )
        log.log_metrics({"auc": 0.9, "loss": 0.1})
        log.end()
    yield store
    store.close()


def offered(store: Store, text: str) -> tuple[str, ...]:
    return complete(store.reader, text, len(text)).texts


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("metr", ("metrics.auc", "metrics.loss")),
        ("au", ("metrics.auc",)),
        ("params.m", ("params.`max depth`", "params.model")),
        ("status ", ("=", "!=", "~", "like", "in", "not in")),
        ("metrics.auc >", (">", ">=")),
        ("status = f", ("finished", "failed")),
        ("status in (failed, f", ("finished", "failed")),
        ("params.model = ", ("hgb", "hist", "'linear model'")),
        ("params.model = h", ("hgb", "hist")),
        ("params.model = 'lin", ("'linear model'",)),
        ("experiment != ", ("churn", "loans")),
        ("tags.stage = t", ("'try it'",)),
        ("metrics.auc > 0.5 ", ("and", "or")),
        ("metrics.auc > 0.5 and par", ("parent", "params.`max depth`", "params.model")),
        ("has tags.", ("tags.stage",)),
        ("age < ", ()),
        ("(not exp", ("experiment",)),
    ],
)
def test_what_fits_is_offered(runs: Store, typed: str, first: tuple[str, ...]) -> None:
    found = offered(runs, typed)
    assert found[: len(first)] == first
    assert bool(found) == bool(first)


def test_what_is_taken_stands_where_it_was_typed(runs: Store) -> None:
    text = "params.model = li and metrics.auc > 0.5"
    at = len("params.model = li")
    found = complete(runs.reader, text, at)
    taken = f"{text[: found.start]}{found.texts[0]}{text[at:]}"
    assert taken == "params.model = 'linear model' and metrics.auc > 0.5"
    parse(taken)


@given(st.text(max_size=30), st.integers(0, 30))
def test_whatever_is_typed_is_answered(runs: Store, text: str, at: int) -> None:
    found = complete(runs.reader, text, min(at, len(text)))
    assert 0 <= found.start <= min(at, len(text))
    assert len(found.texts) <= OFFERED


@pytest.mark.parametrize(
    "typed", ["", "metrics.", "params.model = ", "params.`max depth` = ", "status = ", "tags.stage = "]
)
def test_each_of_what_is_offered_can_be_read(runs: Store, typed: str) -> None:
    for one in offered(runs, typed):
        whole = (
            f"{typed}{one}"
            if typed.endswith(" ")
            else f"{one} = {1 if one != 'status' else 'failed'}"
            if one not in ("not", "has")
            else f"{one} name"
        )
        if one not in ("age", "took"):
            parse(whole)
