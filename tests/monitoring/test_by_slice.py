"""Drift by slice: from stored slices or from the files, with what drifts in a slice alone first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import DataError, UnknownColumn, UsageError
from mlops_tui.data.columns import ColumnChange
from mlops_tui.data.curation import Curation
from mlops_tui.data.query import find_source
from mlops_tui.data.slices import MISSING, VALUE, SliceName
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.query import get_report, list_reports
from mlops_tui.monitoring.service import Monitoring
from mlops_tui.monitoring.slice_query import get_slices, slices_of
from mlops_tui.monitoring.slices import Asked, SliceReport, parse_slice
from tests.monitoring.conftest import Room

PLACES = ("north", "south", "east")


def rows(count: int, seed: int, **moved: float) -> pd.DataFrame:
    """Rows of places; `moved` adds to the number `x` of those of a place."""
    draw = np.random.default_rng(seed)
    place = draw.choice(PLACES, count, p=[0.45, 0.45, 0.1])
    frame = pd.DataFrame(
        {
            "place": place,
            "team": draw.choice(["a", "b"], count),
            "level": draw.integers(1, 4, count),
            "x": draw.normal(0, 1, count),
            "y": draw.lognormal(0, 1, count),
            "kind": draw.choice(list("pqr"), count),
        }
    )
    for name, by in moved.items():
        frame.loc[frame["place"] == name, "x"] += by
    return frame


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """A training source of twelve files, both sources kept by place; of the live files one moved in a place alone."""
    room = Room(tmp_path_factory.mktemp("slices"))
    for name in ("old", "live"):
        (room.root / name).mkdir()
    for part in range(12):
        rows(1_000, part).to_csv(room.root / "old" / f"{part:02d}.csv", index=False)
    calm, moved = rows(2_000, 100), rows(2_000, 101, east=0.8)
    others = rows(2_000, 102)
    others = pd.concat([others[others["place"] != "east"], rows(300, 103).assign(place="west")])
    few = rows(400, 104)
    few = pd.concat([few[few["place"] != "east"], few[few["place"] == "east"].head(6)])
    files = {"calm": calm, "moved": moved, "others": others, "few": few, "none": rows(500, 105).assign(place=None)}
    for name, frame in files.items():
        frame.to_csv(room.root / "live" / f"{name}.csv", index=False)
    room.sources.add(room.root / "old", name="old")
    room.sources.add(room.root / "live", name="live", role="live")
    for name in ("old", "live"):
        room.sources.change(name, slices=["place"])
    room.scan()
    yield room
    room.store.close()


def plan(room: Room, file: str, sliced: str, **more: Any) -> dict[str, Any]:
    asked = {"reference": None, "training": "old"} | more
    _, spec = Monitoring(room.store, Jobs(room.store)).plan("live", current=[file], sliced=sliced, **asked)
    return spec


def ask(room: Room, file: str, sliced: str, **more: Any) -> SliceReport:
    [report] = room.work("drift", **plan(room, file, sliced, **more))["reports"]
    return get_slices(room.store.reader, report["sliced"])


def forget(room: Room) -> None:
    """As if nothing had been told by slice yet."""
    with room.store.write() as writing:
        writing.execute("DELETE FROM slice_report")
        writing.execute("DELETE FROM slice_drift")


def names(found: SliceReport) -> list[str]:
    return [one.name.label for one in found.slices]


def test_a_column_that_moves_in_one_slice_alone_is_found_and_comes_first(made: Room) -> None:
    """In the whole it moved by less than the floor; no other slice and no other column is called a drift."""
    found = ask(made, "moved.csv", "place")
    assert [column.drift for column in whole(made, found).columns if column.name == "x"] == [False]
    first = found.slices[0]
    assert (first.name, first.drift, first.alone) == (SliceName(VALUE, "east"), True, ("x",))
    assert [column.name for column in first.drifting] == ["x"]
    assert first.why == "1 of 5 columns drifts, and in the whole does not: x"
    assert [one.drift for one in found.slices[1:]] == [False, False]
    assert found.drift is True
    assert found.why == "1 of 3 slices by place has columns that drift; in a slice alone: east (x)"
    [column] = [column for column in first.columns if column.name == "x"]
    assert column.wasserstein is not None
    assert column.wasserstein.value == pytest.approx(0.8, abs=0.2)
    assert "Benjamini–Hochberg at 0.5% over 15 tests" in column.why
    assert column.histogram is not None
    assert all(other.histogram is None for other in first.columns if not other.drift)


def whole(room: Room, found: SliceReport) -> Any:
    return get_report(room.store.reader, found.report_id)


def test_rows_and_shares_of_the_slices_are_those_of_the_windows(made: Room) -> None:
    found = ask(made, "calm.csv", "place")
    frame = pd.read_csv(made.root / "live" / "calm.csv")
    assert {one.name.value: one.current_rows for one in found.slices} == frame["place"].value_counts().to_dict()
    assert sum(one.reference_rows for one in found.slices) == 12_000
    for side in (0, 1):
        assert sum(one.shares[side] for one in found.slices) == pytest.approx(1)
    assert found.drift is False
    assert found.why == "no column drifts in any of 3 slices by place"


def test_no_file_is_read_where_the_column_is_declared(made: Room) -> None:
    """The files are gone, and it is told all the same; of another column it says which file it would need."""
    away = made.root / "away"
    forget(made)
    shutil.move(made.root / "old", away)
    try:
        found = ask(made, "calm.csv", "place")
        assert (found.files_read, found.notes) == (0, ())
        with pytest.raises(DataError, match=r"00\.csv, which is in version 1 of source 'old', is gone"):
            ask(made, "calm.csv", "team")
    finally:
        shutil.move(away, made.root / "old")


def test_another_column_is_told_from_the_files_which_is_said_with_the_way_to_declare_it(made: Room) -> None:
    found = ask(made, "calm.csv", "team")
    assert names(found) == ["b", "a"] or names(found) == ["a", "b"]
    assert found.files_read == 13
    assert found.notes == (
        "13 files of old and live were read, since team is not declared there; to have it kept by slice:"
        " mlops-tui data options old --slice place --slice team"
        " and mlops-tui data options live --slice place --slice team",
    )
    count = "SELECT count(*) FROM profile_slice WHERE by_column = 'team'"
    assert made.store.reader.execute(count).fetchone() == (0,)


def test_both_ways_come_to_the_same(made: Room) -> None:
    """What is read for one question is compared as what is kept."""
    kept = ask(made, "moved.csv", "place")
    made.sources.change("old", slices=[])
    made.sources.change("live", slices=[])
    with made.store.write() as writing:
        stored = writing.execute("SELECT * FROM profile_slice").fetchall()
        writing.execute("DELETE FROM profile_slice")
    forget(made)
    read = ask(made, "moved.csv", "place")
    with made.store.write() as writing:
        for row in stored:
            writing.execute(f"INSERT INTO profile_slice VALUES ({', '.join('?' * len(row))})", row)
    forget(made)
    for name in ("old", "live"):
        made.sources.change(name, slices=["place"])
    assert (kept.files_read, read.files_read) == (0, 13)
    assert read.slices == kept.slices


def test_slices_that_are_new_or_gone_say_so(made: Room) -> None:
    found = ask(made, "others.csv", "place")
    west, east = found.slice(SliceName(VALUE, "west")), found.slice(SliceName(VALUE, "east"))
    assert west is not None
    assert east is not None
    assert (west.drift, west.why) == (None, "new: 14.3% of the current rows, none of the reference")
    assert east.why.startswith("gone: 9.")
    assert (west.columns, east.columns) == ((), ())
    assert "; new: west (14.3%); gone: east (" in found.why


def test_a_slice_of_too_few_rows_cannot_be_told(made: Room) -> None:
    found = ask(made, "few.csv", "place")
    east = found.slice(SliceName(VALUE, "east"))
    assert east is not None
    assert east.drift is None
    assert east.why == f"cannot tell: {east.reference_rows:,} against 6 rows, 30 against 10 are needed"
    assert names(found)[-1] == "east"


def test_rows_without_a_value_are_a_slice_of_their_own(made: Room) -> None:
    found = ask(made, "none.csv", "place")
    one = found.slice(SliceName(MISSING))
    assert one is not None
    assert (one.current_rows, one.reference_rows) == (500, 0)
    assert one.why.startswith("new: 100.0%")
    assert found.drift is None
    assert found.why.startswith("no slice by place could be compared")


def test_one_value_alone_is_judged_by_itself(made: Room) -> None:
    found = ask(made, "moved.csv", "place=east")
    assert names(found) == ["east"]
    assert (found.value, found.drift, found.slices[0].alone) == ("east", True, ("x",))
    assert "over 5 tests" in found.slices[0].drifting[0].why
    number = ask(made, "calm.csv", "level=2.0")
    assert (number.value, number.kind) == ("2", "integer")
    frame = pd.read_csv(made.root / "live" / "calm.csv")
    assert number.slices[0].current_rows == int((frame["level"] == 2).sum())


def test_it_is_made_once_and_anew_where_a_file_holds_something_else(made: Room) -> None:
    """Asking for the whole again in between changes nothing; a report's slices go with what it was of."""
    ask(made, "calm.csv", "team")
    first = ask(made, "calm.csv", "place")
    [again] = made.work("drift", **plan(made, "calm.csv", "place"))["reports"]
    assert again["sliced"] == first.id
    assert slices_of(made.store.reader, again["id"], Asked("place")) is not None
    assert slices_of(made.store.reader, again["id"], Asked("team")) is not None
    rows(2_000, 200).to_csv(made.root / "live" / "calm.csv", index=False)
    made.scan()
    [other] = made.work("drift", **plan(made, "calm.csv", "place"))["reports"]
    assert other["sliced"] != first.id
    assert slices_of(made.store.reader, other["id"], Asked("team")) is None
    left = "SELECT count(*) FROM slice_drift WHERE slices_id NOT IN (SELECT id FROM slice_report)"
    assert made.store.reader.execute(left).fetchone() == (0,)


