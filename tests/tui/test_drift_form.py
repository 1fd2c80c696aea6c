"""The form of a comparison: one window or the whole history, against any reference, which may be pinned."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from mlops_tui.bootstrap import Services
from mlops_tui.jobs.query import list_jobs
from mlops_tui.monitoring.query import get_report, heat_map, list_reports, pinned
from mlops_tui.monitoring.slice_query import slices_of
from mlops_tui.monitoring.slices import Asked
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.new_drift import DriftForm
from tests.processes import processes_of, wait_for
from tests.tui.seeing import SIZES, fill_form, look, looks_as_kept, until_seen, words_of


async def opened(pilot: Pilot[None]) -> DriftForm:
    await look(pilot, "7")
    await until_seen(pilot, "Drift of months against training")
    await look(pilot, "n")
    form = pilot.app.screen
    assert isinstance(form, DriftForm)
    return form


def source_id(services: Services, name: str = "months") -> str:
    return str(services.store.reader.execute("SELECT id FROM source WHERE name = ?", (name,)).fetchone()[0])


@pytest.mark.parametrize("size", SIZES)
async def test_the_form_asks_for_windows_and_says_the_command(seen_loans: Services, size: tuple[int, int]) -> None:
    """Rows a chunk are asked for beside chunks of rows alone."""
    app = MlopsApp(seen_loans)
    async with app.run_test(size=size) as pilot:
        form = await opened(pilot)
        assert "Rows a chunk" not in words_of(app)
        assert "mlops-tui drift months" in words_of(app)
        await looks_as_kept(pilot, f"drift-form-{size[0]}x{size[1]}")
        form.query_one("#field-sliced", Input).value = "channel=broker"
        await until_seen(pilot, "mlops-tui drift months --slice channel=broker")
        form.query_one("#field-chunks").value = "each N rows"  # type: ignore[attr-defined]
        await until_seen(pilot, "mlops-tui drift months --chunks 10000", "Rows a chunk")
        assert "Window" not in words_of(app).replace("A window", "").replace("Compare windows", "")
        form.query_one("#field-chunks").value = "each month"  # type: ignore[attr-defined]
        form.query_one("#field-reference", Input).value = "rolling:2"
        await until_seen(pilot, "mlops-tui drift months --chunks month --reference rolling:2")


async def test_a_history_by_file_against_what_came_before_is_compared_from_the_form(loans: Services) -> None:
    """The files that have none before them are left out."""
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await fill_form(pilot, chunks="each file", reference="rolling:1")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "Drift of months against rolling:1")
    found = heat_map(loans.store.reader, source_id(loans), "rolling:1")
    assert [chunk.current for chunk in found.chunks] == ["2026-02.csv", "2026-03.csv", "2026-04.csv"]
    wait_for(lambda: not processes_of(root))


@pytest.mark.slow
async def test_all_columns_at_once_and_a_slice_are_asked_for_with_the_window(loans: Services) -> None:
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=(160, 50)) as pilot:
        form = await opened(pilot)
        form.query_one("#field-together").value = "all of them at once too"  # type: ignore[attr-defined]
        await until_seen(pilot, "mlops-tui drift months --multivariate")
        await fill_form(pilot, sliced="channel")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
    report = list_reports(loans.store.reader, source_id(loans), limit=1)[0]
    assert get_report(loans.store.reader, report.id).multivariate is not None
    told = slices_of(loans.store.reader, report.id, Asked("channel", None))
    assert told is not None
    assert {one.name.label for one in told.slices} == {"online", "branch", "broker", "(no value)"}
    wait_for(lambda: not processes_of(root))


@pytest.mark.slow
async def test_a_window_that_was_rounded_says_so_beside_each_of_its_columns(loans: Services) -> None:
    """Two thirds of the second file are among the rows that were asked for."""
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=(160, 50)) as pilot:
        await opened(pilot)
        await fill_form(pilot, current="rows:1..500", reference="2026-03.csv")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "rows:1..500 · 600 rows", "rounded to whole blocks: 100 rows more are in it")
    wait_for(lambda: not processes_of(root))


async def test_a_reference_is_pinned_and_let_go_of_from_the_form(loans: Services) -> None:
    """Then it is what an empty field means, and the command says so; one whose file is gone can be let go of too."""
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24)) as pilot:
        form = await opened(pilot)
        form.query_one("#field-reference", Input).value = "2026-01.csv"
        form.query_one("#field-pin").value = "yes, from now on"  # type: ignore[attr-defined]
        await until_seen(pilot, "--pin 2026-01.csv && mlops-tui drift months")
        await fill_form(pilot, current="2026-02.csv")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        kept = pinned(loans.store.reader, source_id(loans))
        assert kept is not None
        assert kept.reference == "2026-01.csv"
        await until_seen(pilot, "Drift of months against 2026-01.csv")
        await look(pilot, "n")
        await until_seen(pilot, "2026-01.csv, pinned")
        (loans.workspace.root / "months" / "2026-01.csv").unlink()
        loans.jobs.wait(loans.jobs.start("scan", "scan", {"sources": None}))
        await fill_form(pilot, current="2026-02.csv", pin="let go of the pinned one")
        wait_for(lambda: [job.kind for job in list_jobs(loans.store.reader) if job.state == "done"].count("drift") >= 3)
        assert pinned(loans.store.reader, source_id(loans)) is None
    wait_for(lambda: not processes_of(root))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"chunks": "each month"}, "no time column, so no chunks by month"),
        ({"chunks": "each N rows", "size": "20"}, "Say --chunks 300."),
        ({"chunks": "each N rows", "size": "some"}, "A whole number from 1 on is needed."),
        ({"reference": "rolling:7"}, "'rolling:7' needs 7"),
        ({"reference": "last:2", "pin": "yes, from now on"}, "cannot be pinned"),
        ({"pin": "yes, from now on"}, "Say what is to be pinned."),
        ({"sliced": "colour"}, "colour"),
        ({"pin": "let go of the pinned one"}, "None is pinned."),
    ],
)
async def test_what_cannot_be_meant_is_said_beside_its_field(
    seen_loans: Services, values: dict[str, str], words: str
) -> None:
    app = MlopsApp(seen_loans)
    async with app.run_test(size=(80, 40)) as pilot:
        await opened(pilot)
        before = len(list_jobs(seen_loans.store.reader))
        await fill_form(pilot, **values)
        assert words in words_of(app)
        assert len(list_jobs(seen_loans.store.reader)) == before
