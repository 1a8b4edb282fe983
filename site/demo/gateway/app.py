"""The WSGI application: the API under ``/v1/``, pages for people everywhere else."""

import logging
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from demo.gateway.api import Api
from demo.gateway.config import Config
from demo.gateway.exchange import Request, Response, TooLarge, plain
from demo.gateway.pages import Pages
from demo.gateway.store import Store

log = logging.getLogger(__name__)


class Gateway:
    """One store, one API, one set of pages."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.api = Api(store, config)
        self.pages = Pages(store, config)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        head = environ["REQUEST_METHOD"] == "HEAD"
        if head:
            environ["REQUEST_METHOD"] = "GET"
        try:
            response = self.answer(Request.from_wsgi(environ))
        except TooLarge:
            response = plain("The body is too large.", 413)
        except Exception:
            log.exception("%s failed", environ.get("PATH_INFO"))
            response = plain("The demo gateway failed; its log says why.", 500)
        return response.send(start, head=head)

    def answer(self, request: Request) -> Response:
        """Route one request."""
        if request.path.startswith("/v1/"):
            return self.api(request)
        if request.path == "/healthz":
            with self.store.read() as books:
                books.connection.execute("SELECT count(*) FROM idempotency WHERE key = ''").fetchone()
            return plain("ok")
        return self.pages(request)
