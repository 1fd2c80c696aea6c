"""Where a run is from and what became of it, on work that was really done."""

from __future__ import annotations

from pathlib import Path

from mlops_tui.overview.lineage import UNKNOWN, lineage
from mlops_tui.presenters.runs import lineage_lines
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from tests.living import Living, houses


def test_a_trials_way_goes_from_its_source_to_what_its_model_predicted(tmp_path: Path) -> None:
    made = Living((tmp_path / "work").resolve())
    try:
        made.add("houses", houses(120), target="price", id_column="id")
        study, trials = made.tune("houses", trials=2, name="first", families=["ridge"])
        made.register(trials[1], "prices")
        asked = {"version": 1, "alias": "champion", "force": True, "why": "to see it"}
        (model,) = made.store.reader.execute("SELECT id FROM model").fetchone()
        made.do("promote", {"model": model, **asked})
        (version,) = made.store.reader.execute("SELECT id FROM model_version").fetchone()
        with made.store.write() as writing:
            for place in range(2):
                writing.execute(
                    "INSERT INTO prediction_batch (id, version_id, file_hash, file, rows, rejected, out, scores, at)"
                    " VALUES (?, ?, ?, 'f', 30, 0, 'o', '{}', ?)",
                    (f"P{place}", version, f"h{place}", f"2026-05-0{place + 1}T00:00:00Z"),
                )
        run = get_run(made.store.reader, trials[1].run_id)
        found = lineage(made.store.reader, run)
        assert (found.source, found.version, found.target) == ("houses", 1, "price")
        assert (found.study, found.trial) == (study.name, trials[1].number)
        [one] = found.models
        assert (one.model, one.version, one.aliases) == ("prices", 1, ("champion",))
        assert (one.files, one.rows, one.last) == (2, 60, "2026-05-02T00:00:00Z")
        words = {name: cell.text for name, cell in lineage_lines(found, 1_780_000_000.0)}
        assert words["source"] == "houses version 1, target price"
        assert words["study"] == f"first, trial {trials[1].number}"
        assert words["model"] == "prices version 1  champion"
        assert words["predicted"].startswith("2 files, 60 rows, the last ")
        other = lineage(made.store.reader, get_run(made.store.reader, trials[0].run_id))
        assert (other.source, other.models) == ("houses", ())
    finally:
        made.close()


def test_of_a_script_nothing_is_known_that_nobody_said(store: Store) -> None:
    log = RunLog(Store(store.workspace), *start_run(store, name="mine"))
    log.end()
    found = lineage(store.reader, get_run(store.reader, log.id))
    assert found == UNKNOWN
    assert lineage_lines(found, 0.0) == []
