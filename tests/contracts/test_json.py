"""What every `--json` command prints on a small workspace in which real work was done, and that it is documented."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import mlops_tui
from mlops_tui.cli.diagnostics import EXIT_DONE, EXIT_FOUND
from mlops_tui.cli.main import app_for, run
from mlops_tui.monitoring.alert import CRITICAL, Finding, Subject
from mlops_tui.monitoring.alerts import raise_alert
from mlops_tui.registry.query import find_version
from mlops_tui.runs.begin import start_run
from mlops_tui.runs.input import Input
from mlops_tui.runs.log import RunLog
from mlops_tui.runs.service import Runs
from tests.contracts.shapes import SHAPES, TIME, misfits
from tests.living import Living, customers, houses

DOCUMENTED = Path(mlops_tui.__file__).parents[1] / "docs" / "json.md"

ASKED = {
    "init": "init .",
    "status": "status",
    "data add": "data add data/late.csv --name late --snapshot",
    "data list": "data list",
    "data show": "data show customers",
    "data scan": "data scan broken",
    "data versions": "data versions customers",
    "data profile": "data profile customers",
    "data quarantine": "data quarantine",
    "data schema": "data schema customers",
    "data check": "data check customers",
    "data options": "data options customers",
    "data release": "data release second.csv --why asked --source strict",
    "data preview": "data preview houses --limit 2",
    "data correlations": "data correlations houses",
    "data column": "data column houses kind",
    "data sql": "data sql 'SELECT count(*) AS n FROM houses'",
    "data diff": "data diff houses 1 1",
    "data tag": "data tag houses 1 asked",
    "data move": "data move houses data/houses.csv",
    "data remove": "data remove unwanted",
    "tune": "tune houses --version v1 --models ridge --trials 2 --name asked",
    "studies list": "studies list",
    "studies show": "studies show houses",
    "studies trials": "studies trials houses",
    "studies importance": "studies importance houses",
    "studies space": "studies space houses",
    "studies narrow": "studies narrow houses alpha 0.5 2 --dry-run",
    "studies continue": "studies continue houses --trials 1 --name further",
    "studies hide": "studies hide houses 2",
    "studies unhide": "studies unhide houses 3",
    "studies remove": "studies remove unwanted",
    "studies note": "studies note houses 'a note' --trial 1",
    "studies tag": "studies tag houses kept --trial 1",
    "studies enqueue": "studies enqueue houses model=ridge alpha=3",
    "runs list": "runs list",
    "runs show": "runs show by-hand",
    "runs artifacts": "runs artifacts by-hand",
    "runs diff": "runs diff by-hand within",
    "runs compare": "runs compare houses/0 houses/1",
    "run": "run --json -- true",
    "runs groups": "runs groups config,experiment",
    "runs tag": "runs tag by-hand stage=candidate",
    "runs note": "runs note by-hand well",
    "runs delete": "runs delete unwanted-run",
    "runs restore": "runs restore thrown-away",
    "models list": "models list",
    "models show": "models show prices",
    "models register": "models register {run} --name asked",
    "models export": "models export prices 1 exported",
    "models promote": "models promote prices 2 --to challenger",
    "models rollback": "models rollback prices --why asked",
    "models shadow": "models shadow prices:2",
    "models quality": "models quality prices:2",
    "models gates": "models gates prices 1",
    "models gatefile": "models gatefile prices",
    "models evaluate": "models evaluate prices 1 --test",
    "models card": "models card prices 1 --owner ada",
    "models tag": "models tag prices 1 reviewed=yes",
    "models note": "models note prices 1 'a note'",
    "models lineage": "models lineage prices 1",
    "models unalias": "models unalias prices second",
    "retrain": "retrain prices",
    "predict": "predict prices:1 --in data/houses.csv --out out.csv",
    "drift": "drift arrivals --training customers --multivariate --slice plan",
    "alerts list": "alerts list",
    "alerts ack": "alerts ack asked --why known",
    "alerts mute": "alerts mute houses --column price --until 7d",
    "alerts mutes": "alerts mutes",
    "alerts unmute": "alerts unmute sold",
    "alerts test": "alerts test command",
    "jobs list": "jobs list",
    "jobs show": "jobs show {job}",
    "events": "events --limit 200",
    "agent status": "agent status",
    "backup": "backup kept.tar",
    "config show": "config show",
    "config check": "config check",
}
"""A line for each shape; none needs another to have been asked before it."""

IN_A_WORKER = (
    "data schema",
    "data check",
    "data release",
    "data preview",
    "data sql",
    "data correlations",
    "data column",
    "data diff",
    "studies importance",
    "tune",
    "run",
    "runs compare",
    "studies continue",
    "models register",
    "models export",
    "models promote",
    "models evaluate",
    "models quality",
    "retrain",
    "predict",
    "drift",
)
"""These load the engines in a process of their own, which takes seconds."""

ELSEWHERE = {
    *("demo", "watch", "agent start", "agent stop"),  # start processes, or print what others here do
    *("jobs pause", "jobs resume", "jobs stop", "jobs cancel"),  # print a job, as `jobs list` does
    *("studies pause", "studies resume", "studies stop", "studies cancel"),  # print a study
    *("studies extend", "studies workers"),  # print one too
}


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    made = Living((tmp_path_factory.mktemp("contracts") / "work").resolve())
    made.add("customers", customers(300), target="left", id_column="id")
    made.add("arrivals", customers(300, seed=5, shift=30.0), role="live", target="left", id_column="id")
    made.add("houses", houses(200), target="price", id_column="id")
    made.add("broken", "x,y\n1,2\n3\n")
    folder = made.root / "data" / "strict"
    folder.mkdir()
    (folder / "first.csv").write_text("x,y\n1,2\n3,4\n", "utf-8")
    strict = made.services.sources.add(folder, name="strict")
    made.do("scan", {"sources": [strict.id]})
    (folder / "second.csv").write_text("x\n1\n", "utf-8")
    made.do("scan", {"sources": [strict.id]})
    (made.root / "data" / "late.csv").write_text("x\n1\n", "utf-8")
    made.services.sources.add(made.root / "data" / "late.csv", name="unwanted")
    study, trials = made.tune("houses", trials=6, name="houses", families=["ridge"])
    made.services.steering.hide(study, 3)
    made.services.studies.create("houses", name="unwanted")
    made.services.studies.extend(study, trials=7)  # else nobody would try what is put into its queue
    for version, trial in enumerate(trials[:2], 1):
        made.register(trial, "prices")
        (model,) = made.store.reader.execute("SELECT id FROM model WHERE name = 'prices'").fetchone()
        asked = {"model": model, "version": version, "alias": "champion", "force": True, "why": "to be rolled back"}
        made.do("promote", asked)
    compare_with_labels(made)
    made.do("promote", {"model": model, "version": 1, "alias": "second"})
    log = RunLog(made.store, *start_run(made.store, name="by-hand", experiment="by hand", params={"depth": 3}))
    log.log_metric("auc", float("nan"))
    log.log_metric("loss", 0.25)
    log.log_text("words", "notes.txt")
    log.keep_input(Input("rows", "training", "frame", "abc", 3, {"x": "float64"}))
    inner = RunLog(made.store, *start_run(made.store, name="within", parent=log.id))
    inner.end()
    log.end()
    for name in ("unwanted-run", "thrown-away"):
        RunLog(made.store, *start_run(made.store, name=name)).end()
    Runs(made.store).delete(["thrown-away"])
    yield made
    made.close()


def compare_with_labels(made: Living) -> None:
    """The champion and the one before predict a file, its labels come, and both are compared; an alert is open."""
    reader = made.store.reader
    made.add("sold", houses(200)[["id", "price"]], role="labels", id_column="id")
    version = find_version(reader, "prices")
    files = [{"in": str(made.root / "data" / "houses.csv"), "out": str(made.root / "both.csv"), "source_id": None}]
    made.do("predict", {"version_id": version.id, "files": files})
    made.do("outcomes", {"version_id": version.id})
    finding = Finding(
        "asked", Subject("model", version.model_id, "asked"), CRITICAL, "It is wrong.", "mlops-tui status"
    )
    made.services.alerts.mute("sold")
    made.services.alerts.mute("houses", column="id", until="7d", why="known")
    with made.store.write() as writing:
        raise_alert(writing, finding, made.services.settings)


@pytest.fixture
def asked(living: Living, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Any]:
    """Asks a line with `--json` where the workspace is; returns what was printed."""
    monkeypatch.chdir(living.root)
    monkeypatch.delenv("MLOPS_WORKSPACE", raising=False)
    monkeypatch.setenv("MLOPS_SETTLE_SECONDS", "0")
    monkeypatch.setenv("MLOPS_ALERT_COMMAND", "cat")
    first = {
        table: living.store.reader.execute(f"SELECT min(id) FROM {table}").fetchone()[0] for table in ("run", "job")
    }

    def ask(line: str) -> Any:
        capsys.readouterr()
        code, _ = run([*shlex.split(line.format(**first)), "--json"])
        printed = capsys.readouterr()
        assert code in (EXIT_DONE, EXIT_FOUND), printed.out + printed.err
        return json.loads(printed.out, parse_constant=refused)

    return ask


def refused(constant: str) -> None:
    raise AssertionError(f"{constant} was printed, which is no JSON")


def keys_of(value: Any) -> set[str]:
    """The keys of a record, or of each record in a list."""
    return set(value) if isinstance(value, dict) else {key for item in value for key in item}


def texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, with the key that it stands under."""
    if isinstance(value, str):
        yield key, value
    for name, item in value.items() if isinstance(value, dict) else ():
        yield from texts(item, name)
    for item in value if isinstance(value, list) else ():
        yield from texts(item, key)


