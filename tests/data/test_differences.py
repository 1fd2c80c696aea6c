"""How two versions of a source differ, told from their profiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.data.curation import Curation
from mlops_tui.data.engine.differences import differences
from mlops_tui.data.query import find_source
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]


def frame(seed: int, rows: int = 2000, **changed: Any) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    columns: dict[str, Any] = {
        "x": draw.normal(10, 2, rows),
        "n": draw.integers(0, 100, rows),
        "city": draw.choice(["north", "south", "east"], rows, p=[0.5, 0.3, 0.2]),
        "one": np.full(rows, 7),
    }
    return pd.DataFrame(columns | changed)


@pytest.fixture
def compare(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> Callable[[pd.DataFrame, pd.DataFrame], dict[str, Any]]:
    """The difference between a version of the one frame and a version of the other."""

    def compared(first: pd.DataFrame, second: pd.DataFrame) -> dict[str, Any]:
        first.to_csv(folder / "a.csv", index=False)
        sources.add(folder, name="s", target="n")
        scan()
        second.to_csv(folder / "a.csv", index=False)
        scan()
        return differences(store, find_source(store.reader, "s"), 1, 2)

    return compared


def column(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in told["columns"] if item["name"] == name)


def test_a_column_that_is_none_of_the_sources_is_told_all_the_same(compare: Callable[..., dict[str, Any]]) -> None:
    extra = column(compare(frame(1), frame(1, extra=np.arange(2000.0))), "extra")
    assert (extra["change"], extra["moved"]) == ("added", True)
    assert extra["how_much"] == "added, and none of the source's columns: nothing is learnt from it"


def test_draws_of_one_distribution_have_not_moved(compare: Callable[..., dict[str, Any]]) -> None:
    told = compare(frame(1), frame(2, rows=3000))
    assert [item["name"] for item in told["columns"] if item["moved"]] == []
    assert (told["before"]["rows"], told["after"]["rows"]) == (2000, 3000)
    assert told["files"]["replaced"] == ("a.csv",)
    assert column(told, "city")["new"] == column(told, "city")["vanished"] == []


def test_what_moved_is_said_with_how_much_the_greatest_first(compare: Callable[..., dict[str, Any]]) -> None:
    draw = np.random.default_rng(3)
    gone = np.where(draw.random(2000) < 0.2, np.nan, draw.integers(0, 100, 2000))
    moved = frame(2, x=draw.normal(16, 2, 2000), n=gone, city=draw.choice(["north", "west"], 2000))
    told = compare(frame(1), moved)
    assert told["columns"][0]["name"] == "x"
    x, n, city = (column(told, name) for name in ("x", "n", "city"))
    sd = (x["mean"][1] - x["mean"][0]) / x["std"][0]
    assert x["how_much"].startswith(f"mean {sd:+.2f} sd")
    assert 2.8 < sd < 3.2
    assert x["mean"] == pytest.approx([10, 16], abs=0.2)
    assert n["how_much"].startswith("missing 0.0% → ")
    assert n["missing"] == [0.0, pytest.approx(0.2, abs=0.04)]
    assert (city["new"], city["vanished"]) == (["west"], ["south", "east"])
    assert city["how_much"].startswith("west 0.0% → ")
    assert "of the rows elsewhere" in city["how_much"]
    assert not column(told, "one")["moved"]


def test_a_wider_spread_about_the_same_mean_has_moved(compare: Callable[..., dict[str, Any]]) -> None:
    told = compare(frame(1), frame(2, x=np.random.default_rng(3).normal(10, 4, 2000)))
    first, second = column(told, "x")["std"]
    assert column(told, "x")["how_much"] == f"spread × {second / first:.2f}"
    assert 1.8 < second / first < 2.2


def test_a_constant_that_takes_another_value_has_moved(compare: Callable[..., dict[str, Any]]) -> None:
    told = compare(frame(1), frame(2, one=np.full(2000, 8)))
    assert column(told, "one")["moved"]


def test_figures_that_there_are_not_are_none(compare: Callable[..., dict[str, Any]]) -> None:
    """Infinite values have no mean, and JSON no word for them."""
    told = compare(frame(1), frame(2, x=np.where(np.arange(2000) % 2, np.inf, -np.inf)))
    assert all(value is None or np.isfinite(value) for value in column(told, "x")["mean"])


def test_a_column_that_files_may_lack_is_told_as_gone(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    frame(1).to_csv(folder / "a.csv", index=False)
    sources.add(folder, name="s")
    scan()
    Curation(store).accept("s", [])
    frame(2).drop(columns="city").to_csv(folder / "a.csv", index=False)
    scan()
    source = find_source(store.reader, "s")
    city = column(differences(store, source, 1, 2), "city")
    assert (city["change"], city["how_much"], city["moved"]) == ("gone", "gone", True)
    assert column(differences(store, source, 2, 1), "city")["change"] == "added"


def test_a_version_is_no_different_from_itself(store: Store, sources: Sources, folder: Path, scan: Scan) -> None:
    frame(1).to_csv(folder / "a.csv", index=False)
    sources.add(folder, name="s")
    scan()
    told = differences(store, find_source(store.reader, "s"), 1, 1)
    assert not any(item["moved"] for item in told["columns"])
    assert told["files"] == {
        "added": (),
        "replaced": (),
        "gone": (),
        "renamed": (),
        "kept_out": (),
        "left_out": (),
        "reading": (),
    }


def test_a_column_that_is_read_as_another_kind_is_told_as_that(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    (folder / "a.csv").write_text("zip,n\n" + "".join(f"{i % 4},{i}\n" for i in range(40)))
    sources.add(folder, name="s")
    scan()
    Curation(store).set_columns("s", kinds={"zip": "category"})
    scan()
    told = differences(store, find_source(store.reader, "s"), 1, 2)
    zips, n = column(told, "zip"), column(told, "n")
    assert (zips["moved"], zips["how_much"], n["moved"]) == (True, "read as category (was integer)", False)
    assert told["files"]["reading"] == ("zip as category (was integer)",)
