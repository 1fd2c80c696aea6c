"""Drift in words: the verdict never by colour alone, the worst first."""

from __future__ import annotations

from dataclasses import replace

from mlops_tui.monitoring.model import (
    CANNOT_TELL,
    DRIFT,
    MEASURES,
    NOT_COMPARED,
    STEADY,
    ChunkHead,
    ColumnDrift,
    DriftReport,
    HeatMap,
    Measure,
    Tile,
)
from mlops_tui.monitoring.quality_model import Importances
from mlops_tui.presenters.monitor import (
    CHUNK_COLUMNS,
    COLUMNS,
    MEASURE_NAMES,
    chunk_rows,
    columns_of,
    headline,
    history_line,
    importance_note,
    legend,
    matrix,
    measure_rows,
    notes,
    p_text,
    rows,
    trend_line,
    verdict,
)
from mlops_tui.presenters.words import Cell


def number(name: str, moved: float, p: float, drift: bool | None, why: str = "moved") -> ColumnDrift:
    ks = Measure(0.1, "two samples", p=p)
    return ColumnDrift(name, "numeric", drift, why, ks=ks, wasserstein=Measure(moved, "sd"))


CATEGORY = ColumnDrift(
    "channel",
    "category",
    True,
    "shares moved",
    jensen_shannon=Measure(0.7, "values"),
    chi2=Measure(9.0, "values", p=0.0),
)
REPORT = DriftReport(
    12_000,
    5_000,
    (
        ColumnDrift("id", "identifier", None, "identifier: not compared"),
        number("amount", 0.02, 0.25, False),
        number("when", 3.9, 0.0, None, "ignored: not compared"),
        CATEGORY,
        number("age", 0.85, 1e-20, True),
        number("few", 0.4, 0.3, None, "cannot tell: 12 against 9 rows, 30 are needed on either side"),
    ),
    "live",
    "training",
    "2026-05.csv",
)


def chunks(*names: str) -> tuple[ChunkHead, ...]:
    return tuple(ChunkHead("R", name, 9, None, None, None) for name in names)


def steady(effect: float) -> Tile:
    return Tile(STEADY, "wasserstein", effect)


def test_rows_rank_drift_first_then_what_was_judged_by_effect() -> None:
    shown = rows(REPORT)
    assert [row[0].text for row in shown] == ["age", "channel", "amount", "when", "few", "id"]
    assert {len(row) for row in shown} == {len(COLUMNS)}
    assert [row[3].text for row in shown] == ["0.85 sd", "0.70 JS", "0.02 sd", "3.90 sd", "0.40 sd", "–"]
    assert [row[4].text for row in shown[:3]] == ["< 1e-12", "< 1e-12", "0.25"]


def test_where_it_is_known_what_predictions_hang_on_the_effect_times_that_ranks() -> None:
    """Of what drifts: a column that nothing hangs on comes last, however far it moved; one that the model does not have says nothing."""
    known = Importances("loans:1", {"channel": 0.6, "amount": 0.3999, "age": 0.0001})
    shown = rows(REPORT, known)
    assert [row[0].text for row in shown[:3]] == ["channel", "age", "amount"]
    assert [row[4].text for row in shown[:4]] == ["60.0%", "0.0%", "40.0%", "–"]
    assert {len(row) for row in shown} == {len(columns_of(known))}
    assert columns_of(known)[4] == "importance"
    assert columns_of(None) == COLUMNS
    assert importance_note(known).endswith("the predictions of loans:1 hang on a column.")
    assert importance_note(None) == ""


def test_each_verdict_has_its_own_word_and_glyph() -> None:
    cells = [
        verdict(drift, why) for drift, why in [(True, ""), (False, ""), (None, "cannot tell: …"), (None, "new: …")]
    ]
    assert [cell.text for cell in cells] == ["▲ drift", "✓ steady", "? cannot tell", "– not compared"]
    assert verdict(True, "", plain=True) == Cell("! drift", "bad")


def test_the_headline_names_the_windows_and_what_drifts() -> None:
    assert headline(REPORT).splitlines() == [
        "live: 2026-05.csv (5,000 rows) against training (12,000 rows)",
        "2 of 3 columns drift: age, channel",
    ]
    calm = DriftReport(9, 9, (number("amount", 0.02, 0.25, False),), "live", "training", "a")
    assert headline(calm).endswith("No drift in 1 column.")


def test_the_headline_says_where_the_variation_of_files_is_unknown() -> None:
    few = replace(CATEGORY, blocks=2)
    assert headline(DriftReport(9, 9, (few,), "live", "training", "a")).endswith(
        "How files vary between each other is unknown: the reference has 2 blocks, 10 are needed."
        " Rows are taken for independent."
    )
    assert "unknown" not in headline(DriftReport(9, 9, (replace(few, blocks=10),), "live", "training", "a"))


def test_the_p_that_is_shown_is_that_of_the_verdict() -> None:
    inflated = replace(CATEGORY, test=Measure(9.0, "values", p=0.04))
    assert p_text(inflated) == "0.04"
    assert p_text(CATEGORY) == "< 1e-12"


