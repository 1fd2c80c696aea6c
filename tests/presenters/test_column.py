"""A column in figures, words and bars."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_tui.core.clock import to_seconds
from mlops_tui.presenters.column import (
    at_one_point,
    column_bars,
    column_figures,
    distinct,
    percent,
    picture,
    tails_words,
)


def numbers(kind: str, edges: list[float], counts: list[int]) -> dict[str, Any]:
    histogram = {"edges": edges, "counts": counts, "below": 0, "above": 0}
    return {"name": "n", "kind": kind, "count": sum(counts), "missing": 0, "top": [], "histogram": histogram}


def test_a_share_that_is_something_is_not_written_as_nothing() -> None:
    assert [percent(share) for share in (0.0, 0.0001, 0.0005, 0.5, 1.0)] == [
        "0.0%",
        "< 0.1%",
        "0.1%",
        "50.0%",
        "100.0%",
    ]


def test_an_estimate_of_different_values_is_marked() -> None:
    """Values that were counted one by one are exact, and so are a sketch's few."""
    found = [("identifier", 1198), ("integer", 1198), ("integer", 52), ("category", 9000), ("category", 20000)]
    shown = [distinct({"kind": kind, "distinct": number}) for kind, number in found]
    assert shown == ["≈1,198", "≈1,198", "52", "9,000", "≈20,000"]


def test_a_histogram_in_one_line_leaves_empty_bins_blank() -> None:
    """The fullest bin is full, the least of the others can be seen."""
    assert picture(numbers("numeric", [0, 1, 2, 3], [8, 0, 1]), symbols="braille") == "█ ▂"


def test_bars_of_whole_numbers_are_named_by_them() -> None:
    """Bins between two whole numbers hold none and are left out."""
    two = numbers("integer", [1, 1.25, 1.5, 1.75, 2], [5, 0, 0, 7])
    assert [(bar.label, bar.value) for bar in column_bars(two, 9)] == [("1", 5.0), ("2", 7.0)]


def test_a_bin_is_drawn_as_high_as_its_rows_are_dense() -> None:
    """A narrower one is not lower for that; one without a value is blank; edges may be one float apart, or none."""
    assert picture(numbers("integer", [0, 4, 8, 10], [4, 0, 2]), symbols="braille") == "█ █"
    assert (
        picture(numbers("numeric", [1.0, 1.0, 1.0000000000000002, 1.0000000000000002], [0, 2, 2]), symbols="braille")
        == " ██"
    )


def test_bars_are_merged_to_what_there_is_room_for() -> None:
    """Nothing is lost, and each bar begins where its first bin does."""
    bars = column_bars(numbers("numeric", [0, 0.5, 1, 1.5, 2], [1, 2, 3, 4]), 2)
    assert [(bar.label, bar.value, bar.note) for bar in bars] == [("0", 3.0, " 30.0%"), ("1", 7.0, " 70.0%")]


def figures(**column: Any) -> dict[str, str]:
    blank = dict.fromkeys(("min", "mean", "std", "skew", "max", "quantiles", "lengths"))
    return dict(column_figures({"kind": "numeric", "distinct": 3, "top": [], "other": None, **blank, **column}))


def test_infinite_numbers_are_said_where_there_are_any() -> None:
    assert figures(infinite=2, mean=1.5)["infinite"] == "2"
    assert "infinite" not in figures(infinite=0) | figures(infinite=None) | figures()  # an older record has none


def test_a_large_integer_is_written_out() -> None:
    assert figures(kind="integer", max=2**53 + 1)["max"] == "9,007,199,254,740,993"


def test_times_have_a_deviation_in_words_and_an_hour_where_it_says_something() -> None:
    said = figures(kind="date-time", std=1_071_360.0, min="2026-01-03T00:00:00Z", max="2026-02-01T17:45:12Z")
    assert (said["std"], said["min"], said["max"]) == ("12d 9h", "2026-01-03", "2026-02-01 17:45")


def test_texts_say_how_long_they_are() -> None:
    assert (
        figures(kind="text", lengths={"min": 3.0, "mean": 8.25, "max": 1200.0})["characters"]
        == "3 to 1,200, 8.2500 in the mean"
    )
    assert figures(kind="text", lengths={"min": 36.0, "mean": 36.0, "max": 36.0})["characters"] == "36"


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2026-03-01T06:00:00Z", "2026-03-01T18:00:00Z", ["06:00", "12:00"]),
        ("2026-03-01T06:00:00Z", "2026-03-05T06:00:00Z", ["01 06:00", "03 06:00"]),
        ("2026-01-01T00:00:00Z", "2026-03-02T00:00:00Z", ["01-01", "01-31"]),
        ("2025-12-01T00:00:00Z", "2026-01-30T00:00:00Z", ["2025-12-01", "2025-12-31"]),
        ("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", ["2020-01", "2023-01"]),
    ],
)
def test_a_bar_of_times_says_what_tells_it_from_the_others(first: str, last: str, labels: list[str]) -> None:
    low, high = to_seconds(first), to_seconds(last)
    histogram = {"edges": [low, (low + high) / 2, high], "counts": [1, 2]}
    bars = column_bars({"kind": "date-time", "count": 3, "histogram": histogram}, 20)
    assert [bar.label for bar in bars] == labels


def test_bars_are_as_wide_as_each_other_where_that_can_be() -> None:
    """A last bar of fewer bins would look like a fall: twenty bins make five bars rather than seven."""
    bars = column_bars(numbers("numeric", [float(edge) for edge in range(21)], [1] * 20), 9)
    assert [bar.value for bar in bars] == [4.0] * 5
    assert [bar.label for bar in bars] == ["0", "4", "8", "12", "16"]


def test_what_no_bin_holds_is_said() -> None:
    """Of whole numbers the last edge is the first beyond the last bin; nothing is said where every value is in a bin."""
    column = numbers("integer", [10, 20, 31], [5, 5])
    assert tails_words(column) == ""
    column["histogram"] |= {"below": 3, "above": 1200}
    assert tails_words(column) == "3 below 10, 1,200 above 30"
    column["histogram"]["below"] = 0
    assert tails_words({**column, "kind": "numeric"}) == "1,200 above 31"


def test_figures_of_one_column_stand_with_their_points_in_one_line() -> None:
    """What is no number, or more than one, stays where it is."""
    facts = [
        ("kind", "numeric"),
        ("missing", "3  0.1%"),
        ("min", "-2"),
        ("mean", "48.0183"),
        ("99%", "-123.50"),
        ("values", "1,000"),
    ]
    assert at_one_point(facts) == [
        ("kind", "numeric"),
        ("missing", "3  0.1%"),
        ("min", "  -2"),
        ("mean", "  48.0183"),
        ("99%", "-123.50"),
        ("values", "1,000"),
    ]
    assert at_one_point([("min", "9,007,199,254,740,993"), ("max", "1.5")])[1] == ("max", "1.5")
