"""Keeping what is shown true: change notices, ages, ends that nobody saw, and work that is done in a thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import on
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from mlops_tui.core.errors import MlopsError
from mlops_tui.monitoring.alert import Alert
from mlops_tui.presenters.alerts import begun_words
from mlops_tui.tui.alerting import AlertTitle, BegunAlerts
from mlops_tui.tui.header_facts import read_header_facts
from mlops_tui.tui.keys_ahead import KeysAhead
from mlops_tui.tui.panels.header import HeaderFacts, StatusLine
from mlops_tui.tui.panels.panel import Panel
from mlops_tui.tui.watch import AGES_SECONDS, LOOK_SECONDS, SETTLE_SECONDS, TROUBLE, Watch

if TYPE_CHECKING:
    from mlops_tui.bootstrap import Services

FACTS_TOPICS = frozenset({"jobs", "agent", "sources", "files", "studies", "models", "predictions", "drift", "alerts"})


class Upkeep(KeysAhead):
    """The part of the app that looks after what is shown."""

    services: Services

    def start_upkeep(self) -> None:
        """Starts looking; what the status line says is not read yet."""
        self._status = self.frame.query_one("#status", StatusLine)
        self._watch = Watch(self.services.store)
        self._after: dict[Worker[Any], Callable[[Any], None] | None] = {}
        self._asking: set[Worker[Any]] = set()
        self._begun = BegunAlerts()
        self._title = AlertTitle(self._write_to_terminal)
        self._look()
        self.set_interval(LOOK_SECONDS, self._look)
        self.set_interval(SETTLE_SECONDS, self._settle)
        self.set_interval(AGES_SECONDS, self._age)

    @property
    def frame(self) -> Screen[object]:
        """The screen with the panes, whatever dialog lies above it."""
        return self.screen_stack[0]

    @property
    def frame_panels(self) -> list[Panel]:
        """The panels of every screen that was gone to; none while the app closes, when its timers outlive its screens."""
        return list(self.frame.query(Panel)) if self.screen_stack else []

    def _look(self) -> None:
        try:
            topics = self._watch.look()
        except TROUBLE as error:
            self.tell_status(trouble=error.title if isinstance(error, MlopsError) else "the store cannot be read")
            return
        self.tell_status(trouble="")
        if topics:
            self.notice(topics)

    def notice(self, topics: frozenset[str]) -> None:
        """Reads again what shows one of the topics; what nobody looks at waits until it is gone to."""
        for panel in self.frame_panels:
            if panel.TOPICS & topics:
                panel.reload()
        if topics & FACTS_TOPICS:
            self.read_facts()
        if "alerts" in topics:
            self.in_background(self.services.alerts.to_see, self._tell_of_alerts)
        if (
            "models" in topics and not self.services.store.read_only
        ):  # a champion that moved ends what was said about it
            self.in_background(self.services.alerts.settle)

    def _tell_of_alerts(self, there: list[Alert]) -> None:
        begun = self._begun.new(there)
        for alert in begun:
            self.notify(begun_words(alert), severity="error", timeout=20, markup=False)
        if begun and self.services.settings.alert_bell:
            self.bell()

    def _write_to_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    def _tell_facts(self, facts: HeaderFacts) -> None:
        self._status.tell(facts)
        if self.services.settings.alert_title:
            self._title.tell(facts.alerts)

    def on_unmount(self) -> None:
        self._title.give_back()

    def _settle(self) -> None:
        if self._status.facts.open_jobs and not self.services.store.read_only:
            self.run_worker(self.services.overview.settle, thread=True, exit_on_error=False, name="settle")

    def _age(self) -> None:
        for panel in self.frame_panels:
            panel.refresh_ages()

    def read_facts(self, *, after: float = 0.0) -> None:
        """Reads what the status line says, after so many seconds."""

        def read() -> HeaderFacts:
            time.sleep(after)
            return read_header_facts(self.services)

        self.run_worker(
            read,
            thread=True,
            exit_on_error=False,
            exclusive=True,
            group="facts",
            name="facts",
        )

    def tell_status(self, **changes: Any) -> None:
        """Changes what the status line says."""
        self._status.tell(self._status.facts._replace(**changes))

    def in_background(self, work: Callable[[], Any], then: Callable[[Any], None] | None = None) -> Worker[Any]:
        """Does in a thread what loads the ORM or writes; says so when it fails; `then` gets its result on this side."""
        worker = self.run_worker(work, thread=True, exit_on_error=False, name="background")
        self._after[worker] = then
        return worker

    def ask_after(self, read: Callable[[], Any], ask: Callable[[Any], None]) -> None:
        """Opens a dialog with what is read in a thread. Keys that are typed until then are the dialog's."""
        self.keep_keys()
        self._asking.add(self.in_background(read, ask))

    @on(Worker.StateChanged)
    def _work_ended(self, event: Worker.StateChanged) -> None:
        then = None
        if event.state in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED):
            then = self._after.pop(event.worker, None)
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.complain(event.worker.error)
        elif event.state is WorkerState.SUCCESS and event.worker.name == "facts" and event.worker.result is not None:
            self._tell_facts(event.worker.result)
        elif event.state is WorkerState.SUCCESS and then is not None:
            then(event.worker.result)
            self._look()  # what was changed here is seen at once
        if event.worker in self._asking and event.worker.is_finished:
            self._asking.discard(event.worker)
            self.end_of_waiting()

    def complain(self, error: BaseException) -> None:
        """Says what went wrong and what to do."""
        words = f"{error.title} {error.remedy}" if isinstance(error, MlopsError) else f"{type(error).__name__}: {error}"
        self.notify(words.strip(), severity="error", timeout=10, markup=False)
