"""`make bench`: every figure that is promised, beside its limit."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
import traceback

from tests.benchmarks import (
    alert_rates,
    comparing,
    demo,
    drift_rates,
    drifting,
    finding,
    first_frame,
    histories,
    idle,
    log_rate,
    long_table,
    multivariate_rates,
    other_monitors,
    other_profilers,
    other_trackers,
    predicting,
    promoting,
    slice_rates,
    status,
    taking_in,
    trial_overhead,
    two_workers,
    watching,
)
from tests.benchmarks.place import a_place

FIGURES = {
    "first-frame": first_frame.figures,
    "status": status.figures,
    "log-metric": log_rate.figures,
    "long-table": long_table.figures,
    "finding": finding.figures,
    "other-trackers": other_trackers.figures,
    "comparing": comparing.figures,
    "promoting": promoting.figures,
    "idle": idle.figures,
    "taking-in": taking_in.figures,
    "other-profilers": other_profilers.figures,
    "other-monitors": other_monitors.figures,
    "predicting": predicting.figures,
    "histories": histories.figures,
    "watching": watching.figures,
    "drifting": drifting.figures,
    "trial-overhead": trial_overhead.figures,
    "two-workers": two_workers.figures,
    "drift-rates": drift_rates.figures,
    "alert-rates": alert_rates.figures,
    "multivariate-rates": multivariate_rates.figures,
    "slice-rates": slice_rates.figures,
    "demo": demo.figures,
}
ON_REQUEST = (
    "alert-rates",
    "demo",
    "drift-rates",
    "multivariate-rates",
    "other-monitors",
    "other-profilers",
    "other-trackers",
    "slice-rates",
    "two-workers",
)


def main() -> int:
    """Prints what was asked for; 1 where something could not be measured, 0 even where a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these figures: {', '.join(FIGURES)}")
    parser.add_argument("--with-demo", action="store_true", help="the demo too, which takes a minute")
    given = parser.parse_args()
    if unknown := set(given.names) - set(FIGURES):
        parser.error(f"there is no figure '{min(unknown)}': {', '.join(FIGURES)}")
    asked = given.names or [name for name in FIGURES if given.with_demo or name not in ON_REQUEST]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started and made is cleared away even then
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    begun = time.monotonic()
    failed = _measure(asked)
    print(f"\n{time.monotonic() - begun:.0f} s in all")
    return 1 if failed else 0


def _measure(names: list[str]) -> int:
    """Prints each figure as it comes, and the reference at the end; returns how many could not be measured."""
    failed = 0
    with a_place() as place:
        for name in names:
            try:
                for figure in FIGURES[name](place):
                    print(figure.line(), flush=True)
            except Exception:  # noqa: BLE001 - one figure that cannot be taken must not hide the others
                failed += 1
                traceback.print_exc()
                print(f"{name}: could not be measured", flush=True)
        print("\nBeside these, in the same run:", *place.reference.lines(), sep="\n  ")
    return failed


if __name__ == "__main__":
    sys.exit(main())
