"""A column's kind and role, changed on the screen."""

from __future__ import annotations

import pytest

from mlops_tui.bootstrap import Services
from mlops_tui.data.query import find_source, present_files
from mlops_tui.jobs.query import list_jobs
from mlops_tui.presenters.column_changes import column_command
from mlops_tui.tui.app import MlopsApp
from tests.processes import processes_of, wait_for
from tests.tui.loans import only_looked_at
from tests.tui.seeing import fill_form, look, until_seen, words_of


@pytest.mark.slow
async def test_a_column_gets_another_role_and_kind_by_a_form_that_says_why_it_has_its_own(loans: Services) -> None:
    """What cannot be is refused with the form open; a role is set at once, a kind has every file read anew."""
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        assert "No column is chosen" in await look(pilot, "2", "e")
        await look(pilot, "enter")
        await until_seen(pilot, "Columns of loans", "channel")
        await look(pilot, "down", "down", "down", "e")
        words = words_of(app)
        assert "channel of loans" in words
        assert "Why it is so: category by the first file:" in words
        assert "nothing changed yet" in words
        await fill_form(pilot, role="time")
        await until_seen(pilot, "cannot be the time")
        await fill_form(pilot, role="ignored")
        await until_seen(pilot, "channel is category, ignored.")
        assert find_source(loans.store.reader, "loans").roles["channel"] == "ignored"
        assert [job.kind for job in list_jobs(loans.store.reader)] == ["drift", "scan", "scan"]
        await look(pilot, "e")
        assert "Why it is so: set by hand." in words_of(app)
        await fill_form(pilot, kind="text")
        await until_seen(pilot, "channel is text, ignored. The files are read anew.", settle=False)
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await until_seen(pilot, "text        ignored")
        await look(pilot, "e")
        await fill_form(pilot, kind="numeric")
        await until_seen(pilot, "Change columns of loans?")
        assert "1 of 1 file would be quarantined, and 400 of 400 rows could no longer be read." in words_of(app)
        await look(pilot, "enter")  # the way out has the focus
        assert find_source(loans.store.reader, "loans").kinds["channel"] == "text"
        await look(pilot, "e")
        await fill_form(pilot, kind="numeric")
        await until_seen(pilot, "Change columns of loans?")
        await look(pilot, "tab", "enter")
        await until_seen(pilot, "channel is numeric, ignored. The files are read anew.", settle=False)
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
    wait_for(lambda: not processes_of(loans.workspace.root))


@pytest.mark.slow
async def test_a_column_that_newer_files_have_is_adopted_by_a_key(loans: Services) -> None:
    """The form says which there are and of what kind; where there is none, the key says so."""
    source = find_source(loans.store.reader, "loans")
    app = MlopsApp(loans)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2")
        await until_seen(pilot, "loans")
        await look(pilot, "A")
        await until_seen(pilot, "No file of loans has a column beside its schema.")
        (name,) = present_files(loans.store.reader, source.id)
        file = source.folder(loans.workspace) / name
        lines = file.read_text().splitlines()
        wider = [f"{line},{f'B{number % 3}' if number else 'branch'}" for number, line in enumerate(lines)]
        file.write_text("\n".join(wider) + "\n")
        await look(pilot, "s")
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        await look(pilot, "A")
        await until_seen(pilot, "Take a column into loans")
        assert "branch (category by the 1 of 1 files that have it: category in 1" in words_of(app)
        assert "mlops-tui data schema loans --adopt branch" in words_of(app)
        await look(pilot, "ctrl+s")
        await until_seen(pilot, "branch is category, feature. The files are read anew.", settle=False)
        wait_for(lambda: list_jobs(loans.store.reader)[0].state == "done")
        assert find_source(loans.store.reader, "loans").kinds["branch"] == "category"
    wait_for(lambda: not processes_of(loans.workspace.root))


async def test_columns_stay_as_they_are_where_a_workspace_is_only_looked_at(loans: Services) -> None:
    """The key says why."""
    looking = only_looked_at(loans)
    app = MlopsApp(looking)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look(pilot, "2", "enter")
        await until_seen(pilot, "Columns of loans", "channel")
        assert "open for looking only" in await look(pilot, "e")
    looking.close()


def test_the_form_shows_the_command_that_sets_the_same(loans: Services) -> None:
    """Only what is changed is in it, in quotes where a shell needs them."""
    source = find_source(loans.store.reader, "loans")
    as_is = {"kind": source.kinds["age"], "role": source.roles["age"]}
    assert column_command(source, "age", as_is | {"role": "weight"}) == "mlops-tui data schema loans --role age=weight"
    assert column_command(source, "age", {"kind": "category", "role": "ignored"}).endswith(
        "loans --kind age=category --role age=ignored"
    )
    lacking = column_command(source, "age", as_is | {"files": "a file may lack it"})
    assert lacking == "mlops-tui data schema loans --optional age"
    source.kinds["a b"] = "text"
    assert column_command(source, "a b", {"kind": "category", "role": "feature"}).endswith("--kind 'a b=category'")
