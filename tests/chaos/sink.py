"""An SMTP server on loopback that takes every mail and remembers its Message-ID."""

import re
import socketserver
import threading
from collections import Counter
from typing import Any

MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)


class Sink:
    """`mails` counts how often each Message-ID was accepted."""

    def __init__(self) -> None:
        self.mails: Counter[str] = Counter()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                sink._talk(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that was killed while it spoke is no news here."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _talk(self, line: socketserver.StreamRequestHandler) -> None:
        line.wfile.write(b"220 sink\r\n")
        while words := line.rfile.readline():
            verb = words[:4].upper()
            if verb == b"DATA":
                line.wfile.write(b"354 go on\r\n")
                if not self._accept(line):
                    return
            line.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return

    def _accept(self, line: socketserver.StreamRequestHandler) -> bool:
        """Whether the mail came whole; half a mail is not one."""
        text = b""
        while (words := line.rfile.readline()) != b".\r\n":
            if not words:
                return False
            text += words
        found = MESSAGE_ID.search(text)
        self.mails[found[1].decode() if found else "without"] += 1
        return True
