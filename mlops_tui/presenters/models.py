"""Models and versions as rows, as sections of one version, and as what moving an alias would change."""

from __future__ import annotations

from typing import Any

from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.presenters.runs import Section
from mlops_tui.presenters.tune import param_text, score
from mlops_tui.presenters.words import MISSING, Cell, age, count, counted, one_line, size, state
from mlops_tui.registry.listing import ModelLine, VersionDetail, VersionLine
from mlops_tui.registry.model import CHAMPION, LOOKED, PROMOTED, REGISTERED, ROLLED_BACK, GateResult, Signature
from mlops_tui.store.event import Event

HASH = 12
MOST_CATEGORIES = 6
MODEL_TITLES = ("model", "champion", "versions", "newest metric", "task", "made", "id")
VERSION_TITLES = ("version", "alias", "metric", "gate", "family", "run", "data", "made")


def metric_text(metrics: dict[str, float | None]) -> str:
    """The metrics that a version was chosen by: roc_auc 0.8096."""
    return "  ".join(f"{one_line(name)} {score(number)}" for name, number in metrics.items()) or MISSING


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
        _gate_cell(line, plain),
        Cell(one_line(version.family)),
        Cell(one_line(line.run)),
        Cell(f"v{version.data_version}", "dim"),
        Cell(age(version.created, now), "dim"),
    )


def _gate_cell(line: VersionLine, plain: bool) -> Cell:
    if line.asking:
        return state("asking", plain=plain)
    return state(line.gate.verdict, plain=plain) if line.gate else Cell("not asked", "dim")


def version_sections(detail: VersionDetail, *, plain: bool = False) -> list[Section]:
    """Everything about one version, by section."""
    return [
        (_gate_title(detail), _gates(detail, plain)),
        ("File", _facts(detail)),
        (_signature_title(detail.version.signature), _signature(detail.version.signature)),
        ("What happened", [(_when(event.at), event_cell(event)) for event in detail.events]),
    ]


