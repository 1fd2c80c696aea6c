"""What is known of a drift between two windows: measures, a verdict a column, the picture behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from mlops_tui.monitoring.detail import Brought, Quantiles, Since
from mlops_tui.monitoring.multivariate import Multivariate

DRIFT, STEADY, CANNOT_TELL, NOT_COMPARED = "drift", "steady", "cannot_tell", "not_compared"
"""Verdicts on a column."""


def verdict_of(drift: bool | None, why: str) -> str:
    """The verdict that a column's `drift` and the sentence beside it are."""
    if drift is None:
        return CANNOT_TELL if why.startswith("cannot tell") else NOT_COMPARED
    return DRIFT if drift else STEADY


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its definition; `error` is the greatest error a sketch may have caused, 0 where `exact`.

    `p` is the chance of a figure this large if both windows came from one source, for measures that test it.
    """

    value: float
    definition: str
    exact: bool = True
    error: float = 0.0
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Shares of both windows on common bins; every side adds up to 1, or to 0 where it has no values.

    `edges` are the inner bounds of the bins of a number (one fewer than bins; the outer bins are open), None for
    categories. `contribution` is the share that each bin brings of the measure that the verdict asks, the Wasserstein distance of
    numbers and the Jensen–Shannon divergence of categories: they add up to 1, all are 0 where nothing moved, and it is None where the
    measure is.
    """

    labels: tuple[str, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]
    edges: tuple[float, ...] | None = None
    contribution: tuple[float, ...] | None = None

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The record that `to_json` of a report wrote."""
        bars: dict[str, Any] = {side: tuple(record[side]) for side in ("labels", "reference", "current")}
        told = (record.get(name) for name in ("edges", "contribution"))
        edges, contribution = (None if found is None else tuple(found) for found in told)
        return cls(**bars, edges=edges, contribution=contribution)


@dataclass(frozen=True, slots=True)
class OneSided:
    """Values of a category that one side has and the other lacks: how many, their share of its rows, and the most frequent with
    the share of each.
    """

    count: int
    share: float
    values: tuple[str, ...]
    shares: tuple[float, ...] = ()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The record that `to_json` of a report wrote, or that of a version that kept no share of each."""
        return cls(record["count"], record["share"], tuple(record["values"]), tuple(record.get("shares", ())))


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column compared: `drift` is None where it cannot be told or is not asked; `why` says so in a sentence.

    `test` is what the verdict asks, `inflation` how many times the variance of independent rows it reckons with, since
    the reference's `blocks` vary (None where rows are taken for independent). `chi2` of a number compares missing with present,
    of a category its values. A measure that does not apply is None. `brought_by` has each effect that made it a drift; `drifts_since` is
    asked of the reports that are kept, and not kept itself.
    """

    name: str
    kind: str
    drift: bool | None
    why: str
    psi: Measure | None = None
    jensen_shannon: Measure | None = None
    hellinger: Measure | None = None
    ks: Measure | None = None
    wasserstein: Measure | None = None
    mean_shift: Measure | None = None
    sd_ratio: Measure | None = None
    l_infinity: Measure | None = None
    chi2: Measure | None = None
    test: Measure | None = None
    missing: Measure | None = None
    out_of_range: Measure | None = None
    distinct: Measure | None = None
    length_shift: Measure | None = None
    unseen: Measure | None = None
    freshness: Measure | None = None
    longest_gap: Measure | None = None
    new_values: OneSided | None = None
    vanished_values: OneSided | None = None
    inflation: float | None = None
    blocks: int | None = None
    histogram: Histogram | None = None
    quantiles: Quantiles | None = None
    brought_by: tuple[Brought, ...] = ()
    drifts_since: Since | None = None

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The record that `to_json` of a report wrote, or that of a version that knew fewer measures."""
        values = dict(record)
        read = {
            **dict.fromkeys(MEASURES, lambda found: Measure(**found)),
            **dict.fromkeys(("new_values", "vanished_values"), OneSided.from_json),
            "histogram": Histogram.from_json,
            "quantiles": Quantiles.from_json,
            "drifts_since": lambda found: Since(**found),
        }
        for name, made in read.items():
            values[name] = None if values.get(name) is None else made(values[name])
        values["brought_by"] = tuple(map(Brought.from_json, values.get("brought_by", ())))
        return cls(**values)

    @property
    def effect(self) -> tuple[str, float] | None:
        """How far it moved, and the measure that says so: standard deviations of the reference, else a Jensen–Shannon distance."""
        found = [(name, getattr(self, name)) for name in ("wasserstein", "jensen_shannon")]
        return next(((name, measure.value) for name, measure in found if measure is not None), None)

    @property
    def verdict(self) -> str:
        """`drift`, `steady`, `cannot_tell`, or `not_compared` where it is not asked."""
        return verdict_of(self.drift, self.why)


