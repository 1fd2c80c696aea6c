"""Models and versions as rows, as sections of one version, and as what moving an alias would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.monitoring.alert import ACKNOWLEDGED, BEGAN, ENDED
from mlops_tui.monitoring.outcomes import Standing
from mlops_tui.monitoring.quality_model import QualityChunk
from mlops_tui.overview.version_lineage import VersionLineage
from mlops_tui.presenters.gates import all_gates_cell, gate_lines, gates_title
from mlops_tui.presenters.predict import outcome_words
from mlops_tui.presenters.quality import quality_lines, quality_title
from mlops_tui.presenters.runs import Section
from mlops_tui.presenters.shadow import TITLE, shadow_lines
from mlops_tui.presenters.tune import param_text, score
from mlops_tui.presenters.version_lineage import lineage_lines
from mlops_tui.presenters.words import MISSING, Cell, age, count, counted, minute, one_line, size, state
from mlops_tui.registry.gates import CARD_FIELDS
from mlops_tui.registry.listing import ModelLine, VersionDetail, VersionLine
from mlops_tui.registry.model import (
    CHAMPION,
    DESCRIBED,
    EXPORTED,
    LOOKED,
    PROMOTED,
    REFUSED,
    REGISTERED,
    RESTORED,
    ROLLED_BACK,
    TEST,
    Signature,
)
from mlops_tui.registry.threshold import TUNED
from mlops_tui.store.event import Event

HASH = 12
MOST_CATEGORIES = 6
MODEL_TITLES = ("model", "champion", "versions", "newest metric", "task", "made", "id")
VERSION_TITLES = ("version", "alias", "metric", "test", "gates", "data", "family", "run", "made")


def metric_text(metrics: dict[str, float | None]) -> str:
    """The metrics that a version was chosen by: roc_auc 0.8096; thresholds are none."""
    told = {name: number for name, number in metrics.items() if not name.startswith((TUNED, TEST))}
    return "  ".join(f"{one_line(name)} {score(number)}" for name, number in told.items()) or MISSING


def model_cells(line: ModelLine, now: float) -> tuple[Cell, ...]:
    """The cells that `MODEL_TITLES` names, in that order."""
    model, champion = line.model, line.champion
    return (
        Cell(one_line(model.name)),
        Cell(f"v{champion}", "good") if champion else Cell("none", "warn"),
        Cell(count(model.versions)),
        Cell(metric_text(line.newest.metrics) if line.newest else MISSING),
        Cell(model.task, "dim"),
        Cell(age(model.created, now), "dim"),
        Cell(short(model.id), "dim"),
    )


def version_cells(line: VersionLine, now: float, *, plain: bool = False) -> tuple[Cell, ...]:
    """The cells that `VERSION_TITLES` names, in that order."""
    version = line.version
    return (
        Cell(f"v{version.number}"),
        Cell(", ".join(version.aliases), "good" if CHAMPION in version.aliases else "accent"),
        Cell(metric_text(version.metrics)),
        Cell(_test_text(version.metrics)),
        _gate_cell(line, plain),
        Cell(MISSING if version.data_version is None else f"v{version.data_version}", "dim"),
        Cell(one_line(version.family)),
        Cell(one_line(line.run) if version.file is None else _last(version.file)),
        Cell(age(version.created, now), "dim"),
    )


def _test_text(metrics: dict[str, float | None]) -> str:
    """The metric on the rows that were held out, where somebody looked."""
    return next((score(number) for name, number in metrics.items() if name.startswith(TEST)), MISSING)


def _gate_cell(line: VersionLine, plain: bool) -> Cell:
    return state("asking", plain=plain) if line.asking else all_gates_cell(line.gates, plain=plain)


def version_sections(
    detail: VersionDetail,
    way: VersionLineage,
    beside: Standing | None = None,
    quality: Sequence[QualityChunk] = (),
    *,
    plain: bool = False,
) -> list[Section]:
    """Everything about one version, by section; how it stands beside the champion before it, and how well it does on the files that it
    predicted, where that is known.
    """
    return [
        *([(quality_title(quality), quality_lines(quality, plain=plain))] if quality else []),
        *([] if beside is None else [(TITLE, shadow_lines(beside, plain=plain))]),
        (gates_title(detail), gate_lines(detail, plain=plain)),
        ("Card", _card(detail)),
        ("Lineage", [("", Cell(line)) for line in lineage_lines(way, plain=plain)]),
        ("File", _facts(detail)),
        (_signature_title(detail.version.signature), _signature(detail.version.signature)),
        ("What happened", [(minute(event.at), event_cell(event)) for event in detail.events]),
    ]


def _card(detail: VersionDetail) -> list[tuple[str, Cell]]:
    version = detail.version
    said = [(name.replace("_", " "), version.card.get(name)) for name in CARD_FIELDS]
    lines = [(name, Cell(one_line(text, 400)) if text else Cell("not said", "dim")) for name, text in said]
    if version.tags:
        lines.append(
            ("tags", Cell(", ".join(f"{one_line(key)}={one_line(text)}" for key, text in version.tags.items())))
        )
    if version.note:
        lines.append(("note", Cell(one_line(version.note, 400))))
    return lines


def _facts(detail: VersionDetail) -> list[tuple[str, Cell]]:
    version = detail.version
    packages = version.environment.get("packages", {})
    return [
        ("sha256", Cell(f"{version.artifact[:HASH]}…  {size(version.size)}, {version.format}")),
        ("family", Cell(one_line(version.family))),
        *((one_line(key), Cell(param_text(found))) for key, found in version.params.items()),
        ("metrics", Cell(metric_text(version.metrics))),
        *(
            (one_line(name), Cell(score(found)))
            for name, found in version.metrics.items()
            if name.startswith((TEST, TUNED))
        ),
        *_came_from(detail),
        ("registered", Cell(f"{minute(version.created)} UTC")),
        ("python", Cell(one_line(str(version.environment.get("python", MISSING))))),
        *((one_line(name), Cell(one_line(str(number)))) for name, number in packages.items()),
    ]


def _came_from(detail: VersionDetail) -> list[tuple[str, Cell]]:
    version = detail.version
    if version.run_id is None:
        return [("from file", Cell(one_line(version.file or MISSING)))]
    return [
        ("run", Cell(f"{one_line(detail.run)}  {short(version.run_id)}")),
        ("data", Cell(f"{one_line(detail.source)} v{version.data_version}")),
    ]


def _signature_title(signature: Signature) -> str:
    return f"Signature: {counted(len(signature.columns), 'column')} → {one_line(signature.target)}"


def _signature(signature: Signature) -> list[tuple[str, Cell]]:
    dtypes = max((len(column.dtype) for column in signature.columns), default=0)
    lines = []
    for column in signature.columns:
        words = f"{column.dtype.ljust(dtypes)}  {column.kind}, feature"
        lines.append((one_line(column.name), Cell(f"{words}{_categories(column.categories)}")))
    return [*lines, (one_line(signature.target), Cell(_target(signature), "accent"))]


def _categories(seen: tuple[str, ...] | None) -> str:
    if not seen:
        return ""
    more = f", … {len(seen)} in all" if len(seen) > MOST_CATEGORIES else ""
    return f": {', '.join(one_line(str(value), 20) for value in seen[:MOST_CATEGORIES])}{more}"


def _target(signature: Signature) -> str:
    if not signature.is_classifier:
        return f"{signature.task} target"
    classes = ", ".join(one_line(str(label), 20) for label in signature.classes[:MOST_CATEGORIES])
    positive = f"; positive: {one_line(str(signature.classes[signature.positive_code]), 20)}"
    return f"{signature.task} target: {classes}{positive if len(signature.classes) == 2 else ''}"


def event_cell(event: Event) -> Cell:
    """What happened to a model, in one line."""
    after, before = event.after or {}, event.before or {}
    why = f": {one_line(event.why)}" if event.why else ""
    who = f" by {one_line(event.actor)}"
    if event.verb in (PROMOTED, ROLLED_BACK):
        verb = "promoted" if event.verb == PROMOTED else "rolled back"
        moved = f"{after.get('alias')} {_move(before.get('version'), after.get('version'))}"
        over = after.get("overruled")
        forced = ", over " + ", ".join(str(name).replace("_", " ") for name in over) if over else ""
        forced = forced or (", against the gates" if after.get("forced") else "")
        return Cell(f"{verb}: {moved}{forced}{who}{why}", "good" if event.verb == PROMOTED else "warn")
    if event.verb == REFUSED:
        return Cell(f"refused: {after.get('alias')} v{after.get('version')}{who}{why}", "warn")
    if event.verb == RESTORED:
        moved = f"{after.get('alias')} {_move(before.get('version'), after.get('version'))}"
        return Cell(f"rollback undone: {moved}{who}{why}", "good")
    if event.verb in (DESCRIBED, "tagged", "noted"):
        told = ", ".join(
            f"{one_line(key).replace('_', ' ')} {_new(text)}" for key, text in after.items() if key != "version"
        )
        return Cell(f"version {after.get('version')} {event.verb}{who}: {told}", "dim")
    if event.verb == "alias_removed":
        return Cell(f"alias {one_line(str(after.get('alias')))} taken from v{before.get('version')}{who}{why}", "warn")
    if event.verb == REGISTERED:
        where = f" from {_last(after['file'])}" if after.get("file") else ""
        return Cell(f"version {after.get('version')} registered{where}{who}")
    if event.verb == EXPORTED:
        return Cell(f"version {after.get('version')} exported to {_last(after.get('out'))}{who}", "dim")
    if event.verb == LOOKED:
        found = f": {after.get('metric')} {score(after['value'])}" if after.get("value") is not None else ""
        return Cell(f"held-out rows looked at for version {after.get('version')}{why}{found}", "dim")
    if event.verb in (BEGAN, ENDED, ACKNOWLEDGED):
        tone = {BEGAN: "bad", ENDED: "good"}.get(event.verb, "")
        return Cell(f"{event.verb.replace('_', ' ')}{'' if event.verb == BEGAN else who}{why}", tone)
    if event.verb == "predicted":
        rows = f"{count(after.get('rows'))} rows of {_last(after.get('file'))}"
        return Cell(f"predicted {rows} by version {after.get('version')}", "dim")
    return Cell(f"{event.verb.replace('_', ' ')}{who}{why}")


def _new(text: Any) -> str:
    return "taken away" if text is None else f"'{one_line(str(text), 60)}'"


def _last(path: Any) -> str:
    return one_line(str(path or "").rpartition("/")[2])


def _move(before: Any, after: Any) -> str:
    return f"v{after}" if before is None else f"v{before} → v{after}"


# ── what a key would change ──────────────────────────────────────────────────────────────────────────────────────────


def rollback_changes(line: ModelLine) -> str:
    """What a rollback would change."""
    name = printable(line.model.name)
    return (
        f"The champion of {name} goes back from v{line.champion} to v{line.before} at once; no gate is asked."
        f" v{line.champion} stays and can be promoted again."
    )


def undone_changes(line: ModelLine) -> str:
    """What taking a rollback back would change."""
    return (
        f"The champion of {printable(line.model.name)} goes from v{line.champion} to v{line.rolled_back} again, from which it was"
        " rolled back; no gate is asked."
    )


def predicted_words(result: dict[str, Any]) -> str:
    """How a prediction ended, as its command says it."""
    return "\n".join(outcome_words(next(iter(result["batches"]), {})))
