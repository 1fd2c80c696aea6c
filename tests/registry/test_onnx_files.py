"""ONNX in and out: a model of another tool's is asked by the signature, and what we convert is compared with the original."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from mlops_tui.core.errors import ModelFileError, UsageError
from mlops_tui.registry.engine import onnx_model
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.onnx_convert import difference, to_onnx
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.query import find_version
from mlops_tui.serving.engine.fitting import fit_frame
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.living import Living, customers, houses
from tests.registry.elsewhere import Filing, classifier, price_model, read, sample, write

onnx = pytest.importorskip("onnx")
skl2onnx = pytest.importorskip("skl2onnx")
types = pytest.importorskip("skl2onnx.common.data_types")


@pytest.fixture
def filing(store: Store) -> Filing:
    return Filing(store)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """No missing text: what another tool makes of one is its own affair."""
    path = sample(tmp_path)
    pd.read_csv(path).fillna({"plan": "basic"}).to_csv(path, index=False)
    return path


def converted(model: Any, path: Path, inputs: list[tuple[str, Any]], **options: Any) -> Path:
    path.write_bytes(skl2onnx.to_onnx(model, initial_types=inputs, options=options or None).SerializeToString())
    return path


def by_column(model: Any, path: Path, *, zipmap: bool) -> Path:
    text, number = types.StringTensorType([None, 1]), types.FloatTensorType([None, 1])
    return converted(model, path, [("age", number), ("visits", number), ("plan", text)], zipmap=zipmap)


def labels(filing: Filing, rows: Path) -> Any:
    version = filing.version()
    return scores(load_version(filing.store, version), fit_frame(read(rows)[0], version), version.signature)


@pytest.mark.parametrize("zipmap", [True, False], ids=["maps", "tensor"])
def test_a_model_of_one_input_a_column_predicts_as_it_did_elsewhere(
    filing: Filing, rows: Path, tmp_path: Path, zipmap: bool
) -> None:
    frame, target = read(rows)
    model = classifier(fills_words=False).fit(frame, target)
    told = filing.register(by_column(model, tmp_path / "model.onnx", zipmap=zipmap), rows)
    version = filing.version()
    assert (told["format"], version.format, version.signature.classes) == ("onnx", "onnx", ("no", "yes"))
    assert version.environment["packages"]["onnxruntime"]
    assert np.abs(labels(filing, rows) - model.predict_proba(frame)).max() < 1e-5


@pytest.mark.parametrize("kind", ["float", "double"])
def test_a_model_of_one_matrix_takes_the_columns_side_by_side(filing: Filing, tmp_path: Path, kind: str) -> None:
    model, path = price_model(tmp_path)
    tensor = {"float": types.FloatTensorType, "double": types.DoubleTensorType}[kind]([None, 2])
    given = converted(model, tmp_path / "model.onnx", [("X", tensor)])
    filing.register(given, path, target="price")
    version = filing.version()
    assert (version.signature.task, version.signature.names) == ("regression", ("area", "age"))
    frame = pd.read_csv(path)[["area", "age"]]
    found = scores(load_version(filing.store, version), fit_frame(frame, version), version.signature)
    assert np.allclose(found, model.predict(frame), rtol=1e-5)


def test_numbers_as_labels_keep_their_type(filing: Filing, rows: Path, tmp_path: Path) -> None:
    frame, target = read(rows)
    coded = tmp_path / "coded.csv"
    frame.assign(left=np.where(target == "yes", 7, 3))[["visits", "left"]].to_csv(coded, index=False)
    given = pd.read_csv(coded)
    model = RandomForestClassifier(5, random_state=1).fit(given[["visits"]].to_numpy(), given["left"])
    filing.register(
        converted(model, tmp_path / "m.onnx", [("X", types.FloatTensorType([None, 1]))], zipmap=False), coded
    )
    assert filing.version().signature.classes == (3, 7)


def network(folder: Path, weights: np.ndarray, *, activation: str) -> Path:
    """What a library of neural networks writes: a matrix in, numbers out, and no labels."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("MatMul", ["input", "w"], ["hidden"]),
        helper.make_node(activation, ["hidden"], ["output"]),
    ]
    read = helper.make_tensor_value_info("input", kind, ["batch", weights.shape[0]])
    said = helper.make_tensor_value_info("output", kind, ["batch", weights.shape[1]])
    graph = helper.make_graph(nodes, "net", [read], [said], [onnx.numpy_helper.from_array(weights, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / "net.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_network_without_labels_takes_them_from_the_target(filing: Filing, tmp_path: Path) -> None:
    """In the order of the target's values; of one probability alone it is that of the second."""
    draw = np.random.default_rng(1)
    given = pd.DataFrame({"a": draw.normal(size=60), "b": draw.normal(size=60)})
    given["kind"] = np.array(["x", "y", "z"])[np.arange(60) % 3]
    given["flag"] = np.where(given["kind"] == "x", "no", "yes")
    three, two = tmp_path / "three.csv", tmp_path / "two.csv"
    given[["a", "b", "kind"]].to_csv(three, index=False)
    given[["a", "b", "flag"]].to_csv(two, index=False)
    weights = draw.normal(size=(2, 3)).astype(np.float32)
    filing.register(network(tmp_path, weights, activation="Softmax"), three, target="kind", name="kinds")
    version = filing.version("kinds:1")
    assert (version.signature.task, version.signature.classes) == ("multiclass", ("x", "y", "z"))
    found = scores(load_version(filing.store, version), fit_frame(given, version), version.signature)
    raw = np.exp(given[["a", "b"]].to_numpy() @ weights)
    assert np.allclose(found, raw / raw.sum(axis=1, keepdims=True), atol=1e-5)
    one = network(tmp_path, weights[:, :1], activation="Sigmoid")
    with pytest.raises(ModelFileError, match="3 values"):
        filing.register(one, three, target="kind", name="flags", task="binary")
    filing.register(one, two, target="flag", name="flags", task="binary")
    flags = filing.version("flags:1")
    assert flags.signature.classes == ("no", "yes")
    found = scores(load_version(filing.store, flags), fit_frame(given, flags), flags.signature)
    assert np.allclose(found[:, 1], 1 / (1 + np.exp(-given[["a", "b"]].to_numpy() @ weights[:, 0])), atol=1e-5)
    filing.export(tmp_path / "out", name="flags")


def test_columns_that_it_does_not_read_are_left_aside_and_those_that_lack_are_named(
    filing: Filing, rows: Path, tmp_path: Path
) -> None:
    path = by_column(classifier(fills_words=False).fit(*read(rows)), tmp_path / "model.onnx", zipmap=False)
    more = tmp_path / "more.csv"
    pd.read_csv(rows).assign(extra=1).to_csv(more, index=False)
    assert filing.register(path, more)["left_out"] == ["extra"]
    less = tmp_path / "less.csv"
    pd.read_csv(rows).drop(columns="age").to_csv(less, index=False)
    with pytest.raises(ModelFileError, match="reads 'age', which the rows have no column of"):
        filing.register(path, less)


def test_a_target_of_other_labels_is_refused(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = by_column(classifier(fills_words=False).fit(*read(rows)), tmp_path / "model.onnx", zipmap=True)
    other = tmp_path / "other.csv"
    pd.read_csv(rows).replace({"left": {"yes": "gone"}}).to_csv(other, index=False)
    with pytest.raises(ModelFileError, match=r"holds 'gone', a class that model\.onnx does not know"):
        filing.register(path, other)


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_truncated_model_is_said_to_be_one(filing: Filing, rows: Path, tmp_path: Path, cut: float) -> None:
    path = by_column(classifier(fills_words=False).fit(*read(rows)), tmp_path / "model.onnx", zipmap=False)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    with pytest.raises(ModelFileError, match=r"model\.onnx is truncated or damaged"):
        filing.register(path, rows)


def test_a_model_that_names_other_files_is_refused(filing: Filing, rows: Path, tmp_path: Path) -> None:
    """Its weights could be any file of the machine."""
    path = by_column(classifier(fills_words=False).fit(*read(rows)), tmp_path / "model.onnx", zipmap=False)
    model = onnx.load(path)
    tensor = onnx.TensorProto(name="w", data_type=1, dims=[1], data_location=onnx.TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../../../../etc/passwd")
    model.graph.initializer.append(tensor)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ModelFileError, match="keeps its weights in other files"):
        filing.register(path, rows)


def test_without_the_extra_it_is_said_what_to_install(
    filing: Filing, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = by_column(classifier(fills_words=False).fit(*read(rows)), tmp_path / "model.onnx", zipmap=False)

    def lacking(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(onnx_model.importlib, "import_module", lacking)
    with pytest.raises(ModelFileError, match="needs the package onnx") as caught:
        onnx_model.open_session(path, "model.onnx")
    assert caught.value.remedy == "Install it with: pip install 'mlops-tui[onnx]'"


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """Versions of our own pipelines: with categories and truths, of a family that converts and of one that does not."""
    made = Living(tmp_path_factory.mktemp("onnx") / "work")
    frame = customers(300).assign(member=lambda f: f["visits"] % 2 == 0)
    frame.loc[4, "age"], frame.loc[9, "plan"] = np.nan, None
    made.add("customers", frame, target="left", id_column="id")
    made.add("houses", houses(200), target="price", id_column="id")
    for families in (["logistic"], ["hgb"], ["random_forest"]):
        _, trials = made.tune("customers", trials=1, name=families[0], families=families)
        assert made.register(trials[0], families[0]) == 1
    _, trials = made.tune("houses", trials=1, name="ridge", families=["ridge"])
    made.register(trials[0], "prices")
    yield made
    made.close()


@pytest.mark.parametrize("name", ["logistic", "random_forest", "prices"])
def test_a_version_of_ours_is_exported_as_onnx_and_compared_on_the_training_rows(
    living: Living, tmp_path: Path, name: str
) -> None:
    filing = Filing(living.store)
    told = filing.export(tmp_path / "out", name=name, onnx=True)
    assert "model.onnx" in told["files"]
    assert told["onnx"]["rows"] > 150
    assert told["onnx"]["difference"] < 1e-3 or told["onnx"]["far"] > 0
    version = find_version(living.store.reader, f"{name}:1")
    event = read_events(living.store.reader, of=name)[0]
    assert event.after is not None
    assert (event.verb, event.after["onnx"]) == ("exported", told["onnx"])
    again = difference(
        load_version(living.store, version),
        tmp_path / "out" / "model.onnx",
        version,
        fit_frame(pd.read_csv(living.root / "data" / ("houses.csv" if name == "prices" else "customers.csv")), version),
    )
    assert again.greatest == pytest.approx(told["onnx"]["difference"], rel=0.5)


def test_what_does_not_convert_is_said_in_one_sentence_and_leaves_nothing(living: Living, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="hgb version 1 cannot be written as ONNX: HistGradientBoosting") as caught:
        Filing(living.store).export(tmp_path / "out", name="hgb", onnx=True)
    assert caught.value.remedy == "Export it without --onnx."
    assert list(tmp_path.iterdir()) == []


def test_a_conversion_that_says_something_else_is_refused(living: Living, tmp_path: Path) -> None:
    version = find_version(living.store.reader, "logistic:1")
    model = load_version(living.store, version)
    path = tmp_path / "model.onnx"
    to_onnx(model, version, path)
    rows = fit_frame(pd.read_csv(living.root / "data" / "customers.csv"), version)
    assert difference(model, path, version, rows).greatest < 1e-5
    model["model"].intercept_ = model["model"].intercept_ + 1
    with pytest.raises(ModelFileError, match="what is converted says something else"):
        difference(model, path, version, rows)


def test_what_is_onnx_already_is_not_converted_again(filing: Filing, rows: Path, tmp_path: Path) -> None:
    filing.register(
        by_column(classifier(fills_words=False).fit(*read(rows)), tmp_path / "model.onnx", zipmap=False), rows
    )
    with pytest.raises(UsageError, match="is a file of ONNX already"):
        filing.export(tmp_path / "out", onnx=True)


@pytest.mark.parametrize("estimator", [LogisticRegression(), KNeighborsClassifier(), HistGradientBoostingClassifier()])
def test_a_model_from_elsewhere_is_converted_where_its_kind_is(
    filing: Filing, rows: Path, tmp_path: Path, estimator: Any
) -> None:
    model = classifier(estimator).fit(*read(rows))
    filing.register(write(model, tmp_path / "model.skops"), rows, trust=True)
    if isinstance(estimator, HistGradientBoostingClassifier):
        with pytest.raises(ModelFileError, match="cannot be written as ONNX"):
            filing.export(tmp_path / "out", onnx=True)
        assert not (tmp_path / "out").exists()
    else:
        told = filing.export(tmp_path / "out", onnx=True)
        assert (told["onnx"]["rows"], told["onnx"]["far"]) == (5, 0)
