"""A token issuer for tests: serves a JWKS document on a loopback port, counts its callers and fails as told."""

import json
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """An RSA key by name, the same one in a whole test run; the one called "weak" is half as long as the others."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024 if name == "weak" else 2048)


def rsa_jwk(key_id: str, *, of: str = "one", **more: Any) -> dict[str, Any]:
    """The public half of the private key `of`, as Microsoft Entra ID publishes it: without `alg`."""
    jwk = RSAAlgorithm.to_jwk(private_key(of).public_key(), as_dict=True)
    return {**jwk, "kid": key_id, "use": "sig"} | more


def ec_jwk(key_id: str) -> dict[str, Any]:
    """A public key on the curve P-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    return {**ECAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": key_id}


class JwksServer:
    """Serves `document`, or `raw` bytes, or `status`; while `hold` is clear, callers wait."""

    def __init__(self) -> None:
        """Makes the server; it runs inside a `with` block."""
        self.document: Any = {"keys": []}
        self.raw: bytes | None = None
        self.status, self.headers, self.calls = 200, dict[str, str](), 0
        self.hold = threading.Event()
        self.hold.set()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """The document's address."""
        return f"http://127.0.0.1:{self._http.server_port}/jwks.json"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.hold.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.calls += 1
                issuer.hold.wait(10)
                body = json.dumps(issuer.document).encode() if issuer.raw is None else issuer.raw
                self.send_response(issuer.status)
                for name, value in issuer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's name
                """Says nothing."""

        return Handler