@pytest.mark.parametrize(
    "command", [pytest.param(name, marks=[pytest.mark.slow] if name in IN_A_WORKER else []) for name in ASKED]
)
def test_it_prints_the_keys_and_kinds_that_it_promises(asked: Callable[[str], Any], command: str) -> None:
    """No NaN, every moment in UTC with a Z, and no key that is documented nowhere."""
    printed = asked(ASKED[command])
    assert list(misfits(printed, SHAPES[command])) == []
    assert printed != []
    moments = [text for key, text in texts(printed) if re.match(r"\d{4}-\d\d-\d\dT", text) and key != "out"]
    assert [text for text in moments if not TIME.fullmatch(text)] == []
    if command not in ("config show", "studies space"):  # whose keys are those of the settings, and parameters
        assert keys_of(printed) - documented(command) == set()


def test_a_metric_that_is_no_number_is_null_and_said_beside(asked: Callable[[str], Any]) -> None:
    shown = asked("runs show by-hand")
    assert shown["metrics"] == {"auc": None, "loss": 0.25}
    assert shown["special"] == {"auc": "nan"}


@pytest.mark.parametrize("line", ["runs list", "jobs list", "events", "data list", "studies trials houses"])
def test_a_list_takes_a_limit_and_an_offset(asked: Callable[[str], Any], line: str) -> None:
    whole = asked(f"{line} --limit 1000")
    assert len(whole) > 2
    assert asked(f"{line} --limit 2 --offset 1") == whole[1:3]
    assert asked(f"{line} --offset {len(whole)}") == []


