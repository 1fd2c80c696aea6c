"""Gates as a check list, in one cell, and in the sentences before and after they are asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlops_tui.core.printable import printable
from mlops_tui.presenters.words import MISSING, Cell, count, counted, one_line, state, value
from mlops_tui.registry.gates import CANNOT_TELL, FAIL, NOT_APPLICABLE, PASS, Gate, GateResult
from mlops_tui.registry.listing import ModelLine, VersionDetail
from mlops_tui.registry.summary import spoken, summed_up

NOT_ASKED = "not asked"
WHY = 400
_ORDER = (CANNOT_TELL, FAIL, PASS, NOT_APPLICABLE)
"""Of those that refuse nothing."""


def all_gates_cell(gates: Sequence[GateResult], *, plain: bool = False) -> Cell:
    """What the gates came to together: by which a version is refused, or that none does."""
    if not gates:
        return Cell(NOT_ASKED, "dim")
    for verdict in (FAIL, CANNOT_TELL):
        number = sum(gate.refuses and gate.verdict == verdict for gate in gates)
        if number:
            cell = state(verdict, plain=plain)
            return cell._replace(text=f"{cell.text}: {number}")
    asked = [gate for gate in gates if gate.verdict != NOT_APPLICABLE]
    passed = sum(gate.verdict == PASS for gate in asked)
    cell = state(PASS, plain=plain)
    return cell._replace(text=f"{cell.text}: {passed}" + ("" if passed == len(asked) else f" of {len(asked)}"))


def gates_title(detail: VersionDetail) -> str:
    """Which gates these are, and when they were asked."""
    if detail.waiting:
        told = len(detail.gates)
        return f"Gates: {told} of {told + len(detail.waiting)} have answered"
    if not detail.gates:
        return "Gates"
    return f"Gates for {detail.gates[0].alias}, asked {detail.gates[0].at[:16].replace('T', ' ')} UTC"


def gate_lines(detail: VersionDetail, *, plain: bool = False) -> list[tuple[str, Cell]]:
    """A check list: each gate with its verdict, why, and its figures; those that a job has yet to ask are waiting."""
    if not detail.gates and not detail.waiting:
        return [(NOT_ASKED, Cell("a asks them; p promotes this version where they let it", "dim"))]
    # while they answer each stays where it is; then what refuses is told first
    told = detail.gates if detail.waiting else sorted(detail.gates, key=_weight)
    lines = [line for gate in told for line in _gate(gate, plain)]
    lines += [(spoken(name), state("waiting", plain=plain)) for name in detail.waiting]
    if detail.looks:
        lines.append(
            ("looks", Cell(f"the rows that they judge by were looked at {counted(detail.looks, 'time')}", "dim"))
        )
    return lines


def _weight(gate: GateResult) -> tuple[bool, int]:
    return not gate.refuses, (gate.verdict != FAIL) if gate.refuses else _ORDER.index(gate.verdict)


def _gate(gate: GateResult, plain: bool) -> list[tuple[str, Cell]]:
    cell = state(gate.verdict, plain=plain)
    tone = "warn" if gate.verdict == FAIL and not gate.refuses else cell.tone
    why = f"{one_line(gate.why, WHY)}{lenience(gate.verdict, refuses=gate.refuses)}"
    lines = [(spoken(gate.name), cell._replace(tone=tone, tail=why))]
    if "held_out_hash" in gate.evidence and gate.low is not None and gate.value is not None:
        rows = f"  {count(gate.n)} rows" if gate.n is not None else ""
        is_told = gate.verdict != CANNOT_TELL or gate.n_needed is None
        needed = "" if is_told else f", {count(gate.n_needed)} are enough to tell"
        lines.append(
            ("", Cell(f"{signed(gate.value)}  {signed(gate.low)} to {signed(gate.high)}{rows}{needed}", "dim"))
        )
    if (old := gate.evidence.get("old_split")) is not None:
        lines.append(("", Cell(old_split_words(old), "dim")))
    return lines


def old_split_words(old: Mapping[str, Any]) -> str:
    """How the two compared on the rows that were held out before, which decides nothing."""
    return f"for information, on the old split: {one_line(old['why'], WHY)}"


def lenience(verdict: str, *, refuses: bool) -> str:
    """What is said behind the reason of a gate that did not pass and refuses nothing for it."""
    return "; it only advises" if verdict in (FAIL, CANNOT_TELL) and not refuses else ""


def signed(number: float | None) -> str:
    """A difference with its sign, four decimals."""
    return MISSING if number is None else f"{number:+.4f}"


# ── before and after ─────────────────────────────────────────────────────────────────────────────────────────────────


def promotion_changes(line: ModelLine, number: int, gates: Sequence[Gate]) -> str:
    """What promoting a version would change, in one paragraph."""
    name, asked = printable(line.model.name), [gate for gate in gates if gate.asked]
    if line.champion is None:
        moved = f"{name} has no champion yet: v{number} becomes it where its gates let it."
    else:
        moved = f"The champion of {name} moves from v{line.champion} to v{number} where its gates let it."
    blocking = sum(gate.blocking for gate in asked)
    return (
        f"{moved} {counted(len(asked), 'gate')} {'is' if len(asked) == 1 else 'are'} asked, {blocking} of them can refuse; the"
        " look at the held-out rows is counted. Rolling back undoes the move."
    )


def forced_changes(line: ModelLine, number: int, refusing: Sequence[GateResult]) -> str:
    """What overruling the gates would change."""
    before = f"from v{line.champion} to v{number}" if line.champion is not None else f"to v{number}"
    reasons: dict[tuple[str, str], list[str]] = {}
    for gate in refusing:  # several may refuse for the same reason, such as too few rows
        reasons.setdefault((gate.verdict, one_line(gate.why, 160)), []).append(spoken(gate.name))
    told = [f"{', '.join(names)} {spoken(verdict)}: {why}." for (verdict, why), names in reasons.items()]
    return "\n".join([f"The champion of {printable(line.model.name)} moves {before}, whatever the gates say.", *told])


def promoted_words(result: dict[str, Any]) -> str:
    """How a promotion ended, in one or two sentences."""
    name = f"{printable(result['model'])} version {result['version']}"
    if result["promoted"]:
        return f"{name} is the {result['alias']} now: {summed_up(result['gates'])}."
    told = [gate for gate in result["gates"] if gate["name"] in result["refused_by"]]
    first = f"{spoken(told[0]['name'])} {spoken(told[0]['verdict'])}: {one_line(told[0]['why'], 200)}"
    more = f"; and {counted(len(told) - 1, 'more gate', 'more gates')}" if len(told) > 1 else ""
    return f"{name} is not promoted. {first}{more}. f overrules, with a reason."


def asked_words(result: dict[str, Any]) -> str:
    """What gates said that were asked by themselves."""
    would = "let it through" if result["would_be_promoted"] else "refuse it"
    return f"{printable(result['model'])} version {result['version']}: its gates {would}. {summed_up(result['gates'])}."


def evaluated_words(result: dict[str, Any]) -> str:
    """A version's test figure in a sentence."""
    low_high = result["interval"]
    between = f", 95 % {value(low_high[0])} to {value(low_high[1])}" if low_high else ""
    return (
        f"{printable(result['model'])} version {result['version']}: {result['metric']} {value(result['value'])}{between}, on"
        f" {counted(result['rows'], 'held-out row')}, looked at {counted(result['looks'], 'time')} by now."
    )
