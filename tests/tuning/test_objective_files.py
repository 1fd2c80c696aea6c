"""An objective of the user's own: any function of Optuna's trial, run by our workers as a study like the others."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from mlops_tui.core.errors import JobError, UsageError
from mlops_tui.jobs.query import list_workers
from mlops_tui.jobs.service import Jobs
from mlops_tui.presenters.tune import warning
from mlops_tui.registry.engine.recipe import recipe_of
from mlops_tui.runs.query import get_run
from mlops_tui.store.store import Store
from mlops_tui.tuning.engine.storage import open_storage
from mlops_tui.tuning.model import Study, Trial
from mlops_tui.tuning.query import count_trials, get_study, list_trials
from mlops_tui.tuning.service import Studies
from tests.processes import wait_for

BOWL = """
import os
from beside import CENTRE

def objective(trial):
    kind = trial.suggest_categorical("kind", ["near", "far"])
    x = trial.suggest_float("x", 0.01, 10, log=True)
    depth = trial.suggest_int("depth", 1, 5) if kind == "far" else 0
    print("in", os.getcwd(), "with", x)
    trial.set_user_attr("twice", 2 * x)
    return (x - CENTRE) ** 2 + depth
"""
REPORTING = """
import optuna

def train(trial):
    x = trial.suggest_float("x", 0, 1)
    for step in range(6):
        trial.report(x * (step + 1), step)
        if trial.should_prune():
            raise optuna.TrialPruned()
    return x * 6
