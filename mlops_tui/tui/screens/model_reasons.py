"""Why a key of the models screen does nothing now; None where it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_tui.registry.model import CHAMPION

if TYPE_CHECKING:
    from mlops_tui.tui.screens.models import ModelsPane

NO_VERSION, NO_MODEL = "No version is chosen.", "No model is chosen."


def can_change(pane: ModelsPane) -> str | None:
    """Whether something can be done with the version that is chosen."""
    return NO_VERSION if pane.versions.line is None else pane.why_no_writing()


def can_look(pane: ModelsPane) -> str | None:
    """Whether there is a version to look at."""
    return NO_VERSION if pane.versions.line is None else None


def can_ask(pane: ModelsPane) -> str | None:
    """Whether its gates can be asked."""
    line = pane.versions.line
    if line is None:
        return NO_VERSION
    return "Its gates are being asked." if line.asking else pane.why_no_writing()


def can_promote(pane: ModelsPane) -> str | None:
    """Whether it can become the champion."""
    line = pane.versions.line
    if line is None:
        return NO_VERSION
    if (reason := pane.why_no_writing()) is not None:
        return reason
    if line.asking:
        return "Its gates are being asked."
    return "It is the champion already." if CHAMPION in line.version.aliases else None


def can_force(pane: ModelsPane) -> str | None:
    """Whether there is something to overrule."""
    line = pane.versions.line
    reason = can_promote(pane)
    if reason is not None or line is None:
        return reason
    return None if line.refusing else "No gate has refused this version; p asks them."


def can_retrain(pane: ModelsPane) -> str | None:
    """Whether it is known what it learnt from."""
    line = pane.versions.line
    if line is None:
        return NO_VERSION
    if line.version.study_id is None:
        return "It is of no study, so what it learnt from is not known."
    return pane.why_no_writing()


def can_roll_back(pane: ModelsPane) -> str | None:
    """Whether there was a champion before."""
    line = pane.listing.line
    if line is None:
        return NO_MODEL
    if (reason := pane.why_no_writing()) is not None:
        return reason
    if line.champion is None:
        return "The model has no champion."
    return None if line.before is not None else f"There was no champion before v{line.champion}."


def can_undo(pane: ModelsPane) -> str | None:
    """Whether the last move was a rollback."""
    line = pane.listing.line
    if line is None:
        return NO_MODEL
    if (reason := pane.why_no_writing()) is not None:
        return reason
    return None if line.rolled_back is not None else "The last move of its champion was no rollback."
