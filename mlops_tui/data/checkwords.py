"""What a check means, in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from mlops_tui.core.printable import printable
from mlops_tui.data.checks import Bound, Check, as_text, share_of

WITHOUT_LINES = (".parquet", ".arrow", ".feather", ".ipc", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def noun_of(name: str) -> str:
    """What the numbers of rows count in a file of that name: lines, or the rows of a format that has no lines."""
    return "row" if name.lower().endswith(WITHOUT_LINES) else "line"


def sentence(check: Check) -> str:
    """What has to be, without the full stop."""
    return _SENTENCES[check.kind](check)


def shown_bound(bound: Bound) -> str:
    """A bound as sentences say it."""
    if isinstance(bound, datetime):
        return bound.isoformat(" ").replace("+00:00", "").removesuffix(" 00:00:00")
    if isinstance(bound, date):
        return bound.isoformat()
    return f"{bound:,}" if isinstance(bound, int) else f"{bound:,.10g}"


def hours_words(hours: float) -> str:
    """So many hours in the unit that they are told best in."""
    for least, unit, per in ((48, "days", 1 / 24), (2, "hours", 1), (2 / 60, "minutes", 60)):
        if hours >= least:
            return f"{hours * per:.1f} {unit}".replace(".0 ", " ")
    seconds = round(hours * 3600)
    return f"{seconds} {'second' if seconds == 1 else 'seconds'}"


def _percent(check: Check) -> str:
    return f"{share_of(check):.4%}".rstrip("0").removesuffix("%").rstrip("0").rstrip(".") + " %"


def _bounds(check: Check, unit: str = "") -> str:
    if check.least is not None and check.most is not None:
        return f"between {shown_bound(check.least)} and {shown_bound(check.most)}{unit}"
    if check.most is not None:
        return f"at most {shown_bound(check.most)}{unit}"
    return f"at least {shown_bound(check.least)}{unit}" if check.least is not None else f"any number{unit}"


def _column(check: Check) -> str:
    return printable(check.column or "")


def _listed(check: Check) -> str:
    said = [printable(as_text(value)) or "''" for value in check.values]
    return ", ".join(said[:10]) + (f" and {len(said) - 10} others" if len(said) > 10 else "")


def _said_type(check: Check) -> str:
    about = f"the values of {_column(check)}" if check.column else "all values"
    return f"{about} have to fit the column's kind, in all but {_percent(check)} of the rows"


_SENTENCES: dict[str, Callable[[Check], str]] = {
    "missing_column": lambda check: (
        f"{_column(check)} has to be there" if check.column else "the columns of the source have to be there"
    ),
    "new_column": lambda _: "there have to be no other columns than the source's",
    "unreadable": lambda check: f"the rows have to be readable, all but {_percent(check)} of them",
    "type": _said_type,
    "volume": lambda check: f"a file has to have {_bounds(check, ' rows')}",
    "freshness": lambda check: f"a file has to come within {hours_words(check.hours or 0.0)} of the last one",
    "required": lambda check: f"{_column(check)} has to have a value in every row",
    "missing": lambda check: f"{_column(check)} has to have a value in all but {_percent(check)} of the rows",
    "range": lambda check: f"{_column(check)} has to be {_bounds(check)}",
    "allowed": lambda check: f"{_column(check)} has to be one of {_listed(check)}",
    "pattern": lambda check: f"{_column(check)} has to look like {printable(check.pattern or '')}",
    "unique": lambda check: f"{_column(check)} has to be different in every row",
    "monotone": lambda check: f"{_column(check)} must not go back from one row to the next",
    "relation": lambda check: f"{_column(check)} has to be {check.operator} {printable(check.other or '')}",
    "sql": lambda check: f"in every row, {printable(check.expression or '')}",
}
