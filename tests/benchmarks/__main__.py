"""`make bench`: every figure that is promised, beside its limit."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import time
import traceback

from tests.benchmarks import first_frame, log_rate, long_table, status
from tests.benchmarks.place import a_place

FIGURES = {
    "first-frame": first_frame.figures,
    "status": status.figures,
    "log-metric": log_rate.figures,
    "long-table": long_table.figures,
}


def main() -> int:
    """Prints what was asked for; 1 where something could not be measured, 0 even where a limit is missed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *FIGURES], help="only these figures")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started and made is cleared away even then
    asked = parser.parse_args().names or list(FIGURES)
    begun, failed = time.monotonic(), 0
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    with a_place() as place:
        for name in asked:
            try:
                for figure in FIGURES[name](place):
                    print(figure.line(), flush=True)
            except Exception:  # noqa: BLE001 - one figure that cannot be taken must not hide the others
                failed += 1
                traceback.print_exc()
                print(f"{name}: could not be measured", flush=True)
        print("\nReference of this run:", *place.reference.lines(), sep="\n  ")
    print(f"\n{time.monotonic() - begun:.0f} s in all")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
