"""What the commands tell of studies, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlops_tui.cli.main import run
from tests.living import Living, houses


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    made = Living((tmp_path_factory.mktemp("studies") / "work").resolve())
    made.add("houses", houses(120), target="price", id_column="id")
    made.tune("houses", trials=1, name="tuned", families=["ridge"])
    study = made.services.studies.create("houses", trials=4, name="killed")
    with made.store.write() as writing:
        writing.execute("UPDATE study SET state = 'failed', reason = 'Its worker died.' WHERE id = ?", (study.id,))
    yield made
    made.close()


def told(living: Living, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["--workspace", str(living.root), "studies", *words])[0] == 0
    return capsys.readouterr().out


def test_the_best_trial_is_told_by_its_run_and_how_to_register_it(
    living: Living, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(living, capsys, "show", "tuned")
    assert "by run tuned/0: ridge with " in shown
    assert "mlops-tui models register tuned/0 --name houses" in shown
    assert "tuned/0" in told(living, capsys, "trials", "tuned")


def test_a_study_that_failed_says_why_and_how_it_goes_on(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(living, capsys, "show", "killed")
    assert "0/4 trials" in shown
    assert "Its worker died." in shown
    assert "mlops-tui studies resume killed" in shown


def test_a_list_of_studies_tells_how_many_trials_have_ended(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(living, capsys, "list").splitlines()
    assert [row.split()[-1] for row in rows[2:]] == ["0/4", "1/1"]
