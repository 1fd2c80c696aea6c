"""All columns of two windows at once, from rows that are drawn from their files: nothing but these is held, whatever the files have."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mlops_tui.core.errors import MlopsError
from mlops_tui.core.printable import printable
from mlops_tui.monitoring.engine.domain import ERRORS, LEAST_ROWS, MOST_ROWS, TELLING, Domain, domain
from mlops_tui.monitoring.engine.drawn import Drawn, drawn
from mlops_tui.monitoring.engine.reconstruction import reconstruction
from mlops_tui.monitoring.multivariate import Classified, Fall, LeftOut, Multivariate, untold
from mlops_tui.monitoring.window import Rows
from mlops_tui.store.store import Store

NUMBER, CATEGORY, TEXT = "number", "category", "text"
SORTS = {
    **dict.fromkeys(("numeric", "integer"), NUMBER),
    **dict.fromkeys(("category", "boolean", "constant"), CATEGORY),
    "text": TEXT,
}
"""What a column is looked at as, by its kind; others move by themselves, or never come back."""
SHOWN = 5
"""So many of the columns that tell most."""
LEAST_FALL = 0.01
"""By less the area under the curve falls by chance."""
NAMED = 3


class AllAtOnce:
    """Compares windows by all columns at once; rows of a reference that stays are drawn once."""

    def __init__(self, store: Store, seed: int = 0) -> None:
        self._store = store
        self._seed = seed
        self._of: Rows | None = None
        self._reference: Drawn | None = None

    def compared(self, ours: Rows, theirs: Rows, ignored: Collection[str]) -> Multivariate:
        """Both windows, by the columns that both have; those that are `ignored` are left out."""
        names, left_out = common(ours.source.kinds, theirs.source.kinds, ignored)
        if not names:
            return untold("the windows have no column in common that could be looked at", left_out=left_out)
        try:
            reference = self._drawn(ours, ignored).only(names)
            current = drawn(self._store, theirs, names, MOST_ROWS, self._seed)
        except MlopsError as error:
            why = printable(error.title).removesuffix(".")
            return untold(f"rows cannot be read any more: {why}", columns=names, left_out=left_out)
        sides = _as_looked_at(reference, ours.source.kinds), _as_looked_at(current, theirs.source.kinds)
        found = reconstruction(*sides, seed=self._seed)
        notes = [
            f"{name}: {note}" for name, one in zip(("reference", "window"), sides, strict=True) for note in one.notes
        ]
        empty = [name for name in names if sides[0].frame[name].isna().all() and sides[1].frame[name].isna().all()]
        left_out += tuple(LeftOut(name, "it has no value") for name in empty)
        kept = tuple(name for name in names if name not in empty)
        return Multivariate(_classified(*sides, kept, self._seed), found, kept, left_out, tuple(notes))

    def _drawn(self, ours: Rows, ignored: Collection[str]) -> Drawn:
        if self._reference is None or self._of != ours:
            kinds = ours.source.kinds
            names = [name for name, kind in kinds.items() if kind in SORTS and name not in ignored]
            # One part is learnt from by components, the other one compared.
            self._reference, self._of = drawn(self._store, ours, names, 2 * MOST_ROWS, self._seed), ours
        return self._reference


def common(
    ours: Mapping[str, str], theirs: Mapping[str, str], ignored: Collection[str]
) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """The columns of both sources, by their kinds, that are looked at; and those that are not, though one would look for them."""
    names, left_out = list[str](), list[LeftOut]()
    for name in dict.fromkeys([*ours, *theirs]):
        kinds = [side.get(name) for side in (ours, theirs)]
        sorts = {SORTS.get(kind) for kind in kinds if kind is not None}
        if name in ignored or None in sorts:
            continue
        if None in kinds:
            left_out.append(LeftOut(name, f"only the {'window' if kinds[0] is None else 'reference'} has it"))
        elif len(sorts) > 1:
            left_out.append(LeftOut(name, f"it is {kinds[0]} in the reference and {kinds[1]} in the window"))
        else:
            names.append(name)
    return tuple(names), tuple(left_out)


def _as_looked_at(rows: Drawn, kinds: Mapping[str, str]) -> Drawn:
    """The rows with texts as their lengths."""
    texts = [name for name in map(str, rows.frame.columns) if SORTS[kinds[name]] == TEXT]
    lengths = {name: rows.frame[name].str.len().astype("float64") for name in texts}
    return Drawn(rows.frame.assign(**lengths), rows.of_file, rows.files, rows.file_rows, rows.notes)


def _classified(reference: Drawn, current: Drawn, names: Collection[str], seed: int) -> Classified:
    for side, one in (("the reference", reference), ("the window", current)):
        if len(one.frame) < LEAST_ROWS:
            return Classified(
                None, f"cannot tell, because {side} has {len(one.frame)} rows, and {LEAST_ROWS} are needed"
            )
    ours, theirs = (one.frame[list(names)] for one in (reference, current))
    found = domain(ours, theirs, seed, with_falls=True)
    if found is None:
        return Classified(None, "cannot tell, because no column has a value")
    most = sorted(found.falls.items(), key=lambda one: -one[1]) if found.tells else []
    telling = tuple(Fall(name, fall) for name, fall in most[:SHOWN] if fall >= LEAST_FALL)
    return Classified(found.tells, _why(found, telling), found.area, found.error, len(found.places), telling)


def _why(found: Domain, telling: Collection[Fall]) -> str:
    area = f"area under the curve {found.area:.3f} ± {found.error:.3f}"
    if found.tells:
        most = ", ".join(printable(one.name) for one in list(telling)[:NAMED])
        return f"rows of both are told apart, {area} (0.5 by chance), most by {most or 'no column alone'}"
    if found.area - 0.5 > ERRORS * found.error:
        return f"rows of both are told apart by less than matters, {area} (the floor is {TELLING:g})"
    return f"rows of both are not told apart, {area} (0.5 by chance)"
