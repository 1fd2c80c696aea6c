"""The job that tells alerts on their channels: what waits is sent, what failed is tried again, and what it came to is written down."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from mlops_tui.core.clock import now
from mlops_tui.core.errors import JobError
from mlops_tui.core.settings import Settings
from mlops_tui.jobs.context import JobContext
from mlops_tui.monitoring.alert import FAILED, SENT, TRIES, WAITING, Delivery
from mlops_tui.monitoring.alert_query import find_alert, waiting_deliveries
from mlops_tui.monitoring.sending import SECONDS, NotSent, send, telling
from mlops_tui.store.store import Store

LOOK_SECONDS = 0.5
LONGER = 3.0
"""So many times longer than before a channel that failed once more is left alone."""


def run(context: JobContext) -> dict[str, Any]:
    """Sends every telling that waits, until none does; returns {"sent": how many, "failed": how many}.

    Raises:
        JobError: a channel did not take what it was told, however often it was tried.
    """
    store, counts, last = context.store, {SENT: 0, FAILED: 0}, ""
    while waiting := waiting_deliveries(store.reader):
        if context.wanted() == "stop":
            break
        due = [one for one in waiting if one.due <= time.time()]
        if not due:
            time.sleep(LOOK_SECONDS)
        for delivery in filter(partial(_claimed, store), due):
            state, why = _tried(context.settings, store, delivery)
            counts[state] = counts.get(state, 0) + 1
            last = why or last
            context.log(f"{delivery.channel}: {why or 'told'}")
    if counts[FAILED]:
        raise JobError(f"An alert could not be told: {last}", "See: mlops-tui alerts list; try: mlops-tui alerts test")
    return {"sent": counts[SENT], "failed": 0}


def _claimed(store: Store, delivery: Delivery) -> bool:
    """Whether the try is this process's: it is counted before it is made, so that it is made once. Where this process dies over it,
    the next try is due some time after.
    """
    with store.write() as writing:
        done = writing.execute(
            "UPDATE alert_delivery SET tries = tries + 1, due = ?, at = ? WHERE id = ? AND state = ? AND tries = ?",
            (time.time() + 2 * SECONDS, now(), delivery.id, WAITING, delivery.tries),
        )
        return done.rowcount == 1


def _tried(settings: Settings, store: Store, delivery: Delivery) -> tuple[str, str | None]:
    """Sends one of them and writes down what it came to; returns that, and why it failed."""
    what = telling(find_alert(store.reader, delivery.alert_id), delivery.moment, str(store.workspace.root))
    tries, why, state = delivery.tries + 1, None, SENT
    try:
        send(delivery.channel, settings, what)
    except NotSent as error:
        why, state = f"{delivery.channel}: {error}", FAILED if tries >= TRIES else WAITING
    due = time.time() + settings.alert_retry_seconds * LONGER ** (tries - 1)
    with store.write() as writing:
        writing.execute(
            "UPDATE alert_delivery SET state = ?, why = ?, due = ?, at = ? WHERE id = ?",
            (state, why, due, now(), delivery.id),
        )
        writing.changed("alerts")
    return state, why
