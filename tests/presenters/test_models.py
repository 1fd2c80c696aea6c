"""Models as words: what happened to them, and what moving the champion would change."""

from __future__ import annotations

import pytest

from mlops_tui.presenters.gates import promoted_words, promotion_changes
from mlops_tui.presenters.models import event_cell, rollback_changes
from mlops_tui.registry.gates import gate_of
from mlops_tui.registry.listing import ModelLine
from mlops_tui.registry.model import Model
from mlops_tui.store.event import Event


def line(champion: int | None, before: int | None = None) -> ModelLine:
    """A model with three versions."""
    aliases = {"champion": champion} if champion else {}
    return ModelLine(Model("01M", "loans", "binary", "2026-01-01T00:00:00.000000Z", 3, 3, aliases), None, before)


def event(verb: str, why: str | None = None, before: dict | None = None, after: dict | None = None) -> Event:
    return Event("01E", "2026-01-01T00:00:00.000000Z", "ada", verb, "model", "01M", "loans", why, before, after)


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        (event("registered", after={"version": 2}), "version 2 registered by ada"),
        (
            event("registered", after={"version": 2, "file": "/in/old\x1b.pkl", "format": "skops"}),
            r"version 2 registered from old\x1b.pkl by ada",
        ),
        (event("exported", after={"version": 2, "out": "/out/churn-2"}), "version 2 exported to churn-2 by ada"),
        (
            event("promoted", "better", {"version": None}, {"alias": "champion", "version": 1}),
            "promoted: champion v1 by ada: better",
        ),
        (
            event("promoted", "needed", {"version": 1}, {"alias": "champion", "version": 2, "forced": True}),
            "promoted: champion v1 → v2, against the gates by ada: needed",
        ),
        (
            event("rolled_back", None, {"version": 2}, {"alias": "champion", "version": 1}),
            "rolled back: champion v2 → v1 by ada",
        ),
        (
            event("predicted", None, None, {"file": "/in/2026-01.csv", "rows": 5000, "version": 1}),
            "predicted 5,000 rows of 2026-01.csv by version 1",
        ),
        (event("archived", "old\x1b[2J"), r"archived by ada: old\x1b[2J"),
    ],
)
def test_what_happened_to_a_model_is_one_line(happened: Event, words: str) -> None:
    """Who, what and why; what could drive the terminal is shown as text."""
    assert event_cell(happened).text == words


def test_what_a_promotion_would_change_is_said_with_and_without_a_champion() -> None:
    """How many gates are asked, and how many of them can refuse."""
    gates = (gate_of("signature", {}), gate_of("card", {}), gate_of("reproducible", {}))
    assert promotion_changes(line(1), 2, gates).startswith(
        "The champion of loans moves from v1 to v2 where its gates let it. 2 gates are asked, 1 of them can refuse;"
    )
    assert promotion_changes(line(None), 2, gates).startswith("loans has no champion yet: v2 becomes it")
    assert rollback_changes(line(3, before=1)).startswith("The champion of loans goes back from v3 to v1 at once")


def test_how_a_promotion_ended_is_told_with_what_the_gates_said() -> None:
    """A refusal names the first gate that refuses, how many more do, and the way to overrule them."""
    refusing = [
        {"name": name, "verdict": "cannot_tell", "why": "too few rows", "refuses": True}
        for name in ("slices", "leakage")
    ]
    gates = [*refusing, {"name": "signature", "verdict": "pass", "why": "alike", "refuses": False}]
    result = {"model": "loans", "version": 2, "alias": "champion", "promoted": False, "gates": gates}
    refused = promoted_words({**result, "refused_by": ["slices", "leakage"]})
    assert refused == (
        "loans version 2 is not promoted. slices cannot tell: too few rows; and 1 more gate. f overrules, with a reason."
    )
    told = promoted_words({**result, "promoted": True, "refused_by": []})
    assert told == "loans version 2 is the champion now: 1 of 3 gates pass; slices cannot tell; leakage cannot tell."
