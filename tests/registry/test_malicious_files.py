"""Files made to do harm, or broken: each is refused for what it is, no code of it runs, and nothing of it is kept."""

from __future__ import annotations

import builtins
import os
import pickle
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer
from skops import io

from mlops_tui.core.errors import MlopsError, ModelFileError, UsageError
from mlops_tui.core.settings import Settings
from mlops_tui.registry.engine.foreign import open_foreign, require_sound_archive
from mlops_tui.registry.filing import ForeignFile
from mlops_tui.registry.formats import JOBLIB, ONNX, SKOPS, format_of
from mlops_tui.registry.query import list_models
from mlops_tui.store.event import read_events
from mlops_tui.store.store import Store
from tests.registry.elsewhere import Filing, Marker, forest, sample, write

PLENTY = 1_000_000_000


@pytest.fixture
def filing(store: Store) -> Filing:
    return Filing(store)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return sample(tmp_path)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "ran"


def refusal(filing: Filing, path: Path, rows: Path, **told: Any) -> MlopsError:
    """Why the file is refused, after which nothing of it is there."""
    before = kept(filing)
    with pytest.raises(MlopsError) as caught:
        filing.register(path, rows, **told)
    assert caught.value.title.isprintable()
    assert caught.value.remedy
    assert list_models(filing.store.reader) == []
    assert read_events(filing.store.reader, of="churn") == []
    assert kept(filing) == before
    return caught.value


def kept(filing: Filing) -> list[str]:
    artifacts = filing.store.workspace.artifacts
    return sorted(path.name for path in artifacts.rglob("*")) if artifacts.exists() else []


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model", "model.csv"])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_nobody_vouched_for_runs_nothing(
    filing: Filing, rows: Path, tmp_path: Path, marker: Path, name: str, protocol: int
) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Marker(marker), protocol))
    assert "is a pickle, which runs whatever code is in it" in refusal(filing, path, rows).title
    assert not marker.exists()
    assert "--trust" in refusal(filing, path, rows).remedy


def test_the_pickle_would_have_run_its_code(filing: Filing, rows: Path, tmp_path: Path, marker: Path) -> None:
    """Else the other tests would show nothing: vouched for, it runs, and what it makes is no model."""
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Marker(marker)))
    assert "holds a NoneType, which cannot predict" in refusal(filing, path, rows, trust=True).title
    assert marker.exists()


@pytest.mark.parametrize("name", ["model.skops", "model.onnx"])
def test_a_pickle_by_a_safe_name_is_refused_for_what_it_is_whoever_vouches(
    filing: Filing, rows: Path, tmp_path: Path, marker: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Marker(marker)))
    said = refusal(filing, path, rows, trust=True)
    assert f"{name} is named as a file of {name[6:]} and is a pickle" in said.title
    assert not marker.exists()


def test_a_file_that_changes_its_format_after_it_was_looked_at_is_looked_at_again(
    filing: Filing, rows: Path, tmp_path: Path, marker: Path
) -> None:
    """The front saw skops; the worker holds to what it has copied."""
    path = write(forest(rows), tmp_path / "model")
    spec: list[dict[str, Any]] = []
    filing.files._jobs = type("Later", (), {"start": lambda self, kind, title, given: spec.append(given)})()
    filing.files.register("churn", ForeignFile(write(forest(rows), tmp_path / "m.skops"), sample=rows, target="left"))
    path = Path(spec[0]["file"])
    path.unlink()
    path.write_bytes(pickle.dumps(Marker(marker)))
    with pytest.raises(ModelFileError, match="is a pickle"):
        filing.start("register_file", "", spec[0])
    assert not marker.exists()


def test_types_that_skops_does_not_trust_are_named_before_anything_is_loaded(
    filing: Filing, rows: Path, tmp_path: Path
) -> None:
    said = refusal(filing, write(forest(rows), tmp_path / "model.skops"), rows)
    assert "model.skops holds types that are not trusted by themselves" in said.title
    assert "sklearn.tree._tree.Tree" in said.title
    assert "--trust" in said.remedy
    crafted = tmp_path / "crafted.skops"
    io.dump(FunctionTransformer(builtins.eval), crafted)
    assert "builtins.eval" in refusal(filing, crafted, rows).title


