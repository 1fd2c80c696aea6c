"""A model file is loaded only where it is the one that was registered, and says what it said then."""

from __future__ import annotations

import builtins
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer
from skops import io

from mlops_tui.core.code import code_of
from mlops_tui.core.errors import ModelFileError, UnknownName, UsageError
from mlops_tui.registry.engine.environment import package_version
from mlops_tui.registry.engine.file import dump, parse
from mlops_tui.registry.engine.frame import from_rows, to_rows, typed
from mlops_tui.registry.engine.keep import refuse_other_task
from mlops_tui.registry.engine.labels import codes
from mlops_tui.registry.engine.load import load_version
from mlops_tui.registry.engine.score import scores
from mlops_tui.registry.model import ModelVersion, Signature
from mlops_tui.registry.query import find_model, find_version, list_models, list_versions
from mlops_tui.store.artifact import place
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store


def test_a_registered_version_predicts_the_same_bit_by_bit(store: Store, registered: Any) -> None:
    version = registered()
    rows = typed(registered.frame, version.signature.columns)
    again = load_version(store, version)
    assert np.array_equal(scores(again, rows, version.signature), registered.pipeline.predict_proba(rows))


def test_versions_count_up_for_each_model_by_itself(store: Store, registered: Any) -> None:
    assert [registered("churn").number, registered("fraud").number, registered("churn").number] == [1, 1, 2]
    assert [(m.name, m.versions, m.newest) for m in list_models(store.reader)] == [("churn", 2, 2), ("fraud", 1, 1)]
    assert [v.number for v in list_versions(store.reader, find_model(store.reader, "churn").id)] == [2, 1]


def test_registering_is_an_event_that_names_version_run_and_file(store: Store, registered: Any) -> None:
    version = registered(run="R7")
    (event,) = read_events(store.reader, of="churn")
    assert event.verb == "registered"
    assert event.after == {"version": 1, "version_id": version.id, "run": "R7", "artifact": version.artifact}


def test_a_version_keeps_what_is_needed_to_make_it_again(registered: Any) -> None:
    version = registered()
    assert version.environment["packages"]["scikit-learn"] == package_version("scikit-learn")
    assert version.signature.names == ("age", "visits", "member", "plan", "joined")
    assert version.signature.columns[3].categories == ("basic", "gold", "trial")
    assert Signature.from_json(version.signature.to_json()) == version.signature
    assert "sklearn.tree._tree.Tree" in version.types
    assert len(version.checks["rows"]) == len(version.checks["scores"]) == 5


def test_one_changed_byte_is_found_before_anything_is_parsed(store: Store, registered: Any) -> None:
    version = registered()
    path = place(store.workspace, version.artifact)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="was changed"):
        load_version(store, version)


def test_a_truncated_file_is_refused(store: Store, registered: Any) -> None:
    version = registered()
    path = place(store.workspace, version.artifact)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelFileError, match="was changed"):
        load_version(store, version)


def test_a_file_that_is_gone_says_so(store: Store, registered: Any) -> None:
    version = registered()
    place(store.workspace, version.artifact).unlink()
    with pytest.raises(ModelFileError, match=r"The file of churn version 1 \([0-9a-f]{12}\) is gone"):
        load_version(store, version)


def test_a_file_of_foreign_types_is_refused_by_name(store: Store, registered: Any) -> None:
    """A file that passes the hash, and holds a function that nobody recorded."""
    version = registered()
    digest, _, _ = dump(store.workspace, FunctionTransformer(builtins.eval))
    with pytest.raises(ModelFileError, match=r"eval"):
        load_version(store, replace(version, artifact=digest))


def test_a_truncated_archive_is_a_model_file_error(store: Store, tmp_path: Any) -> None:
    path = tmp_path / "half"
    io.dump(LogisticRegression(), path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ModelFileError, match="cannot be read"):
        parse(path, [])
    path.write_bytes(b"")
    with pytest.raises(ModelFileError, match="cannot be read"):
        parse(path, [])


def made_with(version: ModelVersion, library: str) -> ModelVersion:
    packages = {**version.environment["packages"], "scikit-learn": library}
    return replace(version, environment={**version.environment, "packages": packages})


def shifted(version: ModelVersion) -> ModelVersion:
    moved = [[1 - value for value in row] for row in version.checks["scores"]]
    return replace(version, checks={**version.checks, "scores": moved})


def test_a_model_of_another_scikit_learn_is_used_only_where_it_still_says_the_same(
    store: Store, registered: Any
) -> None:
    version = made_with(registered(), "1.2.0")
    assert load_version(store, version) is not None
    with pytest.raises(ModelFileError) as caught:
        load_version(store, shifted(version))
    assert "made with scikit-learn 1.2.0" in caught.value.title
    assert "scikit-learn==1.2.0" in caught.value.remedy


def test_a_model_that_no_longer_says_what_it_said_is_refused(store: Store, registered: Any) -> None:
    with pytest.raises(ModelFileError, match="something else"):
        load_version(store, shifted(registered()))


def test_check_rows_come_back_from_json_as_they_were(registered: Any) -> None:
    """Missing numbers, missing booleans and times among them."""
    signature = registered.signature
    rows = typed(registered.frame.head(20), signature.columns)
    again = from_rows(json.loads(json.dumps(to_rows(rows))), signature)
    assert again.equals(rows)
    assert list(again.dtypes) == list(rows.dtypes)


def test_labels_are_counted_in_the_order_of_the_classes() -> None:
    """However a column with gaps holds them: 1 is 1.0."""
    assert codes(np.array(["yes", "no", "yes"], dtype=object), ("no", "yes")).tolist() == [1, 0, 1]
    assert codes(np.array([1.0, 0.0]), (0, 1)).tolist() == [1, 0]


def test_a_model_keeps_its_task(store: Store, registered: Any) -> None:
    registered("churn")
    refuse_other_task(store, "churn", "classification")
    refuse_other_task(store, "new", "regression")
    with pytest.raises(UsageError, match="churn is a model for classification"):
        refuse_other_task(store, "churn", "regression")


def test_a_version_that_is_not_there_says_what_is(store: Store, registered: Any) -> None:
    registered("churn")
    assert find_version(store.reader, "models:/churn/1").number == 1
    with pytest.raises(UnknownName, match="no version 9") as caught:
        find_version(store.reader, "churn:9")
    assert caught.value.remedy == "It has version 1 alone."
    with pytest.raises(UnknownName, match="no champion yet"):
        find_version(store.reader, "churn")
    with pytest.raises(UnknownName, match="There is no model 'chum'"):
        find_version(store.reader, "chum:1")


def test_outside_a_repository_there_is_no_code(tmp_path: Any) -> None:
    assert code_of(tmp_path) is None
