"""One schema for every setting: the workspace's `config.toml`, the environment, the command line; the last one wins."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mlops_tui.core.errors import UsageError


def _setting(default: Any, words: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"words": words, "choices": choices})


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set. Environment names are `MLOPS_` and the upper-case name."""

    symbols: str = _setting("auto", "Characters that charts are drawn with.", ("auto", "braille", "block", "ascii"))
    theme: str = _setting("mlops-dark", "Colour theme of the TUI.")
    mouse: bool = _setting(True, "Whether the TUI listens to the mouse.")
    settle_seconds: float = _setting(2.0, "How long a file's size and time must rest before it is taken in.")
    held_out_share: float = _setting(0.2, "Share of the labelled rows that is held out for the gates.")
    gate_margin: float = _setting(0.01, "How much worse than the baseline a model may be, on the metric's scale.")
    model_file_seconds: float = _setting(300.0, "How long opening and trying a model file from elsewhere may take.")
    model_file_memory: int = _setting(4000, "How much memory, in MB, opening a model file from elsewhere may take.")
    unknown_category: str = _setting(
        "warn",
        "A file to predict with categories that training has not seen: warned about or refused.",
        ("warn", "refuse"),
    )
    unknown_category_share: float = _setting(0.0, "From more than which share of its rows on.")
    out_of_range: str = _setting(
        "warn",
        "A file to predict with numbers beyond the range of training: warned about or refused.",
        ("warn", "refuse"),
    )
    out_of_range_share: float = _setting(0.01, "From more than which share of its rows on.")
    missing_value: str = _setting(
        "warn",
        "A file to predict that lacks values where training lacked none: warned about or refused.",
        ("warn", "refuse"),
    )
    missing_value_share: float = _setting(0.0, "From more than which share of its rows on.")
    shadow_files: int = _setting(
        5, "After a promotion the champion before runs beside the new one on so many files; 0 for none."
    )
    prediction_log_days: int = _setting(365, "Days for which what was predicted is kept, row by row; 0 for ever.")
    alert_severity: str = _setting(
        "warning", "From which severity on an alert is told on the channels below.", ("warning", "critical")
    )
    alert_bell: bool = _setting(True, "Whether the TUI rings the terminal's bell when an alert begins.")
    alert_title: bool = _setting(True, "Whether the terminal's title says how many alerts are open.")
    alert_desktop: bool = _setting(False, "Whether the desktop shows a notification of an alert.")
    alert_command: str = _setting(
        "", "A command that is run for each alert: it gets the alert as JSON on its standard input."
    )
    alert_webhook: str = _setting("", "An address (http or https) that each alert is posted to as JSON.")
    alert_mail: str = _setting("", "Addresses that each alert is mailed to by sendmail, with commas between them.")
    alert_retry_seconds: float = _setting(
        10.0, "After so long a channel that failed is tried again; then after three times as long, and so on."
    )
    families: dict[str, str] = field(
        default_factory=dict,
        metadata={
            "words": "Families of estimators of your own, each a Python file; in the file alone, and last in it."
        },
    )

    @classmethod
    def load(cls, config: Path | None, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """Settings from the file, then the environment, then what was given on the command line.

        Raises:
            UsageError: a file that is not TOML, a name that no setting has, a value of the wrong type.
        """
        values: dict[str, Any] = {}
        if config is not None and config.exists():
            values.update(_read(config))
        env = os.environ if environment is None else environment
        for item in _single():
            name = f"MLOPS_{item.name.upper()}"
            if name in env:
                values[item.name] = _parsed(item, env[name], name)
        values.update({name: value for name, value in given.items() if value is not None})
        return cls(**values)


def _single() -> list[Any]:
    """The settings that have one value, not a table of them."""
    return [item for item in fields(Settings) if item.name != "families"]


def _read(config: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(config.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{config} is not valid TOML: {error}.", "Mend the file or delete it.") from None
    known = {item.name: item for item in fields(Settings)}
    values = {}
    for name, value in found.items():
        if name not in known:
            raise UsageError(f"{config} has a setting '{name}' that does not exist.", f"Settings: {', '.join(known)}.")
        where = f"'{name}' in {config}"
        values[name] = _table(value, where) if name == "families" else _parsed(known[name], value, where)
    return values


def _table(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(
        key.isidentifier() and isinstance(file, str) for key, file in value.items()
    ):
        raise UsageError(
            f"{where} is no table of names and files.", 'For example: [families] and below it mine = "my.py".'
        )
    return value


def _parsed(item: Any, value: Any, where: str) -> Any:
    wanted = type(item.default)
    if wanted is bool and isinstance(value, str):
        words = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }
        if value.lower() in words:
            return words[value.lower()]
    elif wanted is bool and isinstance(value, bool):
        return value
    elif wanted is not bool and not isinstance(value, bool):
        try:
            parsed = wanted(value)
        except (TypeError, ValueError):
            pass
        else:
            choices = item.metadata["choices"]
            if not choices or parsed in choices:
                return parsed
            raise UsageError(f"{where} is {value!r}.", f"Choose one of: {', '.join(choices)}.")
    raise UsageError(f"{where} is {value!r}.", f"It has to be a {wanted.__name__}.")


def template() -> str:
    """The commented `config.toml` that a new workspace starts with."""
    lines = ["# Settings of this workspace. Uncomment to change; the environment and the command line win over this.\n"]
    for item in _single():
        choices = item.metadata["choices"]
        lines.append(f"# {item.metadata['words']}" + (f" One of: {', '.join(choices)}." if choices else ""))
        lines.append(f"# {item.name} = {json.dumps(item.default)}\n")
    words = Settings.__dataclass_fields__["families"].metadata["words"]
    lines.append(f'# {words}\n# [families]\n# mine = "my_family.py"\n')
    return "\n".join(lines)
