from __future__ import annotations

import json
import sqlite3
import sys
import tarfile
from pathlib import Path

import pytest

from tests.cli.conftest import Command

KEYS = {"workspace", "sources", "studies", "runs", "models", "jobs", "alerts", "agent", "level", "next"}


def test_status_of_a_new_workspace_has_every_key_and_level_0(mlops: Command, made: Path) -> None:
    done = mlops("--workspace", str(made), "status", "--json")
    assert done.returncode == 0
    shown = json.loads(done.stdout)
    assert set(shown) == KEYS
    assert shown["workspace"] == str(made.resolve())
    assert shown["level"] == 0
    assert shown["next"]["command"].startswith("mlops-tui data add")
    assert shown["agent"]["running"] is False


def test_the_workspace_is_found_from_a_folder_below(mlops: Command, made: Path) -> None:
    below = made / "deep" / "below"
    below.mkdir(parents=True, exist_ok=True)
    assert json.loads(mlops("status", "--json", cwd=below).stdout)["workspace"] == str(made.resolve())


def test_init_leaves_a_workspace_that_is_there_alone(mlops: Command, made: Path) -> None:
    (made / ".mlops" / "config.toml").write_text("mouse = false\n", "utf-8")
    done = mlops("init", str(made), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["created"] is False
    shown = json.loads(mlops("--workspace", str(made), "config", "show", "--json").stdout)
    assert shown["mouse"] is False


def test_a_setting_that_does_not_exist_is_named_by_config_check(mlops: Command, tmp_path: Path) -> None:
    mlops("init", str(tmp_path / "work"))
    config = tmp_path / "work" / ".mlops" / "config.toml"
    assert mlops("config", "path", cwd=tmp_path / "work").stdout.strip() == str(config.resolve())
    config.write_text("colour = 1\n", "utf-8")
    done = mlops("config", "check", cwd=tmp_path / "work")
    assert done.returncode == 2
    assert "'colour'" in done.stderr


def test_a_backup_unpacks_to_a_workspace_and_overwrites_nothing(mlops: Command, made: Path, tmp_path: Path) -> None:
    file = tmp_path / "kept.tar.gz"
    assert mlops("--workspace", str(made), "backup", str(file)).returncode == 0
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "again", filter="data")
    assert json.loads(mlops("status", "--json", cwd=tmp_path / "again").stdout)["level"] == 0
    before = file.read_bytes()
    again = mlops("--workspace", str(made), "backup", str(file))
    assert again.returncode == 2
    assert file.read_bytes() == before
    assert {entry.name for entry in tmp_path.iterdir()} == {"kept.tar.gz", "again"}


def test_a_backup_holds_what_was_committed_and_is_still_in_the_log(mlops: Command, tmp_path: Path) -> None:
    """A plain copy of the store's file would miss what only its write-ahead log holds."""
    root = tmp_path / "work"
    mlops("init", str(root))
    writer = sqlite3.connect(root / ".mlops" / "store.db", isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint=0")
    writer.execute("INSERT INTO setting (key, value) VALUES ('kept', 'yes')")
    assert mlops("--workspace", str(root), "backup", str(tmp_path / "b.tar")).returncode == 0
    writer.close()
    with tarfile.open(tmp_path / "b.tar") as archive:
        archive.extract(".mlops/store.db", tmp_path / "out", filter="data")
    copy = sqlite3.connect(tmp_path / "out" / ".mlops" / "store.db")
    assert copy.execute("SELECT value FROM setting WHERE key = 'kept'").fetchone() == ("yes",)
    copy.close()


def test_settings_are_edited_in_the_editor_that_is_named_and_checked_once_it_is_left(
    mlops: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlops("init", "work", cwd=tmp_path)
    monkeypatch.delenv("VISUAL", raising=False)
    work, script = tmp_path / "work", tmp_path / "editor.py"
    for line, code, said in (("mouse = false", 0, "is in order."), ("colour = 1", 2, "colour")):
        script.write_text(f"import sys; open(sys.argv[1], 'w').write({line + chr(10)!r})")
        monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
        done = mlops("config", "edit", cwd=work)
        assert (done.returncode, said in done.stdout + done.stderr) == (code, True)
        assert (work / ".mlops" / "config.toml").read_text() == f"{line}\n"
    monkeypatch.setenv("EDITOR", "no-such-editor")
    nowhere = mlops("config", "edit", cwd=work)
    assert (nowhere.returncode, "cannot be started" in nowhere.stderr) == (2, True)
    monkeypatch.delenv("EDITOR")
    none = mlops("config", "edit", cwd=work)
    assert (none.returncode, "no terminal here" in none.stderr) == (2, True)
