"""Bad input: one clear sentence and what to do, the right exit code, no trace, nothing half-done."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_tui.cli.main import run
from mlops_tui.store.revision import VERSION_TABLE
from tests.limited import limited
from tests.living import Living, houses

FAILED, USAGE, FOUND = 1, 2, 3
ROWS = 60

Done = subprocess.CompletedProcess[str]


def written(root: Path, name: str, text: str) -> Path:
    path = root / "data" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def table(header: str, row: str, rows: int = ROWS) -> str:
    """A CSV file; `{i}` in a row is its number, `{y}` one of two classes."""
    return header + "\n" + "".join(row.format(i=i, x=i * 37 % 101, y="ab"[i % 2]) + "\n" for i in range(rows))


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """Sources of every bad kind, taken in; a model of `houses`; tests ask and change nothing."""
    made = Living((tmp_path_factory.mktemp("bad") / "work").resolve())
    for name, text in {
        "good": table("id,x,y", "{i},{x},{y}"),
        "one-class": table("id,x,y", "{i},{x},a"),
        "no-target": table("id,x,y", "{i},{x},"),
        "no-values": table("id,x,z,y", "{i},{x},,{y}"),
        "few": table("id,x,y", "{i},{x},{y}", rows=2),
        "long-text": table("id,t,x,y", "{i},the words of row {i} which are like no other,{x},{y}", rows=10_000),
    }.items():
        made.add(name, text, target="y", id_column="id")
    made.add("houses", houses(120), target="price", id_column="id")
    _, trials = made.tune("houses", trials=1, name="houses", families=["ridge"])
    made.register(trials[0], "prices")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person who runs the tests; files are at rest at once."""
    for name in [name for name in os.environ if name.startswith("MLOPS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "0")


def mlops(root: Path, *words: str) -> Done:
    """Runs a command on the workspace, in its folder, as the entry point does; the work of jobs is done in processes."""
    out, err = io.StringIO(), io.StringIO()
    folder = root if root.is_dir() else Path.cwd()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code, _ = run(["--workspace", str(root), *words])
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def mlops_apart(root: Path, *words: str, limits: tuple[str, ...] = (), stdout: int = subprocess.PIPE) -> Done:
    """Runs a command on the workspace in a process of its own: one that may do less, or prints elsewhere."""
    line = [*limited(*limits), "-m", "mlops_tui", "--workspace", str(root), *words]
    return subprocess.run(
        line,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )


def kept(root: Path) -> dict[str, int]:
    """How many things of each kind the store has, jobs and events left out: they tell of the attempt."""
    with closing(sqlite3.connect(root / ".mlops" / "store.db")) as connection:
        tables = ("source", "source_file", "source_version", "run", "study_trial", "model", "model_version")
        counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return counts


def assert_refused(done: Done, code: int, *words: str) -> None:
    """One sentence that names the thing, then what to do; nothing on stdout, no trace."""
    assert "Traceback" not in done.stderr
    assert "should not" not in done.stderr
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    title, *remedy = done.stderr.splitlines()
    assert title.startswith("mlops-tui: ")
    assert title.endswith(".")
    assert len(remedy) == 1
    assert remedy[0].strip()
    for word in words:
        assert word in done.stderr


ANSWERS = {
    ("data", "add", "nowhere.csv", "--name", "n"): (USAGE, ("nowhere.csv",)),
    ("data", "add", "data/good.csv", "--name", "good"): (USAGE, ("'good'", "data list")),
    ("data", "add", "data/good.csv", "--name", "n", "--role", "nosuch"): (USAGE, ("nosuch", "training")),
    ("data", "profile", "good", "--column", "nosuch"): (USAGE, ("nosuch", "id, x, y")),
    ("data", "profile", "good", "--version", "9"): (USAGE, ("9",)),
    ("data", "show", "nosuch"): (USAGE, ("nosuch", "There is")),
    ("tune", "nosuch"): (USAGE, ("nosuch", "There is")),
    ("tune", "good", "--target", "nosuch"): (USAGE, ("nosuch", "x, y")),
    ("tune", "good", "--models", "nosuch"): (USAGE, ("nosuch", "logistic")),
    ("tune", "good", "--metric", "nosuch"): (USAGE, ("nosuch", "roc_auc")),
    ("tune", "good", "--sampler", "nosuch"): (USAGE, ("nosuch", "tpe")),
    ("tune", "good", "--trials", "0"): (USAGE, ("There cannot be 0 trials",)),
    ("tune", "good", "--trials", "many"): (USAGE, ("'--trials'", "It has to be a whole number.")),
    ("runs", "list", "--limit", "0"): (USAGE, ("'--limit'", "It has to be 1 or more.")),
    ("runs", "list", "--where", "metrics.auc >"): (USAGE, ()),
    ("runs", "list", "--sort", "nosuch"): (USAGE, ("nosuch",)),
    ("jobs", "show", "0"): (USAGE, ("'0'", "fits several jobs", "Say which")),
    ("models", "register", "nosuch", "--name", "m"): (USAGE, ("nosuch",)),
    ("models", "promote", "prices", "9"): (USAGE, ("no version 9", "version 1 alone")),
    ("models", "promote", "prices", "1", "--force"): (USAGE, ("reason", "--why")),
    ("predict", "prices", "--in", "data/houses.csv", "--out", "o.csv"): (USAGE, ("no champion", "prices:1")),
    ("predict", "prices:1", "--in", "nowhere.csv", "--out", "o.csv"): (USAGE, ("nowhere.csv",)),
    ("predict", "prices@1", "--in", "data/houses.csv", "--out", "o.csv"): (USAGE, ("Write prices:1 for a version",)),
    ("predict", "nosuch", "--in", "data/houses.csv", "--out", "o.csv"): (USAGE, ("nosuch",)),
    ("drift", "good", "--current", "nosuch.csv"): (USAGE, ("nosuch.csv",)),
    ("backup", "nowhere/kept.tar"): (USAGE, ("nowhere",)),
    ("backup", "kept.zip"): (USAGE, ("kept.zip", ".tar.gz")),
    ("alerts", "ack", "nobody"): (USAGE, ("nobody", "alerts list")),
}


@pytest.mark.parametrize("words", list(ANSWERS), ids=" ".join)
def test_what_cannot_be_meant_is_refused_at_once(living: Living, words: tuple[str, ...]) -> None:
    before, files = kept(living.root), sorted(living.root.rglob("*.csv"))
    jobs = living.store.reader.execute("SELECT count(*) FROM job").fetchone()
    code, named = ANSWERS[words]
    assert_refused(mlops(living.root, *words), code, *named)
    assert kept(living.root) == before
    assert living.store.reader.execute("SELECT count(*) FROM job").fetchone() == jobs
    assert sorted(living.root.rglob("*.csv")) == files


def test_files_that_cannot_be_read_are_kept_out_and_each_is_said(living: Living) -> None:
    folder = written(living.root, "broken/empty.csv", "").parent
    written(living.root, "broken/header.csv", "a,b\n")
    written(living.root, "broken/ragged.csv", "a,b\n1,2\n3\n")
    living.services.sources.add(folder, name="broken")
    done = mlops(living.root, "data", "scan", "broken")
    assert done.returncode == FOUND
    assert "3 quarantined" in done.stdout
    assert sorted(done.stderr.splitlines()) == [
        "mlops-tui: empty.csv is empty. Write a header and at least one row.",
        "mlops-tui: header.csv has a header and no rows. Write at least one row.",
        "mlops-tui: ragged.csv, line 3 has 1 field where the header has 2. Mend the file, or say how it is read (data options --delimiter, --quote); no row of it was used.",
    ]
    state = "SELECT f.state, s.version FROM source_file f JOIN source s ON s.id = f.source_id WHERE s.name = 'broken'"
    assert living.store.reader.execute(state).fetchall() == [("quarantined", 0)] * 3
    again = mlops(living.root, "data", "scan", "broken")
    told_again = "3 files are still quarantined. See: mlops-tui data quarantine broken\n"
    assert (again.returncode, again.stderr) == (FOUND, told_again)
    assert "broken: nothing new, 3 quarantined; no version yet" in again.stdout
    assert_refused(mlops(living.root, "tune", "broken", "--target", "a"), FAILED, "'broken'")


def test_a_source_whose_folder_is_gone_is_said_and_not_taken_for_empty(living: Living) -> None:
    folder = living.root / "goes"
    folder.mkdir()
    (folder / "a.csv").write_text("x,y\n1,2\n", "utf-8")
    source = living.services.sources.add(folder, name="goes")
    living.do("scan", {"sources": [source.id]})
    shutil.rmtree(folder)
    done = mlops(living.root, "data", "scan", "goes")
    assert done.returncode == FAILED
    (said,) = done.stderr.splitlines()
    assert "'goes' cannot be listed" in said
    count = "SELECT version, (SELECT count(*) FROM source_file WHERE source_id = source.id AND until_version IS NULL)"
    assert living.store.reader.execute(f"{count} FROM source WHERE name = 'goes'").fetchone() == (1, 1)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("one-class", ("'y'", "one value", "another target")),
        pytest.param("no-target", ("'y'", "missing", "another target"), marks=pytest.mark.slow),
        pytest.param("few", ("'y'", "need 10 or more", "Add files"), marks=pytest.mark.slow),
    ],
)
def test_a_target_that_cannot_be_learnt_is_said_before_anything_is_trained(
    living: Living, source: str, words: tuple[str, ...]
) -> None:
    before = kept(living.root)
    assert_refused(mlops(living.root, "tune", source, "--models", "logistic", "--trials", "1"), FAILED, *words)
    assert kept(living.root) == before


