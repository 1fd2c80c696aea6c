"""A version in a folder that stands alone: its script says what we say, in a Python that cannot find mlops-tui."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_tui.core.errors import DiskFull, ModelFileError, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.engine.export import options_of
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.model import ModelVersion
from mlops_tui.registry.query import find_version
from mlops_tui.registry.script import script
from mlops_tui.registry.threshold import threshold_of
from mlops_tui.serving.engine.batch import Given, Wanted, predict_files
from mlops_tui.serving.engine.said import Loaded
from mlops_tui.serving.policy import policies
from mlops_tui.store.artifact import place
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.living import Living, customers, houses
from tests.registry.elsewhere import Filing, classifier, forest, read, sample, unlike_skops, write

ALONE = """
import runpy, sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "mlops_tui":
            raise ModuleNotFoundError(f"there is no {name} here", name=name)
sys.meta_path.insert(0, Nowhere())
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def alone(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the folder's script where nothing of ours can be imported, in another folder."""
    line = [sys.executable, "-I", "-c", ALONE, str(folder / "predict.py"), *words]
    return subprocess.run(
        line, cwd=folder.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120
    )


def both(store: Store, selector: str, folder: Path, given: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the script writes of a file, and what we write."""
    theirs, ours = folder.parent / "theirs.csv", folder.parent / "ours.csv"
    done = alone(folder, str(given), str(theirs))
    assert done.returncode == 0, done.stderr
    version = find_version(store.reader, selector)
    predict(store, version, given, ours)
    return pd.read_csv(theirs), pd.read_csv(ours)


def predict(store: Store, version: ModelVersion, given: Path, out: Path) -> None:
    """Predicts a file as `predict` does."""
    model = Loaded(version, load_version(store, version), threshold_of(version))
    predict_files(model, [Given(given)], Wanted(out, policies(Settings())))


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """Versions of three tasks, of them one that holds a class of ours."""
    made = Living(tmp_path_factory.mktemp("exported") / "work")
    frame = customers(300).assign(member=lambda f: f["visits"] % 2 == 0, since="2024-03-01")
    frame.loc[::7, "plan"] = None
    made.add("customers", frame, target="left", id_column="id")
    made.add("plans", customers(300), target="plan", id_column="id")
    made.add("houses", houses(200), target="price", id_column="id")
    for source, family in (
        ("customers", "hgb"),
        ("plans", "random_forest"),
        ("houses", "ridge"),
        ("plans", "lightgbm"),
    ):
        _, trials = made.tune(source, trials=1, name=f"{source}-{family}", families=[family])
        assert made.register(trials[0], f"{source}-{family}") == 1
    for positive in ("yes", "no"):
        _, trials = made.tune(
            "customers", trials=1, name=positive, families=["logistic"], metric="f1", positive=positive, folds=3
        )
        made.register(trials[0], f"customers-{positive}")
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("positive", ["yes", "no"])
def test_its_script_calls_the_class_that_predict_calls_by_the_threshold_that_was_tuned(
    living: Living, tmp_path: Path, positive: str
) -> None:
    """Whichever class is the positive one; the rows are such that the more probable class would be another in some."""
    name = f"customers-{positive}"
    version = find_version(living.store.reader, f"{name}:1")
    threshold = threshold_of(version)
    assert threshold is not None
    assert (threshold.of, threshold.value != 0.5) == ("f1", True)
    Filing(living.store).export(tmp_path / "out", name=name)
    told = json.loads((tmp_path / "out" / "signature.json").read_text())
    assert told["threshold"] == {"value": threshold.value, "of": "f1"}
    given = tmp_path / "given.csv"
    customers(2_000, seed=9).assign(member=True, since="2024-03-01").to_csv(given, index=False)
    theirs, ours = both(living.store, f"{name}:1", tmp_path / "out", given)
    pd.testing.assert_frame_equal(theirs, ours, check_exact=True)
    probable = np.where(theirs["probability"] >= 0.5, positive, "no" if positive == "yes" else "yes")
    assert (theirs["prediction"] != probable).any()


@pytest.mark.parametrize(("name", "most"), [("plans-random_forest", 24), ("houses-ridge", 23), ("customers-yes", 27)])
def test_its_script_is_short(living: Living, name: str, most: int) -> None:
    """Some twenty lines of code whatever the task, and two or three more for a kind of column that text does not become by itself."""
    version = find_version(living.store.reader, f"{name}:1")
    lines = script(version, ReadOptions(), {}).splitlines()[1:]
    assert len([line for line in lines if line.strip()]) <= most


@pytest.mark.slow
def test_its_script_reads_and_writes_a_decimal_comma_as_the_source_has_it(living: Living, tmp_path: Path) -> None:
    given = living.root / "data" / "rents.csv"
    rows = houses(150).rename(columns={"price": "rent"})
    living.add("rents", rows.to_csv(index=False, sep=";", decimal=","), target="rent", id_column="id")
    _, trials = living.tune("rents", trials=1, name="rents", families=["ridge"])
    living.register(trials[0], "rents")
    Filing(living.store).export(tmp_path / "out", name="rents")
    assert alone(tmp_path / "out", str(given), str(tmp_path / "theirs.csv")).returncode == 0
    version = find_version(living.store.reader, "rents:1")
    model = Loaded(version, load_version(living.store, version), None)
    files = [Given(given, options_of(living.store, version))]
    predict_files(model, files, Wanted(tmp_path / "ours.csv", policies(Settings())))
    theirs, ours = (pd.read_csv(tmp_path / f"{name}.csv", sep=";", decimal=",") for name in ("theirs", "ours"))
    assert theirs["prediction"].dtype == float
    pd.testing.assert_frame_equal(theirs, ours, check_exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["customers-hgb", "plans-random_forest", "houses-ridge", "plans-lightgbm"])
def test_its_script_says_what_we_say(living: Living, tmp_path: Path, name: str) -> None:
    told = Filing(living.store).export(tmp_path / "out", name=name)
    assert told["files"] == [
        "card.md",
        "check.json",
        "model.skops",
        "predict.py",
        "requirements.txt",
        "signature.json",
    ]
    given = tmp_path / "given.csv"
    frame = pd.read_csv(living.root / "data" / f"{name.partition('-')[0]}.csv").head(60)
    frame.loc[2, "age"] = np.nan
    frame.assign(plan="never seen" if "plan" in frame and "plans" not in name else None).to_csv(given, index=False)
    theirs, ours = both(living.store, f"{name}:1", tmp_path / "out", given)
    pd.testing.assert_frame_equal(theirs, ours, check_exact=True)
    assert len(theirs) == 60


@pytest.mark.slow
def test_a_version_with_a_class_of_ours_needs_nothing_of_ours(living: Living, tmp_path: Path) -> None:
    version = find_version(living.store.reader, "plans-lightgbm:1")
    assert any(name.startswith("mlops_tui.") for name in version.types)
    Filing(living.store).export(tmp_path / "out", name="plans-lightgbm")
    types = json.loads((tmp_path / "out" / "signature.json").read_text())["types"]
    assert not any(name.startswith("mlops_tui.") for name in types)
    assert f"lightgbm=={metadata.version('lightgbm')}" in (tmp_path / "out" / "requirements.txt").read_text()


def test_a_version_that_comes_back_from_its_folder_says_the_same(living: Living, tmp_path: Path) -> None:
    """A missing text or truth is to it what it was in training, as nothing but the model itself tells."""
    filing, given = Filing(living.store), tmp_path / "given.csv"
    filing.export(tmp_path / "out", name="customers-hgb")
    frame = pd.read_csv(living.root / "data" / "customers.csv", dtype={"member": object}).head(80)
    frame.loc[2, "plan"], frame.loc[4, "age"] = None, np.nan
    frame.to_csv(given, index=False)
    filing.register(tmp_path / "out" / "model.skops", given, name="again", trust=True)
    asked = tmp_path / "asked.csv"
    frame.assign(member=frame["member"].where(frame.index != 3, None)).to_csv(asked, index=False)
    said = []
    for selector in ("customers-hgb:1", "again:1"):
        version = find_version(living.store.reader, selector)
        predict(living.store, version, asked, tmp_path / f"{version.model}.csv")
        said.append(pd.read_csv(tmp_path / f"{version.model}.csv"))
    pd.testing.assert_frame_equal(*said, check_exact=True)


@pytest.mark.slow
def test_a_missing_column_is_named_and_nothing_is_written(living: Living, tmp_path: Path) -> None:
    Filing(living.store).export(tmp_path / "out", name="houses-ridge")
    given = tmp_path / "given.csv"
    houses(20).drop(columns=["area", "kind"]).to_csv(given, index=False)
    done = alone(tmp_path / "out", str(given), str(tmp_path / "predicted.csv"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip() == f"{given} lacks what the model reads: area, kind"
    houses(20).assign(area="wide").to_csv(given, index=False)
    done = alone(tmp_path / "out", str(given), str(tmp_path / "predicted.csv"))
    assert done.stderr.strip() == (
        f"{given} does not hold what the model reads: could not convert string to float: 'wide': Error while type casting"
        " for column 'area'"
    )
    assert not (tmp_path / "predicted.csv").exists()
    assert "python predict.py IN.csv OUT.csv" in alone(tmp_path / "out").stderr


def test_it_holds_the_facts_and_the_exact_versions(living: Living, tmp_path: Path) -> None:
    Filing(living.store).export(tmp_path / "out", name="houses-ridge")
    version = find_version(living.store.reader, "houses-ridge:1")
    needs = (tmp_path / "out" / "requirements.txt").read_text().splitlines()
    assert needs[0].startswith("# Python 3.")
    for package in ("scikit-learn", "skops", "numpy", "pandas"):
        assert f"{package}=={metadata.version(package)}" in needs
    assert not any("mlops" in line for line in needs)
    card = (tmp_path / "out" / "card.md").read_text()
    assert "# houses-ridge, version 1" in card
    for fact in (
        "Task: regression",
        "Data: houses, version 1",
        f"sha256 {version.artifact}",
        "rmse: ",
        "| area | numeric",
    ):
        assert fact in card
    assert json.loads((tmp_path / "out" / "check.json").read_text())["scores"] == version.checks["scores"]
    assert (
        place(living.store.workspace, version.artifact).read_bytes() == (tmp_path / "out" / "model.skops").read_bytes()
    )
    event = read_events(living.store.reader, of="houses-ridge")[0]
    assert (event.verb, event.after) == ("exported", {"version": 1, "out": str(tmp_path / "out")})


def test_an_export_overwrites_nothing(living: Living, tmp_path: Path) -> None:
    filing, out = Filing(living.store), tmp_path / "out"
    out.mkdir()
    filing.export(out, name="houses-ridge")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(UsageError, match="is not empty"):
        filing.export(out, name="houses-ridge")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    with pytest.raises(UsageError, match="is no folder"):
        filing.export(out / "card.md", name="houses-ridge")
    with pytest.raises(UsageError, match="There is no folder"):
        filing.export(tmp_path / "nowhere" / "out", name="houses-ridge")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_where_nothing_can_be_written_an_export_says_so(living: Living, tmp_path: Path) -> None:
    """In a place that is not the person's, and under a name that no folder can have; nothing is left."""
    filing = Filing(living.store)
    with pytest.raises(UsageError, match=r"Nothing can be written in /proc\.|cannot be written"):
        filing.export(Path("/proc/out"), name="houses-ridge")
    with pytest.raises(UsageError, match="cannot be written: File name too long"):
        filing.export(tmp_path / ("n" * 300), name="houses-ridge")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_folder(living: Living, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk of the script alone: what is written last."""
    written = Path.write_text

    def full(path: Path, *given: Any, **told: Any) -> int:
        if path.name == "predict.py":
            raise OSError(28, "No space left on device")
        return written(path, *given, **told)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(DiskFull, match="is full"):
        Filing(living.store).export(tmp_path / "out", name="houses-ridge")
    assert list(tmp_path.iterdir()) == []


def test_a_version_whose_file_is_gone_is_not_exported(store: Store, tmp_path: Path) -> None:
    filing, rows = Filing(store), sample(tmp_path)
    filing.register(write(forest(rows), tmp_path / "model.skops"), rows, trust=True)
    place(store.workspace, filing.version().artifact).unlink()
    with pytest.raises(ModelFileError, match="is gone"):
        filing.export(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_pickle_that_was_vouched_for_is_exported_as_one(store: Store, tmp_path: Path) -> None:
    filing, rows = Filing(store), sample(tmp_path)
    filing.register(write(unlike_skops(rows), tmp_path / "model.joblib"), rows, trust=True)
    assert "model.joblib" in filing.export(tmp_path / "out")["files"]
    theirs, ours = both(store, "churn:1", tmp_path / "out", rows)
    pd.testing.assert_frame_equal(theirs, ours, check_exact=True)
    assert "Registered from" in (tmp_path / "out" / "card.md").read_text()


@pytest.mark.slow
def test_an_onnx_version_is_exported_with_a_script_of_its_runtime(store: Store, tmp_path: Path) -> None:
    convert = pytest.importorskip("skl2onnx").to_onnx
    types = pytest.importorskip("skl2onnx.common.data_types")
    filing, rows = Filing(store), sample(tmp_path)
    pd.read_csv(rows).fillna({"plan": "basic"}).to_csv(rows, index=False)
    model, number = classifier(fills_words=False).fit(*read(rows)), types.FloatTensorType([None, 1])
    inputs = [("age", number), ("visits", number), ("plan", types.StringTensorType([None, 1]))]
    path = tmp_path / "model.onnx"
    for zipmap in (False, True):
        path.write_bytes(convert(model, initial_types=inputs, options={"zipmap": zipmap}).SerializeToString())
        version = filing.register(path, rows)["version"]
        out = tmp_path / f"out-{version}"
        filing.export(out, version)
        assert "onnxruntime==" in (out / "requirements.txt").read_text()
        theirs, ours = both(store, f"churn:{version}", out, rows)
        pd.testing.assert_frame_equal(theirs, ours, check_exact=True)
