"""What a person does with sources."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from mlops_tui.core.clock import now
from mlops_tui.core.errors import UsageError
from mlops_tui.core.ids import new_id
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.data.header import check_columns_lie_there
from mlops_tui.data.model import ROLES, Source, check_columns_differ, check_name
from mlops_tui.data.place import exclude_of, pattern_of, place_of
from mlops_tui.data.query import get_source
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
        """Names a folder or a file as a source; its `pattern` is guessed from what is there.

        With `recursive` the folders below count too; what fits a pattern of `exclude` is left out. With
        `snapshot` the files that are taken in are copied too, so that a version can be read back whatever becomes of them.

        Raises:
            UsageError: no such path, a name that is taken or no name, an unknown role, one column with two roles, or one
                that the file that lies there already has not.
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
        self._insert(row)
        return get_source(self._store.reader, row.id)

    def _insert(self, row: SourceRow) -> None:
        with write_session(self._store) as writing:
            taken = writing.execute("SELECT archived FROM source WHERE name = ?", (row.name,)).fetchone()
            if taken is not None:
                kind = "an archived source" if taken[0] else "a source"
                raise UsageError(
                    f"There is {kind} named '{row.name}' already.", "Choose another name; see: mlops-tui data list"
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
