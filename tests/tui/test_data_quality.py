"""Checks, and the files that they quarantine: seen, accepted, held against again and let in by keys alone."""

from __future__ import annotations

import time
from dataclasses import fields

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.data.checkfile import place
from mlops_tui.data.model import BadRow, FileFinding, Rejects
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.query import find_source, present_files
from mlops_tui.jobs.query import list_jobs
from mlops_tui.presenters.checks import check_line, checked_words
from mlops_tui.presenters.files import file_sections
from mlops_tui.presenters.words import Cell
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.read_options import FOUND, arguments
from tests.living import Living
from tests.processes import processes_of, wait_for
from tests.tui.loans import HEADER, only_looked_at, write_rows
from tests.tui.seeing import WALKED, fill_form, look, until_seen, words_of


@pytest.mark.parametrize("size", WALKED)
async def test_a_schema_is_accepted_with_the_checks_that_are_proposed(loans: Services, size: tuple[int, int]) -> None:
    """Each check in a sentence, with the past files it would have stopped; accepted, they hold and are in their file."""
    app = MlopsApp(loans)
    async with app.run_test(size=size) as pilot:
        await look(pilot, "2", "down", "c")
        shown = await until_seen(pilot, "schema not accepted yet", "the columns of the source have to be there")
        assert "1 of 4" in shown
        await look(pilot, "a")
        assert "is held against 16 checks: 3 quarantine a file, 13 warn" in words_of(app)
        await look(pilot, "enter")
        await until_seen(pilot, "schema accepted", "in force")
        assert "proposed" not in await look(pilot, "escape", "c")
    assert find_source(loans.store.reader, "months").accepted is not None
    assert place(loans.workspace, "months").exists()


