"""A real server of this machine, which counts what it is asked for; and a network that may ask it.

A network of tests alone: what users have asks public servers, see ``test_addresses.py``.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

from PIL import Image

from hangtag.rooms.fetch import Network


def image(color="red", size=(8, 6), kind="PNG"):
    file = BytesIO()
    Image.new("RGB", size, color).save(file, kind)
    return file.getvalue()


class Server(ThreadingHTTPServer):
    """Gives what stands in `pages`: path to bytes, to a status, or to what answers itself."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages, self.asked = {}, Counter()
        self.stop = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def at(self, path, page=None, host="127.0.0.1"):
        if page is not None:
            self.pages[path] = page
        return f"http://{host}:{self.server_port}{path}"

    def close(self):
        self.stop.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Whoever goes away while it is answered is no trouble here."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked[self.path] += 1
        page = self.server.pages.get(self.path, 404)
        if callable(page):
            page(self)
        elif isinstance(page, int):
            self.answer(page)
        else:
            self.answer(200, page)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, said in headers.items():
            self.send_header(name.replace("_", "-"), said)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Nothing is printed."""


def is_loopback(place):
    return place.is_loopback


HERE = Network(may=is_loopback)


def resolving(*numbers):
    """A network whose every name is these machines, one after another; and what was asked of it."""
    asked = []

    def resolve(host, port, **said):
        asked.append(host)
        number = numbers[min(len(asked), len(numbers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in number.split()]

    return Network(may=is_loopback, resolve=resolve), asked
