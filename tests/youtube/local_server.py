"""HTTP servers on this machine for tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, address: object) -> None:
        """Ignore clients that disconnect."""


@contextmanager
def local_server(respond: Callable[[BaseHTTPRequestHandler], None], version: str = "HTTP/1.1") -> Iterator[int]:
    """A server that responds to every request; its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = version

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            respond(self)

        do_POST = do_GET

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
