"""Gates: which there are, what each may be set to, what one said of a version, and what is refused by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_tui.core.errors import UsageError

PASS, FAIL, CANNOT_TELL, NOT_APPLICABLE = "pass", "fail", "cannot_tell", "not_applicable"
REFUSE, WARN = "refuse", "warn"
VERDICTS = (PASS, FAIL, CANNOT_TELL, NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a gate's table may have: what it is where it is not named, what it means, and whether a value can be it."""

    default: Any
    words: str
    fits: Callable[[Any], bool]
    meant: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A gate that every model has, as it is where its file says nothing. One with `asked` off is asked by name alone."""

    name: str
    words: str
    blocking: bool = True
    on_cannot_tell: str = REFUSE
    keys: Mapping[str, Key] = field(default_factory=dict)
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate of one model, with what its file says of it. One of the person's own has an `own` way to be told."""

    name: str
    words: str
    blocking: bool
    on_cannot_tell: str
    options: dict[str, Any]
    asked: bool = True
    own: str | None = None


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a gate said of a version when it was asked; those that were asked together have the same `asking`."""

    name: str
    alias: str
    verdict: str
    blocking: bool
    value: float | None
    low: float | None
    high: float | None
    threshold: float | None
    n: int | None
    n_needed: int | None
    why: str
    evidence: dict[str, Any]
    at: str
    on_cannot_tell: str = REFUSE
    asking: str = ""

    @property
    def refuses(self) -> bool:
        """Whether it keeps the version from being promoted."""
        return self.blocking and (
            self.verdict == FAIL or (self.verdict == CANNOT_TELL and self.on_cannot_tell == REFUSE)
        )

    def shown(self) -> dict[str, Any]:
        """The gate as `models promote --json` prints it."""
        interval = None if self.low is None else [self.low, self.high]
        old_split = self.evidence.get("old_split")
        names = (
            "name",
            "verdict",
            "blocking",
            "on_cannot_tell",
            "refuses",
            "value",
            "threshold",
            "n",
            "n_needed",
            "why",
        )
        return {**{name: getattr(self, name) for name in names}, "interval": interval, "old_split": old_split}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a version is promoted, by which gates it is refused, and which of them were overruled."""

    promoted: bool
    refused_by: tuple[str, ...]
    overruled: tuple[str, ...]


def decide(results: Sequence[GateResult], *, force: bool, why: str | None) -> Decision:
    """A gate that fails is overruled by force alone; one that cannot tell also by a person's reason."""
    refusing = [result for result in results if result.refuses]
    overruled = [result.name for result in refusing if force or (result.verdict == CANNOT_TELL and (why or "").strip())]
    promoted = len(overruled) == len(refusing)
    refused_by = () if promoted else tuple(result.name for result in refusing if result.name not in overruled)
    return Decision(promoted, refused_by, tuple(overruled) if promoted else ())


