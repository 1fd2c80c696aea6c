"""Readable names for runs that were given none."""

from __future__ import annotations

import random

RUN_VARIABLE, NAMED_VARIABLE = "MLOPS_RUN", "MLOPS_RUN_NAMED"
"""Where a command finds the id of the run that it was started as."""
ADJECTIVES = """
    amber bold brave bright brisk calm clear clever crisp deft dry eager early fair fleet fresh gentle glad golden keen
    kind light lively lucid mellow merry mild neat nimble plain proud quick quiet ready rosy sharp silver smooth steady
    sunny swift tidy warm wise
"""
NOUNS = """
    alder aspen badger beech birch brook cedar cliff cove crane delta dune elm falcon fern finch fjord fox glen grove
    harbour hare hazel heron hill island lake lark linden lynx maple marsh meadow otter pine plover reef ridge river
    robin spruce stream swan valley willow wren
"""


def readable_name(number: int) -> str:
    """An adjective, a noun and the number of the run: `brave-otter-12`."""
    generator = random.SystemRandom()  # a script that seeds `random` still gets other names, and keeps its sequence
    return f"{generator.choice(ADJECTIVES.split())}-{generator.choice(NOUNS.split())}-{number}"
