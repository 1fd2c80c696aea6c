"""What stands in an exported folder beside the model and its script: what it needs, and the facts of the version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mlops_tui.data.options import ReadOptions
from mlops_tui.registry.listing import VersionDetail
from mlops_tui.registry.model import ModelVersion, Signature
from mlops_tui.registry.script import known_to_script


def signature_json(version: ModelVersion, options: ReadOptions, more: Mapping[str, Any]) -> str:
    """The signature, and what the script has to know besides of the version and its file."""
    told = {
        "model": version.model,
        "version": version.number,
        "format": version.format,
        **asdict(version.signature),
        **known_to_script(version, options),
        **more,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def requirements(version: ModelVersion, packages: Mapping[str, str]) -> str:
    """The exact versions of what loading needs, with the Python that they were used with."""
    python = version.environment.get("python", "")
    return "".join([f"# Python {python}\n", *(f"{name}=={number}\n" for name, number in sorted(packages.items()))])


def card(detail: VersionDetail, more: Mapping[str, str]) -> str:
    """The facts of the version in Markdown."""
    version, environment = detail.version, detail.version.environment
    facts = {
        "Task": version.signature.task,
        "Target": version.signature.target,
        "Family": version.family,
        "Parameters": ", ".join(f"{key} = {value}" for key, value in version.params.items()),
        "Data": "" if version.data_version is None else f"{detail.source}, version {version.data_version}",
        "Study": detail.study,
        "Run": detail.run,
        "Registered from": version.file or "",
        "Registered": version.created,
        "Code": _code(version.code),
        "File": f"{version.format}, {version.size:,} bytes, sha256 {version.artifact}",
        "Python": f"{environment.get('python', '')} on {environment.get('platform', '')}",
        "Packages": ", ".join(f"{name} {number}" for name, number in environment.get("packages", {}).items() if number),
        **more,
    }
    lines = [f"# {version.model}, version {version.number}", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items() if value]
    if version.metrics:
        lines += ["", "## Metrics of training", ""]
        lines += [f"- {name}: {'not finite' if value is None else value}" for name, value in version.metrics.items()]
    if version.card:
        lines += ["", "## What people say of it", ""]
        lines += [f"- {name.replace('_', ' ').capitalize()}: {text}" for name, text in version.card.items()]
    return "\n".join([*lines, "", *_columns(version.signature)]) + "\n"


def _columns(signature: Signature) -> list[str]:
    rows = ["## Columns", "", "| Column | Kind | Dtype | Categories |", "| --- | --- | --- | --- |"]
    for column in signature.columns:
        seen = "" if column.categories is None else ", ".join(column.categories)
        cells = [cell.replace("|", "\\|").replace("\n", " ") for cell in (column.name, column.kind, column.dtype, seen)]
        rows.append(f"| {' | '.join(cells)} |")
    classes = ", ".join(str(label) for label in signature.classes)
    return [*rows, "", f"It says {signature.target}" + (f": {classes}." if classes else ", a number.")]


def _code(code: dict[str, Any] | None) -> str:
    return "" if not code else f"{code['commit']}{', with changes' if code.get('dirty') else ''}"
