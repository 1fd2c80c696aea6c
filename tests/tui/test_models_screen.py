"""The models screen: what it shows of models and versions, and moving the champion from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds
from mlops_tui.data.engine.profiling import profile_columns
from mlops_tui.data.engine.stream import Counted
from mlops_tui.jobs.query import list_jobs
from mlops_tui.monitoring.engine.said import moved
from mlops_tui.registry.query import get_model
from mlops_tui.store.event import read_events
from mlops_tui.tui.actions import REGISTRY
from mlops_tui.tui.app import MlopsApp
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Form
from mlops_tui.tui.screens.models import ModelsPane
from tests.tui.filling import add_job
from tests.tui.loans import only_looked_at
from tests.tui.seeing import SIZES, look, looks_as_kept, settled, text_of, until_seen, words_of
from tests.tui.tuned import LATER, MODEL_FILE, PASSED, UNSURE, add_model, add_source, add_study, fixed_id, insert


async def at_models(pilot: Pilot[None]) -> ModelsPane:
    """The screen, gone to and filled."""
    await settled(pilot)
    await pilot.press("6")
    await settled(pilot, 0.2)
    pane = pilot.app.pane  # type: ignore[attr-defined]
    assert isinstance(pane, ModelsPane)
    return pane


@pytest.mark.parametrize("size", SIZES)
async def test_models_look_as_they_were_kept(services: Services, size: tuple[int, int]) -> None:
    """A model whose third version its gate cannot tell apart, and one that was never promoted, in both sizes."""
    add_source(services)
    add_study(services, state="done")
    add_model(services, verdicts=(PASSED, PASSED, UNSURE))
    add_model(services, "outcomes", number=2, verdicts=(None,))
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await at_models(pilot)
        await looks_as_kept(pilot, f"models-{size[0]}x{size[1]}")


@pytest.mark.parametrize("size", SIZES)
async def test_without_models_the_screen_says_the_keys(services: Services, size: tuple[int, int]) -> None:
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await at_models(pilot)
        await looks_as_kept(pilot, f"models-empty-{size[0]}x{size[1]}")


async def test_a_version_tells_its_gate_file_signature_and_history(services: Services) -> None:
    """All of it is in one text that scrolls: verdict, interval, hash, dtypes, roles, and who moved what."""
    add_source(services)
    add_study(services, state="done")
    add_model(services, verdicts=(PASSED, PASSED))
    app = MlopsApp(services)
    async with app.run_test(size=(160, 60)) as pilot:
        await at_models(pilot)
        shown = words_of(app)
        for words in (
            "not worse than champion ✓ pass better than the champion v1 by 0.005 roc_auc on 2,422 held-out rows",
            "+0.0055 -0.0023 to +0.0133 2,422 rows",
            f"sha256 {hashlib.sha256(MODEL_FILE).hexdigest()[:12]}… {len(MODEL_FILE)} B",
            "data loans v1",
            "scikit-learn 1.9.1",
            "income float64 numeric, feature",
            "channel object category, feature: branch, broker, online",
            "defaulted binary target: 0, 1; positive: 1",
            "promoted: champion v1 → v2 by person",
        ):
            assert words in shown


@pytest.mark.parametrize("size", SIZES)
async def test_a_version_says_how_well_it_does_file_by_file(services: Services, size: tuple[int, int]) -> None:
    """The newest file first: with labels and without, each with its band; why where it is worse."""
    add_source(services)
    add_study(services, state="done")
    add_model(services, verdicts=(PASSED, PASSED))
    figures = {
        "2026-05": (0.801, None, "steady"),
        "2026-06": (0.798, 0.794, "steady"),
        "2026-07": (0.803, 0.421, "worse"),
    }
    for place, (month, (expected, known, verdict)) in enumerate(figures.items()):
        told = {"estimated": expected, "realised": known}
        row = {
            "version_id": fixed_id("V", 102),
            "file": f"{month}.csv",
            "file_hash": month,
            "place": place,
            "rows": 5_000,
        }
        row |= {
            "labelled": 5_000 if known else 0,
            "metric": "roc_auc",
            "reference": 0.8078,
            "verdict": verdict,
            "seen": "",
        }
        row |= {
            "answer": "concept_shift" if verdict == "worse" else "no_change",
            "answer_why": "labels are otherwise",
            "mark": "",
        }
        row |= {name: value and json.dumps([value, value - 0.024, value + 0.024]) for name, value in told.items()}
        row |= {"why": f"labels say {known}, in training it was 0.8078: worse by 0.3868", "at": from_seconds(LATER)}
        row |= {"predictions": said_of(0.05 * place)}
        insert(services, "quality_chunk", "outcomes", row)
    app = MlopsApp(services)
    async with app.run_test(size=size) as pilot:
        await at_models(pilot)
        for words in (
            "Quality by file, roc_auc, 0.8078 in training",
            "2026-07.csv ✗ worse concept shift, expected 0.8030 ± 0.0240, with labels",
            "labels say 0.421, in training it was 0.8078: worse by 0.3868",
        ):
            assert words in words_of(app)
        await looks_as_kept(pilot, f"models-quality-{size[0]}x{size[1]}")
        await look(pilot, "enter", "w")
        await until_seen(
            pilot, "file 3 of 3", "✗ worse, concept shift", "0.421 with labels", "in training", "score of 1: ▲ drift"
        )
        await looks_as_kept(pilot, f"quality-{size[0]}x{size[1]}")
        await look(pilot, "left")
        await until_seen(
            pilot, "file 2 of 3", "expected 0.7980 ± 0.0240 · with labels 0.7940 ± 0.0240 (100% of 5,000 rows)"
        )
        await look(pilot, "down")
        await until_seen(pilot, "label: ✓ steady")
        assert "file 2 of 3" not in await look(pilot, "escape")


def said_of(shift: float) -> str:
    """What was said of a file beside what was said of training rows, as it is kept."""
    draw = np.random.default_rng(3)
    told = [
        {"score of 1": draw.beta(2, 6, 2_000) + more, "label": Counted({"0": 1_800, "1": 200}, 0)}
        for more in (0.0, shift)
    ]
    kinds = {"score of 1": "numeric", "label": "category"}
    return json.dumps([asdict(column) for column in moved(*(profile_columns(one, kinds) for one in told))])


async def test_enter_goes_in_and_esc_out_again(services: Services) -> None:
    """Models, versions, the details of one; each version shows its own gate."""
    add_model(services, verdicts=(PASSED, UNSURE))
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_models(pilot)
        assert "? cannot tell" in words_of(app)
        await pilot.press("enter", "j")
        await settled(pilot)
        assert "╭─ loans v1 ─" in text_of(app)
        assert pane.copied() == "loans:1"
        await pilot.press("enter", "escape")
        assert pane.is_inside
        await pilot.press("escape")
        assert not pane.is_inside
        assert pane.copied() == "loans"


async def test_promoting_says_what_will_move_and_which_keys_answer(services: Services) -> None:
    """From which version to which, and on what condition; enter asks the gate as it opens, esc leaves all as it is."""
    add_model(services, verdicts=(PASSED, None))
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert isinstance(app.screen, Confirm)
        assert "The champion of loans moves from v1 to v2 where its gates let it." in words_of(app)
        assert "enter does it · esc leaves it" in words_of(app)
        assert app.focused is app.screen.query_one("#yes")
        await pilot.press("escape")
        await settled(pilot)
        assert list_jobs(services.store.reader) == []


async def test_a_version_whose_gates_are_being_asked_says_so(services: Services) -> None:
    """The gate's column says it from the job on, and a second job is not started meanwhile."""
    model_id = add_model(services, verdicts=(PASSED, None))
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        assert "not asked" in words_of(app)
        spec = {"model": model_id, "version": 2, "alias": "champion", "gates": ["signature", "latency"]}
        add_job(services, "promote loans v2", "running", kind="promote", spec=json.dumps(spec))
        await settled(pilot, 0.5)
        assert "▶ asking" in words_of(app)
        assert app.why_not(REGISTRY["models.promote"]) == "Its gates are being asked."
        assert "Gates: 0 of 2 have answered" in text_of(app)
        assert "signature ○ waiting" in words_of(app)


