"""All columns at once, in the drift job: what is kept of it, what it is to the exit code and to alerts, and what cannot be told."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_tui.core.errors import UsageError
from mlops_tui.data.model import Source
from mlops_tui.data.query import find_source, get_source
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.alert_query import list_alerts
from mlops_tui.monitoring.engine.multivariate import common
from mlops_tui.monitoring.model import DriftReport
from mlops_tui.monitoring.multivariate import Classified, Fall, LeftOut, Multivariate, Reconstructed
from mlops_tui.monitoring.query import get_report, heat_map, list_reports, multivariate_of
from mlops_tui.monitoring.service import Monitoring
from tests.monitoring.conftest import Room


def write_rows(path: Path, rows: int, seed: int, *, apart: bool = False) -> None:
    """Rows of which x and y hang together, or do not; by itself each is as it was."""
    draw = random.Random(seed)
    lines = ["id,at,x,y,z,city,note"]
    for row in range(rows):
        x, other = draw.gauss(0, 1), draw.gauss(0, 1)
        y = other if apart else 0.9 * x + 0.19**0.5 * other
        note = "a word " * draw.randint(1, 30) + f"{seed} {row}"
        cells = (f"R{seed}-{row}", f"2026-01-{1 + row % 28:02d}", f"{x:.5f}", f"{y:.5f}", draw.gauss(0, 1))
        lines.append(",".join(map(str, (*cells, draw.choice("ABB"), note))))
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def live(room: Room) -> Source:
    write_rows(room.root / "learnt.csv", 2_000, 1)
    write_rows(room.root / "live" / "1.csv", 1_500, 2)
    write_rows(room.root / "live" / "2.csv", 1_500, 3, apart=True)
    write_rows(room.root / "live" / "3.csv", 40, 4)
    told = {"id_column": "id", "time_column": "at"}
    room.sources.add(room.root / "learnt.csv", name="learnt", **told)
    added = room.sources.add(room.root / "live", name="live", role="live", **told)
    room.scan()
    return get_source(room.store.reader, added.id)


def ask(room: Room, live: Source, *current: str, **more: Any) -> list[dict[str, Any]]:
    spec = {"source": live.id, "reference_source": None, "reference": "training", "version_id": None}
    found: list[dict[str, Any]] = room.work("drift", **{**spec, "current": current, "multivariate": True, **more})[
        "reports"
    ]
    return found


def test_a_window_whose_columns_hang_together_otherwise_drifts_though_no_column_does(room: Room, live: Source) -> None:
    """Both figures say so, and name the columns; the window before is steady."""
    steady, apart = ask(room, live, "1.csv", "2.csv")
    assert (steady["drift"], steady["multivariate"]["drift"]) == (False, False)
    assert not any(column["drift"] for column in apart["columns"])
    assert apart["drift"] is True
    found = apart["multivariate"]
    assert (found["classifier"]["drift"], found["reconstruction"]["drift"]) == (True, True)
    assert {one["name"] for one in found["classifier"]["columns"]} == {"x", "y"}
    assert found["classifier"]["why"].endswith(("most by x, y", "most by y, x"))
    assert list(found["columns"]) == ["x", "y", "z", "city", "note"]
    json.dumps(apart, allow_nan=False)


def test_it_is_kept_with_the_report_and_counts_on_the_time_line(room: Room, live: Source) -> None:
    (report,) = ask(room, live, "2.csv")
    kept = get_report(room.store.reader, report["id"])
    assert kept == DriftReport.from_json(json.loads(json.dumps(report)))
    assert kept.multivariate == multivariate_of(room.store.reader, report["id"])
    head = next(one for one in list_reports(room.store.reader, live.id) if one.id == report["id"])
    assert head.drift is True
    assert head.why.startswith(
        "none of 5 columns drifts, and all columns at once tell the windows apart (a classifier and reconstruction); against 2,000"
    )
    (chunk,) = [one for one in heat_map(room.store.reader, live.id, "training").chunks if one.current == "2.csv"]
    assert chunk.drift is True


def test_where_it_is_not_asked_for_nothing_is_read_and_nothing_said(room: Room, live: Source) -> None:
    (report,) = ask(room, live, "2.csv", multivariate=False)
    assert (report["multivariate"], report["drift"]) == (None, False)
    assert multivariate_of(room.store.reader, report["id"]) is None


def test_it_raises_no_alert_by_itself(room: Room, live: Source) -> None:
    (report,) = ask(room, live, "2.csv", watched=True)
    assert report["drift"] is True
    assert list_alerts(room.store.reader) == []


def test_it_is_asked_for_of_a_report_that_is_there(room: Room, live: Source) -> None:
    """The same windows, whatever has come since; the report takes the place of the one before."""
    (report,) = ask(room, live, "last:1", multivariate=False, reference="1.csv", pinned=True)
    assert report["current"] == "3.csv"
    write_rows(room.root / "live" / "4.csv", 60, 5)
    room.scan()
    monitoring = Monitoring(room.store, Jobs(room.store))
    with pytest.raises(UsageError, match="There is no drift report"):
        monitoring.start_multivariate("nothing")
    spec = monitoring.multivariate_plan(report["id"])[1]
    (again,) = room.work("drift", **spec)["reports"]
    assert (again["current"], again["reference"], again["notes"]) == ("3.csv", "1.csv", ["reference: pinned"])
    assert again["multivariate"]["drift"] is None
    assert multivariate_of(room.store.reader, report["id"]) is None


def test_of_an_older_report_the_labels_tell_its_windows_or_nothing_does(room: Room, live: Source) -> None:
    """It was not kept how they were asked for; the words for another source's version are none for a window."""
    learnt = find_source(room.store.reader, "learnt")
    (known,) = ask(room, live, "1.csv", multivariate=False)
    (unknown,) = ask(room, live, "1.csv", multivariate=False, reference="v1", reference_source=learnt.id)
    assert unknown["reference"] == "learnt v1"
    with room.store.write() as writing:
        writing.execute("UPDATE drift_report SET asked = NULL")
    monitoring = Monitoring(room.store, Jobs(room.store))
    spec = monitoring.multivariate_plan(known["id"])[1]
    assert (spec["reference"], spec["current"], spec["watched"]) == ("training", ["1.csv"], False)
    with pytest.raises(UsageError, match=r"It is not known any more what 1\.csv was compared with\."):
        monitoring.start_multivariate(unknown["id"])


