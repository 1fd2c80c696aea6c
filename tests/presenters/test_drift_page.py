"""Drift as a page: all that the table says, pictures that can be read, and nothing that a name could break."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from mlops_tui.data.slices import OTHER as OTHERS
from mlops_tui.data.slices import VALUE, SliceName
from mlops_tui.monitoring.detail import SHARES, Brought, FileEffect, Quantiles, Since
from mlops_tui.monitoring.model import ColumnDrift, DriftReport, Histogram, Measure
from mlops_tui.monitoring.multivariate import Classified, Fall, LeftOut, Multivariate, Reconstructed
from mlops_tui.monitoring.slices import SliceDrift, SliceReport
from mlops_tui.plot.svg import mirrored
from mlops_tui.presenters.drift_page import drift_page, map_of

NASTY = 'a|b <script>alert(1)</script> "x"\x1b[2J'
HISTOGRAM = Histogram(("< 10", "10 – 20", "≥ 20"), (0.2, 0.5, 0.3), (0.1, 0.1, 0.8), (10.0, 20.0))
AGE = ColumnDrift(
    "age",
    "integer",
    True,
    "moved by 0.85",
    wasserstein=Measure(0.85, "sd"),
    psi=Measure(1.2, "bins"),
    histogram=HISTOGRAM,
)
OTHER = ColumnDrift(NASTY, "category", False, "moved by 0.01", jensen_shannon=Measure(0.01, "values"))
IDS = ColumnDrift("id", "identifier", None, "identifier: not compared")
REPORT = DriftReport(12_000, 5_000, (AGE, OTHER, IDS), "live", "training", "2026-05.csv", notes=("rounded",))


class Reader(HTMLParser):
    """Counts elements, and minds that each that is opened is closed."""

    VOID = frozenset({"meta", "rect", "line", "path", "polyline", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in self.VOID or self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_a_page_says_what_all_columns_say_at_once_and_which_of_them_tell() -> None:
    """Also which were left out; names are what they are, and nothing more."""
    classified = Classified(
        True, f"told apart, most by {NASTY}", 0.83, 0.01, 500, (Fall(NASTY, 0.2), Fall("age", 0.01))
    )
    left_out = tuple(LeftOut(name, "only the window has it") for name in "abcd")
    found = Multivariate(
        classified, Reconstructed(None, "cannot tell, because why"), ("age",), left_out, ("some files",)
    )
    text = drift_page([replace(REPORT, multivariate=found)])
    read(text)
    assert "<script" not in text
    assert "All columns at once, by reconstruction: cannot tell, because why." in text
    assert (
        "Left out of these: a (only the window has it), b (only the window has it), c (only the window has it), and 1 more."
        in text
    )
    assert "Of these: some files." in text
    assert re.search(r"<td>age</td>\s*<td class=\"number\">0.010</td>", text)
    assert "at once" not in drift_page([REPORT])


def test_a_page_has_the_verdict_the_measures_and_the_histogram_of_each_column() -> None:
    text = drift_page([REPORT])
    seen = read(text).seen
    assert "Drift of live against training" in text
    assert "1 of 2 columns drift: age" in text
    assert "<li>rounded</li>" in text
    assert seen.count("details") == 2  # of an identifier there is nothing to be told
    assert text.index("<details open>") < text.index("<details>")
    assert "population stability" in text
    [drawn] = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert "80.0%" in drawn
    assert "training, 12,000 rows" in drawn


def test_a_history_is_a_map_with_the_newest_chunk_whole() -> None:
    calm = replace(
        REPORT, columns=(replace(AGE, drift=False, wasserstein=Measure(0.06, "sd")), IDS), current="2026-04.csv"
    )
    text = drift_page([calm, REPORT], is_history=True)
    read(text)
    assert "2 chunks against training, 1 of them with drift, the newest" in text
    assert (
        '<th>age</th><td class="good" title="2026-04.csv: ✓ 0.06">▒</td><td class="bad" title="2026-05.csv: ▲ 0.85">▲</td>'
        in text
    )
    assert text.count("<h2>") == 1
    assert [name for name, _ in map_of([calm, REPORT]).columns] == ["age", NASTY, "id"]
    assert map_of([calm, REPORT]).tiles[1][0] is None


def test_a_column_has_what_each_bin_brings_and_its_tables() -> None:
    """The files that brought it with it, of names that could break a page too."""
    files = (FileEffect(NASTY, 300, 2.5, 0.0625, 0.7875), FileEffect("b.csv", 300, 0.05, 1.25, -0.4))
    quantiles = Quantiles(SHARES, (1,) * 7, (3,) * 7, (2,) * 7, 0.0025)
    told = replace(
        AGE,
        histogram=replace(HISTOGRAM, contribution=(0.0, 0.25, 0.75)),
        quantiles=quantiles,
        brought_by=(Brought("wasserstein", 0.85, files),),
        drifts_since=Since("2026-04.csv", 2),
    )
    text = drift_page([replace(REPORT, columns=(told,))])
    read(text)
    [drawn] = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert [">contribution<" in drawn, ">75.0%<" in drawn] == [True, True]
    ElementTree.fromstring(drawn)
    assert "share of the Wasserstein distance." in text
    assert '<td class="number">+2</td>' in text
    assert '<td class="number">0.79 sd</td>' in text
    assert "It drifts since 2026-04.csv, 2 windows in a row" in text
    assert "0.25% of the reference rows" in text
    assert "<script" not in text
    assert "\x1b" not in text


def test_nothing_comes_from_the_network_and_no_name_breaks_the_page() -> None:
    text = drift_page([REPORT, REPORT], is_history=True)
    assert not re.search(r"""(src|href)\s*=|url\(|<link|<script|https?://""", text)
    assert "&lt;script&gt;" in text
    assert "\x1b" not in text


def test_bars_are_as_long_as_their_share_and_both_sides_have_one_scale() -> None:
    drawn = mirrored(("a", "b<"), (1.0, 3.0), (10.0, 10.0), ("before", "after"))
    bars = [float(bar.attrib["width"]) for bar in ElementTree.fromstring(drawn).iter() if bar.tag.endswith("rect")]
    assert bars[2] == pytest.approx(3 * bars[0], rel=0.01)
    assert bars[1] == bars[3] == pytest.approx(bars[2] * 0.5 / 0.75, rel=0.01)
    assert mirrored(("a",), (0.0,), (float("nan"),)).count('width="0.0"') == 2
    with pytest.raises(ValueError, match="2 labels"):
        mirrored(("a", "b"), (1.0,), (1.0,))


def test_slices_are_told_beside_their_report_and_nothing_that_a_value_holds_breaks_the_page() -> None:
    """A line for each; what drifts in one alone is named so, and drawn."""
    told = (
        SliceDrift(SliceName(VALUE, NASTY), 900, 300, (0.1, 0.2), True, "1 of 2", ("age",), (AGE, OTHER)),
        SliceDrift(SliceName(OTHERS), 8_100, 1_200, (0.9, 0.8), False, "none of 2", (), (OTHER,)),
    )
    found = SliceReport("place", None, "category", True, "1 of 2 slices", 3, ("3 files were read",), told)
    text = drift_page([REPORT], slices=[found])
    read(text)
    assert "<script>" not in text
    assert "By slice: 1 of 2 slices." in text
    assert "3 files were read." in text
    assert "(other values)" in text
    assert "+10.0 points" in text
    assert "age 0.85 sd (here alone)" in text
    assert text.count("<svg") == 2
