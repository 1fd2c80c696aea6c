"""Models: a promotion beside the evaluation that it needs, a rollback, and the screen on a thousand models."""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path

from mlops_tui.bootstrap import Services
from mlops_tui.core.clock import from_seconds
from mlops_tui.registry.engine.gates.evidence import Evidence
from mlops_tui.registry.gates import KINDS
from mlops_tui.registry.query import find_version
from tests.benchmarks.measuring import Figure, milliseconds
from tests.benchmarks.opening import milliseconds_to_open
from tests.benchmarks.place import OURS, Place
from tests.living import Living
from tests.tui.tuned import SIGNATURE

LOANS = Path("sample_data/loan_applications/training.csv")
MODELS, VERSIONS, TIMES = 1_000, 50, 20


def figures(place: Place) -> list[Figure]:
    """Seconds of the whole command; milliseconds of the rollback and of the screen at 160 × 50 cells."""
    promoted, evaluated, back = _promoted(place)
    place.reference.take()
    with place.workspace("models") as services:
        _fill(services)
        root = services.workspace.root
    to_open = milliseconds_to_open(place, root, "6", "model-0000")
    beside = f"the whole command, less {milliseconds(evaluated)} of prediction on the judged rows"
    return [
        Figure("promotion with the default gates", promoted - evaluated, "s", 3, beside),
        Figure("rollback", back * 1000, "ms", 100, f"median of {TIMES}, and as many undone"),
        Figure(
            f"Models on {MODELS:,} × {VERSIONS}: open",
            to_open,
            "ms",
            200,
            "key 6, first time",
        ),
    ]


def _promoted(place: Place) -> tuple[float, float, float]:
    """Seconds of the command, of the two models' predictions in it, and of a rollback."""
    living = Living(place.folder / "promoting")
    source = living.services.sources.add(LOANS.resolve(), name="loans", target="defaulted", time_column="applied_at")
    living.do("scan", {"sources": [source.id]})
    _, trials = living.tune("loans", trials=3, seed=1, name="loans", families=["hgb"])
    for trial in trials[:2]:
        living.register(trial, "loans")
    _command(living, place, 1)
    place.reference.take()
    taken = _command(living, place, 2)
    versions = [find_version(living.store.reader, f"loans:{number}") for number in (2, 1)]
    evidence = Evidence(living.store, living.services.settings, *versions)
    _ = evidence.pipeline, evidence.champion_pipeline
    rows = evidence.rows(KINDS["not_worse_than_champion"].keys["rows"].default)
    begun = time.perf_counter()
    evidence.scores(rows)
    evidence.champion_scores(rows)
    evaluated = time.perf_counter() - begun
    back = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        living.services.models.rollback("loans")
        back.append(time.perf_counter() - begun)
        living.services.models.undo_rollback("loans")
    living.close()
    return taken, evaluated, statistics.median(back)


def _command(living: Living, place: Place, version: int) -> float:
    words = ["models", "promote", "loans", str(version), "--force", "--why", "to be measured", "--json"]
    begun = time.perf_counter()
    ended = subprocess.run(
        [OURS, "--workspace", str(living.root), *words],
        capture_output=True,
        text=True,
        env=place.environment,
        check=False,
    )
    taken = time.perf_counter() - begun
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return taken


def _fill(services: Services) -> None:
    """Models with versions, all of which were asked all gates; the store has them at once."""
    moment, gates = from_seconds(1_780_000_000.0), [name for name, kind in KINDS.items() if kind.asked]
    signature, models, versions, results, aliases = json.dumps(SIGNATURE), [], [], [], []
    for model in range(MODELS):
        model_id = f"M{model:025d}"
        models.append((model_id, f"model-{model:04d}", "binary", moment))
        aliases.append((model_id, "champion", VERSIONS, 1, moment))
        for number in range(1, VERSIONS + 1):
            version = f"V{model:012d}{number:013d}"
            versions.append(
                (
                    *(
                        version,
                        model_id,
                        number,
                        "R",
                        "S",
                        1,
                        "hgb",
                        "{}",
                        "0" * 64,
                        1,
                        signature,
                        "[]",
                        '{"packages": {}}',
                    ),
                    *('{"roc_auc": 0.8}', "{}", "null", moment),
                )
            )
            results += [
                (f"{version}{name}"[:60], version, "champion", name, "pass", 1, f"{name} holds", "{}", moment, version)
                for name in gates
            ]
    with services.store.write() as writing:
        many = writing.connection.executemany
        many("INSERT INTO model (id, name, task, created) VALUES (?, ?, ?, ?)", models)
        many("INSERT INTO model_alias VALUES (?, ?, ?, ?, ?)", aliases)
        many(
            "INSERT INTO model_version (id, model_id, number, run_id, source_id, data_version, family, params, artifact, size,"
            " signature, types, environment, metrics, checks, code, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            versions,
        )
        many(
            "INSERT INTO gate_result (id, version_id, alias, name, verdict, blocking, why, evidence, at, asking)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            results,
        )
        writing.changed("models")
