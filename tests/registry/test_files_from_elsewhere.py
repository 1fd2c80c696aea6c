"""A model that was made elsewhere becomes a version with a signature, checks and a format, and predicts as it did there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from mlops_tui.core.errors import DataError, ModelFileError, SchemaMismatch, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.service import Sources
from mlops_tui.jobs.service import Jobs
from mlops_tui.monitoring.service import Monitoring
from mlops_tui.overview.version_lineage import version_lineage
from mlops_tui.presenters.models import VERSION_TITLES, version_cells, version_sections
from mlops_tui.registry.card import card_facts
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.filing import ForeignFile
from mlops_tui.registry.listing import page_of_versions, version_detail
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import list_models
from mlops_tui.serving.engine.fitting import fit_frame
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.registry.elsewhere import Filing, classifier, forest, price_model, read, sample, unlike_skops, write


@pytest.fixture
def filing(store: Store) -> Filing:
    return Filing(store)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return sample(tmp_path)


def says_the_same(filing: Filing, version: ModelVersion, model: Any, rows: Path) -> bool:
    """Whether the version says of the sample what the model said where it was made, bit by bit."""
    frame, _ = read(rows)
    found = scores(load_version(filing.store, version), fit_frame(frame, version), version.signature)
    return np.array_equal(found, model.predict_proba(frame))


def test_a_skops_file_is_kept_as_it_is_with_the_types_that_were_vouched_for(
    filing: Filing, rows: Path, tmp_path: Path
) -> None:
    model = forest(rows)
    path = write(model, tmp_path / "model.skops")
    told = filing.register(path, rows, trust=True)
    version = filing.version()
    assert (told["version"], told["format"], version.format) == (1, "skops", "skops")
    assert "sklearn.tree._tree.Tree" in version.types
    assert version.size == path.stat().st_size
    assert says_the_same(filing, version, model, rows)
    assert (version.run_id, version.source_id, version.data_version, version.code) == (None, None, None, None)
    assert version.file == str(path)


def test_its_signature_is_taken_from_the_rows(filing: Filing, rows: Path, tmp_path: Path) -> None:
    filing.register(write(forest(rows), tmp_path / "model.skops"), rows, trust=True)
    signature = filing.version().signature
    assert [(one.name, one.kind, one.dtype) for one in signature.columns] == [
        ("age", "numeric", "float64"),
        ("visits", "integer", "int64"),
        ("plan", "category", "str"),
    ]
    assert signature.columns[2].categories == ("basic", "gold", "trial")
    assert (signature.target, signature.task, signature.classes) == ("left", "binary", ("no", "yes"))
    assert len(filing.version().checks["rows"]) == 5


def test_a_model_of_trusted_types_alone_needs_nobody_to_vouch_for_it(
    filing: Filing, rows: Path, tmp_path: Path
) -> None:
    model = LogisticRegression().fit(read(rows)[0][["visits"]], read(rows)[1])
    told = filing.register(write(model, tmp_path / "model.skops"), rows)
    assert (told["types"], told["left_out"]) == ([], ["age", "plan"])
    assert filing.version().signature.names == ("visits",)


@pytest.mark.parametrize("name", ["model.joblib", "model.pkl"])
def test_a_trusted_pickle_becomes_skops_where_that_says_the_same(
    filing: Filing, rows: Path, tmp_path: Path, name: str
) -> None:
    model = forest(rows)
    told = filing.register(write(model, tmp_path / name), rows, trust=True)
    version = filing.version()
    assert (told["format"], version.format) == ("skops", "skops")
    assert "sklearn.tree._tree.Tree" in version.types
    assert says_the_same(filing, version, model, rows)


def test_a_pickle_that_skops_cannot_keep_stays_a_pickle_whose_bytes_are_checked_first(
    filing: Filing, rows: Path, tmp_path: Path
) -> None:
    model = unlike_skops(rows)
    path = write(model, tmp_path / "model.joblib")
    assert filing.register(path, rows, trust=True)["format"] == "joblib"
    version = filing.version()
    assert version.environment["packages"]["joblib"] == joblib.__version__
    assert says_the_same(filing, version, model, rows)
    stored = filing.store.workspace.artifacts / version.artifact[:2] / version.artifact
    assert stored.read_bytes() == path.read_bytes()
    stored.write_bytes(stored.read_bytes() + b"\0")
    with pytest.raises(ModelFileError, match="was changed"):
        load_version(filing.store, version)


def test_a_packed_pickle_is_known_for_what_it_is(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    joblib.dump(forest(rows), path, compress=3)
    with pytest.raises(ModelFileError, match="is a pickle"):
        filing.register(path, rows)
    assert filing.register(path, rows, trust=True)["version"] == 1


def test_a_regression_says_numbers(filing: Filing, tmp_path: Path) -> None:
    model, path = price_model(tmp_path)
    filing.register(write(model, tmp_path / "model.skops"), path, target="price", name="prices")
    version = filing.version("prices:1")
    assert (version.signature.task, version.signature.classes, version.family) == ("regression", (), "LinearRegression")
    frame = pd.read_csv(path)[["area", "age"]]
    found = load_version(filing.store, version).predict(fit_frame(frame, version))
    assert np.array_equal(found, model.predict(frame))


def test_a_model_without_names_of_columns_is_asked_in_the_order_of_the_rows(
    filing: Filing, rows: Path, tmp_path: Path
) -> None:
    frame, target = read(rows)
    few = tmp_path / "few.csv"
    frame[["visits", "age"]].fillna(40).assign(left=target).to_csv(few, index=False)
    given = pd.read_csv(few)
    model = LogisticRegression().fit(given[["visits", "age"]].to_numpy(), given["left"])
    filing.register(write(model, tmp_path / "model.skops"), few)
    version = filing.version()
    given_otherwise = fit_frame(given[["age", "visits"]], version)
    found = scores(load_version(filing.store, version), given_otherwise, version.signature)
    assert np.array_equal(found, model.predict_proba(given[["visits", "age"]].to_numpy()))
    with pytest.raises(SchemaMismatch, match="fitted on 2 columns without names; there are 3"):
        filing.register(tmp_path / "model.skops", rows)


def test_like_another_version_it_needs_no_rows(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = write(forest(rows), tmp_path / "model.skops")
    filing.register(path, rows, trust=True)
    told = filing.register(path, like="churn:1", trust=True)
    first, second = filing.version(), filing.version("churn:2")
    assert told["version"] == 2
    assert second.signature == first.signature
    assert second.artifact == first.artifact
    assert second.checks == first.checks


def test_columns_that_are_not_there_are_named(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = write(forest(rows), tmp_path / "model.skops")
    other = tmp_path / "other.csv"
    pd.read_csv(rows).rename(columns={"plan": "tariff"}).to_csv(other, index=False)
    with pytest.raises(SchemaMismatch, match=r"fitted with 'plan'.*'tariff'"):
        filing.register(path, other, trust=True)
    assert list_models(filing.store.reader) == []


def test_a_target_that_is_not_the_models_is_refused(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = write(forest(rows), tmp_path / "model.skops")
    with pytest.raises(DataError, match="no column gone"):
        filing.register(path, rows, target="gone", trust=True)
    given = tmp_path / "given.csv"
    pd.read_csv(rows).assign(other="maybe").to_csv(given, index=False)
    with pytest.raises(ModelFileError, match=r"holds 'maybe', a class that model\.skops does not know"):
        filing.register(path, given, target="other", trust=True)


@pytest.mark.parametrize(
    ("estimator", "sentence"),
    [
        (LinearSVC(), "says classes without probabilities"),
        (RandomForestClassifier(3), "says several targets at once"),
    ],
)
def test_what_cannot_be_asked_as_a_model_of_ours_is_refused(
    filing: Filing, rows: Path, tmp_path: Path, estimator: Any, sentence: str
) -> None:
    frame, target = read(rows)
    several = isinstance(estimator, RandomForestClassifier)
    model = classifier(estimator).fit(frame, np.column_stack([target, target]) if several else target)
    with pytest.raises(ModelFileError, match=sentence):
        filing.register(write(model, tmp_path / "model.skops"), rows, trust=True)
    if not several:
        fitting = CalibratedClassifierCV(classifier(estimator)).fit(frame, target)
        assert filing.register(write(fitting, tmp_path / "model.skops"), rows, trust=True)["version"] == 1


def test_a_file_without_a_model_is_refused(filing: Filing, rows: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="holds a dict, which cannot predict"):
        filing.register(write({"a": 1}, tmp_path / "model.skops"), rows)
    with pytest.raises(ModelFileError, match="does not predict the rows"):
        filing.register(write(LogisticRegression(), tmp_path / "other.skops"), rows, task="regression")


def test_a_task_that_is_not_the_models_is_refused(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = write(forest(rows), tmp_path / "model.skops")
    with pytest.raises(UsageError, match="is a model for binary, not for regression"):
        filing.register(path, rows, trust=True, task="regression")
    filing.register(path, rows, trust=True)
    model, houses = price_model(tmp_path)
    with pytest.raises(UsageError, match="churn is a model for binary; this one is for regression"):
        filing.register(write(model, tmp_path / "price.skops"), houses, target="price")


def test_the_event_names_the_file(filing: Filing, rows: Path, tmp_path: Path) -> None:
    inside = write(forest(rows), filing.store.workspace.root / "model.skops")
    filing.register(inside, rows, trust=True, family="the old forest")
    (event,) = read_events(filing.store.reader, of="churn")
    assert event.after is not None
    assert (event.after["file"], event.after["format"], event.after["run"]) == ("model.skops", "skops", None)
    assert filing.version().family == "the old forest"


@pytest.mark.parametrize("name", ["a/b", "..", "a..b", "a\\b", "-f"])
def test_a_name_that_could_be_a_path_is_refused_before_anything_is_read(
    filing: Filing, tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError):
        filing.register(tmp_path / "gone.skops", tmp_path / "gone.csv", name=name)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "needs a signature, from one place"),
        ({"like": "churn:1", "sample": Path("x.csv"), "target": "y"}, "needs a signature, from one place"),
        ({"sample": Path("x.csv")}, "--target is missing"),
        ({"like": "churn:1", "target": "y"}, "--sample is missing"),
        ({"like": "churn:1", "task": "guess"}, "There is no task 'guess'"),
        ({"like": "churn:1", "family": " "}, "The family is empty"),
    ],
)
def test_what_cannot_be_meant_together_is_refused(told: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        ForeignFile(Path("model.skops"), **told).require_meant()


def test_everywhere_that_a_version_is_read_one_without_a_run_and_data_is_told_as_what_it_is(
    filing: Filing, rows: Path, tmp_path: Path
) -> None:
    """On the screen, by the gate, by drift, and in prediction."""
    filing.register(write(forest(rows), tmp_path / "model.skops"), rows, trust=True)
    store, version = filing.store, filing.version()
    detail, way = version_detail(store.reader, version.id), version_lineage(store.reader, version)
    facts = {key: cell.text for title, lines in version_sections(detail, way) if title == "File" for key, cell in lines}
    assert facts["sha256"].endswith(", skops")
    assert facts["from file"] == str(tmp_path / "model.skops")
    assert not {"run", "data"} & set(facts)
    (line,) = page_of_versions(store.reader, version.model_id)
    cells = dict(zip(VERSION_TITLES, version_cells(line, 0.0), strict=True))
    assert (cells["run"].text, cells["data"].text) == ("model.skops", "–")
    filing.start("promote", "", {"model": version.model_id, "version": 1, "alias": "champion"})
    said = {gate["name"]: gate["verdict"] for gate in filing.told["gates"]}
    assert (filing.told["promoted"], said["same_after_loading"], said["training_data"]) == (
        False,
        "pass",
        "not_applicable",
    )
    assert said["better_than_baseline"] == "cannot_tell"
    assert card_facts(store.reader, version).source == ""
    assert (way.source, way.run, way.files) == (None, None, ())
    again = {"model": version.model_id, "version": 1, "window": "all", "retune": False}
    with pytest.raises(DataError, match="not known which rows"):
        filing.start("retrain", "", again)
    filing.start(
        "promote", "", {"model": version.model_id, "version": 1, "alias": "champion", "force": True, "why": "x"}
    )
    assert filing.version("churn@champion").number == 1
    live = tmp_path / "live"
    live.mkdir()
    Sources(store, Settings()).add(live, name="live", role="live")
    with pytest.raises(UsageError, match="registered from a file, so the data that it was trained on is not known"):
        Monitoring(store, Jobs(store)).plan("live", model="churn:1")
    out = tmp_path / "out.csv"
    filing.start("predict", "", {"version_id": version.id, "files": [{"in": str(rows), "out": str(out)}]})
    assert pd.read_csv(out)["prediction"].tolist() == forest(rows).predict(read(rows)[0]).tolist()
