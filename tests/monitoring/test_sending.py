"""Channels are real ones: a server that is posted to, programs that are started, and each says in a sentence why it failed."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from mlops_tui.core.settings import Settings
from mlops_tui.monitoring import sending
from mlops_tui.monitoring.alert import CRITICAL, Alert, Subject
from mlops_tui.monitoring.sending import NotSent, configured, send, telling, trial

MOMENT = "2026-05-01T10:00:00.000000Z"
ALERT = Alert(
    *("A1", "drift", Subject("source", "S1", "loans\nBcc: all@example.org"), CRITICAL),
    *("2 of 20 columns of loans drift in may.csv: a, b.", "mlops-tui drift loans", {"columns": ["a", "b"]}),
    *(MOMENT, MOMENT, 1, None, None, None, None, None),
)
BEGAN = telling(ALERT, "began", "/work")


class Server(HTTPServer):
    """Takes what is posted to it, and answers with `status` after so many seconds."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.posted: list[dict[str, Any]] = []
        self.status, self.seconds = 200, 0.0

    @property
    def address(self) -> str:
        """Where it is posted to, with what nobody else is to see."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook/secret"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.seconds)
        self.server.posted.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a program of that name first on the path; it keeps its arguments and its input in the file that is returned."""

    def put(name: str) -> Path:
        told = tmp_path / f"{name}.told"
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {told}\ncat >> {told}\n', "utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return told

    return put


def test_the_channels_that_are_set_up_are_known() -> None:
    assert configured(Settings()) == ()
    assert configured(replace(Settings(), alert_desktop=True, alert_mail=" ", alert_command="cat")) == (
        "desktop",
        "command",
    )
    with pytest.raises(NotSent, match="The channel webhook is not set up"):
        send("webhook", Settings(), BEGAN)


def test_an_address_is_posted_the_alert_and_a_text_for_a_chat(server: Server) -> None:
    send("webhook", replace(Settings(), alert_webhook=server.address), BEGAN)
    (posted,) = server.posted
    assert posted["alert"]["evidence"] == {"columns": ["a", "b"]}
    assert (posted["moment"], posted["severity"]) == ("began", CRITICAL)
    assert "2 of 20 columns of loans drift in may.csv: a, b.\nWhat to do: mlops-tui drift loans" in posted["text"]


def test_an_address_that_refuses_or_is_not_there_is_told_without_its_secret(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(Settings(), alert_webhook=server.address)
    server.status = 503
    with pytest.raises(NotSent, match=r"^127\.0\.0\.1 answered 503 Service Unavailable\.$"):
        send("webhook", settings, BEGAN)
    monkeypatch.setattr(sending, "SECONDS", 0.2)
    server.seconds = 0.6
    with pytest.raises(NotSent, match=r"^127\.0\.0\.1 could not be reached: .*timed out\.$"):
        send("webhook", settings, BEGAN)
    with pytest.raises(NotSent, match=r"^127\.0\.0\.1 could not be reached: Connection refused\.$"):
        send("webhook", replace(settings, alert_webhook="http://127.0.0.1:9/secret"), BEGAN)
    for wrong in ("file:///etc/passwd", "hooks.example.org/secret"):
        with pytest.raises(NotSent, match="alert_webhook is no address"):
            send("webhook", replace(settings, alert_webhook=wrong), BEGAN)


def test_a_command_gets_the_alert_on_its_input_and_in_its_environment(tmp_path: Path) -> None:
    out = tmp_path / "out"
    send("command", replace(Settings(), alert_command=f'cat > {out}; echo "$MLOPS_ALERT_TITLE" >&2'), BEGAN)
    record = json.loads(out.read_text("utf-8"))
    assert (record["moment"], record["alert"]["id"]) == ("began", "A1")
    assert record["title"] == "Alert: loans Bcc: all@example.org"


def test_a_command_that_fails_says_with_what_and_one_that_hangs_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it started is killed with it; what a command that went well leaves running goes on."""
    settings = Settings()
    with pytest.raises(NotSent, match=r"^It ended with 3: no route to the pager\.$"):
        send("command", replace(settings, alert_command="echo no route to the pager; exit 3"), BEGAN)
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    alive = tmp_path / "alive"
    with pytest.raises(NotSent, match=r"It did not end within 0\.3 seconds, and was killed"):
        send("command", replace(settings, alert_command=f"(sleep 0.8; touch {alive}) & sleep 60"), BEGAN)
    left = tmp_path / "left"
    begun = time.monotonic()
    send("command", replace(settings, alert_command=f"(sleep 0.8; touch {left}) &"), BEGAN)
    assert time.monotonic() - begun < 0.7
    while not left.exists():
        assert time.monotonic() - begun < 10
        time.sleep(0.05)
    assert not alive.exists()


def test_mail_goes_to_the_addresses_alone_whatever_a_name_says(program: Callable[[str], Path]) -> None:
    told = program("sendmail")
    send("mail", replace(Settings(), alert_mail="ada@example.org, bob@example.org"), BEGAN)
    lines = told.read_text("utf-8").splitlines()
    head = lines[2 : lines.index("")]
    assert lines[:2] == ["-t", "-i"]
    assert head[:2] == [
        "To: ada@example.org, bob@example.org",
        "Subject: [mlops-tui] Alert: loans Bcc: all@example.org",
    ]
    assert "Importance: high" in head
    assert not any(line.startswith("Bcc") for line in lines)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="the desktop of another system")
def test_the_desktop_is_told_how_grave_it_is(
    program: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = program("notify-send")
    settings = replace(Settings(), alert_desktop=True)
    send("desktop", settings, BEGAN)
    assert told.read_text("utf-8").splitlines()[2:7] == [
        *("--urgency", "critical", "--", BEGAN.title, BEGAN.text.splitlines()[0])
    ]
    send("desktop", settings, trial("/work"))
    assert told.read_text("utf-8").splitlines()[3] == "normal"
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(NotSent, match="There is no notify-send here"):
        send("desktop", settings, BEGAN)


def test_an_end_says_why_instead_of_what_to_do() -> None:
    ended = telling(replace(ALERT, ended=MOMENT, why_ended="june.csv does not drift"), "ended", "/work")
    assert ended.title.startswith("Alert has ended: loans")
    assert "Ended: june.csv does not drift." in ended.text
    assert "What to do" not in ended.text
    assert not ended.is_grave
