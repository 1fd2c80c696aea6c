"""The query worker: answers questions that come as JSON lines over its pipe, one after the other, and writes nothing.

It ends when the pipe is closed, whatever it is doing then.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

from mlops_tui.core.errors import MlopsError, TakenBack
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import AnswerContext
from mlops_tui.store.store import Store
from mlops_tui.store.translate import translation
from mlops_tui.store.workspace import Workspace
from mlops_tui.worker.kinds import ANSWERS

STOP_SECONDS = 0.02


class Answering:
    """Questions that wait, the one that is being answered, and those that were taken back."""

    def __init__(self, store: Store, settings: Settings, out: TextIO) -> None:
        self._store = store
        self._settings = settings
        self._out = out
        self._waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._taken_back: set[int] = set()
        self._now: tuple[int, AnswerContext] | None = None

    def hear(self, line: dict[str, Any]) -> None:
        """Takes in a question, or takes one back."""
        if "cancel" not in line:
            self._waiting.put(line)
            return
        number = line["cancel"]
        with self._lock:
            now = self._now
            if now is None or now[0] != number:
                self._taken_back.add(number)
                return
        threading.Thread(target=self._stop, args=now, daemon=True).start()

    def _stop(self, number: int, context: AnswerContext) -> None:
        """Interrupts until it ends: a query that was just about to begin does not hear the first time."""
        while self._now is not None and self._now[0] == number:
            context.give_up()
            time.sleep(STOP_SECONDS)

    def answer_on(self) -> None:
        """Answers what waits, for as long as the process lives."""
        while True:
            asked = self._waiting.get()
            number = asked["id"]
            context = AnswerContext(self._store, self._settings)
            with self._lock:
                if number in self._taken_back:
                    self._taken_back.discard(number)
                    continue
                self._now = (number, context)
            said = self._said(context, asked)
            with self._lock:
                self._now = None
            print(json.dumps({"id": number, **said}, allow_nan=False), file=self._out, flush=True)

    def _said(self, context: AnswerContext, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            module, _, function = ANSWERS[asked["ask"]].partition(":")
            return {"answer": getattr(importlib.import_module(module), function)(context, **asked["given"])}
        except Exception as error:  # noqa: BLE001 - the last line of defence: the front is told whatever it was
            known = error if isinstance(error, MlopsError) else translation(error, self._store.workspace.store)
            if context.given_up:  # the engine tells it in other words, by where it was
                known = TakenBack("The question was taken back.", "Ask it again.")
            if known is None:
                traceback.print_exc()
                known = MlopsError(f"{type(error).__name__}: {error}", "Ask again.")
            return {"error": {"code": known.code, "title": known.title, "remedy": known.remedy}}


def serve(root: Path) -> None:
    """Answers until the pipe is closed."""
    os.chdir(
        tempfile.gettempdir()
    )  # what the engine puts on the disk when memory is short is not to lie among the files
    workspace = Workspace(root)
    read_only = not os.access(workspace.home, os.W_OK) or not os.access(workspace.store, os.W_OK)
    store = Store(workspace, actor="worker", read_only=read_only)
    out, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    answering = Answering(store, Settings.load(workspace.config), out)
    threading.Thread(target=answering.answer_on, daemon=True).start()
    for line in sys.stdin:
        answering.hear(json.loads(line))
    os._exit(0)  # a query may be running: nobody waits for it any more
