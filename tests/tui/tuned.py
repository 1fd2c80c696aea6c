"""Studies with trials and models with versions, as the rooms write them, put in by plain SQL with fixed values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds
from mlops_tui.store.artifact import put_bytes
from mlops_tui.tuning.engine.optuna_tables import STATEMENTS
from mlops_tui.tuning.queue import UID
from tests.tui.filling import add_job

LATER = 4_100_000_000
"""The year 2099: what lies ahead is shown as just now, whenever a test runs."""

KINDS = {"age": "integer", "income": "numeric", "channel": "category", "loan": "identifier", "defaulted": "integer"}
HGB = {"learning_rate": 0.1, "max_iter": 100, "max_leaf_nodes": 31}
TRIALS: tuple[tuple[Any, ...], ...] = (
    ("complete", 0.7954, "hgb", HGB, 0.92, None),
    ("complete", 0.7836, "random_forest", {"max_features": 0.3, "min_samples_leaf": 1}, 1.83, None),
    ("fail", None, "logistic", {"C": 41.7}, 0.21, "ArithmeticError: roc_auc is not defined on every fold."),
    ("complete", 0.8006, "random_forest", {"max_features": 0.208, "min_samples_leaf": 10}, 1.33, None),
    ("complete", 0.8096, "hgb", {"learning_rate": 0.1194, "max_iter": 164, "max_leaf_nodes": 4}, 0.65, None),
    ("complete", 0.7854, "hgb", {"learning_rate": 0.0936, "max_iter": 296, "max_leaf_nodes": 35}, 4.06, None),
    ("running", None, "hgb", {"learning_rate": 0.2623, "max_iter": 246, "max_leaf_nodes": 6}, None, None),
)
"""State, value, family, parameters, seconds and reason of each trial."""


def fixed_id(kind: str, number: int) -> str:
    """An id that is the same in every run of the tests."""
    return f"01{kind.upper():0<16}{number:08d}"[:26]


def insert(services: Services, table: str, topic: str, row: Mapping[str, Any]) -> None:
    """Puts a row in, and says so to whoever looks."""
    with services.store.write() as writing:
        places = ", ".join("?" * len(row))
        writing.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))
        writing.changed(topic)


def add_source(services: Services, name: str = "loans", *, number: int = 1, target: str | None = "defaulted") -> str:
    """A source that has taken a file in, as far as its row says; returns its id."""
    source_id = fixed_id("S", number)
    row = {
        "id": source_id,
        "name": name,
        "path": f"{name}.csv",
        "pattern": f"{name}.csv",
        "role": "training",
        "target": target,
        "kinds": json.dumps(KINDS),
        "roles": json.dumps({column: {"role": "feature", "why": "a test"} for column in KINDS}),
        "options": "{}",
        "salt": "salt",
        "version": 1,
        "created": from_seconds(LATER + number),
    }
    insert(services, "source", "sources", row)
    version = {"source_id": source_id, "number": 1, "hash": "h", "files": 0, "rows": 0, "bytes": 0}
    version |= {"created": row["created"], "options": row["options"], "kinds": row["kinds"]}
    insert(services, "source_version", "sources", version)
    return source_id


def add_study(
    services: Services,
    name: str = "loans-1",
    *,
    number: int = 1,
    state: str = "running",
    trials: Sequence[tuple[Any, ...]] = TRIALS,
    total: int = 20,
    reason: str | None = None,
) -> str:
    """A study of the source loans with its job, which this process stands for while it is open; returns its id."""
    study_id = fixed_id("T", number)
    is_open = state in ("running", "paused", "stopping")
    ended = None if is_open else from_seconds(LATER + 95)
    told = {"done": len(trials), "total": total, "eta": 95.0, "ended": ended, "reason": reason}
    job = add_job(services, f"tune {name}", state, started=from_seconds(LATER), **told)
    row = {
        "id": study_id,
        "name": name,
        "source_id": fixed_id("S", 1),
        "version": 1,
        "target": "defaulted",
        "task": "binary",
        "metric": "roc_auc",
        "direction": "maximize",
        "families": json.dumps(["hgb", "random_forest", "logistic"]),
        "sampler": "tpe",
        "seed": 0,
        "trials": total,
        "workers": 1,
        "folds": 3,
        "state": state,
        "features": "[]",
        "notices": "[]",
        "job_id": job,
        "created": from_seconds(LATER),
        "ended": ended,
    }
    insert(services, "study", "studies", row)
    for place, trial in enumerate(trials):
        add_trial(services, study_id, place, trial, name=name)
    return study_id


def add_trial(services: Services, study_id: str, place: int, trial: tuple[Any, ...], *, name: str = "loans-1") -> str:
    """One trial and its run; returns the run's id."""
    state, value, family, params, seconds, reason = trial
    run_id = fixed_id("R", int(study_id[-4:]) * 1000 + place)
    began = from_seconds(LATER + place)
    run = {"id": run_id, "name": f"{name}/{place}", "experiment": name, "status": "finished", "origin": "study"}
    run |= {"study_id": study_id, "started": began, "ended": began, "host": "here", "home": "here"}
    insert(services, "run", "runs", run)
    row = {"study_id": study_id, "number": place, "run_id": run_id, "state": state, "value": value, "family": family}
    row |= {"params": json.dumps(params), "seconds": seconds, "reason": reason, "started": began}
    insert(services, "study_trial", "trials", row)
    return run_id