@pytest.mark.parametrize(
    ("source", "column"), [pytest.param("no-values", "z", marks=pytest.mark.slow), ("long-text", "t")]
)
def test_a_column_that_cannot_be_learnt_from_is_left_out_and_said(living: Living, source: str, column: str) -> None:
    """All values are missing, or 10,000 texts are all different: the study runs without it."""
    done = mlops(living.root, "tune", source, "--models", "logistic", "--trials", "1")
    assert done.returncode == 0, done.stderr
    assert f"Column '{column}' is left out" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="area"), ("lacks the column 'area'", "prices version 1")),
        (lambda frame: frame.assign(area="wide"), ("line 2", "column area", "prices version 1")),
    ],
    ids=["a column is missing", "a column is of another kind"],
)
def test_a_file_that_does_not_fit_the_model_is_not_predicted(living: Living, change: Any, words: Any) -> None:
    change(pd.read_csv(living.root / "data" / "houses.csv")).to_csv(living.root / "new.csv", index=False)
    done = mlops(living.root, "predict", "prices:1", "--in", "new.csv", "--out", "scored.csv")
    assert_refused(done, FAILED, "new.csv", *words)
    assert not (living.root / "scored.csv").exists()
    assert [path.name for path in living.root.glob(".*") if path.name != ".mlops"] == []
    assert living.store.reader.execute("SELECT count(*) FROM prediction_batch").fetchone() == (0,)


