"""How well a version does, as a row and as a section: both figures with their bands, and why where it is no more steady."""

from __future__ import annotations

from dataclasses import replace

from mlops_tui.monitoring.answer import CONCEPT, COVARIATE, NO_CHANGE
from mlops_tui.monitoring.model import CANNOT_TELL, STEADY
from mlops_tui.monitoring.quality_model import WORSE, Figure, QualityChunk
from mlops_tui.presenters.quality import (
    QUALITY_TITLES,
    answer_cell,
    quality_cells,
    quality_lines,
    quality_title,
    realised_cell,
)

MOMENT = "2026-05-01T10:00:00.000000Z"
STEADY_ONE = QualityChunk(
    *("V1", "march.csv", "abc", 0, 5_000, 5_000, None, None, "roc_auc", 0.81),
    *(
        Figure(0.8, 0.775, 0.825),
        Figure(0.79, 0.765, 0.815),
        STEADY,
        "labels say 0.7900, in training it was 0.8100",
        MOMENT,
    ),
)
WORSE_ONE = replace(
    STEADY_ONE, file="july.csv", realised=Figure(0.42, 0.395, 0.445), verdict=WORSE, why="worse by 0.39"
)
BARE_ONE = replace(
    STEADY_ONE,
    labelled=1_000,
    reference=None,
    estimated=None,
    realised=Figure(0.5, None, None),
    verdict=CANNOT_TELL,
    why="nothing was kept",
)


def test_a_row_has_a_cell_for_each_title() -> None:
    cells = [cell.text for cell in quality_cells(STEADY_ONE)]
    assert len(cells) == len(QUALITY_TITLES)
    assert cells[:6] == ["march.csv", "5,000", "100%", "0.8000 ± 0.0250", "0.7900 ± 0.0250", "✓ steady"]
    assert [cell.text for cell in quality_cells(BARE_ONE, plain=True)][2:6] == ["20%", "–", "o 0.5000", "? cannot tell"]
    assert realised_cell(replace(STEADY_ONE, young=True)) == ("○ 0.7900 ± 0.0250", "dim", "")
    assert realised_cell(STEADY_ONE).text == "0.7900 ± 0.0250"


def test_a_section_has_the_newest_file_first_and_says_why_of_what_is_not_steady() -> None:
    assert quality_title([STEADY_ONE, WORSE_ONE]) == "Quality by file, roc_auc, 0.8100 in training"
    assert quality_title([BARE_ONE]) == "Quality by file, roc_auc"
    told = [(name, f"{cell.text} {cell.tail}".strip()) for name, cell in quality_lines([STEADY_ONE, WORSE_ONE])]
    assert told == [
        ("july.csv", "✗ worse expected 0.8000 ± 0.0250, with labels 0.4200 ± 0.0250"),
        ("", "worse by 0.39"),
        ("march.csv", "✓ steady expected 0.8000 ± 0.0250, with labels 0.7900 ± 0.0250"),
    ]
    assert quality_lines([BARE_ONE])[0][1].tail == "with labels 0.5000, 20% of rows"


def test_what_kind_of_change_it_is_is_said_where_there_is_one() -> None:
    moved = replace(STEADY_ONE, answer=COVARIATE, answer_why="its inputs moved")
    assert answer_cell(moved) == ("covariate shift", "warn", "")
    assert answer_cell(replace(moved, answer=CONCEPT)).tone == "bad"
    assert answer_cell(STEADY_ONE).text == "–"
    (_, first), (_, why) = quality_lines([moved])
    assert first.tail.startswith("covariate shift, expected 0.8000")
    assert why.text.endswith("; its inputs moved")
    assert len(quality_lines([replace(moved, answer=NO_CHANGE)])) == 1
