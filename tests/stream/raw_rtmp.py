"""RTMP by hand: a client that sends exactly what it is told, and one that watches for holes."""

import os
import struct

from stream.byte_socket import ByteSocket, Witness

SET_CHUNK_SIZE, ABORT, ACK, USER, WINDOW, AUDIO, VIDEO, DATA, COMMAND = 1, 2, 3, 4, 5, 8, 9, 18, 20


def amf(value):
    """AMF0 of a number, boolean, string, nothing or object."""
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return bytes([1, value])
    if isinstance(value, (int, float)):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"\x02" + struct.pack(">H", len(value.encode())) + value.encode()
    out = b"\x03"
    for name, inner in value.items():
        out += struct.pack(">H", len(name)) + name.encode() + amf(inner)
    return out + b"\x00\x00\x09"


def message(kind, payload, stream=0, csid=3, time_ms=0, chunk=128):
    """A message in chunks, the first with a full header."""
    out = bytes([csid]) + struct.pack(">I", time_ms)[1:] + struct.pack(">I", len(payload))[1:] + bytes([kind])
    out += struct.pack("<I", stream)
    for at in range(0, max(len(payload), 1), chunk):
        out += (bytes([0xC0 | csid]) if at else b"") + payload[at:at + chunk]
    return out


def command(name, number, *values, stream=0, **how):
    return message(COMMAND, b"".join(amf(value) for value in (name, number, *values)), stream, **how)


class Rtmp(ByteSocket):
    def __init__(self, port, shake=True, receive_bytes=None):
        super().__init__(port, receive_bytes)
        self.chunk = 128
        self._streams = {}
        if shake:
            self.shake()

    def shake(self):
        """The simple handshake."""
        self.send(b"\x03" + bytes(8) + os.urandom(1528))
        answer = self._take(1 + 2 * 1536)
        self.send(answer[1:1537])

    def next_message(self):
        """(type, milliseconds, payload)"""
        while True:
            first = self._take(1)[0]
            csid = first & 63
            if csid == 0:
                csid = 64 + self._take(1)[0]
            elif csid == 1:
                csid = 64 + struct.unpack("<H", self._take(2))[0]
            state = self._streams.setdefault(csid, {"data": b"", "time": 0, "size": 0, "kind": 0, "long": False})
            form = first >> 6
            if form < 3:
                head = self._take((11, 7, 3)[form])
                stamp = int.from_bytes(head[:3], "big")
                if form < 2:
                    state["size"], state["kind"] = int.from_bytes(head[3:6], "big"), head[6]
                state["long"] = stamp == 0xFFFFFF
                if state["long"]:
                    stamp = struct.unpack(">I", self._take(4))[0]
                state["time"] = stamp if form == 0 else state["time"] + stamp
            elif state["long"]:
                self._take(4)
            state["data"] += self._take(min(self.chunk, state["size"] - len(state["data"])))
            if len(state["data"]) < state["size"]:
                continue
            payload, state["data"] = state["data"], b""
            if state["kind"] == SET_CHUNK_SIZE:
                self.chunk = struct.unpack(">I", payload)[0]
            if state["kind"] == USER and payload[:2] == b"\x00\x06":  # Ping
                self.send(message(USER, b"\x00\x07" + payload[2:6], csid=2))
            return state["kind"], state["time"], payload

    def wait_for(self, word):
        """The first command with `word` in it."""
        while True:
            kind, _, payload = self.next_message()
            if kind == COMMAND and word.encode() in payload:
                return payload

    def connect(self, app="live"):
        self.send(command("connect", 1, {"app": app, "tcUrl": f"rtmp://127.0.0.1/{app}"}))
        return self.wait_for("_result")

    def play(self, path):
        self.connect(path)
        self.send(command("createStream", 2, None))
        self.wait_for("_result")
        self.send(command("play", 3, None, "", stream=1))
        self.wait_for("Play.Start")


class RtmpWitness(Witness):
    """A normal reader that must miss nothing: pictures follow each other by `step_ms`."""

    def __init__(self, port, path, step_ms=40):
        client = Rtmp(port)
        client.play(path)
        self.pictures = 0
        self.step_ms = step_ms
        self._last_ms = None
        super().__init__(client)

    def look(self):
        kind, time_ms, payload = self.client.next_message()
        if kind != VIDEO or payload[1:2] != b"\x01":
            return ""
        last, self._last_ms = self._last_ms, time_ms
        self.pictures += 1
        if last is None or abs(time_ms - last - self.step_ms) <= self.step_ms / 2:
            return ""
        return f"a picture at {time_ms} ms came behind one at {last} ms"