def latest(results: Iterable[GateResult]) -> list[GateResult]:
    """Those that were asked together last, in the order in which they were; `results` are newest first."""
    found: list[GateResult] = []
    for result in results:
        if found and result.asking != found[0].asking:
            break
        found.append(result)
    return found[::-1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _is_share(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_above_zero(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_not_negative(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


CARD_FIELDS = ("owner", "licence", "intended_use", "limits")
"""What a person says of a version on its card."""

_MARGIN = Key(
    None,
    "how much worse it may be, on the metric's scale; of a metric in the target's units, as a share of the other's."
    " Without it: gate_margin of the settings",
    _is_not_negative,
    "a number from zero on",
)
ROWS = Key(
    2_000,
    "without a time column so many rows of the newest files, as far as there are",
    _is_count,
    "a whole number above zero",
)
COMMON = {
    "blocking": Key(None, "whether it can refuse the champion", lambda value: isinstance(value, bool), "true or false"),
    "on_cannot_tell": Key(
        None,
        'what it does where it cannot tell: "refuse" or "warn"',
        lambda value: value in (REFUSE, WARN),
        "refuse or warn",
    ),
    "asked": Key(
        None,
        "whether it is asked at every promotion, or by name alone",
        lambda value: isinstance(value, bool),
        "true or false",
    ),
}
"""Keys that each gate may have."""

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "memory",
            "it takes no more memory than it may",
            keys={"megabytes": Key(2_000, "loaded, and while it predicts", _is_above_zero, "a number above zero")},
        ),
        Kind(
            "same_after_loading",
            "the file gives back the predictions that were kept when it was registered",
        ),
        Kind(
            "latency",
            "it predicts fast enough",
            keys={
                "milliseconds": Key(1_000, "for a thousand rows", _is_above_zero, "a number above zero"),
            },
        ),
        Kind("signature", "whoever calls the champion can call it: no further columns, the same target and classes"),
        Kind(
            "not_worse_than_champion",
            "on the newest labelled rows that neither was trained on, it is no worse than the champion by more than a margin",
            keys={"margin": _MARGIN, "rows": ROWS},
        ),
        Kind(
            "better_than_baseline",
            "on those rows it is better than a model that looks at no feature",
            keys={"rows": ROWS},
        ),
        Kind(
            "slices",
            "in no part of those rows it is worse than the champion by more than a margin",
            on_cannot_tell=WARN,
            keys={
                "margin": Key(0.05, "as that of not_worse_than_champion", _is_not_negative, "a number from zero on"),
                "columns": Key(
                    [],
                    "columns whose values are the parts; without them the source's slices, else those with few values",
                    _are_texts,
                    "a list of columns",
                ),
                "rows": ROWS,
            },
        ),
        Kind(
            "calibration",
            "a probability of 0.7 comes true about seven times in ten",
            on_cannot_tell=WARN,
            keys={
                "most": Key(
                    0.05,
                    "how far it may be off, root mean square, without what chance adds",
                    _is_share,
                    "a number from 0 to 1",
                ),
                "rows": ROWS,
            },
        ),
        Kind(
            "leakage",
            "no column tells the target by itself, names a row or is learnt under the target's name",
        ),
        Kind("training_data", "no file that it learnt from is quarantined, or broke a check and was let in"),
        Kind("code_committed", "the code that made it is in a commit", blocking=False),
        Kind(
            "card",
            "the card says what a person has to say",
            blocking=False,
            keys={
                "fields": Key(
                    ["owner", "intended_use"],
                    f"which have to be filled in, of: {', '.join(CARD_FIELDS)}",
                    lambda value: _are_texts(value) and set(value) <= set(CARD_FIELDS),
                    f"a list of: {', '.join(CARD_FIELDS)}",
                )
            },
        ),
        Kind(
            "reproducible",
            "fitted once more with the recorded parameters it says the same",
            asked=False,
        ),
    )
}
"""The gates of every model, in the order in which they are asked: memory before any data is brought into it."""

OWN_WAYS = ("sql", "python", "command")
OWN_KEYS: dict[str, Key] = {
    "sql": Key(
        None,
        "one SELECT of one number over the table rows (the judged rows, with prediction and probability)",
        _is_text,
        "an SQL statement",
    ),
    "python": Key(None, "FILE:FUNCTION, called with the judged rows", _is_text, "FILE:FUNCTION"),
    "command": Key(None, "a command; exit code 0 passes, 75 cannot tell, any other fails", _is_text, "a command"),
    "words": Key(None, "what it stands for", _is_text, "a text"),
    "least": Key(None, "the least that the number may be", _is_number, "a number"),
    "most": Key(None, "the most that the number may be", _is_number, "a number"),
    "seconds": Key(600, "how long a command may take", _is_above_zero, "a number above zero"),
    "rows": ROWS,
}
"""Keys of a gate of the person's own, beside those that each has."""


def gate_of(name: str, said: Mapping[str, Any]) -> Gate:
    """The gate of that name with what its table says.

    Raises:
        UsageError: a key that it has not, or a value that cannot be; its title begins with the key, in single quotes.
    """
    kind = KINDS.get(name)
    keys = {**COMMON, **(OWN_KEYS if kind is None else kind.keys)}
    ways = [way for way in OWN_WAYS if way in said] if kind is None else []
    if kind is None and len(ways) != 1:
        raise UsageError(
            f"'{name}' is no gate that every model has, and has {'none' if not ways else 'more than one'} of sql, python and command",
            f"Those that every model has: {', '.join(KINDS)}.",
        )
    for key, value in said.items():
        if key not in keys:
            raise UsageError(f"'{key}' is no key of the gate {name}", f"Its keys are: {', '.join(keys)}.")
        if not keys[key].fits(value):
            raise UsageError(f"'{key}' is {value!r}", f"It has to be {keys[key].meant}.")
    options = {key: said.get(key, keys[key].default) for key in keys if key not in COMMON}
    if (options.get("least") is not None and options.get("most") is not None) and options["most"] < options["least"]:
        raise UsageError(f"'most' is {options['most']!r}, which is below least", "Let least come first.")
    if "sql" in ways and options["least"] is None and options["most"] is None:
        raise UsageError("'sql' gives a number, and neither least nor most is named", "Say what it may be: most = 0.")
    return Gate(
        name,
        kind.words if kind else options.pop("words") or f"{ways[0]} of your own",
        said.get("blocking", kind.blocking if kind else True),
        said.get("on_cannot_tell", kind.on_cannot_tell if kind else REFUSE),
        options,
        said.get("asked", kind.asked if kind else True),
        ways[0] if ways else None,
    )


def default_gates() -> tuple[Gate, ...]:
    """The gates of a model that has no file."""
    return tuple(gate_of(name, {}) for name in KINDS)
