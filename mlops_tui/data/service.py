"""What a person does with sources."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import new_id
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.data.columns import slices_of
from mlops_tui.data.header import check_columns_lie_there
from mlops_tui.data.model import BY_HAND, LABELS, QUARANTINED, ROLES, TAKEN_IN, Source, check_columns_differ, check_name
from mlops_tui.data.place import exclude_of, pattern_of, pattern_with, place_of
from mlops_tui.data.query import find_source, get_source
from mlops_tui.data.slices import require_sliced
from mlops_tui.data.table import SourceRow
from mlops_tui.store.session import write_session
from mlops_tui.store.store import Store


class Sources:
    """The sources of one workspace. Their files are taken in by the job `scan`."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def add(
        self,
        path: Path,
        *,
        name: str,
        role: str = "training",
        pattern: str | None = None,
        recursive: bool = False,
        exclude: Sequence[str] = (),
        snapshot: bool = False,
        target: str | None = None,
        time_column: str | None = None,
        id_column: str | None = None,
        group_column: str | None = None,
    ) -> Source:
        """Names a folder or a file as a source; without a `pattern` every data file of a folder is its own.

        A source that was removed comes back with its files and versions where its name and place are given again. With `recursive` the folders below count too; what fits a pattern of `exclude` is left out. With
        `snapshot` the files that are taken in are copied too, so that a version can be read back whatever becomes of them.

        Raises:
            UsageError: no such path, a name that is taken or no name, an unknown role, one column with two roles, one that
                the file that lies there already has not, or a role of it that a removed source of that name has otherwise.
        """
        check_name(name)
        if role not in ROLES:
            raise UsageError(f"There is no role '{printable(role)}'.", f"Choose one of: {', '.join(ROLES)}.")
        named = {"target": target, "time": time_column, "id": id_column, "group": group_column}
        check_columns_differ(named)
        place = place_of(path, self._store.workspace.home)
        pattern = pattern_of(place, pattern, recursive=recursive)
        left_out = exclude_of(place, exclude)
        check_columns_lie_there(place, pattern, role, named, left_out)
        row = SourceRow(
            id=new_id(),
            name=name,
            path=self._store.workspace.relative(place),
            pattern=pattern,
            role=role,
            target=target,
            time_column=time_column,
            id_column=id_column,
            group_column=group_column,
            kinds="{}",
            roles="{}",
            options="{}",
            exclude=json.dumps(left_out),
            snapshot=snapshot,
            salt=secrets.token_hex(16),
            version=0,
            created=now(),
        )
        return get_source(self._store.reader, self._brought_back(row) or self._insert(row))

    def change(
        self,
        selector: str,
        *,
        recursive: bool | None = None,
        exclude: Sequence[str] | None = None,
        snapshot: bool | None = None,
        role: str | None = None,
        slices: Sequence[str] | None = None,
        predict: tuple[str, str] | None = None,
        matures_after: float | None = None,
    ) -> Source:
        """Says anew what `add` was told; what is None stays. The next scan goes by it, older versions stay.

        With `snapshot` the next scan copies in what is there too; without, the copies that there are stay, and are read
        where a file is gone. In another `role` the files are judged anew. Predictions and profiles are told apart by the columns `slices`.
        What comes from now on is to `predict` by what names a model version, into a folder; two empty texts end that. Labels of a
        row go on coming for `matures_after` seconds; 0 where they come at once.

        Raises:
            UsageError: no such source or role, folders below or files left out of a source that is a single file, a
                pattern that leaves the folder or names folders below itself, slices that are too many, no columns or of values that hardly come again, or
                a delay of a source that brings no labels.
        """
        source = find_source(self._store.reader, selector)
        if role is not None and role not in ROLES:
            raise UsageError(f"There is no role '{printable(role)}'.", f"Choose one of: {', '.join(ROLES)}.")
        if source.is_one_file and (recursive or exclude):
            raise UsageError(
                f"Source '{source.name}' is one file, without folders below or files to be left out.",
                "Name its folder with: mlops-tui data add",
            )
        changes = self._pattern_after(source, recursive) | self._exclude_after(source, exclude)
        if snapshot is not None and snapshot != source.snapshot:
            changes["snapshot"] = snapshot
        if role is not None and role != source.role:
            changes["role"] = role
        if slices is not None and (told := slices_of(source, slices)) != source.slices:
            require_sliced(self._store.reader, source, [name for name in told if name not in source.slices])
            changes["slices"] = list(told)
        if predict is not None:
            changes |= _predict_after(source, *predict)
        if matures_after is not None:
            changes |= _matures_after(source, changes.get("role", source.role), matures_after)
        if changes:
            self._keep(source, changes)
        return get_source(self._store.reader, source.id)

    def _pattern_after(self, source: Source, recursive: bool | None) -> dict[str, Any]:
        if recursive is None or source.is_one_file or recursive == source.is_recursive:
            return {}
        return {"pattern": pattern_with(source.pattern, recursive=recursive)}

    def _exclude_after(self, source: Source, exclude: Sequence[str] | None) -> dict[str, Any]:
        if exclude is None:
            return {}
        left_out = exclude_of(source.folder(self._store.workspace), [one for one in exclude if one.strip()])
        return {"exclude": left_out} if left_out != source.exclude else {}

    def _keep(self, source: Source, changes: dict[str, Any]) -> None:
        lists = ("exclude", "slices")
        kept = {name: json.dumps(value) if name in lists else value for name, value in changes.items()}
        with self._store.write() as writing:
            for name, value in kept.items():
                writing.execute(f"UPDATE source SET {name} = ? WHERE id = ?", (value, source.id))
            if "role" in changes or changes.get("snapshot"):  # what is in is copied, or judged, by the next scan
                writing.execute(
                    "UPDATE source_file SET mtime_ns = 0 WHERE source_id = ? AND state IN (?, ?)",
                    (source.id, TAKEN_IN, QUARANTINED),
                )
                writing.changed("files")
            before = {name: getattr(source, name) for name in changes}
            writing.event("changed", ("source", source.id, source.name), why=BY_HAND, before=before, after=changes)
            writing.changed("sources")

    def _brought_back(self, row: SourceRow) -> str | None:
        """The id of the removed source of that name, which is there again; None where none was removed."""
        removed = self._store.reader.execute(
            "SELECT id FROM source WHERE name = ? AND archived IS NOT NULL", (row.name,)
        ).fetchone()
        if removed is None:
            return None
        kept = get_source(self._store.reader, removed[0])
        if kept.path != row.path:
            raise UsageError(
                f"The name '{row.name}' belongs to a source that was removed, which lay at {printable(kept.path)}.",
                "Choose another name, or add that place to have it back.",
            )
        for field in ("role", "target", "time_column", "id_column", "group_column"):
            asked, was = getattr(row, field), getattr(kept, field)
            if asked != was and asked is not None:
                what = field.removesuffix("_column")
                raise UsageError(
                    f"Source '{row.name}' was removed, and its {what} was {printable(was or 'not named')}.",
                    f"Add it with: --role {was}"
                    if field == "role"
                    else f"Add it without another {what}; that is changed by: mlops-tui data schema {row.name} --role",
                )
        with write_session(self._store) as writing:
            writing.execute(
                "UPDATE source SET archived = NULL, pattern = ?, exclude = ?, snapshot = ? WHERE id = ?",
                (row.pattern, row.exclude, row.snapshot or kept.snapshot, kept.id),
            )
            before = {"archived": kept.archived, "pattern": kept.pattern}
            writing.event("brought_back", ("source", kept.id, kept.name), before=before, after={"pattern": row.pattern})
            writing.changed("sources")
        return kept.id

    def _insert(self, row: SourceRow) -> str:
        with write_session(self._store) as writing:
            if writing.execute("SELECT 1 FROM source WHERE name = ?", (row.name,)).fetchone() is not None:
                raise UsageError(
                    f"There is a source named '{row.name}' already.", "Choose another name; see: mlops-tui data list"
                )
            writing.add(row)
            after = {
                key: getattr(row, key)
                for key in (
                    "path",
                    "pattern",
                    "exclude",
                    "snapshot",
                    "role",
                    "target",
                    "time_column",
                    "id_column",
                    "group_column",
                )
            }
            writing.event("added", ("source", row.id, row.name), after=after)
            writing.changed("sources")
        return row.id


def _matures_after(source: Source, role: str, seconds: float) -> dict[str, Any]:
    if role != LABELS:
        raise UsageError(
            f"Source '{source.name}' brings no labels, so none of its own can be late.",
            f"Name a source of labels, or make it one: mlops-tui data options {source.name} --role {LABELS}",
        )
    wanted = seconds or None
    return {} if wanted == source.matures_after else {"matures_after": wanted}


def _predict_after(source: Source, selector: str, folder: str) -> dict[str, Any]:
    """What changes where files are to be predicted otherwise; those that are there already are not."""
    wanted = {"predict_with": selector or None, "predict_to": folder or None}
    if wanted == {name: getattr(source, name) for name in wanted}:
        return {}
    is_new = selector and source.predict_with is None
    after = {"predict_after": source.version if is_new else source.predict_after if selector else None}
    return wanted | after
