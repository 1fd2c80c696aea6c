"""Model files by keys: one that was made elsewhere becomes a version, and a version becomes a folder that stands alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from mlops_tui.bootstrap import Services, create_workspace
from mlops_tui.jobs.query import list_jobs
from mlops_tui.presenters.model_files import TRUSTED
from mlops_tui.registry.query import find_version, list_models
from mlops_tui.tui.actions import REGISTRY
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.form import Form
from tests.processes import processes_of, wait_for
from tests.registry.elsewhere import Marker, forest, sample, write
from tests.tui.loans import only_looked_at
from tests.tui.seeing import settled, text_of, until, words_of
from tests.tui.tuned import add_model


async def at_models(pilot: Pilot[None]) -> None:
    await settled(pilot)
    await pilot.press("6")
    await settled(pilot, 0.2)


def fill(app: MlopsApp, **said: str) -> None:
    """Writes into the fields of the form that is open."""
    for name, text in said.items():
        widget = app.screen.query_one(f"#field-{name}")
        assert isinstance(widget, Input | Select)
        widget.value = text


def told(app: MlopsApp, words: str) -> bool:
    return any(words in notice.message for notice in app._notifications)


@pytest.mark.slow
async def test_a_file_becomes_a_model_and_the_model_a_folder_by_keys_alone(tmp_path: Path) -> None:
    """On an empty screen that says the key; a trusted forest and its sample rows go in, and what comes out predicts."""
    services = create_workspace((tmp_path / "work").resolve())
    rows = sample(tmp_path)
    file, out = write(forest(rows), tmp_path / "forest.skops"), tmp_path / "out"
    app = MlopsApp(services)
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        await at_models(pilot)
        assert "n registers one from a file: skops, ONNX or joblib." in words_of(app)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Form))
        await pilot.press(*str(file), "tab", *"churn", "tab", "tab", *str(rows), "tab", *"left", "ctrl+s")
        await until(pilot, lambda: told(app, "forest.skops holds types that are not trusted by themselves"))
        assert list_models(services.store.reader) == []
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Form))
        await pilot.press(
            *str(file), "tab", *"churn", "tab", "enter", "down", "enter", "tab", *str(rows), "tab", *"left"
        )
        command = f"mlops-tui models register --file {file} --name churn --sample {rows} --target left --trust"
        await until(pilot, lambda: str(app.screen.query_one(".form--command", Static).visual) == command)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: told(app, "churn version 1 registered and kept as skops. It may hold"))
        await until(pilot, lambda: "churn v1" in text_of(app))
        assert find_version(services.store.reader, "churn:1").signature.target == "left"
        await pilot.press("e")
        await until(pilot, lambda: "Export churn version 1" in text_of(app))
        assert "mlops-tui models export churn 1 churn-1" in words_of(app)
        fill(app, folder=str(out))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: told(app, f"churn version 1 is in {out}: card.md"))
        assert json.loads((out / "signature.json").read_text())["model"] == "churn"
    wait_for(lambda: not processes_of(services.workspace.root), 10.0)
    services.close()


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_what_a_file_lacks_is_said_beside_its_field_before_a_job_is_started(
    services: Services, tmp_path: Path, size: tuple[int, int]
) -> None:
    """A missing file, a name that could be a path, rows without a target, a version that is not there."""
    add_model(services)
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await at_models(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Form))
        fill(app, file=str(tmp_path / "gone.skops"), name="../loans")
        await pilot.press("ctrl+s")
        await settled(pilot)
        form = app.screen

        def complaint(field: str) -> str:
            return str(form.query_one(f"#note-{field}").visual)

        assert (
            complaint("file") == f"✗ {tmp_path / 'gone.skops'} is not there. Name a model file: skops, ONNX or joblib."
        )
        assert "✗ The name '../loans' has '/' in it" in complaint("name")
        assert complaint("sample") == "✗ Name either rows that it reads, or a version that reads the same columns."
        fill(app, file="~nobody-of-that-name/model.skops", sample=str(tmp_path / "rows.csv"))
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "~nobody-of-that-name/model.skops is not there." in complaint("file")
        assert complaint("sample") == "✗ There is no such file. Name a CSV, Parquet or JSON lines file."
        assert complaint("target") == "✗ Name the column of the sample rows that the model says."
        fill(app, sample="", like="loans:7")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "✗ loans has no version 7." in complaint("like")
        fill(app, file="n" * 300, sample="n" * 300, like="")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "File name too long" in complaint("file")
        assert complaint("sample") == "✗ There is no such file. Name a CSV, Parquet or JSON lines file."
        await pilot.press("escape")
        await settled(pilot)
        assert list_jobs(services.store.reader) == []


async def test_a_pickle_is_trusted_by_a_choice_that_says_that_it_runs_code(services: Services, tmp_path: Path) -> None:
    """Not before the choice is made, and never under the name of a safer format; nothing is loaded by the screen."""
    add_model(services)
    ran = tmp_path / "ran"
    file, lying = write(Marker(ran), tmp_path / "model.joblib"), write(Marker(ran), tmp_path / "model.pkl")
    lying = lying.rename(tmp_path / "lying.skops")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, Form))
        fill(app, file=str(file), name="loans", like="loans:1")
        await pilot.press("ctrl+s")
        await settled(pilot)
        note = app.screen.query_one("#note-trust")
        assert "model.joblib is a pickle, which runs the code in it. Say yes where you know who made it." in str(
            note.visual
        )
        assert TRUSTED == "yes: I know who made it; code in it may run"
        fill(app, file=str(lying), trust=TRUSTED)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "lying.skops is named as a file of skops and is a pickle" in str(
            app.screen.query_one("#note-file").visual
        )
        await pilot.press("escape")
    assert not ran.exists()
    assert list_jobs(services.store.reader) == []


async def test_a_folder_that_holds_something_is_not_exported_to(services: Services, tmp_path: Path) -> None:
    """Said beside its field; the folder is named after the version until another is written."""
    add_model(services)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        await pilot.press("e")
        await until(pilot, lambda: "Export loans version 1" in text_of(app))
        fill(app, folder=str(tmp_path / "full"), onnx="yes")
        await settled(pilot)
        assert "--onnx" in words_of(app)
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "is not empty. Name a new one; an export overwrites nothing." in words_of(app)
        await pilot.press("escape")
    assert list_jobs(services.store.reader) == []


async def test_a_workspace_that_is_only_looked_at_takes_no_file(services: Services) -> None:
    add_model(services)
    looked_at = only_looked_at(services)
    app = MlopsApp(looked_at)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        for verb in ("register", "export"):
            assert app.why_not(REGISTRY[f"models.{verb}"]) == "The workspace is open for looking only."
    looked_at.close()