"""
Write = Callable[..., str]


@pytest.fixture
def write(store: Store) -> Write:
    """Writes a Python file into the folder `code` of the workspace; returns how it is named from there."""

    def written(source: str, name: str = "train.py") -> str:
        folder = store.workspace.root / "code"
        folder.mkdir(exist_ok=True)
        (folder / "beside.py").write_text("CENTRE = 2\n")
        (folder / name).write_text(source)
        return f"code/{name}"

    return written


@pytest.fixture
def create(store: Store, studies: Studies, write: Write) -> Callable[..., Study]:
    def created(source: str = BOWL, function: str = "objective", **named: object) -> Study:
        return studies.create_own(f"{write(source)}:{function}", store.workspace.root, **named)  # type: ignore[arg-type]

    return created


def trials_of(store: Store, study: Study) -> list[Trial]:
    return list_trials(store.reader, study.id, limit=1000)


def log_of(store: Store, study: Study) -> str:
    job_id = get_study(store.reader, study.id).job_id
    return (store.workspace.logs / f"{job_id}.log").read_text()


def test_a_function_of_a_trial_is_tuned_as_a_study_and_its_space_is_learnt_from_its_trials(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    study = create(trials=30, seed=4)
    jobs.wait(studies.launch(study))
    trials = trials_of(store, study)
    assert [trial.state for trial in trials] == ["complete"] * 30
    assert all(
        trial.value == pytest.approx((trial.params["x"] - 2) ** 2 + trial.params.get("depth", 0)) for trial in trials
    )
    assert all(trial.attributes == {"twice": 2 * trial.params["x"]} for trial in trials)
    done = get_study(store.reader, study.id)
    assert (done.state, done.direction, done.best_value) == ("done", "minimize", min(t.value or 0 for t in trials))
    assert {name: kind["name"] for name, kind in done.space.items()} == {
        "kind": "CategoricalDistribution",
        "x": "FloatDistribution",
        "depth": "IntDistribution",
    }
    assert done.space["x"]["attributes"] == {"low": 0.01, "high": 10.0, "log": True, "step": None}
    run = get_run(store.reader, trials[0].run_id)
    assert run.params.keys() == trials[0].params.keys()
    assert f"trial 0 | in {store.workspace.root} with {trials[0].params['x']}" in log_of(store, study)
    kept = optuna.load_study(study_name=study.name, storage=open_storage(store.workspace.store))
    assert kept.best_value == done.best_value


def test_the_same_seed_gives_the_same_trials_after_a_worker_was_killed(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    slow = BOWL.replace("    print", "    import time; time.sleep(0.1)\n    print")
    undisturbed, killed = (create(slow, trials=14, seed=9) for _ in range(2))
    jobs.wait(studies.launch(undisturbed))
    job_id = studies.launch(killed)
    wait_for(lambda: count_trials(store.reader, killed.id).get("complete", 0) >= 4, 40)
    os.kill(list_workers(store.reader, job_id)[0].pid, signal.SIGKILL)
    jobs.wait(job_id)
    assert len(list_workers(store.reader, job_id)) == 2
    told = [
        [(trial.params, trial.value) for trial in trials_of(store, study) if trial.state == "complete"]
        for study in (undisturbed, killed)
    ]
    assert len(told[0]) == 14
    assert told[1] == told[0]


def test_trials_are_stopped_by_what_they_report_and_the_reports_are_a_curve_of_their_run(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    study = create(REPORTING, "train", trials=25)
    jobs.wait(studies.launch(study))
    trials = trials_of(store, study)
    stopped = [trial for trial in trials if trial.state == "pruned"]
    assert stopped
    assert all(trial.reason == "It was stopped early, after step 0." for trial in stopped)
    whole = next(trial for trial in trials if trial.state == "complete")
    points = store.reader.execute(
        "SELECT step, value FROM run_point WHERE run_id = ? AND key = 'value_by_step' ORDER BY step", (whole.run_id,)
    ).fetchall()
    assert [step for step, _ in points] == list(range(6))
    assert [value for _, value in points] == pytest.approx([whole.params["x"] * (step + 1) for step in range(6)])
    rounds = create(REPORTING, "train", trials=25, pruner="hyperband")
    jobs.wait(studies.launch(rounds))
    assert count_trials(store.reader, rounds.id).keys() == {"complete", "pruned"}
    whole_way = create(REPORTING, "train", trials=25, pruner="none")
    jobs.wait(studies.launch(whole_way))
    assert count_trials(store.reader, whole_way.id) == {"complete": 25}


def test_one_that_raises_in_every_trial_ends_after_the_first_few_with_its_trace_in_the_log(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    study = create(
        "def objective(trial):\n    trial.suggest_float('x', 0, 1)\n    raise ValueError('no such layer')\n", trials=50
    )
    with pytest.raises(JobError, match="None of 5 trials gave a value: ValueError: no such layer"):
        jobs.wait(studies.launch(study))
    assert count_trials(store.reader, study.id) == {"fail": 5}
    assert "trial 0 |   File " in log_of(store, study)
    assert "line 3, in objective" in log_of(store, study)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return None", "ValueError: It returned None, which is no number."),
        ("return float('nan')", "ValueError: It returned nan."),
        ("return 1.0, 2.0", "ValueError: It returned 2 values, and there is 1 to return."),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_what_is_no_value_fails_the_trial_with_its_reason_and_the_study_goes_on(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study], body: str, reason: str
) -> None:
    study = create(f"def objective(trial):\n    if trial.number == 1:\n        {body}\n    return 1.5\n", trials=3)
    jobs.wait(studies.launch(study))
    assert [(trial.state, trial.reason) for trial in trials_of(store, study)] == [
        ("complete", None),
        ("fail", reason),
        ("complete", None),
    ]


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (
            "import torchling\n\ndef objective(trial):\n    return 1\n",
            "train.py, line 1, cannot be run: ModuleNotFound",
        ),
        ("from beside import *\n", "train.py has no function 'objective'."),
    ],
)
def test_a_file_that_cannot_be_loaded_ends_the_study_with_that_sentence(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study], source: str, title: str
) -> None:
    with pytest.raises(JobError) as caught:
        jobs.wait(studies.launch(create(source)))
    assert caught.value.title.startswith(title)


REFUSED = [
    ("def objective(trial:\n    return 1\n", "code/train.py, line 1: "),
    ("def other(trial):\n    return 1\n", "code/train.py has no function 'objective'."),
    ("def objective():\n    return 1\n", "The function 'objective' of code/train.py does not take one argument."),
    ("def objective(a, b):\n    return 1\n", "The function 'objective' of code/train.py does not take one argument."),
    ("async def objective(trial):\n    return 1\n", "The function 'objective' of code/train.py is async."),
    ("objective = 3\n", "'objective' of code/train.py is no function."),
    ("\0", "code/train.py"),
]


@pytest.mark.parametrize(("source", "title"), REFUSED)
def test_what_cannot_be_an_objective_is_refused_at_once_and_not_run(
    store: Store, create: Callable[..., Study], source: str, title: str
) -> None:
    with pytest.raises(UsageError) as caught:
        create(f"{source}\nopen('was_run', 'w')\n" if "\0" not in source else source)
    assert caught.value.title.startswith(title)
    assert not list(store.workspace.root.rglob("was_run"))
    assert store.reader.execute("SELECT count(*) FROM study").fetchone() == (0,)


def test_what_may_be_an_objective_is_not_refused(create: Callable[..., Study]) -> None:
    for source in (
        "from beside import CENTRE as objective\n",
        "import functools\nobjective = functools.partial(print)\n",
        "if True:\n    def objective(trial, scale=1):\n        return 1\n",
        "class objective:\n    def __init__(self, trial): ...\n",
        "def objective(*trials):\n    return 1\n",
    ):
        assert create(source).script is not None


def test_a_missing_file_and_options_that_do_not_fit_are_refused(store: Store, studies: Studies, write: Write) -> None:
    file, root = write(BOWL), store.workspace.root
    for text, named, title in (
        ("nowhere.py", {}, "There is no file nowhere.py."),
        ("code", {}, "code is a folder."),
        (f"{file}:a b", {}, "is no FILE:FUNCTION."),
        (file, {"directions": ["up"]}, "The direction 'up' is not known."),
        (file, {"pruner": "paired"}, "The pruner 'paired' does not go with an objective of your own."),
        (file, {"seed": -1}, "The seed has to be zero or above."),
        (file, {"sampler": "dice"}, "The sampler 'dice' is not known."),
        (file, {"trials": 0}, "There cannot be 0 trials."),
    ):
        with pytest.raises(UsageError) as caught:
            studies.create_own(text, root, **named)  # type: ignore[arg-type]
        assert title in caught.value.title


def test_a_queued_trial_is_tried_next_and_what_no_trial_has_drawn_is_refused(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    study = create(trials=5)
    jobs.wait(studies.launch(study))
    study = studies.extend(get_study(store.reader, study.id), trials=6)
    for given, title in (({"y": "1"}, "objective has no parameter 'y'."), ({"x": "11"}, "x cannot be '11'.")):
        with pytest.raises(UsageError) as caught:
            studies.enqueue(study, given)
        assert caught.value.title == title
    assert studies.enqueue(study, {"kind": "near", "x": "2"}) == (5, {"kind": "near", "x": 2.0})
    jobs.wait(studies.resume(study))
    assert (trials_of(store, study)[5].params, trials_of(store, study)[5].value) == ({"kind": "near", "x": 2.0}, 0.0)


def test_a_file_that_has_changed_is_said_when_its_study_goes_on(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study], write: Write
) -> None:
    study = create(trials=2)
    jobs.wait(studies.launch(study))
    assert get_study(store.reader, study.id).notices == []
    write(BOWL + "# another\n")
    jobs.wait(studies.resume(studies.extend(get_study(store.reader, study.id), trials=3)))
    [notice] = get_study(store.reader, study.id).notices
    assert warning(get_study(store.reader, study.id)).text == notice.partition(". ")[0]
    assert study.script is not None
    assert notice.startswith(f"train.py has changed since the study began: it was {study.script.sha256[:8]} and is ")


def test_a_study_whose_file_is_gone_or_broken_does_not_go_on(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study], write: Write
) -> None:
    study = create(trials=1)
    jobs.wait(studies.launch(study))
    study = studies.extend(get_study(store.reader, study.id), trials=2)
    file = store.workspace.root / write("def objective(trial:\n")
    with pytest.raises(UsageError, match=r"code/train.py, line 1: "):
        studies.resume(study)
    file.unlink()
    with pytest.raises(UsageError, match=r"There is no file code/train.py\."):
        studies.resume(study)
    assert get_study(store.reader, study.id).state == "done"


def test_what_is_printed_by_other_ways_is_in_the_log_too(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    printing = """
import subprocess, sys