async def test_a_key_that_comes_before_the_checks_says_so_and_only_once(loans: Services) -> None:
    """Nothing is swallowed while they are read; a reason that is in sight is not said again."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "down")
        app.simulate_key("c")
        app.simulate_key("a")
        app.simulate_key("a")
        shown = await until_seen(pilot, "The checks are not read yet.", settle=False)
        assert shown.count("The checks are not read yet.") == 1
        await until_seen(pilot, "schema not accepted yet")
        await look(pilot, "a")
        assert "Accept the schema?" in words_of(app)


async def test_a_file_that_is_kept_out_is_opened_and_released_for_a_reason(loans: Services) -> None:
    """What broke which check, then the reason; the file is in the next version, and no process is left."""
    root = loans.workspace.root
    living = Living(root)
    living.services.curation.accept("months", [])
    write_rows(root / "months" / "2026-05.csv", 50, seed=15, header=HEADER[:4])
    checks = place(loans.workspace, "months")
    checks.write_text(
        checks.read_text("utf-8")
        + '\n[[check]]\nkind = "volume"\nleast = 60\nseverity = "stop"\n[[check]]\nkind = "missing_column"\n'
        'severity = "warn"\n',
        "utf-8",
    )
    living.do("scan", {"sources": None})
    living.close()
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "down", "enter", "shift+tab", "G", "enter")
        await until_seen(pilot, "▲ quarantined", "volume", "stop")
        await look(pilot, "r")
        await fill_form(pilot, text="")
        assert "This is needed." in words_of(app)
        await fill_form(pilot, text="a short month")
        wait_for(lambda: find_source(loans.store.reader, "months").version == 2)
        await until_seen(pilot, "✓ taken in", "released  a short month", "since     v2")
    wait_for(lambda: not processes_of(root))


async def test_files_are_held_against_the_checks_again_by_a_key(loans: Services) -> None:
    """A file that was opened is held alone, and the rows that break a check are seen with their lines."""
    root = loans.workspace.root
    living = Living(root)
    living.services.curation.accept("loans", [])
    checks = place(loans.workspace, "loans")
    check = '\n[[check]]\nkind = "range"\ncolumn = "age"\nmost = 59\nseverity = "warn"\n'
    checks.write_text(checks.read_text("utf-8") + check, "utf-8")
    living.close()
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "enter", "shift+tab", "enter", "x")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "range age", "line 18: age = 60", "loans: 1 file held against 1 check")
        spec = list_jobs(loans.store.reader)[0].spec
        assert spec["file"] == "loans.csv"
    wait_for(lambda: not processes_of(root))


async def test_a_workspace_that_is_only_looked_at_accepts_and_releases_nothing(loans: Services) -> None:
    """The checks are seen all the same."""
    looking = only_looked_at(loans)
    app = MlopsApp(looking)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "down", "c")
        await until_seen(pilot, "the columns of the source have to be there")
        assert "open for looking only" in await look(pilot, "a")
    looking.close()


@pytest.mark.slow
async def test_how_files_are_read_is_shown_and_said_otherwise_by_a_form(loans: Services) -> None:
    """What was found in the first file stands in the form; with other options every file is read anew."""
    root = loans.workspace.root
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "O")
        assert "loans is read with , between fields." in words_of(app)
        await fill_form(pilot, delimiter="far too long")
        await until_seen(pilot, "The delimiter 'far too long' cannot be read")
        await look(pilot, "O")
        await fill_form(pilot, missing="empty, broker", comment="#", quote="none")
        wait_for(lambda: find_source(loans.store.reader, "loans").options.get("missing") == ["", "broker"])
        kept = find_source(loans.store.reader, "loans").options
        assert (kept["comment"], kept["quote"]) == ("#", "")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "26.5%", "online 66%, branch 34%")
        await look(pilot, "O")
        await fill_form(pilot, snapshot="yes")
        await until_seen(pilot, "Files are copied in when they are taken in", settle=False)
        assert find_source(loans.store.reader, "loans").snapshot
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        assert any((loans.workspace.artifacts / "snapshots").rglob("loans.csv"))
    wait_for(lambda: not processes_of(root))


def test_what_is_left_empty_is_found_in_the_files_again() -> None:
    """A tab is said by its name, an empty field by a word."""
    values = dict.fromkeys((field.name for field in fields(ReadOptions)), "")
    values |= {"delimiter": "tab", "header": "no", "encoding": FOUND, "decimal": ",", "missing": "NA"}
    told, found = arguments(values)
    assert told == {"delimiter": "\t", "header": False, "decimal": ",", "missing": ["NA"]}
    assert set(found) == {"encoding", "quote", "escape", "comment", "date_format", "timestamp_format", "sheet", "skip"}
    others = {"quote": "none", "escape": "\\", "comment": "#", "timestamp_format": "%d.%m.%Y %H:%M", "sheet": "May"}
    assert arguments(values | others)[0] == {**told, **others, "quote": ""}
    assert arguments(values | {"missing": "empty, -"})[0]["missing"] == ["", "-"]
    assert arguments(values | {"skip": " 3 "})[0]["skip"] == 3


def test_a_file_is_told_with_its_findings_and_the_rows_that_cannot_be_read(loans: Services) -> None:
    """State first, then a section a check, then the bad rows by line."""
    source = find_source(loans.store.reader, "months")
    file = present_files(loans.store.reader, source.id)["2026-04.csv"]
    finding = FileFinding(file.id, 0, "range age", "warn", "age", 12, 3, "3 values of age are above 150.")
    rejects = Rejects(1, {}, (BadRow(17, "age", "'x' is no whole number", "L1,x,3"),))
    sections = file_sections(file, [finding], rejects, None, file.seen_at, time.time(), twice="its rows count twice")
    assert [title for title, _ in sections] == ["", "range age", "1 row cannot be read"]
    assert ("twice", Cell("Its rows count twice.", "warn")) in sections[0][1]
    assert sections[0][1][0][1].text == "▲ quarantined"
    assert sections[2][1] == [("line 17", Cell("age: 'x' is no whole number")), ("", Cell("L1,x,3", "dim"))]


def test_checks_and_verdicts_are_said_in_sentences() -> None:
    """What has to be, what it would have done, and what came of asking."""
    check = {"sentence": "age has to be below 150", "severity": "warn", "past": 1, "files": 4}
    assert check_line(check) == "Age has to be below 150. It would have warned of 1 of 4."
    result = {
        "source": "months",
        "files": [{"file": "a.csv", "verdict": "ok"}, {"file": "b.csv", "verdict": "broken"}],
        "checks": 3,
        "overdue": None,
    }
    assert checked_words(result) == "months: 2 files held against 3 checks; b.csv broke a check."
