"""A family of a person's own is a Python file that the settings name; what is wrong with it is said in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.core.settings import Settings, template
from mlops_tui.data.model import Source
from mlops_tui.jobs.service import Jobs
from mlops_tui.registry.engine.recipe import fit
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import BY_NAME
from mlops_tui.tuning.engine.families.own import load_own
from mlops_tui.tuning.engine.fit import prepare
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study, choose_families
from mlops_tui.tuning.query import list_trials
from mlops_tui.tuning.service import Studies
from tests.tuning.conftest import SETTINGS

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]
PAGE = Path(__file__).parents[2] / "docs" / "tuning.md"


def example() -> str:
    """The file that the page shows."""
    blocks = [part.split("```")[0] for part in PAGE.read_text("utf-8").split("```python\n")[1:]]
    return next(block for block in blocks if "FAMILY = " in block)


@pytest.fixture
def named(store: Store) -> Iterator[Callable[[str], None]]:
    """Writes a file and names it `mine` in the settings; no other test knows the family."""

    def name(text: str) -> None:
        BY_NAME.pop("mine", None)
        (store.workspace.root / "my_family.py").write_text(text, "utf-8")
        store.workspace.config.write_text('[families]\nmine = "my_family.py"\n', "utf-8")

    yield name
    BY_NAME.pop("mine", None)


def test_the_family_of_the_page_is_tuned_beside_ours_and_fitted_for_the_registry(
    store: Store,
    jobs: Jobs,
    take_in: TakeIn,
    work: Work,
    people: pd.DataFrame,
    named: Callable[[str], None],
) -> None:
    named(example())
    take_in(people.drop(columns=["stage", "spent"]), target="left", id_column="person_id")
    settings = replace(SETTINGS, families=Settings.load(store.workspace.config).families)
    study = Studies(store, settings, jobs).create("s", families=["mine", "logistic"], trials=5)
    work(study).result()
    trials = list_trials(store.reader, study.id)
    assert [(trial.family, trial.state) for trial in trials[:2]] == [("mine", "complete"), ("logistic", "complete")]
    assert trials[0].params == BY_NAME["mine"].defaults
    assert (trials[0].value or 0) > 0.6
    pipeline, _, _ = fit(study, trials[0], prepare(store, study))
    assert type(pipeline["model"]).__name__ == "GaussianNB"


WRONG = [
    ("FAMILY = Family(\n", "line 1: '(' was never closed"),
    ("import math\n\nmath.sqrt(-1)\n", "line 3: ValueError: "),
    ("import nowhere\n", "line 1: ModuleNotFoundError: No module named 'nowhere'"),
    ("family = 1\n", "has no FAMILY."),
    ("FAMILY = 'hgb'\n", "has no FAMILY."),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_file_that_holds_no_family_is_refused_with_the_line(
    store: Store, named: Callable[[str], None], text: str, words: str
) -> None:
    named(text)
    with pytest.raises(UsageError) as refused:
        load_own(store.workspace, ["hgb", "mine"], "binary")
    assert words in refused.value.title
    assert "my_family.py" in refused.value.title
    assert "mine" not in BY_NAME


CHANGED = [
    (('name="mine"', 'name="other"'), "calls itself 'other', and the settings call it 'mine'"),
    (('{"smoothing": 1e-9}', '{"smoothing": 7.0}'), "The smoothing 7.0 of "),
    (('{"smoothing": 1e-9}', '{"smoothing": "much"}'), "The smoothing 'much' of "),
    (('{"smoothing": 1e-9}', "{}"), "names 'smoothing' in its space or in its defaults and portfolio, and not in both"),
    (("GaussianNB(var_smoothing=", "GaussianNB(smoothing="), "line 14: TypeError: "),
    (
        ('GaussianNB(var_smoothing=params["smoothing"])', 'type("Mine", (), {"__module__": __name__})()'),
        "The estimator Mine of ",
    ),
    (("tasks=CLASSES", 'tasks=frozenset({"regression"})'), "does not learn a binary target"),
]


@pytest.mark.parametrize(("change", "words"), CHANGED)
def test_a_family_that_does_not_fit_is_refused(
    store: Store, named: Callable[[str], None], change: tuple[str, str], words: str
) -> None:
    assert change[0] in example()
    named(example().replace(*change))
    with pytest.raises(UsageError) as refused:
        load_own(store.workspace, ["mine"], "binary")
    assert words in refused.value.title
    assert "mine" not in BY_NAME


def test_a_file_that_is_missing_or_named_no_more_is_said(store: Store, named: Callable[[str], None]) -> None:
    named(example())
    (store.workspace.root / "my_family.py").unlink()
    with pytest.raises(UsageError, match=r"The family 'mine' has no file .*my_family.py"):
        load_own(store.workspace, ["mine"], "binary")
    store.workspace.config.write_text("", "utf-8")
    with pytest.raises(UsageError, match="There is no family 'mine' here"):
        load_own(store.workspace, ["mine"], "binary")


def test_a_family_of_ones_own_has_a_name_of_its_own() -> None:
    with pytest.raises(UsageError, match="a family 'hgb' of your own, and there is one of that name already"):
        choose_families("binary", None, own=["hgb"])


@pytest.mark.parametrize("text", ["families = 1\n", "[families]\nmine = 1\n", '[families]\n"a,b" = "x.py"\n'])
def test_settings_name_files_of_families_and_nothing_else(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text, "utf-8")
    with pytest.raises(UsageError, match="is no table of names and files"):
        Settings.load(tmp_path / "config.toml", {})


def test_the_settings_that_a_workspace_begins_with_show_how_a_family_is_named(tmp_path: Path) -> None:
    text = "\n".join(
        line.removeprefix("# ") if "mine" in line or "[" in line else line for line in template().split("\n")
    )
    (tmp_path / "config.toml").write_text(text, "utf-8")
    assert Settings.load(tmp_path / "config.toml", {}).families == {"mine": "my_family.py"}
