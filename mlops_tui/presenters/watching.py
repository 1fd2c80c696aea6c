"""What arrives in watched folders, a line a file, and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from mlops_tui.jobs.model import FAILED, LOST, Job
from mlops_tui.presenters.jobs import done_of
from mlops_tui.presenters.words import between, count, counted, duration, one_line, remaining, size
from mlops_tui.store.event import Event

HANG = " " * 10
NARROWEST = 40
FILE_VERBS = {
    "taken_in": "taken in",
    "quarantined": "quarantined",
    "gone": "gone",
    "renamed": "renamed",
    "duplicate": "duplicate",
    "overlap": "rows of another file",
    "released": "released",
}
OTHER_VERBS = frozenset({"new_version", "schema_inferred", "schema_accepted", FAILED, LOST})
"""What else is told of sources, and of the jobs that read them."""


def is_told(event: Event) -> bool:
    """Whether the event is about what arrives."""
    return event.verb in (FILE_VERBS if event.subject_kind == "file" else OTHER_VERBS)


def arrival_line(event: Event, source: str) -> str:
    """When, in which source, which file, and what became of it."""
    named = (source, event.subject_name) if event.subject_kind == "file" else (event.subject_name, "")
    return f"{event.at[11:19]}  {one_line(named[0], 20):<12}  {one_line(named[1], 60):<24}  {_became(event)}"


def folded(line: str, width: int) -> str:
    """The line in a terminal of that many cells: it goes on below at whole words, under what follows the time."""
    pieces = wrap(line, max(width, NARROWEST), subsequent_indent=HANG, break_on_hyphens=False, break_long_words=False)
    return "\n".join(pieces)


def _became(event: Event) -> str:
    after, before = event.after or {}, event.before or {}
    verb = FILE_VERBS.get(event.verb, event.verb.replace("_", " "))
    if event.verb == "taken_in":
        figures = [counted(after["rows"] or 0, "row"), size(after["bytes"])] if "bytes" in after else []
        return ", ".join([verb, *figures, *_took(after.get("seconds"))]) + _warned(after.get("warnings") or ())
    if event.verb == "duplicate":
        return f"has the content of {one_line(str(after.get('of')))}; its rows count twice"
    if event.verb == "schema_inferred":
        return f"schema inferred from its first file; accepted by: mlops-tui data schema {one_line(event.subject_name)} --accept"
    if event.verb == "renamed":
        return f"{verb} from {one_line(str(before.get('path')))}"
    if event.verb == "new_version":
        return f"version {after.get('version')}: {counted(after.get('files', 0), 'file')}, {counted(after.get('rows', 0), 'row')}"
    why = event.why or ""
    return f"{verb}: {one_line(why, 400)}" if why else verb


def _warned(warnings: Sequence[str]) -> str:
    """What the file was warned of, such as rows that cannot be read."""
    more = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
    return f"; warning{more}: {one_line(warnings[0], 200)}" if warnings else ""


def _took(seconds: float | None) -> list[str]:
    return [] if seconds is None else [f"{seconds:.2f} s"]


def work_line(job: Job | None, waiting: int, now: float) -> str:
    """What waits and how fast it goes: of the scan that runs, else of the last one that ended."""
    queue = f"{counted(waiting, 'file')} to take in" if waiting else "nothing waits"
    if job is None:
        return queue
    if job.is_open:
        parts = [queue, one_line(job.note or job.state), done_of(job)]
        parts += [_rate(job.done, between(job.started, None, now) or 0.0)] if job.total else []
        parts += [f"{remaining(job.eta)} left"] if job.eta is not None else []
        return " · ".join(part for part in parts if part)
    told = job.result or {}
    if not told.get("files"):
        return queue
    files, seconds = told["files"], told["seconds"]
    speed = f"{count(round(files / seconds * 60))} files/min, {_rate(told['bytes'], seconds)}" if seconds > 0 else ""
    parts = [queue, f"last: {counted(files, 'file')}, {size(told['bytes'])} in {duration(seconds)}", speed]
    return " · ".join(part for part in parts if part)


def _rate(done: int, seconds: float) -> str:
    return f"{size(round(done / seconds))}/s" if seconds > 0 else ""