def objective(trial):
    print("half", end="")
    print(" and half")
    print("a bar 1\\ra bar 2", file=sys.stderr)
    sys.stdout.buffer.write(b"bytes\\n")
    subprocess.run(["echo", "by another process"], stdout=sys.stdout, check=True)
    print("no end", end="")
    return 1.0
"""
    study = create(printing, trials=1)
    jobs.wait(studies.launch(study))
    told = log_of(store, study)
    for line in ("half and half", "a bar 1", "a bar 2", "no end"):
        assert f"trial 0 | {line}\n" in told
    assert "bytes\n" in told
    assert "by another process\n" in told


def test_the_commit_that_the_file_was_at_is_kept(store: Store, create: Callable[..., Study], write: Write) -> None:
    write(BOWL)
    folder = store.workspace.root / "code"
    for line in ("init -q", "add .", "-c user.name=a -c user.email=a@b commit -q -m x"):
        subprocess.run(["git", "-C", str(folder), *line.split()], check=True, capture_output=True)
    head = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    script = create().script
    assert script is not None
    assert script.code == {"commit": head.stdout.strip(), "dirty": False}


def test_a_grid_ends_with_its_last_combination_and_a_study_that_stops_itself_there(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    grid = create("def objective(trial):\n    return trial.suggest_int('x', 1, 3)\n", trials=20, sampler="grid")
    jobs.wait(studies.launch(grid))
    assert sorted(trial.params["x"] for trial in trials_of(store, grid)) == [1, 2, 3]
    own = create("def objective(trial):\n    if trial.number == 2:\n        trial.study.stop()\n    return 1\n")
    jobs.wait(studies.launch(own))
    assert count_trials(store.reader, own.id) == {"complete": 3}


def test_a_grid_takes_a_few_values_of_each_range_and_minds_parameters_that_depend_on_others(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    text = """
def objective(trial):
    rate = trial.suggest_float("rate", 1e-3, 1, log=True)
    if trial.suggest_categorical("kind", ["tree", "line"]) == "tree":
        return rate + trial.suggest_int("depth", 1, 1_000_000)
    return rate
