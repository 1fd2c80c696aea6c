"""What a person decides about a source: its schema and checks, kinds and roles, files let in, tags, where it lies."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import AmbiguousName, DataError, UnknownName, UsageError
from mlops_tui.core.printable import printable
from mlops_tui.data import checkfile
from mlops_tui.data.adopting import ADOPTED, with_adopted
from mlops_tui.data.checks import Check
from mlops_tui.data.columns import FIELD_OF_ROLE, ColumnChange, columns_after, rule_after, standing_of
from mlops_tui.data.model import BY_HAND, QUARANTINED, TAKEN_IN, Source, SourceFile, files_named
from mlops_tui.data.options import ReadOptions
from mlops_tui.data.place import pattern_of, place_of
from mlops_tui.data.query import (
    columns_beside,
    find_source,
    find_version,
    get_source,
    list_sources,
    quarantined,
    tags_of,
)
from mlops_tui.store.store import Store, Writing

_TAG = re.compile(r"[^\W\d][\w.-]{0,63}")
_VERSION = re.compile(r"v?\d+", re.IGNORECASE)
LISTED = 5


class Curation:
    """Decisions about the sources of one workspace; each is an event."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(self, selector: str, proposed: Sequence[Check]) -> tuple[Source, list[Check]]:
        """Freezes the source's schema; returns it, and those of the proposed checks that its file did not have yet.

        Raises:
            UsageError: no such source, or a checks file that is broken.
            DataError: no file was taken in yet, so that there is no schema.
        """
        source = self._with_schema(selector)
        self._store.must_be_writable()
        added = checkfile.add(self._store.workspace, source, proposed)
        with self._store.write() as writing:
            writing.execute("UPDATE source SET accepted = ? WHERE id = ?", (now(), source.id))
            after = {"kinds": source.kinds, "roles": source.roles, "checks_added": [check.name for check in added]}
            _event(writing, "schema_accepted", source, {"accepted": source.accepted}, after)
        return get_source(self._store.reader, source.id), added

    def set_columns(
        self, selector: str, *, kinds: Mapping[str, str] | None = None, roles: Mapping[str, str] | None = None
    ) -> Source:
        """Gives columns another kind or role; see `change_columns`."""
        return self.change_columns(selector, ColumnChange(kinds or {}, roles or {}))

    def change_columns(self, selector: str, change: ColumnChange) -> Source:
        """Gives columns another kind or role, adopts some of the files', or lets files lack some, by hand.

        The next scan reads the files anew where that needs it; older versions have the columns that they had.

        Raises:
            UsageError: no such source, kind or role, or two columns for a role that one column has.
            UnknownColumn: the source, or to be adopted its files, have no such column.
            DataError: no file was taken in yet.
        """
        source = self._with_schema(selector)
        new = columns_after(self._with_adopted(source, change), change)
        fields = {field: new.named.get(role) for role, field in FIELD_OF_ROLE.items()}
        positive = source.positive if fields["target"] == source.target else None
        with self._store.write() as writing:
            writing.execute(
                "UPDATE source SET kinds = ?, roles = ?, target = ?, positive = ?, time_column = ?, id_column = ?,"
                " group_column = ?, held_out = ? WHERE id = ?",
                (
                    json.dumps(new.kinds),
                    json.dumps(new.told),
                    fields["target"],
                    positive,
                    *_fields_after(fields),
                    json.dumps(rule_after(source)) if source.held_out else None,
                    source.id,
                ),
            )
            if new.are_read_otherwise(source):
                _read_anew(writing, source)
            before = {column: standing_of(source, column) for column in new.told}
            after = {column: new.standing(column) for column in new.told}
            moved = {column for column in new.told if before[column] != after[column]}
            _event(writing, "columns_set", source, _only(before, moved), _only(after, moved), why=BY_HAND)
        return get_source(self._store.reader, source.id)

    def trial(self, selector: str, change: ColumnChange) -> dict[str, Any] | None:
        """The spec of the job `foresee` that tells what `change_columns` would do to the files; None where none is read anew.

        Raises:
            MlopsError: what `change_columns` raises.
        """
        source = self._with_schema(selector)
        new = columns_after(self._with_adopted(source, change), change)
        if not new.are_read_otherwise(source):
            return None
        return {"source": source.id, "kinds": new.kinds, "time_column": new.named.get("time"), "optional": new.optional}

    def _with_adopted(self, source: Source, change: ColumnChange) -> Source:
        if not change.adopt:
            return source
        return with_adopted(source, change.adopt, columns_beside(self._store.reader, source))

    def set_options(self, selector: str, told: Mapping[str, Any], sniffed: Collection[str] = ()) -> Source:
        """Says how the source's files are to be read; `sniffed` are options to be found in the next file again.

        The next scan reads every file anew. Kinds are guessed anew, unless the schema was accepted or a kind or role was
        set by hand.

        Raises:
            UsageError: no such source or option.
            DataError: an option that no file can be read with.
        """
        source = find_source(self._store.reader, selector)
        known = {field.name for field in fields(ReadOptions)}
        if unknown := sorted({*told, *sniffed} - known):
            raise UsageError(f"There is no option '{unknown[0]}'.", f"Options are {', '.join(sorted(known))}.")
        sought = {
            *sniffed,
            *({"header"} if "skip" in sniffed and "header" not in told else ()),
        }  # both are found together
        kept = {name: value for name, value in source.options.items() if name not in sought}
        options = ReadOptions.from_json(json.dumps({**kept, **told})).told()
        if options == source.options:
            return source
        by_hand = source.optional or any(why.startswith((BY_HAND, ADOPTED)) for why in source.reasons.values())
        guesses = source.accepted is None and not by_hand
        with self._store.write() as writing:
            writing.execute("UPDATE source SET options = ? WHERE id = ?", (json.dumps(options), source.id))
            if guesses:
                writing.execute("UPDATE source SET kinds = '{}', roles = '{}' WHERE id = ?", (source.id,))
            _read_anew(writing, source)
            _event(writing, "options_set", source, {"options": source.options}, {"options": options}, why=BY_HAND)
        return get_source(self._store.reader, source.id)

    def release(self, selector: str, why: str, *, source: str | None = None) -> tuple[Source, SourceFile]:
        """Lets a file in that a check quarantines; the next scan takes it into the next version.

        Raises:
            UsageError: no reason, no such file that is quarantined, or several.
            DataError: it is quarantined because it cannot be read, or lacks the time column.
        """
        if not why.strip():
            raise UsageError("A file is released for a reason.", "Say it with: --why TEXT")
        file = self._kept_out(selector, source)
        home = get_source(self._store.reader, file.source_id)
        if file.rows is None and file.check_name == "columns" and file.column_name is None and home.time_column:
            raise DataError(
                f"{printable(file.path)} lacks the time column {printable(home.time_column)}, by which its rows are told"
                " apart, so it cannot be released.",
                "Mend the file, or give that role to another column with:"
                f" mlops-tui data schema {home.name} --role COLUMN=time",
            )
        if file.rows is None:
            raise DataError(
                f"{printable(file.path)} cannot be read, so it cannot be released: {file.reason or ''}".rstrip(),
                "Mend the file, or say how it is to be read with: mlops-tui data options " + home.name,
            )
        with self._store.write() as writing:
            writing.execute("UPDATE source_file SET released = ? WHERE id = ?", (why.strip(), file.id))
            before = {"check": file.check_name, "reason": file.reason}
            writing.event("released", ("file", file.id, file.path), why=why.strip(), before=before)
            writing.changed("files")
        return home, file

    def tag(self, selector: str, version: str, tag: str) -> int:
        """Names a version; a tag that another version has moves. Returns the version's number.

        Raises:
            UsageError: no such source or version, or a word that cannot be a tag.
        """
        source = find_source(self._store.reader, selector)
        number = find_version(self._store.reader, source, version).number
        if not _TAG.fullmatch(tag) or _VERSION.fullmatch(tag) or tag.lower() == "training":
            raise UsageError(
                f"A version cannot be tagged '{printable(tag)}'.",
                "Begin with a letter, and use letters, digits, '_', '-' and '.'; v1 and training mean something else.",
            )
        before = tags_of(self._store.reader, source.id).get(tag)
        with self._store.write() as writing:
            writing.execute(
                "INSERT INTO version_tag (source_id, tag, number, created) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (source_id, tag) DO UPDATE SET number = excluded.number, created = excluded.created",
                (source.id, tag, number, now()),
            )
            _event(writing, "tagged", source, {"tag": tag, "version": before}, {"tag": tag, "version": number})
        return number

    def untag(self, selector: str, tag: str) -> int:
        """Takes a tag away; returns the number of the version that had it. Raises UnknownName."""
        source = find_source(self._store.reader, selector)
        tags = tags_of(self._store.reader, source.id)
        if tag not in tags:
            known = f"Its tags are: {', '.join(tags)}." if tags else "It has none."
            raise UnknownName(f"Source '{source.name}' has no tag '{printable(tag)}'.", known)
        with self._store.write() as writing:
            writing.execute("DELETE FROM version_tag WHERE source_id = ? AND tag = ?", (source.id, tag))
            _event(writing, "untagged", source, {"tag": tag, "version": tags[tag]}, None)
        return tags[tag]

    def move(self, selector: str, path: Path) -> Source:
        """Points a source at another place; the next scan knows its files again by their content.

        Raises:
            UsageError: no such source or place, or a file where a folder was, or the other way round.
        """
        source = find_source(self._store.reader, selector)
        place = place_of(path, self._store.workspace.home)
        if place.is_file() != source.is_one_file:
            was, other = ("file", "folder") if source.is_one_file else ("folder", "file")
            raise UsageError(
                f"Source '{source.name}' is a {was}, and {printable(str(path))} is a {other}.", f"Name a {was}."
            )
        pattern = place.name if source.is_one_file else source.pattern
        if pattern == place.name and not source.is_one_file:
            raise UsageError("The pattern is the folder's own name.", "Rename the folder.")
        new = self._store.workspace.relative(place)
        with self._store.write() as writing:
            writing.execute("UPDATE source SET path = ?, pattern = ? WHERE id = ?", (new, pattern, source.id))
            _event(writing, "moved", source, {"path": source.path}, {"path": new})
        return get_source(self._store.reader, source.id)

    def set_pattern(self, selector: str, pattern: str) -> Source:
        """Says which files of its folder are the source's; `any` are all data files. The next scan goes by it.

        Raises:
            UsageError: no such source, one that is a single file, or a pattern that leaves the folder.
        """
        source = find_source(self._store.reader, selector)
        if source.is_one_file:
            raise UsageError(
                f"Source '{source.name}' is one file, and a pattern goes with a folder.",
                "Name its folder with: mlops-tui data add",
            )
        new = pattern_of(source.folder(self._store.workspace), pattern, recursive=source.is_recursive)
        if new == source.pattern:
            return source
        with self._store.write() as writing:
            writing.execute("UPDATE source SET pattern = ? WHERE id = ?", (new, source.id))
            _event(writing, "pattern_set", source, {"pattern": source.pattern}, {"pattern": new}, why=BY_HAND)
        return get_source(self._store.reader, source.id)

    def remove(self, selector: str) -> Source:
        """Has a source be neither listed nor scanned any more; no file is touched, and what was trained on it keeps its
        lineage. `Sources.add` with its name and place brings it back.

        Raises:
            UsageError: no such source.
        """
        source = find_source(self._store.reader, selector)
        moment = now()
        with self._store.write() as writing:
            writing.execute("UPDATE source SET archived = ? WHERE id = ?", (moment, source.id))
            _event(writing, "removed", source, None, {"archived": moment})
        return source

    def _with_schema(self, selector: str) -> Source:
        source = find_source(self._store.reader, selector)
        if not source.kinds:
            raise DataError(
                f"Source '{source.name}' has no schema yet: no file was taken in.",
                f"Take its files in with: mlops-tui data scan {source.name}",
            )
        return source

    def _kept_out(self, selector: str, source_selector: str | None) -> SourceFile:
        """The file of that path, else of that name, else of that part of an id, among those that are quarantined."""
        reader = self._store.reader
        home = find_source(reader, source_selector).id if source_selector else None
        files = quarantined(reader, home, limit=-1)
        found = files_named(files, selector)
        if len(found) == 1:
            return found[0]
        names = {item.id: item.name for item in list_sources(reader)}
        listed = ", ".join(f"{printable(f.path)} of {names.get(f.source_id)}" for f in (found or files)[:LISTED])
        more = ", …" if len(found or files) > LISTED else "."
        if found:
            raise AmbiguousName(f"'{printable(selector)}' fits several files: {listed}{more}", "Add --source NAME.")
        remedy = f"Quarantined are: {listed}{more}" if files else "No file is quarantined."
        raise UnknownName(f"No file '{printable(selector)}' is quarantined.", remedy)


def _fields_after(fields: Mapping[str, str | None]) -> tuple[str | None, ...]:
    return fields["time_column"], fields["id_column"], fields["group_column"]


def _only(records: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: record for name, record in records.items() if name in names}


def _read_anew(writing: Writing, source: Source) -> None:
    """Has the next scan take every file for moved: their profiles have other names now. A content that was released stays so."""
    writing.execute(
        "UPDATE source_file SET mtime_ns = 0 WHERE source_id = ? AND state IN (?, ?)",
        (source.id, TAKEN_IN, QUARANTINED),
    )
    writing.changed("files")


def _event(
    writing: Writing,
    verb: str,
    source: Source,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    why: str | None = None,
) -> None:
    writing.event(verb, ("source", source.id, source.name), why=why, before=before, after=after)
    writing.changed("sources")
