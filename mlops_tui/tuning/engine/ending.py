"""What is done once when all trials of a study have ended; loaded then, for no first trial is to wait for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from optuna.trial import FrozenTrial

from mlops_tui.core.errors import BadTarget
from mlops_tui.evaluation.splits import Folds
from mlops_tui.jobs.context import JobContext
from mlops_tui.tuning.engine.analysing import analyse
from mlops_tui.tuning.engine.anew import Anew
from mlops_tui.tuning.engine.ensembling import assemble
from mlops_tui.tuning.engine.fit import Prepared
from mlops_tui.tuning.engine.mirror import best_first
from mlops_tui.tuning.engine.rescoring import draws, finalists, rescore, score
from mlops_tui.tuning.engine.row_scorer import RowScorer
from mlops_tui.tuning.engine.together import Together
from mlops_tui.tuning.model import Study
from mlops_tui.tuning.notices import NOT_ANEW, note
from mlops_tui.tuning.query import finalists_of


def choose(
    context: JobContext,
    study: Study,
    complete: list[FrozenTrial],
    prepared: Prepared,
    folds: Folds,
    together: Together,
    drawn_anew: Callable[[int], AbstractContextManager[Anew]],
) -> None:
    """Scores the finalists once more, together with the other workers that are there; then one of them chooses, and tells what
    is known without another fit.
    """
    scorer = RowScorer(study, prepared, folds)
    known = hashlib.sha256(json.dumps([trial.number for trial in complete]).encode()).hexdigest()
    trials = finalists(study, complete)
    with ExitStack() as stack:
        anew: Anew | None = None
        words = ""
        try:
            anew = stack.enter_context(drawn_anew(draws(study, trials, complete, len(prepared.training))))
        except BadTarget as error:  # a fold more than there is room for, or no other ones
            words = f"{NOT_ANEW}, and the best is the one that was searched: {error.title}"
        else:
            score(context, study, trials, anew)

        def decide() -> None:
            best: tuple[float, ...] = ()
            if anew is None:
                context.log(words)
                note(context.store, study, words)
            else:
                best = rescore(context, study, trials, anew)
            if study.ensemble:
                assemble(context, study, complete, scorer, folds, anew, best)
            finalist = next(iter(finalists_of(context.store.reader, study.id)), None)
            chosen = finalist.number if finalist is not None else best_first(study, complete)[0].number
            analyse(context, study, chosen, prepared, scorer)

        together.once(f"choice-{known}", decide)