"""
    study = create(text, trials=50, sampler="grid", seed=3)
    assert study.notices[0].startswith("The grid has 4 values of each range and every choice of a set;")
    jobs.wait(studies.launch(study))
    trials = trials_of(store, study)
    assert {trial.state for trial in trials} == {"complete"}
    tried = [tuple(sorted(trial.params.items())) for trial in trials]
    assert len(tried) == len(set(tried)) == 4 + 4 * 4
    assert sorted({round(trial.params["rate"], 6) for trial in trials}) == [0.001, 0.01, 0.1, 1.0]
    assert sorted({trial.params["depth"] for trial in trials if "depth" in trial.params}) == [
        1,
        333334,
        666667,
        1_000_000,
    ]


def test_a_queued_trial_beside_the_grid_takes_no_point_of_it(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    study = create("def objective(trial):\n    return trial.suggest_float('x', 0, 3)\n", trials=2, sampler="grid")
    jobs.wait(studies.launch(study))
    study = studies.extend(get_study(store.reader, study.id), trials=9)
    studies.enqueue(study, {"x": "0.5"})
    jobs.wait(studies.launch(study))
    assert sorted(trial.params["x"] for trial in trials_of(store, study)) == [0.0, 0.5, 1.0, 2.0, 3.0]


def test_its_trial_is_no_recipe_for_a_model(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    study = create(trials=1)
    jobs.wait(studies.launch(study))
    with pytest.raises(UsageError, match="an objective of your own, which keeps no model"):
        recipe_of(store, trials_of(store, study)[0].run_id)


def test_a_study_of_two_workers_has_as_many_trials_as_it_was_given(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study]
) -> None:
    study = create(BOWL.replace("    print", "    import time; time.sleep(0.05)\n    print"), trials=24, workers=2)
    jobs.wait(studies.launch(study))
    trials = trials_of(store, study)
    assert [trial.state for trial in trials] == ["complete"] * 24
    assert len({get_run(store.reader, trial.run_id).pid for trial in trials}) == 2


def test_a_trial_beyond_its_time_has_failed_with_that_reason(
    store: Store, studies: Studies, jobs: Jobs, create: Callable[..., Study], tmp_path: Path
) -> None:
    endless = """import time

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    time.sleep(60 if trial.number == 1 else 0)
    return x
"""
    study = create(endless, trials=3, trial_timeout=1.0)
    jobs.wait(studies.launch(study))
    assert [trial.state for trial in trials_of(store, study)] == ["complete", "fail", "complete"]
    assert trials_of(store, study)[1].reason == "It took longer than its limit of 1 s."
    assert trials_of(store, study)[1].params.keys() == {"x"}, "what it had drawn is known though it was killed"
