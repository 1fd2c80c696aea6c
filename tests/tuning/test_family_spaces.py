"""Search spaces come from files in Optuna's JSON and go back to it; a study searches what it was given."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
    distribution_to_json,
    json_to_distribution,
)

from mlops_tui.core.errors import UsageError
from mlops_tui.data.model import Source
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.families import ALL, BY_NAME, first_configurations, space_of
from mlops_tui.tuning.engine.study import Tuning
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.query import get_study, list_trials
from mlops_tui.tuning.service import Studies
from mlops_tui.tuning.space import check_space, known_spaces, own_space, read_space, space_of_study

TakeIn = Callable[..., Source]
Work = Callable[[Study], Tuning]


def written(path: Path, **kinds: BaseDistribution) -> Path:
    """A file as a script that uses Optuna writes it; two underscores stand for the dot of a name."""
    entries = {name.replace("__", "."): json.loads(distribution_to_json(kind)) for name, kind in kinds.items()}
    path.write_text(json.dumps(entries), "utf-8")
    return path


def test_the_spaces_that_the_fronts_read_are_those_of_the_families() -> None:
    """`make docs` writes them."""
    told = {
        family.name: {key: json.loads(distribution_to_json(kind)) for key, kind in family.space.items()}
        for family in ALL
    }
    assert known_spaces() == told


def test_what_optuna_writes_is_read_as_it_is(tmp_path: Path) -> None:
    file = written(
        tmp_path / "space.json",
        hgb__learning_rate=FloatDistribution(0.01, 0.1, log=True),
        hgb__max_leaf_nodes=IntDistribution(8, 16, step=2),
        knn__weights=CategoricalDistribution(("uniform",)),
    )
    assert read_space(file) == json.loads(file.read_text("utf-8"))


def test_what_a_study_searches_is_what_optuna_reads(tmp_path: Path) -> None:
    searched = space_of_study(["hgb", "knn"], read_space(written(tmp_path / "f", knn__p=CategoricalDistribution((2,)))))
    kinds = {name: json_to_distribution(json.dumps(kind)) for name, kind in searched.items()}
    own = {f"{family}.{key}": kind for family in ("hgb", "knn") for key, kind in BY_NAME[family].space.items()}
    assert kinds == own | {"knn.p": CategoricalDistribution((2,))}


def entry(name: str, **attributes: Any) -> dict[str, Any]:
    return {"name": f"{name}Distribution", "attributes": attributes}


WRONG: list[tuple[Any, str]] = [
    ("{", "line 1: it is no JSON"),
    ("[]", "holds no object of parameters"),
    ({"hgb.a": 3}, "'hgb.a' of the space is no distribution"),
    ({"hgb.a": {"name": "Normal", "attributes": {}}}, "'hgb.a' of the space is no distribution"),
    ({"hgb.a": entry("Float", low=2, high=1)}, "has a low of 2 above its high of 1"),
    ({"hgb.a": entry("Float", low=0, high=1, log=True)}, "its low of 0 is not above zero"),
    ({"hgb.a": entry("Float", low=1, high=2, log=True, step=0.5)}, "which do not go together"),
    ({"hgb.a": entry("Float", low=1, high=2, step=0)}, "has a step of 0"),
    ({"hgb.a": entry("Float", low=1, high=2, log="yes")}, "a log that is neither true nor false"),
    ({"hgb.a": entry("Float", low=1)}, "needs numbers as low and high"),
    ({"hgb.a": entry("Float", low=1, high=float("inf"))}, "needs numbers as low and high"),
    ({"hgb.a": entry("Int", low=1, high=2.5)}, "needs whole numbers as low and high"),
    ({"hgb.a": entry("Int", low=1, high=True)}, "needs whole numbers as low and high"),
    ({"hgb.a": entry("Categorical", choices=[])}, "has no list of choices"),
    ({"hgb.a": entry("Categorical", choices=[[1]])}, "has no list of choices"),
    ({"hgb.a": entry("Float", low=1, high=2, width=3)}, "an attribute 'width'"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_file_that_is_no_space_is_refused_in_one_sentence(tmp_path: Path, text: Any, words: str) -> None:
    (tmp_path / "space.json").write_text(text if isinstance(text, str) else json.dumps(text), "utf-8")
    with pytest.raises(UsageError) as refused:
        read_space(tmp_path / "space.json")
    assert words in refused.value.title
    assert refused.value.remedy


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        read_space(tmp_path / "space.json")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ({"knn.p": entry("Categorical", choices=[1])}, "'knn' is none of the study's families"),
        ({"p": entry("Categorical", choices=[1])}, "'p' is none of the study's families"),
        ({"hgb.depth": entry("Int", low=1, high=2)}, "no parameter 'hgb.depth'"),
        (
            {"hgb.max_leaf_nodes": entry("Float", low=8.0, high=9.0)},
            "a range of whole numbers, and the space gives a range of numbers",
        ),
        ({"hgb.max_features": entry("Categorical", choices=[1.0])}, "and the space gives a set of choices"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(kind: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_space(kind, ["hgb", "logistic"])
    assert words in refused.value.title


def test_the_engine_refuses_what_does_not_fit_a_family_that_the_fronts_do_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(BY_NAME, "mine", BY_NAME["hgb"])
    given = {"mine.depth": entry("Int", low=1, high=2, step=1, log=False)}
    assert check_space(given, ["mine"]) == []
    with pytest.raises(UsageError, match=r"no parameter 'mine.depth'"):
        space_of("mine", given)


def test_only_what_goes_beyond_a_family_is_said() -> None:
    narrower = {"hgb.learning_rate": entry("Float", low=0.01, high=0.1)}
    assert check_space(narrower, ["hgb"]) == []
    wider = {
        "hgb.learning_rate": entry("Float", low=0.001, high=0.1),
        "knn.p": entry("Categorical", choices=[2, 3]),
    }
    assert check_space(wider, ["hgb", "knn"]) == [
        "Parameter hgb.learning_rate is searched from 0.001 to 0.1; its family's own values are from 0.005 to 0.3.",
        "Parameter knn.p is searched among 2, 3; its family's own values are among 1, 2.",
    ]


def test_a_study_searches_within_the_ranges_that_it_was_given(
    store: Store, studies: Studies, take_in: TakeIn, work: Work, people: pd.DataFrame, tmp_path: Path
) -> None:
    """From its first configurations on; a choice of one is never left, and other parameters keep their own range."""
    take_in(people[["age", "visits", "left"]], target="left")
    space = read_space(
        written(
            tmp_path / "space.json",
            knn__n_neighbors=IntDistribution(20, 24),
            knn__weights=CategoricalDistribution(("distance",)),
            logistic__C=FloatDistribution(5.0, 2000.0, log=True),
        )
    )
    study = studies.create("s", families=["knn", "logistic"], trials=9, space=space)
    assert study.space == space
    assert study.notices[-1].startswith("Parameter logistic.C is searched from 5 to 2000; ")
    work(study)
    trials = list_trials(store.reader, study.id)
    neighbors = [trial.params for trial in trials if trial.family == "knn"]
    assert {params["weights"] for params in neighbors} == {"distance"}
    assert all(20 <= params["n_neighbors"] <= 24 for params in neighbors)
    assert all(5.0 <= trial.params["C"] <= 2000.0 for trial in trials if trial.family == "logistic")
    assert len(trials) == 9
    assert get_study(store.reader, study.id).space == space


def test_a_study_without_a_space_searches_its_families_own(
    store: Store, studies: Studies, take_in: TakeIn, people: pd.DataFrame
) -> None:
    take_in(people[["age", "left"]], target="left")
    study = studies.create("s", families=["hgb"])
    assert study.space == {}
    assert space_of_study(study.families, study.space) == own_space("hgb")


@st.composite
def narrowed(draw: st.DrawFn) -> dict[str, Any]:
    """Any ranges for some parameters of a gradient boosting."""
    space = {}
    for name, kind in own_space("hgb").items():
        if draw(st.booleans()):
            low, high = kind["attributes"]["low"], kind["attributes"]["high"]
            numbers = st.integers(low, high) if isinstance(low, int) else st.floats(low, high)
            ends = sorted((draw(numbers), draw(numbers)))
            space[name] = {**kind, "attributes": {**kind["attributes"], "low": ends[0], "high": ends[1]}}
    return space


@given(narrowed())
@settings(max_examples=40, deadline=None)
def test_first_configurations_lie_within_any_ranges(given_space: dict[str, Any]) -> None:
    kinds = space_of("hgb", given_space)
    begun = first_configurations(["hgb"], given_space)
    assert all(kind._contains(kind.to_internal_repr(one[name])) for one in begun for name, kind in kinds.items())
    assert all(one not in begun[:place] for place, one in enumerate(begun))
