"""What an alert is told with beyond the TUI: the desktop, a command, an address that takes JSON, mail."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlops_tui.core.errors import JobError
from mlops_tui.core.printable import printable
from mlops_tui.core.settings import Settings
from mlops_tui.monitoring.alert import CHANNELS, COMMAND, CRITICAL, DESKTOP, MAIL, WEBHOOK, Alert

SECONDS = 10.0
"""No channel is waited for any longer."""
LONGEST = 200
SENDMAIL = ("/usr/sbin/sendmail", "/usr/lib/sendmail")
WORDS = {"began": "Alert", "grew": "Alert, graver than before", "ended": "Alert has ended", "test": "Test"}


class NotSent(JobError):
    """A channel that did not take what it was told."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a channel is told: in short, in words, and as JSON."""

    moment: str
    title: str
    text: str
    is_grave: bool
    record: dict[str, Any]


def telling(alert: Alert, moment: str, workspace: str) -> Telling:
    """An alert of the workspace in that folder, in words: that it began, grew or ended."""
    title = f"{WORDS[moment]}: {_plain(alert.subject.name)}"
    ending = f"Ended: {alert.why_ended}." if moment == "ended" else f"What to do: {alert.remedy}"
    text = f"{_plain(alert.sentence)}\n{_plain(ending)}\nWorkspace: {_plain(workspace)}"
    return Telling(moment, title, text, alert.severity == CRITICAL and moment != "ended", alert.shown())


def trial(workspace: str) -> Telling:
    """What a channel is tried with."""
    text = f"Nothing is wrong: a person tries whether alerts come through here.\nWorkspace: {_plain(workspace)}"
    return Telling("test", f"{WORDS['test']}: mlops-tui alerts", text, False, {})


def configured(settings: Settings) -> tuple[str, ...]:
    """The channels that are set up."""
    return tuple(channel for channel in CHANNELS if _address(channel, settings))


def send(channel: str, settings: Settings, what: Telling) -> None:
    """Tells it on that channel.

    Raises:
        NotSent: the channel is not set up (any more), did not take it, or did not answer within ten seconds.
    """
    address = _address(channel, settings)
    if not address:
        raise NotSent(f"The channel {channel} is not set up.", f"Set alert_{channel}: mlops-tui config edit")
    _SENDERS[channel](str(address), what)


def _address(channel: str, settings: Settings) -> str | bool:
    found: str | bool = getattr(settings, f"alert_{channel}")
    return found.strip() if isinstance(found, str) else found


def _desktop(_: str, what: Telling) -> None:
    if sys.platform == "darwin":
        script = ("on run argv", "display notification (item 2 of argv) with title (item 1 of argv)", "end run")
        command = ["osascript", *(word for line in script for word in ("-e", line)), what.title, what.text]
    else:
        program = shutil.which("notify-send")
        if program is None:
            raise NotSent("There is no notify-send here.", "Install it (libnotify), or use another channel.")
        urgency = "critical" if what.is_grave else "normal"
        command = [program, "--app-name", "mlops-tui", "--urgency", urgency, "--", what.title, what.text]
    _run(command, "")


def _command(line: str, what: Telling) -> None:
    record = {"moment": what.moment, "title": what.title, "text": what.text, "alert": what.record}
    told = {"MLOPS_ALERT_MOMENT": what.moment, "MLOPS_ALERT_TITLE": what.title, "MLOPS_ALERT_TEXT": what.text}
    _run(["/bin/sh", "-c", line], json.dumps(record), told)


def _webhook(address: str, what: Telling) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotSent("alert_webhook is no address.", "Write it as https://HOST/PATH.")
    record = {
        "text": f"{what.title}\n{what.text}",
        "title": what.title,
        "moment": what.moment,
        "severity": what.record.get("severity"),
        "alert": what.record,
    }
    request = urllib.request.Request(
        address, json.dumps(record).encode(), {"Content-Type": "application/json", "User-Agent": "mlops-tui"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        raise NotSent(f"{parts.hostname} answered {error.code} {printable(str(error.reason))[:LONGEST]}.") from None
    except (
        OSError,
        ValueError,
    ) as error:  # URLError is an OSError; its text may hold the whole address, which is a secret
        reason = getattr(error, "reason", error)
        words = getattr(reason, "strerror", None) or ("it timed out" if isinstance(reason, TimeoutError) else reason)
        raise NotSent(f"{parts.hostname} could not be reached: {printable(str(words))[:LONGEST]}.") from None


def _mail(addresses: str, what: Telling) -> None:
    program = shutil.which("sendmail") or next((path for path in SENDMAIL if Path(path).exists()), None)
    if program is None:
        raise NotSent("There is no sendmail here.", "Install a mail program that brings it, or use another channel.")
    mail = EmailMessage()
    mail["To"] = ", ".join(filter(None, map(str.strip, _plain(addresses).split(","))))
    mail["Subject"] = f"[mlops-tui] {what.title}"
    mail["Auto-Submitted"] = "auto-generated"
    if what.is_grave:
        mail["Importance"] = "high"
    mail.set_content(what.text)
    _run([program, "-t", "-i"], mail.as_string())


_SENDERS: dict[str, Callable[[str, Telling], None]] = {
    DESKTOP: _desktop,
    COMMAND: _command,
    WEBHOOK: _webhook,
    MAIL: _mail,
}


def _run(command: Sequence[str], given: str, environment: dict[str, str] | None = None) -> None:
    """Runs a program to its end, in a group of its own that is killed where it takes too long; what it leaves running goes on."""
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said:
        told.write(given.encode("utf-8", "replace"))
        told.seek(0)
        everything = {**os.environ, **(environment or {})}
        try:
            program = subprocess.Popen(
                command, stdin=told, stdout=said, stderr=said, env=everything, start_new_session=True
            )
        except OSError as error:
            raise NotSent(f"{Path(command[0]).name} could not be started: {error.strerror or error}.") from None
        try:
            program.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            program.wait()
            raise NotSent(f"It did not end within {SECONDS:g} seconds, and was killed.") from None
        if program.returncode:
            said.seek(0)
            last = _plain(said.read(LONGEST * 4).decode("utf-8", "replace"))[:LONGEST]
            raise NotSent(f"It ended with {program.returncode}{f': {last}' if last else ''}.")


def _plain(text: str) -> str:
    """One line without control characters: it ends in headers and in other people's terminals."""
    return printable(" ".join(text.split()))