def test_every_measure_has_a_name() -> None:
    assert tuple(key for key, _, _ in MEASURE_NAMES) == MEASURES
    assert [row[0] for row in measure_rows(CATEGORY)] == ["Jensen–Shannon", "chi-square"]


def test_a_name_from_a_file_cannot_steer_the_terminal() -> None:
    report = DriftReport(9, 9, (number("a\x1b[2J", 0.5, 0.0, True),), "live", "training", "x\n.csv")
    assert "\x1b" not in rows(report)[0][0].text + headline(report)
    assert headline(report).count("\n") == 1


def test_the_matrix_has_windows_across_and_the_worst_column_on_top() -> None:
    columns = (("amount", "numeric"), ("age", "integer"), ("id", "identifier"))
    ids = Tile(NOT_COMPARED, None, None)
    tiles = ((steady(0.04), None), (steady(0.02), Tile(DRIFT, "wasserstein", 0.85)), (ids, ids))
    shown = matrix(HeatMap(chunks("01.csv", "02.csv"), columns, tiles))
    assert shown.windows == ("01.csv", "02.csv")
    assert shown.columns == ("age", "amount")
    assert [[cell.text for cell in row] for row in shown.cells] == [["✓ 0.02", "▲ 0.85"], ["✓ 0.04", "–"]]


def test_the_trend_of_a_column_is_on_a_scale_from_nothing() -> None:
    assert trend_line([0.1, 0.8, 0.1], symbols="ascii") == "over 3 windows  .#.  0.10 to 0.80, floor 0.1"
    assert trend_line([0.4, None, 0.4, 0.8], symbols="block").startswith("over 4 windows  ▄ ▄█  0.40 to 0.80")
    assert trend_line([0.1, None, 0.2], symbols="block") == ""
    assert trend_line([0.1] * 100, symbols="block").startswith("over 48 windows")


def test_a_matrix_of_nothing_is_empty() -> None:
    shown = matrix(HeatMap((), (), ()))
    assert (shown.windows, shown.columns, len(shown.cells), len(shown.marks)) == ((), (), 0, 0)


def test_a_mark_says_the_verdict_by_its_sign_and_how_far_a_steady_column_moved_by_its_shade() -> None:
    moved = [steady(effect) for effect in (0.0, 0.024, 0.025, 0.05, 0.1)]
    others = [Tile(DRIFT, "wasserstein", 0.1), Tile(CANNOT_TELL, None, None), Tile(NOT_COMPARED, None, None), None]
    told = HeatMap(chunks(*"abcdefghi"), (("age", "integer"),), (tuple(moved + others),))
    assert ["".join(mark.text for mark in matrix(told, plain=plain).marks[0]) for plain in (False, True)] == [
        "··░▒▓▲?  ",
        "..:+#!?  ",
    ]
    assert [mark.tone for mark in matrix(told).marks[0]] == [
        "dim",
        "dim",
        "good",
        "good",
        "warn",
        "bad",
        "warn",
        "",
        "",
    ]
    assert legend(marks=True, plain=True) == ("! drift  ? cannot tell  steady, by effect: .  : 0.025  + 0.05  # 0.1")
    assert "standard deviations" in legend(marks=False, plain=False)


def test_a_chunk_is_a_line_with_what_moved_most_first() -> None:
    calm = replace(REPORT, columns=REPORT.columns[1:2], current="2026-04.csv")
    bare = replace(REPORT, columns=REPORT.columns[:1], current="2026-03.csv")
    shown = [[cell.text for cell in row] for row in chunk_rows([bare, calm, REPORT])]
    assert shown == [
        ["2026-03.csv", "5,000", "? cannot tell", ""],
        ["2026-04.csv", "5,000", "✓ steady", ""],
        ["2026-05.csv", "5,000", "▲ drift", "age 0.85 sd, channel 0.70 JS"],
    ]
    assert {len(row) for row in shown} == {len(CHUNK_COLUMNS)}
    many = replace(REPORT, columns=tuple(number(f"c{place}", place, 0.0, True) for place in range(1, 9)))
    assert chunk_rows([many])[0][3].text.endswith("c3 3.00 sd, and 2 more")


def test_a_history_says_how_many_of_its_chunks_drift_and_whether_the_newest_does() -> None:
    calm = replace(REPORT, columns=REPORT.columns[1:2])
    assert history_line([calm]) == "live: 1 chunk against training, none of them with drift"
    assert history_line([REPORT, calm], pinned=True).endswith("against training (pinned), 1 of them with drift")
    assert history_line([calm, REPORT]).endswith("1 of them with drift, the newest")
    assert history_line([REPORT, REPORT]).endswith("2 of them with drift, the newest among them")


def test_notes_of_a_window_are_one_line_each() -> None:
    assert notes(replace(REPORT, notes=("rounded\nto blocks", "reference: pinned"))) == [
        "rounded to blocks",
        "reference: pinned",
    ]
