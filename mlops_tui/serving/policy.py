"""What becomes of a file with values that training has not seen: it is predicted with a warning, or refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_tui.core.errors import SchemaMismatch, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings

UNKNOWN, BEYOND, LACKING = "unknown_category", "out_of_range", "missing_value"
"""A category that training has not seen; a number below its least or above its greatest; no value where training had all."""
BEYOND_TRAINING = {
    UNKNOWN: "a value that training has not seen",
    BEYOND: "beyond the range of training",
    LACKING: "missing, as it never was in training",
}
WARN, REFUSE = "warn", "refuse"
NOTHING_TOLD: Mapping[str, str | None] = {}
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Policy:
    """`action` is warn or refuse, in force where more than that `share` of a file's rows is concerned."""

    action: str
    share: float

    def __str__(self) -> str:
        return f"{self.action}:{self.share:g}"


def parse_policy(text: str, usual: Policy) -> Policy:
    """`warn`, `refuse`, or either with a share: `refuse:0.05`; the usual share where none is said.

    Raises:
        UsageError: the text has another form.
    """
    action, mark, told = text.partition(":")
    try:
        share = float(told) if mark else usual.share
    except ValueError:
        share = math.nan
    if action not in (WARN, REFUSE) or not 0 <= share <= 1:
        raise UsageError(f"'{printable(text)}' is no policy.", "Use warn, refuse, or with a share: refuse:0.05.")
    return Policy(action, share)


def policies(settings: Settings, told: Mapping[str, str | None] = NOTHING_TOLD) -> dict[str, Policy]:
    """The policy of each check: what is `told` now, else what the workspace's settings say. Raises UsageError."""
    usual = {
        UNKNOWN: Policy(settings.unknown_category, settings.unknown_category_share),
        BEYOND: Policy(settings.out_of_range, settings.out_of_range_share),
        LACKING: Policy(settings.missing_value, settings.missing_value_share),
    }
    return {
        name: policy if (text := told.get(name)) is None else parse_policy(text, policy)
        for name, policy in usual.items()
    }


@dataclass(frozen=True, slots=True)
class Finding:
    """How many of a file's rows have such a value in a column; `counts` where their share is one that the policy is about."""

    check: str
    column: str
    count: int
    share: float
    policy: str
    counts: bool

    @property
    def refuses(self) -> bool:
        """Whether the file is not to be predicted for it."""
        return self.counts and self.policy == REFUSE

    @property
    def sentence(self) -> str:
        """What was found, without a full stop."""
        rows = f"{self.count:,} {'row' if self.count == 1 else 'rows'} ({self.share:.2%})"
        return f"in {rows} '{printable(self.column)}' is {BEYOND_TRAINING[self.check]}"

    def shown(self) -> dict[str, Any]:
        """As JSON prints it."""
        names = ("check", "column", "count", "share", "policy", "counts")
        return {name: getattr(self, name) for name in names}


def found_in(counts: Mapping[str, Mapping[str, int]], rows: int, policies_: Mapping[str, Policy]) -> list[Finding]:
    """A finding for each check and column with a count (`counts` is by check and column), of a file of so many rows."""
    return [
        Finding(check, column, count, count / rows, policies_[check].action, count / rows > policies_[check].share)
        for check, columns in counts.items()
        for column, count in columns.items()
        if count
    ]


def require_allowed(findings: Sequence[Finding], name: str, label: str) -> None:
    """Raises SchemaMismatch, with each column and count, where a finding refuses the file of that name."""
    refusing = [finding for finding in findings if finding.refuses]
    if refusing:
        told = "; ".join(one.sentence for one in refusing[:_TOLD])
        more = f"; and so in {len(refusing) - _TOLD} more columns" if len(refusing) > _TOLD else ""
        options = sorted({f"--{one.check.replace('_', '-')} warn" for one in refusing})
        raise SchemaMismatch(
            f"{name} is not predicted by {label}: {told}{more}.",
            f"Mend the file, or let it pass with: {' '.join(options)}",
        )
