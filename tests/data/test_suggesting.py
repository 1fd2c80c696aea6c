"""Checks that rows suggest: relations that hold in each row, and what identifiers look like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.data.engine.verdicts import proposals
from mlops_tui.data.proposing import _named_pairs
from mlops_tui.data.query import find_source
from mlops_tui.data.service import Sources
from mlops_tui.store.store import Store

Scan = Callable[..., dict[str, Any]]
HEADER = "loan,code,ref,zip,opened,due,closed,low_price,high_price,a,b\n"


def rows(first: int, count: int) -> Iterator[str]:
    for i in range(first, first + count):
        opened = date(2026, 1, 1) + timedelta(days=i % 40)
        due, closed = opened + timedelta(days=i % 9), opened + timedelta(days=i % 5)
        codes = f"C{i:06},{'ABCDEFG'[i % 7]}{'QXYZ'[i % 4]}-{i:04},no {i * 7919 % 100_003},{i:05}"
        yield f"{codes},{opened},{due},{closed},{i % 50}.5,{i % 50 + i % 3}.75,{i % 11},{i % 11 + 12}\n"


def proposed(store: Store) -> dict[str, dict[str, Any]]:
    told = proposals(store, find_source(store.reader, "s"))["proposed"]
    return {item["name"]: item for item in told if item["kind"] in ("relation", "pattern")}


@pytest.fixture
def filled(store: Store, sources: Sources, folder: Path, scan: Scan) -> Path:
    (folder / "a.csv").write_text(HEADER + "".join(rows(0, 600)))
    sources.add(folder, name="s")
    scan()
    return folder


def test_relations_and_shapes_that_hold_in_each_row_are_proposed_as_warnings(store: Store, filled: Path) -> None:
    found = proposed(store)
    relations = {name for name, item in found.items() if item["kind"] == "relation"}
    assert relations == {"relation opened <= due", "relation opened <= closed", "relation low_price <= high_price"}
    assert {item["column"]: item["pattern"] for item in found.values() if "pattern" in item} == {
        "loan": r"C\d{6}",
        "code": r"[A-Z]{2}-\d{4}",
        "ref": r"no \d+",
        "zip": r"\d{5}",
    }
    assert {(item["severity"], item["past"], item["files"]) for item in found.values()} == {("warn", 0, 1)}
    assert found["relation opened <= due"]["sentence"] == "opened has to be <= due"


def test_one_row_of_any_file_is_enough_to_take_a_proposal_back(store: Store, filled: Path, scan: Scan) -> None:
    late = "".join(rows(600, 200)).replace("C000700", "D700").replace("2026-01-01", "2027-01-01", 1)
    (filled / "b.csv").write_text(HEADER + late)
    scan()
    found = proposed(store)
    assert "pattern loan" not in found
    assert "pattern code" in found
    assert {"relation opened <= due", "relation opened <= closed"}.isdisjoint(found)
    assert "relation low_price <= high_price" in found


def test_an_identifier_is_proposed_as_unique_where_it_is_and_its_past_files_are_told(
    store: Store, sources: Sources, folder: Path, scan: Scan
) -> None:
    lines = [line.replace("C000007", "C000006") for line in rows(0, 600)]  # nearly all of `loan` differ
    for name, part in (("a", lines[:300]), ("b", lines[300:])):
        (folder / f"{name}.csv").write_text(HEADER + "".join(part))
    sources.add(folder, name="s")
    scan()
    assert {"loan", "code"} <= {name for name, role in find_source(store.reader, "s").roles.items() if role == "id"}
    told = proposals(store, find_source(store.reader, "s"))["proposed"]
    unique = {item["column"]: (item["past"], item["files"]) for item in told if item["kind"] == "unique"}
    assert unique["code"] == (0, 2)
    assert "loan" not in unique  # its own files break it


def test_names_say_which_of_two_numbers_is_the_lower() -> None:
    names = ["priceMin", "priceMax", "FROM_X", "TO_X", "min", "maximum", "end", "x"]
    assert list(_named_pairs(names)) == [("priceMin", 1), ("FROM_X", 3)]