MEASURES = (
    "psi",
    "jensen_shannon",
    "hellinger",
    "ks",
    "wasserstein",
    "mean_shift",
    "sd_ratio",
    "l_infinity",
    "chi2",
    "test",
    "missing",
    "out_of_range",
    "distinct",
    "length_shift",
    "unseen",
    "freshness",
    "longest_gap",
)
"""Names of the measures of a column, in the order they are shown."""

MIN_BLOCKS = 10
"""Of fewer blocks of the reference nothing is said of how they vary between each other."""


@dataclass(frozen=True, slots=True)
class DriftReport:
    """All columns of two windows compared, in the reference's order, new columns last.

    `source`, `reference` and `current` name what was compared, where the caller knows it; `first` and `last` are the
    moments of the current rows (ISO 8601, UTC) where these have a time, `notes` say how a window was rounded, and what a
    reference that moves was this time. `multivariate` is what all columns say at once, None where that was not asked.
    """

    reference_rows: int
    current_rows: int
    columns: tuple[ColumnDrift, ...]
    source: str | None = None
    reference: str | None = None
    current: str | None = None
    first: str | None = None
    last: str | None = None
    notes: tuple[str, ...] = ()
    multivariate: Multivariate | None = None

    @property
    def columns_drift(self) -> bool | None:
        """True when any column drifts, None when no column could be told."""
        return _any(column.drift for column in self.columns)

    @property
    def drift(self) -> bool | None:
        """True when any column drifts, or all at once do; None when nothing could be told."""
        at_once = () if self.multivariate is None else (self.multivariate.drift,)
        return _any((self.columns_drift, *at_once))

    @property
    def note(self) -> str | None:
        """What a reader of the verdicts has to know in a sentence; None where there is nothing."""
        known = [column.blocks for column in self.columns if column.blocks is not None]
        if not known or max(known) >= MIN_BLOCKS:
            return None
        return (
            f"How files vary between each other is unknown: the reference has {_blocks(max(known))}, {MIN_BLOCKS} are"
            " needed. Rows are taken for independent."
        )

    def column(self, name: str) -> ColumnDrift | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers; never NaN."""
        return {
            "source": self.source,
            "reference": self.reference,
            "current": self.current,
            "reference_rows": self.reference_rows,
            "current_rows": self.current_rows,
            "from": self.first,
            "to": self.last,
            "notes": list(self.notes),
            "drift": self.drift,
            "note": self.note,
            "multivariate": None if self.multivariate is None else self.multivariate.to_json(),
            "columns": [asdict(column) for column in self.columns],
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The report that `to_json` wrote, also after a way through JSON text."""
        told = {
            **record,
            "first": record.get("from"),
            "last": record.get("to"),
            "notes": tuple(record.get("notes", ())),
            "multivariate": _at_once(record.get("multivariate")),
        }
        values = {field.name: told[field.name] for field in fields(cls)}
        values["columns"] = tuple(ColumnDrift.from_json(column) for column in record["columns"])
        return cls(**values)


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    told = set(verdicts)
    return True if True in told else False if False in told else None


def _at_once(record: Mapping[str, Any] | None) -> Multivariate | None:
    return None if record is None else Multivariate.from_json(record)


def _blocks(number: int) -> str:
    return "1 block" if number == 1 else f"{number or 'no'} blocks"


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a source's windows are compared with where nothing else is said: the words of a window, of the source `home`
    where it is of another one. `at` is when a person pinned it.
    """

    source_id: str
    reference: str
    home_id: str | None
    home: str | None
    at: str

    @property
    def label(self) -> str:
        """The words that name it."""
        return self.reference if self.home is None else f"{self.home} {self.reference}"


@dataclass(frozen=True, slots=True)
class Tile:
    """One column of one chunk: its verdict, and how far it moved by which measure, where that is known."""

    verdict: str
    measure: str | None
    effect: float | None


@dataclass(frozen=True, slots=True)
class ChunkHead:
    """A report on the time axis; `first` and `last` are the moments of its rows, None without a time column."""

    report_id: str
    current: str
    rows: int
    first: str | None
    last: str | None
    drift: bool | None


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Chunks of one unit across, the oldest first; columns (name and kind) down, in the newest chunk's order.

    `tiles[column][chunk]` is None where the chunk has no such column.
    """

    chunks: tuple[ChunkHead, ...]
    columns: tuple[tuple[str, str], ...]
    tiles: tuple[tuple[Tile | None, ...], ...]
