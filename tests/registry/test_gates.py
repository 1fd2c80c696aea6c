"""What each gate says of a real model: which rows it judges by, and what makes it pass, fail, or unable to tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from mlops_tui.registry.engine.gates.quality import FALSE_ALARMS, _surely_worse
from mlops_tui.registry.gatefile import place
from mlops_tui.registry.query import count_looks, find_model, find_version
from tests.living import Living, customers

ROWS = 600


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """`leavers` in two files, the second of another world; version 1 learnt from the first alone, version 2 from both."""
    living = Living(tmp_path_factory.mktemp("gates") / "work")
    folder = living.root / "data" / "leavers"
    folder.mkdir(parents=True)
    before = customers(ROWS)
    before.to_csv(folder / "1.csv", index=False)
    source = living.services.sources.add(folder, name="leavers", target="left", id_column="id")
    living.do("scan", {"sources": [source.id]})
    _, trials = living.tune("leavers", trials=1, seed=3, name="before", families=["random_forest"])
    living.register(trials[0], "leavers")
    after = customers(ROWS, seed=9).assign(id=range(ROWS, 2 * ROWS))
    after["left"] = np.where(after["left"] == "yes", "no", "yes")  # the world has turned
    pd.concat([after, before.head(50)]).to_csv(folder / "2.csv", index=False)  # and brings old rows once more
    living.do("scan", {"sources": [source.id]})
    _, trials = living.tune("leavers", trials=1, seed=3, name="after", families=["random_forest"])
    living.register(trials[0], "leavers")
    model = find_model(living.store.reader, "leavers")
    living.do("promote", {"model": model.id, "version": 1, "alias": "champion", "force": True, "why": "to begin"})
    yield living
    living.close()


@pytest.fixture
def gates(made: Living) -> Iterator[Callable[..., dict[str, Any]]]:
    """Asks the gates of a version with a file of that text; returns what each says by its name."""
    model = find_model(made.store.reader, "leavers")
    path = place(made.store.workspace, "leavers")

    def ask(text: str = "", version: int = 2, also: tuple[str, ...] = ()) -> dict[str, Any]:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        asked = made.do("gates", {"model": model.id, "version": version, "alias": "champion", "also": also})
        return {gate["name"]: gate for gate in asked["gates"]}

    yield ask
    path.unlink(missing_ok=True)


def evidence(made: Living, name: str) -> dict[str, Any]:
    """What was kept with a gate's last answer."""
    row = made.store.reader.execute(
        "SELECT evidence FROM gate_result WHERE name = ? ORDER BY rowid DESC LIMIT 1", (name,)
    ).fetchone()
    return json.loads(row[0])


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_rows_that_neither_learnt_from_are_judged_by(made: Living, gates: Callable[..., Any]) -> None:
    """Of the second file those alone that are held out: the challenger learnt from the others, the champion from the old ones."""
    said = gates("[not_worse_than_champion]\nrows = 50\n")
    gate, told = said["not_worse_than_champion"], evidence(made, "not_worse_than_champion")
    assert told["files"] == 1
    assert ROWS * 0.15 < gate["n"] < ROWS * 0.28
    assert (gate["verdict"], gate["value"] > 0.15) == ("pass", True)
    old = gate["old_split"]  # on the old rows it is the other way round: told, and nothing comes of it
    assert old["difference"] < 0
    assert ROWS * 0.15 < old["n"] < ROWS * 0.28
    looks = [count_looks(made.store.reader, rows) for rows in (told["held_out_hash"], old["held_out_hash"])]
    gates("[not_worse_than_champion]\nrows = 50\n")
    again = [count_looks(made.store.reader, rows) for rows in (told["held_out_hash"], old["held_out_hash"])]
    assert again == [look + 1 for look in looks]


@pytest.mark.slow
def test_with_more_rows_asked_for_older_files_are_judged_by_too(made: Living, gates: Callable[..., Any]) -> None:
    few, many = gates("[not_worse_than_champion]\nrows = 50\n"), gates("[not_worse_than_champion]\nrows = 5000\n")
    assert evidence(made, "not_worse_than_champion")["files"] == 2
    assert many["not_worse_than_champion"]["n"] > few["not_worse_than_champion"]["n"]


