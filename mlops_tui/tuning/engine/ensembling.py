"""The average of a study's best trials, chosen from what they said of rows that they had not learnt from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
from optuna.trial import FrozenTrial

from mlops_tui.core.clock import now, to_seconds
from mlops_tui.core.ids import new_id
from mlops_tui.evaluation.corrected import corrected_error
from mlops_tui.evaluation.ensembling import averaged, select
from mlops_tui.evaluation.splits import Folds, test_share
from mlops_tui.jobs.context import JobContext
from mlops_tui.jobs.liveness import this_process
from mlops_tui.store.session import SessionWriting, write_session
from mlops_tui.tuning.analysis import Ensemble, Member, members_of_run
from mlops_tui.tuning.engine.anew import Anew
from mlops_tui.tuning.engine.mirror import best_first, recipe
from mlops_tui.tuning.engine.predictions import Array, folder_of, joined, read
from mlops_tui.tuning.engine.row_scorer import RowScorer
from mlops_tui.tuning.engine.trial_file import RUN
from mlops_tui.tuning.model import ENSEMBLE, Study
from mlops_tui.tuning.table import AnalysisRow

ROWS = 10_000
"""Of more rows so many are asked which average is the best; its figures are of all."""


def assemble(
    context: JobContext,
    study: Study,
    complete: Sequence[FrozenTrial],
    scorer: RowScorer,
    folds: Folds,
    anew: Anew | None,
    best: Sequence[float],
) -> None:
    """Chooses the ensemble and writes it down as a run of the study, in place of an earlier one. It is scored as the
    finalists are, on folds drawn anew where there are such; `best` are the values there of the best of them.
    """
    known = _candidates(context, study, complete, scorer.rows)
    if not known:
        context.log("No ensemble: what the trials said was not kept.")
        return
    context.progress(study.trials, study.trials, note=f"choosing an ensemble of {len(known)} trials", force=True)
    trials, predictions = [trial for trial, _ in known], [kept for _, kept in known]
    scored = [scored for _, scored in folds]
    few = _some(scored, study.seed)

    def chosen(folds: Sequence[Array]) -> Counter[int]:
        return select(predictions, lambda one: float(np.mean([scorer.goodness(one, rows) for rows in folds])))

    counts = chosen(few)
    left = [chosen([other for other in few if other is not fold]) for fold in few] if len(few) > 1 else [counts]
    across = [scorer.goodness(averaged(predictions, without), rows) for without, rows in zip(left, scored, strict=True)]
    together = averaged(predictions, counts)
    alone = [scorer.goodness(predictions[0], rows) for rows in scored]  # the best trial's
    found = Ensemble(
        None,
        study.sign * float(np.mean([scorer.goodness(together, rows) for rows in scored])),
        study.sign * float(np.mean(across)),
        trials[0].number,
        study.sign * float(np.mean(alone)),
        corrected_error([one - other for one, other in zip(across, alone, strict=True)], test_share(folds)),
        tuple(
            Member(
                trials[place].number,
                trials[place].user_attrs[RUN],
                recipe(trials[place])[0],
                count / counts.total(),
            )
            for place, count in sorted(counts.items(), key=lambda item: (-item[1], trials[item[0]].number))
        ),
    )
    if anew is not None and len(found.members) > 1:
        context.progress(study.trials, study.trials, note="scoring the ensemble once more", force=True)
        values = _on(anew, [(trials[place], count) for place, count in sorted(counts.items())], scorer)
        found = replace(
            found,
            recheck=study.sign * float(np.mean(values)),
            recheck_best=study.sign * float(np.mean(best)),
            recheck_error=corrected_error(
                [one - other for one, other in zip(values, best, strict=True)], test_share(anew.folds)
            ),
        )
    with write_session(context.store) as writing:
        home = context.store.workspace.identity()
        weights = sorted((trials[place].number, count) for place, count in counts.items())
        run_id = _run_of(writing, study, weights, found.value, home) if len(found.members) > 1 else None
        kept = {**asdict(found), "run_id": run_id}
        writing.execute("DELETE FROM study_analysis WHERE study_id = ? AND kind = ?", (study.id, ENSEMBLE))
        writing.add(AnalysisRow(study_id=study.id, kind=ENSEMBLE, payload=json.dumps(kept)))
        after = {"run": run_id, "trials": [member.number for member in found.members]}
        writing.event("assembled", ("study", study.id, study.name), after=after)
        writing.changed("studies", "runs", "metrics")
    context.log(
        f"an ensemble of {len(found.members)} trials: {study.metric} {found.value:.6g}, chosen on the same rows"
    )


def _on(anew: Anew, members: Sequence[tuple[FrozenTrial, int]], scorer: RowScorer) -> list[float]:
    """How good the average of the members is on each of the folds, after they have learnt from the others."""
    counts = Counter({place: count for place, (_, count) in enumerate(members)})
    values = []
    for place, (_, rows) in enumerate(anew.folds):  # one by one: a row is scored once in each draw
        said = [joined([anew.outcomes(trial)[place]], [rows], len(scorer.truth)) for trial, _ in members]
        values.append(scorer.goodness(averaged(said, counts), rows))
    return values


def _candidates(
    context: JobContext, study: Study, complete: Sequence[FrozenTrial], rows: Array
) -> list[tuple[FrozenTrial, Array]]:
    """The trials whose predictions are kept, one of each recipe, the best first."""
    folder = folder_of(context.store.workspace, study.id)
    found: dict[str, tuple[FrozenTrial, Array]] = {}
    for trial in best_first(study, complete):
        key = json.dumps(recipe(trial), sort_keys=True)
        if key in found or (kept := read(folder, trial.number)) is None or not np.isfinite(kept[rows]).all():
            continue
        found[key] = trial, kept
    return list(found.values())


def _some(folds: Sequence[Array], seed: int) -> list[Array]:
    """The folds' rows, of each the same share of them where they are many."""
    most = max(1, ROWS // len(folds))
    generator = np.random.default_rng(seed)
    return [rows if len(rows) <= most else np.sort(generator.choice(rows, most, replace=False)) for rows in folds]


def _run_of(writing: SessionWriting, study: Study, wanted: list[tuple[int, int]], value: float, home: str) -> str:
    """The run of an ensemble with these members and weights: the one that is there already, else a new one."""
    earlier = writing.execute(
        "SELECT r.id FROM run r JOIN run_param p ON p.run_id = r.id AND p.key = 'model' AND p.value = ?"
        " WHERE r.study_id = ? ORDER BY r.id",
        (ENSEMBLE, study.id),
    ).fetchall()
    for (run_id,) in earlier:
        if members_of_run(writing.connection, run_id) == (study.id, wanted):
            return str(run_id)
    run_id, at = new_id(), now()
    pid, started, host = this_process()
    name = f"{study.name}/{ENSEMBLE}" + (f"-{len(earlier) + 1}" if earlier else "")
    writing.execute(
        "INSERT INTO run (id, name, experiment, status, origin, study_id, started, ended, pid, pid_started, host, home)"
        " VALUES (?, ?, ?, 'finished', 'study', ?, ?, ?, ?, ?, ?, ?)",
        (run_id, name, study.name, study.id, at, at, pid, started, host, home),
    )
    params = [("model", ENSEMBLE, None), *((f"trial_{number}", str(weight), weight) for number, weight in wanted)]
    writing.connection.executemany(
        "INSERT INTO run_param (run_id, key, value, number) VALUES (?, ?, ?, ?)",
        [(run_id, *param) for param in params],
    )
    writing.execute(
        "INSERT INTO run_metric (run_id, key, value, special, step, at) VALUES (?, ?, ?, NULL, 0, ?)",
        (run_id, study.metric, value, to_seconds(at)),
    )
    return run_id
