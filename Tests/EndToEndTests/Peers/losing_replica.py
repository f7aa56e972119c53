"""Two replicas that take each form and, the first time, end the connection without an answer.

losing_replica.py PORT PORT. GET /seen tells which paths forms came for so far, one a line; not before the proxies ask a replica
again that lost something: nginx leaves it alone for two seconds, which it counts whole.
"""

import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAUSE = 3.2
seen = []
lost_at = [0.0]
lock = threading.Lock()


class Replica(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_expect_100(self):
        return True

    def do_GET(self):
        if self.path == "/seen":
            time.sleep(max(0, lost_at[0] + PAUSE - time.monotonic()))
        with lock:
            lines = "".join(path + "\n" for path in seen)
        self.answer(200, lines if self.path == "/seen" else "")

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with lock:
            is_first = self.path not in seen
            seen.append(self.path)
        if is_first:
            lost_at[0] = time.monotonic()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self.answer(200, "taken\n")

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


servers = [ThreadingHTTPServer(("127.0.0.1", int(port)), Replica) for port in sys.argv[1:]]
for server in servers:
    threading.Thread(target=server.serve_forever).start()
print("listening", flush=True)