async def test_where_nothing_is_named_predictions_are_named_after_the_file(services: Services) -> None:
    """The form shows where they will go before it is asked; all that is missing is said at once."""
    add_model(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        await pilot.press("i")
        await pilot.pause()
        app.screen.query_one("#field-out", Input).value = "out.txt"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "✗ This is needed." in words_of(app)
        assert "✗ 'out.txt' ends in no known format." in words_of(app)
        app.screen.query_one("#field-in", Input).value = "june.csv"
        app.screen.query_one("#field-out", Input).value = ""
        await settled(pilot)
        assert "--in june.csv --out june-predictions.csv" in words_of(app)


async def test_a_refused_version_is_promoted_only_with_a_reason(services: Services) -> None:
    """`f` is there where the gate has refused, repeats what it said, and does nothing without a why."""
    add_model(services, verdicts=(PASSED, UNSURE))
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        await pilot.press("f")
        await pilot.pause()
        assert isinstance(app.screen, Form)
        shown = words_of(app)
        assert "moves from v1 to v2, whatever the gates say." in shown
        assert "95 % at most 0.015 worse" in shown
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "✗ This is needed." in text_of(app)
        await pilot.press("escape", "enter", "j")
        await settled(pilot)
        assert app.why_not(REGISTRY["models.force"]) == "It is the champion already."
        assert list_jobs(services.store.reader) == []


async def test_rolling_back_puts_the_version_before_back_and_keeps_the_reason(services: Services) -> None:
    """It says which version comes back; the alias moves and the event has the why."""
    model_id = add_model(services, verdicts=(PASSED, PASSED))
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await at_models(pilot)
        await pilot.press("b")
        await pilot.pause()
        assert "goes back from v2 to v1 at once" in words_of(app)
        await pilot.press(*"slow", "ctrl+s")
        await settled(pilot, 0.5)
        assert get_model(services.store.reader, model_id).aliases == {"champion": 1}
        assert read_events(services.store.reader, limit=1)[0].why == "slow"
        assert "loans version 1 is the champion again." in words_of(app)
        assert app.why_not(REGISTRY["models.rollback"]) == "There was no champion before v1."


async def test_a_file_to_predict_is_checked_before_a_job_is_started(services: Services, tmp_path: Path) -> None:
    """A missing file and an unknown ending are said beside their fields; the command is shown as it is typed."""
    add_model(services)
    given = tmp_path / "new.csv"
    given.write_text("age,income,channel\n40,1,online\n")
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        await pilot.press("i")
        await pilot.pause()
        app.screen.query_one("#field-in", Input).value = "gone.csv"
        app.screen.query_one("#field-out", Input).value = "out.csv"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "✗ There is no such file." in words_of(app)
        assert "mlops-tui predict loans:1 --in gone.csv --out out.csv" in words_of(app)
        app.screen.query_one("#field-in", Input).value = str(given)
        await settled(pilot)
        assert "✗ There is no such file." not in words_of(app)
        app.screen.query_one("#field-out", Input).value = str(tmp_path / "out.txt")
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "✗ 'out.txt' ends in no known format." in words_of(app)
        app.screen.query_one("#no", Button).press()
        await settled(pilot)
        assert list_jobs(services.store.reader) == []


async def test_a_threshold_and_a_file_for_bad_rows_are_asked_for_and_in_the_command(
    services: Services, tmp_path: Path
) -> None:
    """What is no threshold is said beside its field, and where rows are set aside is not where the others go."""
    add_model(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 40)) as pilot:
        await at_models(pilot)
        await pilot.press("i")
        await pilot.pause()
        app.screen.query_one("#field-in", Input).value = "new.csv"
        app.screen.query_one("#field-out", Input).value = "out.csv"
        app.screen.query_one("#field-threshold", Input).value = "often"
        app.screen.query_one("#field-rejects", Input).value = "out.csv"
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "'often' is no threshold of loans version 1." in words_of(app)
        assert "✗ The predictions are written there." in words_of(app)
        app.screen.query_one("#field-threshold", Input).value = "0.3"
        app.screen.query_one("#field-rejects", Input).value = "bad.csv"
        await settled(pilot)
        assert "--out out.csv --threshold 0.3 --rejects bad.csv" in words_of(app)


