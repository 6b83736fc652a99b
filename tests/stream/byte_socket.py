"""What the clients by hand have in common: a connection read by the byte, and a reader that watches for holes."""

import socket
import threading
import time

PATIENCE = 30


class ByteSocket:
    def __init__(self, port, receive_bytes=None):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data

    def _take(self, size):
        while len(self.buffer) < size:
            self._more()
        out, self.buffer = self.buffer[:size], self.buffer[size:]
        return out

    def closed_within(self, seconds):
        """Whether the other side ends the connection in that time; what it says before is thrown away."""
        deadline = time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if not self.socket.recv(1 << 16):
                    return True
        except (ConnectionError, BrokenPipeError):
            return True
        except TimeoutError:
            pass
        return False


class Witness:
    """Watches a `client` that plays, on a thread of its own: look() reads once and says what is missing."""

    def __init__(self, client):
        self.client = client
        self.trouble = ""
        self._stop = False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        try:
            while not self._stop:
                missing = self.look()
                self.trouble = self.trouble or missing
        except OSError as error:
            if not self._stop:
                self.trouble = f"ended: {error}"

    def look(self):
        """The trouble that shows now; "" where there is none."""
        raise NotImplementedError

    def finish(self):
        self._stop = True
        self.client.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self.client.socket.close()