def test_a_report_that_is_there_is_told_by_slice_without_another_one(made: Room) -> None:
    found = ask(made, "moved.csv", "place")
    before = [head.id for head in list_reports(made.store.reader)]
    spec = plan(made, "moved.csv", "team") | {"report": found.report_id}
    [report] = made.work("drift", **spec)["reports"]
    assert report["id"] == found.report_id
    assert [head.id for head in list_reports(made.store.reader)] == before
    assert slices_of(made.store.reader, found.report_id, Asked("team")) is not None


def test_what_makes_no_slices_is_refused_in_a_sentence_before_a_job_is_started(made: Room, tmp_path: Path) -> None:
    with pytest.raises(UnknownColumn, match="Source 'live' has no column 'palce'") as error:
        plan(made, "calm.csv", "palce")
    assert error.value.remedy == "Name one of: place, team, kind, level."
    with pytest.raises(UsageError, match="'x' has too many values to be sliced by") as refused:
        plan(made, "calm.csv", "x")
    assert "--slice x=VALUE" in refused.value.remedy
    with pytest.raises(UsageError, match="No row has the value 'nrth' in column 'place'"):
        plan(made, "calm.csv", "place=nrth")
    with pytest.raises(UsageError, match="'two' is no number"):
        plan(made, "calm.csv", "level=two")
    with pytest.raises(UsageError, match="A history is not told by slice"):
        plan(made, "calm.csv", "place", chunks="file")
    with pytest.raises(UsageError, match="names no slice"):
        plan(made, "calm.csv", "place=")


