"""Models, versions and gates as text for a terminal."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_tui.cli.output import table
from mlops_tui.core.ids import short
from mlops_tui.core.printable import printable
from mlops_tui.presenters.gates import evaluated_words, lenience, old_split_words
from mlops_tui.presenters.models import metric_text
from mlops_tui.presenters.words import count, counted, minute, one_line, state, value
from mlops_tui.registry.gates import CARD_FIELDS, Gate
from mlops_tui.registry.summary import spoken

WIDTH = 100
NAME = 26


def models(found: list[dict[str, Any]]) -> str:
    """A line for each model."""
    rows = [
        (model["name"], model["task"], count(model["versions"]), _aliases(model["aliases"]), minute(model["created"]))
        for model in found
    ]
    empty = "There are no models yet. Register a run: mlops-tui models register RUN --name NAME"
    return table(("model", "task", "versions", "aliases", "made"), rows, right=("versions",), empty=empty)


def _aliases(aliases: dict[str, int]) -> str:
    return ", ".join(f"{alias} → {version}" for alias, version in sorted(aliases.items()))


def model(found: dict[str, Any]) -> str:
    """A model's versions, and how its aliases moved."""
    rows: list[Sequence[str]] = [
        (
            str(version["version"]),
            short(version["run"]) if version["run"] else "",
            one_line(version["family"]),
            version["format"],
            metric_text(version["metrics"]),
            ", ".join(version["aliases"]),
            minute(version["created"]),
            "; ".join(filter(None, [_tags(version["tags"]), one_line(version["note"] or "")])),
        )
        for version in found["versions"]
    ]
    columns: Sequence[str] = ("version", "run", "family", "format", "metrics", "aliases", "made", "tags and note")
    if not any(row[-1] for row in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    lines = [f"{printable(found['name'])}, {found['task']}", table(columns, rows, right=("version",))]
    return "\n".join(lines + [_move_line(move) for move in found["history"]])


def _tags(tags: dict[str, str]) -> str:
    return ", ".join(f"{one_line(key)}={one_line(text)}" for key, text in tags.items())


def _move_line(move: dict[str, Any]) -> str:
    before = "" if move["before"] is None else f"{move['before']} → "
    why = f": {one_line(move['why'])}" if move["why"] else ""
    verb = spoken(move["verb"])
    over = f", over {_listed(move['overruled'])}," if move["overruled"] else ""
    return f"{minute(move['at'])}  {move['alias']} {before}{move['after']}  {verb}{over} by {printable(move['actor'])}{why}"


def promotion(result: dict[str, Any]) -> str:
    """What the gates said, and what came of it."""
    name, alias = f"{printable(result['model'])} version {result['version']}", result["alias"]
    if result["promoted"]:
        over = f", over {_listed(result['overruled'])}" if result["overruled"] else ""
        return "\n".join([*gate_lines(result["gates"]), f"{name} is the {alias} now{over}."])
    refused = f"{name} is not promoted to {alias}: refused by {_listed(result['refused_by'])}."
    return "\n".join([*gate_lines(result["gates"]), refused, _way(result)])


def _way(result: dict[str, Any]) -> str:
    """What can be done about a refusal."""
    verdicts = {gate["verdict"] for gate in result["gates"] if gate["refuses"]}
    if verdicts == {"cannot_tell"}:
        return "They cannot tell: bring more labelled rows, or promote it over them with --why TEXT."
    return "Mend what they name, or promote it all the same with --force --why TEXT, which is kept."


def asked(result: dict[str, Any]) -> str:
    """What the gates said where nothing was to be moved."""
    would = "let it through" if result["would_be_promoted"] else "refuse it"
    name = f"{printable(result['model'])} version {result['version']}"
    return "\n".join([*gate_lines(result["gates"]), f"{name}: its gates for {result['alias']} {would}."])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(spoken, names))