def test_rows_of_newer_files_that_a_version_did_not_learn_from_are_judged_by(
    made: Living, gates: Callable[..., Any]
) -> None:
    """Version 1 learnt from the first file: all of the second is new to it, but for the rows that it has seen, and for those that
    are there twice.
    """
    model = find_model(made.store.reader, "leavers")
    assert model.aliases == {"champion": 1}
    gate = gates("[better_than_baseline]\nrows = 50\n", version=1)["better_than_baseline"]
    assert ROWS <= gate["n"] <= ROWS + 50 * 0.4


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_part_that_is_worse_is_named(made: Living, gates: Callable[..., Any]) -> None:
    """Version 1 as a challenger of version 2 on rows of the new world: it is worse in each part."""
    model = find_model(made.store.reader, "leavers")
    made.do("promote", {"model": model.id, "version": 2, "alias": "champion", "force": True, "why": "to compare"})
    said = gates("[slices]\nrows = 50\n[not_worse_than_champion]\nrows = 50\n", version=1)
    made.do("promote", {"model": model.id, "version": 1, "alias": "champion", "force": True, "why": "as it was"})
    assert (said["slices"]["verdict"], said["not_worse_than_champion"]["verdict"]) == ("fail", "fail")
    assert said["slices"]["why"].startswith("where plan = ")
    assert {part["slice"] for part in evidence(made, "slices")["slices"]} == {
        "plan = basic",
        "plan = gold",
        "plan = trial",
    }


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_parts_are_picked_as_the_step_up_rule_does(p: list[float]) -> None:
    """Against SciPy's adjusted values."""
    adjusted = false_discovery_control(p, method="bh")
    assert _surely_worse(p) >= {at for at, value in enumerate(adjusted) if value < FALSE_ALARMS * (1 - 1e-9)}
    assert _surely_worse(p) <= {at for at, value in enumerate(adjusted) if value <= FALSE_ALARMS * (1 + 1e-9)}


def test_budgets_are_kept_or_not(gates: Callable[..., Any]) -> None:
    said = gates("[latency]\nmilliseconds = 0.0001\n[memory]\nmegabytes = 1\n")
    assert (said["latency"]["verdict"], said["memory"]["verdict"]) == ("fail", "fail")
    assert said["latency"]["value"] > 0.01
    assert said["memory"]["value"] > 50
    said = gates("")
    assert (said["latency"]["verdict"], said["memory"]["verdict"]) == ("pass", "pass")


def test_a_card_is_filled_in_field_by_field(made: Living, gates: Callable[..., Any]) -> None:
    models = made.services.models
    models.describe("leavers", 2, {"owner": "", "intended_use": "to call them"})
    said = gates('[card]\nblocking = true\nfields = ["owner", "intended_use"]\n')["card"]
    assert (said["verdict"], said["refuses"], said["why"]) == ("fail", True, "its card does not say: owner")
    models.describe("leavers", 2, {"owner": "ada"})
    assert gates("")["card"]["verdict"] == "pass"


def test_a_model_that_says_the_same_of_every_row_is_not_better_than_none(tmp_path: Path) -> None:
    living = Living(tmp_path / "work")
    living.add("customers", customers(300), target="left", id_column="id")
    _, trials = living.tune("customers", trials=1, seed=1, name="none", families=["dummy"])
    living.register(trials[0], "none")
    model = find_model(living.store.reader, "none")
    asked = living.do("promote", {"model": model.id, "version": 1, "alias": "champion"})
    gate = next(gate for gate in asked["gates"] if gate["name"] == "better_than_baseline")
    assert (asked["promoted"], gate["verdict"]) == (False, "fail")
    living.close()


@pytest.mark.slow
def test_a_column_that_tells_the_target_is_a_sign_of_leakage(tmp_path: Path) -> None:
    """A copy fails; a name like the target's alone cannot be told."""
    living = Living(tmp_path / "work")
    frame = customers(300)
    living.add("copied", frame.assign(gone=(frame["left"] == "yes") * 7.5), target="left", id_column="id")
    living.add(
        "named", frame.assign(left_before=np.random.default_rng(1).normal(size=300)), target="left", id_column="id"
    )
    said = {}
    for name in ("copied", "named"):
        _, trials = living.tune(name, trials=1, seed=1, name=name, families=["random_forest"])
        living.register(trials[0], name)
        model = find_model(living.store.reader, name)
        asked = living.do("gates", {"model": model.id, "version": 1, "alias": "champion"})
        said[name] = next(gate for gate in asked["gates"] if gate["name"] == "leakage")
    assert (said["copied"]["verdict"], said["copied"]["why"]) == ("fail", "'gone' alone tells 'left'")
    assert (said["named"]["verdict"], "'left_before' is named like" in said["named"]["why"]) == ("cannot_tell", True)
    living.close()


def test_training_data_that_was_let_in_over_a_check_needs_a_reason(made: Living, gates: Callable[..., Any]) -> None:
    with made.store.write() as writing:
        writing.execute("UPDATE source_file SET released = 'the till was broken' WHERE path = '1.csv'")
    try:
        said = gates("")["training_data"]
    finally:
        with made.store.write() as writing:
            writing.execute("UPDATE source_file SET released = NULL WHERE path = '1.csv'")
    assert said["verdict"] == "cannot_tell"
    assert said["why"] == "1.csv broke a check and was let in: the till was broken"
    assert gates("")["training_data"]["verdict"] == "pass"


