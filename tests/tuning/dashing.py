"""`python dashing.py FILE`: optuna-dashboard on the store, at a port that is free, which is the first line that it prints."""

from __future__ import annotations

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from optuna_dashboard import wsgi


class Quiet(WSGIRequestHandler):
    """Says nothing of requests."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, wsgi(f"sqlite:///{sys.argv[1]}"), handler_class=Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()
