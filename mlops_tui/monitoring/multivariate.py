"""What all columns of two windows say at once: whether a classifier tells their rows apart, and how well rows are put together again from
what hangs together in the reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

CLASSIFIER, RECONSTRUCTION = "a classifier", "reconstruction"
"""What either figure is called."""


@dataclass(frozen=True, slots=True)
class Fall:
    """By how much the area under the curve falls when that column is shuffled among the rows."""

    name: str
    fall: float


@dataclass(frozen=True, slots=True)
class Classified:
    """How rows of both windows, `rows` of each, are told apart by a classifier that is asked about rows it has not learnt from.

    `auc` is its area under the curve with its standard `error`, `columns` those that tell most, none where they are not told apart.
    `drift` is None where it cannot be told, and `why` says so in a sentence.
    """

    drift: bool | None
    why: str
    auc: float | None = None
    error: float | None = None
    rows: int | None = None
    columns: tuple[Fall, ...] = ()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The record that `to_json` of all at once wrote."""
        return cls(**{**record, "columns": tuple(Fall(**one) for one in record["columns"])})


@dataclass(frozen=True, slots=True)
class Reconstructed:
    """How far rows are in the mean from what `components` of the reference make of them, in standard deviations of its columns: `rows`
    current ones by `error`, `reference_rows` of the reference that nothing was learnt from by `reference`.

    So many clean rows lie within `low` and `high`. `effect` is the difference in standard deviations of a row's own distance,
    `inflation` how many times the variance of independent rows is reckoned with, since `files` of the reference vary (None: rows are
    taken for independent).
    """

    drift: bool | None
    why: str
    error: float | None = None
    reference: float | None = None
    low: float | None = None
    high: float | None = None
    effect: float | None = None
    components: int | None = None
    rows: int | None = None
    reference_rows: int | None = None
    files: int | None = None
    inflation: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is not among those that are looked at, and why in a sentence."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Multivariate:
    """All of `columns` of two windows compared at once; `left_out` are others that one would look for among them, `notes` sentences
    about the rows that were looked at.
    """

    classifier: Classified
    reconstruction: Reconstructed
    columns: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def drift(self) -> bool | None:
        """True where either figure tells the windows apart, None where neither can be told."""
        told = {self.classifier.drift, self.reconstruction.drift}
        return True if True in told else False if False in told else None

    @property
    def summary(self) -> str:
        """What came of it, in a few words."""
        parts = {CLASSIFIER: self.classifier.drift, RECONSTRUCTION: self.reconstruction.drift}
        telling = [name for name, drift in parts.items() if drift]
        if telling:
            return f"all columns at once tell the windows apart ({' and '.join(telling)})"
        return (
            "all at once cannot be told" if self.drift is None else "all columns at once do not tell the windows apart"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries, lists and numbers; never NaN."""
        return {"drift": self.drift, **asdict(self)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """What `to_json` wrote, also after a way through JSON text."""
        return cls(
            Classified.from_json(record["classifier"]),
            Reconstructed(**record["reconstruction"]),
            tuple(record["columns"]),
            tuple(LeftOut(**one) for one in record["left_out"]),
            tuple(record["notes"]),
        )


def untold(why: str, **more: Any) -> Multivariate:
    """Where nothing can be told, and why."""
    said = f"cannot tell, because {why}"
    return Multivariate(Classified(None, said), Reconstructed(None, said), **more)
