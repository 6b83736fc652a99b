"""A running `pasu serve` for tests, and a WebSocket client by hand (RFC 6455): standard library only."""

import base64
import http.client
import json
import os
import pathlib
import random
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

from stream.byte_socket import PATIENCE, ByteSocket

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASU = os.environ.get("PASU_BIN", str(ROOT / "build/release/pasu"))
MEDIA = pathlib.Path(os.environ.get("PASU_TEST_MEDIA", ROOT / "build/release/media"))

STREAM_SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps")


def free_ports(count):
    """TCP ports that nobody has now, none of those that outgoing connections take by themselves."""
    ports = set()
    while len(ports) < count:
        port = random.randint(10000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.add(port)
    return sorted(ports)


def resident_bytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid):
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def option(name, default):
    """--name=VALUE of the command line, of the default's type."""
    for word in sys.argv[1:]:
        if word.startswith(f"--{name}="):
            return type(default)(word.split("=", 1)[1])
    return default


def camera_path(name, rest=""):
    return f"/api/v1/cameras/{quote(name, safe='')}{rest}"


class WebSocket(ByteSocket):
    """Client frames are masked, as they must be; pings are answered while reading."""

    def __init__(self, port, path, origin=None, host=None):
        super().__init__(port)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
        if origin:
            lines.append(f"Origin: {origin}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.status = int(head.split(b" ", 2)[1])
        self.close_code = None

    def send(self, opcode, payload=b""):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | opcode])
        head += bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + struct.pack(">H", size)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def receive(self):
        """The next message: str, bytes, or None after a close frame (then .close_code is set)."""
        while True:
            first, second = self._take(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", self._take(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self._take(8))[0]
            payload = self._take(size)
            opcode = first & 0xF
            if opcode == 8:
                self.close_code = struct.unpack(">H", payload[:2])[0] if payload else 1005
                return None
            if opcode == 9:
                self.send(10, payload)
            elif opcode == 1:
                return payload.decode()
            elif opcode == 2:
                return payload

    def receive_json(self):
        return json.loads(self.receive())


class Server:
    """`pasu serve` with these cameras, [(name, url, more TOML lines)], on a free port. RTSP and RTMP, plain and
    encrypted, only where `streaming` is given: more lines of [streaming]. `users` are lines of
    [[user]] each; `limits` go to setrlimit(), [(which, value)]."""

    def __init__(self, cameras=(), folder=None, extra="", arguments=(), streaming=None, users=(), limits=()):
        self._own = tempfile.TemporaryDirectory() if folder is None else None
        self.folder = pathlib.Path(folder or self._own.name)
        self.ports = dict.fromkeys(STREAM_SCHEMES, 0)
        self._parts = (cameras, extra, arguments, streaming, users, limits)
        self.log = open(self.folder / "log", "ab")
        for _ in range(5):
            said = self._start()
            found = re.search(r"http://[^/]*:(\d+)/", said)
            if found:
                break
            self.process.wait()
            # Somebody else was quicker.
            if streaming is None or "in use" not in self.log_text():
                break
        if not found:
            raise RuntimeError(f"pasu serve did not start: {said} {self.log_text()}")
        self.port = int(found.group(1))

    def _start(self):
        """Its first line."""
        cameras, extra, arguments, streaming, users, limits = self._parts
        if streaming is not None:
            self.ports = dict(zip(STREAM_SCHEMES, free_ports(4)))
        text = f'[server]\ndata = "{self.folder}/data"\n{extra}\n[streaming]\n'
        for line in streaming or ():  # Ports that somebody chose.
            if found := re.match(r"(\w+)_port *= *(\d+)", line):
                self.ports[found.group(1)] = int(found.group(2))
        text += "".join(f"{scheme}_port = {port}\n" for scheme, port in self.ports.items()
                        if not any(line.startswith(f"{scheme}_port") for line in streaming or ()))
        text += "\n".join(streaming or ()) + "\n"
        for lines in users:
            text += "[[user]]\n" + "\n".join(lines) + "\n"
        for name, url, *more in cameras:
            text += f'[[camera]]\nname = "{name}"\nurl = "{url}"\n' + "\n".join(more) + "\n"
        config = self.folder / "pasu.toml"
        config.write_text(text)

        def set_limits():
            for which, value in limits:
                resource.setrlimit(which, (value, value))

        self.process = subprocess.Popen([PASU, "serve", "-c", str(config), "--port", "0", *arguments], cwd=ROOT,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        preexec_fn=set_limits if limits else None)
        return self.process.stdout.readline()

    def stream_url(self, scheme, path, login=""):
        """Where RTSP and RTMP players and encoders find `path`; `login` is "user:password"."""
        return f"{scheme}://{login + '@' if login else ''}127.0.0.1:{self.ports[scheme]}/{quote(path)}"

    def log_text(self):
        return (self.folder / "log").read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        if self._own:
            self._own.cleanup()

    def stop(self):
        """Ctrl-C; gives the seconds it took to end."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.log.close()
        return time.monotonic() - begun

    def request(self, method, path, body=None, headers=None):
        """(status, headers, bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def send(self, method, path, value, headers=None):
        """JSON there and back: (status, value)."""
        status, _, data = self.request(method, path, json.dumps(value),
                                       {"Content-Type": "application/json", **(headers or {})})
        return status, json.loads(data) if data else None

    def metric(self, name, **labels):
        """The sum of a metric's samples with these labels; 0 where there are none."""
        total = 0.0
        for line in self.get("/metrics")[2].decode().splitlines():
            found = re.match(r"([a-z_]+)(\{.*\})? (\S+)$", line)
            if found and found.group(1) == name and all(
                    f'{key}="{value}"' in (found.group(2) or "") for key, value in labels.items()):
                total += float(found.group(3))
        return total

    def resident_bytes(self):
        return resident_bytes(self.process.pid)

    def cameras(self):
        return {c["name"]: c for c in json.loads(self.get("/api/v1/cameras")[2])}

    def camera(self, name):
        return json.loads(self.get(camera_path(name))[2])

    def wait_for(self, name, *states):
        """The camera, once it is in one of `states`."""
        with WebSocket(self.port, "/api/v1/live") as live:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                message = live.receive_json()
                if message["type"] == "camera" and message["camera"]["name"] == name and \
                        message["camera"]["state"] in states:
                    return message["camera"]
        raise AssertionError(f"{name} did not become {states}: {self.camera(name)}\n{self.log_text()}")

    def live(self):
        return WebSocket(self.port, "/api/v1/live")

    def video(self, name):
        return WebSocket(self.port, camera_path(name, "/video"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
