"""The life cycle at a glance: what each stage holds, how it is, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mlops_tui.monitoring.alert import to_see
from mlops_tui.presenters.words import Cell, count, counted


class Card(NamedTuple):
    """One stage: its title and screen, its number and the number's noun, its state, and what comes next."""

    stage: str
    screen: str
    number: int
    noun: str
    state: Cell
    next: str


Status = Mapping[str, Any]


def cards(status: Status) -> list[Card]:
    """The seven stages in the order of the life cycle, from what `status` counts."""
    return [
        _data(status),
        _tuning(status),
        _runs(status),
        _models(status),
        _serving(status),
        _monitoring(status),
        _automation(status),
    ]


def _noun(number: int, one: str, many: str | None = None) -> str:
    return one if number == 1 else many or f"{one}s"


def _data(status: Status) -> Card:
    sources = status["sources"]
    number = sources["total"]
    if sources["quarantined"]:
        state = Cell(f"{counted(sources['quarantined'], 'file')} quarantined", "warn")
    elif sources["files"]:
        state = Cell(f"{counted(sources['files'], 'file')} in", "good")
    else:
        state = Cell("no files yet" if number else "nothing yet", "dim")
    return Card("Data", "data", number, _noun(number, "source"), state, "open" if number else "add a source")


def _tuning(status: Status) -> Card:
    studies = status["studies"]
    number = studies["total"]
    if studies["open"]:
        state = Cell(f"{studies['open']} running", "accent")
    elif studies["trials"]:
        state = Cell(counted(studies["trials"], "trial"), "good" if studies["finished"] else "dim")
    else:
        state = Cell("nothing yet", "dim")
    return Card(
        "Tuning", "tune", number, _noun(number, "study", "studies"), state, "open" if number else "tune a source"
    )


def _runs(status: Status) -> Card:
    runs = status["runs"]
    number = runs["total"]
    if runs["running"]:
        state = Cell(f"{runs['running']} running", "accent")
    elif runs["failed"]:
        state = Cell(f"{count(runs['failed'])} failed", "warn")
    else:
        state = Cell(f"{count(runs['finished'])} done", "good") if runs["finished"] else Cell("nothing yet", "dim")
    return Card("Runs", "runs", number, _noun(number, "run"), state, "open" if number else "log or tune")


def _models(status: Status) -> Card:
    models = status["models"]
    number = models["total"]
    if models["champions"]:
        state = Cell(counted(models["champions"], "champion"), "good")
    elif models["versions"]:
        state = Cell("no champion yet", "warn")
    else:
        state = Cell("nothing yet", "dim")
    after = "promote" if models["versions"] and not models["champions"] else ("open" if number else "register")
    return Card("Models", "models", number, _noun(number, "model"), state, after)


def _serving(status: Status) -> Card:
    models = status["models"]
    number = models["predictions"]
    waiting = Cell("ready" if models["champions"] else "no champion", "dim")
    state = Cell("predicted", "good") if number else waiting
    return Card("Serving", "models", number, _noun(number, "file"), state, "open" if number else "predict")


def _monitoring(status: Status) -> Card:
    number, alerts = status["models"]["drift_reports"], status["alerts"]["open"]
    state = Cell("measured", "good") if number else Cell("nothing yet", "dim")
    if alerts:
        state = Cell(counted(alerts, "open alert"), "bad" if to_see(status["alerts"]) else "dim")
    return Card("Monitoring", "monitor", number, _noun(number, "report"), state, "open" if number else "measure drift")


def _automation(status: Status) -> Card:
    agent, jobs = status["agent"], status["jobs"]
    if agent["watching"]:
        state = Cell("watching", "good") if agent["running"] else Cell("agent is down", "warn")
    else:
        state = Cell("not watching", "dim")
    after = "open" if agent["watching"] else "watch folders"
    return Card("Automation", "jobs", jobs["open"], f"open {_noun(jobs['open'], 'job')}", state, after)


LEVELS = (
    "by hand",
    "experiments can be repeated and compared",
    "data is watched, models are renewed through the gate",
)


class Climb(NamedTuple):
    """The level, what it means, and the step that would raise it; no step at the top."""

    level: int
    top: int
    words: str
    step: str
    command: str
    screen: str


SCREEN_OF_COMMAND = {
    "data": "data",
    "tune": "tune",
    "models": "models",
    "predict": "models",
    "drift": "monitor",
    "watch": "jobs",
}


def climb(status: Status) -> Climb:
    """The level of the workspace and the next step."""
    level, step = int(status["level"]), status["next"]
    words = LEVELS[min(level, len(LEVELS) - 1)]
    if step is None:
        return Climb(level, len(LEVELS) - 1, words, "", "", "")
    verb = step["command"].removeprefix("mlops-tui").split()[0]
    return Climb(level, len(LEVELS) - 1, words, step["words"], step["command"], SCREEN_OF_COMMAND.get(verb, "home"))