def test_what_nothing_compares_with_is_said_and_nothing_fails_for_it(made: Living) -> None:
    """A version of no study: which rows it learnt from is not known, so what needs them cannot tell."""
    with made.store.write() as writing:
        writing.execute("UPDATE model_version SET study_id = NULL WHERE number = 2")
    try:
        model = find_model(made.store.reader, "leavers")
        asked = made.do("gates", {"model": model.id, "version": 2, "alias": "champion"})
    finally:
        version = find_version(made.store.reader, "leavers:1")
        study = made.store.reader.execute("SELECT id FROM study WHERE name = 'after'").fetchone()[0]
        assert study != version.study_id
        with made.store.write() as writing:
            writing.execute("UPDATE model_version SET study_id = ? WHERE number = 2", (study,))
    said = {gate["name"]: gate["verdict"] for gate in asked["gates"]}
    assert said["not_worse_than_champion"] == said["better_than_baseline"] == said["leakage"] == "cannot_tell"
    assert said["signature"] == said["latency"] == "pass"


# ── one's own ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("sql", "bound", "verdict"),
    [
        ("SELECT count(*) FROM rows WHERE probability > 1", "most = 0", "pass"),
        ("SELECT count(*) FROM rows WHERE prediction IN ('yes', 'no')", "most = 0", "fail"),
        ("SELECT avg(age) FROM rows WHERE plan = 'none such'", "least = 30", "cannot_tell"),
        ("SELECT avg(age) FROM rows", "least = 30\nmost = 50", "pass"),
    ],
)
def test_a_statement_gives_a_number_that_is_within_bounds_or_not(
    gates: Callable[..., Any], sql: str, bound: str, verdict: str
) -> None:
    said = gates(f'[own]\nsql = "{sql}"\n{bound}\n')["own"]
    assert (said["verdict"], said["refuses"]) == (verdict, verdict != "pass")


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT age FROM rows", "does not give one number"),
        ("DROP TABLE rows", "only read"),
        ("SELECT count(*) FROM read_csv('/etc/passwd')", "is refused"),
        ("SELECT nothing FROM rows", "is refused"),
    ],
)
def test_a_statement_that_is_none_cannot_tell_and_says_why(gates: Callable[..., Any], sql: str, words: str) -> None:
    """It reads the judged rows and no file."""
    said = gates(f'[own]\nsql = "{sql}"\nmost = 0\n')["own"]
    assert (said["verdict"], words in said["why"]) == ("cannot_tell", True), said["why"]


@pytest.mark.parametrize(
    ("body", "verdict", "why"),
    [
        ("return bool(rows['probability'].between(0, 1).all())", "pass", "the function said True"),
        ("return False, 'too many gold ones'", "fail", "too many gold ones"),
        ("return None, 'nobody of that age'", "cannot_tell", "nobody of that age"),
        ("return len(rows)", "fail", "allowed: at most 3"),
        ("raise ValueError('not my day')", "cannot_tell", "raised ValueError: not my day"),
        ("return 'perhaps'", "cannot_tell", "gave 'perhaps'"),
    ],
)
def test_a_function_says_yes_no_neither_or_a_number(
    made: Living, gates: Callable[..., Any], body: str, verdict: str, why: str
) -> None:
    (made.root / "gates.py").write_text(f"def fair(rows):\n    {body}\n", "utf-8")
    said = gates('[own]\npython = "gates.py:fair"\nmost = 3\n')["own"]
    assert (said["verdict"], why in said["why"]) == (verdict, True), said["why"]


@pytest.mark.parametrize(
    ("script", "verdict", "why"),
    [
        ("echo fine", "pass", "fine"),
        ("echo worse than v$MLOPS_CHAMPION; exit 1", "fail", "worse than v1"),
        ("exit 75", "cannot_tell", "exit code 75"),
        ("test -s $MLOPS_MODEL_FILE && test -s $MLOPS_ROWS && echo $MLOPS_MODEL $MLOPS_VERSION", "pass", "leavers 2"),
        ("sleep 9; true", "cannot_tell", "longer than 0.2 s"),
    ],
)
def test_a_command_says_it_by_its_exit_code(
    made: Living, gates: Callable[..., Any], script: str, verdict: str, why: str
) -> None:
    """The command is a line of the shell."""
    said = gates(f"[own]\ncommand = {json.dumps(script)}\nseconds = {0.2 if 'sleep' in script else 60}\n")["own"]
    assert (said["verdict"], why in said["why"]) == (verdict, True), said["why"]


def test_a_gate_of_ones_own_that_names_nothing_cannot_tell(gates: Callable[..., Any]) -> None:
    for text in ('python = "none.py:fair"', 'python = "none"', 'command = "no-such-program --at-all"'):
        said = gates(f"[own]\n{text}\n")["own"]
        assert (said["verdict"], said["refuses"]) == ("cannot_tell", True), text