def gate_lines(gates: list[dict[str, Any]]) -> list[str]:
    """A check list: the verdict, the gate, and why, one under another."""
    lines = []
    for gate in gates:
        advises = lenience(gate["verdict"], refuses=gate["refuses"])
        told = f"{state(gate['verdict']).text:<17}{spoken(gate['name']):<{NAME}}"
        width = max(WIDTH - len(told), 40)
        why = textwrap.wrap(f"{gate['why']}{advises}", width) or [""]
        if gate["old_split"] is not None:
            why += textwrap.wrap(old_split_words(gate["old_split"]), width)
        lines += [told + why[0], *(" " * len(told) + more for more in why[1:])]
    return lines


def gates(found: list[dict[str, Any]], model: str, number: int) -> str:
    """What the gates said of a version when they were asked last."""
    if not found:
        asking = f"mlops-tui models gates {shlex.quote(model)} {number} --ask"
        return f"No gate was asked about this version yet. Ask them: {asking}"
    askings: dict[str, list[dict[str, Any]]] = {}
    for gate in found:
        askings.setdefault(gate["asking"], []).append(gate)
    return "\n\n".join(_asking(told) for told in askings.values())


def _asking(told: list[dict[str, Any]]) -> str:
    """What they said at one time, in the order in which they were asked, and what it comes to."""
    told = sorted(told, key=lambda gate: gate["at"])
    refusing = [gate["name"] for gate in told if gate["refuses"]]
    outcome = f"Refused by {_listed(refusing)}." if refusing else "None of them refuses."
    return "\n".join([f"asked {minute(told[0]['at'])} UTC, for {told[0]['alias']}", *gate_lines(told), outcome])


def gate_settings(found: Sequence[Gate], place: str, *, is_there: bool, margin: float) -> str:
    """Which gates a model has, and what each is set to; `margin` is that of the settings."""
    rows = [
        (
            gate.name,
            "refuses" if gate.blocking else "advises",
            gate.on_cannot_tell if gate.blocking else "",
            "" if gate.asked else "by name",
            ", ".join(_set_to(gate.options, margin)),
        )
        for gate in found
    ]
    where = f"Set in {place}." if is_there else f"All as they are by themselves. --write writes {place}, to be changed."
    return "\n".join([table(("gate", "where it fails", "cannot tell", "asked", "set to"), rows), where])


def _set_to(options: Mapping[str, Any], margin: float) -> Iterator[str]:
    for key, told in options.items():
        if key == "margin" and told is None:
            yield f"margin {margin:g} (gate_margin of the settings)"
        elif told not in (None, []):
            yield f"{key} {_option(told)}"


def _option(told: Any) -> str:
    return (
        ", ".join(map(str, told)) if isinstance(told, list) else f"{told:g}" if isinstance(told, float) else str(told)
    )


def card(found: dict[str, Any]) -> str:
    """A version's card: what is known of it, then what a person says."""
    facts = [(name.replace("_", " "), str(told)) for name, told in found["facts"].items() if told not in (None, "")]
    said = [(name.replace("_", " "), one_line(found["said"].get(name) or "not said", 400)) for name in CARD_FIELDS]
    width = max(len(name) for name, _ in (*facts, *said))
    head = f"{printable(found['model'])} version {found['version']}"
    tail = [f"{'tags':<{width}}  {_tags(found['tags'])}"] if found["tags"] else []
    tail += [f"{'note':<{width}}  {one_line(found['note'])}"] if found["note"] else []
    return "\n".join([head, *(f"{name:<{width}}  {printable(told)}" for name, told in (*facts, *said)), *tail])


def removed(alias: str, name: str, left: int) -> str:
    """That an alias is gone."""
    return f"{printable(name)} has no {printable(alias)} any more; {counted(left, 'alias', 'aliases')} left."


def evaluated(result: dict[str, Any]) -> str:
    """A version's test figure, the other metrics, and how often these rows were looked at."""
    width = max(len(name) for name in result["metrics"])
    others = [f"{name:<{width}}  {value(number)}" for name, number in result["metrics"].items()]
    return "\n".join([evaluated_words(result), *others])
