"""What a person decides about a source on the Data screen: how it is read, what its columns are, which files are let in."""

from __future__ import annotations

from collections.abc import Callable

from mlops_tui.data.adopting import Beside
from mlops_tui.data.columns import ColumnChange
from mlops_tui.data.model import Source
from mlops_tui.data.place import without_place
from mlops_tui.data.query import columns_beside, get_source, present_files
from mlops_tui.jobs.model import Job
from mlops_tui.presenters.column_changes import is_set
from mlops_tui.presenters.consequences import would_lose
from mlops_tui.presenters.data import scans_line
from mlops_tui.presenters.reading import changed_words
from mlops_tui.presenters.words import one_line
from mlops_tui.tui.afterwards import tell_when_ended, when_ended
from mlops_tui.tui.dialogs.column import adopting_form, column_form
from mlops_tui.tui.dialogs.confirm import Confirm
from mlops_tui.tui.dialogs.form import Values
from mlops_tui.tui.dialogs.read_options import arguments as read_options
from mlops_tui.tui.dialogs.read_options import changes, read_options_form
from mlops_tui.tui.dialogs.text import ask_text
from mlops_tui.tui.screens.data_parts import DataParts


def scanned(job: Job) -> str:
    """What a scan brought."""
    return scans_line((job.result or {}).get("sources", ()))


class DataDecisions(DataParts):
    """Each is asked for by a form, done by the service that the command calls, and followed by a scan where it has to be."""

    def scan(self, title: str, sources: list[str] | None, words: str) -> None:
        app = self.app

        def started(job_id: str) -> None:
            app.notify(words, timeout=3, markup=False)
            tell_when_ended(app, job_id, scanned)

        app.in_background(lambda: app.services.jobs.start("scan", title, {"sources": sources}), started)

    def do_column(self) -> None:
        app, column, source = self.app, self.chosen_column, self.columns.columns.source
        if column is None or source is None:
            return
        name, curation, wanted = column["name"], app.services.curation, [ColumnChange()]

        def try_columns(change: ColumnChange) -> None:
            """Refuses what cannot be, with the form open."""
            wanted[0] = change
            curation.trial(source.id, change)

        def answered(values: Values | None) -> None:
            if values is not None:
                self.change_columns(source, wanted[0], lambda after: is_set(after, name))

        app.push_screen(column_form(source, name, try_columns), answered)

    def do_adopt(self) -> None:
        app, standing = self.app, self.sources.standing
        if standing is None:
            return
        reader, source_id = app.services.store.reader, standing.source.id

        def read() -> tuple[Source, dict[str, Beside]]:
            source = get_source(reader, source_id)
            return source, columns_beside(reader, source)

        def ask(found: tuple[Source, dict[str, Beside]]) -> None:
            source, beside = found
            if not beside:
                app.notify(f"No file of {source.name} has a column beside its schema.", timeout=5, markup=False)
            else:
                app.push_screen(adopting_form(source, beside), lambda values: answered(source, values))

        def answered(source: Source, values: Values | None) -> None:
            if values is not None:
                column = values["column"]
                self.change_columns(source, ColumnChange(adopt=(column,)), lambda after: is_set(after, column))

        app.ask_after(read, ask)

    def change_columns(self, source: Source, change: ColumnChange, words: Callable[[Source], str]) -> None:
        """Changes them; where files are read anew for it, after it was tried what that does to them, and asked where some
        would be lost. `words` says what is then.
        """
        app, services, is_read_anew = self.app, self.app.services, False

        def begin() -> str | None:
            spec = services.curation.trial(source.id, change)
            if spec is None:
                return None
            return services.jobs.start("foresee", f"try other columns of {source.name}", spec)

        def begun(job_id: str | None) -> None:
            nonlocal is_read_anew
            is_read_anew = job_id is not None
            if job_id is None:
                keep()
                return
            app.notify(f"What that does to the files of {source.name} is tried first.", timeout=3, markup=False)
            when_ended(app, job_id, foreseen)

        def foreseen(job: Job) -> None:
            told = job.result or {}
            if not told.get("is_whole"):
                app.notify("It was stopped before every file was tried; nothing was changed.", timeout=5, markup=False)
            elif (lost := would_lose(told)) is None:
                keep()
            else:
                question = Confirm(f"Change columns of {one_line(source.name, 40)}?", lost, "Change", danger=True)
                app.push_screen(question, lambda yes: keep() if yes else None)

        def keep() -> None:
            app.in_background(lambda: services.curation.change_columns(source.id, change), kept)

        def kept(after: Source) -> None:
            if is_read_anew:
                self.scan(f"scan {after.name}", [after.id], f"{words(after)} The files are read anew.")
            else:
                app.notify(words(after), timeout=3, markup=False)

        app.in_background(begin, begun)

    def do_release(self) -> None:
        app, file = self.app, self.chosen_file
        if file is None:
            return
        services, help = app.services, "It is kept in the trail, and the file is in the next version."

        def answered(values: Values | None) -> None:
            if values is not None:
                app.in_background(lambda: release(values["text"]), started)

        def release(why: str) -> str:
            source, _ = services.curation.release(file.id, why, source=file.source_id)
            return services.jobs.start("scan", f"scan {source.name}", {"sources": [source.id]})

        def started(job_id: str) -> None:
            app.notify(f"{one_line(file.path)} is released and taken in.", timeout=3, markup=False)
            tell_when_ended(app, job_id, scanned)

        app.push_screen(ask_text(f"Release {one_line(file.path, 40)}", "Why", "Release", help=help), answered)

    def do_options(self) -> None:
        app, standing = self.app, self.sources.standing
        if standing is None:
            return
        source, services = standing.source, self.app.services

        def answered(values: Values | None) -> None:
            if values is not None:
                app.in_background(lambda: set_options(values), done)

        def set_options(values: Values) -> tuple[Source, list[str]]:
            """What the source is then, and what that means."""
            read = services.curation.set_options(source.id, *read_options(values))
            after = services.sources.change(source.id, **changes(values))
            left = without_place(after, present_files(services.store.reader, after.id))
            anew = [f"The files of {source.name} are read anew."] if read.options != source.options else []
            return after, anew + changed_words(source, after, len(left))

        def done(found: tuple[Source, list[str]]) -> None:
            after, said = found
            if said or (after.pattern, after.exclude) != (source.pattern, source.exclude):
                self.scan(f"scan {source.name}", [source.id], " ".join(said) or f"{source.name} is scanned.")
            elif after == source:
                app.notify("They are read so already.", timeout=3, markup=False)

        app.push_screen(read_options_form(source), answered)
