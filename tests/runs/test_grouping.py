"""Runs by what they have in common: mean and spread as NumPy says, and a query for the runs of each group."""

from __future__ import annotations

import statistics
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_tui.cli.main import run as mlops
from mlops_tui.core.errors import UsageError
from mlops_tui.presenters.run_groups import group_cell, group_cells, spread_cell
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.grouping import Spread, count_groups, fields, page_of_groups, parameters, query_of
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import page
from mlops_tui.store.store import Store

AUC = {("hgb", 3): [0.90, 0.92, 0.94], ("hgb", 5): [0.80, 0.88], ("mlp", 3): [0.70]}


def logged(store: Store, params: dict[str, Any], auc: float | None, **more: Any) -> None:
    log = RunLog(Store(store.workspace), *start_run(store, params=params, **more))
    if auc is not None:
        log.log_metric("auc", auc)
    log.end()


@pytest.fixture
def seeds(store: Store) -> Store:
    for (model, depth), values in AUC.items():
        for seed, auc in enumerate(values):
            logged(store, {"model": model, "depth": depth, "seed": seed}, auc)
    logged(store, {"other": "x"}, None)
    return store


def test_each_group_has_its_runs_and_the_mean_with_its_deviation(seeds: Store) -> None:
    found = {group.values: group for group in page_of_groups(seeds.reader, fields("params.model"), metrics=["auc"])}
    assert {values: group.runs for values, group in found.items()} == {("hgb",): 5, ("mlp",): 1, (None,): 1}
    every = AUC["hgb", 3] + AUC["hgb", 5]
    spread = found["hgb",].metrics["auc"]
    assert (spread.n, spread.least, spread.greatest) == (5, 0.80, 0.94)
    assert (spread.mean, spread.deviation) == pytest.approx((statistics.mean(every), statistics.stdev(every)))
    assert found["mlp",].metrics["auc"].deviation is None
    assert found[None,].metrics == {}


def test_a_configuration_is_every_parameter_but_the_seed(seeds: Store) -> None:
    found = page_of_groups(seeds.reader, fields("config"), metrics=["auc"], sort="metrics.auc")
    assert [group.runs for group in found] == [3, 2, 1, 1]
    assert found[0].metrics["auc"].mean == pytest.approx(0.92)
    assert count_groups(seeds.reader, fields("config")) == 4


def test_several_keys_make_groups_together_in_the_order_that_is_asked_for(seeds: Store) -> None:
    by = fields("params.model, params.depth")
    values = [group.values for group in page_of_groups(seeds.reader, by, sort="value", descending=False)]
    assert values == [(None, None), ("hgb", "3"), ("hgb", "5"), ("mlp", "3")]
    pages = [
        page_of_groups(seeds.reader, by, sort="value", descending=False, limit=1, offset=place) for place in range(4)
    ]
    assert [group.values for one in pages for group in one] == values


@pytest.mark.parametrize("by", ["params.model", "config", "params.model,params.depth", "experiment", "status,tags.x"])
def test_the_query_of_a_group_finds_its_runs_and_no_others(seeds: Store, by: str) -> None:
    logged(seeds, {}, 0.1)  # no parameter at all is a configuration too
    where = "not name = 'nobody'"
    for group in page_of_groups(seeds.reader, fields(by), where=where):
        others = parameters(seeds.reader, where)
        found = page(seeds.reader, where=query_of(fields(by), group.values, where, others))
        assert len(found) == group.runs


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b'", "c d", "`e`"]), st.floats(-1e6, 1e6), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_groups_agree_with_a_count_by_hand(store: Store, rows: list[tuple[str, float, bool]]) -> None:
    with store.write() as writing:
        for table in ("run_param", "run_metric", "run_point", "run"):
            writing.execute(f"DELETE FROM {table}")
    by_hand: dict[str | None, list[float]] = defaultdict(list)
    for model, auc, has_model in rows:
        logged(store, {"model": model} if has_model else {}, auc)
        by_hand[model if has_model else None].append(auc)
    found = {
        group.values[0]: group.metrics["auc"]
        for group in page_of_groups(store.reader, fields("params.model"), metrics=["auc"])
    }
    assert set(found) == set(by_hand)
    for model, values in by_hand.items():
        assert found[model].mean == pytest.approx(statistics.mean(values), rel=1e-9, abs=1e-6)
        if len(values) > 1:
            assert found[model].deviation == pytest.approx(statistics.stdev(values), rel=1e-6, abs=1e-6)


def test_a_configuration_is_told_by_the_parameters_that_tell_apart(store: Store) -> None:
    for rate in (0.1, 0.01):
        logged(store, {"a_same": 1, "b_same": 2, "rate": rate, "seed": rate}, None)
    assert parameters(store.reader) == ["rate"]
    logged(store, {"a_same": 1, "rate": 0.1}, None)
    assert parameters(store.reader) == ["b_same", "rate"]


def test_the_runs_of_a_group_of_very_many_parameters_are_found(store: Store) -> None:
    for rate in (0.1, 0.01):
        logged(store, {**{f"p{place:03}": place for place in range(300)}, "rate": rate}, None)
    logged(store, {f"q{place:03}": place for place in range(50)}, None)
    by, telling = fields("config"), parameters(store.reader)
    for group in page_of_groups(store.reader, by):
        assert len(page(store.reader, where=query_of(by, group.values, "", telling))) == group.runs


def test_a_mean_is_of_the_runs_that_have_finished_and_says_of_how_many(store: Store) -> None:
    for auc, status in ((0.8, "finished"), (0.9, "finished"), (0.1, "failed")):
        log = RunLog(Store(store.workspace), *start_run(store, params={"depth": 1}))
        log.log_metric("auc", auc)
        log.end(status)
    for sort in (None, "metrics.auc"):
        (group,) = page_of_groups(store.reader, fields("params.depth"), metrics=["auc"], sort=sort)
        assert (group.runs, group.metrics["auc"].n, group.metrics["auc"].mean) == (3, 2, pytest.approx(0.85))
        assert group_cells(fields("params.depth"), group, ["auc"])[-1].text == "0.850 ± 0.071 of 2"


@pytest.mark.parametrize(
    ("spread", "shown"),
    [
        (Spread(3, 0.92, 0.02, 0.9, 0.94), "0.920 ± 0.020"),
        (Spread(2, 0.5, 0.0, 0.5, 0.5), "0.5000 ± 0"),
        (Spread(1, 0.5, None, 0.5, 0.5), "0.5000"),
    ],
)
def test_equal_values_have_a_spread_of_nothing_and_one_has_none(spread: Spread, shown: str) -> None:
    assert spread_cell(spread).text == shown


def test_what_a_configuration_has_is_shown_as_it_was_logged() -> None:
    given = '{"alpha": "0.1", "depth": "3", "long": "0.12345678901", "model": "hgb"}'
    assert group_cell("config", given).text == "alpha=0.1 depth=3 long=0.1235 model=hgb"
    assert group_cell("config", given, ["model", "other"]).text == "model=hgb"


def test_what_tells_every_run_apart_is_no_group() -> None:
    for text in ("metrics.auc", "age", "id", "nothing", ""):
        with pytest.raises(UsageError):
            fields(text)


def test_the_command_prints_means_with_their_spread(
    seeds: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(seeds.workspace.root)
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    assert mlops(["runs", "groups", "config", "--sort", "metrics.auc"])[0] == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["config", "runs", "auc"]
    assert lines[2].startswith("depth=3 model=hgb")
    assert lines[2].endswith("0.920 ± 0.020")
    assert mlops(["runs", "groups", "metrics.auc"])[0] == 2
