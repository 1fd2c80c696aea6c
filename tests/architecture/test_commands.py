"""Every command that is promised is there: it does what it is asked, or says in one sentence that it is not built yet."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from mlops_tui.cli.main import app_for, run

ASKED = (
    *("status", "events --of churn", "backup FILE", "config path", "config show", "config check", "config edit"),
    *("data add NOWHERE --name N --role live --pattern '*.csv' --target COL --time COL --id COL", "data list"),
    *("data show N", "data versions N", "data profile N --column C", "data preview N", "data diff N V1 V2"),
    *("data correlations N", "data column N COL"),
    *("data check N", "data scan N", "data quarantine N", "data release FILE", "data schema N --accept"),
    *(
        "data options N",
        "data options N --pattern any",
        "data remove N",
        "data sql 'SELECT 1'",
        "data move N PATH",
        "agent status",
    ),
    *(
        "tune N --target C --metric M --models a,b --trials 3 --timeout 10m --workers 2 --sampler S --pruner none",
        "tune N",
    ),
    *("tune N --seed 1 --name STUDY --detach", "tune N --space FILE", "tune N --pruner P"),
    *("tune N --trial-timeout 60s --trial-memory 2GB", "tune N --ensemble", "studies show S --slices"),
    *(
        "studies list",
        "studies show S",
        "studies trials S",
        "studies space S",
        "studies importance S",
        "studies pause S",
    ),
    *(
        "tune --objective train.py:objective --direction maximize --pruner hyperband",
        "tune N --metric roc_auc,peak_bytes",
    ),
    *("studies trials S --pareto", "studies note S text --trial 3", "studies tag S word other --remove third"),
    "studies continue S --models hgb,logistic --space FILE --trials 20 --name other --detach",
    "studies remove S --yes",
    *("studies hide S 3 --why TEXT", "studies unhide S 3"),
    "studies narrow S hgb.learning_rate 0.01 0.1 --dry-run",
    *("studies resume S", "studies stop S", "studies cancel S", "studies enqueue S key=value other=1"),
    *("studies enqueue S --like 3 key=value", "studies extend S --trials 50 --timeout 10m", "studies workers S 2"),
    *("runs list --where 'metrics.auc > 0.9' --sort metrics.auc --columns name,metrics.auc", "runs show R"),
    *(
        "runs compare R R R",
        "runs diff R R",
        "runs log R",
        "runs export R R --out FILE.html",
        "runs delete R",
        "runs restore R",
    ),
    *(
        "runs tag R stage=x --remove owner",
        "runs note R text",
        "models list",
        "models show M",
        "models register R --name M",
    ),
    *("models promote M 1 --to champion --force --why TEXT", "models rollback M --undo", "models gates M 1 --ask"),
    *(
        "models gatefile M --write",
        "models card M 1 --owner ada",
        "models tag M 1 a=b",
        "models note M 1 text",
        "models lineage M 1",
        "models shadow M --ask",
        "models quality M",
        "models unalias M x",
    ),
    "models register --file FILE --name M --trust --sample FILE --target COL --task binary --family WORDS",
    *("models register --file FILE --name M --like M:3", "models export M 1 OUT --onnx"),
    *("models evaluate M 1 --test", "retrain M --window last:3 --retune", "predict M@champion --in FILE --out OUT"),
    *("predict M:3 --in FILE --out OUT", "drift N --reference training --current last:1 --model M --column C"),
    *("drift N --chunks month --reference season", "drift N --pin W --training N", "drift N --unpin"),
    "drift N --current last:3 --multivariate",
    *("alerts mute A --column C --until 7d --why TEXT", "alerts unmute A", "alerts mutes", "alerts test"),
    *("alerts list", "alerts ack A", "jobs list", "jobs log J -f", "jobs stop J", "jobs cancel J"),
    *("gc --dry-run", "doctor", "run --name N -- python train.py", "undo"),
)
"""What may be asked of a workspace that has nothing of these names in it."""

BEGINNING = ("init", "demo", "watch", "agent start", "agent stop")
"""Commands that make something or start a process: tests of their own run them."""


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, command


COMMANDS = dict(commands(typer.main.get_command(app_for())))


def of(line: str) -> str:
    """The command of a line: its longest beginning that is one."""
    words = shlex.split(line)
    return next((name for name in (" ".join(words[:2]), words[0]) if name in COMMANDS), "")


@pytest.mark.parametrize("line", [*ASKED, *BEGINNING])
def test_the_command_is_there(line: str) -> None:
    assert of(line), f"there is no '{line}'"


@pytest.mark.parametrize("line", ASKED)
def test_it_works_or_says_that_it_is_not_built_yet(line: str, made: Path, tmp_path: Path, capsys: Any) -> None:
    """Whatever follows a command that is not built is let pass; of one that is, every option is known. No Python is there to
    be started.
    """
    elsewhere = ("FILE", "OUT", "NOWHERE", "python")
    words = [str(tmp_path / word) if word in elsewhere else word for word in shlex.split(line)]
    code, _ = run(["--workspace", str(made), *words])
    out, err = capsys.readouterr()
    if "is not built yet" in err:
        title, remedy = err.splitlines()
        assert (code, out) == (2, "")
        assert title.startswith("mlops-tui: ")
        assert remedy.strip()
        return
    assert "No such" not in err
    assert "Missing" not in err
    assert code in (0, 2)
    assert out or err


@pytest.mark.parametrize("line", ["undo", "runs compare A B", "gc"])
def test_what_is_not_built_says_so_in_json_too(line: str, made: Path, capsys: Any) -> None:
    code, _ = run(["--workspace", str(made), *shlex.split(line), "--json"])
    error = json.loads(capsys.readouterr().out)["error"]
    if error["code"] != "unknown_name":  # it has been built meanwhile, and there is no A
        assert (code, error["code"]) == (2, "not_built")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_shows_an_example_or_that_it_is_not_built(name: str) -> None:
    said = COMMANDS[name].help or ""
    assert f"Example: mlops-tui {name}" in said or "ot built yet" in said
