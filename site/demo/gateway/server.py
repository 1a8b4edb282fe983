"""One process: a threaded WSGI server from the standard library, the couriers and the clock beside it."""

import logging
import signal
import socket
import socketserver
import threading
import time
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from demo.gateway import payments
from demo.gateway.app import Gateway
from demo.gateway.config import Config
from demo.gateway.events import Courier
from demo.gateway.store import Store

log = logging.getLogger(__name__)
TICK = 1.0


class Handler(WSGIRequestHandler):
    """Quiet, and not patient with clients that open a connection and say nothing."""

    timeout = 30

    def log_message(self, format: str, *args: object) -> None:
        """Requests are logged where their meaning is known."""

    def handle(self) -> None:
        try:
            super().handle()
        except (TimeoutError, ConnectionError):
            self.close_connection = True


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """One thread per request, IPv4 or IPv6."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind without asking the name service for our own name, which may take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


ServerHandler.server_software = "Vitrine demo gateway"


def run(config: Config) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises OSError when the port or the database is taken."""
    store = Store(config.database, deliver=bool(config.webhook_url))
    server = Server(config.host, config.port)
    server.set_app(Gateway(store, config))
    courier = Courier(store, config)
    if config.webhook_url:
        courier.start()
    stopped = threading.Event()
    threading.Thread(target=_clock, args=(store, stopped), name="clock", daemon=True).start()

    def stop(signum: int, frame: object) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.warning("Demo gateway, no money moves: %s (events to %s)", config.public_base, config.webhook_url or "nobody")
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        stopped.set()
        courier.stop()
        server.server_close()
        store.close()


def _clock(store: Store, stopped: threading.Event) -> None:
    """Expire and settle sessions when their time has come, whether or not anybody asks."""
    while not stopped.wait(TICK):
        try:
            with store.read() as books:
                late = books.due(time.time())
            if late:
                with store.write() as books:
                    payments.run_clock(books, time.time())
        except Exception:  # the clock must tick on
            log.exception("the clock stumbled")
