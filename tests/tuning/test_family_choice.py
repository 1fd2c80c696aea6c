"""Which families a study has, and what the fronts know of them without loading any."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import UsageError
from mlops_tui.data.curation import Curation
from mlops_tui.data.model import Source
from mlops_tui.store.store import Store
from mlops_tui.tuning import model
from mlops_tui.tuning.engine.families import ALL
from mlops_tui.tuning.engine.families.family import Problem, takes_weights
from mlops_tui.tuning.model import (
    FAMILIES,
    FROM_EXTRA,
    KNOWN_FAMILIES,
    ROWS_AT_MOST,
    UNWEIGHTED,
    choose_families,
    without_too_many_rows,
)
from mlops_tui.tuning.service import Studies

TakeIn = Callable[..., Source]


def test_the_fronts_know_the_families_that_the_engine_has() -> None:
    """Their tasks, which come from an extra, up to how many rows each is tried, and which cannot weigh rows."""
    for task, known in KNOWN_FAMILIES.items():
        assert set(known) == {family.name for family in ALL if task in family.tasks}
        assert set(FAMILIES[task]) <= set(known) - FROM_EXTRA
    assert {family.needs for family in ALL} == {*FROM_EXTRA, None}
    assert all(family.needs in (family.name, None) for family in ALL)
    assert {family.name: family.rows_at_most for family in ALL if family.rows_at_most} == ROWS_AT_MOST
    plain = [family for family in ALL if family.needs is None]
    assert {
        family.name
        for family in plain
        for task in family.tasks
        if not takes_weights(family.make(family.defaults, Problem(task, 0, 100)))
    } == UNWEIGHTED


def test_families_are_tried_once_each_in_the_order_in_which_they_are_named() -> None:
    assert choose_families("binary", ["mlp", "hgb", "mlp"]) == ["mlp", "hgb"]
    assert choose_families("regression", None) == list(FAMILIES["regression"])
    assert choose_families("binary", ["mine"], own=["mine"]) == ["mine"]


@pytest.mark.parametrize("family", sorted(FROM_EXTRA))
def test_a_family_whose_package_is_missing_is_refused_with_what_installs_it(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, family, raising=False)
    with pytest.raises(UsageError) as refused:
        choose_families("binary", ["hgb", family])
    assert refused.value.title == f"The family '{family}' needs the package {family}, which is not installed."
    assert "mlops-tui[boost]" in refused.value.remedy


def test_a_family_that_many_rows_would_hold_up_is_left_out_with_a_sentence() -> None:
    assert without_too_many_rows(["hgb", "rbf_svm"], 10_000) == (["hgb", "rbf_svm"], [])
    families, notices = without_too_many_rows(["hgb", "rbf_svm", "knn"], 20_000)
    assert families == ["hgb", "knn"]
    assert notices == ["Family 'rbf_svm' is left out: it is tried on 10,000 rows or fewer, and there are 20,000."]
    with pytest.raises(UsageError, match=r"20,000 rows are too many for rbf_svm."):
        without_too_many_rows(["rbf_svm"], 20_000)


def test_a_study_says_which_families_it_leaves_out_and_which_weigh_no_rows(
    store: Store, studies: Studies, take_in: TakeIn, people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    people["w"] = np.where(people["age"] > 40, 5.0, 0.1)
    take_in(people, target="left", id_column="person_id")
    Curation(store).set_columns("s", roles={"w": "weight"})
    monkeypatch.setitem(model.ROWS_AT_MOST, "rbf_svm", 100)
    asked: dict[str, Any] = {"families": ["logistic", "rbf_svm", "knn"]}
    study = studies.create("s", **asked)
    assert study.families == ("logistic", "knn")
    assert study.notices[-2:] == [
        "Family 'rbf_svm' is left out: it is tried on 100 rows or fewer, and there are 160.",
        "Family 'knn' learns from every row alike.",
    ]