# ── the workspace itself ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def copy(living: Living, tmp_path: Path) -> Path:
    """A workspace of one's own, whose store may be damaged."""
    (tmp_path / ".mlops").mkdir()
    with closing(sqlite3.connect(tmp_path / ".mlops" / "store.db")) as target:
        living.store.reader.backup(target)
    (tmp_path / "a.csv").write_text("x\n1\n", "utf-8")
    return tmp_path.resolve()


def test_a_workspace_that_is_nowhere_is_said_with_what_makes_one(tmp_path: Path) -> None:
    assert_refused(mlops(tmp_path / "nowhere", "status"), FAILED, "nowhere", "mlops-tui init")
    assert list(tmp_path.iterdir()) == []


def test_a_newer_store_is_refused_and_left_alone(copy: Path) -> None:
    store = copy / ".mlops" / "store.db"
    with closing(sqlite3.connect(store, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=DELETE")
        writer.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    before = store.read_bytes()
    for words in (("status",), ("data", "add", "a.csv", "--name", "n")):
        assert_refused(mlops(copy, *words), FAILED, "newer mlops-tui", "pip install --upgrade")
    assert store.read_bytes() == before


@pytest.mark.parametrize("damage", [b"this is no store", b"\x00" * 8192, b"SQLite format 3\x00" + b"\x55" * 8192])
def test_a_damaged_store_is_said_and_left_alone(copy: Path, damage: bytes) -> None:
    store = copy / ".mlops" / "store.db"
    store.write_bytes(damage)
    assert_refused(mlops(copy, "runs", "list"), FAILED, str(store), "backup")
    assert store.read_bytes() == damage


def test_a_store_damaged_in_the_middle_is_said(copy: Path) -> None:
    store = copy / ".mlops" / "store.db"
    content = bytearray(store.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    store.write_bytes(content)
    assert_refused(mlops(copy, "runs", "list"), FAILED, str(store), "backup")


@pytest.mark.parametrize("text", [b"mouse = = 1", b"\xff\xfe", b"colour = 1", b"mouse = 3"])
def test_settings_that_cannot_be_read_are_said(copy: Path, text: bytes) -> None:
    (copy / ".mlops" / "config.toml").write_bytes(text)
    assert_refused(mlops(copy, "status"), USAGE, "config.toml")


def test_a_read_only_workspace_refuses_what_would_change_it(copy: Path) -> None:
    home = copy / ".mlops"
    home.chmod(0o555)
    try:
        done = mlops_apart(copy, "data", "add", "a.csv", "--name", "n", limits=("ordinary",))
        looked = mlops_apart(copy, "data", "list", limits=("ordinary",))
    finally:
        home.chmod(0o755)
    assert_refused(done, FAILED, "for looking only", "copy")
    assert looked.returncode == 0
    assert "good" in looked.stdout


def test_a_full_disk_is_said_and_nothing_is_lost(copy: Path) -> None:
    before = kept(copy)
    done = mlops_apart(copy, "data", "add", "a.csv", "--name", "n", limits=("files=1000",))
    assert_refused(done, FAILED, "full", "what was stored before is intact")
    assert kept(copy) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [("data", "list"), ("events", "--json")])
def test_output_that_finds_no_space_is_said(living: Living, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = mlops_apart(living.root, *words, stdout=full.fileno())
    assert done.returncode == FAILED
    assert done.stderr.splitlines()[0] == "mlops-tui: There is no space left for what is printed."


@pytest.mark.parametrize("words", [("runs", "list"), ("events", "--json", "--limit", "1000"), ("data", "list")])
def test_a_reader_that_reads_no_further_is_no_failure(living: Living, words: tuple[str, ...]) -> None:
    """As with `| head -0`: the pipe is closed before the first line."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = mlops_apart(living.root, *words, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")