async def test_models_are_filtered_and_found_by_name(services: Services) -> None:
    """`/` narrows the list; `:models NAME` puts the cursor on one."""
    for number, name in enumerate(("churn", "fraud", "loans"), 1):
        add_model(services, name, number=number)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        pane = await at_models(pilot)
        pane.open_named("loans")
        await settled(pilot, 0.2)
        assert pane.selector == "loans:1"
        await pilot.press("slash", *"AU", "enter")
        await settled(pilot, 0.4)
        assert "1 match" in text_of(app)
        assert pane.selector == "fraud:1"


async def test_a_store_that_cannot_be_read_fails_the_panel_and_not_the_app(services: Services) -> None:
    add_model(services)
    app = MlopsApp(services)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        with services.store.write() as writing:
            writing.execute("ALTER TABLE gate_result RENAME TO taken_away")
        await at_models(pilot)
        assert "This could not be read" in text_of(app)
        assert "ctrl+r" in text_of(app)


async def test_a_workspace_that_is_only_looked_at_moves_no_alias(services: Services) -> None:
    """Every key that would change something says why it does not."""
    add_model(services, verdicts=(PASSED, PASSED, UNSURE))
    looked_at = only_looked_at(services)
    app = MlopsApp(looked_at)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_models(pilot)
        assert "? cannot tell" in words_of(app)
        for verb in ("promote", "force", "rollback", "predict", "gates", "describe", "alias"):
            assert app.why_not(REGISTRY[f"models.{verb}"]) == "The workspace is open for looking only."
    looked_at.close()
