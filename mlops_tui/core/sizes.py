"""Sizes as a person writes them."""

from __future__ import annotations

import re

from mlops_tui.core.errors import UsageError
from mlops_tui.core.printable import printable

BYTES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}


def bytes_of(text: str) -> int:
    """The bytes that a person's 2GB, 1.5GiB, 500M or bare number means.

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]I?|)B?", text.strip(), re.IGNORECASE | re.ASCII)
    if match is None:
        raise UsageError(f"A size of '{printable(text)}' cannot be read.", "Write for example 2GB, 1.5GiB or 500MB.")
    return round(float(match[1]) * BYTES[match[2].upper()])