def test_a_reference_without_the_column_or_with_another_kind_of_it_is_said(made: Room) -> None:
    folder = made.root / "strange"
    folder.mkdir()
    rows(300, 7).drop(columns=["place", "level"]).assign(level=[f"l{i % 3}" for i in range(300)]).to_csv(
        folder / "a.csv", index=False
    )
    made.sources.add(folder, name="strange")
    made.scan()
    with pytest.raises(UsageError, match="Source 'strange', the reference, has no column 'place'"):
        plan(made, "calm.csv", "place", training="strange")
    with pytest.raises(
        UsageError, match="Column 'level' is category in source 'strange' and integer in 'live'"
    ) as error:
        plan(made, "calm.csv", "level", training="strange")
    assert error.value.remedy == "Have both be read alike: mlops-tui data schema live --kind level=category"


def test_files_that_lack_the_column_are_told_with_their_rows_in_the_slice_without_a_value(made: Room) -> None:
    folder = made.root / "grown"
    folder.mkdir()
    rows(400, 8).to_csv(folder / "b.csv", index=False)
    made.sources.add(folder, name="grown")
    made.scan()
    Curation(made.store).change_columns("grown", ColumnChange(optional=("place",)))
    made.scan()
    rows(400, 9).drop(columns="place").to_csv(folder / "a.csv", index=False)
    rows(400, 10).to_csv(folder / "c.csv", index=False)
    made.scan()
    spec = {"source": find_source(made.store.reader, "grown").id, "reference_source": None, "reference": "v2"}
    spec |= {"current": ["c.csv"], "version_id": None, "slice": {"by": "place", "value": None}}
    [report] = made.work("drift", **spec)["reports"]
    found = get_slices(made.store.reader, report["sliced"])
    gone = found.slice(SliceName(MISSING))
    assert gone is not None
    assert gone.reference_rows == 400
    assert gone.why.startswith("gone: ")
    assert any("of grown has no column place, so their rows have no value" in note for note in found.notes)


def test_a_column_is_named_before_one_of_its_values() -> None:
    assert parse_slice("a=b", ["a=b"]) == Asked("a=b")
    assert parse_slice("a=b=c", ["a=b"]) == Asked("a=b", "c")
    assert parse_slice("a=b=c", ["a"]) == Asked("a", "b=c")
    assert parse_slice("a", []) == Asked("a")
    with pytest.raises(UsageError):
        parse_slice("=c", [])