def test_a_version_holds_to_the_types_of_its_own_file(store: Store, rows: Path, tmp_path: Path) -> None:
    """Vouching for one file lets no other in: what is loaded later may hold its types alone."""
    crafted = tmp_path / "crafted.skops"
    io.dump(FunctionTransformer(os.system), crafted)
    with pytest.raises(ModelFileError, match="system"):
        open_foreign(crafted, trust=False, most_bytes=PLENTY)


@pytest.mark.parametrize("name", ["../../evil.npy", "/etc/evil", "a/../../b", "..\\evil", "sub/array.npy"])
def test_names_that_lead_out_of_the_archive_are_refused(filing: Filing, rows: Path, tmp_path: Path, name: str) -> None:
    path = write(forest(rows), tmp_path / "model.skops")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    assert "a path that leads elsewhere" in refusal(filing, path, rows, trust=True).title
    assert not list(tmp_path.rglob("evil*"))


def test_an_archive_that_is_none_of_skops_is_said_to_be_one(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(Marker(tmp_path / "ran")))
    assert "without schema.json" in refusal(filing, path, rows, trust=True).title
    assert not (tmp_path / "ran").exists()


def test_an_archive_that_would_fill_the_memory_is_not_unpacked(store: Store, rows: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", b" " * 50_000_000)
    assert path.stat().st_size < 100_000
    filing = Filing(store, Settings(model_file_memory=20))
    assert "unpacks to 50 MB, more than the limit of 20 MB" in refusal(filing, path, rows, trust=True).title


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_file_is_said_to_be_one(filing: Filing, rows: Path, tmp_path: Path, share: float) -> None:
    path = write(forest(rows), tmp_path / "model.skops")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "model.skops is truncated or damaged" in refusal(filing, path, rows, trust=True).title
    pickled = write(forest(rows), tmp_path / "model.joblib")
    pickled.write_bytes(pickled.read_bytes()[: int(pickled.stat().st_size * share)])
    assert "model.joblib cannot be loaded" in refusal(filing, pickled, rows, trust=True).title


def test_one_changed_byte_is_found(filing: Filing, rows: Path, tmp_path: Path) -> None:
    """In an array of the archive, which has a checksum."""
    path = write(forest(rows), tmp_path / "model.skops")
    with zipfile.ZipFile(path) as archive:
        member = max(archive.infolist(), key=lambda one: one.file_size)
    content = bytearray(path.read_bytes())
    content[member.header_offset + 30 + len(member.filename) + member.file_size // 2] ^= 1
    path.write_bytes(content)
    assert "model.skops cannot be read" in refusal(filing, path, rows, trust=True).title.replace(
        "The model file", path.name
    )


@pytest.mark.parametrize("schema", [b"", b"{", b"[]", b"{}", b'{"__loader__": "Nothing", "protocol": 2}'])
def test_a_schema_that_means_nothing_is_refused(filing: Filing, rows: Path, tmp_path: Path, schema: bytes) -> None:
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", schema)
    refusal(filing, path, rows, trust=True)


def test_what_is_no_file_is_said_to_be_none(filing: Filing, rows: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not there"):
        filing.register(tmp_path / "gone.skops", rows)
    with pytest.raises(UsageError, match="is a folder"):
        filing.register(tmp_path, rows)
    empty = tmp_path / "empty.skops"
    empty.touch()
    assert "is empty" in refusal(filing, empty, rows).title
    assert "is no model file that is known here" in refusal(filing, rows, rows).title


def test_a_model_of_another_scikit_learn_says_which_one_it_needs(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = write(forest(rows), tmp_path / "model.pkl")
    here = sklearn.__version__.encode()
    path.write_bytes(path.read_bytes().replace(here, b"0" * len(here)))
    said = refusal(filing, path, rows, trust=True)
    assert f"model.pkl was made with scikit-learn {'0' * len(here)}" in said.title
    assert said.remedy.startswith("Install scikit-learn==")


def test_a_skops_file_of_another_scikit_learn_says_which_one_too(filing: Filing, rows: Path, tmp_path: Path) -> None:
    """Whether it can be read, and would be read otherwise, or cannot be read at all."""
    here = f'\\"{sklearn.__version__}\\"'.encode()
    for number, name in enumerate((b"RandomForestClassifier", b"RandomForestOfOld")):
        path = rewritten(
            write(forest(rows), tmp_path / f"{number}.skops"), {here: b'\\"0.1.0\\"', b"RandomForestClassifier": name}
        )
        said = refusal(filing, path, rows, trust=True)
        assert said.title.startswith(f"{number}.skops ")
        assert "was made with scikit-learn 0.1.0" in said.title
        assert said.remedy.startswith("Install scikit-learn==0.1.0")
    with_this = rewritten(write(forest(rows), tmp_path / "m.skops"), {b"RandomForestClassifier": b"RandomForestOfOld"})
    assert "made with" not in refusal(filing, with_this, rows, trust=True).title


def rewritten(path: Path, words: dict[bytes, bytes]) -> Path:
    """The archive with other words in its schema."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for old, new in words.items():
        members["schema.json"] = members["schema.json"].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_package_that_is_not_there_is_named(filing: Filing, rows: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"cnowhere_at_all.models\nNet\n)R.")
    assert "needs the package nowhere_at_all" in refusal(filing, path, rows, trust=True).title


@given(st.binary(max_size=600))
def test_no_bytes_are_taken_for_a_model_without_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Whatever is in a file, it is of one format or refused; an archive of it is refused where it is not sound."""
    path = tmp_path_factory.getbasetemp() / f"{os.getpid()}.model"
    path.write_bytes(content)
    with suppress(ModelFileError):
        assert format_of(path) in (SKOPS, ONNX, JOBLIB)
    path.write_bytes(b"PK\x03\x04" + content)
    with pytest.raises(ModelFileError, match="is truncated or damaged"):
        require_sound_archive(path, PLENTY)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_every_pickle_of_an_object_is_known_as_one(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.getbasetemp() / f"{os.getpid()}.any"
    for protocol in (2, 3, 4, 5):
        path.write_bytes(pickle.dumps(value, protocol))
        assert format_of(path) == JOBLIB


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(place=st.floats(0, 1), byte=st.integers(0, 255), cut=st.integers(0, 3))
def test_a_schema_with_other_bytes_is_a_model_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: float, byte: int, cut: int
) -> None:
    """Each archive is whole, so that what reads the schema has to cope with it."""
    path = tmp_path_factory.getbasetemp() / f"{os.getpid()}.skops"
    write(LogisticRegression().fit([[0], [1]], [0, 1]), path)
    with zipfile.ZipFile(path) as archive:
        schema = archive.read("schema.json")
    at = int(place * len(schema))
    rewritten(path, {schema: schema[:at] + bytes([byte]) + schema[at + cut :]})
    with suppress(ModelFileError):
        assert open_foreign(path, trust=True, most_bytes=PLENTY).format == SKOPS


ASK = """
import sys
from mlops_tui.cli.main import run
code, _ = run(["--workspace", sys.argv[1], *sys.argv[2:]])
loaded = [name for name in ("sklearn", "skops", "joblib", "numpy") if name in sys.modules]
print(code, loaded)
"""


def test_the_front_loads_no_engine_and_no_file(made: Path, tmp_path: Path, marker: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(Marker(marker)))
    words = ("models", "register", "--file", str(path), "--name", "churn", "--like", "churn:1")
    line = [sys.executable, "-c", ASK, str(made), *words]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "1 []\n", done.stderr
    assert "is a pickle" in done.stderr
    assert not marker.exists()
