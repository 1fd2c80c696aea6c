"""The card of a model version: the facts that are known of it, in words."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mlops_tui.core.clock import to_seconds
from mlops_tui.evaluation.metrics import MAXIMIZE, METRICS
from mlops_tui.presenters.words import counted, duration, one_line, size, value
from mlops_tui.registry.card import CardFacts
from mlops_tui.registry.gates import GateResult
from mlops_tui.registry.model import TEST, ModelVersion

LISTED = 12


def facts(found: CardFacts) -> dict[str, str | None]:
    """The facts by their names, in the order in which a card has them."""
    version, study = found.version, found.study
    signature = version.signature
    kinds = Counter(column.kind for column in signature.columns)
    return {
        "task": f"{signature.task}, of '{one_line(signature.target)}'",
        "classes": ", ".join(one_line(str(label), 20) for label in signature.classes[:LISTED]) or None,
        "family": one_line(version.family),
        "metrics": _metrics(found) or None,
        "test": _test(found.test),
        "data": f"{one_line(found.source)} version {version.data_version}" if found.source else None,
        "rows": _rows(found),
        "columns": f"{counted(len(signature.columns), 'column')}: "
        + ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())),
        "roles": ", ".join(f"{role} {one_line(column)}" for role, column in found.roles.items()) or None,
        "slices": _slices(found.gates),
        "made from": _made_from(version),
        "training time": _training_time(version),
        "study": f"{one_line(study.name)}, {counted(study.trials, 'trial')}, {_took(study.created, study.ended)}"
        if study
        else None,
        "file": f"{size(version.size)}, sha256 {version.artifact[:12]}",
        "environment": _environment(version.environment),
        "registered": f"{version.created[:16].replace('T', ' ')} UTC",
    }


def _rows(found: CardFacts) -> str | None:
    study = found.study
    if study is None or study.training_rows is None:
        return None
    return f"{study.training_rows:,} to learn from, {study.held_out_rows or 0:,} held out"


def _made_from(version: ModelVersion) -> str | None:
    """Whose recipe it has, where it learnt again."""
    if version.parent is None:
        return None
    rows = "all rows" if version.window is None else version.window
    return f"version {version.parent}, on {rows} of data version {version.data_version}"


def _training_time(version: ModelVersion) -> str | None:
    seconds = version.environment.get("fit_seconds")
    return None if seconds is None else f"{duration(seconds)} for the last fit, on all of its rows"


def _took(started: str, ended: str | None) -> str:
    return duration(to_seconds(ended) - to_seconds(started)) if ended else "not ended"


def _metrics(found: CardFacts) -> str:
    """Those of training; the study's own with its standard error over the folds, where there are several."""
    own = found.study.metric if found.study is not None else None
    error = f" ± {value(found.error)} over the folds" if found.error is not None else ""
    told = found.version.metrics.items()
    return "; ".join(
        f"{one_line(name)} {value(number)}{error if name == own else ''}"
        for name, number in told
        if not name.startswith(TEST)
    )


def _test(told: dict[str, Any] | None) -> str | None:
    if told is None:
        return None
    between = f", 95 % {value(told['interval'][0])} to {value(told['interval'][1])}" if told["interval"] else ""
    return f"{told['metric']} {value(told['value'])}{between}, on {counted(told['rows'], 'held-out row')}"


def _slices(gates: list[GateResult]) -> str | None:
    """How it differs from the champion that it was compared with, in each slice; the least good ones first."""
    gate = next((one for one in gates if one.name == "slices" and one.value is not None), None)
    if gate is None:
        return None
    metric = METRICS[gate.evidence["metric"]]
    sign = 1.0 if metric.direction == MAXIMIZE else -1.0
    known = [one for one in gate.evidence["slices"] if one["difference"] is not None]
    known.sort(key=lambda one: sign * one["difference"])
    told = [f"{one_line(one['slice'])} {one['difference']:+.4f} ({one['n']:,} rows)" for one in known[:LISTED]]
    more = f"; and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"{metric.name} beside the champion of then: {'; '.join(told)}{more}"


def _environment(told: dict[str, Any]) -> str:
    packages = ", ".join(
        f"{one_line(name)} {one_line(str(number))}" for name, number in told.get("packages", {}).items() if number
    )
    return f"Python {one_line(str(told.get('python', '?')))}, {packages}"
