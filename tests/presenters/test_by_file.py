"""One column file by file, in words and figures."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_tui.presenters.by_file import by_file_cells


def deviation_and_range(kind: str, **file: Any) -> tuple[str, str]:
    told = {"file": "a.csv", "rows": 9, "missing": 0, "mean": file["min"], "share": None, **file}
    cells = by_file_cells({"kind": kind, "value": None}, told)
    return cells[4].text, cells[5].text


DAY, NOON = "2026-01-03T00:00:00Z", "2026-01-03T12:30:00Z"


@pytest.mark.parametrize(
    ("kind", "file", "said"),
    [
        (
            "date-time",
            {"std": 1_071_360.0, "min": DAY, "max": "2026-02-01T00:00:00Z"},
            ("12d 9h", "2026-01-03 to 2026-02-01"),
        ),
        ("date-time", {"std": 5400.0, "min": DAY, "max": NOON}, ("1h 30m", "2026-01-03 00:00 to 12:30")),
        ("date-time", {"std": 0.0, "min": NOON, "max": NOON}, ("0.0s", "2026-01-03 12:30")),
        ("date-time", {"std": None, "min": DAY, "max": DAY}, ("–", "2026-01-03")),
        ("numeric", {"std": 1.5, "min": 1.0, "max": 9.0, "infinite": 3}, ("1.5000", "1 to 9, 3 infinite")),
        ("numeric", {"std": None, "min": None, "max": None, "infinite": 1}, ("–", "1 infinite")),
        ("integer", {"std": 2.0, "min": 1.0, "max": 2**53 + 1}, ("2", "1 to 9,007,199,254,740,993")),
    ],
)
def test_deviations_and_ranges_read_as_what_they_are_of(kind: str, file: dict[str, Any], said: tuple[str, str]) -> None:
    assert deviation_and_range(kind, **file) == said