def begin_in_optuna(services: Services, study_id: str, trials: int = 0) -> None:
    """Optuna's tables with the study in them, as its first worker makes it, and so many trials that have ended."""
    with services.store.write() as writing:
        for statement in STATEMENTS:
            writing.execute(statement)
        writing.execute("INSERT INTO studies (study_id, study_name) VALUES (1, 'loans-1')")
        writing.execute(
            "INSERT INTO study_user_attributes (study_id, key, value_json) VALUES (1, ?, ?)",
            (UID, json.dumps(study_id)),
        )
        for number in range(trials):
            writing.execute("INSERT INTO trials (number, study_id, state) VALUES (?, 1, 'COMPLETE')", (number,))


def add_finalist(services: Services, study_id: str, place: int, *, chosen: bool = False) -> None:
    """One of the study's finalists, which scores as its trial did."""
    row = {"study_id": study_id, "number": place, "run_id": fixed_id("R", int(study_id[-4:]) * 1000 + place)}
    row |= {"value": 0.8, "recheck": 0.8, "error": 0.01, "fold_values": "[]", "chosen": chosen, "why": "simpler"}
    insert(services, "study_finalist", "studies", row)


MODEL_FILE = b"Bytes that are vouched for by their hash, and loaded by no test."
SIGNATURE = {
    "columns": [
        {"name": "age", "kind": "integer", "dtype": "int64", "categories": None},
        {"name": "income", "kind": "numeric", "dtype": "float64", "categories": None},
        {"name": "channel", "kind": "category", "dtype": "object", "categories": ["branch", "broker", "online"]},
    ],
    "target": "defaulted",
    "task": "binary",
    "classes": [0, 1],
    "positive": None,
}
PASSED = ("pass", 0.0055, -0.0023, 0.0133, "better than the champion v1 by 0.005 roc_auc on 2,422 held-out rows")
UNSURE = ("cannot_tell", 0.0011, -0.0151, 0.0173, "0.001 better than the champion v2, 95 % at most 0.015 worse")


def add_model(services: Services, name: str = "loans", *, number: int = 1, verdicts: Sequence[Any] = (PASSED,)) -> str:
    """A model with a version for each verdict (None: its gate was never asked); versions that passed were promoted."""
    model_id = fixed_id("M", number)
    moment = from_seconds(LATER)
    insert(services, "model", "models", {"id": model_id, "name": name, "task": "binary", "created": moment})
    champion = None
    for version, verdict in enumerate(verdicts, 1):
        version_id = fixed_id("V", number * 100 + version)
        artifact = {"artifact": put_bytes(services.workspace, MODEL_FILE)}
        insert(services, "model_version", "models", {**_version(version_id, model_id, version), **artifact})
        _event(services, number * 100 + version, "registered", (model_id, name), None, {"version": version})
        if verdict is not None:
            insert(services, "gate_result", "models", _gate(version_id, verdict, moment))
        if verdict is not None and verdict[0] == "pass":
            before = {"alias": "champion", "version": champion}
            champion = version
            _event(
                services,
                number * 100 + version + 50,
                "promoted",
                (model_id, name),
                before,
                {**before, "version": version},
            )
    if champion is not None:
        alias = {"model_id": model_id, "alias": "champion", "version": champion, "revision": champion, "moved": moment}
        insert(services, "model_alias", "models", alias)
    return model_id


def _version(version_id: str, model_id: str, number: int) -> dict[str, Any]:
    return {
        "id": version_id,
        "model_id": model_id,
        "number": number,
        "run_id": fixed_id("R", 1004),
        "study_id": fixed_id("T", 1),
        "source_id": fixed_id("S", 1),
        "data_version": 1,
        "family": "hgb",
        "params": json.dumps({"learning_rate": 0.1194, "max_iter": 164}),
        "size": len(MODEL_FILE),
        "signature": json.dumps(SIGNATURE),
        "types": "[]",
        "environment": json.dumps({"python": "3.11.7", "packages": {"numpy": "2.4.6", "scikit-learn": "1.9.1"}}),
        "metrics": json.dumps({"roc_auc": 0.8 + number / 100}),
        "checks": "{}",
        "code": "null",
        "created": from_seconds(LATER),
    }


def _gate(version_id: str, verdict: tuple[Any, ...], moment: str) -> dict[str, Any]:
    word, value, low, high, why = verdict
    row = {"id": f"G{version_id[1:]}", "version_id": version_id, "alias": "champion", "name": "not_worse_than_champion"}
    row |= {"on_cannot_tell": "refuse", "asking": f"J{version_id[1:]}"}
    row |= {"verdict": word, "blocking": 1, "value": value, "low": low, "high": high, "threshold": 0.01, "n": 2422}
    return {**row, "n_needed": 3390, "why": why, "evidence": json.dumps({"held_out_hash": "753e"}), "at": moment}


def _event(
    services: Services, number: int, verb: str, model: tuple[str, str], before: dict[str, Any] | None, after: Any
) -> None:
    row = {"id": fixed_id("E", number), "at": from_seconds(LATER), "actor": "person", "verb": verb}
    row |= {"subject_kind": "model", "subject_id": model[0], "subject_name": model[1]}
    insert(services, "event", "events", {**row, "before": json.dumps(before), "after": json.dumps(after)})
