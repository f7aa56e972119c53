"""An SMTP server with TLS. It ends when its standard input does.

usage: smtp_peer.py --certificate FILE --key FILE [--implicit] [--starttls REPLY] [--no-handshake]

The first line on standard output is the port. Each command that comes is a line after that, with "tls" or "clear" in
front, and each mail a line "mail" with its message in base64; what follows AUTH is not shown.
"""

import argparse
import base64
import os
import socket
import ssl
import sys
import threading

output_lock = threading.Lock()


def show(*words):
    with output_lock:
        print(*words, flush=True)


class Connection:
    def __init__(self, sock, context, arguments):
        self.sock = sock
        self.context = context
        self.arguments = arguments
        self.is_encrypted = False

    def encrypt(self):
        if self.arguments.no_handshake:
            self.sock.makefile("rb").read()
            raise OSError("the client has gone")
        self.sock = self.context.wrap_socket(self.sock, server_side=True)
        self.is_encrypted = True

    def reply(self, text):
        self.sock.sendall(text.encode() + b"\r\n")

    def line(self):
        # Byte by byte, so that nothing of a handshake is read ahead.
        line = b""
        while not line.endswith(b"\r\n"):
            byte = self.sock.recv(1)
            if not byte:
                raise OSError("the client has gone")
            line += byte
        return line[:-2]

    def serve(self):
        if self.arguments.implicit:
            self.encrypt()
        self.reply("220 peer.test ESMTP")
        while True:
            command = self.line().decode()
            verb = command.split(" ")[0].upper()
            show("tls" if self.is_encrypted else "clear", "AUTH" if verb == "AUTH" else command)
            if verb == "EHLO":
                offers_tls = not self.is_encrypted and self.arguments.starttls
                self.reply("250-peer.test\r\n" + ("250-STARTTLS\r\n" if offers_tls else "") + "250 AUTH PLAIN")
            elif verb == "STARTTLS":
                self.reply(self.arguments.starttls)
                if self.arguments.starttls.startswith("2"):
                    self.encrypt()
            elif verb == "AUTH":
                expected = base64.b64encode(b"\0otto\0geheim").decode()
                answer = command.split(" ")[2] if command.count(" ") == 2 else self.challenge()
                self.reply("235 Ok" if answer == expected else "535 No")
            elif verb == "DATA":
                self.reply("354 Go on")
                self.message()
                self.reply("250 Ok")
            elif verb == "QUIT":
                self.reply("221 Bye")
                return
            else:
                self.reply("250 Ok")

    def challenge(self):
        self.reply("334 ")
        return self.line().decode()

    def message(self):
        lines = []
        while (line := self.line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        show("mail", base64.b64encode(b"".join(line + b"\r\n" for line in lines)).decode())


def serve(sock, context, arguments):
    try:
        Connection(sock, context, arguments).serve()
    except OSError:
        pass
    finally:
        sock.close()


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--starttls", default="")
    parser.add_argument("--no-handshake", action="store_true")
    arguments = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.key)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=serve, args=(sock, context, arguments), daemon=True).start()


main()
