"""Two windows compared slice by slice: from stored slices where a column is declared, else from the files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data.engine.sliced import Tally, names_of
from mlops_tui.data.profile import UNCOUNTED_KINDS, ColumnProfile
from mlops_tui.data.slices import VALUE, SliceName
from mlops_tui.monitoring.engine.compare import findings, too_few
from mlops_tui.monitoring.engine.slice_sides import Side, Sides, Tell
from mlops_tui.monitoring.engine.slice_words import notes, sentence, why
from mlops_tui.monitoring.engine.units import thinned_profile
from mlops_tui.monitoring.engine.variation import Variation, variation
from mlops_tui.monitoring.engine.verdict import Finding, judge
from mlops_tui.monitoring.model import NOT_COMPARED, ColumnDrift, DriftReport
from mlops_tui.monitoring.slices import Asked, SliceDrift, SliceReport, require_slices
from mlops_tui.monitoring.window import Rows
from mlops_tui.store.store import Store

RATE = 0.005
"""False discovery rate over all tests of all slices: half of the whole's, since the tests of small slices are a little too sure, and
slices are asked about beside the whole.
"""


def by_slice(
    store: Store,
    asked: Asked,
    windows: tuple[Rows, Rows],
    whole: tuple[DriftReport, Variation, Collection[str]],
    tell: Tell,
) -> SliceReport:
    """Each slice of the current window against the same one of the reference, the columns of all slices judged together.

    `whole` is the report on all rows, with the variation and the ignored columns that it reckoned with.

    Raises:
        UsageError: the column makes no slices, or no row has the value.
        DataError: a file that has to be read is gone or was changed.
    """
    asked = require_slices(store.reader, asked, *(rows.source for rows in windows))
    with Sides(store, asked, tell) as sides:
        ours, theirs = sides.of(windows)
        tallies = [ours.tally, theirs.tally]
        names = names_of(tallies) if asked.value is None else [_one_slice(asked, tallies)]
        own = [name.value for name in names if name.sort == VALUE]
        report, known, ignored = whole
        columns = [column.name for column in report.columns if column.name != asked.by]
        compared = [_compare(name, own, columns, (ours, theirs), known, ignored) for name in names]
        tell("its columns are judged")
        return _report(asked, compared, report, (ours, theirs))


@dataclass(frozen=True, slots=True)
class _Compared:
    name: SliceName
    sizes: tuple[int, int]
    findings: Sequence[Finding]
    sketched: frozenset[str]
    """Columns of which not every value is held, so that different ones cannot be counted."""


def _one_slice(asked: Asked, tallies: Sequence[Tally]) -> SliceName:
    name = SliceName(VALUE, asked.value or "")
    if not any(tally.rows[name] for tally in tallies):
        raise UsageError(
            f"No row of either window has the value '{printable(name.value)}' in column '{printable(asked.by)}'.",
            f"See the values that there are: --slice {asked.by}",
        )
    return name


def _compare(
    name: SliceName,
    own: Sequence[str],
    columns: Sequence[str],
    sides: tuple[Side, Side],
    known: Variation,
    ignored: Collection[str],
) -> _Compared:
    """The columns of a slice, measured; none where it is in one of the windows alone."""
    profiles = tuple(side.slices.profile(name, own, columns) for side in sides)
    sizes = profiles[0].rows, profiles[1].rows
    if not all(sizes) or too_few(*sizes, "rows"):
        return _Compared(name, sizes, (), frozenset())
    sketched = {column.name for profile in profiles for column in profile.columns if _is_sketched(column)}
    varying = _variation(name, own, columns, sides[0], known, ignored)
    found = findings(profiles[0], profiles[1], ignored, varying, together=sides[1].rows.together)
    return _Compared(name, sizes, found, frozenset(sketched))


def _is_sketched(column: ColumnProfile) -> bool:
    return column.kind in UNCOUNTED_KINDS or column.other > 0 or bool(column.points and column.points.bound)


def _variation(
    name: SliceName,
    own: Sequence[str],
    columns: Sequence[str],
    side: Side,
    known: Variation,
    ignored: Collection[str],
) -> Variation:
    """How the slice varies between the parts of the reference; as the whole does where its own rows do not tell."""
    if not known.pools:
        return known
    parts = (thinned_profile(side.slices.part(name, own, columns, part)) for part in side.parts)
    found = variation([part for part in parts if part.rows], ignored)
    return found if found.pools else known


def _report(asked: Asked, compared: Sequence[_Compared], whole: DriftReport, sides: tuple[Side, Side]) -> SliceReport:
    """All of them judged together, what is new to a reader first."""
    judged = iter(judge([finding for one in compared for finding in one.findings], RATE))
    drifting = {column.name for column in whole.columns if column.drift}
    rows = whole.reference_rows, whole.current_rows
    found = [_slice(one, [next(judged) for _ in one.findings], drifting, rows) for one in compared]
    found.sort(key=lambda one: (_rank(one), -one.reference_rows - one.current_rows))
    verdicts = {one.drift for one in found}
    return SliceReport(
        asked.by,
        asked.value,
        sides[1].rows.source.kinds[asked.by],
        True if True in verdicts else False if False in verdicts else None,
        why(asked, found),
        sum(side.files_read for side in sides),
        notes(asked, sides),
        tuple(found),
    )


def _rank(one: SliceDrift) -> int:
    return 0 if one.alone else {True: 1, False: 2, None: 3}[one.drift]


def _slice(
    one: _Compared, columns: Sequence[ColumnDrift], drifting: Collection[str], rows: tuple[int, int]
) -> SliceDrift:
    kept = tuple(_kept(column, one.sketched) for column in columns if column.verdict != NOT_COMPARED)
    alone = tuple(column.name for column in kept if column.drift and column.name not in drifting)
    verdicts = {column.drift for column in kept}
    drift = True if True in verdicts else False if False in verdicts else None
    before, after = (size / max(1, total) for size, total in zip(one.sizes, rows, strict=True))
    told = sentence(one.sizes, (before, after), kept, alone)
    return SliceDrift(one.name, *one.sizes, (before, after), drift, told, alone, kept)


def _kept(column: ColumnDrift, sketched: Collection[str]) -> ColumnDrift:
    """Without what small sketches cannot tell and what files tell, and without a picture where nothing moved."""
    return replace(
        column,
        distinct=None if column.name in sketched else column.distinct,
        histogram=column.histogram if column.drift else None,
        quantiles=column.quantiles if column.drift else None,
        brought_by=(),
    )
