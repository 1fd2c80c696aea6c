"""What the parts of a chart say."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.plot import Bar, Mark, Series, bar_chart, line_chart, mirrored_histogram, sparkline


def roles(picture):
    return {span.role for line in picture.lines for span in line}


def test_charts_without_curves_leave_numpy_out_of_the_process():
    """So that bars and sparklines may be in the first frame."""
    program = (
        "import sys; import mlops_tui.plot as p; "
        "p.bar_chart([p.Bar('a', 1.0)], 40); p.sparkline([1, 2], 9); p.mirrored_histogram(['a'], [1], [1], 40); "
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_later_series_owns_a_cell_that_both_touch():
    below = Series("a", [0, 1], [1, 1], "series-0", label="")
    above = Series("b", [0, 1], [1, 1], "series-1", label="")
    picture = line_chart([below, above], 30, 8)
    assert "series-1" in roles(picture)
    assert "series-0" not in roles(picture)


def test_points_in_any_order_make_the_same_line():
    forward = line_chart([Series("a", [1, 2, 3, 4], [1, 5, 2, 3])], 40, 10)
    assert line_chart([Series("a", [3, 1, 4, 2], [2, 1, 3, 5])], 40, 10) == forward


@pytest.mark.parametrize("lost", [math.nan, math.inf, None, -1.0])
def test_a_point_without_a_place_leaves_a_cross_on_the_axis(lost):
    """On a logarithmic axis a negative value has none either."""
    picture = line_chart([Series("a", [0, 1, 2], [1.0, lost, 2.0])], 40, 10, log_y=True)
    assert [span.text for line in picture.lines for span in line if span.role == "bad"] == ["×"]


def test_points_that_all_lack_a_value_are_told_from_none_at_all():
    assert "no points with a value yet" in line_chart([Series("a", [0, 1], [math.nan, None])], 40, 5).text()
    assert "no points yet" in line_chart([Series("a", [], [])], 40, 5).text()


def test_lines_that_end_together_have_labels_on_rows_of_their_own():
    curves = [Series(name, [0, 1], [0, 1], f"series-{i}") for i, name in enumerate("abc")]
    rows = [row.rstrip()[-7:] for row in line_chart(curves, 50, 10).text().split("\n")]
    assert [row for row in rows if row.startswith("1.")] == ["1.000 a", "1.000 b", "1.000 c"]


def test_a_rule_widens_the_axis_to_be_seen():
    curve = Series("a", [0, 1], [0.1, 0.2])
    text = line_chart([curve], 50, 10, marks=[Mark(None, 0.9, "target")]).text()
    assert "target" in text
    assert "┈┈┈┈" in text


def test_the_text_of_a_mark_covers_no_curve():
    noise = [(i * 37) % 11 for i in range(300)]
    with_text = line_chart([Series("a", range(300), noise)], 50, 10, marks=[Mark(150, None, "promoted")])
    without = line_chart([Series("a", range(300), noise)], 50, 10, marks=[Mark(150, None, "")])
    for long, short in zip(with_text.text(), without.text(), strict=True):
        assert long == short or short == " "


@given(st.floats(0.001, 1), st.floats(0.001, 1), st.integers(20, 80))
def test_a_bar_below_the_threshold_never_shows_beyond_it(value, threshold, width):
    line = bar_chart([Bar("a", value)], width, threshold=threshold, symbols="ascii").text()
    _, _, after = line.partition("|")
    assert "#" not in after or value >= threshold


def test_equal_shares_are_mirror_images():
    text = mirrored_histogram(["a", "b", "c"], [1, 2, 4], [10, 20, 40], 61, symbols="ascii").text()
    for line in text.split("\n")[1:]:
        left, right = line[7:29], line[32:54]
        assert left.strip() == right.strip() != ""
        assert left == right[::-1]


def test_merged_bins_keep_their_shares():
    text = mirrored_histogram(list("abcd"), [1, 1, 1, 1], [1, 1, 0, 0], 60, height=3).text()
    assert [word for word in text.split() if "%" in word] == ["50.0%", "100.0%", "50.0%", "0.0%"]


def test_what_a_bin_brings_stands_at_the_right_where_there_is_room():
    shares = [0.25, 0.5, 0.125, 0.125]
    text = mirrored_histogram(list("abcd"), [1, 1, 1, 1], [1, 1, 0, 0], 60, height=3, contribution=shares).text()
    assert [line.split()[-1] for line in text.split("\n")] == ["contribution", "75.0%", "25.0%"]
    narrow = mirrored_histogram(list("abcd"), [1, 1, 1, 1], [1, 1, 0, 0], 40, contribution=shares).text()
    assert narrow == mirrored_histogram(list("abcd"), [1, 1, 1, 1], [1, 1, 0, 0], 40).text()


def test_a_name_that_does_not_fit_gives_way_to_a_short_one():
    names, short = ("training, 12 rows", "2026-04-01..2026-06-30, 15,000 rows"), ("12 rows", "15,000 rows")
    text = mirrored_histogram(["a"], [1], [1], 60, names=names, short_names=short).text()
    assert " ".join(text.split("\n")[0].split()) == "training, 12 rows 15,000 rows"


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], 8, "▁▂▃▄▅▆▇█"),
        ([1, math.nan, 8], 3, "▁ █"),
        ([1, 8], 4, "  ▁█"),
        ([5, 5, 5], 3, "▄▄▄"),
        ([0, 2, 7, 9], 2, "▁█"),
        ([1, math.nan, 7, 7], 2, "▁█"),
        ([], 3, "   "),
        ([1, 2], 0, ""),
    ],
)
def test_a_sparkline_reads_from_left_to_right(values, width, expected):
    assert sparkline(values, width) == expected