def test_chunks_are_compared_at_once_too(room: Room, live: Source) -> None:
    spec = {"source": live.id, "reference_source": None, "reference": "training", "current": [], "version_id": None}
    told = room.work("drift", **spec, chunks="file", multivariate=True)
    found = [get_report(room.store.reader, one) for one in told["chunks"]]
    verdicts = {one.current: one.multivariate.drift for one in found if one.multivariate is not None}
    assert {"1.csv": False, "2.csv": True, "3.csv": None}.items() <= verdicts.items()


def test_too_few_rows_and_files_that_are_gone_cannot_be_told(room: Room, live: Source) -> None:
    (few,) = ask(room, live, "3.csv")
    found = few["multivariate"]
    assert found["classifier"]["why"] == "cannot tell, because the window has 40 rows, and 50 are needed"
    assert found["reconstruction"]["why"] == "cannot tell, because the window has 40 rows, and 50 are needed"
    assert (found["drift"], few["drift"]) == (None, False)
    path = room.root / "live" / "1.csv"
    before = path.read_bytes()
    path.unlink()
    try:
        (gone,) = ask(room, live, "1.csv")
    finally:
        path.write_bytes(before)
    why = gone["multivariate"]["classifier"]["why"]
    assert why.startswith("cannot tell, because rows cannot be read any more: 1.csv, which is in version")
    assert gone["drift"] is False


def test_columns_that_are_not_alike_are_left_out_with_the_reason() -> None:
    ours = {"id": "identifier", "a": "numeric", "b": "integer", "c": "category", "t": "date-time", "y": "numeric"}
    theirs = {"id": "identifier", "a": "integer", "b": "category", "d": "text", "t": "date-time"}
    assert common(ours, theirs, {"y"}) == (
        ("a",),
        (
            LeftOut("b", "it is integer in the reference and category in the window"),
            LeftOut("c", "only the reference has it"),
            LeftOut("d", "only the window has it"),
        ),
    )
    assert common({"a": "numeric"}, {"b": "numeric"}, ())[0] == ()


FIGURE = st.none() | st.floats(allow_nan=False, allow_infinity=False)
COUNT = st.none() | st.integers(0, 10_000)
VERDICT = st.none() | st.booleans()


@given(
    st.builds(
        Multivariate,
        st.builds(
            Classified,
            VERDICT,
            st.text(),
            FIGURE,
            FIGURE,
            COUNT,
            st.tuples(st.builds(Fall, st.text(), st.floats(0, 1))),
        ),
        st.builds(Reconstructed, VERDICT, st.text(), *[FIGURE] * 5, *[COUNT] * 4, FIGURE),
        st.tuples(st.text()),
        st.tuples(st.builds(LeftOut, st.text(), st.text())),
        st.tuples(st.text()),
    )
)
def test_what_is_found_comes_back_from_json_whole(found: Multivariate) -> None:
    assert Multivariate.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    told = {found.classifier.drift, found.reconstruction.drift}
    assert found.drift is (True if True in told else False if False in told else None)
