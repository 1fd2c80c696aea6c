"""Creating studies, and the verbs that steer them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import count
from pathlib import Path
from shlex import quote
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.core.ids import new_id
from mlops_tui.core.settings import Settings
from mlops_tui.data.learning import ALL, parse
from mlops_tui.data.query import find_source
from mlops_tui.jobs.service import Jobs
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store
from mlops_tui.tuning.design import ONE_OBJECTIVE, design, source_as_of
from mlops_tui.tuning.listing import progress_of
from mlops_tui.tuning.model import (
    DONE,
    FOLDS,
    FOLDS_AT_LEAST,
    MEDIAN,
    NONE,
    OWN,
    OWN_PRUNERS,
    PAIRED,
    PAUSED,
    PRUNERS,
    RUNNING,
    SAMPLERS,
    STOPPED,
    Objective,
    Study,
    about_workers,
)
from mlops_tui.tuning.notes import write_note, write_tags
from mlops_tui.tuning.problem import Problem, problem_of
from mlops_tui.tuning.query import count_trials, get_study
from mlops_tui.tuning.queue import configuration, own_configuration, put
from mlops_tui.tuning.refusals import (
    job_of,
    refuse_taken,
    require_budget,
    require_folds,
    require_limits,
    require_name,
    require_one_of,
    require_pruner,
    require_seed,
    require_trials,
    require_workers,
)
from mlops_tui.tuning.script import change_of, check_again, objectives, read_script
from mlops_tui.tuning.sentences import GRID_OF_OWN, about_limits
from mlops_tui.tuning.space import Space
from mlops_tui.tuning.table import StudyRow
from mlops_tui.tuning.targets import target_of

MORE_TRIALS = 20
"""How many are proposed where a study has had all that it was given."""


class Studies:
    """The studies of one workspace."""

    def __init__(self, store: Store, settings: Settings, jobs: Jobs) -> None:
        self._store = store
        self._settings = settings
        self._jobs = jobs

    def create(
        self,
        source_selector: str,
        *,
        version: int | str | None = None,
        target: str | None = None,
        metric: str | None = None,
        families: Sequence[str] | None = None,
        trials: int = 20,
        timeout: float | None = None,
        workers: int = 1,
        seed: int = 0,
        name: str | None = None,
        sampler: str = "tpe",
        pruner: str = PAIRED,
        folds: int = FOLDS,
        space: Space | None = None,
        trial_timeout: float | None = None,
        trial_memory: int | None = None,
        ensemble: bool = False,
        warm_start: str | None = None,
        task: str | None = None,
        split: str | None = None,
        positive: str | None = None,
        window: str | None = None,
    ) -> Study:
        """Writes a study of a version of a source down, by default of its newest; nothing is trained yet.

        The version, its number or a tag, is the study's for good: a tag that moves later changes nothing. `space` are
        distributions in place of the families' own. `trial_timeout` is in seconds, `trial_memory` in bytes. `warm_start` names an
        earlier study whose best trials are tried after the defaults, or says `earlier` for any on the same columns. `task` and `split` are
        one of `TASKS` and of `SPLITS`, and `positive` one of two classes; what is not said is guessed. `window` says which rows of the
        version are learnt from, all where it is not said.

        Raises:
            UsageError: an unknown source, version, family, metric or sampler, a space that does not fit the families, a
                task, split or positive class that does not fit the target, a budget below one, or a name that is taken.
            DataError: the source has no version yet, or no column to learn from.
            UnknownColumn: the target is no column of it.
            BadTarget: the target cannot be learnt.
        """
        current = find_source(self._store.reader, source_selector)
        require_budget(trials, workers, timeout)
        require_limits(trial_timeout, trial_memory)
        require_seed(seed)
        require_name(name)
        require_one_of("sampler", sampler, SAMPLERS)
        require_pruner(pruner, PRUNERS, OWN_PRUNERS, "a source")
        require_folds(folds)
        rows = None if window is None else parse(window).text
        source, number, profile = source_as_of(self._store.reader, current, version)
        made = design(
            self._store.reader,
            source,
            profile,
            own_families=self._settings.families,
            target=target,
            metric=metric,
            families=families,
            trials=trials,
            workers=workers,
            sampler=sampler,
            folds=folds,
            space=space or {},
            trial_timeout=trial_timeout,
            trial_memory=trial_memory,
            ensemble=ensemble,
            warm_start=warm_start,
            task=task,
            split=split,
            positive=positive,
        )
        row = StudyRow(
            id=new_id(),
            name=name or self.free_name(source.name),
            source_id=source.id,
            version=number,
            target=made.target,
            positive=made.problem.positive,
            task=made.problem.task,
            split=made.problem.split,
            metric=made.objectives[0].name,
            direction=made.objectives[0].direction,
            families=json.dumps(made.families),
            sampler=sampler,
            seed=seed,
            trials=made.trials,
            timeout=timeout,
            workers=workers,
            folds=folds,
            pruner=NONE if len(made.objectives) > 1 else pruner,
            trial_timeout=trial_timeout,
            trial_memory=trial_memory,
            ensemble=ensemble,
            weight=made.weight,
            state=RUNNING,
            features=json.dumps([{"name": feature.name, "kind": feature.kind} for feature in made.features]),
            notices=json.dumps(made.notices),
            space=json.dumps(space) if space else None,
            warm_start=json.dumps([asdict(one) for one in made.begun]) if made.begun else None,
            objectives=_kept(made.objectives),
            window=None if rows == ALL else rows,
            created=now(),
        )
        return self._written(row, {"source": source.name, "version": number})

    def guess(self, source_selector: str, target: str) -> Problem:
        """The task and the split that a study of this target would have, where nobody says others.

        Raises:
            MlopsError: it could not be one, as `create` says.
        """
        reader = self._store.reader
        source, _, profile = source_as_of(reader, find_source(reader, source_selector), None)
        wanted = target_of(source, profile, target, FOLDS_AT_LEAST)
        return problem_of(source, wanted, profile[wanted], FOLDS_AT_LEAST)

    def create_own(
        self,
        script: str,
        folder: Path,
        *,
        directions: Sequence[str] = (),
        metrics: Sequence[str] = (),
        trials: int = 20,
        timeout: float | None = None,
        workers: int = 1,
        seed: int = 0,
        name: str | None = None,
        sampler: str = "tpe",
        pruner: str | None = None,
        trial_timeout: float | None = None,
        trial_memory: int | None = None,
    ) -> Study:
        """Writes a study of an objective of the user's own down, `FILE:FUNCTION` as seen from the folder it is to work in.

        Raises:
            UsageError: a file or function that cannot be it, an unknown direction, sampler or pruner, a budget below one, or
                a name that is taken.
        """
        require_budget(trials, workers, timeout)
        require_limits(trial_timeout, trial_memory)
        require_seed(seed)
        require_name(name)
        require_one_of("sampler", sampler, SAMPLERS)
        found = objectives(directions, metrics)
        usual = NONE if len(found) > 1 else MEDIAN
        require_pruner(pruner or usual, OWN_PRUNERS, PRUNERS, "an objective of your own")
        if len(found) > 1 and (pruner or NONE) != NONE:
            raise UsageError("A trial of several objectives is not stopped early.", "Say --pruner none.")
        if len(found) > 1 and sampler == "cmaes":
            raise UsageError(ONE_OBJECTIVE, "Choose tpe or nsgaii.")
        read = read_script(script, folder, self._store.workspace)
        grid = [GRID_OF_OWN] if sampler == "grid" else []
        row = StudyRow(
            id=new_id(),
            name=name or self.free_name(Path(read.name).stem),
            source_id="",
            version=0,
            target="",
            task=OWN,
            metric=found[0].name,
            direction=found[0].direction,
            families="[]",
            sampler=sampler,
            seed=seed,
            trials=trials,
            timeout=timeout,
            workers=workers,
            folds=0,
            pruner=pruner or usual,
            trial_timeout=trial_timeout,
            trial_memory=trial_memory,
            state=RUNNING,
            features="[]",
            notices=json.dumps([*grid, *about_workers(workers), *about_limits(trial_timeout, trial_memory)]),
            script=json.dumps(asdict(read)),
            objectives=_kept(found),
            created=now(),
        )
        return self._written(row, {"objective": f"{read.path}:{read.function}"})

    def _written(self, row: StudyRow, after: dict[str, Any]) -> Study:
        with write_session(self._store) as writing:
            refuse_taken(writing, row.name)
            writing.add(row)
            writing.event("created", ("study", row.id, row.name), after=after)
            writing.changed("studies")
        return get_study(self._store.reader, row.id)

    def free_name(self, source: str) -> str:
        taken = {row[0] for row in self._store.reader.execute("SELECT name FROM study")}
        return next(name for number in count(1) if (name := f"{source}-{number}") not in taken)

    def launch(self, study: Study) -> str:
        """Starts the study's job, detached; returns the job's id. A study that ran before goes on where it was.

        Raises:
            UsageError: the file of an objective of the user's own is gone, or cannot be one any more.
        """
        kind, changed = "tune", None
        if study.script is not None:
            check_again(self._store.workspace, study.script)
            kind, changed = "objective", change_of(self._store.workspace, study.script)
        job_id = self._jobs.start(kind, f"tune {study.name}", {"study": study.id}, workers=study.workers)
        with self._store.write() as writing:
            if changed is not None and changed not in study.notices:
                notices = json.dumps([*study.notices, changed])
                writing.execute("UPDATE study SET notices = ? WHERE id = ?", (notices, study.id))
            writing.execute(
                "UPDATE study SET job_id = ?, state = ?, ended = NULL, reason = NULL WHERE id = ?",
                (job_id, RUNNING, study.id),
            )
            writing.event("launched", ("study", study.id, study.name), why=changed, after={"job": job_id})
            writing.changed("studies")
        return job_id

    def resume(self, study: Study) -> str:
        """Lets a paused study go on, or starts one again that ended before its trials were done.

        Raises:
            JobError: it is at work, or has ended with all of its trials.
        """
        if study.state == "paused" and study.job_id:
            return self._jobs.resume(study.job_id).id
        if study.job_id and study.state in ("running", "stopping"):
            raise JobError(f"Study '{study.name}' is {study.state}.", "See: mlops-tui studies show " + study.name)
        self.refuse_done(study)
        return self.launch(study)

    def refuse_done(self, study: Study) -> None:
        """Raises JobError where the study has ended with all of its trials, so that no worker would try another."""
        if study.state in (DONE, STOPPED) and progress_of(self._store.reader, study.id).ended >= study.trials:
            raise JobError(
                f"Study '{study.name}' is {study.state}, with all of its {study.trials:,} {'trial' if study.trials == 1 else 'trials'}.",
                f"Give it more first: mlops-tui studies extend {quote(study.name)} --trials {study.trials + MORE_TRIALS}",
            )

    def extend(self, study: Study, *, trials: int | None = None, timeout: float | None = None) -> Study:
        """Gives the study other limits: so many trials in all, so many seconds in all. Workers mind them at the next trial.

        Raises:
            UsageError: neither is given, or one is below what the study has used already.
        """
        ended = sum(count for state, count in count_trials(self._store.reader, study.id).items() if state != "running")
        if trials is None and timeout is None:
            raise UsageError("No limit is said.", "Say --trials K or --timeout 10m.")
        if trials is not None:
            require_trials(trials)
        if trials is not None and trials <= ended:
            raise UsageError(
                f"Study '{study.name}' has {ended} trials already.",
                "Say how many it is to have in all: more than those.",
            )
        if timeout is not None and timeout <= 0:
            raise UsageError("The time has to be above zero.", "For example: --timeout 10m")
        before = {"trials": study.trials, "timeout": study.timeout}
        after = {"trials": trials or study.trials, "timeout": timeout or study.timeout}
        with self._store.write() as writing:
            writing.execute(
                "UPDATE study SET trials = ?, timeout = ? WHERE id = ?", (after["trials"], after["timeout"], study.id)
            )
            writing.event("extended", ("study", study.id, study.name), before=before, after=after)
            writing.changed("studies")
        return get_study(self._store.reader, study.id)

    def set_workers(self, study: Study, workers: int) -> Study:
        """Gives the study more or fewer processes; one that is too many ends with its trial.

        Raises:
            UsageError: fewer than one.
        """
        if workers < 1:
            raise UsageError("A study has one worker at least.", "To have it wait: mlops-tui studies pause S")
        require_workers(workers)
        with self._store.write() as writing:
            writing.execute("UPDATE study SET workers = ? WHERE id = ?", (workers, study.id))
            if study.job_id is not None and study.state in (RUNNING, PAUSED):
                writing.execute("UPDATE job SET workers = ? WHERE id = ?", (workers, study.job_id))
            before, after = {"workers": study.workers}, {"workers": workers}
            writing.event("workers_set", ("study", study.id, study.name), before=before, after=after)
            writing.changed("studies", "jobs")
        return get_study(self._store.reader, study.id)

    def enqueue(self, study: Study, given: Mapping[str, str], family: str | None = None) -> tuple[int, dict[str, Any]]:
        """Puts a configuration into the study's queue, which comes before what the sampler draws; the trial's number, and
        what it is to try.

        Raises:
            UsageError: a family or parameter that there is not, or a value that is none of its own.
            JobError: the study has not begun, or has ended with all of its trials.
        """
        wanted = configuration(study, given, family) if study.script is None else own_configuration(study, given)
        self.refuse_done(study)
        with self._store.write() as writing:
            number = put(writing, study, wanted)
            writing.event("enqueued", ("study", study.id, study.name), after={"trial": number, "params": wanted})
            writing.changed("trials", "studies")
        return number, wanted

    def note(self, study: Study, text: str, trial: int | None = None) -> None:
        """Writes a note on the study, or on one of its trials, in place of the one before.

        Raises:
            JobError: the study has not begun.
            UsageError: there is no such trial.
        """
        with self._store.write() as writing:
            write_note(writing, study, text, trial)
            writing.event("noted", ("study", study.id, study.name), after={"trial": trial, "note": text or None})
            writing.changed("studies", "trials")

    def tag(
        self, study: Study, added: Sequence[str], removed: Sequence[str] = (), trial: int | None = None
    ) -> Sequence[str]:
        """Adds tags to the study, or to one of its trials, and takes others away; returns those that are there now.

        Raises:
            JobError: the study has not begun.
            UsageError: there is no such trial, no such tag to take away, or one to add that is no word.
        """
        with self._store.write() as writing:
            tags = write_tags(writing, study, added, removed, trial)
            writing.event("tagged", ("study", study.id, study.name), after={"trial": trial, "tags": list(tags)})
            writing.changed("studies", "trials")
        return tags

    def pause(self, study: Study) -> None:
        """No new trials."""
        self._jobs.pause(job_of(study, "pause"))

    def stop(self, study: Study) -> None:
        """Finishes what runs, then ends."""
        self._jobs.stop(job_of(study, "stop"))

    def cancel(self, study: Study) -> None:
        """Kills its processes; running trials are lost."""
        self._jobs.cancel(job_of(study, "be cancelled"))


def _kept(found: Sequence[Objective]) -> str | None:
    """Several objectives as the store keeps them; nothing where there is one."""
    return json.dumps([asdict(one) for one in found]) if len(found) > 1 else None
