"""Asking the query worker: a process kept warm, started on first use, spoken to over its pipes, gone with the front.

A line to it is `{"id", "ask", "given"}` or `{"cancel": id}`; a line from it `{"id", "answer"}` or
`{"id", "error": {"code", "title", "remedy"}}`. Questions are answered one after the other.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any

from mlops_tui.core.errors import JobError, TakenBack, from_code
from mlops_tui.jobs.process import command
from mlops_tui.store.workspace import Workspace

Answer = dict[str, Any]
END_SECONDS = 2.0
"""How long the process is given to end by itself."""


class Question:
    """A question under way; `answer()` waits for what comes of it."""

    def __init__(self, asking: Asking, number: int) -> None:
        self._asking = asking
        self.number = number
        self.coming: Future[Answer] = Future()

    def answer(self, timeout: float | None = None) -> Answer:
        """The answer, or the error that came in its place. Raises TakenBack where it was cancelled, or took longer than
        `timeout` seconds.
        """
        try:
            return self.coming.result(timeout)
        except TookTooLong:
            self.cancel()
            raise TakenBack(f"There was no answer within {timeout:g} s.", "Ask for less, or wait longer.") from None

    def cancel(self) -> None:
        """Takes the question back: who waits for it gets TakenBack, and the process stops working on it."""
        self._asking.take_back(self)


class Asking:
    """The front's end of the query worker; every method may be called in any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._open: dict[int, Question] = {}
        self._number = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process's id, None where none is running."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Starts the process where none is running, so that the first question finds it warm."""
        with self._lock:
            self._started()

    def ask(self, what: str, *, timeout: float | None = None, **given: Any) -> Answer:
        """The answer to a question. Raises the error that came in its place, TakenBack after `timeout` seconds."""
        return self.begin(what, **given).answer(timeout)

    def begin(self, what: str, **given: Any) -> Question:
        """Asks, and does not wait. Raises JobError where the process cannot be started."""
        with self._lock:
            process = self._started()
            self._number += 1
            question = self._open[self._number] = Question(self, self._number)
            self._send(process, {"id": question.number, "ask": what, "given": given})
        return question

    def take_back(self, question: Question) -> None:
        """Cancels a question; one that was answered stays so."""
        with self._lock:
            asked = self._open.pop(question.number, None)
            if asked is not None and self._process is not None:
                self._send(self._process, {"cancel": question.number})
        if asked is not None:
            _refuse(asked, TakenBack("The question was taken back.", "Ask it again."))

    def close(self) -> None:
        """Ends the process; questions under way are taken back, later ones refused."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
        self._refuse_all(TakenBack("The question was taken back.", "Ask it again."))
        if process is not None:
            _end(process)

    def _started(self) -> subprocess.Popen[str]:
        if self._closed:
            raise TakenBack("Nothing is answered any more: the workspace was closed.", "Open it again.")
        if self._process is None or self._process.poll() is not None:
            self._process = process = self._spawn()
            threading.Thread(target=self._listen, args=(process,), daemon=True, name="answers").start()
        return self._process

    def _spawn(self) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(
                command("mlops_tui.worker", "--answer", str(self._workspace.root)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                bufsize=1,
                cwd=self._workspace.root,
            )
        except OSError as error:
            raise JobError(f"The query worker cannot be started: {error.strerror}.", "Try again.") from error

    def _send(self, process: subprocess.Popen[str], line: dict[str, Any]) -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it is gone: whoever listens to it says so
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        """Hands out what the process says, until it says no more."""
        assert process.stdout is not None
        with contextlib.suppress(ValueError, OSError):  # closed by `close`
            for line in process.stdout:
                self._hand_out(json.loads(line))
        process.wait()
        if self._process in (None, process):
            self._refuse_all(JobError("The query worker ended before it answered.", "Ask again; it is started anew."))

    def _hand_out(self, said: dict[str, Any]) -> None:
        with self._lock:
            question = self._open.pop(said["id"], None)
        if question is None:
            return  # it was taken back
        if "error" in said:
            _refuse(question, from_code(**said["error"]))
        else:
            question.coming.set_result(said["answer"])

    def _refuse_all(self, error: Exception) -> None:
        with self._lock:
            waiting, self._open = list(self._open.values()), {}
        for question in waiting:
            _refuse(question, error)


def _refuse(question: Question, error: Exception) -> None:
    if not question.coming.done():
        question.coming.set_exception(error)


def _end(process: subprocess.Popen[str]) -> None:
    """Closes the pipe, which ends it; kills it where that does not."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
