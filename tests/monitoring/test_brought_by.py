"""Which files of a window brought a drift, as the job tells and keeps it; and since when a column drifts, by the reports that are kept."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_tui.data.model import Source
from mlops_tui.monitoring.detail import Since
from mlops_tui.monitoring.model import ColumnDrift
from mlops_tui.monitoring.query import drifting_since, get_report, list_reports
from tests.monitoring.monthly import make_months, write_month


@pytest.fixture(scope="module")
def live(room: Any) -> Source:
    """Half a year, of which May has moved."""
    return make_months(room)[1]


def ask(room: Any, live: Source, *current: str, chunks: str | None = None) -> list[str]:
    """Compares windows with training; the ids of their reports."""
    spec = {"source": live.id, "reference_source": None, "reference": "training", "version_id": None, "chunks": chunks}
    result = room.work("drift", **spec, current=list(current))
    return result["chunks"] if chunks else [report["id"] for report in result["reports"]]


def heat(room: Any, report_id: str) -> ColumnDrift:
    """The column that moves."""
    found = get_report(room.store.reader, report_id).column("heat")
    assert found is not None
    return found


def test_of_a_window_of_several_files_each_has_its_effect_and_what_is_left_without_it(room: Any, live: Source) -> None:
    """What is left is what the job says of the others alone, and a month that was not moved holds the window back."""
    whole, without_may, may = ask(room, live, "2026-04-01..2026-06-30", "2026-04.csv", "2026-05.csv")
    column = heat(room, whole)
    assert column.drift
    [found] = column.brought_by
    assert found.measure == "wasserstein"
    assert column.wasserstein is not None
    assert found.effect == column.wasserstein.value
    assert found.files[0].file == "2026-05.csv"
    assert {file.file: file.rows for file in found.files} == {
        "2026-04.csv": 300,
        "2026-05.csv": 310,
        "2026-06.csv": 300,
    }
    first = found.files[0]
    alone = heat(room, may).wasserstein
    assert alone is not None
    assert first.effect == pytest.approx(alone.value, abs=1e-9)
    assert first.without is not None
    assert first.without < 0.2
    assert first.falls == pytest.approx(found.effect - first.without)
    others = {file.file: file for file in found.files[1:]}
    assert all(file.falls is not None and file.falls < 0 for file in others.values())
    calm = heat(room, without_may).wasserstein
    assert calm is not None
    assert others["2026-04.csv"].effect == pytest.approx(calm.value, abs=1e-9)
    kind = get_report(room.store.reader, whole).column("kind")
    assert kind is not None
    assert kind.brought_by == ()  # it does not drift


def test_without_a_file_is_what_the_rest_of_the_window_says(room: Any, live: Source) -> None:
    """April and May together, without May, are April."""
    both, april = ask(room, live, "2026-04-01..2026-05-31", "2026-04.csv")
    [found] = heat(room, both).brought_by
    may = found.files[0]
    assert may.file == "2026-05.csv"
    alone = heat(room, april).wasserstein
    assert alone is not None
    assert may.without == pytest.approx(alone.value, abs=1e-9)


def test_a_window_of_one_file_was_brought_by_that_file(room: Any, live: Source) -> None:
    [report] = ask(room, live, "2026-05.csv")
    [found] = heat(room, report).brought_by
    [file] = found.files
    assert (file.file, file.rows, file.effect, file.without, file.falls) == (
        "2026-05.csv",
        310,
        found.effect,
        None,
        None,
    )


def test_a_column_drifts_since_the_first_file_after_the_last_that_was_steady(room: Any, live: Source) -> None:
    reader = room.store.reader
    ask(room, live, "2026-05.csv")
    with room.store.write() as writing:
        writing.execute("DELETE FROM drift_report WHERE current <> '2026-05.csv'")
    [may] = [head.id for head in list_reports(reader, live.id)]
    assert drifting_since(reader, may, "heat") == Since("2026-05.csv", 1)
    assert drifting_since(reader, may, "kind") is None
    ask(room, live, "2026-02.csv", "2026-04.csv")
    assert drifting_since(reader, may, "heat") == Since("2026-05.csv", 1, "2026-04.csv")
    ask(room, live, "2026-03.csv")
    with room.store.write() as writing:  # March drifted too, April could not be told
        for month, verdict in (("2026-03.csv", "drift"), ("2026-04.csv", "cannot_tell")):
            writing.execute(
                "UPDATE drift_column SET verdict = ? WHERE name = 'heat' AND report_id IN"
                " (SELECT id FROM drift_report WHERE current = ?)",
                (verdict, month),
            )
    assert drifting_since(reader, may, "heat") == Since("2026-03.csv", 2, "2026-02.csv")


def test_a_chunk_goes_by_the_chunks_and_a_window_of_one_file_by_the_files(room: Any, live: Source) -> None:
    reader = room.store.reader
    months = ask(room, live, chunks="month")
    assert drifting_since(reader, months[4], "heat") == Since("period:2026-05", 1, "period:2026-04")
    ask(room, live, "2026-04.csv", "2026-05.csv")
    [one, several] = ask(room, live, "2026-05-01..2026-05-31", "2026-04-01..2026-06-30")
    assert drifting_since(reader, one, "heat") == Since("2026-05-01..2026-05-31", 1, "2026-04.csv")
    assert drifting_since(reader, several, "heat") is None


def test_a_file_without_the_column_is_missing_in_all_its_rows(room: Any) -> None:
    """It brings the missing share of the window, and nothing of its values."""
    root = room.root / "gaps"
    for month in (1, 2):
        write_month(root / f"2026-{month:02d}.csv", 2026, month)
    room.sources.add(root, name="gaps", role="live", time_column="at")
    room.scan()
    bare = [line.split(",") for line in (root / "2026-02.csv").read_text().splitlines()]
    (root / "2026-03.csv").write_text("\n".join(f"{line[0].replace('2026-02', '2026-03')},{line[2]}" for line in bare))
    room.scan()
    spec = {"source": "gaps", "reference_source": None, "reference": "2026-01.csv", "version_id": None}
    [report] = room.work("drift", **spec, current=["last:2"])["reports"]
    [found] = heat(room, report["id"]).brought_by
    assert found.measure == "missing"
    assert found.effect == pytest.approx(0.5)
    assert [(file.file, file.without) for file in found.files] == [("2026-03.csv", 0), ("2026-02.csv", 1)]
