"""A store whose profiles were made by an earlier revision goes on being of use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.data.arrival import place_of, ranks_of
from mlops_tui.data.engine.stored import merged
from mlops_tui.data.model import Source
from mlops_tui.data.profile_query import blocks_of
from mlops_tui.data.query import find_source, key_of, list_versions, present_files
from mlops_tui.data.service import Sources
from mlops_tui.monitoring.model import Tile
from mlops_tui.monitoring.query import heat_map
from mlops_tui.store.event import read_events
from mlops_tui.store.migrate import migrate
from mlops_tui.store.revision import VERSION_TABLE
from mlops_tui.store.store import Store, Writing

ADDED = {"source": ("exclude", "snapshot", "accepted"), "source_file": ("bad_rows", "released", "ctime_ns")}
ADDED |= {"profile_block": ("row_hashes", "comoments"), "study": ("weight", "space", "pruner")}
ADDED["study"] += ("trial_timeout", "trial_memory", "ensemble", "script", "objectives", "warm_start", "split", "parent")
ADDED |= {"job_worker": ("fault",)}
OF_PREDICTIONS = {"source": ("slices", "predict_with", "predict_to", "predict_after", "matures_after")}
OF_PREDICTIONS |= {"prediction_batch": ("aside", "threshold", "threshold_of", "findings", "shadow", "log")}
ADDED_TO_RUN = ("parent", "job_id", "command", "script", "script_hash", "commit_hash", "branch", "is_dirty")
ADDED |= {"model_version": ("format", "file", "answers")}
ADDED |= {"source_version": ("options", "kinds", "time_column")}
ADDED_TO_DRIFT = {"drift_report": ("unit", "place", "first_at", "last_at", "notes", "multivariate", "asked")}
SLICED = ("profile_slice", "slice_report", "slice_drift")
ADDED_TO_DRIFT |= {"drift_column": ("verdict", "measure", "effect")}
TABLES = (
    "alert",
    "alert_delivery",
    "alert_mute",
    "quality_chunk",
    "column_importance",
    "pinned_reference",
    "champion_outcome",
    "file_finding",
    "bad_row",
    "profile_rejects",
    "version_tag",
    "study_finalist",
    "study_analysis",
    "study_hidden",
    *SLICED,
)
ADDED_TO_GATES = {
    "gate_result": ("on_cannot_tell", "asking"),
    "model_version": ("card", "note", "parent", "window", "held_out"),
}
ADDED_TO_GATES |= {"study": ("window",)}
ADDED |= {"study_trial": ("cpu_seconds", "predict_seconds", "peak_bytes", "objective_values", "attributes")}


def take_away_origins(writing: Writing) -> None:
    """As runs were before they knew what they came from."""
    writing.execute("DROP TABLE run_input")
    writing.execute("DROP INDEX ix_run_parent")
    writing.execute("DROP INDEX ix_run_job_id")
    for column in ADDED_TO_RUN:
        writing.execute(f"ALTER TABLE run DROP COLUMN {column}")


ADDED_TABLES = ("alert_delivery", "alert_mute", "quality_chunk", "column_importance", *SLICED)
"""Those that came after references were pinned."""


def take_away_gates(writing: Writing) -> None:
    """As models were before several gates were asked together, and before they had cards."""
    writing.execute("DROP TABLE model_version_tag")
    for table, columns in ADDED_TO_GATES.items():
        for column in columns:
            writing.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def take_away_logs(writing: Writing) -> None:
    """As batches of predictions were before they left a log."""
    for table, columns in OF_PREDICTIONS.items():
        for column in columns:
            writing.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def take_away_histories(writing: Writing) -> None:
    """As reports of drift were before they were of chunks of a history."""
    for index in ("ix_drift_report_place", "ix_drift_column_tile"):
        writing.execute(f"DROP INDEX {index}")
    for table, columns in ADDED_TO_DRIFT.items():
        for column in columns:
            writing.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


@pytest.fixture
def source(store: Store, sources: Sources, folder: Path, scan: Callable[..., Any]) -> Source:
    """A source with one file, in a store as the second revision left it."""
    (folder / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(50)))
    sources.add(folder, name="s")
    scan()
    with store.write() as writing:
        for table in TABLES:
            writing.execute(f"DROP TABLE {table}")
        take_away_gates(writing)
        for table, columns in ADDED.items():
            for column in columns:
                writing.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        take_away_origins(writing)
        take_away_logs(writing)
        take_away_histories(writing)
        writing.execute("UPDATE profile_column SET payload = CAST('P1' AS BLOB)")
        writing.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0002'")
    migrate(store.workspace.store)
    return find_source(store.reader, "s")


def test_its_files_are_profiled_anew_by_the_next_scan_and_make_no_version(
    store: Store, source: Source, scan: Callable[..., Any]
) -> None:
    [file] = present_files(store.reader, source.id).values()
    assert blocks_of(store.reader, [key_of(source, file)]) == []
    scan()
    [block] = blocks_of(store.reader, [key_of(source, file)])
    assert block.rows == 50
    assert [version.number for version in list_versions(store.reader, source.id)] == [1]


def test_profiles_of_the_format_before_are_made_anew_without_a_word(
    store: Store, sources: Sources, folder: Path, scan: Callable[..., Any]
) -> None:
    (folder / "a.csv").write_text("x,y\n" + "".join(f"{i},{i % 3}\n" for i in range(500)) + "late,1\n")
    sources.add(folder, name="s")
    scan()
    with store.write() as writing:
        for table in ("profile_block", "profile_column", "profile_rejects", "bad_row"):
            writing.execute(f"UPDATE {table} SET key = 'older' || key")
        writing.execute("UPDATE profile_column SET payload = CAST('P2' AS BLOB)")
        for column in ("warm_start", "split", "parent"):
            writing.execute(f"ALTER TABLE study DROP COLUMN {column}")
        for table in ("study_hidden", "alert", "champion_outcome", "pinned_reference", *ADDED_TABLES):
            writing.execute(f"DROP TABLE {table}")
        writing.execute("ALTER TABLE source_file DROP COLUMN ctime_ns")
        for column in ADDED["model_version"]:
            writing.execute(f"ALTER TABLE model_version DROP COLUMN {column}")
        take_away_origins(writing)
        take_away_gates(writing)
        take_away_logs(writing)
        take_away_histories(writing)
        writing.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0012'")
    events = len(read_events(store.reader, limit=100))
    migrate(store.workspace.store)
    told = scan()
    assert (told["version"], told["taken"], told["trouble"]) == (1, 0, None)
    source = find_source(store.reader, "s")
    [file] = present_files(store.reader, source.id).values()
    assert merged(store.reader, [key_of(source, file)], ["x"]).rows == file.rows
    assert [version.number for version in list_versions(store.reader, source.id)] == [1]
    assert len(read_events(store.reader, limit=100)) == events
    left = store.reader.execute("SELECT count(*) FROM profile_block WHERE key LIKE 'older%'").fetchone()
    assert left == (0,)


def test_reports_of_drift_that_were_kept_before_have_their_place_and_their_verdicts(
    store: Store, sources: Sources, folder: Path, scan: Callable[..., Any]
) -> None:
    """A report of a file stands where that file came; one of another window is of no chunk."""
    (folder / "a.csv").write_text("x\n" + "".join(f"{i}\n" for i in range(50)))
    source = sources.add(folder, name="s")
    scan()
    moved, apart = (
        json.dumps({name: {"value": value}}) for name, value in (("wasserstein", 2.5), ("jensen_shannon", 0.5))
    )
    told = ((1, "moved", moved), (0, "steady", apart), (None, "cannot tell: few", "{}"), (None, "ignored", "{}"))
    with store.write() as writing:
        take_away_histories(writing)
        writing.execute("ALTER TABLE source DROP COLUMN matures_after")
        writing.execute("ALTER TABLE model_version DROP COLUMN answers")
        for table in ("pinned_reference", *ADDED_TABLES):
            writing.execute(f"DROP TABLE {table}")
        for report, current in (("R1", "a.csv"), ("R2", "last:2")):
            writing.execute(
                "INSERT INTO drift_report (id, source_id, reference, current, drift, reference_rows, current_rows, why, at)"
                " VALUES (?, ?, 'training', ?, 1, 50, 50, '', '')",
                (report, source.id, current),
            )
        for position, (drift, why, payload) in enumerate(told):
            writing.execute(
                "INSERT INTO drift_column (report_id, position, name, kind, drift, why, payload)"
                " VALUES ('R1', ?, ?, 'numeric', ?, ?, ?)",
                (position, f"x{position}", drift, why, payload),
            )
        writing.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0022'")
    migrate(store.workspace.store)
    [chunk] = heat_map(store.reader, source.id, "training").chunks
    assert (chunk.report_id, chunk.current, chunk.first) == ("R1", "a.csv", None)
    tiles = [line[0] for line in heat_map(store.reader, source.id, "training").tiles]
    assert tiles == [
        Tile("drift", "wasserstein", 2.5),
        Tile("steady", "jensen_shannon", 0.5),
        Tile("cannot_tell", None, None),
        Tile("not_compared", None, None),
    ]
    places = dict(store.reader.execute("SELECT id, place FROM drift_report").fetchall())
    files = list(present_files(store.reader, source.id).values())
    [rank] = ranks_of(store.reader, source.id, files).values()
    assert places == {"R1": place_of(rank), "R2": ""}
