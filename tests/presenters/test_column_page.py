"""The page of a column in tables: digits in one line, the files that brought it first, words where there is no figure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlops_tui.monitoring.detail import SHARES, Brought, FileEffect, Quantiles, Since
from mlops_tui.monitoring.model import ColumnDrift, Histogram, Measure, OneSided
from mlops_tui.presenters.column_page import Table, bars, contribution_words, decimals, since_words, tables

NUMBER = ColumnDrift("age", "numeric", True, "moved", wasserstein=Measure(0.85, "sd"))
FILES = (
    FileEffect("2026-05.csv", 5_000, 2.5, 0.0625, 0.7875),
    FileEffect("2026-04.csv", 4_000, 0.05, 1.25, -0.4),
    FileEffect("2026-06\x1b.csv", 10, None, 0.85, -0.0001),
)


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def titled(column: ColumnDrift, title: str) -> Table:
    [found] = [one for one in tables(column) if one.title.startswith(title)]
    return found


def test_quantiles_have_as_many_decimals_as_tell_their_middle() -> None:
    sides = (-2.371, -1.645, -0.675, 0.002, 0.665, 1.6415, 12.28238), (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 1_234.5)
    gaps = tuple(now - before for before, now in zip(*sides, strict=True))
    found = titled(replace(NUMBER, quantiles=Quantiles(SHARES, *sides, gaps)), "Quantiles")
    assert found.columns == ("quantile", "reference", "current", "difference")
    assert found.right == set(found.columns)
    assert texts(found)[0] == ["1%", "-2.371", "0.000", "+2.371"]
    assert texts(found)[-1] == ["99%", "12.282", "1,234.500", "+1,222.218"]
    assert found.said == ""


@pytest.mark.parametrize(
    ("numbers", "digits"),
    [
        ([1, 90], 0),
        ([0.5, 0.5], 4),
        ([0.0, 0.0], 0),
        ([1e-7, 3e-7], None),
        ([1.0, 20_000.0], 0),
        ([2.0, 1e13], None),
        ([0.0, 1.0, 2.0, 3.0, 9_000.0], 3),
    ],
)
def test_digits_follow_the_width_of_the_middle(numbers: list[float], digits: int | None) -> None:
    """A far value takes none away, and what is too fine or too great for decimals is written in powers of ten."""
    assert decimals(numbers, numbers) == digits


def test_whole_numbers_and_days_are_written_as_such() -> None:
    ages = Quantiles(SHARES, (1, 2, 3, 4, 5, 6, 12_000), (1, 3, 3, 4, 5, 6, 11_000), (0, 1, 0, 0, 0, 0, -1_000))
    shown = texts(titled(replace(NUMBER, quantiles=ages), "Quantiles"))
    assert shown[1] == ["5%", "2", "3", "+1"]
    assert shown[6] == ["99%", "12,000", "11,000", "-1,000"]
    assert shown[2][3] == "0"
    days = tuple(f"2026-01-0{day}T00:00:00.000000Z" for day in range(1, 8))
    later = tuple(f"2026-02-0{day}T00:00:00.000000Z" for day in range(1, 8))
    shown = texts(titled(replace(NUMBER, quantiles=Quantiles(SHARES, days, later, (2_678_400.0,) * 7)), "Quantiles"))
    assert shown[0] == ["1%", "2026-01-01", "2026-02-01", "+31d 0h"]
    noon = tuple(f"2026-01-0{day}T12:30:00.000000Z" for day in range(1, 8))
    shown = texts(titled(replace(NUMBER, quantiles=Quantiles(SHARES, days, noon, (-45_000.0,) * 7)), "Quantiles"))
    assert shown[0] == ["1%", "2026-01-01 00:00", "2026-01-01 12:30", "-12h 30m"]


def test_what_a_sketch_leaves_open_is_said_and_what_is_no_number_is_not_written_as_one() -> None:
    far = Quantiles(SHARES, (-1e308,) * 7, (1e308,) * 7, (None,) * 7, 0.0025)
    found = titled(replace(NUMBER, quantiles=far), "Quantiles")
    assert texts(found)[0] == ["1%", "-1.0000e+308", "1.0000e+308", "–"]
    assert found.said == "Read from a sketch: the share at a value may be off by up to 0.25% of the reference rows."
    both = titled(replace(NUMBER, quantiles=replace(far, current_error=0.001)), "Quantiles")
    assert both.said.endswith("0.25% of the reference rows and 0.10% of the current rows.")


def test_new_and_vanished_values_have_their_shares() -> None:
    new = OneSided(12, 0.0315, ("web\x1b", "fax"), (0.03, 0.0002))
    column = ColumnDrift("channel", "category", True, "moved", new_values=new, vanished_values=OneSided(0, 0.0, ()))
    found = titled(column, "New values")
    assert found.title == "New values: 12, 3.1% of the current rows"
    assert texts(found)[1] == ["fax", "< 0.1%"]
    assert "\x1b" not in texts(found)[0][0]
    assert found.said == "and 10 more"
    assert titled(column, "Vanished values").title == "Vanished values: none"
    old = replace(column, new_values=OneSided(1, 0.5, ("web",)))
    assert texts(titled(old, "New values")) == [["web", "–"]]


def test_the_files_that_brought_it_have_what_is_left_without_them() -> None:
    column = replace(NUMBER, brought_by=(Brought("wasserstein", 0.85, FILES),), drifts_since=Since("2026-05.csv", 1))
    found = titled(column, "The files")
    assert found.columns == ("file", "rows", "effect", "without it", "falls by")
    assert texts(found)[:2] == [
        ["2026-05.csv", "5,000", "2.50 sd", "0.06 sd", "0.79 sd"],
        ["2026-04.csv", "4,000", "0.05 sd", "1.25 sd", "-0.40 sd"],
    ]
    assert texts(found)[2][1:] == ["10", "–", "0.85 sd", "0.00 sd"]
    assert "\x1b" not in texts(found)[2][0]
    assert [row[0].tone for row in found.rows] == ["strong", "", ""]
    assert found.said == (
        "All 3 files together: 0.85 sd by the Wasserstein distance. It drifts since 2026-05.csv; none before was compared"
        " and steady."
    )
    alike = (FileEffect("a", 9, 0.9, 0.8, 0.05), FileEffect("b", 9, 0.8, 0.87, -0.02))
    said = titled(replace(NUMBER, brought_by=(Brought("wasserstein", 0.85, alike),)), "The files").said
    assert said.endswith("No file brought it alone: without any one of them at least 0.80 sd is left.")


def test_a_drift_by_two_effects_has_the_files_of_each() -> None:
    missing = (FileEffect("a", 9, 0.4, 0.0, 0.2), FileEffect("b", 9, 0.0, 0.4, -0.2))
    both = (Brought("wasserstein", 0.85, FILES), Brought("missing", 0.2, missing))
    found = [one for one in tables(replace(NUMBER, brought_by=both)) if one.title.startswith("The files")]
    assert [one.title.partition(", by ")[2] for one in found] == [
        "the Wasserstein distance",
        "the difference of the missing share",
    ]
    assert texts(found[1])[0] == ["a", "9", "40.0%", "0.0%", "20.0%"]


def test_a_window_of_one_file_and_what_is_not_known_are_words() -> None:
    one = replace(
        NUMBER,
        brought_by=(Brought("wasserstein", 0.85, FILES[:1]),),
        drifts_since=Since("2026-03.csv", 3, "2026-02.csv"),
    )
    found = titled(one, "The files")
    assert found.rows == ()
    assert found.said == (
        "The window is one file, 2026-05.csv, which brought all of it. It drifts since 2026-03.csv, 3 windows in a row;"
        " 2026-02.csv before was steady."
    )
    assert titled(NUMBER, "The files").said == "Not known: compare again."
    assert [one.title for one in tables(replace(NUMBER, drift=False))] == ["Measures"]
    assert "\x1b" not in since_words(Since("a\x1b", 1, "b\x1b"))


def test_bins_are_told_in_figures_with_what_each_brings() -> None:
    histogram = Histogram(
        ("< 10", "10 – 20", "≥ 20"), (0.2, 0.5, 0.3), (0.1, 0.1, 0.8), (10.0, 20.0), (0.0, 0.25, 0.75)
    )
    found = bars(replace(NUMBER, kind="integer", histogram=histogram))
    assert found is not None
    assert found.columns == ("values", "reference", "current", "contribution")
    assert texts(found)[2] == ["≥ 20", "30.0%", "80.0%", "75.0%"]
    assert found.said == "Contribution: each bin's share of the Wasserstein distance."
    old = bars(replace(NUMBER, histogram=replace(histogram, contribution=None)))
    assert old is not None
    assert (old.columns, old.said) == (("values", "reference", "current"), "")
    channel = replace(NUMBER, histogram=replace(histogram, edges=None))
    assert "Jensen–Shannon divergence" in contribution_words(channel)
    assert bars(NUMBER) is None
