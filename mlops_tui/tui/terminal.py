"""What the terminal at hand is told before Textual is loaded, and the copying that has to get through it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, MutableMapping

COPY_LIMIT = 74_994
"""Bytes of base64 that terminals are known to take in one OSC 52 sequence."""


def is_remote(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of a line."""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def prepare(environment: MutableMapping[str, str]) -> None:
    """Fewer frames and no animation over SSH; what a person has set stays."""
    if is_remote(environment):
        environment.setdefault("TEXTUAL_FPS", "15")
        environment.setdefault("TEXTUAL_ANIMATIONS", "none")
        environment.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")


def title_sequence(words: str) -> str:
    """The escape sequence that sets the terminal's title, without what would end it."""
    return f"\x1b]2;{''.join(sign for sign in words if sign.isprintable())}\x1b\\"


KEEP_TITLE, GIVE_TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"
"""The sequences that put the title away and fetch it again, where the terminal knows how to."""


def copy_sequence(text: str, environment: Mapping[str, str]) -> str | None:
    """The escape sequence that puts the text on the terminal's clipboard; None where it is too long for one.

    Inside tmux the sequence is wrapped, so that it reaches the terminal outside.
    """
    payload = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if len(payload) > COPY_LIMIT:
        return None
    sequence = f"\x1b]52;c;{payload}\a"
    if environment.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return sequence
