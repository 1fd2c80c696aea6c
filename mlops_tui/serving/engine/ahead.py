"""Work that is done in a thread of its own while the one before it is used: reading, while a model predicts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

DEPTH = 2
"""So many are made ahead: memory does not grow with how many there are."""
_PATIENCE = 0.05
_END = object()


def ahead(items: Iterator[T], depth: int = DEPTH) -> Generator[T, None, None]:
    """The items in their order, made by a thread; what making one raises is raised where that one would have come.

    Closing it ends the thread.
    """
    made: queue.Queue[Any] = queue.Queue(depth)
    given_up = threading.Event()

    def put(item: Any) -> bool:
        while not given_up.is_set():
            try:
                made.put(item, timeout=_PATIENCE)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put((item, None)):
                    return
            put((_END, None))
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that asks
            put((_END, error))

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
    finally:
        given_up.set()
        thread.join()