def test_an_error_is_one_record_on_stdout(living: Living, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = run(["--workspace", str(living.root), "runs", "show", "nobody", "--json"])
    printed = capsys.readouterr()
    assert (code, printed.err) == (2, "")
    error = json.loads(printed.out)["error"]
    assert set(error) == {"code", "title", "remedy"}
    assert (error["code"], error["title"]) == ("unknown_name", "There is no run 'nobody'.")


def test_every_command_that_prints_json_has_a_shape() -> None:
    assert set(ASKED) == set(SHAPES)
    assert {name for name, takes in commands() if takes} == set(SHAPES) | ELSEWHERE


def commands(group: Any = None, before: str = "") -> Iterator[tuple[str, bool]]:
    """Every command by its words, and whether it takes `--json`."""
    for name, command in (group or typer.main.get_command(app_for())).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, any("--json" in parameter.opts for parameter in command.params)


def sections() -> dict[str, str]:
    """The documentation's sections by their titles."""
    parts = re.split(r"^## (.+)$", DOCUMENTED.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {title.strip(): text for title, text in zip(parts[::2], parts[1::2], strict=True)}


def documented(command: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The words set as code in a command's section, and in the sections of the commands that it refers to.

    A command without a section of its own is documented where it is named.
    """
    found = sections()
    short = command.split()[-1]
    named = {title for title, text in found.items() if f"`{command}`" in text or f"`{short}`" in text}
    words: set[str] = set()
    for title in ({command} & set(found)) or named:
        marked = set(re.findall(r"`([^`]+)`", found[title]))
        words |= marked
        for other in (marked & set(found)) - seen - {title}:
            words |= documented(other, seen | {title})
    return words


@pytest.mark.parametrize("command", list(SHAPES))
def test_every_key_is_documented(command: str) -> None:
    assert keys_of(SHAPES[command]) - {"*"} - documented(command) == set()