def _when(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _gate_title(detail: VersionDetail) -> str:
    if not detail.gates:
        return "Gate"
    return f"Gate for {detail.gates[0].alias}, asked {_when(detail.gates[0].at)} UTC"


def _gates(detail: VersionDetail, plain: bool) -> list[tuple[str, Cell]]:
    if not detail.gates:
        return [("not asked", Cell("p promotes this version where its gate passes", "dim"))]
    newest: dict[str, GateResult] = {}
    for gate in detail.gates:
        newest.setdefault(gate.name, gate)
    lines = [line for gate in newest.values() for line in _gate(gate, plain)]
    if detail.looks:
        lines.append(("looks", Cell(f"its held-out rows were looked at {counted(detail.looks, 'time')}", "dim")))
    return lines


def _gate(gate: GateResult, plain: bool) -> list[tuple[str, Cell]]:
    lines = [(gate.name.replace("_", " "), state(gate.verdict, plain=plain)), ("why", Cell(one_line(gate.why, 400)))]
    if gate.value is not None:
        interval = f"  95 % {signed(gate.low)} to {signed(gate.high)}" if gate.low is not None else ""
        margin = f"  margin {gate.threshold:.4f}" if gate.threshold is not None else ""
        lines.append(("gain", Cell(f"{signed(gate.value)}{interval}{margin}")))
    if gate.n is not None:
        needed = f"; {count(gate.n_needed)} are enough to tell" if gate.n_needed is not None else ""
        lines.append(("rows", Cell(f"{count(gate.n)} held out{needed}")))
    if not gate.blocking:
        lines.append(("", Cell("this gate only advises", "dim")))
    return lines


def signed(number: float | None) -> str:
    """A difference with its sign, four decimals."""
    return MISSING if number is None else f"{number:+.4f}"


def _facts(detail: VersionDetail) -> list[tuple[str, Cell]]:
    version = detail.version
    packages = version.environment.get("packages", {})
    return [
        ("sha256", Cell(f"{version.artifact[:HASH]}…  {size(version.size)}")),
        ("family", Cell(one_line(version.family))),
        *((one_line(key), Cell(param_text(found))) for key, found in version.params.items()),
        ("metrics", Cell(metric_text(version.metrics))),
        ("run", Cell(f"{one_line(detail.run)}  {short(version.run_id)}")),
        ("data", Cell(f"{one_line(detail.source)} v{version.data_version}")),
        ("registered", Cell(f"{_when(version.created)} UTC")),
        ("python", Cell(one_line(str(version.environment.get("python", MISSING))))),
        *((one_line(name), Cell(one_line(str(number)))) for name, number in packages.items()),
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
        forced = ", against the gate" if after.get("forced") else ""
        return Cell(f"{verb}: {moved}{forced}{who}{why}", "good" if event.verb == PROMOTED else "warn")
    if event.verb == REGISTERED:
        return Cell(f"version {after.get('version')} registered{who}")
    if event.verb == LOOKED:
        return Cell(f"held-out rows looked at for version {after.get('version')}{why}", "dim")
    if event.verb == "predicted":
        rows = f"{count(after.get('rows'))} rows of {_last(after.get('file'))}"
        return Cell(f"predicted {rows} by version {after.get('version')}", "dim")
    return Cell(f"{event.verb.replace('_', ' ')}{who}{why}")


def _last(path: Any) -> str:
    return one_line(str(path or "").rpartition("/")[2])


def _move(before: Any, after: Any) -> str:
    return f"v{after}" if before is None else f"v{before} → v{after}"


# ── what a key would change ──────────────────────────────────────────────────────────────────────────────────────────


def promotion_changes(line: ModelLine, number: int, margin: float) -> str:
    """What promoting a version would change, in one paragraph."""
    name = printable(line.model.name)
    if line.champion is None:
        moved = f"{name} has no champion yet: v{number} becomes it if the gate passes."
    else:
        moved = f"The champion of {name} moves from v{line.champion} to v{number} if the gate passes."
    return (
        f"{moved} The gate compares v{number} with default parameters on held-out rows and lets it pass where it is at"
        f" most {margin:g} worse; the look at these rows is counted. Rolling back undoes the move."
    )


def forced_changes(line: ModelLine, number: int, gate: GateResult | None) -> str:
    """What overruling the gate would change."""
    before = f"from v{line.champion} to v{number}" if line.champion is not None else f"to v{number}"
    said = f" The gate said: {one_line(gate.why, 400)}." if gate is not None else ""
    return f"The champion of {printable(line.model.name)} moves {before}, whatever the gate says.{said}"


def rollback_changes(line: ModelLine) -> str:
    """What a rollback would change."""
    name = printable(line.model.name)
    return (
        f"The champion of {name} goes back from v{line.champion} to v{line.before} at once; no gate is asked."
        f" v{line.champion} stays and can be promoted again."
    )


def promoted_words(result: dict[str, Any]) -> str:
    """How a promotion ended, in one or two sentences."""
    name = f"{printable(result['model'])} version {result['version']}"
    told = "; ".join(f"{gate['verdict'].replace('_', ' ')}: {one_line(gate['why'], 400)}" for gate in result["gates"])
    if result["promoted"]:
        return (
            f"{name} is the {result['alias']} now. Gate: {told}." if told else f"{name} is the {result['alias']} now."
        )
    return f"{name} is not promoted. Gate: {told}. f overrules it, with a reason."


def predicted_words(result: dict[str, Any]) -> str:
    """How a prediction ended, in one sentence."""
    batch = result["batches"][0]
    rejected = f"; {counted(batch['rejected'], 'row')} rejected" if batch["rejected"] else ""
    return (
        f"{counted(batch['rows'], 'row')} predicted by {printable(batch['model'])} version {batch['version']} into"
        + (f" {printable(str(batch['out']))}{rejected}.")
    )
