"""An HTTP/1.1 server that does as the path says. It ends when its standard input does.

usage: http_peer.py [--certificate FILE --key FILE] [--unix PATH]

The first line on standard output is the port (0 for a Unix-domain socket).
"""

import argparse
import base64
import json
import os
import socket
import ssl
import sys
import threading
import time


class Statistics:
    def __init__(self):
        self.lock = threading.Condition()
        self.accepted = 0
        self.open = 0
        self.most_open = 0
        self.requests = []

    def opened(self):
        with self.lock:
            self.accepted += 1
            self.open += 1
            self.most_open = max(self.most_open, self.open)

    def closed(self):
        with self.lock:
            self.open -= 1

    def received(self, line):
        with self.lock:
            self.requests.append(line)
            self.lock.notify_all()

    def wait_for(self, line):
        with self.lock:
            self.lock.wait_for(lambda: line in self.requests)

    def as_json(self):
        with self.lock:
            return {"accepted": self.accepted, "mostOpen": self.most_open, "requests": self.requests}


statistics = Statistics()


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.reader = sock.makefile("rb")
        self.number_of_requests = 0

    def serve(self):
        while self.serve_one():
            pass

    def serve_one(self):
        line = self.reader.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        method, target, _ = line.split(" ", 2)
        fields = []
        while True:
            field = self.reader.readline().decode("latin-1").rstrip("\r\n")
            if not field:
                break
            name, value = field.split(":", 1)
            fields.append([name, value.strip()])
        length = next((int(value) for name, value in fields if name.lower() == "content-length"), 0)
        body = self.reader.read(length)
        if not target.startswith(("/statistics", "/await/")):
            statistics.received(method + " " + target)
        self.number_of_requests += 1
        return self.answer(method, target, fields, body)

    def answer(self, method, target, fields, body):
        act, _, argument = target.split("?")[0].strip("/").partition("/")
        if act == "echo":
            echo = {"method": method, "target": target, "fields": fields, "bodySize": len(body)}
            if len(body) < 10000:
                echo["body"] = base64.b64encode(body).decode()
            return self.reply("200 OK", json.dumps(echo).encode(), method)
        if act == "mirror":
            return self.reply("200 OK", body, method)
        if act == "statistics":
            return self.reply("200 OK", json.dumps(statistics.as_json()).encode(), method)
        if act == "await":
            statistics.wait_for("GET /" + argument)
            return self.reply("200 OK", b"", method)
        if act == "bytes":
            return self.reply("200 OK", b"x" * int(argument), method)
        if act == "stream":
            return self.stream(int(argument))
        if act == "status":
            return self.reply(argument + " Because", b"<html><h1>" + argument.encode() + b"</h1></html>", method)
        if act == "redirect":
            return self.reply("302 Found", b"", method, ["Location: /echo"])
        if act == "fields":
            return self.reply(
                "200 OK", b"", method,
                ["Set-Cookie: a=1", "set-cookie: b=2", "X-Folded: one\r\n  two", "X-Empty:", "X-Colons: a:b: c"])
        if act == "early":
            self.sock.sendall(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
            return self.reply("200 OK", b"late", method)
        if act == "huge-header":
            return self.reply("200 OK", b"", method, ["X-%d: %s" % (n, "y" * 1000) for n in range(400)])
        if act == "half":
            self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 50)
            return False
        if act == "half-chunk":
            self.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + b"x" * 50)
            return False
        if act == "half-header":
            self.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-")
            return False
        if act == "nothing":
            return False
        if act == "first-only":
            return self.reply("200 OK", b"", method) if self.number_of_requests == 1 else False
        if act == "hang":
            self.reader.read()
            return False
        if act == "trickle":
            return self.trickle(argument)
        if act == "bytes-without-length":
            self.sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            for _ in range(int(argument) // 100000):
                self.sock.sendall(b"x" * 100000)
            return False
        if act == "not-http":
            self.sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            return False
        return self.reply("404 Not Found", b"", method)

    def trickle(self, what):
        head = b"" if what != "body" else b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
        piece = {"header": b"HTTP/1.1 200 OK\r\n", "interim": b"HTTP/1.1 103 Early Hints\r\n\r\n"}.get(what, b"x")
        self.sock.sendall(head)
        while True:
            self.sock.sendall(piece)
            piece = piece if what != "header" else b"X-More: 1\r\n"
            time.sleep(0.02)

    def reply(self, status, body, method, fields=()):
        head = ["HTTP/1.1 " + status, "Content-Length: %d" % len(body), *fields]
        self.sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + (b"" if method == "HEAD" else body))
        return True

    def stream(self, size):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while size > 0:
            count = min(size, 10000)
            self.sock.sendall(b"%x\r\n" % count + b"x" * count + b"\r\n")
            size -= count
        self.sock.sendall(b"0\r\n\r\n")
        return True


def serve(sock, context):
    statistics.opened()
    try:
        if context:
            sock = context.wrap_socket(sock, server_side=True)
        Connection(sock).serve()
    except OSError:
        pass
    finally:
        sock.close()
        statistics.closed()


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--unix")
    arguments = parser.parse_args()
    context = None
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)
    if arguments.unix:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(arguments.unix)
    else:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    print(0 if arguments.unix else listener.getsockname()[1], flush=True)
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock, context), daemon=True).start()


main()
