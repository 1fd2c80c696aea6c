"""ULIDs: sortable by time, short to show, accepted by any unique part."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
SHOWN = 6


def encode(value: int, length: int) -> str:
    """Crockford's base 32 of a non-negative integer, padded to `length` characters."""
    characters = []
    for _ in range(length):
        value, digit = divmod(value, 32)
        characters.append(ALPHABET[digit])
    return "".join(reversed(characters))


def new_id(milliseconds: int | None = None) -> str:
    """A new ULID: 48 bits of time in milliseconds since 1970, 80 random bits; 26 characters."""
    stamp = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    return encode(stamp, 10) + encode(int.from_bytes(os.urandom(10)), 16)


def made_at(identifier: str) -> float:
    """When a ULID was made, in seconds since 1970."""
    stamp = 0
    for character in identifier[:10]:
        stamp = stamp * 32 + ALPHABET.index(character)
    return stamp / 1000


def short(identifier: str) -> str:
    """What is shown of an id where it stands alone: the last six characters of its random part."""
    return identifier[-SHOWN:]


def shorten(identifiers: Iterable[str]) -> dict[str, str]:
    """The shown form of each id, long enough that no two look alike."""
    ids = list(dict.fromkeys(identifiers))
    length = SHOWN
    while length < LENGTH and len({identifier[-length:] for identifier in ids}) < len(ids):
        length += 1
    return {identifier: identifier[-length:] for identifier in ids}


def looks_like_part(text: str) -> bool:
    """Whether the text could be a part of an id."""
    return 0 < len(text) <= LENGTH and all(character in ALPHABET for character in text.upper())
